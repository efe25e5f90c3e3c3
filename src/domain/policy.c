/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* policy.c - see policy.h. What the house set stands in a table of its own
 * beside the catalogue; setting back to the shipped value takes the row away.
 * Who changed which rule, from what to what and why is an entry of the log
 * (kind policy_change) in the same transaction: the table alone could be
 * written over.
 */
#include "domain/policy.h"

#include "domain/access/room.h"
#include "domain/person/words.h"
#include "domain/record/record.h"

enum { NUMBER_MOST = 100000 };

static const struct catalog_table *table_of(const struct task *task)
{
    return catalog_table(task->office->catalog, "policy");
}

static enum error say_unknown(struct str name, struct task *task,
                              enum error code, struct err *err)
{
    return err_set(err, code, N_("No hay ninguna regla «{1}»."),
                   str_c(task->arena, name), NULL, NULL);
}

enum error policy_text(struct task *task, const char *name, struct str *value,
                       struct err *err)
{
    const struct catalog_table *table = table_of(task);
    size_t row = catalog_find(table, str_of(name));
    bool found = false;
    enum error error;

    if (row == SIZE_MAX)
        return say_unknown(str_of(name), task, ERROR_INTERNAL, err);
    error = db_get_text(task->db, task->arena, value, &found, err,
                        "SELECT policy.value FROM policy"
                        " WHERE policy.site IN ($1, $3) AND policy.name = $2"
                        " ORDER BY CASE WHEN policy.site = $1 THEN 0 ELSE 1"
                        " END LIMIT 1",
                        "ttt", office_home(task->office), str_of(name),
                        task->office->base);
    if (!error && !found)
        *value = catalog_cell(table, row, "value");
    return error;
}

static bool number_of(struct str text, int64_t *number)
{
    return str_to_int(str_trim(text), number) && *number >= 1 &&
           *number <= NUMBER_MOST;
}

enum error policy_number(struct task *task, const char *name, int64_t *value,
                         struct err *err)
{
    const struct catalog_table *table = table_of(task);
    struct str text = STR("");
    enum error error = policy_text(task, name, &text, err);

    if (error || number_of(text, value))
        return error;
    if (number_of(
            catalog_cell(table, catalog_find(table, str_of(name)), "value"),
            value))
        return ERROR_NONE;
    return say_unknown(str_of(name), task, ERROR_INTERNAL, err);
}

enum error policy_list(struct task *task, struct policy **policy, size_t *count,
                       struct err *err)
{
    const struct catalog_table *table = table_of(task);
    struct policy *list =
        ARENA_ARRAY(task->arena, struct policy, table ? table->rows + 1 : 1);

    *policy = list;
    *count = 0;
    if (!list)
        return err_memory(err);
    for (size_t i = 0; table && i < table->rows; i++) {
        struct policy *one = &list[i];
        enum error error;

        one->name = catalog_cell(table, i, "name");
        one->label = catalog_label(table, i, "label", task->language);
        one->shipped = catalog_cell(table, i, "value");
        one->why = catalog_label(table, i, "why", task->language);
        error =
            policy_text(task, str_c(task->arena, one->name), &one->value, err);
        if (error)
            return error;
        one->changed = !str_equal(one->value, one->shipped);
        ++*count;
    }
    return ERROR_NONE;
}

struct policy_row {
    struct str site, name, value, why, by;
    int64_t now;
    bool shipped;
};

static enum error write_policy(struct db *db, void *context, struct err *err)
{
    const struct policy_row *row = context;

    if (row->shipped)
        return db_run(db, NULL, err,
                      "DELETE FROM policy WHERE site = $1 AND name = $2", "tt",
                      row->site, row->name);
    return db_run(db, NULL, err,
                  "INSERT INTO policy (site, name, value, why, set_by, changed)"
                  " VALUES ($1, $2, $3, $4, $5, $6)"
                  " ON CONFLICT (site, name) DO UPDATE SET"
                  " value = excluded.value, why = excluded.why,"
                  " set_by = excluded.set_by, changed = excluded.changed",
                  "ttttti", row->site, row->name, row->value, row->why, row->by,
                  row->now);
}

static enum error check_roles(struct task *task, struct str value,
                              struct err *err)
{
    struct str part;

    while (str_cut(&value, ' ', &part))
        if (part.size && !str_equal_c(part, "all") &&
            !catalog_role(task->office->catalog, part))
            return err_set(err, ERROR_INPUT,
                           N_("No existe la función {1}. Elija una de la "
                              "lista."),
                           str_c(task->arena, part), NULL, NULL);
    return ERROR_NONE;
}

enum error policy_tell(struct task *task, struct change *change,
                       const struct policy_told *told, struct err *err)
{
    struct value *system = value_object(task->arena);
    struct save save = {.kind = STR("policy_change"),
                        .id = host_uuid(task->office->host, task->arena),
                        .create = true,
                        .system = system,
                        .trusted = true};
    struct saved saved;

    value_put_str(system, task->arena, "policy", told->name);
    value_put_str(system, task->arena, "before", told->before);
    value_put_str(system, task->arena, "value", told->value);
    value_put_str(system, task->arena, "why", told->why);
    value_put_str(system, task->arena, "set_by", task->actor.id);
    change_init(change, task);
    return record_prepare(task, change, &save, &saved, err);
}

static enum error check_value(struct task *task, size_t at,
                              const struct policy_row *row, struct err *err)
{
    const struct catalog_table *table = table_of(task);
    struct str shipped = catalog_cell(table, at, "value");
    int64_t number = 0;

    if (!row->why.size)
        return err_set(err, ERROR_INPUT, N_("Escriba el motivo."), NULL, NULL,
                       NULL);
    if (str_ends(row->name, STR("_roles")))
        return check_roles(task, row->value, err);
    if (words_have(STR("yes no"), shipped) &&
        !words_have(STR("yes no"), row->value))
        return err_set(err, ERROR_INPUT, N_("Escriba «yes» (sí) o «no»."), NULL,
                       NULL, NULL);
    if (number_of(shipped, &number) && !number_of(row->value, &number))
        return err_set(err, ERROR_INPUT,
                       N_("Escriba un número entero desde 1."), NULL, NULL,
                       NULL);
    return ERROR_NONE;
}

enum error policy_set(struct task *task, struct str name, struct str value,
                      struct str why, struct err *err)
{
    size_t at = catalog_find(table_of(task), name);
    struct policy_row row = {.site = office_home(task->office),
                             .name = name,
                             .value = str_trim(value),
                             .why = str_trim(why),
                             .by = task->actor.id,
                             .now = task->now};
    struct policy_told told = {name, STR(""), row.value, row.why};
    struct change change;
    enum error error;

    if (!role_has(task->actor.role, RIGHT_USER_ADMIN))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Solo quien administra las cuentas puede hacer "
                          "esto."),
                       NULL, NULL, NULL);
    if (at == SIZE_MAX)
        return say_unknown(name, task, ERROR_INPUT, err);
    error = check_value(task, at, &row, err);
    if (!error)
        error = policy_text(task, str_c(task->arena, name), &told.before, err);
    /* in a decoy the row stays, or the house's would show again */
    row.shipped =
        str_equal(row.value, catalog_cell(table_of(task), at, "value")) &&
        str_equal(row.site, task->office->base);
    if (!error)
        error = policy_tell(task, &change, &told, err);
    if (error)
        return error;
    change_also(&change, write_policy, &row);
    return change_commit(&change, NULL, err);
}

/* --- the house's own tables ----------------------------------------------- */

static const char shipped_table[] = "shipped";

static enum error last_told(struct task *task, struct str name,
                            struct str *value, struct err *err)
{
    struct db_value wanted = {.type = 't', .t = name};
    struct record_filter filter = {.kind = STR("policy_change"),
                                   .where = "{policy} = $3",
                                   .value = &wanted,
                                   .value_count = 1,
                                   .order = "_clock DESC",
                                   .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &count, err);

    *value = error || !count ? str_of(shipped_table)
                             : value_text_of(record[0].answers, "value");
    return error;
}

static enum error tell_table(struct task *task, const char *name,
                             struct err *err)
{
    const struct form_files *files = task->office->files;
    struct policy_told told = {.name = str_of(name), .value = STR("shipped")};
    struct str text = files->file(files->context, told.name);
    struct change change;
    enum error error = last_told(task, told.name, &told.before, err);

    if (!str_is_null(text))
        told.value = host_hash_hex(task->office->host, task->arena, text);
    if (error || str_equal(told.value, told.before))
        return error;
    error = policy_tell(task, &change, &told, err);
    return error ? error : change_commit(&change, NULL, err);
}

enum error policy_tables_tell(struct task *task, struct err *err)
{
    static const char *const name[] = {"site/role.csv", "site/compartment.csv",
                                       "site/purpose.csv"};
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < sizeof name / sizeof *name; i++)
        error = tell_table(task, name[i], err);
    return error;
}
