/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_notice.c - the texts for the public, as the team sees them: which are
 * missing, which nobody reviewed, how hard they are to read; writing one and
 * letting a second person put it before readers. What readers see is made by
 * public/page_know.c.
 */
#include "core/date.h"
#include "domain/notice/house.h"
#include "domain/notice/readability.h"
#include "domain/notice/usage.h"
#include "web/page.h"

enum { USAGE_DAYS = 30 };

/* --- one text
 * --------------------------------------------------------------------- */

struct version {
    struct str name, language;
    struct notice notice; /* what readers have; no source: nothing */
    struct record record; /* the house's, when there is one */
    struct str draft_body;
    bool recorded, missing, waits, overdue;
    int64_t reviewed_days; /* -1: never */
};

static enum error version_find(struct view *view, struct version *version)
{
    struct task *task = &view->task;
    const struct notice *file =
        know_file(task->office->know, version->name, version->language);
    bool found = false;
    enum error error =
        house_record(task, version->name, version->language, &version->recorded,
                     &version->record, &view->err);

    if (!error)
        error = house_notice(task, version->name, version->language, &found,
                             &version->notice, &view->err);
    if (error)
        return error;
    if (!found && file) {
        struct str audio = version->notice.audio;

        version->notice = *file;
        version->notice.audio = audio;
    }
    if (version->recorded)
        version->draft_body =
            value_text_of(version->record.answers, "draft_body");
    version->missing = !version->notice.source.size;
    version->waits = version->draft_body.size > 0;
    version->reviewed_days =
        notice_reviewed_days(&version->notice, task_day(task));
    version->overdue = version->reviewed_days > KNOW_REVIEW_DAYS;
    return ERROR_NONE;
}

static const char *state_of(const struct version *version)
{
    if (version->waits)
        return N_("Un texto espera que otra persona lo revise");
    if (version->missing)
        return N_("Falta");
    if (version->reviewed_days < 0)
        return N_("Sin revisar");
    if (version->overdue)
        return N_("Hay que revisarlo otra vez");
    return N_("Revisado");
}

static const char *ease_text(enum reading_ease ease)
{
    static const char *const text[] = {N_("sin escala para este idioma"),
                                       N_("muy fácil"),
                                       N_("fácil"),
                                       N_("normal"),
                                       N_("difícil"),
                                       N_("muy difícil")};

    return text[ease];
}

/* {score, ease, hard, words, sentence, word, longest} */
static struct value *reading_value(struct view *view, struct str text,
                                   struct str language)
{
    struct arena *arena = view->task.arena;
    struct value *value = value_object(arena);
    struct readability reading;

    readability_of(text, language, &reading);
    value_put_str(value, arena, "ease",
                  view_say(view, ease_text(reading.ease)));
    value_put_bool(value, arena, "hard", reading.ease >= READING_HARD);
    value_put_int(value, arena, "words", (int64_t)reading.words);
    value_put_int(value, arena, "longest", (int64_t)reading.longest);
    value_put_str(value, arena, "sentence",
                  view_format(view, "%.1f", reading.sentence_size));
    value_put_str(value, arena, "word",
                  view_format(view, "%.1f", reading.word_size));
    if (reading.ease == READING_NONE)
        value_put_bool(value, arena, "score", false);
    else
        value_put_str(value, arena, "score",
                      view_format(view, "%.0f", reading.score));
    return value;
}

static struct str edit_path(struct view *view, const struct version *version)
{
    return view_format(view, "/notice/%.*s/%.*s", STR_ARGS(version->name),
                       STR_ARGS(version->language));
}

/* --- all of them
 * -------------------------------------------------------------------- */

struct tally {
    int64_t missing, unreviewed, overdue, waiting;
};

static struct value *version_value(struct view *view,
                                   const struct version *version,
                                   struct tally *tally)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);

    tally->missing += version->missing;
    tally->waiting += version->waits;
    tally->unreviewed += !version->missing && version->reviewed_days < 0;
    tally->overdue += version->overdue;
    value_put_str(item, arena, "language", version->language);
    value_put_str(item, arena, "language_name",
                  language_name(version->language));
    value_put_str(item, arena, "href", edit_path(view, version));
    value_put_str(item, arena, "state", view_say(view, state_of(version)));
    value_put_bool(item, arena, "good",
                   !version->missing && !version->waits &&
                       version->reviewed_days >= 0 && !version->overdue);
    value_put_bool(item, arena, "house", version->notice.house);
    value_put_bool(item, arena, "audio", version->notice.audio.size > 0);
    if (version->missing)
        value_put_bool(item, arena, "reading", false);
    else
        value_put(
            item, arena, "reading",
            reading_value(view, version->notice.source, version->language));
    return item;
}

static enum error topic_value(struct view *view, size_t row,
                              struct tally *tally, struct value *list)
{
    const struct know *know = view->app->office.know;
    struct arena *arena = view->task.arena;
    struct value *topic = value_object(arena), *versions = value_list(arena);

    for (size_t i = 0; i < know->languages; i++) {
        struct version version = {.name =
                                      catalog_cell(know->topic, row, "name"),
                                  .language = know->language[i]};
        enum error error = version_find(view, &version);

        if (error)
            return error;
        value_add(versions, arena, version_value(view, &version, tally));
    }
    value_put_str(
        topic, arena, "label",
        catalog_label(know->topic, row, "label", view->task.language));
    value_put(topic, arena, "versions", versions);
    value_add(list, arena, topic);
    return ERROR_NONE;
}

static enum error put_usage(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct usage *usage = NULL;
    size_t count = 0;
    int64_t today = task_day(&view->task);
    enum error error = usage_list(&view->task, today - USAGE_DAYS, today,
                                  STR(""), &usage, &count, &view->err);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "day", day_text(view, usage[i].day));
        value_put_str(item, arena, "page", usage[i].page);
        value_put_str(item, arena, "area",
                      usage[i].area.size
                          ? catalog_name(view->app->office.catalog, "admin1",
                                         usage[i].area, view->task.language)
                          : STR(""));
        value_put_int(item, arena, "count", usage[i].count);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "usage", list);
    value_put_bool(view->page, arena, "used", count > 0);
    return error;
}

enum error notice_list_page(struct view *view)
{
    const struct know *know = view->app->office.know;
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct tally tally = {0};
    enum error error = ERROR_NONE;

    for (size_t i = 0; know->topic && i < know->topic->rows && !error; i++)
        error = topic_value(view, i, &tally, list);
    if (!error)
        error = put_usage(view);
    value_put(view->data, arena, "topics", list);
    value_put_int(view->data, arena, "missing", tally.missing);
    value_put_int(view->data, arena, "unreviewed", tally.unreviewed);
    value_put_int(view->data, arena, "overdue", tally.overdue);
    value_put_int(view->data, arena, "waiting", tally.waiting);
    view_title(view, N_("Textos para el público"));
    return error;
}

/* --- writing
 * ------------------------------------------------------------------------- */

static struct str typed_or(struct view *view, const char *field,
                           struct str standing)
{
    return value_get(view->fields, field) ? view_field(view, field) : standing;
}

static struct str html_of(struct view *view, const struct version *version,
                          struct str source)
{
    struct notice notice = {.language = version->language, .source = source};
    struct err ignored = {0};

    if (notice_render(view->task.arena, view->app->office.host,
                      view->app->office.catalog, &notice, &ignored))
        return STR("");
    return notice.html;
}

static void put_draft(struct view *view, const struct version *version)
{
    struct arena *arena = view->task.arena;
    const struct value *answers =
        version->waits ? version->record.answers : NULL;
    const struct notice *now = &version->notice;
    struct str body = answers ? version->draft_body : now->source;

    value_put_str(
        view->data, arena, "title",
        typed_or(view, "title",
                 answers ? value_text_of(answers, "draft_title") : now->title));
    value_put_str(view->data, arena, "sources",
                  typed_or(view, "sources",
                           answers ? value_text_of(answers, "draft_sources")
                                   : now->sources));
    body = typed_or(view, "body", body);
    value_put_str(view->data, arena, "body", body);
    value_put(view->data, arena, "reading",
              reading_value(view, body, version->language));
    value_put_str(view->page, arena, "preview", html_of(view, version, body));
    value_put_bool(view->data, arena, "waits", version->waits);
    value_put_str(view->data, arena, "base",
                  view_format(view, "%lld",
                              version->recorded
                                  ? (long long)version->record.clock
                                  : 0LL));
    value_put_bool(view->data, arena, "mine",
                   answers && str_equal(value_text_of(answers, "draft_by"),
                                        view->task.actor.id));
}

static enum error edit_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    const struct know *know = view->app->office.know;
    struct version version = {.name = view->param[0],
                              .language = view->param[1]};
    bool known = false;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < know->languages && !known; i++)
        known = str_equal(know->language[i], version.language);
    if (!known || !know_topic(know, version.name))
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("Esta página no existe."), NULL, NULL, NULL);
    error = version_find(view, &version);
    if (error)
        return error;
    put_draft(view, &version);
    value_put_str(view->data, arena, "language", version.language);
    value_put_str(view->data, arena, "language_name",
                  language_name(version.language));
    value_put_str(view->data, arena, "topic",
                  catalog_label(know->topic,
                                catalog_find(know->topic, version.name),
                                "label", view->task.language));
    value_put_str(view->data, arena, "state",
                  view_say(view, state_of(&version)));
    value_put_bool(view->data, arena, "missing", version.missing);
    value_put_bool(view->data, arena, "house", version.notice.house);
    put_text_or_false(view, view->data, "note", version.notice.note);
    put_text_or_false(view, view->data, "reviewed_by",
                      version.notice.reviewed_by);
    value_put_str(view->data, arena, "reviewed_on", version.notice.reviewed_on);
    value_put_str(view->page, arena, "self", edit_path(view, &version));
    value_put_str(view->page, arena, "by", view_field(view, "by"));
    put_text_or_false(view, view->page, "record_id",
                      version.recorded ? version.record.id : STR(""));
    value_put_bool(view->page, arena, "audio", version.notice.audio.size > 0);
    value_put_bool(view->page, arena, "writes",
                   role_has(view->task.actor.role, RIGHT_PLACE_WRITE));
    view_title(view, N_("Textos para el público"));
    return ERROR_NONE;
}

enum error notice_edit_page(struct view *view)
{
    return edit_fill(view);
}

static enum error done(struct view *view, enum error error, const char *said)
{
    struct err first = view->err;

    if (error == ERROR_NONE) {
        view_redirect_said(view,
                           view_format(view, "/notice/%.*s/%.*s",
                                       STR_ARGS(view->param[0]),
                                       STR_ARGS(view->param[1])),
                           said);
        return ERROR_NONE;
    }
    if (error != ERROR_INPUT && error != ERROR_FORBIDDEN &&
        error != ERROR_CONFLICT)
        return error;
    err_clear(&view->err);
    if (edit_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "notice_edit", error);
}

enum error notice_write_post(struct view *view)
{
    struct notice draft = {.name = view->param[0],
                           .language = view->param[1],
                           .title = str_trim(view_field(view, "title")),
                           .source = str_trim(view_field(view, "body")),
                           .sources = str_trim(view_field(view, "sources"))};

    if (view_field(view, "look").size) { /* only a look at it */
        enum error error = edit_fill(view);

        view->template = "notice_edit";
        return error;
    }
    return done(view, house_write(&view->task, &draft, &view->err),
                "notice_waits");
}

enum error notice_approve_post(struct view *view)
{
    int64_t read = 0;

    str_to_int(view_field(view, "_base"), &read);
    return done(view,
                house_approve(&view->task, view->param[0], view->param[1],
                              view_field(view, "by"), read, &view->err),
                "notice_shown");
}

enum error notice_drop_post(struct view *view)
{
    return done(view,
                house_drop(&view->task, view->param[0], view->param[1],
                           view_field(view, "all").size > 0, &view->err),
                "saved");
}
