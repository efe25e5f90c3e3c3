/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bench_files.h - the repository's files for a bench that opens an office; run
 * from its root.
 */
#ifndef COBIJO_BENCH_FILES_H
#define COBIJO_BENCH_FILES_H

#include <stdio.h>

#include "core/buf.h"

/* For struct source: context is an arena. */
static inline struct str read_file(void *context, struct str name)
{
    struct arena *arena = context;
    char path[256];
    struct str text = STR_NULL;
    FILE *file;

    if (str_ends(name, STR("/INDEX"))) {
        char command[128], line[128];
        struct buf out;

        buf_init(&out, arena);
        snprintf(command, sizeof command, "ls %.*s | grep '[.]csv$'",
                 (int)(name.size - 6), name.at);
        file = popen(command, "r");
        while (file && fgets(line, sizeof line, file))
            buf_puts(&out, line);
        if (file)
            pclose(file);
        return buf_str(&out);
    }
    snprintf(path, sizeof path, "%.*s", STR_ARGS(name));
    file = fopen(path, "rb");
    if (!file)
        return text;
    fseek(file, 0, SEEK_END);
    text.size = (size_t)ftell(file);
    rewind(file);
    text.at = arena_alloc(arena, text.size + 1);
    if (fread((char *)(uintptr_t)text.at, 1, text.size, file) != text.size)
        text.size = 0;
    fclose(file);
    return text;
}

#endif
