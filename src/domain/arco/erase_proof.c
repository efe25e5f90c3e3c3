/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* erase_proof.c - the certificate of an erasure: what was done, when, and the
 * hashes of the log entries that did it, which anybody who holds the log can
 * look up. No name; the files are ids that stand for nothing any more.
 */
#include "domain/arco/erase.h"
#include "domain/arco/notice.h"
#include "domain/person/words.h"

static void put_hex(struct buf *out, struct str bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        buf_printf(out, "%02x", (unsigned)(unsigned char)bytes.at[i]);
}

static enum error put_entries(struct task *task, struct str file,
                              struct value *list, struct err *err)
{
    struct arena *arena = task->arena;
    struct rows rows;

    if (db_query(task->db, &rows, err,
                 "SELECT seq, hash, kind FROM entry WHERE site = $1"
                 " AND subject = $2 AND op = 'erase' ORDER BY seq",
                 "tt", task->office->log.site, file))
        return rows_end(&rows);
    while (rows_next(&rows)) {
        struct value *item = value_object(arena);
        struct buf hex;

        buf_init(&hex, arena);
        put_hex(&hex, rows_text(&rows, 1));
        value_put_int(item, arena, "seq", rows_int(&rows, 0));
        value_put_str(item, arena, "hash", buf_str(&hex));
        value_put_str(item, arena, "kind",
                      str_copy(arena, rows_text(&rows, 2)));
        value_add(list, arena, item);
    }
    return rows_end(&rows);
}

static enum error put_notices(struct task *task, struct str erasure,
                              struct value *out, struct err *err)
{
    struct db_value value = {.type = 't', .t = erasure};
    struct record_filter filter = {.kind = STR("erase_notice"),
                                   .where = "{erasure} = $3",
                                   .value = &value,
                                   .value_count = 1,
                                   .order = "{sent_on}, _id",
                                   .limit = 500};
    static const char *const copied[] = {"to_place", "to_name",  "reply_code",
                                         "sent_on",  "asked_at", "state",
                                         "done_at"};
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);
    struct record *record = NULL;
    size_t count = 0, open = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   arena, &record, &count, err);

    for (size_t i = 0; i < count && !error; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", record[i].id);
        answers_copy(item, arena, record[i].answers, copied,
                     sizeof copied / sizeof *copied);
        value_put_str(item, arena, "to",
                      receiver_name(task, record[i].answers));
        value_put_bool(
            item, arena, "done",
            str_equal_c(value_text_of(record[i].answers, "state"), "done"));
        open += str_equal_c(value_text_of(record[i].answers, "state"), "open");
        value_add(list, arena, item);
    }
    value_put(out, arena, "notices", list);
    value_put_int(out, arena, "open_notices", (int64_t)open);
    return error;
}

enum error erase_certificate(struct task *task, struct str erasure,
                             struct value **view, struct err *err)
{
    static const char *const copied[] = {"folio",   "cause",       "made_at",
                                         "done_by", "approved_by", "records"};
    struct arena *arena = task->arena;
    struct value *out = value_object(arena), *entries = value_list(arena);
    struct record record;
    struct str files, file;
    enum error error = record_get(task, STR("erasure"), erasure, &record, err);

    if (error)
        return error;
    value_put_str(out, arena, "id", record.id);
    answers_copy(out, arena, record.answers, copied,
                 sizeof copied / sizeof *copied);
    files = value_text_of(record.answers, "files");
    value_put_int(out, arena, "files", (int64_t)words_count(files));
    while (!error && words_next(&files, &file))
        error = put_entries(task, file, entries, err);
    if (error)
        return error;
    value_put(out, arena, "entries", entries);
    *view = out;
    return put_notices(task, erasure, out, err);
}
