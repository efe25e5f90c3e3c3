/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* group.c - reading groups: members, who cares for whom, who is kept apart,
 * what somebody should look at. Ages are read for small groups only; a
 * caravan's page must not read a thousand persons.
 */
#include "domain/access/decide.h"
#include "domain/person/group.h"

#include "domain/person/age.h"

enum { GROUP_AGES_MAX = 60, GROUPS_MAX = 20 };

static enum error read_age(struct task *task, struct group_member *member,
                           struct err *err)
{
    struct record record = {0};
    struct err own = {0};
    enum error error;

    error = record_read(&task->office->log, task->db, STR("person"),
                        member->person, task->arena, &record, &own);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (error) {
        *err = own;
        return error;
    }
    member->age_known = age_on_day(record.answers, task_day(task), true) >= 0;
    member->child = age_is_child(record.answers, task_day(task));
    return ERROR_NONE;
}

static enum error group_of_record(struct task *task,
                                  const struct record *record,
                                  struct group *group, struct err *err)
{
    const struct value *rows = value_get(record->answers, "members");
    enum error error = ERROR_NONE;

    *group = (struct group){
        .id = record->id,
        .type = value_text_of(record->answers, "group_type"),
        .clock = record->clock,
        .answers = record->answers,
        .members = value_count(rows),
    };
    group->member =
        ARENA_ARRAY(task->arena, struct group_member, group->members + 1);
    if (!group->member)
        return err_memory(err);
    for (size_t i = 0; !error && i < group->members; i++) {
        const struct value *row = value_at(rows, i);
        struct group_member *member = &group->member[i];

        member->person = value_text_of(row, "person");
        member->relation = value_text_of(row, "relation");
        member->caregiver =
            str_equal_c(value_text_of(row, "caregiver_of"), "yes");
        if (group->members <= GROUP_AGES_MAX)
            error = read_age(task, member, err);
    }
    return error;
}

enum error group_read(struct task *task, struct str id, struct group *group,
                      struct err *err)
{
    struct record record = {0};
    enum error error;

    error = record_read(&task->office->log, task->db, STR("group"), id,
                        task->arena, &record, err);
    return error ? error : group_of_record(task, &record, group, err);
}

/* Ids of the groups that a query over a repeat finds for a person. */
static enum error find_groups(struct task *task, struct str person,
                              const char *sql, struct str id[GROUPS_MAX],
                              size_t *count, struct err *err)
{
    struct rows rows;
    const char *text;
    enum error error;

    *count = 0;
    text = project_sql(&task->office->log, task->db, task->arena, sql, err);
    if (!text)
        return err->code;
    error = db_query(task->db, &rows, err, text, "tti", task->office->log.site,
                     person, (int64_t)GROUPS_MAX);
    if (error)
        return error;
    while (rows_next(&rows) && *count < GROUPS_MAX)
        id[(*count)++] = str_copy(task->arena, rows_text(&rows, 0));
    return rows_end(&rows);
}

enum error group_of_person(struct task *task, struct str person,
                           struct group *group, bool *found, struct err *err)
{
    static const char sql[] =
        "SELECT g._id FROM {group.members} m"
        " JOIN {group} g ON g._site = m._site AND g._id = m._record"
        " WHERE m._site = $1 AND m.{group.members.person} = $2"
        " AND g._state = 'open'"
        " ORDER BY CASE WHEN g.{group.group_type} = 'familia' THEN 0 ELSE 1"
        " END, g._clock DESC LIMIT $3";
    struct str id[GROUPS_MAX];
    size_t count = 0;
    enum error error = find_groups(task, person, sql, id, &count, err);

    if (!error && count)
        error = group_read(task, id[0], group, err);
    if (!error)
        *found = count > 0;
    return error;
}

static void add_other(struct task *task, struct str **other, size_t *count,
                      size_t *room, struct str person)
{
    for (size_t i = 0; i < *count; i++)
        if (str_equal((*other)[i], person))
            return;
    if (*count == *room) {
        size_t more = *room ? *room * 2 : 8;

        *other = arena_grow(task->arena, *other, *room * sizeof(person),
                            more * sizeof(person));
        *room = *other ? more : 0;
    }
    if (*other)
        (*other)[(*count)++] = person;
}

enum error group_kept_apart(struct task *task, struct str person,
                            struct str **other, size_t *count, struct err *err)
{
    static const char sql[] =
        "SELECT DISTINCT k._record FROM {group.keep_apart} k"
        " WHERE k._site = $1 AND (k.{group.keep_apart.person_a} = $2"
        " OR k.{group.keep_apart.person_b} = $2) LIMIT $3";
    struct str id[GROUPS_MAX], *found = NULL;
    size_t groups = 0, others = 0, room = 0;
    enum error error = find_groups(task, person, sql, id, &groups, err);

    for (size_t i = 0; !error && i < groups; i++) {
        struct record record = {0};
        const struct value *rows;

        error = record_read(&task->office->log, task->db, STR("group"), id[i],
                            task->arena, &record, err);
        rows = value_get(record.answers, "keep_apart");
        for (size_t row = 0; !error && row < value_count(rows); row++) {
            struct str a = value_text_of(value_at(rows, row), "person_a");
            struct str b = value_text_of(value_at(rows, row), "person_b");

            if (str_equal(a, person))
                add_other(task, &found, &others, &room, b);
            else if (str_equal(b, person))
                add_other(task, &found, &others, &room, a);
        }
    }
    if (error)
        return error;
    *other = found;
    *count = others;
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}

static bool has_member(const struct group *group, struct str person)
{
    for (size_t i = 0; i < group->members; i++)
        if (str_equal(group->member[i].person, person))
            return true;
    return false;
}

static bool pair_within(const struct group *group)
{
    const struct value *rows = value_get(group->answers, "keep_apart");

    for (size_t i = 0; i < value_count(rows); i++)
        if (has_member(group, value_text_of(value_at(rows, i), "person_a")) &&
            has_member(group, value_text_of(value_at(rows, i), "person_b")))
            return true;
    return false;
}

struct head_count {
    size_t children, adults, caregivers, unknown, unverified;
};

static struct head_count count_members(const struct group *group)
{
    struct head_count heads = {0};

    for (size_t i = 0; i < group->members; i++) {
        const struct group_member *member = &group->member[i];

        heads.children += member->child;
        heads.unknown += !member->age_known && !member->child;
        heads.adults += member->age_known && !member->child;
        if (member->caregiver && !member->child) {
            heads.caregivers++;
            heads.unverified += str_equal_c(member->relation, "dice_ser") ||
                                str_equal_c(member->relation, "no_familiar");
        }
    }
    return heads;
}

/* Of the file of whoever leads the group. */
static bool reads_violence(struct task *task, const struct group *group)
{
    struct record record = {.kind = STR("group"),
                            .id = group->id,
                            .subject =
                                value_text_of(group->answers, "head_person")};
    const struct role *role = decide_read(task, &record);

    return role && (role->compartments & COMPARTMENT_VIOLENCE);
}

size_t group_hints(struct task *task, const struct group *group,
                   const char *hint[8])
{
    struct head_count heads = count_members(group);
    int64_t said = 0;
    size_t count = 0;

    str_to_int(value_text_of(group->answers, "arrival_size"), &said);
    if (heads.children && !heads.adults && !heads.unknown)
        hint[count++] =
            N_("En este grupo hay niñas, niños o adolescentes y ninguna "
               "persona adulta. Avise hoy a la Procuraduría de Protección.");
    else if (heads.children && !heads.caregivers)
        hint[count++] = N_("Falta anotar qué persona adulta cuida a las "
                           "niñas, niños o adolescentes de este grupo.");
    if (heads.children && heads.unverified)
        hint[count++] = N_("Quien cuida a las niñas, niños o adolescentes no "
                           "es familiar o no está verificado. Hable con cada "
                           "quien por separado.");
    /* Who may not read of violence is not told of it here either. */
    if (pair_within(group) && reads_violence(task, group))
        hint[count++] = N_("En este grupo hay personas que no deben estar "
                           "juntas.");
    if (heads.unknown)
        hint[count++] =
            N_("Falta la edad de alguien de este grupo. Basta una aproximada.");
    if (said > (int64_t)group->members)
        hint[count++] = N_("Dijeron ser más personas de las registradas.");
    if (value_count(value_get(group->answers, "separated_member")))
        hint[count++] = N_("A este grupo le falta alguien. Ofrezca iniciar la "
                           "búsqueda.");
    return count;
}
