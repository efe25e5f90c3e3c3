/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shim.c - what the page calls. One application, one connection, one thread:
 * the module's memory is the program's, so here (and only here) it is kept in
 * a static.
 */
#include "wasm/shim.h"

#include "wasm/host_wasm.h"

static struct {
    struct app app;
    struct db *db;
    struct arena arena;   /* of the application's life */
    struct arena request; /* of the last request */
    struct str answer;
} page;

void *WASM_EXPORT(cobijo_alloc)(size_t size);
void WASM_EXPORT(cobijo_free)(void *block);
int WASM_EXPORT(cobijo_open)(const char *role);
int WASM_EXPORT(cobijo_respond)(const char *text, size_t size);
const char *WASM_EXPORT(cobijo_answer)(void);
size_t WASM_EXPORT(cobijo_answer_size)(void);

void *cobijo_alloc(size_t size)
{
    return malloc(size);
}

void cobijo_free(void *block)
{
    free(block);
}

const char *cobijo_answer(void)
{
    return page.answer.at;
}

size_t cobijo_answer_size(void)
{
    return page.answer.size;
}

/* The exit code of the error; the answer is then its message and detail, else
 * the token. */
int cobijo_open(const char *role)
{
    struct err err = {0};
    enum error error;

    arena_init(&page.arena, NULL);
    arena_init(&page.request, NULL);
    page.app.strict = true;
    error = shim_open(&host_wasm, &page.app, &page.arena, str_of(role),
                      &page.answer, &err);
    if (!error)
        error = store_connect(page.app.office.store, false, &page.db, &err);
    if (error)
        page.answer =
            str_format(&page.arena, "%s %.*s %s", error_name(error),
                       STR_ARGS(err_text(&err, NULL, &page.arena)), err.detail);
    return error_exit(error);
}

int cobijo_respond(const char *text, size_t size)
{
    struct request request;
    struct response response = {0};
    struct buf out;

    arena_clear(&page.request);
    page.answer = STR("");
    if (!page.db ||
        !message_read(&page.request, (struct str){text, size}, &request))
        return 0;
    app_respond(&page.app, page.db, &request, &response);
    buf_init(&out, &page.request);
    message_write(&response, &out);
    page.answer = buf_str(&out);
    return response.status;
}
