/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Every allocation made to fail, one after another: nothing crashes, the
 * arena says so, the outputs stay untouched, nothing leaks. */
#include "core/csv.h"
#include "core/host.h"
#include "core/memory.h"
#include "core/template.h"
#include "core/translate.h"
#include "core/utf8.h"
#include "core/value.h"

#include "tap.h"

enum { CALLS_MAX = 2000 };

struct failing {
    int calls, fail_at; /* 0: never */
    int blocks;
};

static void *failing_resize(void *context, void *block, size_t size)
{
    struct failing *failing = context;

    if (!size) {
        failing->blocks -= block != NULL;
        free(block);
        return NULL;
    }
    if (++failing->calls == failing->fail_at)
        return NULL;
    failing->blocks += block == NULL;
    return realloc(block, size);
}

/* A text large enough to need many pages. */
static struct str big_json(struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "{\"row\":[");
    for (int i = 0; i < 1500; i++)
        buf_printf(&out, "%s{\"n\":%d,\"t\":\"a\\u00f1o <%d>\",\"m%d\":[1.5]}",
                   i ? "," : "", i, i, i);
    buf_puts(&out, "]}");
    return buf_str(&out);
}

static bool do_json(struct arena *arena, struct str input)
{
    const struct value *value = NULL;
    struct err err = {0};
    enum error error = value_parse(arena, input, &value, &err);
    struct buf out;

    if (error)
        return error == ERROR_MEMORY && err.code == ERROR_MEMORY && !value;
    buf_init(&out, arena);
    value_write_pretty(value_copy(value, arena), &out);
    return true;
}

static bool do_template(struct arena *arena, struct str input)
{
    const struct value *data = NULL;
    struct template_set *set = template_set_new(arena, NULL);
    struct template_options options = {.strict = true};
    struct err err = {0};
    enum error error = ERROR_NONE;
    struct buf out;

    buf_init(&out, arena);
    if (!set || value_parse(arena, input, &data, NULL))
        return arena_failed(arena);
    for (int i = 0; i < 100 && !error; i++)
        error = template_add(set, str_format(arena, "t%d", i),
                             STR("{{#row}}\n <p>{{#_}}Es el {{n}}{{/_}}</p>"
                                 "{{{t}}}\n{{/row}}\n"),
                             &err);
    if (!error)
        error = template_render(set, template_find(set, STR("t99")), data,
                                options, &out, &err);
    return !error || (error == ERROR_MEMORY && err.code == ERROR_MEMORY);
}

static bool do_csv(struct arena *arena, struct str input)
{
    struct csv csv;
    struct csv_row row;
    struct err err = {0};
    struct str text = csv_decode(arena, input, NULL);

    csv_init(&csv, text, csv_guess_separator(text));
    while (csv_next(&csv, arena, &row, &err))
        utf8_fold(arena, utf8_nfc(arena, row.cell[0]), true);
    return !err.code || err.code == ERROR_MEMORY || err.code == ERROR_INPUT;
}

static struct str big_po(struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    for (int i = 0; i < 1000; i++)
        buf_printf(&out, "msgid \"texto %d\"\nmsgstr \"text %d\"\n\n", i, i);
    return buf_str(&out);
}

static bool do_translate(struct arena *arena, struct str input)
{
    struct translator *translator = NULL;
    struct err err = {0};
    enum error error =
        translator_read(arena, STR("en"), input, &translator, &err);

    return error ? error == ERROR_MEMORY && !translator
                 : str_equal_c(translate(translator, STR("texto 999")),
                               "text 999");
}

static void check(struct tap *tap, const char *name, struct str input,
                  bool (*work)(struct arena *arena, struct str input))
{
    struct failing failing = {0};
    struct memory memory = {&failing, failing_resize};
    bool fine = true, marked = true, whole = false;
    int n;

    for (n = 1; n < CALLS_MAX && !whole && fine; n++) {
        struct arena arena;

        failing = (struct failing){.fail_at = n};
        arena_init(&arena, &memory);
        fine = work(&arena, input);
        whole = failing.calls < n;
        marked = marked && arena_failed(&arena) == !whole;
        arena_release(&arena);
        fine = fine && failing.blocks == 0;
    }
    tap_ok(tap, fine, "%s: sane with every failure (%d)", name, n - 2);
    tap_ok(tap, marked, "%s: the arena is marked", name);
    tap_ok(tap, whole && n > 3, "%s: and works when none fails", name);
}

/* The same with the arena's own limit, at finer steps. */
static void check_limit(struct tap *tap, const char *name, struct str input,
                        bool (*work)(struct arena *arena, struct str input))
{
    bool fine = true, whole = false;

    for (size_t limit = 1; limit < 8 << 20 && fine && !whole;
         limit += 997 + limit / 50) {
        struct arena arena;

        arena_init(&arena, NULL);
        arena.limit = limit;
        fine = work(&arena, input) && arena.total <= limit;
        whole = !arena_failed(&arena);
        arena_release(&arena);
    }
    tap_ok(tap, fine, "%s: sane at any limit", name);
    tap_ok(tap, whole, "%s: and works with enough", name);
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;
    struct str json;

    arena_init(&arena, NULL);
    json = big_json(&arena);
    check(&tap, "JSON", json, do_json);
    check(&tap, "template", json, do_template);
    check(&tap, "CSV", json, do_csv);
    check(&tap, "catalogue", big_po(&arena), do_translate);
    check_limit(&tap, "JSON", json, do_json);
    check_limit(&tap, "template", json, do_template);
    check_limit(&tap, "CSV", json, do_csv);
    check_limit(&tap, "catalogue", big_po(&arena), do_translate);
    arena_release(&arena);
    return tap_done(&tap);
}
