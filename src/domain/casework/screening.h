/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* screening.h - what the answers of a screening mean.
 *
 * Signs (catalog/sign.csv) are expressions over the answers; rules
 * (catalog/rule.csv) are monotone expressions over signs. A sign is unknown
 * while a question it needs is relevant and unanswered (also NR, ND, DK; NA
 * settles it as absent). A rule has fired when it holds with every unknown
 * read as no; it is pending when it holds only with unknown read as yes, and
 * then names the questions that would settle it. The index only sorts; flags
 * outrank it. Source: profiles.md 1-4, vulnerability_model.md 3, CRM/RCM
 * Lineamientos practice; all of it replaceable data.
 */
#ifndef COBIJO_SCREENING_H
#define COBIJO_SCREENING_H

#include "domain/record/record.h"

enum sign_state { SIGN_NO, SIGN_YES, SIGN_UNKNOWN };

struct sign {
    struct str code, module;
    struct str when_text;
    const struct expr *when;
    const struct str *question; /* names the expression refers to */
    size_t questions;
    const struct str *opener; /* questions that decide whether those are asked
                                 at all: while one is open, so is the sign */
    size_t openers;
};

struct screening_rules; /* signs, rules and index, parsed; in the office */
enum error screening_rules_load(struct arena *arena,
                                const struct catalog *catalog,
                                struct screening_rules **rules,
                                struct err *err);

struct finding {
    bool flag;          /* else a profile */
    struct str code;    /* F01, TRATA */
    struct str state;   /* profiles: indicios, presumed */
    struct str urgency; /* U0..U3, may be empty */
    struct str rule;
    bool pending;
    const struct str *sign; /* fired: the signs that are yes; pending: the
                               unknown ones that would decide */
    size_t signs;
    const struct str *question; /* keys of the answers behind them */
    size_t questions;
};

struct screening_outcome {
    const struct finding *finding; /* fired first, by urgency; pending after */
    size_t findings, fired;
    struct str urgency; /* of the most urgent fired; U3 if none */
    int index;          /* V, 0..30; -1 when not asked enough */
    struct str band;    /* A..D */
    int asked, known;   /* completeness = known / asked */
};

/* person: her answers, NULL for nobody; entry_day -1 unknown. */
enum error screening_evaluate(struct task *task, const struct form *form,
                              const struct value *answers,
                              const struct value *person, struct arena *arena,
                              struct screening_outcome *outcome,
                              struct err *err);
/* Fills the context names (catalog/context.csv) into the form's hidden
 * questions: what relevance and rules read. */
void screening_prepare(struct task *task, const struct form *form,
                       struct value *answers, const struct value *person);
enum error screening_fill(struct task *task, const struct form *form,
                          struct value *answers, struct err *err);
/* The outcome for people: [{code, label, state, urgency…, because:[{question,
 * answer}]}] – which answers fired what. Fields the actor may not read are
 * named, not told. */
struct value *screening_explain(struct task *task, const struct form *form,
                                const struct value *answers,
                                const struct screening_outcome *outcome);

/* Both of the above for a screening that stands. All its answers count, also
 * those closed to the reader: a flag that stands must not look like none to
 * her; *findings tells only what she may read. Check first that she may read
 * the screening at all. */
enum error screening_found(struct task *task, const struct form *form,
                           struct str screening, struct str person,
                           struct screening_outcome *outcome,
                           const struct value **findings, struct err *err);

enum error screening_rule(struct task *task, struct change *change,
                          const struct save *save, const struct value *before,
                          struct value *after, struct err *err);
enum error profile_rule(struct task *task, struct change *change,
                        const struct save *save, const struct value *before,
                        struct value *after, struct err *err);
enum error flag_rule(struct task *task, struct change *change,
                     const struct save *save, const struct value *before,
                     struct value *after, struct err *err);

/* May the actor's role see this profile at all (catalog/profile.csv)? */
bool profile_visible(const struct task *task, struct str code);
/* Adds an open flag with its clock. source: rule, worker, clock. */
void flag_add(struct change *change, struct str person, struct str code,
              struct str screening, const char *source);

/* Writes down what was done about a flag (codes of the list flag_action;
 * no_aplica dismisses it). */
enum error flag_act(struct task *task, struct str flag, struct str action,
                    struct str note, struct err *err);

/* Standing profiles of a person: code and state, ruled_out left out. */
struct standing_profile {
    struct str record, code, state;
};
enum error profile_list(struct task *task, struct str person,
                        struct standing_profile **profile, size_t *count,
                        struct err *err);
/* A supervisor's decision on indicios or presumption. */
enum error profile_decide(struct task *task, struct str profile,
                          struct str state, struct str authority,
                          struct str note, struct err *err);

/* The last screen was reached: finished_at, the first time. */
enum error screening_finish(struct task *task, struct str screening,
                            struct err *err);

#endif
