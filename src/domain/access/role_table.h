/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* role_table.h - the tables of the catalogue that say who may do what, in the
 * shape in which decide.c uses them: role.csv, compartment.csv, purpose.csv.
 *
 * What stands there and is not understood is refused with file, row and what
 * to write: a table that was half read would open or close files by chance.
 */
#ifndef COBIJO_ROLE_TABLE_H
#define COBIJO_ROLE_TABLE_H

#include "domain/access/access.h"
#include "domain/catalog.h"

enum act {
#define ACT(name, text) ACT_##name,
#include "domain/access/acts.def"
#undef ACT
    ACT_COUNT
};

struct purpose {
    struct str name;
    struct str roles;   /* names with spaces between them */
    bool house;         /* records of the house, else of people's files */
    unsigned acts;      /* bit per enum act */
    unsigned classes;   /* enum class_bit */
    struct str consent; /* purpose of the consent that it needs; empty: none */
};

struct role_tables {
    struct role *role; /* ROLE_VARIANTS each */
    size_t roles;
    struct purpose *purpose;
    size_t purposes;
};

/* catalog: still being loaded; compartment and purpose may be absent, then
 * nobody has a purpose. */
enum error role_tables_read(struct arena *arena, const struct catalog *catalog,
                            struct role_tables *tables, struct err *err);
const struct role_tables *catalog_role_tables(const struct catalog *catalog);
/* ACT_COUNT: no such act. */
enum act act_of(struct str name);

#endif
