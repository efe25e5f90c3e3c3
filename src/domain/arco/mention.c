/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mention.c - where her name may stand in what was written about others: it is
 * looked for before she is erased, while it is still known, and somebody reads
 * those places and takes it out. Nothing is changed here: a program cannot
 * tell whose Maria it is.
 */
#include "core/date.h"
#include "core/utf8.h"
#include "domain/access/decide.h"
#include "domain/arco/erase_private.h"
#include "domain/proof/seen.h"
#include "domain/person/words.h"

enum { PAGE_ROWS = 500, WORDS_MOST = 24, WORD_LEAST = 3 };

struct mentions {
    struct erasing erasing;
    struct str word[WORDS_MOST]; /* of her names, folded, each once */
    size_t words;
    struct arena *page; /* of some rows at a time */
    struct value *list;
    size_t read, closed;
    bool more;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* The next word of a folded text; false: no more. */
static bool next_word(struct str *rest, struct str *word)
{
    size_t start = 0, end;

    while (start < rest->size && !is_letter(rest->at[start]))
        start++;
    for (end = start; end < rest->size && is_letter(rest->at[end]); end++)
        ;
    *word = str_slice(*rest, start, end);
    *rest = str_slice(*rest, end, rest->size);
    return word->size > 0;
}

static void add_words(struct mentions *mentions, struct str text)
{
    struct str rest = utf8_fold(mentions->erasing.task->arena, text, false);
    struct str word;

    while (next_word(&rest, &word)) {
        bool known = word.size < WORD_LEAST || mentions->words == WORDS_MOST;

        for (size_t i = 0; i < mentions->words && !known; i++)
            known = str_equal(mentions->word[i], word);
        if (!known)
            mentions->word[mentions->words++] = word;
    }
}

static enum error her_words(struct mentions *mentions, struct err *err)
{
    static const char *const key[] = {"given_names", "first_surname",
                                      "second_surname", "alias"};
    struct task *task = mentions->erasing.task;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < mentions->erasing.files && !error; i++) {
        struct record record = {0};

        error =
            record_read(&task->office->log, task->db, STR("person"),
                        mentions->erasing.file[i], task->arena, &record, err);
        for (size_t k = 0; k < sizeof key / sizeof *key && !error; k++)
            add_words(mentions, value_text_of(record.answers, key[k]));
    }
    return error;
}

/* Two words of her name in one answer; of who has one word only, that one. */
static bool text_names(const struct mentions *mentions, struct str text)
{
    struct str rest = utf8_fold(mentions->page, text, false), word;
    uint32_t found = 0, bit;
    size_t count = 0, want = mentions->words > 1 ? 2 : 1;

    while (count < want && next_word(&rest, &word))
        for (size_t i = 0; i < mentions->words; i++) {
            bit = (uint32_t)1 << i;
            if (!(found & bit) && str_equal(mentions->word[i], word)) {
                found |= bit;
                count++;
            }
        }
    return count >= want;
}

static bool value_names(const struct mentions *mentions,
                        const struct value *value)
{
    bool names = value_type(value) == VALUE_STRING &&
                 text_names(mentions, value_text(value));

    if (value_type(value) == VALUE_LIST || value_type(value) == VALUE_OBJECT)
        for (size_t i = 0; i < value_count(value) && !names; i++)
            names = value_names(mentions, value_at(value, i));
    return names;
}

static bool is_hers(const struct mentions *mentions,
                    const struct record *record)
{
    const struct erasing *erasing = &mentions->erasing;

    if (erasing_is_hers(erasing, record->subject))
        return true;
    for (size_t i = 0; i < erasing->items; i++)
        if (str_equal(erasing->item[i].id, record->id))
            return true;
    for (size_t i = 0; i < erasing->groups; i++)
        if (str_equal(erasing->group[i], record->id))
            return true;
    return false;
}

static void look_at(struct mentions *mentions, const struct form *form,
                    const struct record *record)
{
    struct task *task = mentions->erasing.task;
    struct value *item;

    mentions->read++;
    if (is_hers(mentions, record) || !value_names(mentions, record->answers))
        return;
    if (!decide_read(task, record)) {
        mentions->closed++;
        return;
    }
    if (value_count(mentions->list) == MENTIONS_MOST) {
        mentions->more = true;
        return;
    }
    item = value_object(task->arena);
    value_put_str(item, task->arena, "kind", form->name);
    value_put_str(item, task->arena, "id", str_copy(task->arena, record->id));
    value_put_str(item, task->arena, "label",
                  texts_in(form, form->title, task->language));
    value_put_str(item, task->arena, "on",
                  str_slice(instant_text(task->arena, record->created), 0, 10));
    value_add(mentions->list, task->arena, item);
}

static enum error look_in(struct mentions *mentions, const struct form *form,
                          struct err *err)
{
    struct task *task = mentions->erasing.task;
    char last[64] = "";
    size_t count = PAGE_ROWS;
    enum error error = ERROR_NONE;

    while (!error && count == PAGE_ROWS && !mentions->more) {
        struct db_value after = {.type = 't', .t = str_of(last)};
        struct record_filter filter = {.kind = form->name,
                                       .where = "_id > $3",
                                       .value = &after,
                                       .value_count = 1,
                                       .order = "_id",
                                       .limit = PAGE_ROWS};
        struct record *record = NULL;

        arena_clear(mentions->page);
        error = record_list(&task->office->log, task->db, &filter, true,
                            mentions->page, &record, &count, err);
        for (size_t i = 0; !error && i < count; i++)
            look_at(mentions, form, &record[i]);
        if (!error && count)
            snprintf(last, sizeof last, "%.*s", STR_ARGS(record[count - 1].id));
        mentions->more = mentions->more || mentions->read > MENTIONS_READ;
    }
    return error;
}

/* About the house itself: accounts, rules, what left it. */
static bool is_of_people(struct str kind)
{
    return !words_have(STR("user policy_change export import_batch erasure "
                           "retention_run"),
                       kind);
}

static enum error look_everywhere(struct mentions *mentions, struct err *err)
{
    struct task *task = mentions->erasing.task;
    const struct form **form = NULL;
    size_t count = forms_list(task->office->forms, task->arena, &form);
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < count && !error && mentions->words; i++)
        if (is_of_people(form[i]->name))
            error = look_in(mentions, form[i], err);
    return error;
}

enum error erase_mentions(struct task *task, struct str person,
                          struct value **view, struct err *err)
{
    struct arena page;
    struct mentions mentions = {.erasing = {.task = task, .person = person},
                                .page = &page,
                                .list = value_list(task->arena)};
    struct value *out = value_object(task->arena);
    enum error error = erasing_find(&mentions.erasing, err);

    if (!error)
        error = her_words(&mentions, err);
    arena_init(&page, NULL);
    if (!error)
        error = look_everywhere(&mentions, err);
    arena_release(&page);
    if (!error)
        error = seen_lookup(task, STR("erase:mentions"),
                            (int64_t)value_count(mentions.list) + 1, err);
    if (error)
        return error;
    value_put_int(out, task->arena, "closed", (int64_t)mentions.closed);
    value_put_bool(out, task->arena, "any_closed", mentions.closed > 0);
    value_put_bool(out, task->arena, "more", mentions.more);
    value_put_bool(out, task->arena, "any", value_count(mentions.list) > 0);
    value_put(out, task->arena, "found", mentions.list);
    *view = out;
    return ERROR_NONE;
}
