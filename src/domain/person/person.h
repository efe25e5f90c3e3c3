/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person.h - a person's file: her code, what stands at the top of her page,
 * registering a family or many people at once.
 *
 * A person merged into another (merge.h) keeps her own record and id; every
 * function here that reads follows merged_into to the one that stands.
 */
#ifndef COBIJO_PERSON_H
#define COBIJO_PERSON_H

#include "domain/person/name.h"
#include "domain/record/record.h"

/* What rules.def calls: gives the code, notes when an age was stated, refuses
 * to change a file that was merged into another. */
enum error person_rule(struct task *task, struct change *change,
                       const struct save *save, const struct value *before,
                       struct value *after, struct err *err);

/* Eight random characters and a check character, printed XXXX-XXXXC. Nothing
 * about the person is in it; no 0 1 I L O. */
struct str case_code_new(const struct host *host, struct arena *arena);
bool case_code_valid(struct arena *arena, struct str code);

/* The rules of names of the office (log->tokens_context). */
const struct name_rules *task_names(const struct task *task);

struct person_header {
    struct str id;        /* of the file that stands */
    struct str name;      /* what she wants to be called; a text when she
                             gave none */
    struct str full_name; /* when it differs from name, else empty */
    struct str case_code;
    struct str age; /* "34 años", "entre 16 y 19 años", "10 meses" … */
    int age_low, age_high; /* years, -1 unknown */
    bool child;            /* under 18 in her youngest reading */
    bool age_in_doubt;
    struct str sex; /* labels in the reader's language */
    struct str nationality;
    struct str language;
    bool interpreter;
    struct str phone;
    struct str contact_safe;      /* code: yes, no, only_channel, or empty */
    struct str contact_safe_text; /* its label */
    struct str contact_how;
    int64_t clock;
    struct str state;
    struct str merged_from; /* the id that was asked for, when it was another */
};

enum error person_header(struct task *task, struct str id,
                         struct person_header *header, struct err *err);
/* The same of answers at hand. */
void person_header_of(struct task *task, struct str id,
                      const struct value *answers,
                      struct person_header *header);
/* For templates: members named like the fields. */
struct value *person_header_view(struct task *task,
                                 const struct person_header *header);
/* "34 años", "entre 16 y 19 años", "unos 25 años", "edad en duda (15 a 19)". */
struct str person_age_text(const struct task *task, const struct value *answers,
                           int64_t day);

/* A record beside the first person: its question person is filled in. */
struct registered_too {
    const char *kind;
    const struct value *input, *system;
    bool trusted;
    struct str id; /* empty: made from the entry */
};

/* Registering several at once: a family, or those who came on one bus. All of
 * it is one change: everybody or nobody. */
struct registration {
    const struct value *const *person; /* answers of each */
    size_t count;
    const struct value *shared;  /* answers that all share (nationality,
                                    language, phone …); a person's own win */
    const struct value *arrival; /* answers of an arrival for each, or NULL */
    const struct value *consent; /* of a consent for each, or NULL */
    const struct value *group;   /* of the group (group_type, name …), NULL:
                                    no group */
    const struct str *relation;  /* of each to the head: catalogue codes; the
                                    head's is empty; NULL: none known */
    size_t head;                 /* index of the person who answers */
    struct str entry;            /* idempotency, may be empty */
    const struct registered_too *too;
    size_t toos;
};

struct registered {
    struct str *person; /* ids, in order */
    size_t count;
    struct str group; /* empty when there is none */
    bool repeated;
    size_t wrong; /* of ERROR_INPUT: index of the person, or count for
                     the arrival, group or consent; else SIZE_MAX */
    const struct check_problem *problem;
    size_t problems;
    const struct form *form; /* of the problems */
};

enum error person_register(struct task *task,
                           const struct registration *registration,
                           struct registered *registered, struct err *err);

#endif
