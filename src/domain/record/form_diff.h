/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_diff.h - what publishing a version would change against the one in use.
 *
 * form_diff compares two forms question by question (a question is its path:
 * key, or repeat[]/key), counts the records that have an answer there, and
 * grades each change: it may simply be made, somebody has to confirm it, or it
 * is refused with the reason. The page, the API and `cobijo form diff` show
 * the same list. Nothing is ever dropped: what a version no longer asks keeps
 * its column, and records keep the answer.
 */
#ifndef COBIJO_FORM_DIFF_H
#define COBIJO_FORM_DIFF_H

#include "domain/office.h"

/* FORM_CHANGE(NAME, "name for programs", msgid) */
#define FORM_CHANGES(X)                                                        \
    X(ADDED, "added", N_("Nueva"))                                             \
    X(REMOVED, "removed", N_("Ya no se pregunta"))                             \
    X(RENAMED, "renamed", N_("Parece la misma con otro nombre"))               \
    X(RETYPED, "retyped", N_("Cambia de tipo"))                                \
    X(LABEL, "label", N_("Cambia el texto"))                                   \
    X(CHOICES_ADDED, "choices_added", N_("Opciones nuevas"))                   \
    X(CHOICES_REMOVED, "choices_removed", N_("Opciones que se quitan"))        \
    X(CHOICES_LABEL, "choices_label", N_("Cambia el texto de opciones"))       \
    X(RELEVANT, "relevant", N_("Cambia cuándo se pregunta"))                   \
    X(CONSTRAINT, "constraint", N_("Cambia lo que se admite"))                 \
    X(REQUIRED, "required", N_("Cambia si es necesaria"))                      \
    X(CALCULATION, "calculation", N_("Cambia el cálculo"))                     \
    X(FILTER, "choice_filter", N_("Cambia qué opciones se ofrecen"))           \
    X(CLASS, "class", N_("Cambia qué tan delicada es"))                        \
    X(COMPARTMENT, "compartment", N_("Cambia quién la puede leer"))            \
    X(SETTING, "setting", N_("Cambia de qué trata el formulario"))

enum form_change_what {
#define FORM_CHANGE(name, text, msgid) FORM_##name,
    FORM_CHANGES(FORM_CHANGE)
#undef FORM_CHANGE
};

enum form_change_grade {
    CHANGE_FREE,
    CHANGE_CONFIRM, /* somebody says that she knows */
    CHANGE_REFUSED
};

struct form_change {
    enum form_change_what what;
    const struct question *was, *now; /* NULL: there is none; one of the two */
    struct str path;                  /* of was, else of now */
    struct str id;                    /* "removed:phone": what is confirmed */
    struct str before, after;         /* texts of what changes */
    const struct choice **choice;     /* added or removed ones */
    int64_t *with;                    /* removed ones: records that have it */
    size_t choices;
    int64_t records; /* that have an answer; -1: not counted */
    int64_t
        unreadable; /* RETYPED: rows whose answer the new type cannot hold */
    enum form_change_grade grade;
    struct err why; /* of a grade, and what is said beside free ones */
};

struct form_diff {
    const struct form *used; /* NULL: the kind is new */
    const struct form *next;
    struct form_change *change;
    size_t count, confirms, refusals;
    int64_t records; /* of the kind */
};

/* Reads counts with task->db; who asks matters: nobody opens a compartment
 * that is closed to her. */
enum error form_diff(struct task *task, const struct form *used,
                     const struct form *next, struct form_diff *diff,
                     struct err *err);
/* {"name", "version", "used", "records", "confirms", "refusals", "changes":
 * [{"id", "what", "what_text", "key", "label", "before", "after", "choices",
 * "records", "unreadable", "grade", "why"}]}: members are always there. */
struct value *form_diff_value(const struct task *task,
                              const struct form_diff *diff);

/* What of a version may not be published whatever it changes: its number.
 * *same: the very text is in use already. */
enum error form_version_check(const struct forms *forms,
                              const struct form *next, int64_t day, bool *same,
                              struct err *err);

#endif
