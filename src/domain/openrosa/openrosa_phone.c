/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_phone.c - what a form asks on a telephone, changed in its sheet
 * before the XForm is written:
 *
 * a question that names a record of another kind is chosen from the list of
 * those records that the role reads, instead of typed;
 * choices that the role may not give are left out;
 * what the program sets by itself, what the role may not write, and what is
 * for a desk (bind::cobijo:phone = no) is not asked. What the program would
 * look up (bind::cobijo:phone = "=" and an expression, {role} in it) is
 * calculated there. Answers, names and checks stay those of the form.
 */
#include "domain/openrosa/openrosa.h"

#include "domain/person/words.h"

struct phone {
    const struct task *task;
    struct arena *arena;
    const struct form *form;
    struct xls_table *survey;
    size_t width; /* columns, with those that are added */
    size_t type, appearance, relevant, required, calculation;
    size_t constraint, ref, system, compartment, desk;
};

static struct xls_table *table_named(struct xls_book *book, const char *name)
{
    for (size_t i = 0; i < book->count; i++)
        if (str_equal_nocase(book->table[i].name, str_of(name)))
            return &book->table[i];
    return NULL;
}

/* Does a header mean this column, under whatever name? */
static bool column_is(struct str header, const char *name)
{
    static const char *const alias[][2] = {
        {"relevance", "relevant"},
        {"skippattern", "relevant"},
        {"skip_pattern", "relevant"},
        {"bind::relevant", "relevant"},
        {"bind:relevant", "relevant"},
        {"bind::required", "required"},
        {"bind:required", "required"},
        {"calculate", "calculation"},
        {"bind::calculate", "calculation"},
        {"bind:calculate", "calculation"},
        {"control::appearance", "appearance"},
        {"control:appearance", "appearance"}};

    if (str_equal_nocase(header, str_of(name)))
        return true;
    for (size_t i = 0; i < sizeof alias / sizeof alias[0]; i++)
        if (str_equal_nocase(header, str_of(alias[i][0])))
            return strcmp(alias[i][1], name) == 0;
    return false;
}

static size_t column_of(const struct xls_row *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++)
        if (column_is(header->cell[i], name))
            return i;
    return SIZE_MAX;
}

static struct str cell_of(const struct xls_row *row, size_t column)
{
    return column < row->count ? row->cell[column] : STR("");
}

/* A column to write to: there already, or behind the last. */
static size_t column_need(struct phone *phone, const char *name)
{
    struct xls_row *header = &phone->survey->row[0];
    size_t column = column_of(header, name);

    if (column != SIZE_MAX)
        return column;
    header->cell[phone->width] = str_of(name);
    header->count = phone->width + 1;
    return phone->width++;
}

/* Rows as wide as the header may become: empty cells at the end are left out
 * of what is read. */
static bool rows_widen(struct phone *phone, size_t more)
{
    size_t width = phone->survey->row[0].count;

    for (size_t i = 0; i < phone->survey->rows; i++)
        if (phone->survey->row[i].count > width)
            width = phone->survey->row[i].count;
    for (size_t i = 0; i < phone->survey->rows; i++) {
        struct xls_row *row = &phone->survey->row[i];
        struct str *cell = ARENA_ARRAY(phone->arena, struct str, width + more);

        if (!cell)
            return false;
        for (size_t j = 0; j < width + more; j++)
            cell[j] = j < row->count ? row->cell[j] : STR("");
        row->cell = cell;
        row->count = width + more;
    }
    phone->width = width;
    phone->survey->row[0].count = width;
    return true;
}

static bool is_yes(struct str text)
{
    return str_equal_nocase(text, STR("yes")) || str_equal_c(text, "true()");
}

/* Neither shown nor sent, and not missed. */
static void row_close(const struct phone *phone, struct xls_row *row)
{
    row->cell[phone->relevant] = STR("false()");
    row->cell[phone->required] = STR("");
}

/* Not asked; its default stands, and others may read it. */
static void row_hide(const struct phone *phone, struct xls_row *row)
{
    if (str_starts(cell_of(row, phone->type), STR("begin"))) {
        row_close(phone, row);
        return;
    }
    row->cell[phone->type] = STR("hidden");
    row->cell[phone->appearance] = STR("");
    row->cell[phone->required] = STR("");
    if (phone->constraint < row->count)
        row->cell[phone->constraint] = STR("");
}

static bool role_opens(const struct phone *phone, const struct xls_row *row)
{
    struct question question = {.compartment =
                                    cell_of(row, phone->compartment)};

    return role_reads(phone->task->actor.role, &question);
}

/* Does a list of choices of this form have the name of the entity list? */
static bool name_taken(const struct phone *phone, struct str kind)
{
    struct str file = str_join(phone->arena, kind, STR(".csv"));

    for (size_t i = 0; i < phone->form->list_count; i++)
        if (str_equal(phone->form->list[i].name, file))
            return true;
    return false;
}

/* Records that the role reads are chosen; what nobody could choose rightly is
 * not asked, unless the form insists. */
static void row_refer(const struct phone *phone, struct xls_row *row)
{
    struct str kind = cell_of(row, phone->ref);
    struct str appearance = cell_of(row, phone->appearance);
    bool many = words_have(appearance, STR("multiple"));

    if (openrosa_lists(phone->task, kind) && !name_taken(phone, kind)) {
        row->cell[phone->type] =
            str_format(phone->arena, "select_%s_from_file %.*s.csv",
                       many ? "multiple" : "one", STR_ARGS(kind));
        row->cell[phone->appearance] = STR("minimal autocomplete");
        return;
    }
    if (!cell_of(row, phone->required).size)
        row_hide(phone, row);
}

/* Every list that the expression reads must be there for this role. */
static bool lists_there(const struct phone *phone, struct str expression)
{
    static const struct str mark = {"instance('", 10};
    size_t at;

    while ((at = str_find(expression, mark)) != SIZE_MAX) {
        struct str kind;

        expression = str_slice(expression, at + mark.size, expression.size);
        str_cut(&expression, '\'', &kind);
        if (!openrosa_lists(phone->task, kind))
            return false;
    }
    return true;
}

static void row_calculate(const struct phone *phone, struct xls_row *row,
                          struct str expression)
{
    struct str mark = STR("{role}");
    size_t at = str_find(expression, mark);

    row_hide(phone, row);
    if (!phone->task->actor.role || !lists_there(phone, expression))
        return;
    if (at != SIZE_MAX)
        expression = str_format(
            phone->arena, "%.*s%.*s%.*s", (int)at, expression.at,
            STR_ARGS(phone->task->actor.role->name),
            STR_ARGS(str_slice(expression, at + mark.size, expression.size)));
    row->cell[phone->type] = STR("calculate");
    row->cell[phone->calculation] = expression;
}

static void row_change(const struct phone *phone, struct xls_row *row)
{
    bool given = cell_of(row, phone->calculation).size > 0;

    struct str desk = cell_of(row, phone->desk);

    if (!role_opens(phone, row))
        row_close(phone, row);
    else if (str_starts(desk, STR("=")))
        row_calculate(phone, row, str_slice(desk, 1, desk.size));
    else if (!given && (is_yes(cell_of(row, phone->system)) ||
                        str_equal_nocase(desk, STR("no"))))
        row_hide(phone, row);
    else if (cell_of(row, phone->ref).size &&
             str_equal_nocase(cell_of(row, phone->type), STR("text")))
        row_refer(phone, row);
}

/* Choices that the role may not give are not offered. */
static void choices_change(const struct phone *phone, struct xls_table *choices)
{
    const struct xls_row *header = &choices->row[0];
    size_t compartment = column_of(header, "compartment"), kept = 1;

    if (compartment == SIZE_MAX)
        return;
    for (size_t i = 1; i < choices->rows; i++) {
        struct question choice = {.compartment =
                                      cell_of(&choices->row[i], compartment)};

        if (role_reads(phone->task->actor.role, &choice))
            choices->row[kept++] = choices->row[i];
    }
    choices->rows = kept;
}

bool openrosa_for_phone(const struct task *task, const struct form *form,
                        struct arena *arena, struct xls_book *book)
{
    struct phone phone = {.task = task,
                          .arena = arena,
                          .form = form,
                          .survey = table_named(book, "survey")};
    struct xls_table *choices = table_named(book, "choices");
    const struct xls_row *header;

    if (choices && choices->rows)
        choices_change(&phone, choices);
    if (!phone.survey || phone.survey->rows < 2)
        return true; /* the reader says what is missing */
    header = &phone.survey->row[0];
    phone.type = column_of(header, "type");
    phone.constraint = column_of(header, "constraint");
    phone.ref = column_of(header, "bind::cobijo:ref");
    phone.desk = column_of(header, "bind::cobijo:phone");
    phone.system = column_of(header, "bind::cobijo:system");
    phone.compartment = column_of(header, "bind::cobijo:compartment");
    if (phone.type == SIZE_MAX)
        return true;
    if (!rows_widen(&phone, 4))
        return false;
    phone.appearance = column_need(&phone, "appearance");
    phone.relevant = column_need(&phone, "relevant");
    phone.required = column_need(&phone, "required");
    phone.calculation = column_need(&phone, "calculation");
    for (size_t i = 1; i < phone.survey->rows; i++)
        row_change(&phone, &phone.survey->row[i]);
    return true;
}
