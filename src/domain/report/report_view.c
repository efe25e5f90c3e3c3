/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report_view.c - what was counted as the tree that pages, CSV and JSON show:
 * the figure, its parts with their labels, in the order people expect. */
#include "domain/report/report_private.h"

enum { AGE = 1 };

static const char *const who_names[WHO] = {"sex", "age_band", "nationality",
                                           "country_of_birth"};

static enum measure_count count_of(const struct counting *counting)
{
    return counting->indicator->part[0].count;
}

static bool is_share(const struct counting *counting)
{
    return count_of(counting) == MEASURE_SHARE ||
           count_of(counting) == MEASURE_PERSON_SHARE;
}

/* -- words ----------------------------------------------------------------- */

static struct str record_name(struct task *task, struct str kind, struct str id,
                              const char *key)
{
    struct record record;
    struct err ignored = {0};
    struct str name = STR("");

    if (record_read(&task->office->log, task->db, kind, id, task->arena,
                    &record, &ignored) == ERROR_NONE)
        name = value_text_of(record.answers, key);
    return name.size ? name : id;
}

static struct str answer_label(struct task *task, const struct form *form,
                               const struct question *question, struct str code)
{
    const struct choice *choice =
        question->choices ? choice_find(question->choices, code) : NULL;

    if (choice)
        return texts_in(form, choice->label, task->language);
    if (str_equal_c(question->ref, "user"))
        return record_name(task, question->ref, code, "display_name");
    if (str_equal_c(question->ref, "place"))
        return record_name(task, question->ref, code, "name");
    return code;
}

/* The row of a band, or the first of a wide one: 12-17. */
static size_t band_row(const struct task *task, struct str code)
{
    const struct catalog_table *bands =
        catalog_table(task->office->catalog, "age_band");
    size_t row = bands ? catalog_find(bands, code) : SIZE_MAX;

    for (size_t i = 0; row == SIZE_MAX && bands && i < bands->rows; i++)
        if (str_equal(catalog_cell(bands, i, "wide"), code))
            row = i;
    return row;
}

static struct str band_label(const struct task *task, struct str code)
{
    const struct catalog_table *bands =
        catalog_table(task->office->catalog, "age_band");
    struct str rest = code, from, to;
    struct err text = {0};

    if (!bands || catalog_find(bands, code) != SIZE_MAX ||
        !str_cut(&rest, '-', &from) || !str_cut(&rest, '-', &to))
        return catalog_name(task->office->catalog, "age_band", code,
                            task->language);
    err_set(&text, ERROR_INPUT, N_("{1} a {2} años"), str_c(task->arena, from),
            str_c(task->arena, to), NULL);
    return err_text(&text, task->translator, task->arena);
}

/* Sex of a kind of its own has the words of the person's form, too. */
static struct str cell_label(const struct counting *counting, size_t dimension,
                             struct str code)
{
    struct task *task = counting->task;
    const struct form *form =
        forms_find(task->office->forms, STR("person"), STR(""));
    const struct question *question;

    if (!code.size)
        return translate(task->translator, str_of(N_("Sin dato")));
    if (dimension == AGE)
        return band_label(task, code);
    if (dimension < WHO)
        question = form_find(form, str_of(who_names[dimension]));
    else
        question = measure_by(task, &counting->indicator->part[0],
                              dimension - WHO, &form);
    return question ? answer_label(task, form, question, code) : code;
}

/* -- order ----------------------------------------------------------------- */

static int cell_order(const struct counting *counting, size_t dimension,
                      const struct cell *a, const struct cell *b)
{
    if (!a->code.size != !b->code.size)
        return a->code.size ? -1 : 1; /* not known last */
    if (dimension == AGE)
        return band_row(counting->task, a->code) <
                       band_row(counting->task, b->code)
                   ? -1
                   : 1;
    if (a->all > b->all || a->all < b->all)
        return a->all > b->all ? -1 : 1;
    return str_compare(a->code, b->code);
}

static void sort_cells(const struct counting *counting, size_t dimension)
{
    const struct cells *table = &counting->cells[dimension];

    for (size_t i = 1; i < table->count; i++) {
        struct cell moved = table->cell[i];
        size_t j = i;

        while (j > 0 && cell_order(counting, dimension, &moved,
                                   &table->cell[j - 1]) < 0) {
            table->cell[j] = table->cell[j - 1];
            j--;
        }
        table->cell[j] = moved;
    }
}

/* -- the tree -------------------------------------------------------------- */

static struct value *number(struct arena *arena, double n)
{
    int64_t whole = (int64_t)n;

    if ((double)whole <= n && (double)whole >= n)
        return value_int(arena, whole);
    return value_number(arena, (double)(int64_t)(n * 10 + 0.5) / 10);
}

static struct value *cell_view(const struct counting *counting,
                               size_t dimension, const struct cell *cell,
                               double most)
{
    struct arena *arena = counting->task->arena;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "code", cell->code);
    value_put_str(item, arena, "label",
                  cell_label(counting, dimension, cell->code));
    value_put(item, arena, "count",
              number(arena, is_share(counting) ? cell->good : cell->all));
    value_put(item, arena, "of", number(arena, cell->all));
    value_put_int(item, arena, "bar",
                  most > 0 ? (int64_t)(100 * cell->all / most + 0.5) : 0);
    return item;
}

static struct value *cells_view(const struct counting *counting,
                                size_t dimension)
{
    const struct cells *table = &counting->cells[dimension];
    struct value *list = value_list(counting->task->arena);
    double most = 0;

    sort_cells(counting, dimension);
    for (size_t i = 0; i < table->count; i++) {
        if (table->cell[i].all > most)
            most = table->cell[i].all;
    }
    for (size_t i = 0; i < table->count; i++)
        value_add(list, counting->task->arena,
                  cell_view(counting, dimension, &table->cell[i], most));
    return list;
}

static int compare_amounts(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static double median(double *amount, size_t count)
{
    qsort(amount, count, sizeof *amount, compare_amounts);
    return count % 2 ? amount[count / 2]
                     : (amount[count / 2 - 1] + amount[count / 2]) / 2;
}

/* The one number; NULL when there is none. */
static struct value *figure(struct counting *counting)
{
    struct arena *arena = counting->task->arena;
    size_t codes = counting->cells[WHO].count;

    if (counting->err.code)
        return NULL;
    if (is_share(counting))
        return counting->all > 0
                   ? number(arena, 100 * counting->good / counting->all)
                   : NULL;
    if (count_of(counting) == MEASURE_MEDIAN)
        return counting->amounts
                   ? number(arena, median(counting->amount, counting->amounts))
                   : NULL;
    if (count_of(counting) == MEASURE_PER_CODE)
        return codes ? number(arena, counting->all / (double)codes)
                     : value_int(arena, 0);
    return number(arena, counting->all);
}

static void put_figure(struct counting *counting, struct value *item)
{
    struct arena *arena = counting->task->arena;
    bool share = is_share(counting);
    struct value *value = figure(counting);

    value_put(item, arena, "value", value ? value : value_null(arena));
    value_put_bool(item, arena, "known", value != NULL);
    value_put_bool(item, arena, "share", share);
    value_put(item, arena, "numerator",
              number(arena, share ? counting->good : counting->all));
    value_put(item, arena, "denominator", number(arena, counting->all));
    value_put_str(
        item, arena, "problem",
        counting->err.code
            ? err_text(&counting->err, counting->task->translator, arena)
            : STR(""));
}

/* What a question closed to the reader would split by is not for her. */
static struct value *split_view(const struct counting *counting, size_t which)
{
    struct task *task = counting->task;
    const struct measure *part = &counting->indicator->part[0];
    const struct form *form;
    const struct question *question =
        which < part->by_count ? measure_by(task, part, which, &form) : NULL;

    return question && !role_reads(role_widest(task->actor.role, form->name),
                                   question)
               ? value_list(task->arena)
               : cells_view(counting, WHO + which);
}

/* The first question that splits it is `rows`, the further ones stand with the
 * four in `by`, and `split` says what they are called. */
static void put_parts(struct counting *counting, struct value *item)
{
    struct task *task = counting->task;
    struct arena *arena = task->arena;
    const struct measure *part = &counting->indicator->part[0];
    struct value *by = value_object(arena), *split = value_list(arena);
    struct value *first = split_view(counting, 0);
    size_t rows = value_count(first);

    for (size_t i = 0; i < WHO; i++)
        value_put(by, arena, who_names[i], cells_view(counting, i));
    for (size_t i = 1; i < part->by_count; i++) {
        const struct form *form;
        const struct question *question = measure_by(task, part, i, &form);
        struct value *one = value_object(arena);

        value_set(by, arena, part->by[i], split_view(counting, i));
        value_put_str(one, arena, "key", part->by[i]);
        value_put_str(one, arena, "label",
                      question ? texts_in(form, question->label, task->language)
                               : part->by[i]);
        value_add(split, arena, one);
    }
    value_put(item, arena, "by", by);
    value_put(item, arena, "split", split);
    value_put(item, arena, "rows", first);
    value_put_bool(
        item, arena, "has_rows",
        rows > 1 ||
            (rows == 1 && value_text_of(value_at(first, 0), "code").size > 0));
    value_put_bool(item, arena, "has_by",
                   (counting->all < 0 || counting->all > 0) &&
                       measure_has_who(task, part));
    value_put_bool(item, arena, "listed", measure_listed(part));
}

/* What it is to reach, and how far it is there; without one, nothing. */
static void put_target(const struct catalog_table *table, size_t row,
                       struct value *item, struct arena *arena)
{
    double value = value_to_double(value_get(item, "value"), 0);
    double target = 0;

    if (!str_to_double(catalog_cell(table, row, "target"), &target) ||
        target <= 0)
        return;
    value_put(item, arena, "target", number(arena, target));
    if (value_to_bool(value_get(item, "known"), false))
        value_put_int(item, arena, "reached", (int64_t)(100 * value / target));
}

struct value *indicator_view(struct counting *counting)
{
    struct task *task = counting->task;
    struct arena *arena = task->arena;
    const struct measure *part = &counting->indicator->part[0];
    const struct catalog_table *table = part->table;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "code", counting->indicator->code);
    value_put_str(item, arena, "version",
                  catalog_cell(table, part->row, "version"));
    value_put_str(item, arena, "label",
                  catalog_label(table, part->row, "label", task->language));
    value_put_str(
        item, arena, "how_counted",
        catalog_label(table, part->row, "how_counted", task->language));
    value_put_str(item, arena, "unit", catalog_cell(table, part->row, "unit"));
    put_figure(counting, item);
    put_target(table, part->row, item, arena);
    put_parts(counting, item);
    return item;
}
