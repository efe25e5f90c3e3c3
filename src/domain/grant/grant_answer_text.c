/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_answer_text.c - answers between houses, written and read as grants
 * are: fields in their order, each in its one form, written again and
 * compared. "-" stands for none.
 */
#include "core/base64.h"
#include "core/date.h"
#include "core/utf8.h"
#include "domain/grant/grant_line.h"

#define ANSWER_TAG "cobijo answer v1\n"
#define BOXED_TAG "cobijo answer boxed v1\n"

static bool is_kind(struct str text)
{
    static const char *const kind[] = {"received", "accept",  "decline", "ask",
                                       "schedule", "outcome", "no_show"};

    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
        if (str_equal_c(text, kind[i]))
            return true;
    return false;
}

static enum error not_an_answer(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("El archivo no es una respuesta de Cobijo, o le falta o "
                      "le sobra algo. Pida que se lo manden otra vez, entero."),
                   NULL, NULL, NULL);
}

static struct str or_none(struct str text)
{
    return text.size ? text : STR("-");
}

static struct str or_empty(struct str text)
{
    return str_equal_c(text, "-") ? STR("") : text;
}

static void put_text(struct buf *out, struct str text)
{
    buf_puts(out, "text ");
    if (text.size)
        base64_write(out, text.at, text.size);
    else
        buf_putc(out, '-');
    buf_putc(out, '\n');
}

struct str answer_text(struct arena *arena, const struct house_answer *answer)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, ANSWER_TAG);
    line_put(&out, "id", answer->id);
    line_put(&out, "grant", answer->grant);
    line_put(&out, "house", house_key_text(arena, &answer->house));
    buf_printf(&out, "number %lld\n", (long long)answer->number);
    line_put(&out, "at", instant_text(arena, answer->at));
    line_put(&out, "answer", answer->kind);
    line_put(&out, "reason", or_none(answer->reason));
    line_put(&out, "outcome", or_none(answer->outcome));
    line_put(&out, "when",
             answer->when ? instant_text(arena, answer->when) : STR("-"));
    line_put(&out, "by", or_none(answer->by));
    put_text(&out, answer->text);
    return buf_str(&out);
}

static bool take_number(struct str *rest, int64_t *number)
{
    struct str text;

    return line_take(rest, "number", &text) && text.size < 10 &&
           str_to_int(text, number) && *number > 0;
}

static bool take_code(struct str *rest, const char *name, struct str *code)
{
    if (!line_take_token(rest, name, code))
        return false;
    *code = or_empty(*code);
    return true;
}

static bool take_when(struct str *rest, int64_t *when)
{
    struct str text;

    *when = 0;
    return line_take(rest, "when", &text) &&
           (str_equal_c(text, "-") ||
            (text.size <= 40 && instant_parse(text, when) && *when != 0));
}

/* Several lines, as somebody wrote them. */
static bool is_prose(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (((unsigned char)text.at[i] < ' ' && text.at[i] != '\n') ||
            text.at[i] == 0x7f)
            return false;
    return text.size > 0 && text.size <= ANSWER_TEXT_MAX &&
           utf8_invalid(text) == SIZE_MAX;
}

static bool take_text(struct arena *arena, struct str *rest, struct str *text)
{
    struct buf bytes;

    if (!line_take(rest, "text", text))
        return false;
    *text = or_empty(*text);
    if (!text->size)
        return true;
    if (!line_decode(arena, *text, &bytes) || !is_prose(buf_str(&bytes)))
        return false;
    *text = buf_str(&bytes);
    return true;
}

static bool read_answer(const struct host *host, struct arena *arena,
                        struct str *rest, struct house_answer *answer)
{
    struct err ignored = {0};
    struct str house;

    if (!line_take_token(rest, "id", &answer->id) ||
        !line_take_token(rest, "grant", &answer->grant) ||
        !line_take(rest, "house", &house) ||
        house_key_parse(host, arena, house, &answer->house, &ignored) ||
        !take_number(rest, &answer->number) ||
        !line_take_instant(arena, rest, "at", &answer->at) ||
        !line_take_token(rest, "answer", &answer->kind) ||
        !is_kind(answer->kind) || !take_code(rest, "reason", &answer->reason) ||
        !take_code(rest, "outcome", &answer->outcome) ||
        !take_when(rest, &answer->when) ||
        !line_take(rest, "by", &answer->by) || !line_is(answer->by, 200))
        return false;
    answer->by = or_empty(answer->by);
    return take_text(arena, rest, &answer->text) && rest->size == 0;
}

enum error answer_parse(const struct host *host, struct arena *arena,
                        struct str text, struct house_answer *answer,
                        struct err *err)
{
    unsigned char signature[64];
    struct str said, rest;

    *answer = (struct house_answer){0};
    if (text.size > ANSWER_MAX || !line_split(arena, text, &said, signature) ||
        !str_starts(said, STR(ANSWER_TAG)))
        return not_an_answer(err);
    rest = str_slice(said, sizeof(ANSWER_TAG) - 1, said.size);
    if (!read_answer(host, arena, &rest, answer) ||
        !str_equal(answer_text(arena, answer), said))
        return not_an_answer(err);
    if (arena_failed(arena))
        return err_memory(err);
    if (line_verify(host, answer->house.sign, said, signature))
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("La firma de la respuesta no es de la casa que dice "
                      "contestar: alguien la cambió. Llame a esa casa."),
                   NULL, NULL, NULL);
}

struct str boxed_answer_text(struct arena *arena, struct str grant,
                             struct str box)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, BOXED_TAG);
    line_put(&out, "grant", grant);
    buf_puts(&out, "box ");
    base64_write(&out, box.at, box.size);
    buf_putc(&out, '\n');
    return buf_str(&out);
}

enum error boxed_answer_parse(struct arena *arena, struct str text,
                              struct str *grant, struct str *box,
                              struct err *err)
{
    struct str rest, inside;
    struct buf bytes;

    if (text.size > 2 * ANSWER_MAX || !str_starts(text, STR(BOXED_TAG)))
        return not_an_answer(err);
    rest = str_slice(text, sizeof(BOXED_TAG) - 1, text.size);
    if (!line_take_token(&rest, "grant", grant) ||
        !line_take(&rest, "box", &inside) || rest.size ||
        !line_decode(arena, inside, &bytes) || bytes.size <= SEAL_BOX_EXTRA)
        return not_an_answer(err);
    *box = buf_str(&bytes);
    return ERROR_NONE;
}
