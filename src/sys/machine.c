/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* machine.c - reads /proc and /sys. */
#include "sys/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* /dev/dm-0, or a link to it: /dev/mapper/swap. */
static bool is_encrypted(const char *device)
{
    char real[300], path[400], text[64] = "";
    const char *base;
    ssize_t size = readlink(device, real, sizeof(real) - 1);
    FILE *file;

    if (size > 0)
        real[size] = '\0';
    else
        snprintf(real, sizeof(real), "%s", device);
    base = strrchr(real, '/');
    base = base ? base + 1 : real;
    if (strncmp(base, "zram", 4) == 0)
        return true;
    snprintf(path, sizeof(path), "/sys/block/%.60s/dm/uuid", base);
    file = fopen(path, "r");
    if (file && !fgets(text, sizeof(text), file))
        text[0] = '\0';
    if (file)
        fclose(file);
    return strncmp(text, "CRYPT-", 6) == 0;
}

bool machine_open_swap(char *name, size_t size)
{
    FILE *file = fopen("/proc/swaps", "r");
    char line[400], device[300];
    bool found = false;

    if (!file)
        return false;
    if (fgets(line, sizeof(line), file)) /* the heading */
        while (!found && fgets(line, sizeof(line), file))
            if (sscanf(line, "%299s", device) == 1 && !is_encrypted(device)) {
                snprintf(name, size, "%s", device);
                found = true;
            }
    fclose(file);
    return found;
}

bool machine_no_core(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0;
}

int64_t machine_room(const char *path)
{
    struct statvfs about;

    if (statvfs(path, &about))
        return -1;
    return (int64_t)about.f_bavail * (int64_t)about.f_frsize;
}
