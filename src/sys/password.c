/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* password.c - asks libzxcvbn. Its time grows faster than the length, so it
 * sees the first bytes only: what comes after makes nothing easier.
 */
#include "sys/password.h"

#include <sodium.h>
#include <zxcvbn.h>

enum { LOOKED_AT = 72, WORDS = 128 };

double password_bits(void *context, struct str password,
                     const char *const *word)
{
    const char *list[WORDS + 1];
    char text[LOOKED_AT + 1];
    size_t size = password.size < LOOKED_AT ? password.size : LOOKED_AT;
    size_t words = 0;
    double bits;

    (void)context;
    for (size_t i = 0; i < size; i++) /* it ends at a zero */
        text[i] = (char)(password.at[i] ? password.at[i] : ' ');
    text[size] = 0;
    while (words < WORDS && word && word[words]) {
        list[words] = word[words];
        words++;
    }
    list[words] = NULL;
    bits = ZxcvbnMatch(text, list, NULL);
    sodium_memzero(text, sizeof text);
    return bits;
}
