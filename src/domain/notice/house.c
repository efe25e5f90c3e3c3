/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* house.c - see house.h. All questions of the kind are the program's to set,
 * so a text reaches readers by these functions alone.
 */
#include "domain/notice/house.h"

#include "core/date.h"
#include "domain/record/record.h"

struct str house_id(const struct task *task, struct str name,
                    struct str language)
{
    return task_uuid(task, STR("notice"),
                     str_format(task->arena, "%.*s.%.*s", STR_ARGS(name),
                                STR_ARGS(language)));
}

enum error house_record(struct task *task, struct str name, struct str language,
                        bool *found, struct record *record, struct err *err)
{
    struct err own = {0};
    enum error error =
        record_read(&task->office->log, task->db, STR("notice"),
                    house_id(task, name, language), task->arena, record, &own);

    *found = !error;
    if (!error || error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    *err = own;
    return error;
}

static void published(const struct value *answers, struct str name,
                      struct str language, struct notice *notice)
{
    *notice = (struct notice){
        .name = name,
        .language = language,
        .title = value_text_of(answers, "title"),
        .source = value_text_of(answers, "body"),
        .sources = value_text_of(answers, "sources"),
        .reviewed_by = value_text_of(answers, "reviewed_by"),
        .reviewed_on = value_text_of(answers, "reviewed_on"),
        .audio = value_text_of(answers, "audio"),
        .house = true,
    };
}

enum error house_notice(struct task *task, struct str name, struct str language,
                        bool *found, struct notice *notice, struct err *err)
{
    struct record record = {0};
    enum error error = ERROR_NONE;

    *found = false;
    if (!task->db)
        return ERROR_NONE;
    error = house_record(task, name, language, found, &record, err);
    if (error || !*found)
        return error;
    published(record.answers, name, language, notice);
    *found = notice->source.size > 0;
    if (!*found)
        return ERROR_NONE;
    return notice_render(task->arena, task->office->host, task->office->catalog,
                         notice, err);
}

/* --- changing
 * ----------------------------------------------------------------- */

static enum error keep(struct task *task, struct str name, struct str language,
                       const struct record *record, struct value *system,
                       struct err *err)
{
    struct save save = {.kind = STR("notice"),
                        .id = house_id(task, name, language),
                        .create = record == NULL,
                        .base = record ? record->clock : 0,
                        .input = value_object(task->arena),
                        .system = system};
    struct saved saved;

    value_put_str(system, task->arena, "name", name);
    value_put_str(system, task->arena, "notice_language", language);
    return record_save(task, &save, &saved, err);
}

static enum error say(struct err *err, enum error code, const char *msgid)
{
    return err_set(err, code, msgid, NULL, NULL, NULL);
}

static bool has_language(const struct know *know, struct str language)
{
    for (size_t i = 0; know && i < know->languages; i++)
        if (str_equal(know->language[i], language))
            return true;
    return false;
}

static enum error place_check(struct task *task, struct str name,
                              struct str language, struct err *err)
{
    if (!know_topic(task->office->know, name) ||
        !has_language(task->office->know, language))
        return say(err, ERROR_NOT_FOUND, N_("Esta página no existe."));
    return ERROR_NONE;
}

static void put_draft(struct task *task, struct value *system,
                      const struct notice *draft)
{
    struct arena *arena = task->arena;

    value_put_str(system, arena, "draft_title", draft->title);
    value_put_str(system, arena, "draft_body", draft->source);
    value_put_str(system, arena, "draft_sources", draft->sources);
    value_put_str(system, arena, "draft_by",
                  draft->source.size ? task->actor.id : STR(""));
}

enum error house_write(struct task *task, const struct notice *draft,
                       struct err *err)
{
    struct value *system = value_object(task->arena);
    struct notice tried = *draft;
    struct record record = {0};
    bool found = false;
    enum error error = place_check(task, draft->name, draft->language, err);

    if (!error && (!draft->title.size || !draft->source.size))
        return say(err, ERROR_INPUT,
                   N_("Escriba un título y un texto; los dos hacen falta."));
    if (!error && draft->source.size > KNOW_TEXT_MOST)
        return say(err, ERROR_INPUT,
                   N_("El texto es demasiado largo para un teléfono. Divídalo "
                      "o acórtelo."));
    if (!error)
        error = notice_render(task->arena, task->office->host,
                              task->office->catalog, &tried, err);
    if (!error)
        error = house_record(task, draft->name, draft->language, &found,
                             &record, err);
    if (error)
        return error;
    put_draft(task, system, draft);
    return keep(task, draft->name, draft->language, found ? &record : NULL,
                system, err);
}

/* What the reviewer approves: the draft, else what readers have now. */
static enum error to_approve(struct task *task, struct str name,
                             struct str language, const struct record *record,
                             struct notice *notice, struct err *err)
{
    const struct value *answers = record ? record->answers : NULL;
    const struct notice *file = know_file(task->office->know, name, language);

    published(answers, name, language, notice);
    if (value_text_of(answers, "draft_body").size) {
        if (str_equal(value_text_of(answers, "draft_by"), task->actor.id))
            return say(err, ERROR_FORBIDDEN,
                       N_("Este texto lo escribió usted: lo tiene que revisar "
                          "otra persona."));
        notice->title = value_text_of(answers, "draft_title");
        notice->source = value_text_of(answers, "draft_body");
        notice->sources = value_text_of(answers, "draft_sources");
    } else if (!notice->source.size && file) {
        *notice = *file;
    }
    if (!notice->source.size)
        return say(err, ERROR_INPUT,
                   N_("Todavía no hay un texto que revisar."));
    return ERROR_NONE;
}

enum error house_approve(struct task *task, struct str name,
                         struct str language, struct str by, int64_t read,
                         struct err *err)
{
    struct arena *arena = task->arena;
    struct value *system = value_object(arena);
    struct notice none = {0}, notice = {0};
    struct record record = {0};
    bool found = false;
    enum error error = place_check(task, name, language, err);

    if (!error && !str_trim(by).size)
        return say(err, ERROR_INPUT,
                   N_("Diga quién lo revisó: una función o una organización, "
                      "no un nombre."));
    if (!error)
        error = house_record(task, name, language, &found, &record, err);
    if (!error)
        error = to_approve(task, name, language, found ? &record : NULL,
                           &notice, err);
    if (!error && read != (found ? record.clock : 0))
        return say(err, ERROR_CONFLICT,
                   N_("Alguien cambió el texto después de que usted lo abrió: "
                      "léalo como está ahora y apruébelo."));
    if (error)
        return error;
    value_put_str(system, arena, "title", notice.title);
    value_put_str(system, arena, "body", notice.source);
    value_put_str(system, arena, "sources", notice.sources);
    value_put_str(system, arena, "reviewed_by", str_trim(by));
    value_put_str(system, arena, "reviewed_on",
                  date_text(arena, date_from_day(task_day(task))));
    put_draft(task, system, &none);
    return keep(task, name, language, found ? &record : NULL, system, err);
}

enum error house_drop(struct task *task, struct str name, struct str language,
                      bool all, struct err *err)
{
    static const char *const key[] = {"title", "body", "sources", "reviewed_by",
                                      "reviewed_on"};
    struct value *system = value_object(task->arena);
    struct notice none = {0};
    struct record record = {0};
    bool found = false;
    enum error error = house_record(task, name, language, &found, &record, err);

    if (error || !found)
        return error;
    put_draft(task, system, &none);
    for (size_t i = 0; all && i < sizeof key / sizeof key[0]; i++)
        value_put_text(system, task->arena, key[i], "");
    return keep(task, name, language, &record, system, err);
}
