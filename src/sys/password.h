/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* password.h - how hard a password is to guess (libzxcvbn: lists of passwords
 * that were stolen elsewhere, words, names, dates, keyboards, repeats). */
#ifndef COBIJO_PASSWORD_H
#define COBIJO_PASSWORD_H

#include "core/str.h"

/* Bits: two to the power of it are the guesses it would take. word: more that
 * are easy to guess, lower case, NULL at the end. */
double password_bits(void *context, struct str password,
                     const char *const *word);

#endif
