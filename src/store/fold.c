/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fold.c - entries become a record; see fold.h for the rules.
 *
 * Per field a short list of standing cells, each with the clock it was
 * written at: what a new entry had seen falls out, the rest is merged.
 */
#include "store/fold.h"

#include <assert.h>

#include "core/clock.h"

struct cell {
    const struct value *value; /* NULL: no answer */
    struct str why;            /* the reason, when there is no answer */
    int64_t clock;
};

struct field {
    struct str key;
    const struct question *question; /* NULL: the form does not know it */
    struct cell *cell;               /* oldest first */
    size_t count, capacity;
    struct field *next;
};

struct folding {
    const struct form *form;
    struct arena *arena;
    struct field *first, **last;
    struct fold *fold;
};

int entry_compare(const struct entry *a, const struct entry *b)
{
    int order;

    if (a->clock != b->clock)
        return a->clock < b->clock ? -1 : 1;
    order = str_compare(a->node, b->node);
    return order ? order : str_compare(a->id, b->id);
}

static int compare_pointers(const void *a, const void *b)
{
    return entry_compare(*(const struct entry *const *)a,
                         *(const struct entry *const *)b);
}

/* --- cells ---------------------------------------------------------------- */

/* NULL for what is no answer; scalars become text, as answers are. */
static const struct value *normal(const struct value *value,
                                  struct arena *arena)
{
    struct str text;

    switch (value_type(value)) {
    case VALUE_NULL:
        return NULL;
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_NUMBER:
        text = value_as_text(value, arena);
        return value_string(arena, text);
    case VALUE_STRING:
        return value_text(value).size ? value : NULL;
    case VALUE_LIST:
    case VALUE_OBJECT:
        return value_count(value) ? value : NULL;
    }
    return NULL;
}

static struct cell cell_of(const struct value *body, struct str key,
                           int64_t clock, struct arena *arena)
{
    struct cell cell = {.clock = clock};

    cell.value = normal(value_get_str(body, key), arena);
    if (!cell.value)
        cell.why = value_text(value_get_str(value_get(body, "_why"), key));
    return cell;
}

static bool cell_equal(const struct cell *a, const struct cell *b)
{
    if (!a->value || !b->value)
        return !a->value && !b->value && str_equal(a->why, b->why);
    return value_equal(a->value, b->value);
}

/* --- restrict ------------------------------------------------------------- */

static bool withdraws(struct str text)
{
    static const char *const words[] = {
        "no",     "false",    "0",        "withdrawn", "revoked",  "refused",
        "denied", "retirado", "revocado", "negado",    "rechazado"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_equal_c(text, words[i]))
            return true;
    return false;
}

static bool has_choice(struct str list, struct str choice)
{
    struct str part;

    while (str_cut(&list, ' ', &part))
        if (str_equal(part, choice))
            return true;
    return false;
}

/* Choices of a that b has (or has not), in a's order. */
static void put_choices(struct buf *out, struct str a, struct str b, bool has)
{
    struct str part;

    while (str_cut(&a, ' ', &part)) {
        if (!part.size || has_choice(b, part) != has)
            continue;
        if (out->size)
            buf_putc(out, ' ');
        buf_put(out, part);
    }
}

static struct cell text_cell(struct buf *out, int64_t clock)
{
    struct cell cell = {.clock = clock};

    if (out->size)
        cell.value = value_string(out->arena, buf_str(out));
    return cell;
}

static bool is_number(enum question_type type)
{
    return type == QUESTION_INTEGER || type == QUESTION_DECIMAL ||
           type == QUESTION_RANGE;
}

static bool is_date(enum question_type type)
{
    return type == QUESTION_DATE || type == QUESTION_DATETIME ||
           type == QUESTION_TIME;
}

static struct cell restrict_cells(const struct question *question,
                                  const struct cell *old,
                                  const struct cell *new, struct arena *arena)
{
    struct str a = value_text(old->value), b = value_text(new->value);
    enum question_type type = question ? question->type : QUESTION_TEXT;
    double x = 0, y = 0;
    struct cell result = *new;
    struct buf out;

    if (!old->value)
        result = *old; /* nothing is narrower than something */
    else if (!new->value)
        result = *new;
    else if (type == QUESTION_SELECT_MULTIPLE) {
        buf_init(&out, arena);
        put_choices(&out, a, b, true);
        result = text_cell(&out, new->clock);
    } else if (withdraws(a) && !withdraws(b)) {
        result = *old;
    } else if (is_date(type) && str_compare(a, b) < 0) {
        result = *old;
    } else if (is_number(type) && str_to_double(a, &x) &&
               str_to_double(b, &y) && x < y) {
        result = *old;
    }
    result.clock = new->clock;
    return result;
}

/* --- highest -------------------------------------------------------------- */

/* Position in the list of choices; -1: not one of them. */
static long choice_rank(const struct question *question, struct str code)
{
    const struct choice_list *list = question ? question->choices : NULL;

    for (size_t i = 0; list && i < list->count; i++)
        if (str_equal(list->choice[i].name, code))
            return (long)i;
    return -1;
}

static struct cell highest_cells(const struct question *question,
                                 const struct cell *old, const struct cell *new)
{
    struct str a = value_text(old->value), b = value_text(new->value);
    enum question_type type = question ? question->type : QUESTION_TEXT;
    double x = 0, y = 0;
    struct cell result = *new;
    bool keep = false;

    if (!old->value || !new->value)
        keep = old->value != NULL;
    else if (type == QUESTION_SELECT_ONE)
        keep = choice_rank(question, a) > choice_rank(question, b);
    else if (is_date(type))
        keep = str_compare(a, b) > 0;
    else if (is_number(type))
        keep = str_to_double(a, &x) && str_to_double(b, &y) && x > y;
    if (keep)
        result = *old;
    result.clock = new->clock;
    return result;
}

/* --- append --------------------------------------------------------------- */

static bool has_line(struct str text, struct str line)
{
    struct str part;

    while (str_cut(&text, '\n', &part))
        if (str_equal(part, line))
            return true;
    return false;
}

static struct cell append_lines(struct str a, struct str b, int64_t clock,
                                struct arena *arena)
{
    struct str part;
    struct buf out;

    buf_init(&out, arena);
    buf_put(&out, a);
    while (str_cut(&b, '\n', &part)) {
        if (has_line(a, part))
            continue;
        buf_putc(&out, '\n');
        buf_put(&out, part);
    }
    return text_cell(&out, clock);
}

static bool has_item(const struct value *list, const struct value *item)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (value_equal(value_at(list, i), item))
            return true;
    return false;
}

static struct cell append_rows(const struct value *a, const struct value *b,
                               int64_t clock, struct arena *arena)
{
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(a); i++)
        value_add(list, arena, value_at(a, i));
    for (size_t i = 0; i < value_count(b); i++)
        if (!has_item(a, value_at(b, i)))
            value_add(list, arena, value_at(b, i));
    return (struct cell){.value = list, .clock = clock};
}

static struct cell append_cells(const struct question *question,
                                const struct cell *old, const struct cell *new,
                                struct arena *arena)
{
    enum question_type type = question ? question->type : QUESTION_TEXT;
    struct cell result = *new;
    struct buf out;

    if (!new->value) {
        result = *old; /* what was said stays said */
    } else if (!old->value) {
        result = *new;
    } else if (value_type(old->value) == VALUE_LIST &&
               value_type(new->value) == VALUE_LIST) {
        return append_rows(old->value, new->value, new->clock, arena);
    } else if (type == QUESTION_SELECT_MULTIPLE) {
        buf_init(&out, arena);
        buf_put(&out, value_text(old->value));
        put_choices(&out, value_text(new->value), value_text(old->value),
                    false);
        return text_cell(&out, new->clock);
    } else if (type == QUESTION_TEXT) {
        return append_lines(value_text(old->value), value_text(new->value),
                            new->clock, arena);
    }
    result.clock = new->clock;
    return result;
}

/* --- fields --------------------------------------------------------------- */

static struct field *field_of(struct folding *folding, struct str key)
{
    struct field *field;

    for (field = folding->first; field; field = field->next)
        if (str_equal(field->key, key))
            return field;
    field = ARENA_NEW(folding->arena, struct field);
    if (!field)
        return NULL;
    field->key = key;
    if (folding->form)
        field->question = form_find(folding->form, key);
    *folding->last = field;
    folding->last = &field->next;
    return field;
}

static void cell_add(struct field *field, struct cell cell, struct arena *arena)
{
    if (field->count == field->capacity) {
        size_t capacity = field->capacity ? field->capacity * 2 : 2;
        struct cell *grown =
            arena_grow(arena, field->cell, field->capacity * sizeof(cell),
                       capacity * sizeof(cell));

        if (!grown)
            return;
        field->cell = grown;
        field->capacity = capacity;
    }
    field->cell[field->count++] = cell;
}

static void field_write(struct folding *folding, struct field *field,
                        struct cell cell, int64_t base)
{
    enum merge_policy policy =
        field->question ? field->question->merge : MERGE_LAST;
    size_t kept = 0;

    for (size_t i = 0; i < field->count; i++)
        if (field->cell[i].clock > base &&
            !(policy == MERGE_KEEP_BOTH && cell_equal(&field->cell[i], &cell)))
            field->cell[kept++] = field->cell[i];
    field->count = kept;
    if (kept && policy == MERGE_RESTRICT)
        cell = restrict_cells(field->question, &field->cell[kept - 1], &cell,
                              folding->arena);
    else if (kept && policy == MERGE_HIGHEST)
        cell = highest_cells(field->question, &field->cell[kept - 1], &cell);
    else if (kept && policy == MERGE_APPEND)
        cell = append_cells(field->question, &field->cell[kept - 1], &cell,
                            folding->arena);
    if (policy != MERGE_KEEP_BOTH)
        field->count = 0;
    cell_add(field, cell, folding->arena);
}

static bool is_system(struct str key)
{
    return key.size && key.at[0] == '_';
}

/* --- entries -------------------------------------------------------------- */

static void set_state(struct fold *fold, const struct entry *entry)
{
    struct str state = value_text_of(entry->body, "_state");

    if (entry->op == OP_CLOSE)
        fold->state = STR("closed");
    else if (str_is_null(fold->state))
        fold->state = STR("open");
    if (str_equal_c(state, "open"))
        fold->state = STR("open");
    else if (str_equal_c(state, "closed"))
        fold->state = STR("closed");
}

static void set_heading(struct fold *fold, const struct entry *entry)
{
    if (str_is_null(fold->state)) {
        fold->id = entry->record;
        fold->kind = entry->kind;
        fold->author = entry->author;
        fold->created = clock_instant(entry->clock);
    }
    if (entry->subject.size)
        fold->subject = entry->subject;
    if (entry->form_version.size || !fold->version.at)
        fold->version = entry->form_version;
    fold->clock = entry->clock;
    set_state(fold, entry);
}

/* Calls back once per field that the entry touches. */
static void fields_touched(const struct entry *entry, void *context,
                           void (*touch)(void *context,
                                         const struct entry *entry,
                                         struct str key))
{
    const struct value *why = value_get(entry->body, "_why");

    for (size_t i = 0; i < value_count(entry->body); i++)
        if (!is_system(value_name_at(entry->body, i)))
            touch(context, entry, value_name_at(entry->body, i));
    for (size_t i = 0; i < value_count(why); i++)
        if (!value_get_str(entry->body, value_name_at(why, i)))
            touch(context, entry, value_name_at(why, i));
}

static void touch_folding(void *context, const struct entry *entry,
                          struct str key)
{
    struct folding *folding = context;
    struct field *field = field_of(folding, key);

    if (field)
        field_write(folding, field,
                    cell_of(entry->body, key, entry->clock, folding->arena),
                    entry->base);
}

static void clear(struct fold *fold, struct arena *arena)
{
    fold->answers = value_object(arena);
    fold->why = value_object(arena);
    fold->conflicts = value_object(arena);
}

/* How a cell is shown among conflicts: its value, or null. */
static const struct value *shown(const struct cell *cell, struct arena *arena)
{
    return cell->value ? cell->value : value_null(arena);
}

static void finish(struct folding *folding)
{
    struct fold *fold = folding->fold;
    struct arena *arena = folding->arena;

    clear(fold, arena);
    for (struct field *field = folding->first; field; field = field->next) {
        const struct cell *cell;
        struct value *list;

        if (!field->count)
            continue;
        cell = &field->cell[field->count - 1];
        if (cell->value)
            value_set(fold->answers, arena, field->key, cell->value);
        else if (cell->why.size)
            value_set(fold->why, arena, field->key,
                      value_string(arena, cell->why));
        if (field->count < 2)
            continue;
        list = value_list(arena);
        for (size_t i = 0; i < field->count; i++)
            value_add(list, arena, shown(&field->cell[i], arena));
        value_set(fold->conflicts, arena, field->key, list);
    }
}

/* What the erasing entry says may be kept (the newest one that says so), and
 * nothing else. */
static void leave_residue(struct fold *fold, const struct entry **order,
                          size_t count, struct arena *arena)
{
    const struct value *kept = NULL;

    for (size_t i = 0; i < count; i++)
        if (order[i]->op == OP_ERASE && value_count(order[i]->body))
            kept = order[i]->body;
    clear(fold, arena);
    fold->state = STR("erased");
    for (size_t i = 0; i < value_count(kept); i++)
        value_set(fold->answers, arena, value_name_at(kept, i),
                  value_at(kept, i));
}

enum error fold_entries(const struct form *form, const struct entry *entry,
                        size_t count, struct arena *arena, struct fold *fold,
                        struct err *err)
{
    const struct entry **order =
        ARENA_ARRAY(arena, const struct entry *, count + 1);
    struct folding folding = {.form = form, .arena = arena, .fold = fold};
    bool erased = false, said = false;

    if (!order)
        return err_memory(err);
    for (size_t i = 0; i < count; i++)
        order[i] = &entry[i];
    qsort(order, count, sizeof(*order), compare_pointers);
    *fold = (struct fold){0};
    folding.last = &folding.first;
    for (size_t i = 0; i < count; i++) {
        if (order[i]->op == OP_SHARE ||
            (i && str_equal(order[i]->id, order[i - 1]->id)))
            continue;
        set_heading(fold, order[i]);
        if (order[i]->op == OP_ERASE)
            erased = true;
        else if (!order[i]->erased)
            said = true;
        if (order[i]->op != OP_ERASE)
            fields_touched(order[i], &folding, touch_folding);
    }
    finish(&folding);
    if (erased || (!said && fold->state.at))
        leave_residue(fold, order, count, arena);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

/* --- the fast way --------------------------------------------------------- */

bool fold_is_next(const struct fold *fold, const struct entry *entry)
{
    return fold->state.size && !str_equal_c(fold->state, "erased") &&
           entry->clock > fold->clock && entry->base >= fold->clock &&
           (entry->op == OP_UPDATE || entry->op == OP_CLOSE);
}

struct laying {
    struct fold *fold;
    struct arena *arena;
};

static void touch_next(void *context, const struct entry *entry, struct str key)
{
    struct laying *laying = context;
    struct fold *fold = laying->fold;
    struct cell cell = cell_of(entry->body, key, entry->clock, laying->arena);

    value_remove(fold->conflicts, key);
    value_remove(fold->why, key);
    if (cell.value) {
        value_set(fold->answers, laying->arena, key, cell.value);
    } else {
        value_remove(fold->answers, key);
        if (cell.why.size)
            value_set(fold->why, laying->arena, key,
                      value_string(laying->arena, cell.why));
    }
}

void fold_next(struct fold *fold, const struct entry *entry,
               struct arena *arena)
{
    struct laying laying = {.fold = fold, .arena = arena};

    assert(fold_is_next(fold, entry));
    set_heading(fold, entry);
    fields_touched(entry, &laying, touch_next);
}
