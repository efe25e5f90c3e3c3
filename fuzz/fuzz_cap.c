/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes as a CAP alert, or as a feed of them: what is taken without a problem
 * is the same when it is written and read again; no link leads elsewhere. */
#include "domain/alert/feed.h"
#include "form/expr/node.h"
#include "form/read/xml_tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct feed feed;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    struct str url = STR("https://a.example/feed");
    const struct value *alert = NULL, *again = NULL;
    struct cap_problems problems, second;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, NULL);
    if (!cap_read(xml_tree_read, &arena, text, &alert, &problems, &err) &&
        !problems.errors) {
        struct str written = cap_write(alert, &arena);
        struct value *rest = value_copy(alert, &arena);

        value_remove(rest, STR(CAP_SIGNATURE)); /* is not written again */

        if (written.size <= CAP_SIZE_MAX &&
            (cap_read(xml_tree_read, &arena, written, &again, &second, &err) ||
             second.errors || !value_equal(rest, again)))
            abort();
    }
    err_clear(&err);
    if (!feed_read(xml_tree_read, &arena, text, url, &feed, &err))
        for (size_t i = 0; i < feed.count; i++)
            if (!str_starts(feed.entry[i].link, STR("https://a.example")) ||
                str_equal(feed.entry[i].link, url))
                abort();
    arena_release(&arena);
    return 0;
}
