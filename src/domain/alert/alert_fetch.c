/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_fetch.c - see alert_fetch.h. A feed may be wrong, hostile, slow or our
 * own: links lead only to its own host, every answer has a size, every go an
 * end, a document is asked for again only when its entry changed, and oldest
 * entries are taken first, so that an alert stands before what calls it off.
 */
#include "domain/alert/alert_fetch.h"

#include "core/fetch.h"
#include "core/utf8.h"
#include "domain/alert/feed.h"

struct fetching {
    struct task *task;
    const struct alert_feed *feed;
    struct str token;
    struct feed_result *result;
    int64_t begun;
};

size_t alert_feeds(struct task *task, struct alert_feed **feed)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "alert_feed");
    size_t count = 0;

    *feed = ARENA_ARRAY(task->arena, struct alert_feed,
                        table ? table->rows + 1 : 1);
    for (size_t i = 0; *feed && table && i < table->rows; i++) {
        struct alert_feed *one = &(*feed)[count];
        int64_t minutes = 0;

        *one = (struct alert_feed){
            .name = catalog_cell(table, i, "name"),
            .label = catalog_label(table, i, "label", STR("es")),
            .url = str_trim(catalog_cell(table, i, "url")),
            .key = str_trim(catalog_cell(table, i, "key")),
            .shown = str_equal_c(catalog_cell(table, i, "trust"), "show")};
        if (!str_to_int(catalog_cell(table, i, "every_minutes"), &minutes) ||
            minutes < 1)
            minutes = FEED_MINUTES;
        one->every = minutes * 60000;
        if (!one->label.size)
            one->label = one->name;
        if (one->url.size)
            count++;
    }
    return count;
}

/* --- asking --------------------------------------------------------------- */

static enum error ask(struct fetching *f, struct str url, const char *accept,
                      size_t most, struct str *body, struct err *err)
{
    const struct fetcher *fetcher = f->task->office->host->fetcher;
    struct fetch fetch = {.url = url,
                          .accept = str_of(accept),
                          .most = most,
                          .local = f->feed->key.size > 0};
    struct fetched fetched = {0};
    enum error error;

    if (!fetcher)
        return err_set(err, ERROR_BUSY,
                       N_("Este equipo no puede preguntar a otros."), NULL,
                       NULL, NULL);
    error = fetcher->fetch(f->task->arena, &fetch, &fetched, err);
    if (error)
        return err_detail(err, error, NULL, err->detail);
    if (fetched.status != 200)
        return err_set(err, ERROR_BUSY,
                       N_("El servidor de la lista de alertas contestó con un "
                          "error."),
                       NULL, NULL, NULL);
    *body = fetched.body;
    return ERROR_NONE;
}

static void note_problem(struct fetching *f, const struct err *err)
{
    const char *text = err->message ? err->message : "";

    f->result->refused++;
    f->result->problem = err->detail[0] && err->code == ERROR_BUSY
                             ? str_copy(f->task->arena, str_of(err->detail))
                             : err_text(err, NULL, f->task->arena);
    if (!f->result->problem.size)
        f->result->problem = str_of(text);
}

/* --- what was seen -------------------------------------------------------- */

/* Before "updated" of a link that gave nothing when it was asked. */
#define IN_VAIN "\n"

/* *vain: it was asked for and nobody answered with a document. */
static enum error link_is_new(struct fetching *f,
                              const struct feed_entry *entry, bool *fresh,
                              bool *vain, struct err *err)
{
    struct str updated = STR("");
    bool found = false;
    enum error error = db_get_text(
        f->task->db, f->task->arena, &updated, &found, err,
        "SELECT alert_link.updated FROM alert_link"
        " WHERE alert_link.site = $1 AND alert_link.feed = $2"
        " AND alert_link.link = $3",
        "ttt", f->task->office->log.site, f->feed->name, entry->link);

    *fresh = !found || !str_equal(updated, entry->updated);
    *vain = str_starts(updated, STR(IN_VAIN));
    return error;
}

struct seen {
    struct str site, feed, link, updated;
    int64_t now;
};

static enum error write_seen(struct db *db, void *context, struct err *err)
{
    const struct seen *seen = context;

    return db_run(db, NULL, err,
                  "INSERT INTO alert_link (site, feed, link, updated, seen)"
                  " VALUES ($1, $2, $3, $4, $5)"
                  " ON CONFLICT (site, feed, link) DO UPDATE SET"
                  " updated = excluded.updated, seen = excluded.seen",
                  "tttti", seen->site, seen->feed, seen->link, seen->updated,
                  seen->now);
}

static enum error keep_seen(struct fetching *f, const struct feed_entry *entry,
                            bool vain, struct err *err)
{
    struct seen seen = {
        .site = f->task->office->log.site,
        .feed = f->feed->name,
        .link = entry->link,
        .updated = vain ? str_join(f->task->arena, STR(IN_VAIN), entry->updated)
                        : entry->updated,
        .now = f->task->now};

    return office_change(f->task->office, write_seen, &seen, err);
}

/* --- telling the house it came from --------------------------------------- */

/* "…/alert/ID/cap" is acknowledged at "…/alerts/ID/ack". */
static void tell(struct fetching *f, struct str link)
{
    const struct fetcher *fetcher = f->task->office->host->fetcher;
    struct str origin = feed_origin(link), rest, id;
    struct fetched fetched = {0};
    struct err ignored = {0};
    struct fetch fetch;
    size_t end;

    rest = str_slice(link, origin.size, link.size);
    if (!f->token.size || !str_starts(rest, STR("/alert/")))
        return;
    rest = str_slice(rest, 7, rest.size);
    end = str_find_char(rest, '/');
    if (end != 36 || !str_equal_c(str_slice(rest, end, rest.size), "/cap"))
        return;
    id = str_slice(rest, 0, end);
    fetch =
        (struct fetch){.url = str_format(f->task->arena, "%.*s/alerts/%.*s/ack",
                                         STR_ARGS(origin), STR_ARGS(id)),
                       .form = STR(""),
                       .bearer = f->token,
                       .local = f->feed->key.size > 0,
                       .most = 4096};
    if (!fetcher->fetch(f->task->arena, &fetch, &fetched, &ignored) &&
        fetched.status == 200)
        f->result->told++;
}

/* --- one document --------------------------------------------------------- */

/* Of a feed with a key only what is signed with it is taken. */
static enum error check_signed(struct fetching *f,
                               const struct feed_entry *entry,
                               struct str document, struct str *note,
                               struct err *err)
{
    struct cap_problems problems;
    const struct value *cap = NULL;
    enum error error;

    if (!f->feed->key.size)
        return ERROR_NONE;
    if (!entry->note.size)
        return err_set(err, ERROR_INPUT,
                       N_("La alerta no está firmada, y de esta lista solo se "
                          "toman alertas firmadas."),
                       NULL, NULL, NULL);
    error = ask(f, entry->note, "text/plain", NOTE_MAX, note, err);
    if (!error)
        error = cap_read((cap_xml)f->task->office->read_xml, f->task->arena,
                         document, &cap, &problems, err);
    return error ? error
                 : alert_note_check(f->task->office->host, f->task->arena, cap,
                                    document, *note, f->feed->key, err);
}

static void count_taken(struct feed_result *result, enum alert_taken taken)
{
    if (taken == ALERT_NEW)
        result->fresh++;
    else if (taken == ALERT_KNOWN)
        result->known++;
    else if (taken == ALERT_OURS)
        result->ours++;
    else
        result->passed++;
}

static enum error take_document(struct fetching *f,
                                const struct feed_entry *entry,
                                struct str document, struct err *err)
{
    struct alert_source source = {.name = f->feed->name,
                                  .label = f->feed->label,
                                  .shown = f->feed->shown,
                                  .note = STR("")};
    struct cap_problems problems;
    enum alert_taken taken;
    struct str id;
    enum error error = check_signed(f, entry, document, &source.note, err);

    if (!error)
        error = alert_import(f->task, document, &source, &taken, &id, &problems,
                             err);
    if (error)
        return error;
    count_taken(f->result, taken);
    if (taken == ALERT_NEW || taken == ALERT_KNOWN)
        tell(f, entry->link);
    return ERROR_NONE;
}

/* What is wrong with one alert is no reason to miss the next. */
static enum error take_entry(struct fetching *f, const struct feed_entry *entry,
                             struct err *err)
{
    struct str document = STR("");
    struct err mine = {0};
    enum error error = ask(f, entry->link, CAP_TYPE ", application/xml",
                           CAP_SIZE_MAX, &document, &mine);

    if (error) {
        note_problem(f, &mine);
        return keep_seen(f, entry, true, err);
    }
    error = take_document(f, entry, document, &mine);
    if (error == ERROR_STORE || error == ERROR_MEMORY) {
        *err = mine;
        return error;
    }
    if (error)
        note_problem(f, &mine);
    return keep_seen(f, entry, error == ERROR_BUSY, err);
}

static bool time_is_up(const struct fetching *f)
{
    const struct host *host = f->task->office->host;

    return host->now(host->context) - f->begun >
           (int64_t)FEED_SECONDS_MAX * 1000;
}

static enum error take_entries(struct fetching *f, const struct feed *feed,
                               struct err *err)
{
    bool tried[FEED_ENTRIES_MAX] = {false};
    size_t asked = 0;

    f->result->left_out = feed->left_out;
    /* what gave nothing last time comes last: dead links at the old end must
     * not use up every go before the newest alert */
    for (size_t i = 0; i < 2 * feed->count; i++) {
        size_t at = feed->count - 1 - i % feed->count;
        const struct feed_entry *entry = &feed->entry[at];
        bool fresh = false, vain = false;

        if (link_is_new(f, entry, &fresh, &vain, err))
            return err->code;
        if (!fresh || tried[at] || vain != (i >= feed->count))
            continue;
        tried[at] = true;
        if (asked++ == FEED_DOCUMENTS_MAX || time_is_up(f)) {
            f->result->more = true;
            return ERROR_NONE;
        }
        if (take_entry(f, entry, err))
            return err->code;
    }
    return ERROR_NONE;
}

/* --- a feed --------------------------------------------------------------- */

struct stating {
    struct str site, name, problem;
    int64_t asked, heard, fresh, refused;
};

static enum error write_state(struct db *db, void *context, struct err *err)
{
    const struct stating *s = context;
    enum error error = db_run(
        db, NULL, err,
        "INSERT INTO alert_feed (site, name, asked, heard, fresh, refused,"
        " problem) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (site, name) DO UPDATE SET asked = excluded.asked,"
        " heard = CASE WHEN excluded.heard > 0 THEN excluded.heard"
        " ELSE alert_feed.heard END, fresh = alert_feed.fresh +"
        " excluded.fresh, refused = excluded.refused,"
        " problem = excluded.problem",
        "ttiiiit", s->site, s->name, s->asked, s->heard, s->fresh, s->refused,
        s->problem);

    return error ? error
                 : db_run(db, NULL, err,
                          "DELETE FROM alert_link WHERE site = $1"
                          " AND feed = $2 AND seen < $3",
                          "tti", s->site, s->name,
                          s->asked - (int64_t)FEED_LINK_DAYS * 86400000);
}

static enum error keep_state(struct fetching *f, bool heard, struct err *err)
{
    struct stating s = {.site = f->task->office->log.site,
                        .name = f->feed->name,
                        .problem = f->result->problem.size
                                       ? utf8_cut(f->result->problem, 300)
                                       : STR(""),
                        .asked = f->task->now,
                        .heard = heard ? f->task->now : 0,
                        .fresh = (int64_t)f->result->fresh,
                        .refused = (int64_t)f->result->refused};

    return office_change(f->task->office, write_state, &s, err);
}

enum error alert_fetch(struct task *task, const struct alert_feed *row,
                       struct str token, struct feed_result *result,
                       struct err *err)
{
    const struct host *host = task->office->host;
    struct fetching f = {task, row, token, result, host->now(host->context)};
    struct feed *feed = ARENA_NEW(task->arena, struct feed);
    struct feed_entry alone = {.link = row->url};
    struct err mine = {0};
    struct str text = STR("");
    enum error error;

    *result = (struct feed_result){0};
    if (!feed)
        return err_memory(err);
    error = ask(&f, row->url,
                "application/atom+xml, application/rss+xml, "
                "application/xml",
                FEED_SIZE_MAX, &text, &mine);
    if (!error)
        error = feed_read((cap_xml)task->office->read_xml, task->arena, text,
                          row->url, feed, &mine);
    if (error == ERROR_MEMORY)
        return err_memory(err);
    if (error) {
        note_problem(&f, &mine);
        return keep_state(&f, false, err);
    }
    error =
        feed->alone ? take_entry(&f, &alone, err) : take_entries(&f, feed, err);
    return error ? error : keep_state(&f, true, err);
}

enum error alert_fetch_due(struct task *task,
                           struct str (*token)(void *context, struct str name),
                           void *context, size_t *fresh, struct err *err)
{
    struct alert_feed *feed = NULL;
    size_t count = alert_feeds(task, &feed);
    enum error error = ERROR_NONE;

    *fresh = 0;
    for (size_t i = 0; !error && i < count; i++) {
        struct feed_result result;
        int64_t asked = 0;
        bool found = false;

        error = db_get_int(task->db, &asked, &found, err,
                           "SELECT alert_feed.asked FROM alert_feed"
                           " WHERE alert_feed.site = $1"
                           " AND alert_feed.name = $2",
                           "tt", task->office->log.site, feed[i].name);
        if (error ||
            (found && task->now >= asked && task->now - asked < feed[i].every))
            continue;
        error = alert_fetch(task, &feed[i], token(context, feed[i].name),
                            &result, err);
        *fresh += result.fresh;
    }
    return error;
}
