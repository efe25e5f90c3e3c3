/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* policy.c - see policy.h. What the house set stands in a table of its own
 * beside the catalogue; setting back to the shipped value takes the row away.
 */
#include "domain/policy.h"

#include "domain/access/room.h"

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

enum error policy_set(struct task *task, struct str name, struct str value,
                      struct str why, struct err *err)
{
    const struct catalog_table *table = table_of(task);
    size_t at = catalog_find(table, name);
    struct policy_row row = {.site = office_home(task->office),
                             .name = name,
                             .value = str_trim(value),
                             .why = str_trim(why),
                             .by = task->actor.id,
                             .now = task->now};
    int64_t number = 0;
    enum error error = ERROR_NONE;

    if (!role_has(task->actor.role, RIGHT_USER_ADMIN))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Solo quien administra las cuentas puede hacer "
                          "esto."),
                       NULL, NULL, NULL);
    if (at == SIZE_MAX)
        return say_unknown(name, task, ERROR_INPUT, err);
    if (!row.why.size)
        return err_set(err, ERROR_INPUT, N_("Escriba el motivo."), NULL, NULL,
                       NULL);
    if (str_ends(name, STR("_roles")))
        error = check_roles(task, row.value, err);
    else if (number_of(catalog_cell(table, at, "value"), &number) &&
             !number_of(row.value, &number))
        error =
            err_set(err, ERROR_INPUT, N_("Escriba un número entero desde 1."),
                    NULL, NULL, NULL);
    row.shipped = str_equal(row.value, catalog_cell(table, at, "value"));
    return error ? error : office_change(task->office, write_policy, &row, err);
}
