/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shared.c - with whom something of a person was shared: told as it is, what
 * was seen already and what nobody has fetched yet. */
#include "core/date.h"
#include "domain/arco/copy.h"
#include "domain/arco/notice.h"
#include "domain/grant/grant.h"
#include "domain/person/merge.h"
#include "store/project.h"

static struct str shown(struct task *task, const char *key,
                        const struct value *answers)
{
    const struct form *form =
        forms_find(task->office->forms, STR("referral"), STR_NULL);
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;

    return question ? answer_display(form, question, value_get(answers, key),
                                     task->language, task->arena)
                    : STR("");
}

/* Sealed files of it: not fetched yet, or by whom and when. */
static enum error grants(struct task *task, struct str referral,
                         struct value *item, struct err *err)
{
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);
    struct grant_given *given = NULL;
    size_t count = 0;
    enum error error = grant_list(task, referral, &given, &count, err);

    for (size_t i = 0; i < count && !error; i++) {
        struct value *one = value_object(arena);

        value_put_str(one, arena, "to", given[i].receiver_name);
        value_put_str(one, arena, "on", instant_text(arena, given[i].issued));
        value_put_str(one, arena, "told", grant_told(task, &given[i]));
        value_put_str(one, arena, "fetched",
                      given[i].fetched ? instant_text(arena, given[i].fetched)
                                       : STR(""));
        if (given[i].fetched && !value_text_of(item, "opened").size)
            value_put_str(item, arena, "opened",
                          instant_text(arena, given[i].fetched));
        value_add(list, arena, one);
    }
    value_put(item, arena, "grants", list);
    return error;
}

enum error shared_list(struct task *task, struct str person,
                       struct value **list, struct err *err)
{
    struct record_filter filter = {.kind = STR("referral"),
                                   .where = "{sent_at} IS NOT NULL",
                                   .order = "{sent_at} DESC, _id",
                                   .limit = 1000};
    struct arena *arena = task->arena;
    struct value *out = value_list(arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error = person_files(task, person, &filter, err);

    if (!error)
        error = record_list(&task->office->log, task->db, &filter, false, arena,
                            &record, &count, err);
    for (size_t i = 0; i < count && !error; i++) {
        const struct value *answers = record[i].answers;
        struct value *item = value_object(arena);
        struct str opened = value_text_of(answers, "link_opened_at");

        if (!opened.size)
            opened = value_text_of(answers, "received_at");
        value_put_str(item, arena, "id", record[i].id);
        value_put_str(item, arena, "to", receiver_name(task, answers));
        value_put_str(item, arena, "on", value_text_of(answers, "sent_at"));
        value_put_str(item, arena, "what",
                      shown(task, "share_fields", answers));
        value_put_str(item, arena, "opened", opened);
        value_put_str(item, arena, "consent",
                      value_text_of(answers, "consent"));
        value_put_str(item, arena, "basis", shown(task, "basis", answers));
        value_put_str(item, arena, "state", shown(task, "state", answers));
        value_put_bool(item, arena, "stopped",
                       value_text_of(answers, "link_revoked_at").size > 0);
        error = grants(task, record[i].id, item, err);
        value_add(out, arena, item);
    }
    *list = out;
    return error;
}
