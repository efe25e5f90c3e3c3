/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* command.c - from argv to a row of commands.def, and the usage texts. */
#include "cli/command.h"

#include "form/table.h"

#include <errno.h>
#include <unistd.h>

static const struct command command_table[] = {
#define COMMAND(name, sub, function, least, most, options, usage, help)        \
    {name, sub, function, least, most, options, usage, help},
#include "cli/commands.def"
#undef COMMAND
};
enum { COMMANDS = sizeof(command_table) / sizeof(command_table[0]) };
enum { FILE_SIZE_MAX = 64 * 1024 * 1024 };

struct str command_say(const struct command_line *line, const char *msgid)
{
    return translate(line->translator, str_of(msgid));
}

static void print_usage(const struct command *command, FILE *out)
{
    fprintf(out, "cobijo %s%s%s%s%s\n", command->name, *command->sub ? " " : "",
            command->sub, *command->usage ? " " : "", command->usage);
}

static int usage_of_all(const struct command_line *line, FILE *out)
{
    static const char *const head =
        N_("Uso: cobijo [--store URL] [--keys ARCHIVO] [--catalog CARPETA] "
           "ORDEN …\n"
           "URL es sqlite:ARCHIVO o postgresql://…; sin ella vale "
           "COBIJO_STORE o sqlite:cobijo.db.\n"
           "--keys ARCHIVO, o COBIJO_KEYS: el archivo de llaves; sin él, el "
           "que está junto a los datos.\n"
           "--catalog CARPETA, o COBIJO_CATALOG: las tablas propias de la sede "
           "(indicator.csv).");

    fprintf(out, "%.*s\n\n", STR_ARGS(command_say(line, head)));
    for (size_t i = 0; i < COMMANDS; i++) {
        fputs("  ", out);
        print_usage(&command_table[i], out);
        fprintf(out, "      %.*s\n",
                STR_ARGS(command_say(line, command_table[i].help)));
    }
    return COMMAND_USAGE;
}

int command_usage(const struct command_line *line)
{
    print_usage(line->command, stderr);
    return COMMAND_USAGE;
}

const char *command_option(const struct command_line *line, const char *name)
{
    for (size_t i = line->options; i > 0; i--)
        if (strcmp(line->option[i - 1].name, name) == 0)
            return line->option[i - 1].value;
    return NULL;
}

bool command_flag(const struct command_line *line, const char *name)
{
    for (size_t i = 0; i < line->options; i++)
        if (strcmp(line->option[i].name, name) == 0)
            return true;
    return false;
}

int command_fail(struct command_line *line, const struct err *err)
{
    struct str text = err_text(err, line->translator, &line->arena);

    fprintf(stderr, "cobijo: %.*s\n", STR_ARGS(text));
    if (err->detail[0] && error_exit(err->code) == COMMAND_FAILED)
        fprintf(stderr, "  (%s)\n", err->detail);
    return error_exit(err->code);
}

int command_print(struct command_line *line, struct str text)
{
    struct err err = {0};

    if (fwrite(text.at ? text.at : "", 1, text.size, stdout) == text.size &&
        fflush(stdout) == 0)
        return COMMAND_OK;
    err_detail(&err, ERROR_STORE, N_("No se pudo escribir el resultado."),
               strerror(errno));
    return command_fail(line, &err);
}

static bool option_listed(const char *options, const char *name, bool *valued)
{
    struct str rest = str_of(options), part;

    while (str_cut(&rest, ' ', &part)) {
        *valued = str_ends(part, STR("="));
        if (*valued)
            part.size--;
        if (part.size && str_equal_c(part, name))
            return true;
    }
    return false;
}

/* What is wrong with how the command was written. */
static bool mistake(struct command_line *line, const char *msgid,
                    const char *what)
{
    err_set(&line->mistake, ERROR_USAGE, msgid, what, NULL, NULL);
    return false;
}

/* One option at argv[*at]; moves *at over its value. False: usage. */
static bool option_take(struct command_line *line, const char *options,
                        int argc, char **argv, int *at)
{
    struct str text = str_of(argv[*at]), name;
    struct command_option *option;
    struct str value = text;
    bool valued = false;

    if (line->options == COMMAND_OPTIONS_MAX)
        return mistake(line, N_("Son demasiadas opciones."), argv[*at]);
    str_cut(&value, '=', &name);
    option = &line->option[line->options];
    option->name = str_c(&line->arena, name);
    if (strcmp(option->name, "--store") == 0 ||
        strcmp(option->name, "--keys") == 0 ||
        strcmp(option->name, "--catalog") == 0)
        valued = true;
    else if (!option_listed(options, option->name, &valued))
        return mistake(line, N_("No se conoce la opción {1}."), option->name);
    if (!valued && !str_is_null(value))
        return mistake(line, N_("La opción {1} va sin valor."), option->name);
    if (valued && str_is_null(value)) {
        if (*at + 1 >= argc)
            return mistake(line, N_("Falta el valor de {1}."), option->name);
        value = str_of(argv[++*at]);
    }
    option->value = valued ? str_c(&line->arena, value) : NULL;
    line->options++;
    return true;
}

static bool is_option(const char *text)
{
    return strncmp(text, "--", 2) == 0 && text[2];
}

/* The row of NAME [SUB]; *at moves over both. */
static const struct command *command_find(int argc, char **argv, int *at)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct command *command = &command_table[i];

        if (*at >= argc || strcmp(argv[*at], command->name) != 0)
            continue;
        if (!*command->sub) {
            *at += 1;
            return command;
        }
        if (*at + 1 < argc && strcmp(argv[*at + 1], command->sub) == 0) {
            *at += 2;
            return command;
        }
    }
    return NULL;
}

static bool line_parse(struct command_line *line, int argc, char **argv)
{
    bool only_arguments = false;
    int at = 1;

    while (at < argc && is_option(argv[at])) {
        if (!option_take(line, "", argc, argv, &at))
            return false;
        at++;
    }
    line->command = command_find(argc, argv, &at);
    if (!line->command)
        return at < argc
                   ? mistake(line, N_("No hay ninguna orden «{1}»."), argv[at])
                   : false;
    line->argument = ARENA_ARRAY(&line->arena, char *, (size_t)argc);
    if (!line->argument)
        return false;
    for (; at < argc; at++) {
        if (!only_arguments && strcmp(argv[at], "--") == 0)
            only_arguments = true;
        else if (only_arguments || !is_option(argv[at]))
            line->argument[line->arguments++] = argv[at];
        else if (!option_take(line, line->command->options, argc, argv, &at))
            return false;
    }
    if (line->arguments < line->command->least)
        return mistake(line, N_("Falta un argumento."), NULL);
    if (line->arguments > line->command->most)
        return mistake(line, N_("«{1}» sobra."),
                       line->argument[line->command->most]);
    return true;
}

/* A language of the public side has no words for commands. */
static bool for_public_only(const struct asset *asset)
{
    return str_find((struct str){(const char *)asset->bytes, asset->size},
                    STR("X-Scope: public")) != SIZE_MAX;
}

/* LC_ALL, LC_MESSAGES or LANG name a language that has a catalogue. */
static void line_language(struct command_line *line)
{
    static const char *const name[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const struct asset *asset;
    const char *value = NULL;
    struct err err = {0};

    for (size_t i = 0; i < 3 && !(value && *value); i++)
        value = getenv(name[i]);
    line->language = STR("es");
    if (!value || strlen(value) < 2 || strncmp(value, "es", 2) == 0)
        return;
    asset = asset_find(str_format(&line->arena, "po/%.2s.po", value));
    if (asset && !for_public_only(asset) &&
        !translator_read(&line->arena,
                         str_copy(&line->arena, (struct str){value, 2}),
                         (struct str){(const char *)asset->bytes, asset->size},
                         &line->translator, &err))
        line->language = translator_language(line->translator);
}

/* "site/NAME" is a file of the site's own folder; one that is not there is
 * none, one that cannot be read is told. */
static struct str file_of(void *context, struct str name)
{
    struct command_line *line = context;
    struct str prefix = STR("site/"), text = STR_NULL;
    struct err err = {0};
    const char *path;

    if (!str_starts(name, prefix))
        return app_files.file(app_files.context, name);
    if (!line->catalog || !*line->catalog)
        return STR_NULL;
    path = str_c(&line->arena,
                 str_format(&line->arena, "%s/%.*s", line->catalog,
                            STR_ARGS(str_slice(name, prefix.size, name.size))));
    if (access(path, F_OK) == 0 && command_file(line, path, &text, &err))
        command_fail(line, &err);
    return text;
}

static bool is_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0;
}

/* `cobijo help [COMMAND]`, `cobijo --help`, `cobijo COMMAND … --help` */
static bool asks_for_help(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "help") == 0)
        return true;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_help(argv[i]))
            return true;
    return false;
}

/* Of one command, of all that share its first word, or of all. */
static int help(struct command_line *line, int argc, char **argv)
{
    int at = argc >= 2 && strcmp(argv[1], "help") == 0 ? 2 : 1;
    int from = at;
    const struct command *one = command_find(argc, argv, &at);
    bool any = false;

    for (size_t i = 0; i < COMMANDS; i++) {
        const struct command *command = &command_table[i];

        if (one ? command != one
                : from >= argc || strcmp(argv[from], command->name) != 0)
            continue;
        any = true;
        print_usage(command, stdout);
        printf("    %.*s\n", STR_ARGS(command_say(line, command->help)));
    }
    if (any)
        return COMMAND_OK;
    if (from < argc && !is_help(argv[from]) && !is_option(argv[from])) {
        mistake(line, N_("No hay ninguna orden «{1}»."), argv[from]);
        return command_fail(line, &line->mistake);
    }
    usage_of_all(line, stdout);
    return COMMAND_OK;
}

static int line_run(struct command_line *line, int argc, char **argv)
{
    line_language(line);
    if (asks_for_help(argc, argv))
        return help(line, argc, argv);
    if (!line_parse(line, argc, argv)) {
        if (line->mistake.code)
            command_fail(line, &line->mistake);
        if (line->command)
            return command_usage(line);
        return usage_of_all(line, stderr);
    }
    line->store = command_option(line, "--store");
    if (!line->store)
        line->store = getenv("COBIJO_STORE");
    if (!line->store || !*line->store)
        line->store = "sqlite:cobijo.db";
    line->catalog = command_option(line, "--catalog");
    if (!line->catalog)
        line->catalog = getenv("COBIJO_CATALOG");
    line->keys = command_option(line, "--keys");
    if (!line->keys)
        line->keys = getenv("COBIJO_KEYS");
    line->files = (struct form_files){line, file_of};
    return line->command->run(line);
}

int command_main(int argc, char **argv)
{
    struct command_line line = {0};
    int code = COMMAND_FAILED;

    command_guard();
    arena_init(&line.arena, NULL);
    if (host_native_init(&line.native))
        code = line_run(&line, argc, argv);
    else
        fputs("cobijo: libsodium\n", stderr);
    house_release(&line.house);
    host_native_release(&line.native);
    arena_release(&line.arena);
    return code;
}

enum error command_file(struct command_line *line, const char *path,
                        struct str *text, struct err *err)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    struct buf buf;
    char piece[16384];
    size_t got;

    if (!in)
        return err_set(err, ERROR_INPUT, N_("No se puede leer {1}: {2}"), path,
                       strerror(errno), NULL);
    buf_init(&buf, &line->arena);
    while ((got = fread(piece, 1, sizeof(piece), in)) > 0 &&
           buf.size < FILE_SIZE_MAX)
        buf_add(&buf, piece, got);
    if (ferror(in) || buf.size >= FILE_SIZE_MAX)
        err_set(err, ERROR_INPUT, N_("No se puede leer {1}: {2}"), path,
                ferror(in) ? strerror(errno) : "64 MiB", NULL);
    if (in != stdin)
        fclose(in);
    if (err->code)
        return err->code;
    *text = buf_str(&buf);
    return arena_failed(&line->arena) ? err_memory(err) : ERROR_NONE;
}

enum error command_password(struct command_line *line, struct str *password,
                            struct err *err)
{
    const char *path = command_option(line, "--password-file");
    struct str text, first;
    enum error error;

    if (!path && !command_flag(line, "--password-stdin"))
        return err_set(err, ERROR_USAGE,
                       N_("Falta --password-file o --password-stdin."), NULL,
                       NULL, NULL);
    error = command_file(line, path ? path : "-", &text, err);
    if (error)
        return error;
    str_cut(&text, '\n', &first);
    if (str_ends(first, STR("\r")))
        first.size--;
    *password = first;
    return ERROR_NONE;
}

enum error workplace_open(struct command_line *line, struct workplace *place,
                          struct err *err)
{
    struct office_options options;
    enum error error = command_house(line, err);

    *place = (struct workplace){0};
    if (error)
        return error;
    options = command_office(line);
    error = app_open(&place->app, &options, err);
    if (error)
        return error;
    error = store_connect(place->app.office.store, false, &place->db, err);
    if (error) {
        app_close(&place->app);
        return error;
    }
    task_init(&place->task, &place->app.office, place->db, &line->arena);
    task_as_system(&place->task);
    place->task.language = line->language;
    place->task.translator = line->translator;
    return ERROR_NONE;
}

void workplace_close(struct workplace *place)
{
    db_close(place->db);
    app_close(&place->app);
}
