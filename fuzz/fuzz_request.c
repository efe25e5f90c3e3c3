/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes as a whole request, as a query or form post, and as multipart: what
 * is not refused must be valid UTF-8 in an object.
 */
#include "core/utf8.h"
#include "wasm/shim.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_fields(const struct value *fields)
{
    if (value_type(fields) != VALUE_OBJECT)
        abort();
    for (size_t i = 0; i < value_count(fields); i++)
        if (utf8_invalid(value_name_at(fields, i)) != SIZE_MAX)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    const struct value *fields = NULL;
    struct request request;
    struct err err = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    if (!fields_parse(&arena, text, &fields, &err))
        check_fields(fields);
    else if (!err.code)
        abort();
    err_clear(&err);
    if (message_read(&arena, text, &request)) {
        (void)request_cookie(&request, "cobijo");
        if (!multipart_parse(&arena, request_header(&request, "content-type"),
                             request.body, &fields, &err))
            check_fields(fields);
    }
    arena_release(&arena);
    return 0;
}
