/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* access.h - who may do what: roles are rows of catalog/role.csv, rights are
 * the list in rights.def, compartments guard single questions of a form.
 *
 * A field whose compartment the role lacks is absent from what it reads, and
 * refused when it is written.
 */
#ifndef COBIJO_ACCESS_H
#define COBIJO_ACCESS_H

#include "core/value.h"
#include "form/form.h"

enum right {
#define RIGHT(name, text) RIGHT_##name,
#include "domain/access/rights.def"
#undef RIGHT
    RIGHT_COUNT
};

enum compartment { /* bits */
                   COMPARTMENT_HEALTH = 1,
                   COMPARTMENT_VIOLENCE = 2,
                   COMPARTMENT_ASYLUM = 4,
                   COMPARTMENT_CHILD = 8,
                   COMPARTMENT_SOGIESC = 16,
                   COMPARTMENT_ALL = 31
};

enum reach {
    REACH_NONE,     /* nobody's file */
    REACH_REFERRED, /* what was referred to her place, with its scope */
    REACH_ASSIGNED, /* files of which she is in charge */
    REACH_OWN       /* all files of this house */
};

/* One bit each: PUB INT PER SEN. */
enum class_bit {
    CLASS_PUB = 1,
    CLASS_INT = 2,
    CLASS_PER = 4,
    CLASS_SEN = 8,
    CLASS_ALL = 15
};

enum { ROLE_IN_CHARGE = 1, ROLE_FLAGS = 2, ROLE_ASKS = 4, ROLE_VARIANTS = 8 };

/* A role as it stands towards a file. That of an account (catalog_role) is
 * what is open in every file; decide() answers with the one for this file. */
struct role {
    struct str name;
    uint64_t rights;       /* bit per enum right */
    unsigned compartments; /* bits: open now */
    unsigned assigned;     /* open, too, in files of which she is in charge */
    unsigned flags;        /* told only that there is a flag */
    unsigned asks;         /* open in interviews that she holds herself */
    unsigned closed_class; /* bits of classes that the purpose does not open */
    enum reach reach;
    bool unassigned;        /* a file of which nobody is in charge is hers */
    const struct role *own; /* as the account has it; NULL: this one */
    /* of the own one; the place is made of ROLE_IN_CHARGE, ROLE_FLAGS,
     * ROLE_ASKS; NULL: no other */
    const struct role *variant;
};
/* What people call a role: catalog_name(catalog, "role", name, language). */

/* The role in a file of which she is in charge: what it may ever ask and
 * read, for forms that hold nobody's answers yet. */
const struct role *role_widest(const struct role *role, struct str kind);
/* As the account has it, whatever was decided before. */
const struct role *role_own(const struct role *role);
unsigned access_class(struct str name); /* unknown or none: SEN */

bool role_has(const struct role *role, enum right right); /* NULL: false but
                                                             for NONE */
bool role_reads(const struct role *role, const struct question *question);
/* The question and everything below it (a group, a repeat). */
bool role_reads_all(const struct role *role, const struct question *question);
/* Space-separated names as bits; a name that is not known is a bit that no
 * role has. RIGHT_COUNT: no such right. */
unsigned access_compartments(struct str names);
enum right access_right(struct str name);
/* A code of a select whose row in its list names a compartment (a profile, a
 * field to share) is closed like a question of that compartment. */
bool role_reads_code(const struct role *role, const struct question *question,
                     struct str code);
/* Does the role read every code that the question may hold? */
bool role_reads_codes(const struct role *role, const struct question *question);
/* The question whose code says what the whole record is (a required
 * select_one with closed codes in its list), or NULL: none. */
const struct question *form_guard(const struct form *form);
/* false: the record's guarding answer is closed to the role, and so is the
 * record: for her it does not exist. */
bool role_reads_record(const struct role *role, const struct form *form,
                       const struct value *answers);
/* The answers without what the role may not read (repeats too). */
struct value *role_filter(const struct role *role, const struct form *form,
                          const struct value *answers, struct arena *arena);
/* The same for a record of any version: newest form first. A question or a
 * code that the newest does not have is judged by the newest that has it. */
struct value *role_filter_versions(const struct role *role,
                                   const struct form *const *form, size_t count,
                                   const struct value *answers,
                                   struct arena *arena);
/* The right that reading / writing records of a kind needs. */
enum right right_to_read(struct str kind);
enum right right_to_write(struct str kind);
/* Records of this kind belong to the house, not to a person's file. */
bool kind_is_of_house(struct str kind);
/* What was said in confidence by who has no account: no download has it. */
bool kind_stays(struct str kind);
/* A conversation that somebody holds: what she was told is no secret to her. */
bool kind_is_interview(struct str kind);

#endif
