/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A pattern up to the first line end, then the text it is looked for in. */
#include "form/expr/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str rest = {(const char *)bytes, size}, pattern;
    const struct regex *regex = NULL;
    struct err err = {0};
    struct arena arena;

    if (!size || !str_cut(&rest, '\n', &pattern))
        return 0;
    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    if (regex_compile(&arena, pattern, &regex, &err) == ERROR_NONE)
        regex_search(regex, &arena, rest);
    else if (!err.code)
        abort();
    arena_release(&arena);
    return 0;
}
