/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* err.h - what went wrong, as a value the caller owns.
 *
 * Functions that can fail return enum error (ERROR_NONE is 0) and fill *err;
 * on success *err is untouched, on failure outputs are. The message is a
 * gettext msgid (plain Spanish, fit to show) with {1} {2} {3} for arguments,
 * so that the edge can say it in the reader's language. First failure wins.
 */
#ifndef COBIJO_ERR_H
#define COBIJO_ERR_H

#include "core/str.h"

enum error {
#define ERROR(name, status, exit_code, json) ERROR_##name,
#include "core/errors.def"
#undef ERROR
};

enum { ERR_ARGS = 3, ERR_ARG_SIZE = 160 };

struct err {
    enum error code;
    const char *message; /* static msgid in Spanish; NULL when no error */
    char arg[ERR_ARGS][ERR_ARG_SIZE];
    char detail[256]; /* for the log and stderr only, never shown; no
                         personal data (a database's own message) */
};

/* Marks a msgid for tools/po-extract without translating it. */
#define N_(msgid) (msgid)

/* Arguments are NUL-terminated strings or NULL; copied, cut if too long. */
enum error err_set(struct err *err, enum error code, const char *msgid,
                   const char *arg1, const char *arg2, const char *arg3);
enum error err_detail(struct err *err, enum error code, const char *msgid,
                      const char *detail);
/* ERROR_MEMORY, said for all. */
enum error err_memory(struct err *err);
void err_clear(struct err *err);

int error_status(enum error code);
int error_exit(enum error code);
const char *error_name(enum error code); /* the JSON code */

/* The message with its arguments; translate may be NULL (then Spanish). */
struct translator;
struct str err_text(const struct err *err, const struct translator *translator,
                    struct arena *arena);

#endif
