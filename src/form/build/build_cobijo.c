/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_cobijo.c - the columns bind::cobijo:…: what the program does with an
 * answer beyond asking it. A column or a word that it does not know is a
 * mistake of the author and not passed over. */
#include "form/build/build.h"

static const char *const merges[] = {"last",   "keep_both", "restrict",
                                     "append", "highest",   NULL};
static const char *const compartments[] = {
    "health", "violence", "asylum", "child", "sogiesc", "all", NULL};
static const char *const classes[] = {"PUB", "INT", "PER", "SEN", NULL};
static const char *const searches[] = {"name", "code", "phone", NULL};
static const char *const scores[] = {"total",  "subtotal", "level", "complete",
                                     "review", "occasion", NULL};
static const char *const phones[] = {"no", NULL};

/* What the cells may say: one of the words, a yes or no, a name. */
static const struct cobijo {
    const char *name, *all;
    const char *const *word; /* NULL: yes or no where all is set */
    bool kept;               /* in a member of its own */
} columns[] = {
    {"merge", "last, keep_both, restrict, append, highest", merges, true},
    {"compartment", "health, violence, asylum, child, sogiesc, all",
     compartments, true},
    {"class", "PUB, INT, PER, SEN", classes, true},
    {"search", "name, code, phone", searches, true},
    {"ref", NULL, NULL, true},
    {"list", "yes, no", NULL, true},
    {"system", "yes, no", NULL, true},
    {"index", "yes, no", NULL, false},
    {"score",
     "total, subtotal:NOMBRE, level, level:NOMBRE, complete, review, occasion",
     scores, false},
    {"phone", "no, =EXPR", phones, false},
    {"scope", NULL, NULL, false},
};

static struct str name_in(struct str attribute)
{
    return attribute.size > 7 &&
                   str_equal_nocase(str_slice(attribute, 0, 7), STR("cobijo:"))
               ? str_slice(attribute, 7, attribute.size)
               : STR_NULL;
}

static const struct cobijo *column_find(struct str attribute)
{
    struct str name = name_in(attribute);

    for (size_t i = 0; name.at && i < sizeof columns / sizeof columns[0]; i++)
        if (str_equal_nocase(name, str_of(columns[i].name)))
            return &columns[i];
    return NULL;
}

bool build_cobijo_named(const struct xls_column *column)
{
    const struct cobijo *known = column_find(column->name);

    return known && known->kept;
}

bool build_yes(struct str text)
{
    return str_equal_nocase(text, STR("yes")) ||
           str_equal_nocase(text, STR("true")) ||
           str_equal_nocase(text, STR("true()")) || str_equal_c(text, "1");
}

static bool is_no(struct str text)
{
    return str_equal_nocase(text, STR("no")) ||
           str_equal_nocase(text, STR("false")) ||
           str_equal_nocase(text, STR("false()")) || str_equal_c(text, "0");
}

/* The columns themselves: bind::cobijo:mrege is no column of ours. */
void build_cobijo_columns(struct building *building)
{
    const struct xls_sheet *sheet = &building->xls->survey;
    struct buf all;

    buf_init(&all, building->arena);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        buf_printf(&all, "%s%s", i ? ", " : "", columns[i].name);
    for (size_t i = 0; i < sheet->columns; i++) {
        const struct xls_column *column = &sheet->column[i];

        if (column->target == XLS_TO_BIND && name_in(column->name).at &&
            !column_find(column->name))
            xls_problem(building->xls, XLS_FORM_COLUMN,
                        (struct xls_place){"survey",
                                           sheet->table->row[0].number,
                                           column->header},
                        column->header, buf_str(&all), STR(""));
    }
}

/* score: level, or level:household. */
static bool word_good(const struct cobijo *known, struct str text)
{
    if (known->word && known->word == scores) {
        size_t colon = str_find_char(text, ':');

        return xls_one_of(str_trim(str_slice(text, 0, colon)), scores);
    }
    if (known->word == phones && str_starts(text, STR("=")))
        return true;
    if (known->word)
        return xls_one_of(text, known->word);
    return known->all ? build_yes(text) || is_no(text) : xls_name_good(text);
}

static struct str word_of(const struct xls_node *node, const char *name)
{
    for (size_t i = 0; i < node->bind.count; i++) {
        const struct cobijo *known = column_find(node->bind.attribute[i].name);

        if (known && strcmp(known->name, name) == 0)
            return word_good(known, node->bind.attribute[i].value)
                       ? node->bind.attribute[i].value
                       : STR("");
    }
    return STR("");
}

static void words_check(struct building *building, const struct xls_node *node)
{
    for (size_t i = 0; i < node->bind.count; i++) {
        const struct xls_attribute *one = &node->bind.attribute[i];
        const struct cobijo *known = column_find(one->name);

        if (!known || word_good(known, one->value) || !one->column)
            continue;
        if (known->all)
            xls_problem(
                building->xls, XLS_FORM_WORD,
                (struct xls_place){"survey", node->row, one->column->header},
                one->value, str_of(known->all), STR(""));
        else
            xls_problem(
                building->xls, XLS_NAMES_008,
                (struct xls_place){"survey", node->row, one->column->header},
                one->value, STR(""), STR(""));
    }
}

void build_cobijo(struct building *building, struct question *question,
                  const struct xls_node *node)
{
    struct str merge = word_of(node, "merge");

    words_check(building, node);
    for (int i = 0; merge.size && merges[i]; i++)
        if (str_equal_c(merge, merges[i]))
            question->merge = (enum merge_policy)i;
    question->compartment = word_of(node, "compartment");
    question->class = word_of(node, "class");
    question->search = word_of(node, "search");
    question->ref = word_of(node, "ref");
    question->listed = build_yes(word_of(node, "list"));
    question->system = build_yes(word_of(node, "system"));
}
