/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report.c - anybody says that an entry is wrong. Who floods is held back by
 * counts, and leaves nothing behind that tells who it was: an address is hashed
 * with a salt that lives and ends with this process.
 */
#include "domain/directory/directory_private.h"
#include "domain/directory/upkeep.h"
#include "domain/record/record.h"

enum {
    HOUR_MS = 3600000,
    DAY_MS = 24 * HOUR_MS,
    SENDER_MOST = 5,
    HOUSE_MOST = 300,
    PLACE_MOST = 20, /* open ones; more of them say nothing new */
    TIMES_MOST = 50,
    NOTE_MOST = 500
};

/* One count in table throttle: how many in a window. */
struct counted {
    struct str site, key;
    int64_t now, window, most;
    bool refused;
};

static enum error count_change(struct db *db, void *context, struct err *err)
{
    struct counted *counted = context;
    struct rows rows;
    int64_t failures = 0, until = 0;
    enum error error;

    db_query(db, &rows, err,
             "SELECT throttle.failures, throttle.until FROM throttle"
             " WHERE throttle.site = $1 AND throttle.key = $2",
             "tt", counted->site, counted->key);
    if (rows_next(&rows)) {
        failures = rows_int(&rows, 0);
        until = rows_int(&rows, 1);
    }
    error = rows_end(&rows);
    if (error)
        return error;
    if (until <= counted->now) {
        failures = 0;
        until = counted->now + counted->window;
    }
    counted->refused = failures >= counted->most;
    if (counted->refused)
        return ERROR_NONE;
    return db_run(db, NULL, err,
                  "INSERT INTO throttle"
                  " (site, key, failures, until, touched, good)"
                  " VALUES ($1, $2, $3, $4, $5, 0)"
                  " ON CONFLICT (site, key) DO UPDATE SET"
                  " failures = excluded.failures, until = excluded.until,"
                  " touched = excluded.touched",
                  "ttiii", counted->site, counted->key, failures + 1, until,
                  counted->now);
}

static enum error count(struct task *task, struct str key, int64_t window,
                        int64_t most, struct err *err)
{
    struct counted counted = {.site = task->office->base,
                              .key = key,
                              .now = task->now,
                              .window = window,
                              .most = most};
    enum error error = office_change(task->office, count_change, &counted, err);

    if (!error && counted.refused)
        error = err_set(err, ERROR_TOO_MANY,
                        N_("Ya recibimos muchos avisos. Intente más tarde."),
                        NULL, NULL, NULL);
    return error;
}

static struct str sender_key(const struct task *task, struct str address)
{
    const struct host *host = task->office->host;
    struct str part[2] = {{(const char *)task->office->report_salt, 32},
                          address};
    unsigned char hash[32];
    struct buf out;

    host->hash(host->context, part, 2, hash);
    buf_init(&out, task->arena);
    buf_puts(&out, "report ");
    buf_put_hex(&out, hash, 12);
    return buf_str(&out);
}

/* An open one that says the same; how many there are of the place. */
static enum error find_open(struct task *task, struct str place,
                            struct str what, struct record *same, size_t *open,
                            struct err *err)
{
    struct db_value value[1] = {{.type = 't', .t = place}};
    struct record_filter filter = {.kind = STR("place_report"),
                                   .where = "{place} = $3 AND {state} = 'open'",
                                   .value = value,
                                   .value_count = 1,
                                   .limit = PLACE_MOST};
    struct record *list = NULL;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &list, open, err);

    *same = (struct record){0};
    for (size_t i = 0; !error && i < *open; i++)
        if (str_equal(value_text_of(list[i].answers, "what"), what))
            *same = list[i];
    return error;
}

static enum error write_report(struct task *task, struct str place,
                               struct str what, struct str note,
                               const struct record *same, struct err *err)
{
    struct arena *arena = task->arena;
    struct value *input = value_object(arena), *system = value_object(arena);
    struct saved saved;
    struct save save = {.kind = STR("place_report"),
                        .id = same->id,
                        .input = input,
                        .system = system,
                        .trusted = true};
    int64_t times = 0;

    str_to_int(value_text_of(same->answers, "times"), &times);
    value_put_str(system, arena, "times",
                  str_format(arena, "%lld", (long long)times + 1));
    if (note.size)
        value_put_str(input, arena, "note", note);
    if (!same->id.size) {
        value_put_str(system, arena, "place", place);
        value_put_text(system, arena, "state", "open");
        value_put_str(input, arena, "what", what);
    }
    return record_save(task, &save, &saved, err);
}

static const struct question *what_question(const struct task *task,
                                            const struct form **form)
{
    *form = forms_find(task->office->forms, STR("place_report"), STR_NULL);
    return *form ? form_find(*form, STR("what")) : NULL;
}

enum error directory_report(struct task *task, struct str place,
                            struct str what, struct str note,
                            struct str address, struct err *err)
{
    const struct form *form;
    const struct question *question = what_question(task, &form);
    struct task work = *task;
    struct public_place shown;
    struct record same;
    size_t open = 0;
    int64_t times = 0;
    enum error error;

    if (!question || !choice_find(question->choices, what))
        return err_set(err, ERROR_INPUT, N_("Diga qué está mal."), NULL, NULL,
                       NULL);
    error = directory_place(task, place, &shown, err);
    if (!error)
        error =
            count(task, sender_key(task, address), HOUR_MS, SENDER_MOST, err);
    if (!error)
        error = count(task, STR("report house"), DAY_MS, HOUSE_MOST, err);
    if (!error)
        error = find_open(task, place, what, &same, &open, err);
    if (error)
        return error;
    str_to_int(value_text_of(same.answers, "times"), &times);
    if (same.id.size ? times >= TIMES_MOST : open >= PLACE_MOST)
        return ERROR_NONE; /* enough is known */
    task_as_system(&work);
    work.actor.id = STR("public");
    return write_report(&work, place, what,
                        str_slice(str_trim(note), 0, NOTE_MOST), &same, err);
}

struct value *directory_report_kinds(struct task *task)
{
    const struct form *form;
    const struct question *question = what_question(task, &form);
    struct value *list = value_list(task->arena);

    for (size_t i = 0; question && i < question->choices->count; i++) {
        const struct choice *choice = &question->choices->choice[i];
        struct value *item = value_object(task->arena);

        value_put_str(item, task->arena, "code", choice->name);
        value_put_str(
            item, task->arena, "label",
            directory_choice(task, "place_report", "what", choice->name));
        value_add(list, task->arena, item);
    }
    return list;
}
