/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The same expressions give the same results, to the last bit, on every
 * machine: some 20,000 of them, summed up in one digest. This program runs
 * natively and, by test/expr_same.t, as WebAssembly. */
#include "form/expr/digest.h"
#include "form/expr/eval.h"

#include "tap.h"

static const char *const patterns[] = {
    "sin(%a)",
    "cos(%a)",
    "tan(%a)",
    "asin(%u)",
    "acos(%u)",
    "atan(%a)",
    "atan2(%a, %a)",
    "exp(%a)",
    "log(%p)",
    "log10(%p)",
    "exp10(%a)",
    "pow(%p, %a)",
    "sqrt(%p)",
    "round(%a, 3)",
    "%a mod %p",
    "%a div %a",
    "int(%a * 1000)",
    "distance('%u %a; %a %u')",
    "area('%u %a; %a %u; %a %a')",
    "number(string(%a)) = %a",
    "string(%p div 7)",
    "decimal-time('13:%d:07')",
    "date(%d * 100)",
    "date-time(%p)",
    "format-date(%d * 30, '%%a %%e %%b %%Y')",
    "digest('%d', 'SHA-1')",
    "digest('%a', 'SHA-512', 'hex')",
    "selected-at('a b c', %d mod 4)",
    "substr('ñandú añejo', %d mod 9, -1)",
    "translate('%d', '0123', 'añÑ')",
    "regex('%d', '^[1-5]+$')",
    "concat(%a > 0, %a, -0, 1 div 0)",
    "today() - %d",
    "now()"};

enum { PATTERNS = sizeof patterns / sizeof patterns[0], ROUNDS = 600 };

static double chance(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

static void put_number(struct buf *out, char kind, uint64_t *seed)
{
    double number = chance(seed);

    if (kind == 'd')
        buf_printf(out, "%02d", (int)(number * 60));
    else
        buf_printf(out, "%.15f",
                   kind == 'a'   ? number * 40 - 20
                   : kind == 'u' ? number * 2 - 1
                                 : number * 1000);
}

static struct str expression(struct arena *arena, const char *pattern,
                             uint64_t *seed)
{
    struct buf out;

    buf_init(&out, arena);
    for (; *pattern; pattern++)
        if (*pattern == '%' && pattern[1] == '%')
            buf_putc(&out, *++pattern);
        else if (*pattern == '%')
            put_number(&out, *++pattern, seed);
        else
            buf_putc(&out, *pattern);
    return buf_str(&out);
}

static void run_one(struct buf *all, const char *pattern, uint64_t *seed)
{
    struct expr_scope scope = {
        .language = STR("es"), .now = 1795370400000, .utc_offset = -21600};
    struct expr_result result = {0};
    const struct expr *expr = NULL;
    struct err err = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    scope.arena = &arena;
    if (expr_parse(&arena, expression(&arena, pattern, seed), &expr, &err) ||
        expr_eval(expr, &scope, &result, &err))
        buf_puts(all, "error");
    else if (result.type == EXPR_NUMBER)
        buf_printf(all, "%.17g", result.number);
    else
        buf_put(all, expr_to_text(&result, &arena));
    buf_putc(all, '\n');
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    static const char want[] =
        "210d7143f048c58645b821351398e8f0a93a2f6bbc52220f9b1d0dd55ddf74a2";
    unsigned char digest[DIGEST_MAX];
    struct tap tap = {0};
    uint64_t seed = 7;
    struct arena arena;
    struct buf all, hex;

    arena_init(&arena, NULL);
    buf_init(&all, &arena);
    for (int i = 0; i < ROUNDS; i++)
        for (int j = 0; j < PATTERNS; j++)
            run_one(&all, patterns[j], &seed);
    if (argc > 1 && argv[1][0] == 'v')
        printf("%.*s", STR_ARGS(buf_str(&all)));
    digest_of(DIGEST_SHA256, buf_str(&all), digest);
    buf_init(&hex, &arena);
    buf_put_hex(&hex, digest, 32);
    printf("# %d results\n", ROUNDS * PATTERNS);
    tap_is(&tap, str_c(&arena, buf_str(&hex)), want, "to the last bit");
    arena_release(&arena);
    return tap_done(&tap);
}
