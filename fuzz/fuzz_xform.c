/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fuzz_xform.c - a form written as CSV becomes an XForm or is refused; each
 * refusal has a reason, and what is written has no character that XML has
 * not. */
#include <stdlib.h>
#include <string.h>

#include "form/xform/xform.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct form_problems problems = {0};
    struct arena arena;
    struct str xml;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    xml = xform_from_csv(&arena, (struct str){(const char *)bytes, size},
                         STR("data"), STR("fuzz"), &problems);
    if (!arena_failed(&arena) && str_is_null(xml) != (problems.errors > 0))
        abort();
    for (size_t i = 0; i < xml.size; i++)
        if ((unsigned char)xml.at[i] < ' ' && !strchr("\n\t\r", xml.at[i]))
            abort();
    arena_release(&arena);
    return 0;
}
