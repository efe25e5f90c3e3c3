/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_http_kept.c - an answer is kept for the same question, in the same edition
 * of the store, for five seconds; and lives as long as somebody sends it. */
#include "http/kept.h"
#include "tap.h"

static struct kept *made(const char *key, uint64_t edition, int64_t now)
{
    struct kept *kept = calloc(1, sizeof *kept);

    kept->held = 1;
    kept->keep = (struct keep){.edition = edition, .now = now};
    snprintf(kept->keep.key, KEEP_KEY, "%s", key);
    kept->whole =
        MHD_create_response_from_buffer(4, "page", MHD_RESPMEM_MUST_COPY);
    kept->unchanged =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    return kept;
}

static bool found(struct kept_table *table, const char *key, uint64_t edition,
                  int64_t now)
{
    struct keep asked = {.edition = edition, .now = now};
    struct kept *kept;
    bool there;

    snprintf(asked.key, KEEP_KEY, "%s", key);
    kept = kept_get(table, &asked);
    there = kept != NULL;
    kept_release(kept);
    return there;
}

int main(void)
{
    struct tap tap = {0};
    struct kept_table *table = kept_table_new();
    struct kept *first = made("/know|es|0", 7, 1000), *second;

    kept_put(table, first);
    tap_ok(&tap, found(table, "/know|es|0", 7, 1000), "the same question");
    tap_ok(&tap, found(table, "/know|es|0", 7, 1000 + KEEP_MS - 1),
           "just before it is old");
    tap_ok(&tap, !found(table, "/know|es|0", 7, 1000 + KEEP_MS), "it is old");
    tap_ok(&tap, !found(table, "/know|es|0", 7, 999), "a clock that went back");
    tap_ok(&tap, !found(table, "/know|es|0", 8, 1000), "something was written");
    tap_ok(&tap, !found(table, "/know|en|0", 7, 1000), "another language");
    tap_ok(&tap, !found(table, "/know|es|1", 7, 1000),
           "a language that the address names");
    tap_ok(&tap, !found(table, "/know|es|0|gzip", 7, 1000), "compressed");

    second = made("/know|es|0", 8, 2000);
    kept_put(table, second);
    kept_release(second);
    tap_ok(&tap,
           !found(table, "/know|es|0", 7, 1000) &&
               found(table, "/know|es|0", 8, 2000),
           "the new one takes its place");
    tap_ok(&tap, first->whole && first->held == 1,
           "who sends the old one has it");
    kept_release(first);

    for (int i = 0; i < 4 * KEPT_SLOTS; i++) {
        char key[KEEP_KEY];

        snprintf(key, sizeof key, "/directory/%d|es|0", i);
        second = made(key, 8, 3000 + i);
        kept_put(table, second);
        kept_release(second);
    }
    tap_ok(&tap, !found(table, "/know|es|0", 8, 2000), "the oldest make room");
    tap_ok(&tap, found(table, second->keep.key, 8, second->keep.now),
           "the newest is there");

    tap_ok(&tap, !kept_get(NULL, &second->keep),
           "without a table none is kept");
    kept_table_free(table);
    return tap_done(&tap);
}
