/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* guess.h - guesses at one thing (a code, a PIN, what somebody knows of a
 * file) are slowed down: some failures cost nothing, then each doubles the
 * wait. account_login.c.
 */
#ifndef COBIJO_GUESS_H
#define COBIJO_GUESS_H

#include "domain/office.h"

struct guess {
    struct str site, key; /* key: a hash of what is guessed at */
    int64_t now, wait;    /* ms, out */
    int free, longest;    /* failures that cost nothing; seconds */
};

/* Before it is looked at: ERROR_TOO_MANY while a wait lasts, else counted as a
 * failure in advance, so that guesses sent side by side gain nothing. */
enum error guess_count(struct task *task, struct guess *guess, struct err *err);
/* It was right. */
enum error guess_clear(struct db *db, const struct guess *guess,
                       struct err *err);

#endif
