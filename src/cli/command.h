/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* command.h - the command line: rows of commands.def, their options, and what
 * every command needs to begin (a host, an open application, a task).
 *
 * A command returns an exit code: 0 done, 1 the input was refused (reasons on
 * stderr), 2 usage, 3 the environment failed.
 */
#ifndef COBIJO_COMMAND_H
#define COBIJO_COMMAND_H

#include "sys/host_native.h"
#include "sys/house.h"
#include "web/app.h"

enum {
    COMMAND_OK = 0,
    COMMAND_REFUSED = 1,
    COMMAND_USAGE = 2,
    COMMAND_FAILED = 3,
    COMMAND_OPTIONS_MAX = 32
};

struct command_option {
    const char *name;
    const char *value; /* NULL for a flag */
};

struct command_line {
    const struct command *command;
    const char *store;   /* --store, COBIJO_STORE or sqlite:cobijo.db */
    const char *catalog; /* --catalog or COBIJO_CATALOG: the site's own tables;
                            NULL: none */
    const char *keys;    /* --keys or COBIJO_KEYS; NULL: where they belong */
    struct house house;  /* command_house; released at the end */
    struct form_files files; /* what came with the program, and those */
    struct command_option option[COMMAND_OPTIONS_MAX];
    size_t options;
    char **argument;
    size_t arguments;
    struct arena arena;
    struct host_native native;
    struct translator *translator; /* of the user's LANG; NULL: Spanish */
    struct str language;
    struct err mistake; /* in how it was written */
};

struct command {
    const char *name, *sub;
    int (*run)(struct command_line *line);
    size_t least, most;
    const char *options, *usage, *help;
};

int command_main(int argc, char **argv);

/* NULL when the option was not given. */
const char *command_option(const struct command_line *line, const char *name);
bool command_flag(const struct command_line *line, const char *name);
/* Prints the usage of this command on stderr. */
int command_usage(const struct command_line *line);
/* Says on stderr what is wrong; the exit code that goes with it. */
int command_fail(struct command_line *line, const struct err *err);
/* A translated msgid. */
struct str command_say(const struct command_line *line, const char *msgid);
/* --password-file or --password-stdin; the first line, without its end. */
enum error command_password(struct command_line *line, struct str *password,
                            struct err *err);
/* The text of a file, or ERROR_INPUT. Stays in the line's arena. */
enum error command_file(struct command_line *line, const char *path,
                        struct str *text, struct err *err);
/* A form's file, in any format, with the lists beside it, as the CSV that is
 * kept of it; and the lists of the program, for those that are not there. */
struct form_files command_lists(struct command_line *line);
enum error command_form(struct command_line *line, const char *path,
                        struct str *text, struct err *err);
/* What is wrong with a form: sheet, row, column, words, code; on stderr. */
struct str command_problem(struct command_line *line,
                           const struct form_problem *problem);
void command_problems(struct command_line *line, const char *path,
                      const struct form_problems *problems);
/* Output that did not reach its place is a failure (a full disk). */
int command_print(struct command_line *line, struct str text);

/* command_house.c: where the keys are. Every command that opens a store comes
 * through here; house_closed when nobody has opened the house since the machine
 * was off. find: the same without opening. */
enum error command_house_find(struct command_line *line, struct err *err);
enum error command_house(struct command_line *line, struct err *err);
/* Options of the office with the keys of the (open) house. */
struct office_options command_office(struct command_line *line);
/* No core of this process is written, and no other may look into it. */
void command_guard(void);

/* --delivery or COBIJO_DELIVERY: how messages leave the house; nothing is set
 * when neither is given. cmd_delivery.c */
struct delivery_settings;
enum error command_delivery(struct command_line *line,
                            struct delivery_settings *settings,
                            struct err *err);

/* An opened application, a reading connection and a task of the system. */
struct workplace {
    struct app app;
    struct db *db;
    struct task task;
};
enum error workplace_open(struct command_line *line, struct workplace *place,
                          struct err *err);
void workplace_close(struct workplace *place);
/* The record of the account with this login name. */
enum error command_user(struct workplace *place, const char *name,
                        struct str *id, struct err *err);
/* A form read from a file, with the lists beside it; NULL: said why, and the
 * exit code is in *code. */
const struct form *command_form_read(struct command_line *line,
                                     const char *path, int *code);

#define COMMAND(name, sub, function, least, most, options, usage, help)        \
    int function(struct command_line *line);
#include "cli/commands.def"
#undef COMMAND

#endif
