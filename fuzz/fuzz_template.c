/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A template that includes itself and another, over fixed data. Before the
 * first NUL byte a catalogue, after it the template. */
#include "core/template.h"
#include "core/translate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char data[] =
    "{\"a\":{\"b\":[1,{\"c\":\"<x>\"},null]},\"b\":true,\"c\":\"t\","
    "\"l\":[{\"a\":1},{\"b\":2}],\"e\":[]}";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct template_options options = {.strict = size % 2 == 0};
    struct str source = {(const char *)bytes, size}, po = STR_NULL;
    struct translator *translator = NULL;
    const struct value *value = NULL;
    struct template_set *set;
    struct arena arena;
    struct buf out;

    arena_init(&arena, NULL);
    arena.limit = 8 << 20;
    if (memchr(bytes, 0, size))
        str_cut(&source, '\0', &po);
    translator_read(&arena, STR("en"), po, &translator, NULL);
    value_parse(&arena, STR(data), &value, NULL);
    set = template_set_new(&arena, translator);
    buf_init(&out, &arena);
    if (set) {
        template_add(set, STR("p"), STR("<\n{{#l}}\n{{c}}\n{{/l}}\n"), NULL);
        if (!template_add(set, STR("t"), source, NULL))
            template_render(set, template_find(set, STR("t")), value, options,
                            &out, NULL);
    }
    arena_release(&arena);
    return 0;
}
