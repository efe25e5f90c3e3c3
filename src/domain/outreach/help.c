/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* help.c - what a stranger does: writes, comes back, writes again, answers
 * whether a file may be opened, deletes everything.
 */
#include "core/date.h"
#include "core/keeper.h"
#include "core/utf8.h"
#include "domain/outreach/help_private.h"
#include "domain/person/words.h"

enum { TURNS = 4, FOR_GOOD = 36500 };

/* --- small things --- */

struct task help_guest(const struct task *task)
{
    struct task guest = *task;

    guest.actor = (struct actor){.id = STR("guest")};
    return guest;
}

bool help_state_is(const struct record *record, const char *state)
{
    return str_equal_c(value_text_of(record->answers, "state"), state);
}

struct str help_more_urgent(struct str a, struct str b)
{
    if (!a.size || !b.size)
        return a.size ? a : b;
    return str_compare(a, b) <= 0 ? a : b;
}

/* Is a phrase there, where a word begins? */
static bool says(struct str plain, struct str phrase)
{
    size_t from = 0, at;

    while ((at = str_find(str_slice(plain, from, plain.size), phrase)) !=
           SIZE_MAX) {
        at += from;
        if (at == 0 || plain.at[at - 1] == ' ')
            return true;
        from = at + 1;
    }
    return false;
}

struct str help_urgency_of(const struct task *task, struct str text,
                           struct str needs)
{
    const struct catalog *catalog = task->office->catalog;
    const struct catalog_table *table = catalog_table(catalog, "help_urgency");
    struct str plain = help_plain(task->arena, text), worst = STR("U3"), need;

    for (size_t i = 0; table && i < table->rows; i++) {
        struct str rest = catalog_cell(table, i, "words"), phrase;

        while (str_cut(&rest, ';', &phrase)) {
            phrase = help_plain(task->arena, phrase);
            if (phrase.size && says(plain, phrase))
                worst =
                    help_more_urgent(worst, catalog_cell(table, i, "urgency"));
        }
    }
    table = catalog_table(catalog, "help_need");
    while (table && words_next(&needs, &need))
        worst = help_more_urgent(
            worst, catalog_cell(table, catalog_find(table, need), "urgency"));
    return worst;
}

/* The codes that there are. */
static struct str known_codes(const struct task *task, const char *name,
                              struct str codes)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, name);
    struct str known = STR(""), code;

    while (words_next(&codes, &code))
        if (table && catalog_find(table, code) != SIZE_MAX)
            known = words_union(task->arena, known, code);
    return known;
}

enum error help_read(struct task *task, struct str request,
                     struct record *record, struct err *err)
{
    enum error error =
        record_read(&task->office->log, task->db, STR("help_request"), request,
                    task->arena, record, err);

    if (!error && str_equal_c(record->state, "erased"))
        error = err_set(err, ERROR_NOT_FOUND, N_("No se encontró el registro."),
                        NULL, NULL, NULL);
    return error;
}

/* --- saving --- */

static enum error add_message(struct task *task, struct change *change,
                              struct str request, struct str text,
                              struct str entry, bool hers, struct err *err)
{
    struct arena *arena = task->arena;
    struct value *answers = value_object(arena);
    struct save save = {.kind = STR("help_message"),
                        .input = answers,
                        .create = true,
                        .trusted = true};
    struct saved saved = {0};

    save.id = entry.size ? task_uuid(task, STR("help message"), entry)
                         : host_uuid(task->office->host, arena);
    if (entry.size)
        save.entry = task_uuid(task, STR("help message entry"), entry);
    value_put_str(answers, arena, "request", request);
    value_put_text(answers, arena, "from", hers ? "persona" : "casa");
    value_put_str(answers, arena, "text", text);
    value_put_str(answers, arena, "written_at", instant_text(arena, task->now));
    if (!hers)
        value_put_str(answers, arena, "author", task->actor.id);
    return record_prepare(task, change, &save, &saved, err);
}

/* Sent twice: the message is there already. */
static enum error is_there(struct task *task, struct str entry, bool *there,
                           struct err *err)
{
    int64_t one;

    *there = false;
    if (!entry.size)
        return ERROR_NONE;
    return db_get_int(task->db, &one, there, err,
                      "SELECT 1 FROM entry WHERE entry.site = $1"
                      " AND entry.id = $2",
                      "tt", task->office->log.site,
                      task_uuid(task, STR("help message entry"), entry));
}

enum error help_save(struct task *task, const struct record *record,
                     const struct value *fields, struct str text,
                     struct str entry, bool hers, struct err *err)
{
    struct save save = {.kind = STR("help_request"),
                        .id = record->id,
                        .input = fields,
                        .trusted = true};
    struct saved saved = {0};
    struct change change;
    bool there = false;
    enum error error = ERROR_NONE;

    change_init(&change, task);
    if (text.size)
        error = is_there(task, entry, &there, err);
    if (error || there)
        return error;
    if (text.size)
        error = add_message(task, &change, record->id, text, entry, hers, err);
    if (!error && fields)
        error = record_prepare(task, &change, &save, &saved, err);
    return error ? error : change_commit(&change, NULL, err);
}

/* --- a new request --- */

struct naming {
    struct str site, name, request;
};

static enum error keep_name(struct db *db, void *context, struct err *err)
{
    const struct naming *naming = context;

    return db_run(db, NULL, err,
                  "INSERT INTO help_code (site, name, request)"
                  " VALUES ($1, $2, $3)",
                  "ttt", naming->site, naming->name, naming->request);
}

static enum error named(struct task *task, struct str name, struct str *request,
                        bool *found, struct err *err)
{
    return db_get_text(task->db, task->arena, request, found, err,
                       "SELECT help_code.request FROM help_code"
                       " WHERE help_code.site = $1 AND help_code.name = $2",
                       "tt", task->office->log.site, name);
}

/* A code word that is nobody's yet, or that this very form was given. */
static enum error find_code(struct task *task, const struct help_wish *wish,
                            struct str request, struct naming *naming,
                            struct help_told *told, bool *again,
                            struct err *err)
{
    enum error error = ERROR_NONE;

    for (int turn = 0; turn < TURNS && !error; turn++) {
        struct str whose = STR(""), code;
        bool found = false;

        code = help_code_make(task, wish->word, wish->entry, turn);
        naming->name = help_code_name(task, code);
        if (!naming->name.size)
            return err_memory(err);
        error = named(task, naming->name, &whose, &found, err);
        *again = found && str_equal(whose, request);
        told->code = code;
        if (!found || *again)
            return error;
    }
    return error ? error : err_memory(err);
}

static enum help_trouble check_contact(const struct help_wish *wish)
{
    size_t digits = 0;

    if (!wish->answer_by.size || str_equal_c(wish->answer_by, "codigo"))
        return HELP_FINE;
    for (size_t i = 0; i < wish->phone.size; i++) {
        char c = wish->phone.at[i];

        if (c >= '0' && c <= '9')
            digits++;
        else if (!(c == '+' && i == 0) && (!strchr(" ().-", c) || i == 0))
            return HELP_PHONE;
    }
    if (digits < 7 || wish->phone.size > 19)
        return HELP_PHONE;
    return words_have(STR("yes only_channel no"), wish->safe) ? HELP_FINE
                                                              : HELP_SAFE;
}

static enum help_trouble check_text(struct str text)
{
    if (!text.size)
        return HELP_EMPTY;
    return utf8_length(text) > HELP_TEXT_MAX ? HELP_LONG : HELP_FINE;
}

/* Where it is not safe to call, the number is not kept. */
static bool may_call(const struct help_wish *wish)
{
    return words_have(STR("telefono whatsapp"), wish->answer_by) &&
           !str_equal_c(wish->safe, "no");
}

static struct str cut(struct str text, size_t letters)
{
    size_t at = 0;

    while (at < text.size && letters--)
        utf8_next(text, &at);
    return str_slice(text, 0, at);
}

static struct value *first_answers(const struct task *task,
                                   const struct help_wish *wish)
{
    struct arena *arena = task->arena;
    struct value *answers = value_object(arena);
    struct str needs = known_codes(task, "help_need", wish->needs);
    struct str now = instant_text(arena, task->now);
    bool call = may_call(wish);

    value_put_str(answers, arena, "needs", needs);
    value_put_str(answers, arena, "admin1",
                  str_starts(wish->admin1, STR("MX-"))
                      ? known_codes(task, "admin1", wish->admin1)
                      : STR(""));
    value_put_str(answers, arena, "municipality", cut(wish->municipality, 80));
    value_put_str(answers, arena, "answer_by",
                  call ? wish->answer_by : STR("codigo"));
    if (call) {
        value_put_str(answers, arena, "phone", wish->phone);
        value_put_str(answers, arena, "safe_to_contact", wish->safe);
        value_put_str(answers, arena, "contact_how",
                      cut(wish->contact_how, 200));
    }
    value_put_str(answers, arena, "tongue",
                  words_have(STR("es en fr pt ht"), task->language)
                      ? task->language
                      : STR("es"));
    value_put_str(answers, arena, "urgency",
                  help_urgency_of(task, wish->text, needs));
    value_put_text(answers, arena, "state", "nueva");
    value_put_str(answers, arena, "written_at", now);
    value_put_str(answers, arena, "waiting_since", now);
    value_put_str(answers, arena, "last_at", now);
    value_put_int(answers, arena, "messages", 1);
    return answers;
}

static enum error write_new(struct task *task, const struct help_wish *wish,
                            struct str request, struct naming *naming,
                            struct err *err)
{
    struct save save = {.kind = STR("help_request"),
                        .id = request,
                        .entry =
                            task_uuid(task, STR("help entry"), wish->entry),
                        .input = first_answers(task, wish),
                        .create = true,
                        .trusted = true};
    struct saved saved = {0};
    struct change change;
    enum error error;

    change_init(&change, task);
    error = record_prepare(task, &change, &save, &saved, err);
    if (!error && !saved.repeated)
        error = add_message(task, &change, request, wish->text, wish->entry,
                            true, err);
    if (error)
        return error;
    change_then(&change, keep_name, naming);
    return change_commit(&change, NULL, err);
}

static enum help_trouble check_wish(struct task *task,
                                    const struct help_wish *wish)
{
    enum help_trouble trouble = check_text(wish->text);

    if (trouble == HELP_FINE)
        trouble = check_contact(wish);
    if (trouble == HELP_FINE)
        trouble = help_word_check(task, wish->word);
    return trouble;
}

enum error help_write(struct task *task, const struct help_wish *wish,
                      struct help_told *told, struct err *err)
{
    struct task guest = help_guest(task);
    const struct host *host = task->office->host;
    struct naming naming = {.site = task->office->log.site};
    struct record standing;
    struct err ignored = {0};
    bool again = false;
    enum error error;

    *told = (struct help_told){0};
    told->trouble = help_open(task) ? check_wish(task, wish) : HELP_CLOSED;
    if (told->trouble != HELP_FINE)
        return ERROR_NONE;
    told->seconds = help_limit_take(task->office->help, host, HELP_ACT_WRITE,
                                    wish->address, task->now);
    if (told->seconds) {
        told->trouble = HELP_WAIT;
        return ERROR_NONE;
    }
    naming.request = task_uuid(task, STR("help request"), wish->entry);
    told->request = naming.request;
    error = find_code(&guest, wish, naming.request, &naming, told, &again, err);
    if (error || again)
        return error;
    if (record_read(&task->office->log, task->db, STR("help_request"),
                    naming.request, task->arena, &standing,
                    &ignored) == ERROR_NONE) {
        told->trouble = HELP_OTHER_WORD;
        told->code = STR("");
        return ERROR_NONE;
    }
    return write_new(&guest, wish, naming.request, &naming, err);
}

/* --- coming back --- */

static bool waits(struct task *task, enum help_act act, struct str address,
                  struct help_told *told)
{
    told->seconds = help_limit_take(task->office->help, task->office->host, act,
                                    address, task->now);
    if (told->seconds)
        told->trouble = HELP_WAIT;
    return told->seconds > 0;
}

enum error help_come_back(struct task *task, struct str code,
                          struct str address, struct help_told *told,
                          struct err *err)
{
    const struct host *host = task->office->host;
    struct str name;
    bool found = false;
    enum error error;

    *told = (struct help_told){.trouble = HELP_NOBODY};
    if (!help_open(task)) {
        told->trouble = HELP_CLOSED;
        return ERROR_NONE;
    }
    if (waits(task, HELP_ACT_OPEN, address, told) ||
        waits(task, HELP_ACT_GUESS, address, told))
        return ERROR_NONE;
    name = help_code_name(task, code);
    if (!name.size)
        return ERROR_NONE;
    error = named(task, name, &told->request, &found, err);
    if (error || !found)
        return error;
    told->trouble = HELP_FINE;
    help_limit_give_back(task->office->help, host, HELP_ACT_GUESS, address);
    return ERROR_NONE;
}

enum error help_add(struct task *task, struct str request, struct str text,
                    struct str entry, enum help_trouble *trouble,
                    struct err *err)
{
    struct task guest = help_guest(task);
    struct arena *arena = task->arena;
    struct value *fields = value_object(arena);
    struct str now = instant_text(arena, task->now);
    struct record record;
    int64_t messages;
    enum error error = help_read(task, request, &record, err);

    if (error)
        return error;
    *trouble = check_text(text);
    messages = value_to_int(value_get(record.answers, "messages"), 0);
    if (!messages)
        str_to_int(value_text_of(record.answers, "messages"), &messages);
    if (*trouble == HELP_FINE && messages >= HELP_MESSAGES_MAX)
        *trouble = HELP_FULL;
    if (*trouble == HELP_FINE &&
        help_limit_take(task->office->help, task->office->host, HELP_ACT_ADD,
                        request, task->now))
        *trouble = HELP_WAIT;
    if (*trouble != HELP_FINE)
        return ERROR_NONE;
    if (help_state_is(&record, "contestada") ||
        help_state_is(&record, "cerrada"))
        value_put_text(fields, arena, "state",
                       value_text_of(record.answers, "taken_by").size
                           ? "tomada"
                           : "nueva");
    if (!value_text_of(record.answers, "waiting_since").size)
        value_put_str(fields, arena, "waiting_since", now);
    value_put_str(fields, arena, "last_at", now);
    value_put_int(fields, arena, "messages", messages + 1);
    value_put_str(fields, arena, "urgency",
                  help_more_urgent(value_text_of(record.answers, "urgency"),
                                   help_urgency_of(task, text, STR(""))));
    return help_save(&guest, &record, fields, text, entry, true, err);
}

enum error help_consent(struct task *task, struct str request, bool yes,
                        struct err *err)
{
    struct task guest = help_guest(task);
    struct arena *arena = task->arena;
    struct value *fields = value_object(arena);
    struct str now = instant_text(arena, task->now);
    struct record record;
    enum error error = help_read(task, request, &record, err);

    if (error)
        return error;
    if (!value_text_of(record.answers, "asked_at").size ||
        help_state_is(&record, "expediente"))
        return err_set(err, ERROR_CONFLICT,
                       N_("Eso ya no se puede cambiar aquí."), NULL, NULL,
                       NULL);
    value_put_text(fields, arena, "consent", yes ? "yes" : "no");
    value_put_text(fields, arena, "consent_how", "pagina");
    value_put_str(fields, arena, "consent_why", STR(""));
    value_put_str(fields, arena, "consent_by", STR(""));
    value_put_str(fields, arena, "last_at", now);
    if (!value_text_of(record.answers, "waiting_since").size)
        value_put_str(fields, arena, "waiting_since", now);
    if (help_state_is(&record, "contestada"))
        value_put_text(fields, arena, "state", "tomada");
    return help_save(&guest, &record, fields, STR(""), STR(""), true, err);
}

/* --- erasing --- */

static enum error drop_name(struct db *db, void *context, struct err *err)
{
    const struct naming *naming = context;

    return db_run(db, NULL, err,
                  "DELETE FROM help_code WHERE site = $1 AND request = $2",
                  "tt", naming->site, naming->request);
}

void help_drop_name(struct change *change, struct str request)
{
    struct task *task = change->task;
    struct naming *naming = ARENA_NEW(task->arena, struct naming);

    if (!naming)
        return; /* the arena has failed: the commit will say so */
    *naming =
        (struct naming){.site = task->office->log.site, .request = request};
    change_also(change, drop_name, naming);
}

struct going {
    const struct task *task;
    struct str request;
};

/* A restored backup is swept of it when its days are over; until then the keys
 * know. What cannot be noted is not erased, and she is told. */
static enum error note_gone(struct db *db, void *context, struct err *err)
{
    const struct going *going = context;
    int64_t today = task_day(going->task), days = help_days(going->task);

    (void)db;
    return keys_gone_add(going->task->office->keeper, going->request, today,
                         today + (days ? days + 1 : FOR_GOOD), err);
}

/* Its messages were said under its key: they go with it (log_append). */
static enum error erase_as(struct task *task, struct str request, bool noted,
                           struct err *err)
{
    struct going going = {task, request};
    struct record record;
    struct change change;
    enum error error = help_read(task, request, &record, err);

    if (error)
        return error;
    change_init(&change, task);
    change_add(&change, STR("help_request"), request, OP_ERASE, NULL, request);
    help_drop_name(&change, request);
    if (noted)
        change_also(&change, note_gone, &going);
    return change_commit(&change, NULL, err);
}

enum error help_erase(struct task *task, struct str request, struct err *err)
{
    struct task guest = help_guest(task);

    return erase_as(&guest, request, true, err);
}

/* --- when nobody comes back --- */

int64_t help_days(const struct task *task)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "retention");
    int64_t days = 0;

    for (size_t i = 0; table && i < table->rows; i++)
        if (str_equal_c(catalog_cell(table, i, "when"), "help") &&
            str_to_int(catalog_cell(table, i, "days"), &days) && days > 0)
            return days;
    return 0;
}

enum error help_sweep(struct task *task, size_t *erased, struct err *err)
{
    enum { AT_ONCE = 50 };
    int64_t days = help_days(task);
    struct db_value before = {.type = 'i', .i = task->now - days * 86400000LL};
    struct record_filter filter = {.kind = STR("help_request"),
                                   .where = "{last_at} < $3",
                                   .value = &before,
                                   .value_count = 1,
                                   .order = "{last_at}, _id",
                                   .limit = AT_ONCE};
    struct task program = *task;
    struct record *record = NULL;
    size_t count = 0;
    enum error error = ERROR_NONE;

    *erased = 0;
    task_as_system(&program);
    if (days)
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
    for (size_t i = 0; i < count && !error; i++) {
        error = erase_as(&program, record[i].id, false, err);
        *erased += !error;
    }
    return error;
}
