/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_words.c - what people write, as codes: labels of the catalogue and of
 * the form's choices in any language, and catalog/place_value.csv.
 */
#include "domain/directory/import_private.h"

#include <stdlib.h>

#include "core/csv.h"
#include "domain/import/import_read.h"
#include "domain/person/words.h"

/* rank: what two codes are called belongs to the first: a code is itself
 * before it is the label of another. */
struct spelling {
    const char *field;
    struct str words, code;
    size_t rank;
};

enum { SPELLED_MOST = 1 << 24 };

struct spelled {
    struct arena *arena;
    struct spelling *at;
    size_t count, capacity;
};

/* Fields whose codes are looked for, and the table or question of each. */
static const struct {
    const char *field, *table, *question;
} source[] = {{"place_type", "place_type", NULL},
              {"service_code", "service", NULL},
              {"languages", "language", NULL},
              {"admin1", "admin1", NULL},
              {"country", "country", NULL},
              {"who", NULL, "who"},
              {"cost", NULL, "cost"},
              {"status", NULL, "status"},
              {"operator", NULL, "operator"},
              {"phone_type", NULL, "type"},
              {"geo_precision", NULL, "geo_precision"},
              {"yn", NULL, "accessible"}};
enum { SOURCES = sizeof(source) / sizeof(source[0]) };

static void add(struct spelled *spelled, const char *field, struct str text,
                struct str code)
{
    struct str words = cell_words(spelled->arena, text);

    if (!words.size || !code.size)
        return;
    if (spelled->count == spelled->capacity) {
        size_t more = spelled->capacity ? spelled->capacity * 2 : 1024;
        struct spelling *at =
            arena_grow(spelled->arena, spelled->at,
                       spelled->capacity * sizeof(*at), more * sizeof(*at));

        if (!at)
            return;
        spelled->at = at;
        spelled->capacity = more;
    }
    spelled->at[spelled->count] = (struct spelling){
        field, words, code,
        spelled->count + (str_equal(text, code) ? 0 : SPELLED_MOST)};
    spelled->count++;
}

static void add_list(struct spelled *spelled, const char *field,
                     struct str list, struct str code)
{
    struct str part;

    while (list.size && str_cut(&list, ';', &part))
        add(spelled, field, part, code);
}

static void add_table(struct spelled *spelled, const struct catalog *catalog,
                      const char *field, const char *name)
{
    const struct catalog_table *table = catalog_table(catalog, name);

    for (size_t row = 0; table && row < table->rows; row++) {
        struct str code = catalog_cell(table, row, "name");

        add(spelled, field, code, code);
        add(spelled, field, catalog_label(table, row, "label", STR("es")),
            code);
        add(spelled, field, catalog_label(table, row, "label", STR("en")),
            code);
        add(spelled, field, catalog_cell(table, row, "iso2"), code);
        add(spelled, field, catalog_cell(table, row, "bcp47"), code);
        add_list(spelled, field, catalog_cell(table, row, "aliases"), code);
    }
}

static void add_choices(struct spelled *spelled, const struct form *form,
                        const char *field, const struct choice_list *list)
{
    for (size_t i = 0; list && i < list->count; i++) {
        const struct choice *choice = &list->choice[i];

        add(spelled, field, choice->name, choice->name);
        for (size_t k = 0; choice->label.text && k < form->language_count; k++)
            add(spelled, field, choice->label.text[k], choice->name);
    }
}

static const struct choice_list *choices_of(const struct form *form,
                                            const char *name)
{
    const struct question *question = form_find(form, str_of(name));

    if (!question && strcmp(name, "cost") == 0)
        question =
            form_find_in(form, form_find(form, STR("services")), str_of(name));
    if (!question)
        question =
            form_find_in(form, form_find(form, STR("phones")), str_of(name));
    return question ? question->choices : NULL;
}

static int compare(const void *a, const void *b)
{
    const struct spelling *one = a, *two = b;
    int order = strcmp(one->field, two->field);

    if (!order)
        order = str_compare(one->words, two->words);
    return order ? order : (one->rank > two->rank) - (one->rank < two->rank);
}

struct spelled *spelled_make(struct task *task)
{
    const struct catalog *catalog = task->office->catalog;
    const struct catalog_table *values = catalog_table(catalog, "place_value");
    const struct form *form =
        forms_find(task->office->forms, STR("place"), STR_NULL);
    struct spelled *spelled = ARENA_NEW(task->arena, struct spelled);

    if (!spelled || !form)
        return NULL;
    spelled->arena = task->arena;
    for (size_t i = 0; i < SOURCES; i++) {
        const char *field = source[i].field;

        if (source[i].table)
            add_table(spelled, catalog, field, source[i].table);
        else
            add_choices(spelled, form, field,
                        choices_of(form, source[i].question));
        for (size_t row = 0; values && row < values->rows; row++)
            if (str_equal_c(catalog_cell(values, row, "field"), field))
                add(spelled, field, catalog_cell(values, row, "value"),
                    catalog_cell(values, row, "code"));
    }
    if (spelled->count)
        qsort(spelled->at, spelled->count, sizeof(*spelled->at), compare);
    return spelled;
}

struct str spelled_code(const struct spelled *spelled, struct arena *arena,
                        const char *field, struct str text)
{
    struct spelling wanted = {field, cell_words(arena, text), STR_NULL, 0};
    size_t low = 0, high = spelled->count;
    const struct spelling *found;

    while (low < high) { /* the first that is not before it */
        size_t middle = (low + high) / 2;

        if (compare(&spelled->at[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    found = low < spelled->count ? &spelled->at[low] : NULL;
    return found && wanted.words.size && strcmp(found->field, field) == 0 &&
                   str_equal(found->words, wanted.words)
               ? found->code
               : STR("");
}

static size_t list_end(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (strchr(";,|/", text.at[i]))
            return i;
    return text.size;
}

/* "spa eng", as an export writes several: all of them, or "". */
static struct str codes_apart(const struct spelled *spelled,
                              struct arena *arena, const char *field,
                              struct str text)
{
    struct str rest = text, word;
    struct buf codes;

    buf_init(&codes, arena);
    while (words_next(&rest, &word)) {
        struct str code = spelled_code(spelled, arena, field, word);

        if (!code.size)
            return STR("");
        if (codes.size)
            buf_putc(&codes, ' ');
        buf_put(&codes, code);
    }
    return buf_str(&codes);
}

struct str spelled_codes(const struct spelled *spelled, struct arena *arena,
                         const char *field, struct str text, struct str *rest)
{
    struct buf codes, unknown;

    buf_init(&codes, arena);
    buf_init(&unknown, arena);
    while (text.size) {
        size_t end = list_end(text);
        struct str part = str_trim(str_slice(text, 0, end));
        struct str code = spelled_code(spelled, arena, field, part);
        struct buf *out = &codes;

        if (!code.size)
            code = codes_apart(spelled, arena, field, part);
        if (!code.size)
            out = &unknown;
        text = str_slice(text, end + (end < text.size), text.size);
        if (!part.size)
            continue;
        if (out->size)
            buf_puts(out, code.size ? " " : ", ");
        buf_put(out, code.size ? code : part);
    }
    *rest = buf_str(&unknown);
    return buf_str(&codes);
}

/* What our own export calls a column: a question, or _id and _state. */
struct str heading_field(struct task *task, struct arena *arena,
                         struct str heading)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "place_heading");
    const struct form *form =
        forms_find(task->office->forms, STR("place"), STR_NULL);
    struct str words = cell_words(arena, heading);

    if (heading.size && heading.at[0] == '_')
        return str_equal_c(heading, "_id")      ? STR("id")
               : str_equal_c(heading, "_state") ? STR("_state")
                                                : STR("");
    for (size_t row = 0; table && row < table->rows; row++)
        if (str_equal(catalog_cell(table, row, "heading"), words))
            return catalog_cell(table, row, "field");
    for (size_t i = 0; words.size && i < form->question_count; i++) {
        const struct question *question = form->question[i];

        if (question_has_value(question) && !question->repeat &&
            str_equal(cell_words(arena, question->key), words))
            return question->key;
    }
    return STR("");
}

static bool field_is_known(struct task *task, struct str field)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "place_heading");

    for (size_t row = 0; table && row < table->rows; row++)
        if (str_equal(catalog_cell(table, row, "field"), field))
            return true;
    return heading_field(task, task->arena, field).size > 0;
}

enum error heading_map(struct task *task, struct str csv, struct value **map,
                       struct err *err)
{
    struct str text = csv_decode(task->arena, csv, NULL);
    struct csv reader;
    struct csv_row row;
    struct err broken = {0};

    *map = value_object(task->arena);
    csv_init(&reader, text, csv_guess_separator(text));
    while (csv_next(&reader, task->arena, &row, &broken)) {
        struct str field = row.count > 1 ? row.cell[1] : STR("");

        if (str_equal_c(field, "field") && str_equal_c(row.cell[0], "heading"))
            continue;
        if (field.size && !field_is_known(task, field))
            return err_set(err, ERROR_INPUT,
                           N_("«{1}»: un lugar no tiene ese dato."),
                           str_c(task->arena, field), NULL, NULL);
        value_set(*map, task->arena, str_copy(task->arena, row.cell[0]),
                  value_string(task->arena, str_copy(task->arena, field)));
    }
    if (broken.code)
        *err = broken;
    return broken.code;
}

void import_consulate(struct sink *sink, struct str where,
                      struct value *answers)
{
    struct arena *arena = sink->work.arena;
    struct word_set set = {.arena = arena};
    struct str name = value_text_of(answers, "name"), code = STR("");

    if (!str_equal_c(value_text_of(answers, "place_type"), "CONS") ||
        value_text_of(answers, "consulate_of").size)
        return;
    word_set_add(&set, name);
    for (size_t i = 0; i < set.count && !code.size; i++) {
        struct str pair = STR("");

        if (i + 1 < set.count)
            pair = str_format(arena, "%.*s %.*s", STR_ARGS(set.word[i]),
                              STR_ARGS(set.word[i + 1]));
        if (set.word[i].size > 3)
            code = spelled_code(sink->spelled, arena, "country", set.word[i]);
        if (!code.size)
            code = spelled_code(sink->spelled, arena, "country", pair);
    }
    if (code.size) {
        value_put_str(answers, arena, "consulate_of", code);
        return;
    }
    value_put_text(answers, arena, "place_type", "OTRO");
    sink_hint(sink, where, N_("no se sabe de qué país es el consulado: {1}"),
              name);
}
