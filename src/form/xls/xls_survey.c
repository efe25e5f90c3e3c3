/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_survey.c - the rows of survey become a tree; what one row stands for
 * several (or_other, table-list) is written out here, loops in loop.c. */
#include "core/utf8.h"
#include "form/xls/xls_read.h"

struct building {
    struct xls *xls;
    struct xls_node *open[XLS_DEEP_MAX];
    bool table[XLS_DEEP_MAX];            /* appearance table-list */
    struct str table_list[XLS_DEEP_MAX]; /* its first, when that is there */
    size_t depth, skip;
};

struct xls_node *xls_node_new(struct xls *xls, struct xls_node *parent,
                              const char *type, struct str name, size_t row)
{
    struct xls_node *node = ARENA_NEW(xls->arena, struct xls_node);

    if (!node)
        return NULL;
    node->type = type ? xls_type_named(type) : NULL;
    node->name = name;
    node->row = row;
    node->parent = parent;
    node->depth = parent->depth + !xls_is_flat(xls, parent);
    node->repeat = parent->type && parent->type->kind == XLS_REPEAT
                       ? parent
                       : parent->repeat;
    if (parent->last)
        parent->last->next = node;
    else
        parent->child = node;
    parent->last = node;
    for (size_t i = 0; i < XLS_CELL_COUNT; i++)
        node->cell[i] = STR("");
    return node;
}

static void attributes(struct xls *xls, struct xls_node *node,
                       const struct xls_row *row)
{
    const struct xls_sheet *sheet = &xls->survey;

    for (size_t i = 0; i < sheet->columns && i < row->count; i++) {
        const struct xls_column *column = &sheet->column[i];
        struct xls_attributes *list = NULL;
        struct str cell = row->cell[i];

        if (cell.size == 0)
            continue;
        if (column->target == XLS_TO_CELL)
            node->cell[column->which] = xls_clean(xls, cell);
        else if (column->target == XLS_TO_BIND)
            list = &node->bind;
        else if (column->target == XLS_TO_CONTROL)
            list = &node->control;
        else if (column->target == XLS_TO_INSTANCE)
            list = &node->instance;
        if (list)
            xls_attribute_add(xls->arena, list, column->name,
                              xls_clean(xls, cell), column);
    }
    xls_texts_of(xls, sheet, row, &node->texts);
    node->source = row;
    node->appearance = xls_attribute_get(&node->control, "appearance");
}

static struct xls_node *parent_of(struct building *building)
{
    return building->depth ? building->open[building->depth - 1]
                           : &building->xls->top;
}

static void text_set(struct xls *xls, struct xls_node *node,
                     enum xls_text_kind kind, struct str text)
{
    struct xls_text *room = arena_grow(xls->arena, node->texts.text,
                                       node->texts.count * sizeof *room,
                                       (node->texts.count + 1) * sizeof *room);

    if (!room)
        return;
    node->texts.text = room;
    room[node->texts.count++] =
        (struct xls_text){.kind = kind, .language = STR(""), .text = text};
}

/* --- groups --------------------------------------------------------------- */

struct group_words {
    bool begin, end;
    const char *type, *word;
    struct str list;
};

static bool group_read(struct xls *xls, struct str text,
                       struct group_words *words)
{
    static const char *const names[][2] = {{"group", "group"},
                                           {"repeat", "repeat"},
                                           {"loop", "loop"},
                                           {"lgroup", "repeat"},
                                           {"looped_group", "repeat"}};
    struct str rest = xls_snake(xls->arena, text);

    *words = (struct group_words){0};
    words->begin = str_starts(rest, STR("begin_"));
    words->end = str_starts(rest, STR("end_"));
    if (!words->begin && !words->end)
        return false;
    rest = str_slice(rest, words->begin ? 6 : 4, rest.size);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct str name = str_of(names[i][0]);

        if (str_equal(rest, name) || (words->begin && str_starts(rest, name) &&
                                      rest.at[name.size] == '_')) {
            words->type = words->word = names[i][1];
            rest = str_slice(rest, name.size, rest.size);
            if (rest.size > 0) { /* " over list" as it was written */
                size_t at = text.size;

                while (at > 0 && text.at[at - 1] != ' ')
                    at--;
                words->list = str_slice(text, at, text.size);
            }
            return true;
        }
    }
    return false;
}

static bool has_word(struct str text, const char *word)
{
    struct str rest = text, part;

    while (str_cut(&rest, ' ', &part))
        if (str_equal_c(part, word))
            return true;
    return false;
}

static struct str word_replace(struct arena *arena, struct str text,
                               const char *word, const char *with)
{
    size_t at = str_find(text, str_of(word));

    return str_join(arena,
                    str_join(arena, str_slice(text, 0, at), str_of(with)),
                    str_slice(text, at + strlen(word), text.size));
}

/* A table-list shows its label in a note above the table. */
static void table_begin(struct building *building, struct xls_node *group)
{
    struct xls *xls = building->xls;
    struct str appearance = xls_attribute_get(&group->control, "appearance");
    struct xls_node *note;

    if (!appearance.at || !has_word(appearance, "table-list"))
        return;
    building->table[building->depth - 1] = true;
    building->table_list[building->depth - 1] = STR("");
    xls_attribute_set(
        xls->arena, &group->control, STR("appearance"),
        word_replace(xls->arena, appearance, "table-list", "field-list"), NULL);
    if (!xls_has_text(&group->texts, XLS_TEXT_LABEL) &&
        !xls_has_text(&group->texts, XLS_TEXT_HINT))
        return;
    note = xls_node_new(
        xls, group, "note",
        str_format(xls->arena, "generated_table_list_label_%zu", group->row),
        group->row);
    if (!note)
        return;
    note->generated = true;
    note->texts = group->own = group->texts;
    group->texts = (struct xls_texts){0};
}

/* Before the first select of a table: the row of its choices' labels. */
static void table_labels(struct building *building, struct xls_node *node)
{
    struct xls *xls = building->xls;
    struct xls_node *parent = node->parent, *labels, *before = NULL;
    struct str *first;
    struct str appearance = xls_attribute_get(&node->control, "appearance");

    if (!building->depth || !building->table[building->depth - 1] ||
        node->type->kind != XLS_SELECT)
        return;
    xls_attribute_set(
        xls->arena, &node->control, STR("appearance"),
        appearance.size > 0
            ? str_join(xls->arena, STR("list-nolabel "), appearance)
            : STR("list-nolabel"),
        NULL);
    first = &building->table_list[building->depth - 1];
    if (first->size > 0) {
        if (!str_equal(*first, node->list_name))
            xls_node_problem(xls, XLS_TABLE_LISTS, node, "type", *first,
                             node->list_name);
        return;
    }
    *first = node->list_name;
    labels = xls_node_new(xls, parent, NULL,
                          str_format(xls->arena,
                                     "reserved_name_for_field_list_labels_%zu",
                                     node->row),
                          node->row);
    if (!labels)
        return;
    labels->type = node->type;
    labels->generated = true;
    labels->list_name = node->list_name;
    xls_attribute_set(xls->arena, &labels->control, STR("appearance"),
                      STR("label"), NULL);
    text_set(xls, labels, XLS_TEXT_LABEL, STR(""));
    for (struct xls_node *at = parent->child; at != node; at = at->next)
        before = at; /* labels was put last: it goes before node */
    node->next = NULL;
    labels->next = node;
    parent->last = node;
    if (before)
        before->next = labels;
    else
        parent->child = labels;
}

static void other_add(struct xls *xls, struct xls_node *node)
{
    struct xls_node *other;

    if (!node->or_other)
        return;
    if (node->cell[XLS_CELL_CHOICE_FILTER].size > 0)
        xls_node_problem(xls, XLS_OTHER_FILTER, node, "choice_filter", STR(""),
                         STR(""));
    xls->other_used = true;
    other = xls_node_new(xls, node->parent, "text",
                         str_join(xls->arena, node->name, STR("_other")),
                         node->row);
    if (!other)
        return;
    other->generated = true;
    other->other_of = node;
    xls_attribute_set(xls->arena, &other->bind, STR("relevant"),
                      str_format(xls->arena, "selected(../%.*s, 'other')",
                                 STR_ARGS(node->name)),
                      NULL);
    text_set(xls, other, XLS_TEXT_LABEL, STR("Specify other."));
}

/* --- rows ----------------------------------------------------------------- */

static void group_end(struct building *building, const struct xls_row *row,
                      const struct group_words *words)
{
    struct xls *xls = building->xls;
    struct xls_place place = {"survey", row->number, STR("type")};
    struct xls_node *open;

    if (building->skip > 0) {
        building->skip--;
        return;
    }
    open = building->depth ? building->open[building->depth - 1] : NULL;
    if (!open)
        xls_problem(xls, XLS_SURVEY_001, place, str_of(words->word), STR(""),
                    STR(""));
    else if (strcmp(open->type->name, words->type) != 0)
        xls_problem(xls, XLS_SURVEY_001_OTHER, place, open->name,
                    xls_number(xls->arena, open->row),
                    str_of(open->type->name));
    if (open) {
        if (!open->child)
            xls_node_problem(xls, XLS_GROUP_EMPTY, open, "type", open->name,
                             STR(""));
        building->depth--;
        if (open->type->kind == XLS_LOOP)
            xls_loop(xls, open);
    }
}

static void group_begin(struct building *building, struct xls_node *node,
                        const struct group_words *words)
{
    struct xls *xls = building->xls;

    node->type = xls_type_named(words->type);
    node->list_name = words->list;
    if (building->depth == XLS_DEEP_MAX) {
        if (building->skip++ == 0)
            xls_node_problem(xls, XLS_TOO_DEEP, node, "type", STR(""), STR(""));
        return;
    }
    if (node->type->kind == XLS_REPEAT) {
        xls->any_repeat = true;
        if (!xls_has_text(&node->texts, XLS_TEXT_LABEL) && node->name.size > 0)
            xls_node_problem(xls, XLS_REPEAT_LABEL, node, "label", node->name,
                             STR(""));
    }
    building->table[building->depth] = false;
    building->open[building->depth++] = node;
    table_begin(building, node);
}

/* "¿Cuántos años?": Cuántos_años; "" when nothing good comes of it. */
static struct str name_like(struct arena *arena, struct str name)
{
    struct buf out;
    size_t at = 0;

    buf_init(&out, arena);
    if (name.size > 0 && name.at[0] >= '0' && name.at[0] <= '9')
        buf_putc(&out, '_');
    while (at < name.size) {
        size_t from = at;
        struct str one;

        utf8_next(name, &at);
        one = str_slice(name, from, at);
        if (xls_name_good(str_join(arena, STR("a"), one)))
            buf_put(&out, one);
        else if (out.size > 0 && out.at[out.size - 1] != '_' && at < name.size)
            buf_putc(&out, '_');
    }
    return xls_name_good(buf_str(&out)) ? buf_str(&out) : STR("");
}

static void name_row(struct xls *xls, struct xls_node *node)
{
    node->name = node->cell[XLS_CELL_NAME];
    if (node->type && node->type->kind == XLS_AUDIT) {
        if (node->name.size > 0 && !str_equal_c(node->name, "audit"))
            xls_node_problem(xls, XLS_AUDIT_NAME, node, "name", STR(""),
                             STR(""));
        node->name = STR("audit");
    } else if (node->name.size == 0 && node->type &&
               strcmp(node->type->name, "note") == 0) {
        node->name =
            str_format(xls->arena, "generated_note_name_%zu", node->row);
        node->generated = false;
    } else if (node->name.size == 0) {
        if (!node->unknown)
            xls_node_problem(xls, XLS_NAME_MISSING, node, "name", STR(""),
                             STR(""));
    } else if (!xls_name_good(node->name)) {
        struct str like = name_like(xls->arena, node->name);

        xls_node_problem(xls, like.size ? XLS_NAME_LIKE : XLS_NAMES_008, node,
                         "name", node->name, like);
    }
}

static bool row_skipped(struct xls *xls, const struct xls_row *row)
{
    const struct xls_sheet *sheet = &xls->survey;
    struct xls_place place = {"survey", row->number, STR("type")};
    struct xls_texts texts = {0};

    if (xls_yes(xls_cell_of(xls, sheet, row, XLS_CELL_DISABLED))) {
        xls_problem(xls, XLS_DISABLED, place, STR(""), STR(""), STR(""));
        return true;
    }
    if (xls_cell_of(xls, sheet, row, XLS_CELL_TYPE).size > 0)
        return false;
    xls_texts_of(xls, sheet, row, &texts);
    xls_problem(xls,
                xls_cell_of(xls, sheet, row, XLS_CELL_NAME).size ||
                        xls_has_text(&texts, XLS_TEXT_LABEL)
                    ? XLS_TYPE_MISSING
                    : XLS_COMMENT_ROW,
                place, STR(""), STR(""), STR(""));
    return true;
}

static void row_read(struct building *building, const struct xls_row *row)
{
    struct xls *xls = building->xls;
    struct str text = xls_cell_of(xls, &xls->survey, row, XLS_CELL_TYPE);
    struct group_words words = {0};
    struct xls_node *node;
    bool is_group;

    if (row_skipped(xls, row))
        return;
    is_group = group_read(xls, text, &words);
    if (is_group && words.end) {
        group_end(building, row, &words);
        return;
    }
    node = xls_node_new(xls, parent_of(building), NULL, STR(""), row->number);
    if (!node)
        return;
    attributes(xls, node, row);
    if (is_group) {
        name_row(xls, node);
        group_begin(building, node, &words);
        return;
    }
    if (!xls_type_of(xls, node, text) && !node->type)
        node->type = xls_type_named("text");
    name_row(xls, node);
    table_labels(building, node);
    other_add(xls, node);
}

void xls_survey(struct xls *xls)
{
    const struct xls_table *table = xls->survey.table;
    struct building building = {.xls = xls};

    if (table->rows > XLS_ROWS_MAX) {
        xls_problem(xls, XLS_TOO_MANY,
                    (struct xls_place){"survey", XLS_ROWS_MAX, STR("")},
                    STR(""), STR(""), STR(""));
        return;
    }
    for (size_t i = 1; i < table->rows && !arena_failed(xls->arena); i++)
        row_read(&building, &table->row[i]);
    while (building.depth > 0) {
        const struct xls_node *open = building.open[--building.depth];

        xls_node_problem(xls, XLS_SURVEY_002, open, "type",
                         str_of(open->type->name), open->name);
    }
    if (!xls->top.child && table->rows <= 1)
        xls_problem(xls, XLS_NO_QUESTIONS,
                    (struct xls_place){"survey", 2, STR("")}, STR(""), STR(""),
                    STR(""));
}
