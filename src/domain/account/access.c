/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* access.c - rights, compartments, and what a role may see of a record.
 *
 * In doubt nobody may: a compartment that no role knows is closed to all,
 * a kind without a row here falls under the rights of a person's file.
 */
#include "domain/account/access.h"

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
#include "domain/account/rights.def"
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

bool role_reads(const struct role *role, const struct question *question)
{
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

/* The codes of one answer that are open; the text itself when all are. */
static struct str open_codes(const struct role *role,
                             const struct question *question, struct str codes,
                             struct arena *arena)
{
    struct str rest = codes, code;
    bool closed = false;
    struct buf out;

    buf_init(&out, arena);
    while (str_cut(&rest, ' ', &code)) {
        if (!role_reads_code(role, question, code)) {
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
static const struct value *filter_codes(const struct role *role,
                                        const struct question *question,
                                        const struct value *answer,
                                        struct arena *arena)
{
    struct str text = value_text(answer), open;
    struct value *list;

    if (value_type(answer) == VALUE_LIST) {
        list = value_list(arena);
        for (size_t i = 0; i < value_count(answer); i++) {
            const struct value *one =
                filter_codes(role, question, value_at(answer, i), arena);

            if (one)
                value_add(list, arena, one);
        }
        return value_count(list) ? list : NULL;
    }
    open = open_codes(role, question, text, arena);
    if (open.size == text.size)
        return answer;
    return open.size ? value_string(arena, open) : NULL;
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

static const struct question *
find(const struct form *form, const struct question *repeat, struct str key)
{
    return repeat ? form_find_in(form, repeat, key) : form_find(form, key);
}

/* What the form in use no longer has may have been closed when it was asked:
 * only who reads everything reads it. */
static bool reads_key(const struct role *role, const struct question *question)
{
    if (question)
        return role_reads(role, question);
    return role && (role->compartments & COMPARTMENT_ALL) == COMPARTMENT_ALL;
}

static struct value *filter_why(const struct role *role,
                                const struct form *form,
                                const struct question *repeat,
                                const struct value *why, struct arena *arena)
{
    struct value *out = value_object(arena);

    for (size_t i = 0; i < value_count(why); i++) {
        struct str key = value_name_at(why, i);

        if (reads_key(role, find(form, repeat, key)))
            value_set(out, arena, key, value_at(why, i));
    }
    return out;
}

/* One object of answers: the record's (repeat NULL) or a row's. */
static struct value *filter_row(const struct role *role,
                                const struct form *form,
                                const struct question *repeat,
                                const struct value *answers,
                                struct arena *arena);

static struct value *filter_rows(const struct role *role,
                                 const struct form *form,
                                 const struct question *repeat,
                                 const struct value *rows, struct arena *arena)
{
    struct value *out = value_list(arena);

    for (size_t i = 0; i < value_count(rows); i++)
        value_add(out, arena,
                  filter_row(role, form, repeat, value_at(rows, i), arena));
    return out;
}

static struct value *filter_row(const struct role *role,
                                const struct form *form,
                                const struct question *repeat,
                                const struct value *answers,
                                struct arena *arena)
{
    struct value *out = value_object(arena);

    for (size_t i = 0; i < value_count(answers); i++) {
        struct str key = value_name_at(answers, i);
        const struct value *answer = value_at(answers, i);
        const struct question *question = find(form, repeat, key);

        if (str_equal_c(key, "_why"))
            answer = filter_why(role, form, repeat, answer, arena);
        else if (!reads_key(role, question))
            continue;
        else if (question && question->type == QUESTION_REPEAT &&
                 value_type(answer) == VALUE_LIST)
            answer = filter_rows(role, form, question, answer, arena);
        else if (question && question_is_select(question))
            answer = filter_codes(role, question, answer, arena);
        if (answer)
            value_set(out, arena, key, answer);
    }
    return out;
}

struct value *role_filter(const struct role *role, const struct form *form,
                          const struct value *answers, struct arena *arena)
{
    return filter_row(role, form, NULL, answers, arena);
}

struct kind_rights {
    const char *kind;
    enum right read, write;
};

static const struct kind_rights *kind_rights(struct str kind)
{
    static const struct kind_rights row[] = {
        {"person", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
        {"group", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
        {"journey", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
        {"arrival", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
        {"consent", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
        {"need", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
        {"service", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
        {"screening", RIGHT_PERSON_READ, RIGHT_SCREENING_WRITE},
        {"flag", RIGHT_PERSON_READ, RIGHT_SCREENING_WRITE},
        {"profile", RIGHT_PERSON_READ, RIGHT_SCREENING_WRITE},
        {"casefile", RIGHT_PERSON_READ, RIGHT_CASE_WRITE},
        {"followup", RIGHT_PERSON_READ, RIGHT_CASE_WRITE},
        {"referral", RIGHT_PERSON_READ, RIGHT_REFERRAL_WRITE},
        {"place", RIGHT_PLACE_READ, RIGHT_PLACE_WRITE},
        {"tally", RIGHT_TALLY_WRITE, RIGHT_TALLY_WRITE},
        {"sealed", RIGHT_FORM_ADMIN, RIGHT_FORM_ADMIN},
        {"import_batch", RIGHT_IMPORT_WRITE, RIGHT_IMPORT_WRITE},
        {"vulnerability", RIGHT_PERSON_READ, RIGHT_SCREENING_SENSITIVE},
        {"best_interest", RIGHT_PERSON_READ, RIGHT_SCREENING_SENSITIVE},
        {"health_intake", RIGHT_PERSON_READ, RIGHT_SCREENING_SENSITIVE},
        {"shelter_check", RIGHT_REPORT_READ, RIGHT_PLACE_WRITE},
        {"ofam_evaluation", RIGHT_REPORT_READ, RIGHT_PLACE_WRITE},
        {"coexistence", RIGHT_REPORT_READ, RIGHT_TALLY_WRITE},
        {"user", RIGHT_USER_ADMIN, RIGHT_USER_ADMIN},
        {"form", RIGHT_LOGIN, RIGHT_FORM_ADMIN},
        {NULL, RIGHT_PERSON_READ, RIGHT_PERSON_WRITE}, /* a form of theirs */
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
