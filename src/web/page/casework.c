/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* casework.c - small things that the pages of the main job share. Nothing is
 * decided here and nothing is written.
 */
#include "web/page/casework.h"

#include "core/date.h"
#include "domain/person/person.h"
#include "domain/casework/today.h"
#include "web/page/timeline.h"

enum error casework_person(struct view *view, struct str id)
{
    struct person_header header;
    enum error error = person_header(&view->task, id, &header, &view->err);

    if (error != ERROR_NONE)
        return error;
    value_put(view->data, view->task.arena, "person",
              person_header_view(&view->task, &header));
    casework_urgent(view, header.id);
    return ERROR_NONE;
}

void casework_urgent_of(struct view *view, const struct value *open)
{
    static const char *const kind[] = {"flags", "casefiles"};
    struct value *urgent = value_object(view->task.arena);
    struct str most = STR("");

    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        const struct value *list = value_get(open, kind[i]);

        for (size_t k = 0; k < value_count(list); k++) {
            struct str urgency = value_text_of(value_at(list, k), "urgency");

            if (urgency.size == 2 &&
                (most.size == 0 || urgency.at[1] < most.at[1]))
                most = urgency;
        }
    }
    if (most.size == 0)
        return;
    casework_urgency(view, urgent, most);
    value_put(view->page, view->task.arena, "urgent", urgent);
}

void casework_urgent(struct view *view, struct str person)
{
    struct value *open = NULL;
    struct err err = {0};

    if (person_open_items(&view->task, person, &open, &err) == ERROR_NONE)
        casework_urgent_of(view, open);
}

void casework_urgency(struct view *view, struct value *item, struct str urgency)
{
    struct arena *arena = view->task.arena;
    bool known = urgency.size == 2 && urgency.at[0] == 'U';

    value_put_str(item, arena, "urgency", urgency);
    value_put_str(item, arena, "urgency_label",
                  known ? catalog_name(view->app->office.catalog, "urgency",
                                       urgency, view->task.language)
                        : STR(""));
    value_put_str(item, arena, "u",
                  known ? view_format(view, "u%c", urgency.at[1]) : STR("u3"));
}

void casework_due(struct view *view, struct value *item, struct str due)
{
    struct arena *arena = view->task.arena;
    int64_t instant = 0, left = 0;
    bool known = instant_parse(due, &instant);

    if (known)
        left = (instant - view->task.now) / 60000;
    value_put_bool(item, arena, "has_due", known);
    value_put_bool(item, arena, "late", known && left < 0);
    value_put_int(item, arena, "left", left < 0 ? -left : left);
    value_put_str(item, arena, "left_text", left_text(view, item));
    value_put_str(item, arena, "due_when",
                  known ? when_text(view, instant) : STR(""));
}

struct str choice_text(struct view *view, const char *kind, const char *key,
                       struct str code)
{
    const struct form *form = view_form(view, kind);
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;

    if (!question || code.size == 0)
        return STR("");
    return answer_display(form, question, value_string(view->task.arena, code),
                          view->task.language, view->task.arena);
}

struct str reason_text(struct view *view, struct str code)
{
    static const char *const tables[] = {"flag", "profile"};
    const struct catalog *catalog = view->app->office.catalog;

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct catalog_table *table = catalog_table(catalog, tables[i]);

        if (table && code.size && catalog_find(table, code) != SIZE_MAX)
            return catalog_name(catalog, tables[i], code, view->task.language);
    }
    return choice_text(view, "need", "sector", code);
}

struct str day_shown(struct view *view, struct str text)
{
    struct date date;

    return date_parse_whole(str_slice(text, 0, 10), &date)
               ? day_text(view, date_to_day(date))
               : text;
}

struct value *days_shown(struct view *view, const struct value *list,
                         const char *key, const char *name)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_list(arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_copy(value_at(list, i), arena);

        value_put_str(item, arena, name,
                      day_shown(view, value_text_of(item, key)));
        value_add(out, arena, item);
    }
    return out;
}

struct str stamp_text(struct view *view, const struct value *answers,
                      const char *key)
{
    int64_t instant;

    if (!instant_parse(value_text_of(answers, key), &instant))
        return STR("");
    return when_text(view, instant);
}

/* -- the privacy notice ---------------------------------------------------- */

static struct str notice_source(struct view *view)
{
    const struct form_files *files = view->app->office.files;
    struct str name = view_format(view, "catalog/notice.%.*s.md",
                                  STR_ARGS(view->task.language));
    struct str text = files ? files->file(files->context, name) : STR_NULL;

    if (text.size || !files)
        return text;
    return files->file(files->context, STR("catalog/notice.es.md"));
}

/* Paragraphs, headings and list items: all the Markdown a notice needs. */
static void notice_line(struct view *view, struct value *parts,
                        struct buf *text, struct str line)
{
    struct arena *arena = view->task.arena;
    bool heading = str_starts(line, STR("#"));
    bool item = str_starts(line, STR("- ")) || str_starts(line, STR("* "));
    struct value *part;

    if (text->size > 0 && (line.size == 0 || heading || item)) {
        part = value_object(arena);
        value_put_bool(part, arena, "heading", false);
        value_put_str(part, arena, "text", str_copy(arena, buf_str(text)));
        value_add(parts, arena, part);
        buf_clear(text);
    }
    if (heading) {
        while (line.size && (line.at[0] == '#' || line.at[0] == ' '))
            line = str_slice(line, 1, line.size);
        part = value_object(arena);
        value_put_bool(part, arena, "heading", true);
        value_put_str(part, arena, "text", line);
        value_add(parts, arena, part);
        return;
    }
    if (item) {
        buf_puts(text, "• ");
        line = str_slice(line, 2, line.size);
    } else if (text->size > 0) {
        buf_putc(text, ' ');
    }
    buf_put(text, line);
}

static struct str notice_version(struct view *view)
{
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "notice");

    return table && table->rows
               ? catalog_cell(table, table->rows - 1, "version")
               : STR("");
}

void casework_notice(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct str rest = notice_source(view), line;
    struct value *notice, *parts;
    struct buf text;

    value_put_bool(view->page, arena, "notice", false);
    if (rest.size == 0)
        return;
    notice = value_object(arena);
    parts = value_list(arena);
    buf_init(&text, arena);
    while (str_cut(&rest, '\n', &line))
        notice_line(view, parts, &text, str_trim(line));
    notice_line(view, parts, &text, STR(""));
    value_put_str(notice, arena, "version", notice_version(view));
    value_put(notice, arena, "parts", parts);
    value_put(view->page, arena, "notice", notice);
}

/* -- what comes next for a person ------------------------------------------ */

/* The newest screening: its page, or false when there is none. */
static enum error put_screened(struct view *view, struct value *next,
                               struct str person)
{
    struct record_filter filter = {
        .kind = STR("screening"), .subject = person, .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    view->task.arena, &record, &count, &view->err);

    if (error != ERROR_NONE)
        return error;
    put_text_or_false(
        view, next, "screened",
        count ? view_format(view, "/screening/%.*s", STR_ARGS(record[0].id))
              : STR(""));
    return ERROR_NONE;
}

enum error casework_next(struct view *view, struct str person,
                         const struct value *open)
{
    const struct role *role = view->task.actor.role;
    const struct value *flag = value_at(value_get(open, "flags"), 0);
    const struct value *casefile = value_at(value_get(open, "casefiles"), 0);
    struct arena *arena = view->task.arena;
    struct value *next = value_object(arena);
    bool screened, screens = role_has(role, RIGHT_SCREENING_WRITE);
    bool cares = role_has(role, RIGHT_CASE_WRITE);
    enum error error = put_screened(view, next, person);

    if (error != ERROR_NONE)
        return error;
    screened = value_type(value_get(next, "screened")) == VALUE_STRING;
    value_put_str(next, arena, "person", person);
    casework_urgency(view, next, value_text_of(flag, "urgency"));
    value_put_bool(next, arena, "urgent", flag != NULL);
    value_put_bool(next, arena, "screen", screens);
    value_put_bool(next, arena, "screen_first", screens && !screened && !flag);
    put_text_or_false(view, next, "act",
                      flag && screens ? value_text_of(flag, "href") : STR(""));
    put_text_or_false(view, next, "act_label", value_text_of(flag, "label"));
    value_put_bool(next, arena, "refer", role_has(role, RIGHT_REFERRAL_WRITE));
    value_put_bool(next, arena, "care", cares);
    value_put_bool(next, arena, "care_first", cares && screened && !flag);
    put_text_or_false(view, next, "assign",
                      casefile && role_has(role, RIGHT_CASE_ASSIGN)
                          ? view_format(view, "/casefile/%.*s/assign",
                                        STR_ARGS(value_text_of(casefile, "id")))
                          : STR(""));
    put_text_or_false(view, next, "close",
                      casefile && cares
                          ? view_format(view, "/casefile/%.*s/close",
                                        STR_ARGS(value_text_of(casefile, "id")))
                          : STR(""));
    value_put(view->page, arena, "next", next);
    return ERROR_NONE;
}

/* -- addresses ------------------------------------------------------------- */

struct str record_href(struct view *view, struct str kind, struct str id)
{
    static const struct {
        const char *kind, *path;
        enum right right;
    } own[] = {{"person", "/person/", RIGHT_PERSON_READ},
               {"referral", "/referral/", RIGHT_REFERRAL_WRITE},
               {"received", "/given/", RIGHT_REFERRAL_WRITE},
               {"flag", "/flag/", RIGHT_SCREENING_WRITE},
               {"screening", "/screening/", RIGHT_SCREENING_WRITE},
               {"profile", "/review/", RIGHT_PROFILE_DECIDE},
               {"erasure", "/erasure/", RIGHT_DATA_ERASE},
               {"rights_request", "/rights/", RIGHT_DATA_RIGHTS}};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (str_equal_c(kind, own[i].kind) &&
            role_has(view->task.actor.role, own[i].right))
            return view_format(view, "%s%.*s", own[i].path, STR_ARGS(id));
    return view_format(view, "/record/%.*s/%.*s", STR_ARGS(kind), STR_ARGS(id));
}
