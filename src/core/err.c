/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* err.c - errors as values; the table of kinds is errors.def. */
#include "core/err.h"

#include "core/buf.h"
#include "core/translate.h"

struct kind {
    char name[24]; /* no pointer: the table stays read-only in the file */
    int status, exit_code;
};

static const struct kind kinds[] = {
#define ERROR(name, status, exit_code, json) {json, status, exit_code},
#include "core/errors.def"
#undef ERROR
};

static const struct kind *kind_of(enum error code)
{
    size_t at = (size_t)code;

    if (at >= sizeof(kinds) / sizeof(kinds[0]))
        at = ERROR_INTERNAL;
    return &kinds[at];
}

/* Copies what fits, without cutting a character of UTF-8 in two. */
static void copy_cut(char *to, size_t capacity, const char *from)
{
    size_t size = from ? strlen(from) : 0;

    if (size >= capacity) {
        size = capacity - 1;
        while (size && ((unsigned char)from[size] & 0xc0) == 0x80)
            size--;
    }
    if (size)
        memcpy(to, from, size);
    to[size] = '\0';
}

enum error err_set(struct err *err, enum error code, const char *msgid,
                   const char *arg1, const char *arg2, const char *arg3)
{
    if (!err)
        return code;
    if (err->code)
        return err->code;
    err->code = code;
    err->message = msgid;
    copy_cut(err->arg[0], ERR_ARG_SIZE, arg1);
    copy_cut(err->arg[1], ERR_ARG_SIZE, arg2);
    copy_cut(err->arg[2], ERR_ARG_SIZE, arg3);
    err->detail[0] = '\0';
    return code;
}

enum error err_detail(struct err *err, enum error code, const char *msgid,
                      const char *detail)
{
    bool first = err && !err->code;

    code = err_set(err, code, msgid, NULL, NULL, NULL);
    if (first)
        copy_cut(err->detail, sizeof(err->detail), detail);
    return code;
}

enum error err_memory(struct err *err)
{
    return err_set(err, ERROR_MEMORY,
                   N_("No queda memoria para terminar lo pedido."), NULL, NULL,
                   NULL);
}

void err_clear(struct err *err)
{
    if (err)
        *err = (struct err){0};
}

int error_status(enum error code)
{
    return kind_of(code)->status;
}

int error_exit(enum error code)
{
    return kind_of(code)->exit_code;
}

const char *error_name(enum error code)
{
    return kind_of(code)->name;
}

struct str err_text(const struct err *err, const struct translator *translator,
                    struct arena *arena)
{
    struct str text;
    struct buf out;
    size_t from = 0;

    if (!err || !err->code)
        return STR("");
    if (!err->message)
        return str_of(error_name(err->code));
    text = translate(translator, str_of(err->message));
    buf_init(&out, arena);
    for (size_t i = 0; i + 2 < text.size; i++) {
        int n = text.at[i + 1] - '1';

        if (text.at[i] != '{' || text.at[i + 2] != '}' || n < 0 ||
            n >= ERR_ARGS)
            continue;
        buf_add(&out, text.at + from, i - from);
        buf_puts(&out, err->arg[n]);
        i += 2;
        from = i + 1;
    }
    buf_add(&out, text.at + from, text.size - from);
    return buf_str(&out);
}
