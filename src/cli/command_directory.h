/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* command_directory.h - what `import` and `export` do with places. */
#ifndef COBIJO_COMMAND_DIRECTORY_H
#define COBIJO_COMMAND_DIRECTORY_H

#include "cli/command.h"

enum error import_places(struct command_line *line, struct task *task,
                         struct buf *out, struct err *err);
/* Does `export` mean the public directory? */
bool is_directory_export(struct command_line *line);
int export_directory(struct command_line *line);

#endif
