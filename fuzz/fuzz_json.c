/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* JSON in, written, read again: both trees must be equal. */
#include "core/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct value *value = NULL, *again = NULL;
    struct err err = {0};
    struct arena arena;
    struct buf out;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    buf_init(&out, &arena);
    if (!value_parse(&arena, (struct str){(const char *)bytes, size}, &value,
                     &err)) {
        value_write(value, &out);
        if (value_parse(&arena, buf_str(&out), &again, &err) &&
            !arena_failed(&arena))
            abort();
        if (!arena_failed(&arena) && !value_equal(value, again))
            abort();
        value_write_pretty(value_copy(value, &arena), &out);
    } else if (!err.code || !err.message) {
        abort();
    }
    arena_release(&arena);
    return 0;
}
