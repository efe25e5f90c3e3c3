/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_public.c - the tables that public pages read: only what was published,
 * with the places it is for. A function of the records; written in the
 * transaction that writes the entry.
 */
#include "domain/alert/alert.h"

#include "domain/access/room.h"
#include "domain/person/words.h"

#define NEVER INT64_C(253402300799000)

/* --- writing -------------------------------------------------------------- */

struct putting {
    struct str site, id, state, origin, document, note, body, brief, areas;
    struct str identifier, sender, sent, status, msg_type;
    struct str severity, urgency, certainty, refs;
    int64_t sent_at, expires, now;
    int64_t rank;
    struct str (*code)[2]; /* code, "1": the very place, "0": around it */
    size_t codes;
    bool only_state;
};

static enum error put_areas(struct db *db, const struct putting *putting,
                            struct err *err)
{
    enum error error = db_run(db, NULL, err,
                              "DELETE FROM public_alert_area"
                              " WHERE site = $1 AND alert = $2",
                              "tt", putting->site, putting->id);

    for (size_t i = 0; !error && i < putting->codes; i++)
        error = db_run(db, NULL, err,
                       "INSERT INTO public_alert_area"
                       " (site, area, alert, exact) VALUES ($1, $2, $3, $4)"
                       " ON CONFLICT DO NOTHING",
                       "ttti", putting->site, putting->code[i][0], putting->id,
                       (int64_t)str_equal_c(putting->code[i][1], "1"));
    return error;
}

static enum error write_public(struct db *db, void *context, struct err *err)
{
    const struct putting *p = context;
    enum error error;

    if (p->only_state)
        return db_run(db, NULL, err,
                      "UPDATE public_alert SET state = $3"
                      " WHERE site = $1 AND id = $2",
                      "ttt", p->site, p->id, p->state);
    error = db_run(db, NULL, err,
                   "DELETE FROM public_alert WHERE site = $1 AND id = $2", "tt",
                   p->site, p->id);
    if (!error)
        error = db_run(
            db, NULL, err,
            "INSERT INTO public_alert (site, id, identifier, sender, sent,"
            " sent_at, status, msg_type, severity, urgency, certainty, rank,"
            " expires, state, origin, body, brief, document, note, published, "
            "refs)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
            " $14, $15, $16, $17, $18, $19, $20, $21)",
            "tttttitttttiittttttit", p->site, p->id, p->identifier, p->sender,
            p->sent, p->sent_at, p->status, p->msg_type, p->severity,
            p->urgency, p->certainty, p->rank, p->expires, p->state, p->origin,
            p->body, p->brief, p->document, p->note, p->now, p->refs);
    return error ? error : put_areas(db, p, err);
}

static int64_t severity_rank(struct str severity)
{
    static const char *const order[] = {"Extreme", "Severe", "Moderate",
                                        "Minor"};

    for (int i = 0; i < 4; i++)
        if (str_equal_c(severity, order[i]))
            return i;
    return 4;
}

static struct str json_of(struct arena *arena, const struct value *value)
{
    struct buf out;

    buf_init(&out, arena);
    value_write(value, &out);
    return buf_str(&out);
}

/* The few words of it that a list shows, in every language. */
static struct str brief_of(struct task *task, const struct value *cap)
{
    const struct value *infos = value_get(cap, "info");
    struct value *list = value_list(task->arena);

    for (size_t i = 0; i < value_count(infos); i++) {
        const struct value *info = value_at(infos, i);
        const struct value *areas = value_get(info, "area");
        struct value *one = value_object(task->arena);
        struct str headline = value_text_of(info, "headline");

        value_put_str(one, task->arena, "language", cap_language(info));
        value_put_str(one, task->arena, "event", value_text_of(info, "event"));
        value_put_str(one, task->arena, "headline",
                      headline.size ? headline : value_text_of(info, "event"));
        value_put_str(one, task->arena, "area",
                      value_count(areas)
                          ? value_text_of(value_at(areas, 0), "areaDesc")
                          : STR(""));
        value_add(list, task->arena, one);
    }
    return json_of(task->arena, list);
}

/* The latest end of its blocks; a block that names none has no end, and after
 * thirty days nobody believes it. */
int64_t alert_end(const struct value *cap)
{
    const struct value *infos = value_get(cap, "info");
    int64_t sent = 0, end = 0, at;

    cap_time_parse(value_text_of(cap, "sent"), &sent);
    for (size_t i = 0; i < value_count(infos); i++) {
        at = sent + (int64_t)ALERT_KEPT_DAYS * 86400000;
        cap_time_parse(value_text_of(value_at(infos, i), "expires"), &at);
        if (at > end)
            end = at;
    }
    return end && end < NEVER ? end : sent;
}

static void add_code(struct putting *putting, struct str code,
                     const char *exact)
{
    for (size_t i = 0; i < putting->codes; i++)
        if (str_equal(putting->code[i][0], code)) {
            if (exact[0] == '1')
                putting->code[i][1] = STR("1");
            return;
        }
    if (putting->codes < 2 * ALERT_AREAS_MAX) {
        putting->code[putting->codes][0] = code;
        putting->code[putting->codes++][1] = str_of(exact);
    }
}

static void put_codes(struct task *task, struct putting *putting,
                      const struct value *cap)
{
    struct str rest = alert_areas(task, cap), code;

    putting->code =
        arena_alloc(task->arena, sizeof *putting->code * 2 * ALERT_AREAS_MAX);
    while (putting->code && words_next(&rest, &code)) {
        add_code(putting, code, "1");
        for (int i = 0; i < 3 && code.size; i++) {
            code = alert_area_above(task, code);
            if (code.size)
                add_code(putting, code, "0");
        }
    }
}

/* The worst of its blocks. */
static void put_words(struct putting *putting, const struct value *cap)
{
    const struct value *infos = value_get(cap, "info");

    putting->rank = 5;
    for (size_t i = 0; i < value_count(infos); i++) {
        const struct value *info = value_at(infos, i);
        int64_t rank = severity_rank(value_text_of(info, "severity"));

        if (rank >= putting->rank)
            continue;
        putting->rank = rank;
        putting->severity = value_text_of(info, "severity");
        putting->urgency = value_text_of(info, "urgency");
        putting->certainty = value_text_of(info, "certainty");
    }
}

static struct putting *putting_of(struct task *task, struct str id,
                                  const struct value *cap)
{
    struct putting *p = ARENA_NEW(task->arena, struct putting);

    if (!p)
        return NULL;
    *p = (struct putting){.site = office_home(task->office),
                          .id = id,
                          .severity = STR("Unknown"),
                          .urgency = STR("Unknown"),
                          .certainty = STR("Unknown"),
                          .now = task->now,
                          .only_state = !cap};
    if (!cap)
        return p;
    p->identifier = value_text_of(cap, "identifier");
    p->sender = value_text_of(cap, "sender");
    p->sent = value_text_of(cap, "sent");
    p->status = value_text_of(cap, "status");
    p->msg_type = value_text_of(cap, "msgType");
    p->refs = str_trim(value_text_of(cap, "references"));
    if (!p->refs.size)
        p->refs = STR("");
    cap_time_parse(p->sent, &p->sent_at);
    p->expires = alert_end(cap);
    p->body = json_of(task->arena, cap);
    p->brief = brief_of(task, cap);
    put_words(p, cap);
    put_codes(task, p, cap);
    return p;
}

void public_alert_put(struct change *change, struct str id,
                      const struct value *cap, struct str state,
                      struct str origin, struct str document, struct str note)
{
    struct putting *p = putting_of(change->task, id, cap);

    if (!p)
        return; /* the arena has failed: the commit will say so */
    p->state = state;
    p->origin = origin;
    p->document = document;
    p->note = note;
    change_also(change, write_public, p);
}

/* --- again from the records ----------------------------------------------- */

static struct str state_of(struct str stage)
{
    if (str_equal_c(stage, "published"))
        return STR("valid");
    return str_equal_c(stage, "replaced") || str_equal_c(stage, "cancelled") ||
                   str_equal_c(stage, "expired")
               ? stage
               : STR("");
}

struct rebuilding {
    struct putting **put;
    size_t count;
    struct str site;
};

static enum error write_all(struct db *db, void *context, struct err *err)
{
    const struct rebuilding *all = context;
    enum error error =
        db_run(db, NULL, err, "DELETE FROM public_alert_area WHERE site = $1",
               "t", all->site);

    if (!error)
        error =
            db_run(db, NULL, err, "DELETE FROM public_alert WHERE site = $1",
                   "t", all->site);
    for (size_t i = 0; !error && i < all->count; i++)
        error = write_public(db, all->put[i], err);
    return error;
}

static void rebuild_one(struct task *task, const struct record *record,
                        struct rebuilding *all)
{
    struct str document = value_text_of(record->answers, "document");
    struct str state = state_of(value_text_of(record->answers, "stage"));
    const struct value *cap = NULL;
    struct cap_problems problems;
    struct err err = {0};
    struct putting *p;

    if (!state.size || !document.size ||
        cap_read((cap_xml)task->office->read_xml, task->arena, document, &cap,
                 &problems, &err))
        return;
    p = putting_of(task, record->id, cap);
    if (!p)
        return;
    if (str_equal_c(state, "valid") && p->expires <= task->now)
        state = STR("expired");
    p->state = state;
    p->origin = value_text_of(record->answers, "origin");
    p->document = document;
    p->note = value_text_of(record->answers, "signature");
    p->now = p->sent_at;
    all->put[all->count++] = p;
}

enum error public_alert_rebuild(struct task *task, size_t *count,
                                struct err *err)
{
    struct record_filter filter = {.kind = STR("alert"), .limit = 100000};
    struct rebuilding all = {.site = office_home(task->office)};
    struct record *record = NULL;
    size_t records = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, true,
                                   task->arena, &record, &records, err);

    if (error)
        return error;
    all.put = ARENA_ARRAY(task->arena, struct putting *, records + 1);
    if (!all.put)
        return err_memory(err);
    for (size_t i = 0; i < records; i++)
        rebuild_one(task, &record[i], &all);
    *count = all.count;
    return office_change(task->office, write_all, &all, err);
}

/* --- reading -------------------------------------------------------------- */

#define COLUMNS                                                                \
    "public_alert.id, public_alert.identifier, public_alert.sender,"           \
    " public_alert.sent, public_alert.status, public_alert.msg_type,"          \
    " public_alert.origin, public_alert.state, public_alert.severity,"         \
    " public_alert.urgency, public_alert.certainty, public_alert.sent_at,"     \
    " public_alert.expires, public_alert.published, public_alert.brief,"       \
    " public_alert.body, public_alert.document, public_alert.note"

static void read_row(struct task *task, struct rows *rows, bool whole,
                     struct public_alert *alert)
{
    struct str *text[] = {&alert->id,      &alert->identifier, &alert->sender,
                          &alert->sent,    &alert->status,     &alert->msg_type,
                          &alert->origin,  &alert->state,      &alert->severity,
                          &alert->urgency, &alert->certainty};
    struct err none = {0};

    *alert = (struct public_alert){0};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        *text[i] = str_copy(task->arena, rows_text(rows, i));
    alert->sent_at = rows_int(rows, 11);
    alert->expires = rows_int(rows, 12);
    alert->published = rows_int(rows, 13);
    alert->brief = str_copy(task->arena, rows_text(rows, 14));
    alert->note = str_copy(task->arena, rows_text(rows, 17));
    if (!whole)
        return;
    value_parse(task->arena, str_copy(task->arena, rows_text(rows, 15)),
                &alert->cap, &none);
    alert->document = str_copy(task->arena, rows_text(rows, 16));
}

static enum error read_list(struct task *task, struct rows *rows,
                            struct public_alert **alert, size_t *count,
                            struct err *err)
{
    struct public_alert *list = NULL;
    size_t room = 0;
    enum error error;

    *count = 0;
    while (rows_next(rows)) {
        if (*count == room) {
            struct public_alert *more = ARENA_ARRAY(
                task->arena, struct public_alert, room ? 2 * room : 16);

            if (!more)
                break;
            for (size_t i = 0; i < *count; i++)
                more[i] = list[i];
            list = more;
            room = room ? 2 * room : 16;
        }
        read_row(task, rows, false, &list[(*count)++]);
    }
    error = rows_end(rows);
    if (!error && arena_failed(task->arena))
        error = err_memory(err);
    *alert = list;
    return error;
}

enum error public_alert_list(struct task *task, struct public_alert **alert,
                             size_t *count, struct err *err)
{
    struct rows rows;

    if (db_query(task->db, &rows, err,
                 "SELECT " COLUMNS " FROM public_alert"
                 " WHERE public_alert.site = $1 AND public_alert.state = "
                 "'valid' AND public_alert.expires > $2"
                 " AND public_alert.status IN ('Actual', 'Exercise')"
                 " ORDER BY public_alert.status, public_alert.rank,"
                 " public_alert.sent_at DESC, public_alert.id LIMIT 500",
                 "ti", office_home(task->office), task->now))
        return err->code;
    return read_list(task, &rows, alert, count, err);
}

enum error public_alert_feed(struct task *task, struct public_alert **alert,
                             size_t *count, struct err *err)
{
    struct rows rows;

    if (db_query(task->db, &rows, err,
                 "SELECT " COLUMNS " FROM public_alert"
                 " WHERE public_alert.site = $1"
                 " AND public_alert.published > $2"
                 " ORDER BY public_alert.published DESC, public_alert.id"
                 " LIMIT $3",
                 "tii", office_home(task->office),
                 task->now - (int64_t)ALERT_KEPT_DAYS * 86400000,
                 (int64_t)ALERT_FEED_MOST))
        return err->code;
    return read_list(task, &rows, alert, count, err);
}

enum error public_alert_find(struct task *task, struct str id,
                             struct public_alert *alert, struct err *err)
{
    struct rows rows;
    bool found;
    enum error error =
        db_query(task->db, &rows, err,
                 "SELECT " COLUMNS " FROM public_alert"
                 " WHERE public_alert.site = $1 AND public_alert.id = $2",
                 "tt", office_home(task->office), id);

    if (error)
        return error;
    found = rows_next(&rows);
    if (found)
        read_row(task, &rows, true, alert);
    error = rows_end(&rows);
    if (!error && !found)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("Esa alerta no existe, o ya no se muestra."), NULL,
                        NULL, NULL);
    return error;
}

enum error alerts_for_area(struct task *task, struct str area,
                           struct public_alert **alert, size_t *count,
                           struct err *err)
{
    struct str above, top;
    struct rows rows;

    if (!area.size)
        area = task->office->country;
    above = alert_area_above(task, area);
    top = alert_area_above(task, above);
    if (db_query(
            task->db, &rows, err,
            "SELECT " COLUMNS " FROM public_alert"
            " WHERE public_alert.site = $1 AND public_alert.state = 'valid'"
            " AND public_alert.expires > $2 AND public_alert.status = 'Actual'"
            " AND public_alert.id IN (SELECT public_alert_area.alert"
            " FROM public_alert_area WHERE public_alert_area.site = $1"
            " AND (public_alert_area.area = $3 OR (public_alert_area.exact = 1"
            " AND public_alert_area.area IN ($4, $5, '*'))))"
            " ORDER BY public_alert.rank, public_alert.sent_at DESC,"
            " public_alert.id LIMIT 50",
            "tittt", office_home(task->office), task->now, area, above, top))
        return err->code;
    return read_list(task, &rows, alert, count, err);
}

/* --- for a page ----------------------------------------------------------- */

static const char *severity_text(struct str severity)
{
    static const char *const text[] = {
        N_("Peligro extremo"), N_("Peligro grave"), N_("Peligro moderado"),
        N_("Peligro menor"), N_("Aviso")};

    return text[severity_rank(severity)];
}

static struct str say(const struct task *task, const char *msgid)
{
    return translate(task->translator, str_of(msgid));
}

struct value *public_alert_view(struct task *task,
                                const struct public_alert *alert)
{
    struct arena *arena = task->arena;
    struct value *out = value_object(arena), *wrap = value_object(arena);
    const struct value *list = NULL, *info;
    struct err none = {0};

    value_parse(arena, alert->brief, &list, &none);
    value_put(wrap, arena, "info", list ? list : value_list(arena));
    info = cap_info(wrap, task->language);
    value_put_str(out, arena, "id", alert->id);
    value_put_str(out, arena, "href",
                  str_format(arena, "/alerts/%.*s", STR_ARGS(alert->id)));
    value_put_str(out, arena, "language",
                  info ? value_text_of(info, "language") : STR("es"));
    value_put_str(out, arena, "headline", value_text_of(info, "headline"));
    value_put_str(out, arena, "event", value_text_of(info, "event"));
    value_put_str(out, arena, "area", value_text_of(info, "area"));
    value_put_str(out, arena, "severity", alert->severity);
    value_put_str(out, arena, "severity_text",
                  say(task, severity_text(alert->severity)));
    value_put_bool(out, arena, "grave", severity_rank(alert->severity) <= 1);
    value_put_bool(out, arena, "exercise",
                   !str_equal_c(alert->status, "Actual"));
    value_put_str(out, arena, "state", alert->state);
    value_put_str(out, arena, "origin", alert->origin);
    value_put_str(out, arena, "sent", alert->sent);
    value_put_str(out, arena, "expires",
                  cap_time(arena, alert->expires, task->utc_offset));
    return out;
}
