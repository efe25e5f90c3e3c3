/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* key_cache.c - every path is walked by file descriptors that were checked. */
#include "sys/key_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { TMPFS = 0x01021994, NAME_ROOM = 64 };
static const unsigned long ramfs = 0x858458f6;

static bool is_memory(int file)
{
    struct statfs about;

    return fstatfs(file, &about) == 0 &&
           ((unsigned long)about.f_type == TMPFS ||
            (unsigned long)about.f_type == ramfs);
}

static bool is_ours(int file, mode_t kind)
{
    struct stat about;

    return fstat(file, &about) == 0 && (about.st_mode & S_IFMT) == kind &&
           about.st_uid == geteuid() && (about.st_mode & 077) == 0;
}

/* The folder NAME in ROOT, or -1. */
static int folder_in(const char *root, const char *name, bool make)
{
    int above = root && *root == '/'
                    ? open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                    : -1;
    int folder;

    if (above < 0)
        return -1;
    if (!is_memory(above)) {
        close(above);
        return -1;
    }
    if (make)
        mkdirat(above, name, 0700);
    folder =
        openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(above);
    if (folder >= 0 && (!is_memory(folder) || !is_ours(folder, S_IFDIR))) {
        close(folder);
        return -1;
    }
    return folder;
}

/* Where a key may lie, the first that is one being where it is put: a service
 * or a clock runs without the $XDG_RUNTIME_DIR that a login has, and both mean
 * the same house. */
enum { PLACES = 3 };

static int folder_at(int place, bool make)
{
    unsigned long user = (unsigned long)geteuid();
    char text[NAME_ROOM];

    if (place == 0)
        return folder_in(getenv("XDG_RUNTIME_DIR"), "cobijo", make);
    if (place == 1) {
        snprintf(text, sizeof(text), "/run/user/%lu", user);
        return folder_in(text, "cobijo", false);
    }
    snprintf(text, sizeof(text), "cobijo-%lu", user);
    return folder_in("/dev/shm", text, make);
}

static int folder_open(void)
{
    int folder = folder_at(0, true);

    return folder >= 0 ? folder : folder_at(PLACES - 1, true);
}

bool key_cache_place(char *path, size_t size)
{
    const char *root = getenv("XDG_RUNTIME_DIR");
    int folder = folder_in(root, "cobijo", true);

    if (folder >= 0) {
        snprintf(path, size, "%s/cobijo", root);
    } else {
        folder = folder_open();
        snprintf(path, size, "/dev/shm/cobijo-%lu", (unsigned long)geteuid());
    }
    if (folder < 0)
        return false;
    close(folder);
    return true;
}

static void name_of(const char *id, char name[NAME_ROOM])
{
    snprintf(name, NAME_ROOM, "%.32s.key", id);
}

static bool get_from(int folder, const char *name, unsigned char key[32])
{
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    unsigned char more;
    bool got;

    if (file < 0)
        return false;
    got = is_ours(file, S_IFREG) && is_memory(file) &&
          read(file, key, 32) == 32 && read(file, &more, 1) == 0;
    close(file);
    return got;
}

bool key_cache_get(const char *id, unsigned char key[32])
{
    char name[NAME_ROOM];
    bool got = false;

    name_of(id, name);
    for (int place = 0; place < PLACES && !got; place++) {
        int folder = folder_at(place, false);

        if (folder < 0)
            continue;
        got = get_from(folder, name, key);
        close(folder);
    }
    return got;
}

bool key_cache_put(const char *id, const unsigned char key[32])
{
    char name[NAME_ROOM], beside[NAME_ROOM + 16];
    int folder = folder_open(), file;
    bool put = false;

    if (folder < 0)
        return false;
    name_of(id, name);
    snprintf(beside, sizeof(beside), "%s.%ld", name, (long)getpid());
    file = openat(folder, beside,
                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file >= 0) {
        put = is_ours(file, S_IFREG) && write(file, key, 32) == 32;
        close(file);
        put = put && renameat(folder, beside, folder, name) == 0;
        if (!put)
            unlinkat(folder, beside, 0);
    }
    close(folder);
    return put;
}

/* Overwritten, then removed. */
static bool forget_file(int folder, const char *name)
{
    static const unsigned char zero[32];
    int file = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    bool there = false;

    if (file >= 0) {
        there = pwrite(file, zero, sizeof(zero), 0) == (ssize_t)sizeof(zero);
        close(file);
    }
    return unlinkat(folder, name, 0) == 0 && there;
}

/* The key, and what somebody who was killed while putting it left beside it.
 * Takes the folder. */
static bool forget_in(int folder, const char *name)
{
    size_t size = strlen(name);
    bool there = false;
    struct dirent *entry;
    DIR *list = fdopendir(folder);

    if (!list) {
        there = forget_file(folder, name);
        close(folder);
        return there;
    }
    while ((entry = readdir(list)) != NULL)
        if (strncmp(entry->d_name, name, size) == 0 &&
            (!entry->d_name[size] || entry->d_name[size] == '.'))
            there = forget_file(folder, entry->d_name) || there;
    closedir(list);
    return there;
}

bool key_cache_forget(const char *id)
{
    char name[NAME_ROOM];
    bool there = false;

    name_of(id, name);
    for (int place = 0; place < PLACES; place++) {
        int folder = folder_at(place, false);

        if (folder >= 0)
            there = forget_in(folder, name) || there;
    }
    return there;
}
