/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* command_house.c - the one way from a command to the keys of its store. */
#include "cli/command.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void command_guard(void)
{
    static const struct rlimit none;

    setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* a sanitizer looks into itself */
#endif
}

enum error command_house_find(struct command_line *line, struct err *err)
{
    if (line->house.host)
        return ERROR_NONE;
    if (house_find(&line->house, &line->native.host, line->store, line->keys,
                   err))
        house_release(&line->house);
    return err->code;
}

enum error command_house(struct command_line *line, struct err *err)
{
    if (command_house_find(line, err))
        return err->code;
    if (!line->house.kept || house_take(&line->house))
        return ERROR_NONE;
    return house_closed(err);
}

struct office_options command_office(struct command_line *line)
{
    const struct house *house = &line->house;

    return (struct office_options){.host = &line->native.host,
                                   .store_url = line->store,
                                   .files = &line->files,
                                   .site_key = house->key,
                                   .store_key = house->store_key,
                                   .keeper =
                                       house->kept ? &house->keeper : NULL};
}
