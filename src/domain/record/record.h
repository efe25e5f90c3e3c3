/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record.h - saving a record of any kind: the one road by which pages, the
 * API, import and the command line change anything.
 *
 * record_save checks the right, checks the answers against the form, lets the
 * kind's rule (rules.def) refuse or add further entries, and appends all of it
 * in one transaction. Problems come all at once and lose nothing.
 */
#ifndef COBIJO_RECORD_H
#define COBIJO_RECORD_H

#include "domain/office.h"
#include "form/check.h"
#include "store/project.h"

/* Something else that must happen in the same transaction: a guard that
 * refuses, a row beside the log. May run again. */
struct change_step {
    store_change run;
    void *context;
    bool after; /* the entries, and only when they were not there already */
};

/* Entries being collected for one transaction. Updates that name no base get
 * the record's clock when they are written, so that they replace what stands;
 * those that must not meet another writer's work are marked by change_expect.
 */
struct change {
    struct task *task;
    struct entry *entry;
    size_t count, capacity;
    bool expect_base; /* all that name a base are marked */
    bool *expect;     /* marked ones, parallel to entry */
    size_t expect_capacity;
    struct change_step *step;
    size_t steps, step_capacity;
};

void change_init(struct change *change, struct task *task);
/* Adds an entry; answers = the fields to write (for an update only those that
 * changed). subject may be empty: then the form's cobijo:subject says. */
void change_add(struct change *change, struct str kind, struct str record,
                enum entry_op op, const struct value *answers,
                struct str subject);
/* The last entry added fails with ERROR_CONFLICT when the record's clock is
 * not base any more. */
void change_expect(struct change *change, int64_t base);
void change_also(struct change *change, store_change run, void *context);
/* After the entries: nothing need be asked beforehand. */
void change_then(struct change *change, store_change run, void *context);
/* Durable on return. *repeated: the first entry was already there. Nothing to
 * write is success. */
enum error change_commit(struct change *change, bool *repeated,
                         struct err *err);

struct save {
    struct str kind;
    struct str id;      /* empty: a new record gets a UUID */
    struct str entry;   /* idempotency: id of the entry, empty: new UUID */
    bool create;        /* id given but new */
    int64_t base;       /* clock of the record that the writer saw; 0: not
                           checked */
    bool behind;        /* a writer offline: base is told, not demanded, and the
                           merge policies settle what others wrote since */
    struct str version; /* of the form that was filled; kept with it when the
                           store has it (a record that stands: when it stands
                           in that version), else with the newest */
    const struct value *input;  /* answers; fields not given stay as they are */
    const struct value *system; /* answers to system questions, or NULL */
    bool places;  /* of rows in which nothing is written: check_options */
    bool trusted; /* rights already decided by the caller (domain) */
    const struct attached *file; /* that came along (attach.h) */
    size_t files;
    bool files_apart; /* they come by another way: an answer may name a file
                         that is not here */
    bool fresh;       /* the caller looked: neither entry nor record is there (a
                         second time where nobody comes in between) */
};

struct saved {
    struct str id;
    int64_t clock;
    bool repeated;
    const struct value *before, *after;  /* answers; before NULL when new */
    const struct check_problem *problem; /* of ERROR_INPUT */
    size_t problems;
};

/* What a kind adds (domain/record/rules.def lists them): called with checked
 * answers, before anything is written; may refuse, may set system answers in
 * *after, may add entries to the change. save->id is always set, save->create
 * says whether the record is new, and the record's own entry is the last of
 * the change when the rule is called (its op may be changed; its body is
 * filled from *after when the rule has returned; a member "_state" of *after,
 * open or closed, sets the record's state). */
typedef enum error (*record_rule)(struct task *task, struct change *change,
                                  const struct save *save,
                                  const struct value *before,
                                  struct value *after, struct err *err);

enum error record_save(struct task *task, const struct save *save,
                       struct saved *saved, struct err *err);
/* The same, adding to a change that the caller commits. */
enum error record_prepare(struct task *task, struct change *change,
                          const struct save *save, struct saved *saved,
                          struct err *err);
/* What the program knows by itself goes into the hidden questions (rules.def,
 * FILL), before relevance is asked or anything is checked. */
enum error record_fill(struct task *task, const struct form *form,
                       struct value *answers, struct err *err);
/* Is there such a record, in the store or among the entries of a change (may
 * be NULL)? */
enum error record_known(struct task *task, const struct change *change,
                        struct str kind, struct str id, bool *known,
                        struct err *err);
/* Reads with the actor's rights: fields of closed compartments are absent. */
enum error record_get(struct task *task, struct str kind, struct str id,
                      struct record *record, struct err *err);

#endif
