/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_form.c - the sheet as a whole: groups and their questions in order,
 * repeats as tables or blocks, the head and the foot of every page, the box
 * where points are added up, the lists of the annex.
 */
#include "web/paper/paper_private.h"

#include "web/page.h"

enum {
    TABLE_COLUMNS_MAX = 5,
    TABLE_ROWS = 6,
    BLOCKS = 3,
    GROUP_SHORT = 8 /* rows of a group that should stay on one page */
};

static struct value *question_item(struct papering *papering,
                                   const struct question *question, bool first);

static void put(const struct papering *papering, struct value *item,
                const char *name, struct str text)
{
    if (text.size)
        value_put_str(item, papering->arena, name, text);
}

static void put_absent(const struct papering *papering, struct value *item)
{
    static const char *const names[] = {
        "number",  "key",     "label", "hint",  "when",    "required",
        "reasons", "note",    "boxes", "lines", "choices", "range",
        "row",     "columns", "below", "annex", "point",   "photo",
        "sign",    "tick",    "rank",  "most",  "heading", "repeat",
        "table",   "blocks",  "more"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        value_put_bool(item, papering->arena, names[i], false);
}

static bool always_required(const struct question *question)
{
    struct str text = value_text_of(question->extra, "required");

    return question->required &&
           (text.size == 0 || str_equal_c(text, "yes") ||
            str_equal_c(text, "true()") || str_equal_c(text, "true"));
}

static void put_texts(struct papering *papering, struct value *item,
                      const struct question *question)
{
    struct str label = paper_text(papering, question->label);

    put(papering, item, "label", label.size ? label : question->name);
    put(papering, item, "hint", paper_text(papering, question->hint));
    put(papering, item, "when", paper_condition(papering, question));
}

/* --- a repeat ------------------------------------------------------------ */

static bool fits_cell(const struct question *question)
{
    switch (question->type) {
    case QUESTION_NOTE:
    case QUESTION_GROUP:
    case QUESTION_REPEAT:
    case QUESTION_GEOPOINT:
    case QUESTION_IMAGE:
    case QUESTION_RANK:
        return false;
    case QUESTION_SELECT_MULTIPLE:
        return paper_in_annex(question) ||
               (question->choices && question->choices->count <= 4);
    case QUESTION_SELECT_ONE:
        return paper_in_annex(question) ||
               (question->choices && question->choices->count <= 6);
    default:
        return true;
    }
}

static bool fits_table(const struct question *repeat)
{
    size_t columns = 0;

    for (const struct question *child = repeat->child; child;
         child = child->next) {
        if (child->type != QUESTION_NOTE && !paper_asks(child))
            continue;
        if (!fits_cell(child) || child->relevant ||
            ++columns > TABLE_COLUMNS_MAX)
            return false;
    }
    return true;
}

static void put_table(struct papering *papering, struct value *item,
                      const struct question *repeat)
{
    struct arena *arena = papering->arena;
    struct value *table = value_object(arena), *heads = value_list(arena);
    struct value *rows = value_list(arena);

    for (const struct question *child = repeat->child; child;
         child = child->next)
        if (paper_asks(child))
            value_add(heads, arena, question_item(papering, child, true));
    for (int i = 0; i < TABLE_ROWS; i++) {
        struct value *row = value_object(arena);

        value_put_int(row, arena, "row_number", i + 1);
        value_add(rows, arena, row);
    }
    value_put(table, arena, "heads", heads);
    value_put(table, arena, "rows", rows);
    value_put(item, arena, "table", table);
}

static void add_children(struct papering *papering, struct value *list,
                         const struct question *first, bool once);

static void put_blocks(struct papering *papering, struct value *item,
                       const struct question *repeat, bool first)
{
    struct arena *arena = papering->arena;
    struct value *list = value_list(arena);

    for (int i = 0; i < BLOCKS; i++) {
        struct value *block = value_object(arena);
        struct value *questions = value_list(arena);

        value_put_int(block, arena, "block_number", i + 1);
        add_children(papering, questions, repeat->child, first && i == 0);
        value_put(block, arena, "questions", questions);
        value_add(list, arena, block);
    }
    value_put(item, arena, "blocks", list);
}

/* --- a question ---------------------------------------------------------- */

/* once: the first time that it stands on the sheet. */
static struct value *question_item(struct papering *papering,
                                   const struct question *question, bool once)
{
    struct arena *arena = papering->arena;
    struct value *item = value_object(arena);

    put_absent(papering, item);
    put_texts(papering, item, question);
    if (question->type == QUESTION_NOTE) {
        value_put_bool(item, arena, "note", true);
        return item;
    }
    if (question->type == QUESTION_GROUP) {
        value_put_bool(item, arena, "heading", true);
        return item;
    }
    if (question->type == QUESTION_REPEAT) {
        value_put_bool(item, arena, "repeat", true);
        value_put_bool(item, arena, "below", true);
        if (fits_table(question))
            put_table(papering, item, question);
        else
            put_blocks(papering, item, question, once);
        return item;
    }
    value_put_int(item, arena, "number",
                  (int64_t)papering->number[question->index]);
    if (once)
        value_put_str(item, arena, "key", question->key);
    value_put_bool(item, arena, "required", always_required(question));
    value_put_bool(item, arena, "reasons", true);
    put(papering, item, "most", points_most(papering, question));
    if (question->hint.text == NULL && str_equal_c(question->ref, "person"))
        put(papering, item, "hint",
            paper_say(papering, N_("Escriba su código o su nombre "
                                   "completo.")));
    paper_answer(papering, item, question);
    return item;
}

static bool anything(const struct question *question)
{
    if (question->type != QUESTION_GROUP && question->type != QUESTION_REPEAT)
        return question->type == QUESTION_NOTE || paper_asks(question);
    for (const struct question *child = question->child; child;
         child = child->next)
        if (anything(child))
            return true;
    return false;
}

static void add_children(struct papering *papering, struct value *list,
                         const struct question *first, bool once)
{
    for (const struct question *child = first; child; child = child->next) {
        if (!anything(child))
            continue;
        if (child->type != QUESTION_GROUP) {
            value_add(list, papering->arena,
                      question_item(papering, child, once));
            continue;
        }
        if (child->label.text || child->relevant)
            value_add(list, papering->arena,
                      question_item(papering, child, once));
        add_children(papering, list, child->child, once);
    }
}

/* --- groups -------------------------------------------------------------- */

/* How high a group is, in questions of one line. */
static size_t rows_of(const struct value *questions)
{
    size_t rows = 0;

    for (size_t i = 0; i < value_count(questions); i++) {
        const struct value *item = value_at(questions, i);

        rows += 1 + value_count(value_get(item, "lines")) +
                value_count(value_get(item, "choices")) / 4;
        if (value_to_bool(value_get(item, "repeat"), false))
            rows += GROUP_SHORT;
    }
    return rows;
}

static void add_group(struct papering *papering, struct value *groups,
                      struct value *item, struct value *questions)
{
    if (value_count(questions) == 0)
        return;
    value_put(item, papering->arena, "questions", questions);
    value_put_bool(item, papering->arena, "short",
                   rows_of(questions) <= GROUP_SHORT);
    value_add(groups, papering->arena, item);
}

/* Questions that stand in no group make one without a name. */
static struct value *groups_of(struct papering *papering)
{
    struct arena *arena = papering->arena;
    struct value *groups = value_list(arena);
    struct value *loose = value_list(arena), *item;

    for (const struct question *child = papering->form->first; child;
         child = child->next) {
        if (!anything(child))
            continue;
        if (child->type != QUESTION_GROUP) {
            value_add(loose, arena, question_item(papering, child, true));
            continue;
        }
        item = value_object(arena);
        put_absent(papering, item);
        add_group(papering, groups, item, loose);
        loose = value_list(arena);
        item = value_object(arena);
        put_absent(papering, item);
        put_texts(papering, item, child);
        add_children(papering, loose, child->child, true);
        add_group(papering, groups, item, loose);
        loose = value_list(arena);
    }
    item = value_object(arena);
    put_absent(papering, item);
    add_group(papering, groups, item, loose);
    return groups;
}

/* --- the annex ----------------------------------------------------------- */

/* Short codes are written; others have a number here. */
static struct value *annex_of(const struct papering *papering, size_t at)
{
    struct arena *arena = papering->arena;
    const struct choice_list *list = papering->annex[at];
    struct value *annex = value_object(arena), *items = value_list(arena);
    bool coded = true;

    for (size_t i = 0; i < list->count; i++)
        coded = coded && list->choice[i].name.size <= 5;
    for (size_t i = 0; i < list->count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "code",
                      coded ? list->choice[i].name
                            : str_format(arena, "%zu", i + 1));
        value_put_str(item, arena, "label",
                      choice_label(papering, &list->choice[i]));
        value_add(items, arena, item);
    }
    value_put_int(annex, arena, "letter", (int64_t)at + 1);
    value_put_str(annex, arena, "used", papering->annex_used[at]);
    value_put(annex, arena, "items", items);
    return annex;
}

/* --- the sheet ----------------------------------------------------------- */

struct str paper_code(const struct paper *paper)
{
    unsigned char hash[32];
    struct buf out;

    paper->host->hash(paper->host->context, &paper->form->source, 1, hash);
    buf_init(&out, paper->arena);
    buf_put(&out, paper->form->name);
    buf_puts(&out, " · ");
    buf_put(&out, paper->form->version);
    buf_puts(&out, " · ");
    buf_put_hex(&out, hash, 2);
    return buf_str(&out);
}

struct str paper_language(const struct form *form, struct str asked)
{
    struct str rest = asked, primary = asked;

    for (size_t i = 0; i < form->language_count; i++)
        if (str_equal(form->language[i], asked))
            return asked;
    str_cut(&rest, '-', &primary);
    for (size_t i = 0; i < form->language_count; i++)
        if (str_equal(form->language[i], primary))
            return primary;
    return form->language_count ? form->language[form->default_language]
                                : STR("");
}

static bool number_questions(struct papering *papering)
{
    const struct form *form = papering->form;
    size_t count = form->question_count + 1;

    papering->number = ARENA_ARRAY(papering->arena, size_t, count);
    papering->annex =
        ARENA_ARRAY(papering->arena, const struct choice_list *, count);
    papering->annex_used = ARENA_ARRAY(papering->arena, struct str, count);
    if (arena_failed(papering->arena))
        return false;
    for (size_t i = 0; i < form->question_count; i++)
        if (paper_asks(form->question[i]))
            papering->number[i] = ++papering->asked;
    return true;
}

static bool sensitive(const struct papering *papering)
{
    for (size_t i = 0; i < papering->form->question_count; i++)
        if (papering->number[i] &&
            (str_equal_c(papering->form->question[i]->class, "SEN") ||
             papering->form->question[i]->compartment.size))
            return true;
    return false;
}

static void put_foot(const struct paper *paper, struct value *data)
{
    struct str code = paper_code(paper);
    struct str text = paper->address;
    struct value *qr;

    if (!text.size)
        text = str_format(paper->arena, "cobijo:%.*s:%.*s",
                          STR_ARGS(paper->form->name),
                          STR_ARGS(paper->form->version));
    qr = qr_value(paper->host, paper->arena, text);
    value_put_str(data, paper->arena, "code", code);
    value_put_bool(data, paper->arena, "qr", false);
    if (qr)
        value_put(data, paper->arena, "qr", qr);
}

static bool any_of(const struct value *list, const char *name)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (value_to_bool(value_get(value_at(list, i), name), false))
            return true;
    return false;
}

struct value *paper_value(const struct paper *paper)
{
    struct papering papering = {
        .paper = paper, .arena = paper->arena, .form = paper->form};
    struct value *data = value_object(paper->arena);
    struct value *annexes = value_list(paper->arena), *boxes;
    struct str title =
        texts_in(paper->form, paper->form->title, paper->language);

    if (!number_questions(&papering))
        return data;
    papering.points = points_read(&papering);
    value_put_str(data, paper->arena, "title",
                  title.size ? title : paper->form->name);
    value_put_str(data, paper->arena, "kind", paper->form->name);
    value_put_str(data, paper->arena, "version", paper->form->version);
    value_put_str(data, paper->arena, "paper_lang", paper->language);
    value_put_bool(data, paper->arena, "site", false);
    put(&papering, data, "site", paper->site);
    value_put_bool(data, paper->arena, "sensitive", sensitive(&papering));
    value_put_int(data, paper->arena, "asked", (int64_t)papering.asked);
    value_put(data, paper->arena, "groups", groups_of(&papering));
    boxes = points_boxes(&papering);
    value_put(data, paper->arena, "scores", boxes);
    value_put_bool(data, paper->arena, "scored", value_count(boxes) > 0);
    value_put_bool(data, paper->arena, "ratios", any_of(boxes, "ratio"));
    value_put_bool(data, paper->arena, "measures", any_of(boxes, "other"));
    for (size_t i = 0; i < papering.annexes; i++)
        value_add(annexes, paper->arena, annex_of(&papering, i));
    value_put(data, paper->arena, "annexes", annexes);
    put_foot(paper, data);
    return data;
}

/* --- one file ------------------------------------------------------------ */

enum error paper_html(const struct paper *paper, struct str *html,
                      struct err *err)
{
    static const char *const names[] = {"paper", "paper_question",
                                        "paper_answer"};
    struct template_set *set =
        template_set_new(paper->arena, paper->translator);
    struct value *data = paper_value(paper);
    struct value *page = value_object(paper->arena);
    struct buf out;
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < sizeof names / sizeof names[0]; i++)
        error = template_add(
            set, str_of(names[i]),
            app_files.file(
                app_files.context,
                str_format(paper->arena, "templates/%s.html", names[i])),
            err);
    if (error)
        return error;
    value_put_str(page, paper->arena, "style",
                  app_files.file(app_files.context, STR("css/paper.css")));
    value_put_str(page, paper->arena, "lang",
                  paper->translator ? translator_language(paper->translator)
                                    : STR("es"));
    value_put_bool(page, paper->arena, "screen", false);
    value_put(data, paper->arena, "page", page);
    buf_init(&out, paper->arena);
    error =
        template_render(set, template_find(set, STR("paper")), data,
                        (struct template_options){.strict = true}, &out, err);
    if (arena_failed(paper->arena))
        return err_memory(err);
    *html = buf_str(&out);
    return error;
}
