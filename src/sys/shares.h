/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shares.h - 32 bytes in three parts on paper, any two of which give them back
 * (Shamir over GF(256), libgfshare). One part alone tells nothing.
 *
 * A part is four lines of four groups of four letters and two that check the
 * line, so that a slip of the pen is found where it was made:
 *
 *     01AB CDEF GHJK MNPQ  R7
 *
 * The alphabet has no I, L, O, U; what is typed may have them for 1, 1, 0, V.
 */
#ifndef COBIJO_SHARES_H
#define COBIJO_SHARES_H

#include "core/err.h"

enum {
    SHARES = 3,
    SHARES_NEEDED = 2,
    SHARE_LINES = 4,
    SHARE_LINE = 18,                       /* letters, without spaces */
    SHARE_TEXT = SHARE_LINES * SHARE_LINE, /* letters */
    SHARE_BYTES = 40
};

struct share {
    unsigned char number;     /* 1 … 3 */
    unsigned char set[3];     /* which three belong together */
    unsigned char secret[32]; /* its part */
};

/* false: no memory. */
bool shares_make(const unsigned char secret[32], struct share share[SHARES]);
/* Two different ones of the same set. */
bool shares_join(const struct share *a, const struct share *b,
                 unsigned char secret[32]);
/* SHARE_TEXT letters and a NUL. */
void share_write(const struct share *share, char text[SHARE_TEXT + 1]);
/* The next part in what somebody typed or printed: lines that are none of a
 * part are passed over, and what is no letter or digit. ERROR_INPUT names the
 * line that is wrong; ERROR_NOT_FOUND: the text is at its end. */
enum error share_read(struct str *text, struct share *share, struct err *err);

#endif
