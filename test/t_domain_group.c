/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_domain_group.c - families and travel groups: who is in which, who is kept
 * apart, what is refused, what is hinted at.
 */
#include "domain/person/group.h"
#include "domain_fixture.h"

enum { PEOPLE = 6 };

struct family {
    struct fixture *fixture;
    struct str person[PEOPLE]; /* woman, man, child, child, doubtful, other */
};

static bool make_people(struct family *family)
{
    static const char *const json[PEOPLE] = {
        "{'given_names':'Madre','sex':'M','birth_date':'1990-05-01'}",
        "{'given_names':'Padre','sex':'H','age_years':'35'}",
        "{'given_names':'Hija','sex':'M','birth_date':'2015'}",
        "{'given_names':'Hijo','sex':'H','age_years':'4'}",
        "{'given_names':'Dudoso','age_years':'19',"
        "'age_source':'en_disputa'}",
        "{'given_names':'Otra','sex':'M'}",
    };

    for (int i = 0; i < PEOPLE; i++) {
        family->person[i] = fixture_person(family->fixture, json[i]);
        if (!family->person[i].size)
            return false;
    }
    return true;
}

/* Turns $0 … $5 into ids. */
static const struct value *fill(const struct family *family, const char *text)
{
    struct buf out;

    buf_init(&out, &family->fixture->arena);
    for (; *text; text++) {
        if (text[0] == '$' && text[1] >= '0' && text[1] < '0' + PEOPLE)
            buf_put(&out, family->person[*++text - '0']);
        else
            buf_putc(&out, *text);
    }
    return fixture_json(family->fixture,
                        str_c(&family->fixture->arena, buf_str(&out)));
}

static enum error save_group(const struct family *family, struct str id,
                             const char *json, struct saved *saved)
{
    struct task task = fixture_task(family->fixture, "case_worker");
    struct save save = {
        .kind = STR("group"), .id = id, .input = fill(family, json)};
    struct err err = {0};
    enum error error = record_save(&task, &save, saved, &err);

    if (error)
        fixture_say(&err);
    family->fixture->now += 1000;
    return error;
}

static void check_refusals(struct tap *tap, const struct family *family)
{
    static const struct {
        const char *name, *json;
        enum error error;
    } row[] = {
        {"a head nobody knows", "{'head_person':'x'}", ERROR_INPUT},
        {"a member nobody knows",
         "{'head_person':'$0','members':[{'person':'x'}]}", ERROR_INPUT},
        {"a member twice",
         "{'head_person':'$0','members':[{'person':'$1'},{'person':'$1'}]}",
         ERROR_INPUT},
        {"kept apart from herself",
         "{'head_person':'$0','keep_apart':[{'person_a':'$0',"
         "'person_b':'$0'}]}",
         ERROR_INPUT},
        {"kept apart from nobody",
         "{'head_person':'$0','keep_apart':[{'person_a':'$0',"
         "'person_b':'y'}]}",
         ERROR_INPUT},
        {"mother of herself",
         "{'relations':[{'person_a':'$0','relation':'madre',"
         "'person_b':'$0'}]}",
         ERROR_INPUT},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct saved saved;

        tap_ok(tap,
               save_group(family, STR_NULL, row[i].json, &saved) ==
                   row[i].error,
               "refused: %s", row[i].name);
    }
}

static bool is_member(const struct group *group, struct str person)
{
    for (size_t i = 0; i < group->members; i++)
        if (str_equal(group->member[i].person, person))
            return true;
    return false;
}

static void check_membership(struct tap *tap, const struct family *family)
{
    struct task task = fixture_task(family->fixture, "case_worker");
    struct saved caravan, saved;
    struct group group = {0};
    struct err err = {0};
    bool found = true;

    group_of_person(&task, family->person[2], &group, &found, &err);
    tap_ok(tap, !found && !err.code, "alone at first");
    save_group(family, STR_NULL,
               "{'group_type':'familia','head_person':'$0','members':"
               "[{'person':'$2','relation':'hijo_a'},"
               "{'person':'$3','relation':'hijo_a'}]}",
               &saved);
    save_group(family, STR_NULL,
               "{'group_type':'caravana','head_person':'$1','arrival_size':"
               "'300','members':[{'person':'$1'},{'person':'$2'}]}",
               &caravan);
    if (!tap_ok(
            tap,
            !group_of_person(&task, family->person[2], &group, &found, &err) &&
                found,
            "a child's group"))
        fixture_say(&err);
    tap_is(tap, str_c(task.arena, group.id), str_c(task.arena, saved.id),
           "is the family, though the caravan is newer");
    tap_is_int(tap, (long long)group.members, 3, "the head was added");
    tap_ok(tap, is_member(&group, family->person[0]), "as a member");
    group_of_person(&task, family->person[1], &group, &found, &err);
    tap_is(tap, str_c(task.arena, group.id), str_c(task.arena, caravan.id),
           "who has no family has her travel group");
    save_group(family, saved.id,
               "{'members':[{'person':'$0'},{'person':'$3'}]}", &saved);
    group_of_person(&task, family->person[2], &group, &found, &err);
    tap_is(tap, str_c(task.arena, group.id), str_c(task.arena, caravan.id),
           "who leaves the family is in the other group");
}

static void check_apart(struct tap *tap, const struct family *family)
{
    struct task task = fixture_task(family->fixture, "case_worker");
    struct str *other = NULL;
    struct saved saved;
    struct err err = {0};
    size_t count = 9;

    group_kept_apart(&task, family->person[5], &other, &count, &err);
    tap_is_int(tap, (long long)count, 0, "nobody is kept apart at first");
    save_group(family, STR_NULL,
               "{'head_person':'$5','keep_apart':["
               "{'person_a':'$5','person_b':'$1','reason':'violencia'},"
               "{'person_a':'$4','person_b':'$5','reason':'amenaza'},"
               "{'person_a':'$4','person_b':'$0','reason':'otro'}]}",
               &saved);
    if (group_kept_apart(&task, family->person[5], &other, &count, &err))
        fixture_say(&err);
    tap_is_int(tap, (long long)count, 2, "both ways, only hers");
    group_kept_apart(&task, family->person[1], &other, &count, &err);
    tap_ok(tap, count == 1 && str_equal(other[0], family->person[5]),
           "seen from the other side");
}

static bool hints_at(const struct family *family, const char *json,
                     const char *role, const char *part)
{
    struct task task = fixture_task(family->fixture, role);
    struct group group = {0};
    struct saved saved;
    struct err err = {0};
    const char *hint[8];
    size_t count;
    bool found = false;

    if (save_group(family, STR_NULL, json, &saved) ||
        group_read(&task, saved.id, &group, &err))
        return false;
    count = group_hints(&task, &group, hint);
    for (size_t i = 0; i < count; i++)
        found = found || strstr(hint[i], part) != NULL;
    return found;
}

static void check_hints(struct tap *tap, const struct family *family)
{
    static const struct {
        const char *name, *json, *role, *part;
        bool hinted;
    } row[] = {
        {"children alone", "{'members':[{'person':'$2'},{'person':'$3'}]}",
         "intake", "Procuraduría", true},
        {"in doubt a child, too", "{'members':[{'person':'$4'}]}", "intake",
         "Procuraduría", true},
        {"nobody said to care",
         "{'head_person':'$0','members':[{'person':'$2'}]}", "intake",
         "qué persona adulta", true},
        {"a mother who cares",
         "{'members':[{'person':'$0','relation':'madre',"
         "'caregiver_of':'yes'},{'person':'$2'}]}",
         "intake", "qué persona adulta", false},
        {"a carer who only says so",
         "{'members':[{'person':'$1','relation':'dice_ser',"
         "'caregiver_of':'yes'},{'person':'$2'}]}",
         "intake", "verificado", true},
        {"a child is no carer",
         "{'members':[{'person':'$4','caregiver_of':'yes'},"
         "{'person':'$2'},{'person':'$0'}]}",
         "intake", "qué persona adulta", true},
        {"an age that is not known", "{'members':[{'person':'$5'}]}", "intake",
         "Falta la edad", true},
        {"more than registered",
         "{'arrival_size':'5','members':[{'person':'$0'}]}", "intake",
         "más personas", true},
        {"two who must not meet",
         "{'members':[{'person':'$0'},{'person':'$1'}],'keep_apart':"
         "[{'person_a':'$1','person_b':'$0','reason':'violencia'}]}",
         "case_worker", "juntas", true},
        {"not told to who may not know",
         "{'members':[{'person':'$0'},{'person':'$1'}],'keep_apart':"
         "[{'person_a':'$1','person_b':'$0','reason':'violencia'}]}",
         "intake", "juntas", false},
        {"somebody is missing",
         "{'members':[{'person':'$0'}],'separated_member':"
         "[{'person_text':'Alguien'}]}",
         "intake", "le falta alguien", true},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        tap_ok(tap,
               hints_at(family, row[i].json, row[i].role, row[i].part) ==
                   row[i].hinted,
               "hint: %s", row[i].name);
}

static void check_in_one_change(struct tap *tap, const struct family *family)
{
    struct task task = fixture_task(family->fixture, "intake");
    struct save save = {
        .kind = STR("person"), .id = STR("born-here"), .create = true};
    struct change change;
    struct saved saved;
    struct err err = {0};

    change_init(&change, &task);
    save.input = fill(family, "{'given_names':'Nueva','sex':'M'}");
    record_prepare(&task, &change, &save, &saved, &err);
    save = (struct save){.kind = STR("group"),
                         .input = fill(family, "{'head_person':'born-here'}")};
    tap_ok(tap,
           !record_prepare(&task, &change, &save, &saved, &err) &&
               !change_commit(&change, NULL, &err),
           "a person and her group in one change");
    if (err.code)
        fixture_say(&err);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct family family = {.fixture = fixture};

    if (!tap_ok(tap, make_people(&family), "made-up people"))
        return;
    check_refusals(tap, &family);
    check_membership(tap, &family);
    check_apart(tap, &family);
    check_hints(tap, &family);
    check_in_one_change(tap, &family);
}

int main(void)
{
    return fixture_main(check);
}
