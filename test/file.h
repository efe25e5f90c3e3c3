/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* file.h - whole files and folders for tests of text. */
#ifndef COBIJO_TEST_FILE_H
#define COBIJO_TEST_FILE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/str.h"

enum { TEST_FILES_MAX = 500 };

/* STR_NULL when it cannot be read. */
static inline struct str file_read(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0, got;
    char chunk[4096];

    if (!file)
        return STR_NULL;
    text = arena_alloc(arena, 1);
    while (text && (got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        text = arena_grow(arena, text, size, size + got);
        if (text)
            memcpy(text + size, chunk, got);
        size += got;
    }
    fclose(file);
    return text ? (struct str){text, size} : STR_NULL;
}

static inline int file_names_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder that end so, sorted. */
static inline size_t file_names(struct arena *arena, const char *folder,
                                const char *ending,
                                const char *name[TEST_FILES_MAX])
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    if (!dir)
        return 0;
    while ((entry = readdir(dir)) && count < TEST_FILES_MAX)
        if (str_ends(str_of(entry->d_name), str_of(ending)))
            name[count++] = str_c(arena, str_of(entry->d_name));
    closedir(dir);
    qsort(name, count, sizeof *name, file_names_compare);
    return count;
}

#endif
