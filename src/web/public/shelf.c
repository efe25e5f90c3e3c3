/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shelf.c - see shelf.h. Slots behind a lock that is held while a page is
 * copied, some microseconds, and that nobody waits for; the key says all that a
 * kept page depends on: path, language, whether the address names it (links
 * keep it then). An address with anything else in it, a search or a position,
 * is never one.
 */
#include "web/public/shelf.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "web/page.h"
#include "web/public/public.h"

enum { SLOTS = 512, KEY = 120, PAGE_MOST = 32 * 1024 };

struct slot {
    char key[KEY], etag[24], counted[48];
    const struct route *route;
    uint64_t edition;
    int64_t made;
    char *body;
    size_t size, room;
};

struct shelf {
    atomic_flag lock;
    struct slot slot[SLOTS];
};

struct shelf *shelf_new(struct arena *arena)
{
    struct shelf *shelf = ARENA_NEW(arena, struct shelf);

    if (shelf)
        atomic_flag_clear(&shelf->lock);
    return shelf;
}

void shelf_free(struct shelf *shelf)
{
    for (size_t i = 0; shelf && i < SLOTS; i++)
        free(shelf->slot[i].body);
}

/* Nobody waits: whose holder was put to sleep makes the page herself. */
static bool lock(struct shelf *shelf)
{
    return !atomic_flag_test_and_set_explicit(&shelf->lock,
                                              memory_order_acquire);
}

static void unlock(struct shelf *shelf)
{
    atomic_flag_clear_explicit(&shelf->lock, memory_order_release);
}

/* Only what asks for nothing but a language; who has a cookie may be somebody
 * whom the front page sends on. */
static bool key_of(const struct view *view, char key[KEY])
{
    const struct request *request = view->request;
    struct str path = request->path, lang = view_query(view, "lang");
    int size;

    if (!view->app->shelf || view->json ||
        !str_equal_c(request->method, "GET") || path.size > 64 ||
        lang.size > 16 || value_count(view->query) > (lang.size ? 1 : 0) ||
        request_header(request, "cookie").size)
        return false;
    size = snprintf(key, KEY, "%.*s|%.*s|%d", STR_ARGS(path),
                    STR_ARGS(view->task.language),
                    str_equal_nocase(lang, view->task.language));
    return size > 0 && size < KEY;
}

static struct slot *slot_of(struct shelf *shelf, const char *key)
{
    return &shelf->slot[str_hash(str_of(key)) % SLOTS];
}

static bool fresh(const struct slot *slot, const struct view *view)
{
    int64_t age = view->task.now - slot->made;

    return slot->edition == view->edition && age >= 0 && age < SHELF_MS;
}

bool shelf_get(struct view *view)
{
    struct response *response = view->response;
    struct shelf *shelf = view->app->shelf;
    struct arena *arena = view->task.arena;
    char key[KEY];
    const struct slot *slot;
    bool found;

    view->keeps =
        key_of(view, key) &&
        office_edition(&view->app->office, view->task.db, &view->edition);
    if (!view->keeps || !lock(shelf))
        return false;
    slot = slot_of(shelf, key);
    found = slot->size && strcmp(slot->key, key) == 0 && fresh(slot, view);
    if (found) {
        response->body = str_copy(arena, (struct str){slot->body, slot->size});
        response_header(response, "ETag", str_copy(arena, str_of(slot->etag)));
        view->counted = str_copy(arena, str_of(slot->counted));
        view->route = slot->route;
    }
    unlock(shelf);
    if (!found)
        return false;
    response->status = 200;
    response_header(response, "Content-Type", STR("text/html; charset=utf-8"));
    return true;
}

void shelf_put(struct view *view)
{
    const struct response *response = view->response;
    struct shelf *shelf = view->app->shelf;
    struct str etag = STR("");
    char key[KEY];
    struct slot *slot;

    for (size_t i = 0; i < response->headers; i++)
        if (str_equal_c(response->header[i].name, "ETag"))
            etag = response->header[i].value;
    if (!view->keeps || !key_of(view, key) || !etag.size ||
        etag.size >= sizeof slot->etag ||
        view->counted.size >= sizeof slot->counted ||
        response->body.size > PAGE_MOST || !lock(shelf))
        return;
    slot = slot_of(shelf, key);
    if (slot->room < response->body.size) {
        free(slot->body);
        slot->body = malloc(response->body.size);
        slot->room = slot->body ? response->body.size : 0;
    }
    slot->size = slot->body ? response->body.size : 0;
    if (slot->size)
        memcpy(slot->body, response->body.at, slot->size);
    snprintf(slot->key, sizeof slot->key, "%s", key);
    snprintf(slot->etag, sizeof slot->etag, "%.*s", STR_ARGS(etag));
    snprintf(slot->counted, sizeof slot->counted, "%.*s",
             STR_ARGS(view->counted));
    slot->route = view->route;
    slot->edition = view->edition;
    slot->made = view->task.now;
    unlock(shelf);
}
