/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* postgres_guards.h - the log is append-only, and PostgreSQL itself sees to it:
 * nothing is changed or cut off; bodies go only where log.c erases.
 */
#ifndef COBIJO_POSTGRES_GUARDS_H
#define COBIJO_POSTGRES_GUARDS_H

static const char postgres_guards[] =
    "CREATE OR REPLACE FUNCTION cobijo_append_only() RETURNS trigger "
    "LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_TABLE_NAME = 'entry_body' AND TG_OP = 'DELETE' AND "
    "coalesce(current_setting('cobijo.erasing', true), '') = 'on' THEN "
    "RETURN OLD; END IF; "
    "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;"
    "CREATE OR REPLACE TRIGGER entry_append_only "
    "BEFORE UPDATE OR DELETE ON entry "
    "FOR EACH ROW EXECUTE FUNCTION cobijo_append_only();"
    "CREATE OR REPLACE TRIGGER entry_no_truncate BEFORE TRUNCATE ON entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION cobijo_append_only();"
    "CREATE OR REPLACE TRIGGER entry_body_append_only "
    "BEFORE UPDATE OR DELETE ON entry_body "
    "FOR EACH ROW EXECUTE FUNCTION cobijo_append_only();"
    "CREATE OR REPLACE TRIGGER entry_body_no_truncate "
    "BEFORE TRUNCATE ON entry_body "
    "FOR EACH STATEMENT EXECUTE FUNCTION cobijo_append_only();"
    "REVOKE UPDATE, DELETE, TRUNCATE ON entry FROM PUBLIC;"
    "REVOKE UPDATE, DELETE, TRUNCATE ON entry FROM CURRENT_USER;"
    "REVOKE UPDATE, TRUNCATE ON entry_body FROM PUBLIC;"
    "REVOKE UPDATE, TRUNCATE ON entry_body FROM CURRENT_USER;";

#endif
