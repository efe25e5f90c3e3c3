/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* access.c - rights, compartments, and what a role may see of a record.
 *
 * In doubt nobody may: a compartment that no role knows is closed to all,
 * a kind without a row here falls under the rights of a person's file.
 */
#include "domain/access/access.h"

/* What the compartment names of a form stand for; unknown ones are closed. */
enum { COMPARTMENT_UNKNOWN = 1 << 30 };

static unsigned compartment_of(struct str name)
{
    static const struct {
        const char *name;
        unsigned bit;
    } row[] = {
        {"health", COMPARTMENT_HEALTH},   {"violence", COMPARTMENT_VIOLENCE},
        {"asylum", COMPARTMENT_ASYLUM},   {"child", COMPARTMENT_CHILD},
        {"sogiesc", COMPARTMENT_SOGIESC}, {"all", COMPARTMENT_ALL},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if (str_equal_c(name, row[i].name))
            return row[i].bit;
    return COMPARTMENT_UNKNOWN;
}

unsigned access_compartments(struct str names)
{
    struct str part;
    unsigned bits = 0;

    if (!str_trim(names).size)
        return 0;
    while (str_cut(&names, ' ', &part)) {
        part = str_trim(part);
        if (part.size)
            bits |= compartment_of(part);
    }
    return bits;
}

enum right access_right(struct str name)
{
    static const char *const text[] = {
#define RIGHT(name, text) text,
#include "domain/access/rights.def"
#undef RIGHT
    };

    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
        if (str_equal_c(name, text[i]))
            return (enum right)i;
    return RIGHT_COUNT;
}

bool role_has(const struct role *role, enum right right)
{
    if (right == RIGHT_NONE)
        return true;
    if (!role || right >= RIGHT_COUNT)
        return false;
    return right == RIGHT_LOGIN || (role->rights >> right & 1);
}

static bool opens(const struct role *role, struct str compartments)
{
    return !(access_compartments(compartments) &
             ~(role ? role->compartments : 0));
}

unsigned access_class(struct str name)
{
    static const char *const text[] = {"PUB", "INT", "PER"};

    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
        if (str_equal_c(name, text[i]))
            return 1u << i;
    return CLASS_SEN;
}

const struct role *role_own(const struct role *role)
{
    return role && role->own ? role->own : role;
}

const struct role *role_widest(const struct role *role, struct str kind)
{
    const struct role *own = role_own(role);
    int bits = ROLE_IN_CHARGE | (str_equal_c(kind, "flag") ? ROLE_FLAGS : 0) |
               (kind_is_interview(kind) ? ROLE_ASKS : 0);

    return own && own->variant ? &own->variant[bits] : own;
}

/* Does the purpose open the class of the question itself? Groups have none. */
static bool opens_class(const struct role *role,
                        const struct question *question)
{
    if (!role || !role->closed_class || !question_has_value(question))
        return true;
    return !(role->closed_class & access_class(question->class));
}

bool role_reads(const struct role *role, const struct question *question)
{
    if (question && !opens_class(role, question))
        return false;
    for (; question; question = question->parent)
        if (!opens(role, question->compartment))
            return false;
    return true;
}

/* --- codes ------------------------------------------------------------------
 */

static struct str code_compartment(const struct choice *choice)
{
    return choice ? value_text_of(choice->extra, "compartment") : STR("");
}

bool role_reads_code(const struct role *role, const struct question *question,
                     struct str code)
{
    return !question->choices ||
           opens(role, code_compartment(choice_find(question->choices, code)));
}

bool role_reads_codes(const struct role *role, const struct question *question)
{
    const struct choice_list *list = question->choices;

    for (size_t i = 0; list && i < list->count; i++)
        if (!opens(role, code_compartment(&list->choice[i])))
            return false;
    return true;
}

const struct question *form_guard(const struct form *form)
{
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];

        if (question->type == QUESTION_SELECT_ONE && question->required &&
            !question->repeat && !role_reads_codes(NULL, question))
            return question;
    }
    return NULL;
}

bool role_reads_record(const struct role *role, const struct form *form,
                       const struct value *answers)
{
    const struct question *guard = form_guard(form);

    return !guard ||
           role_reads_code(role, guard,
                           value_text(value_get_str(answers, guard->key)));
}

/* Who reads, and all versions of the form, newest first. */
struct filtering {
    const struct role *role;
    const struct form *const *form;
    size_t count;
    struct arena *arena;
};

static const struct question *
find(const struct form *form, const struct question *repeat, struct str key)
{
    return repeat ? form_find_in(form, repeat, key) : form_find(form, key);
}

/* The question of that place in one version. */
static const struct question *find_version(const struct filtering *f,
                                           size_t version,
                                           const struct question *repeat,
                                           struct str key)
{
    const struct question *there = NULL;

    if (!version || !repeat)
        return find(f->form[version], repeat, key);
    if (!repeat->repeat)
        there = form_find(f->form[version], repeat->key);
    return there && there->type == QUESTION_REPEAT
               ? form_find_in(f->form[version], there, key)
               : NULL;
}

/* A code that was taken off the list is as closed as it was. */
static bool reads_code(const struct filtering *f,
                       const struct question *question, struct str code)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct question *then =
            i ? find_version(f, i, question->repeat, question->key) : question;

        if (then && choice_find(then->choices, code))
            return role_reads_code(f->role, then, code);
    }
    return true;
}

/* The codes of one answer that are open; the text itself when all are. */
static struct str open_codes(const struct filtering *f,
                             const struct question *question, struct str codes)
{
    struct str rest = codes, code;
    bool closed = false;
    struct buf out;

    buf_init(&out, f->arena);
    while (str_cut(&rest, ' ', &code)) {
        if (!reads_code(f, question, code)) {
            closed = true;
            continue;
        }
        if (out.size)
            buf_putc(&out, ' ');
        buf_put(&out, code);
    }
    return closed ? buf_str(&out) : codes;
}

/* An answer, or several that stand side by side; NULL: nothing is left. */
static const struct value *filter_codes(const struct filtering *f,
                                        const struct question *question,
                                        const struct value *answer)
{
    struct str text = value_text(answer), open;
    struct value *list;

    if (value_type(answer) == VALUE_LIST) {
        list = value_list(f->arena);
        for (size_t i = 0; i < value_count(answer); i++) {
            const struct value *one =
                filter_codes(f, question, value_at(answer, i));

            if (one)
                value_add(list, f->arena, one);
        }
        return value_count(list) ? list : NULL;
    }
    open = open_codes(f, question, text);
    if (open.size == text.size)
        return answer;
    return open.size ? value_string(f->arena, open) : NULL;
}

bool role_reads_all(const struct role *role, const struct question *question)
{
    const struct question *child;

    if (!role_reads(role, question))
        return false;
    for (child = question->child; child; child = child->next)
        if (!role_reads_all(role, child))
            return false;
    return true;
}

/* The newest question that says whose the answer is. NULL: no version that is
 * known asked it, and only who reads everything reads it. */
static const struct question *
judge(const struct filtering *f, const struct question *repeat, struct str key)
{
    const struct question *question = NULL;

    for (size_t i = 0; !question && i < f->count; i++)
        question = find_version(f, i, repeat, key);
    return question;
}

static bool reads_key(const struct filtering *f,
                      const struct question *question)
{
    if (question)
        return role_reads(f->role, question);
    return f->role &&
           (f->role->compartments & COMPARTMENT_ALL) == COMPARTMENT_ALL;
}

static struct value *filter_why(const struct filtering *f,
                                const struct question *repeat,
                                const struct value *why)
{
    struct value *out = value_object(f->arena);

    for (size_t i = 0; i < value_count(why); i++) {
        struct str key = value_name_at(why, i);

        if (reads_key(f, judge(f, repeat, key)))
            value_set(out, f->arena, key, value_at(why, i));
    }
    return out;
}

/* One object of answers: the record's (repeat NULL) or a row's. */
static struct value *filter_row(const struct filtering *f,
                                const struct question *repeat,
                                const struct value *answers);

static struct value *filter_rows(const struct filtering *f,
                                 const struct question *repeat,
                                 const struct value *rows)
{
    struct value *out = value_list(f->arena);

    for (size_t i = 0; i < value_count(rows); i++)
        value_add(out, f->arena, filter_row(f, repeat, value_at(rows, i)));
    return out;
}

/* A repeat that is asked no more: its rows by the version that had it. */
static struct value *filter_old_rows(const struct filtering *f,
                                     const struct question *repeat,
                                     const struct value *rows)
{
    struct filtering then = *f;

    while (then.count && form_find(then.form[0], repeat->key) != repeat) {
        then.form++;
        then.count--;
    }
    return then.count ? filter_rows(&then, repeat, rows) : value_list(f->arena);
}

static struct value *filter_row(const struct filtering *f,
                                const struct question *repeat,
                                const struct value *answers)
{
    struct value *out = value_object(f->arena);

    for (size_t i = 0; i < value_count(answers); i++) {
        struct str key = value_name_at(answers, i);
        const struct value *answer = value_at(answers, i);
        const struct question *question = judge(f, repeat, key);

        if (str_equal_c(key, "_why"))
            answer = filter_why(f, repeat, answer);
        else if (!reads_key(f, question))
            continue;
        else if (question && question->type == QUESTION_REPEAT &&
                 value_type(answer) == VALUE_LIST)
            answer = question == find(f->form[0], repeat, key)
                         ? filter_rows(f, question, answer)
                         : filter_old_rows(f, question, answer);
        else if (question && question_is_select(question))
            answer = filter_codes(f, question, answer);
        if (answer)
            value_set(out, f->arena, key, answer);
    }
    return out;
}

struct value *role_filter_versions(const struct role *role,
                                   const struct form *const *form, size_t count,
                                   const struct value *answers,
                                   struct arena *arena)
{
    struct filtering f = {role, form, count, arena};

    return filter_row(&f, NULL, answers);
}

struct value *role_filter(const struct role *role, const struct form *form,
                          const struct value *answers, struct arena *arena)
{
    return role_filter_versions(role, &form, 1, answers, arena);
}

struct kind_rights {
    const char *kind;
    enum right read, write;
    bool house;
};

static const struct kind_rights *kind_rights(struct str kind)
{
    static const struct kind_rights row[] = {
        {"person", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE, false},
        {"group", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE, false},
        {"journey", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE, false},
        {"arrival", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE, false},
        {"consent", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE, false},
        {"need", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE, false},
        {"service", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE, false},
        {"screening", RIGHT_PERSON_READ, RIGHT_SCREENING_WRITE, false},
        {"flag", RIGHT_PERSON_READ, RIGHT_SCREENING_WRITE, false},
        {"profile", RIGHT_PERSON_READ, RIGHT_SCREENING_WRITE, false},
        {"casefile", RIGHT_PERSON_READ, RIGHT_CASE_WRITE, false},
        {"followup", RIGHT_PERSON_READ, RIGHT_CASE_WRITE, false},
        {"referral", RIGHT_PERSON_READ, RIGHT_REFERRAL_WRITE, false},
        /* by the program: what another house gave */
        {"received", RIGHT_PERSON_READ, RIGHT_COUNT, false},
        {"place", RIGHT_PLACE_READ, RIGHT_PLACE_WRITE, true},
        {"organization", RIGHT_PLACE_READ, RIGHT_PLACE_WRITE, true},
        {"place_report", RIGHT_PLACE_WRITE, RIGHT_PLACE_WRITE, true},
        {"place_change", RIGHT_PLACE_WRITE, RIGHT_PLACE_WRITE, true},
        {"notice", RIGHT_PLACE_READ, RIGHT_PLACE_WRITE, true},
        {"tally", RIGHT_TALLY_WRITE, RIGHT_TALLY_WRITE, true},
        {"sealed", RIGHT_FORM_ADMIN, RIGHT_FORM_ADMIN, true},
        {"import_batch", RIGHT_IMPORT_WRITE, RIGHT_IMPORT_WRITE, true},
        {"rights_request", RIGHT_DATA_RIGHTS, RIGHT_DATA_RIGHTS, false},
        {"erasure", RIGHT_DATA_ERASE, RIGHT_DATA_ERASE, true},
        {"erase_notice", RIGHT_DATA_RIGHTS, RIGHT_DATA_RIGHTS, true},
        {"retention_run", RIGHT_DATA_ERASE, RIGHT_DATA_ERASE, true},
        {"vulnerability", RIGHT_PERSON_READ, RIGHT_SCREENING_SENSITIVE, false},
        {"best_interest", RIGHT_PERSON_READ, RIGHT_SCREENING_SENSITIVE, false},
        {"health_intake", RIGHT_PERSON_READ, RIGHT_SCREENING_SENSITIVE, false},
        {"shelter_check", RIGHT_REPORT_READ, RIGHT_PLACE_WRITE, true},
        {"ofam_evaluation", RIGHT_REPORT_READ, RIGHT_PLACE_WRITE, true},
        {"coexistence", RIGHT_REPORT_READ, RIGHT_TALLY_WRITE, true},
        {"user", RIGHT_USER_ADMIN, RIGHT_USER_ADMIN, true},
        {"export", RIGHT_LOG_READ, RIGHT_COUNT, true}, /* by the program */
        {"policy_change", RIGHT_LOG_READ, RIGHT_COUNT, true}, /* so too */
        {"alert", RIGHT_ALERT_WRITE, RIGHT_ALERT_WRITE, true},
        {"alert_recipient", RIGHT_ALERT_APPROVE, RIGHT_ALERT_APPROVE, true},
        {"help_request", RIGHT_HELP_ANSWER, RIGHT_COUNT, true},
        {"help_message", RIGHT_HELP_ANSWER, RIGHT_COUNT, true},
        {"outreach", RIGHT_OUTREACH_WRITE, RIGHT_OUTREACH_WRITE, true},
        {"form", RIGHT_LOGIN, RIGHT_FORM_ADMIN, true},
        {NULL, RIGHT_PERSON_READ, RIGHT_PERSON_WRITE,
         false}, /* a form of theirs */
    };
    const struct kind_rights *at = row;

    while (at->kind && !str_equal_c(kind, at->kind))
        at++;
    return at;
}

enum right right_to_read(struct str kind)
{
    return kind_rights(kind)->read;
}

enum right right_to_write(struct str kind)
{
    return kind_rights(kind)->write;
}

bool kind_is_of_house(struct str kind)
{
    return kind_rights(kind)->house;
}

bool kind_stays(struct str kind)
{
    return str_equal_c(kind, "help_request") ||
           str_equal_c(kind, "help_message");
}

bool kind_is_interview(struct str kind)
{
    return str_equal_c(kind, "screening") || str_equal_c(kind, "vulnerability");
}
