/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A notice as anybody might write it: whatever comes in, the HTML has only the
 * elements of CommonMark without raw HTML and pictures, and its links lead
 * where they may.
 */
#include "sys/commonmark.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool allowed(struct str tag)
{
    static const char *const plain[] = {
        "p",          "/p",          "h2",   "/h2",   "h3",  "/h3",  "h4",
        "/h4",        "h5",          "/h5",  "h6",    "/h6", "ul",   "/ul",
        "ol",         "/ol",         "li",   "/li",   "em",  "/em",  "strong",
        "/a",         "/strong",     "code", "/code", "pre", "/pre", "br /",
        "blockquote", "/blockquote", "hr /"};
    static const char *const start[] = {
        "ol start=\"",   "a href=\"https://", "a href=\"http://",
        "a href=\"tel:", "a href=\"mailto:",  "a href=\"/"};

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (str_equal_c(tag, plain[i]))
            return true;
    for (size_t i = 0; i < sizeof start / sizeof start[0]; i++) {
        struct str rest = str_slice(tag, strlen(start[i]), tag.size);

        if (str_starts(tag, str_of(start[i])))
            return rest.size && rest.at[rest.size - 1] == '"' &&
                   str_find_char(rest, '"') == rest.size - 1 &&
                   str_find_char(rest, ' ') == SIZE_MAX &&
                   !(i == 5 && (rest.at[0] == '/' || rest.at[0] == '\\'));
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str html = {0};
    struct arena arena;
    size_t open;

    arena_init(&arena, NULL);
    if (commonmark_html(&arena, (struct str){(const char *)bytes, size},
                        STR("?lang=fr"), &html))
        while ((open = str_find_char(html, '<')) != SIZE_MAX) {
            size_t close;

            html = str_slice(html, open + 1, html.size);
            close = str_find_char(html, '>');
            if (close == SIZE_MAX || !allowed(str_slice(html, 0, close)))
                abort();
            html = str_slice(html, close + 1, html.size);
        }
    arena_release(&arena);
    return 0;
}
