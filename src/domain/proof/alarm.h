/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alarm.h - look-ups out of pattern: the rules of catalog/alarm.csv over what
 * seen.h wrote down, per account and hour, against a limit and against what
 * that account usually does. An alarm is told once per rule, account and hour,
 * stays until somebody else writes why it is settled, and both stand in the
 * log (kind alarm).
 */
#ifndef COBIJO_ALARM_H
#define COBIJO_ALARM_H

#include "domain/office.h"

struct alarm {
    struct str id, rule, label;
    struct str author, display;
    int64_t number;         /* how many of what the rule counts */
    int64_t hour;           /* instant at which it was noticed, to the hour */
    int64_t raised, closed; /* instants; closed 0: open */
    struct str closed_by, note;
};

/* Looks at the last hour; raises what is new. */
enum error alarms_look(struct task *task, size_t *raised, struct err *err);
/* Open ones, or the newest of all. */
enum error alarms_list(struct task *task, bool open, size_t limit,
                       struct alarm **alarm, size_t *count, struct err *err);
/* note must say something; nobody settles an alarm about her own account. */
enum error alarm_close(struct task *task, struct str id, struct str note,
                       struct err *err);
/* A file that nobody has a reason to open. */
enum error decoy_set(struct task *task, struct str person, bool on,
                     struct err *err);

#endif
