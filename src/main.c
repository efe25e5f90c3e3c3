/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* main.c - arguments in, exit code out: cli/ finds the command, and `serve`
 * among them opens the HTTP door.
 */
#include "cli/command.h"

#include <sys/stat.h>

int main(int argc, char **argv)
{
    umask(077); /* what is stored here is nobody else's to read */
    return command_main(argc, argv);
}
