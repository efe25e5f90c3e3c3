/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* functions_text.c - functions about text; they count characters, not bytes. */
#include <math.h>

#include "core/utf8.h"
#include "form/expr/eval.h"
#include "form/expr/regex.h"

/* The argument, or, without one, what "." is. */
static struct str text_or_self(struct eval *eval, const struct expr *call)
{
    struct expr_result self = {0};

    if (call->arg_count)
        return eval_text(eval, call->arg[0]);
    eval_self(eval, EXPR_ROOT_CONTEXT, &self);
    return result_to_text(eval, &self);
}

void expr_function_string(struct eval *eval, const struct expr *call,
                          struct expr_result *result)
{
    result_text(result, text_or_self(eval, call));
}

void expr_function_string_length(struct eval *eval, const struct expr *call,
                                 struct expr_result *result)
{
    result_number(result, (double)utf8_length(text_or_self(eval, call)));
}

/* The byte where the character number index (from 0) begins. */
static size_t byte_of(struct str text, double index)
{
    size_t at = 0;

    for (double i = 0; i < index && at < text.size; i++)
        utf8_next(text, &at);
    return at;
}

static double from_end(double index, double length)
{
    if (isnan(index))
        return 0;
    index = trunc(index);
    if (index < 0)
        index += length;
    return index < 0 ? 0 : index;
}

void expr_function_substr(struct eval *eval, const struct expr *call,
                          struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);
    double length = (double)utf8_length(text);
    double from = from_end(eval_number(eval, call->arg[1]), length);
    double to = length;

    if (call->arg_count > 2)
        to = from_end(eval_number(eval, call->arg[2]), length);
    if (from < to)
        result_text(result,
                    str_slice(text, byte_of(text, from), byte_of(text, to)));
}

/* XPath's: from 1, by rounded places. */
void expr_function_substring(struct eval *eval, const struct expr *call,
                             struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);
    double from = floor(eval_number(eval, call->arg[1]) + 0.5);
    double to = INFINITY;
    size_t begin, end;

    if (call->arg_count > 2)
        to = from + floor(eval_number(eval, call->arg[2]) + 0.5);
    if (!(from < to)) /* not a number, too */
        return;
    begin = byte_of(text, from - 1);
    end = isinf(to) ? text.size : byte_of(text, to - 1);
    if (begin < end)
        result_text(result, str_slice(text, begin, end));
}

void expr_function_substring_before(struct eval *eval, const struct expr *call,
                                    struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);
    size_t at = str_find(text, eval_text(eval, call->arg[1]));

    if (at < SIZE_MAX)
        result_text(result, str_slice(text, 0, at));
}

void expr_function_substring_after(struct eval *eval, const struct expr *call,
                                   struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);
    struct str part = eval_text(eval, call->arg[1]);
    size_t at = str_find(text, part);

    if (at < SIZE_MAX)
        result_text(result, str_slice(text, at + part.size, text.size));
}

/* Adds an argument, every node of it, with the separator between. */
static void put_all(struct eval *eval, const struct expr *expr,
                    struct str separator, struct buf *out, bool *first)
{
    struct expr_result part = {0};

    eval_node(eval, expr, &part);
    if (part.type != EXPR_NODES) {
        if (!*first)
            buf_put(out, separator);
        buf_put(out, result_to_text(eval, &part));
        *first = false;
    } else {
        for (size_t i = 0; i < part.count; i++) {
            if (!*first)
                buf_put(out, separator);
            buf_put(out, expr_node_text(&part, i));
            *first = false;
        }
    }
}

void expr_function_concat(struct eval *eval, const struct expr *call,
                          struct expr_result *result)
{
    struct buf out;
    bool first = true;

    buf_init(&out, eval->arena);
    for (size_t i = 0; i < call->arg_count; i++)
        put_all(eval, call->arg[i], STR(""), &out, &first);
    result_text(result, buf_str(&out));
}

void expr_function_join(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    struct str separator = eval_text(eval, call->arg[0]);
    struct buf out;
    bool first = true;

    buf_init(&out, eval->arena);
    for (size_t i = 1; i < call->arg_count; i++)
        put_all(eval, call->arg[i], separator, &out, &first);
    result_text(result, buf_str(&out));
}

void expr_function_contains(struct eval *eval, const struct expr *call,
                            struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);
    struct str part = eval_text(eval, call->arg[1]);

    result_truth(result, part.size == 0 || str_find(text, part) < SIZE_MAX);
}

void expr_function_starts_with(struct eval *eval, const struct expr *call,
                               struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);

    result_truth(result, str_starts(text, eval_text(eval, call->arg[1])));
}

void expr_function_ends_with(struct eval *eval, const struct expr *call,
                             struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);

    result_truth(result, str_ends(text, eval_text(eval, call->arg[1])));
}

void expr_function_normalize_space(struct eval *eval, const struct expr *call,
                                   struct expr_result *result)
{
    struct str text = str_trim(text_or_self(eval, call));
    bool space = false;
    struct buf out;

    buf_init(&out, eval->arena);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            space = true;
            continue;
        }
        if (space)
            buf_putc(&out, ' ');
        space = false;
        buf_putc(&out, c);
    }
    result_text(result, buf_str(&out));
}

/* What stands at the same place in to as the character in from; false: not
 * in from. An empty part: the character is dropped. */
static bool translation(struct str from, struct str to, uint32_t code,
                        struct str *part)
{
    size_t at = 0, other = 0;

    while (at < from.size) {
        size_t begin = other;
        uint32_t here = utf8_next(from, &at);

        if (other < to.size)
            utf8_next(to, &other);
        if (here == code) {
            *part = str_slice(to, begin, other);
            return true;
        }
    }
    return false;
}

void expr_function_translate(struct eval *eval, const struct expr *call,
                             struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);
    struct str from = eval_text(eval, call->arg[1]);
    struct str to = eval_text(eval, call->arg[2]);
    struct buf out;
    size_t at = 0;

    if (from.size > 1024) {
        eval_fail(eval, call,
                  N_("La función del carácter {1} recibe un texto demasiado "
                     "largo."));
        return;
    }
    buf_init(&out, eval->arena);
    while (at < text.size) {
        size_t begin = at;
        uint32_t code = utf8_next(text, &at);
        struct str part = str_slice(text, begin, at);

        translation(from, to, code, &part);
        buf_put(&out, part);
    }
    result_text(result, buf_str(&out));
}

void expr_function_regex(struct eval *eval, const struct expr *call,
                         struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);
    const struct regex *regex = call->regex;

    if (!regex && !eval->code) {
        enum error error = regex_compile(
            eval->arena, eval_text(eval, call->arg[1]), &regex, eval->err);

        if (error) {
            eval->code = error;
            return;
        }
    }
    result_truth(result, regex_search(regex, eval->arena, text));
}
