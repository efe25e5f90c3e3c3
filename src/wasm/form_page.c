/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_page.c - form.wasm: a form at work inside a page, without the server.
 * One form, one thread: the module's memory is the program's, so here it is
 * kept in a static. A page with two forms makes two of it.
 *
 * The page writes JSON (UTF-8) at form_room(size), calls, and reads JSON at
 * form_answer(). A call returns 1, or 0 when it could not be done.
 */
#include "form/live.h"
#include "form/pack.h"

#define WASM_EXPORT(name) __attribute__((export_name(#name))) name
#define IMPORT(name) __attribute__((import_module("host"), import_name(#name)))

IMPORT(random) void js_random(void *bytes, size_t size);

static struct {
    struct arena form; /* the form's life long */
    struct arena call;
    struct str answer;
    char *room;
    size_t room_size;
    const struct form *is;
    struct live live;
} page;

static void random_bytes(void *context, void *bytes, size_t size)
{
    (void)context;
    js_random(bytes, size);
}

static const struct host host_page = {.random = random_bytes};

void *WASM_EXPORT(form_room)(size_t size);
int WASM_EXPORT(form_open)(size_t size);
int WASM_EXPORT(form_load)(size_t size, double now, int utc_offset);
int WASM_EXPORT(form_change)(size_t size, double now, int utc_offset);
int WASM_EXPORT(form_verify)(size_t size, double now, int utc_offset,
                             int defaults);
const char *WASM_EXPORT(form_answer)(void);
size_t WASM_EXPORT(form_answer_size)(void);

/* A place for size bytes; it holds until the next call. */
void *form_room(size_t size)
{
    if (size > page.room_size) {
        char *room = realloc(page.room, size);

        if (!room)
            return NULL;
        page.room = room;
        page.room_size = size;
    }
    return page.room;
}

const char *form_answer(void)
{
    return page.answer.at;
}

size_t form_answer_size(void)
{
    return page.answer.size;
}

static const struct value *given(size_t size, struct arena *arena)
{
    const struct value *value = NULL;
    struct err err = {0};

    if (size > page.room_size ||
        value_parse(arena, (struct str){page.room, size}, &value, &err))
        return NULL;
    return value;
}

static int answer(const struct value *value)
{
    struct buf out;

    page.answer = STR("");
    if (!value)
        return 0;
    buf_init(&out, &page.call);
    value_write(value, &out);
    page.answer = buf_str(&out);
    return !arena_failed(&page.call);
}

/* A packed form (form/pack.h). */
int form_open(size_t size)
{
    const struct value *packed;
    const struct graph *graph;

    if (page.is)
        return 0;
    packed = given(size, &page.form);
    page.is = packed ? form_unpack(packed, &page.form) : NULL;
    graph = page.is ? graph_new(page.is, &page.form) : NULL;
    if (!graph)
        page.is = NULL;
    else
        live_init(&page.live, page.is, graph, &host_page);
    return page.is != NULL;
}

/* Fields as a form post has them: {name: text, or list of texts}. */
static int fields(size_t size, double now, int utc_offset, bool all)
{
    const struct value *posted, *answers;

    arena_clear(&page.call);
    posted = page.is ? given(size, &page.call) : NULL;
    answers = posted ? answers_from_fields(page.is, posted, &page.call) : NULL;
    if (!answers)
        return 0;
    page.live.options.now = (int64_t)now;
    page.live.options.utc_offset = utc_offset;
    return answer(all ? live_load(&page.live, answers)
                      : live_change(&page.live, answers));
}

int form_load(size_t size, double now, int utc_offset)
{
    return fields(size, now, utc_offset, true);
}

int form_change(size_t size, double now, int utc_offset)
{
    return fields(size, now, utc_offset, false);
}

/* What form_check says of answers: the same bytes as on the server
 * (test/form_page.mjs). */
int form_verify(size_t size, double now, int utc_offset, int defaults)
{
    struct check_options options = {.now = (int64_t)now,
                                    .utc_offset = utc_offset,
                                    .defaults = defaults != 0,
                                    .host = &host_page};
    struct check_result result = {0};
    struct err err = {0};
    const struct value *answers;

    arena_clear(&page.call);
    answers = page.is ? given(size, &page.call) : NULL;
    if (!answers)
        return 0;
    options.language = page.is->language[0];
    if (form_check(page.is, answers, &options, &page.call, &result, &err))
        return 0;
    return answer(check_result_value(&result, &page.call));
}
