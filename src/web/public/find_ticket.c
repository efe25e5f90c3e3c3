/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* find_ticket.c - a search as a word in an address. A page that answers a form
 * cannot be come back to: nobody may keep it, so the browser asks whether to
 * send the form again, and it notes the whole form on its disk (Chromium, in
 * the file of the session, where words of a search were found). So who sends
 * the form of a page is sent on to a page with the search sealed in its
 * address: under a key of this process that is written nowhere, for half an
 * hour, of no telling length. Back, reload and the list of visited pages show
 * it in that time, and nothing afterwards. On PostgreSQL, where several servers
 * answer for one house, they have the key from the house's.
 */
#include "web/public/find.h"

#include "core/base64.h"
#include "core/seal.h"

enum { TICKET_MS = 1800000, BLOCK = 256, LONGEST = 2000 };

static const struct str place = {"search", 6}; /* what is sealed is this */

void search_key_make(struct app *app)
{
    const struct office *office = &app->office;
    const struct sealer *sealer = office->host->sealer;
    unsigned char subkey[32];

    if (!sealer || !office->site_key ||
        strcmp(store_dialect(office->store), "sqlite") == 0) {
        office->host->random(office->host->context, app->search_key,
                             sizeof app->search_key);
        return;
    }
    site_key_derive(sealer, office->site_key, SITE_KEY_MAC, subkey);
    sealer->derive(subkey, 1, "cobsearc", app->search_key);
    sealer->wipe(subkey, sizeof subkey);
}

struct str search_ticket(struct view *view, const struct value *search)
{
    const struct sealer *sealer = view->app->office.host->sealer;
    struct arena *arena = view->task.arena;
    unsigned char *sealed;
    struct buf text, out;

    if (!sealer)
        return STR("");
    buf_init(&text, arena);
    buf_printf(&text, "%lld\n", (long long)(view->task.now + TICKET_MS));
    for (size_t i = 0; i < value_count(search); i++) {
        buf_printf(&text, "%s%.*s=", i ? "&" : "",
                   STR_ARGS(value_name_at(search, i)));
        buf_put_url(&text, value_text(value_at(search, i)));
    }
    do
        buf_putc(&text, '\n');
    while (text.size % BLOCK);
    sealed = arena_alloc(arena, SEAL_NONCE + text.size + SEAL_EXTRA);
    if (!sealed || text.size > LONGEST)
        return STR("");
    sealer->random(sealed, SEAL_NONCE);
    sealer->seal(view->app->search_key, sealed, place, buf_str(&text),
                 sealed + SEAL_NONCE);
    buf_init(&out, arena);
    base64_write_url(&out, (struct str){(const char *)sealed,
                                        SEAL_NONCE + text.size + SEAL_EXTRA});
    return buf_str(&out);
}

const struct value *search_of_ticket(struct view *view, struct str ticket)
{
    const struct sealer *sealer = view->app->office.host->sealer;
    struct arena *arena = view->task.arena;
    const struct value *search = NULL;
    struct str rest, line, sealed;
    struct err ignored = {0};
    unsigned char *plain;
    struct buf bytes;
    int64_t until = 0;

    buf_init(&bytes, arena);
    if (!sealer || ticket.size > 2 * LONGEST ||
        !base64_read_url(&bytes, ticket) ||
        bytes.size <= SEAL_NONCE + SEAL_EXTRA)
        return NULL;
    sealed = buf_str(&bytes);
    rest = (struct str){NULL, sealed.size - SEAL_NONCE - SEAL_EXTRA};
    plain = arena_alloc(arena, rest.size);
    if (!plain ||
        !sealer->open(view->app->search_key, (const unsigned char *)sealed.at,
                      place, str_slice(sealed, SEAL_NONCE, sealed.size), plain))
        return NULL;
    rest.at = (const char *)plain;
    if (!str_cut(&rest, '\n', &line) || !str_to_int(line, &until) ||
        until < view->task.now || !str_cut(&rest, '\n', &line) ||
        fields_parse(arena, line, &search, &ignored))
        return NULL;
    return search;
}
