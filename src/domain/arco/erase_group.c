/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* erase_group.c - groups that name an erased person. What was written about
 * them names her, so those records are erased, too; where others remain, the
 * group goes on under another id, without her and without a name that may be
 * hers.
 */
#include "domain/arco/erase_private.h"

static bool names_her(const struct erasing *erasing, const struct value *row)
{
    static const char *const fields[] = {"person", "person_a", "person_b"};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (erasing_is_hers(erasing, value_text_of(row, fields[i])))
            return true;
    return false;
}

/* The group's answers without her rows. */
static struct value *without_her(const struct erasing *erasing,
                                 const struct value *answers)
{
    struct arena *arena = erasing->task->arena;
    struct value *out = value_object(arena);

    for (size_t i = 0; i < value_count(answers); i++) {
        struct str key = value_name_at(answers, i);
        const struct value *answer = value_at(answers, i);
        struct value *rows;

        if (str_equal_c(key, "group_name") || str_equal_c(key, "_why"))
            continue;
        if (value_type(answer) != VALUE_LIST) {
            value_set(out, arena, key, answer);
            continue;
        }
        rows = value_list(arena);
        for (size_t k = 0; k < value_count(answer); k++)
            if (!names_her(erasing, value_at(answer, k)))
                value_add(rows, arena, value_at(answer, k));
        if (value_count(rows))
            value_set(out, arena, key, rows);
    }
    return out;
}

/* Records of others that name the group. */
static enum error rename_in(struct erasing *erasing, const char *kind,
                            struct str was, struct str now, struct err *err)
{
    struct task *task = erasing->task;
    struct db_value value = {.type = 't', .t = was};
    struct record_filter filter = {.kind = str_of(kind),
                                   .where = "{group} = $3",
                                   .value = &value,
                                   .value_count = 1,
                                   .limit = 10000};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &count, err);

    for (size_t i = 0; i < count && !error; i++) {
        struct value *body = value_object(task->arena);

        if (erasing_is_hers(erasing, record[i].subject))
            continue;
        value_put_str(body, task->arena, "group", now);
        change_add(erasing->change, record[i].kind, record[i].id, OP_UPDATE,
                   body, record[i].subject);
    }
    return error;
}

static enum error go_on(struct erasing *erasing, const struct record *group,
                        struct str *made, struct err *err)
{
    struct task *task = erasing->task;
    struct value *answers = without_her(erasing, group->answers);
    const struct value *members = value_get(answers, "members");
    struct str head = value_text_of(answers, "head_person");
    enum error error;

    *made = STR("");
    if (!head.size || erasing_is_hers(erasing, head))
        head = value_text_of(value_at(members, 0), "person");
    if (value_count(members) >= 2 ||
        (value_count(members) == 1 &&
         !str_equal(value_text_of(value_at(members, 0), "person"), head)))
        *made = host_uuid(task->office->host, task->arena);
    if (made->size) {
        value_put_str(answers, task->arena, "head_person", head);
        change_add(erasing->change, STR("group"), *made, OP_CREATE, answers,
                   head);
    }
    error = rename_in(erasing, "arrival", group->id, *made, err);
    return error ? error
                 : rename_in(erasing, "referral", group->id, *made, err);
}

enum error erasing_groups(struct erasing *erasing, struct err *err)
{
    struct task *task = erasing->task;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < erasing->groups && !error; i++) {
        struct record group;
        struct str made;

        error = record_read(&task->office->log, task->db, STR("group"),
                            erasing->group[i], task->arena, &group, err);
        if (error || str_equal_c(group.state, "erased"))
            continue;
        error = go_on(erasing, &group, &made, err);
        change_add(erasing->change, STR("group"), group.id, OP_ERASE, NULL,
                   group.subject);
    }
    return error;
}
