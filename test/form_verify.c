/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_verify.c - the native side of test/form_page.t: a form packed, and what
 * form_check says of answers, one line each.
 *
 *     form_verify FORM.csv LANGUAGE < answers   0{…} or 1{…} (with defaults)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form/check.h"
#include "form/pack.h"
#include "form/xlsform.h"

static struct str read_all(struct arena *arena, FILE *in)
{
    struct buf out;
    char part[4096];
    size_t got;

    buf_init(&out, arena);
    while ((got = fread(part, 1, sizeof part, in)) > 0)
        buf_add(&out, part, got);
    return buf_str(&out);
}

static struct str read_path(struct arena *arena, const char *path)
{
    FILE *in = fopen(path, "rb");
    struct str text = STR_NULL;

    if (in) {
        text = read_all(arena, in);
        fclose(in);
    }
    return text;
}

static struct str catalog_file(void *context, struct str name)
{
    struct arena *arena = context;
    char path[256];

    snprintf(path, sizeof path, "catalog/%.*s", STR_ARGS(name));
    return read_path(arena, path);
}

static void say(struct arena *arena, const struct value *value)
{
    struct buf out;

    buf_init(&out, arena);
    value_write(value, &out);
    fwrite(out.at, 1, out.size, stdout);
    putchar('\n');
}

static void verify(const struct form *form, struct str language,
                   struct str line)
{
    struct check_options options = {.language = language,
                                    .now = 1795060800000,
                                    .utc_offset = -21600,
                                    .defaults = line.at[0] == '1'};
    struct check_result result = {0};
    const struct value *answers = NULL;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, NULL);
    if (value_parse(&arena, str_slice(line, 1, line.size), &answers, &err) ||
        form_check(form, answers, &options, &arena, &result, &err))
        puts("failed");
    else
        say(&arena, check_result_value(&result, &arena));
    arena_release(&arena);
}

int main(int count, char **arg)
{
    struct arena arena;
    struct form_files files = {&arena, catalog_file};
    struct form_problems problems = {0};
    const struct form *form;
    struct str rest, line, language;

    if (count != 3)
        return 2;
    arena_init(&arena, NULL);
    language = str_of(arg[2]);
    form = xlsform_read(&arena, read_path(&arena, arg[1]), &files, &problems);
    if (!form)
        return 1;
    say(&arena, form_pack(form, language, NULL, &arena));
    rest = read_all(&arena, stdin);
    while (str_cut(&rest, '\n', &line))
        if (line.size > 1)
            verify(form, language, line);
    arena_release(&arena);
    return 0;
}
