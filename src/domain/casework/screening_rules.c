/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* screening_rules.c - reads signs, rules and the index from the catalogue.
 *
 * Everything is parsed when the office opens, so that a mistake in a table is
 * told at once, with the table and the row, and never in the middle of an
 * interview.
 */
#include "domain/casework/screening_rules.h"

struct loading {
    struct arena *arena;
    const struct catalog *catalog;
    struct screening_rules *rules;
    uint64_t hash;
    struct err *err;
};

static enum error bad_row(struct loading *loading, const char *table,
                          size_t row)
{
    struct str where =
        str_format(loading->arena, "%s.csv, %zu", table, row + 2);
    struct str why = err_text(loading->err, NULL, loading->arena);
    const char *reason = str_c(loading->arena, why);

    err_clear(loading->err);
    return err_set(loading->err, ERROR_INPUT,
                   N_("La tabla {1} no se entiende en esa fila: {2}"),
                   str_c(loading->arena, where), reason, NULL);
}

static enum error missing_table(struct loading *loading, const char *table)
{
    return err_set(loading->err, ERROR_INPUT,
                   N_("Falta la tabla {1} del catálogo."), table, NULL, NULL);
}

static void mix(struct loading *loading, struct str text)
{
    loading->hash = loading->hash * 1099511628211u ^ str_hash(text);
}

static size_t split_words(struct arena *arena, struct str text,
                          const struct str **list)
{
    struct str rest = text, word, *name;
    size_t most = 1, count = 0;

    for (size_t i = 0; i < text.size; i++)
        most += text.at[i] == ' ';
    name = ARENA_ARRAY(arena, struct str, most);
    while (name && rest.size && str_cut(&rest, ' ', &word)) {
        if (word.size)
            name[count++] = word;
    }
    *list = name;
    return count;
}

/* The questions that settle a sign: its column `question`, else all that its
 * expression names; and those that open them (column `opened_by`). */
static void sign_questions(struct loading *loading, struct sign *sign,
                           struct str column, struct str opened_by)
{
    struct str *name;

    sign->openers = split_words(loading->arena, opened_by, &sign->opener);
    if (column.size) {
        sign->questions = split_words(loading->arena, column, &sign->question);
        return;
    }
    sign->questions = expr_references(sign->when, loading->arena, &name);
    sign->question = name;
}

static enum error read_signs(struct loading *loading)
{
    const struct catalog_table *table = catalog_table(loading->catalog, "sign");
    struct screening_rules *rules = loading->rules;
    size_t row;

    if (!table)
        return missing_table(loading, "sign");
    rules->sign = ARENA_ARRAY(loading->arena, struct sign, table->rows);
    if (!rules->sign)
        return err_set(loading->err, ERROR_MEMORY, N_("Falta memoria."), NULL,
                       NULL, NULL);
    for (row = 0; row < table->rows; row++) {
        struct sign *sign = &rules->sign[row];

        sign->code = catalog_cell(table, row, "code");
        sign->module = catalog_cell(table, row, "module");
        sign->when_text = catalog_cell(table, row, "when");
        if (expr_parse(loading->arena, sign->when_text, &sign->when,
                       loading->err) != ERROR_NONE)
            return bad_row(loading, "sign", row);
        sign_questions(loading, sign, catalog_cell(table, row, "question"),
                       catalog_cell(table, row, "opened_by"));
        mix(loading, sign->code);
        mix(loading, sign->when_text);
    }
    rules->signs = table->rows;
    return ERROR_NONE;
}

size_t screening_sign_find(const struct screening_rules *rules, struct str code)
{
    for (size_t i = 0; i < rules->signs; i++) {
        if (str_equal(rules->sign[i].code, code))
            return i;
    }
    return SIZE_MAX;
}

static enum error rule_signs(struct loading *loading, struct rule *rule)
{
    struct str *name;
    size_t i, found;

    rule->signs = expr_references(rule->when, loading->arena, &name);
    rule->sign =
        ARENA_ARRAY(loading->arena, const struct sign *, rule->signs + 1);
    if (!rule->sign)
        return err_set(loading->err, ERROR_MEMORY, N_("Falta memoria."), NULL,
                       NULL, NULL);
    for (i = 0; i < rule->signs; i++) {
        found = screening_sign_find(loading->rules, name[i]);
        if (found == SIZE_MAX)
            return err_set(loading->err, ERROR_INPUT,
                           N_("No existe la señal {1}."),
                           str_c(loading->arena, name[i]), NULL, NULL);
        rule->sign[i] = &loading->rules->sign[found];
    }
    return ERROR_NONE;
}

static enum error read_rules(struct loading *loading)
{
    const struct catalog_table *table = catalog_table(loading->catalog, "rule");
    struct screening_rules *rules = loading->rules;
    size_t row;

    if (!table)
        return missing_table(loading, "rule");
    rules->rule = ARENA_ARRAY(loading->arena, struct rule, table->rows);
    if (!rules->rule)
        return err_set(loading->err, ERROR_MEMORY, N_("Falta memoria."), NULL,
                       NULL, NULL);
    for (row = 0; row < table->rows; row++) {
        struct rule *rule = &rules->rule[row];

        rule->id = catalog_cell(table, row, "id");
        rule->code = catalog_cell(table, row, "code");
        rule->state = catalog_cell(table, row, "state");
        rule->urgency = catalog_cell(table, row, "urgency");
        rule->flag = str_equal_c(catalog_cell(table, row, "kind"), "flag");
        if (expr_parse(loading->arena, catalog_cell(table, row, "when"),
                       &rule->when, loading->err) != ERROR_NONE ||
            rule_signs(loading, rule) != ERROR_NONE)
            return bad_row(loading, "rule", row);
        mix(loading, rule->id);
        mix(loading, catalog_cell(table, row, "when"));
    }
    rules->rules = table->rows;
    return ERROR_NONE;
}

static enum error read_index(struct loading *loading)
{
    const struct catalog_table *table =
        catalog_table(loading->catalog, "index");
    struct screening_rules *rules = loading->rules;
    size_t row;

    if (!table)
        return missing_table(loading, "index");
    rules->factor =
        ARENA_ARRAY(loading->arena, struct index_factor, table->rows);
    if (!rules->factor)
        return err_set(loading->err, ERROR_MEMORY, N_("Falta memoria."), NULL,
                       NULL, NULL);
    for (row = 0; row < table->rows; row++) {
        struct index_factor *factor = &rules->factor[row];
        int64_t intensity = 0;

        factor->code = catalog_cell(table, row, "code");
        factor->protective =
            str_equal_c(catalog_cell(table, row, "polarity"), "protective");
        str_to_int(catalog_cell(table, row, "intensity"), &intensity);
        factor->intensity = (int)intensity;
        if (expr_parse(loading->arena, catalog_cell(table, row, "when"),
                       &factor->when, loading->err) != ERROR_NONE)
            return bad_row(loading, "index", row);
        mix(loading, catalog_cell(table, row, "when"));
    }
    rules->factors = table->rows;
    return ERROR_NONE;
}

static enum error read_bands(struct loading *loading)
{
    const struct catalog_table *table =
        catalog_table(loading->catalog, "index_band");
    struct screening_rules *rules = loading->rules;
    size_t row;

    if (!table)
        return missing_table(loading, "index_band");
    rules->band = ARENA_ARRAY(loading->arena, struct index_band, table->rows);
    if (!rules->band)
        return err_set(loading->err, ERROR_MEMORY, N_("Falta memoria."), NULL,
                       NULL, NULL);
    for (row = 0; row < table->rows; row++) {
        int64_t from = 0;

        str_to_int(catalog_cell(table, row, "from"), &from);
        rules->band[row].name = catalog_cell(table, row, "band");
        rules->band[row].from = (int)from;
    }
    rules->bands = table->rows;
    return ERROR_NONE;
}

enum error screening_rules_load(struct arena *arena,
                                const struct catalog *catalog,
                                struct screening_rules **rules, struct err *err)
{
    struct loading loading = {.arena = arena,
                              .catalog = catalog,
                              .rules = ARENA_NEW(arena, struct screening_rules),
                              .hash = 14695981039346656037u,
                              .err = err};
    enum error error;

    if (!loading.rules)
        return err_set(err, ERROR_MEMORY, N_("Falta memoria."), NULL, NULL,
                       NULL);
    if ((error = read_signs(&loading)) != ERROR_NONE ||
        (error = read_rules(&loading)) != ERROR_NONE ||
        (error = read_index(&loading)) != ERROR_NONE ||
        (error = read_bands(&loading)) != ERROR_NONE)
        return error;
    loading.rules->version =
        str_format(arena, "%08x", (unsigned)(loading.hash >> 32));
    *rules = loading.rules;
    return ERROR_NONE;
}
