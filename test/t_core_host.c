/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Names, secrets and digests from a host with fixed answers; errors as
 * values; catalogues. */
#include "core/host.h"

#include "core/translate.h"
#include "tap.h"

static int64_t fixed_now(void *context)
{
    (void)context;
    return 0x0123456789ab;
}

static void fixed_random(void *context, void *bytes, size_t size)
{
    memset(bytes, *(const unsigned char *)context, size);
}

static void fixed_hash(void *context, const struct str *part, size_t count,
                       unsigned char out[32])
{
    (void)context;
    memset(out, (int)(part[0].size + count), 32);
}

static void check_host(struct tap *tap, struct arena *arena)
{
    unsigned char byte = 0xff;
    struct host host = {.context = &byte,
                        .now = fixed_now,
                        .random = fixed_random,
                        .hash = fixed_hash};

    tap_is(tap, str_c(arena, host_uuid(&host, arena)),
           "01234567-89ab-7fff-bfff-ffffffffffff", "version 7, all ones");
    tap_is(tap, str_c(arena, host_secret(&host, arena)),
           "__________________________________________8", "secret, all ones");
    byte = 0;
    tap_is(tap, str_c(arena, host_uuid(&host, arena)),
           "01234567-89ab-7000-8000-000000000000", "version 7, all zeros");
    tap_is_int(tap, (long long)host_secret(&host, arena).size, 43,
               "43 characters");
    tap_is(tap, str_c(arena, host_hash_hex(&host, arena, STR("ab"))),
           "0303030303030303030303030303030303030303030303030303030303030303",
           "digest as hex");
    tap_ok(tap, host_equal_secret(STR("abc"), STR("abc")), "same secret");
    tap_ok(tap, !host_equal_secret(STR("abc"), STR("abd")), "other secret");
    tap_ok(tap, !host_equal_secret(STR("abc"), STR("ab")), "shorter");
    tap_ok(tap, host_equal_secret(STR(""), STR_NULL), "empty");
}

static void check_err(struct tap *tap, struct arena *arena)
{
    struct err err = {0};
    char wide[2 * ERR_ARG_SIZE + 1];

    tap_is(tap, str_c(arena, err_text(&err, NULL, arena)), "", "no error");
    tap_is_int(
        tap,
        err_set(&err, ERROR_INPUT, "Falta {1} en {2}{3}{4}.", "a", "b", NULL),
        ERROR_INPUT, "the code comes back");
    tap_is_int(tap, err_set(&err, ERROR_STORE, "otra", NULL, NULL, NULL),
               ERROR_INPUT, "the first failure wins");
    tap_is(tap, str_c(arena, err_text(&err, NULL, arena)), "Falta a en b{4}.",
           "the message with its arguments");
    err_clear(&err);
    tap_is_int(tap, err.code, ERROR_NONE, "cleared");
    for (size_t i = 0; i < sizeof(wide) - 1; i += 2)
        memcpy(wide + i, "\xc3\xb1", 2);
    wide[sizeof(wide) - 1] = '\0';
    err_set(&err, ERROR_INPUT, "{1}", wide + 1, NULL, NULL);
    tap_ok(tap,
           strlen(err.arg[0]) < ERR_ARG_SIZE &&
               ((unsigned char)err.arg[0][strlen(err.arg[0]) - 1] & 0xc0) ==
                   0x80,
           "long arguments are cut between characters");
    err_clear(&err);
    err_detail(&err, ERROR_STORE, "No se pudo guardar.", "disk I/O");
    tap_is(tap, err.detail, "disk I/O", "detail for the log");
    tap_is_int(tap, err_memory(NULL), ERROR_MEMORY, "nobody asks");
    tap_is_int(tap, error_status(ERROR_CONFLICT), 409, "status");
    tap_is_int(tap, error_exit(ERROR_USAGE), 2, "exit code");
    tap_is(tap, error_name(ERROR_NOT_FOUND), "not_found", "JSON code");
    tap_is_int(tap, error_status((enum error)99), 500, "unknown kinds");
}

static const char catalogue[] = "# comment\r\n"
                                "msgid \"\"\n"
                                "msgstr \"\"\n"
                                "\"Language: en\\n\"\n"
                                "\n"
                                "#: place.c:1\n"
                                "msgid \"Hola\"\n"
                                "msgstr \"Hello\"\n"
                                "msgid \"Dos \"\n"
                                "\"partes\"\n"
                                "msgstr \"\"\n"
                                "\"Two\\n\"\n"
                                "\"\\\"parts\\\"\"\n"
                                "\n"
                                "msgid \"Sin traducir\"\n"
                                "msgstr \"\"\n"
                                "\n"
                                "#, fuzzy, c-format\n"
                                "msgid \"Dudoso\"\n"
                                "msgstr \"Doubtful\"\n"
                                "\n"
                                "msgctxt \"menu\"\n"
                                "msgid \"Contexto\"\n"
                                "msgstr \"Context\"\n"
                                "\n"
                                "msgid \"uno\"\n"
                                "msgid_plural \"muchos\"\n"
                                "msgstr[0] \"one\"\n"
                                "msgstr[1] \"many\"\n"
                                "#~ msgid \"Viejo\"\n"
                                "#~ msgstr \"Old\"\n"
                                "msgid \"Falta {1}\"\n"
                                "msgstr \"{1} is missing\"";

static void check_translate(struct tap *tap, struct arena *arena)
{
    static const char *const cases[][2] = {
        {"Hola", "Hello"},
        {"Dos partes", "Two\n\"parts\""},
        {"Sin traducir", "Sin traducir"},
        {"Dudoso", "Dudoso"},
        {"Contexto", "Contexto"},
        {"uno", "uno"},
        {"muchos", "muchos"},
        {"Viejo", "Viejo"},
        {"Falta {1}", "{1} is missing"},
        {"nunca visto", "nunca visto"},
        {"", ""},
    };
    struct translator *english = NULL;
    struct err err = {0};

    tap_is_int(
        tap,
        translator_read(arena, STR("en"), str_of(catalogue), &english, &err),
        ERROR_NONE, "the catalogue is read");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tap_is(tap, str_c(arena, translate(english, str_of(cases[i][0]))),
               cases[i][1], cases[i][0]);
    tap_is(tap, str_c(arena, translator_language(english)), "en", "language");
    tap_is(tap, str_c(arena, translator_language(NULL)), "es", "without");
    tap_is(tap, str_c(arena, translate(NULL, STR("Hola"))), "Hola", "Spanish");
    err_set(&err, ERROR_INPUT, "Falta {1}", "x", NULL, NULL);
    tap_is(tap, str_c(arena, err_text(&err, english, arena)), "x is missing",
           "an error in English");
}

static void check_wrong(struct tap *tap, struct arena *arena)
{
    static const char *const cases[] = {
        "msgid Hola\n",    "\"suelto\"\n", "msgid \"a\nmsgstr \"b\"\n",
        "msgid \"\\x\"\n", "hola\n",       "msgid \"a\"b\"\n",
        "msgid \"\\\"\n",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct translator *translator = NULL;
        struct err err = {0};

        tap_ok(tap,
               translator_read(arena, STR("en"), str_of(cases[i]), &translator,
                               &err) == ERROR_SYNTAX &&
                   !translator && !strcmp(err.arg[0], "1"),
               "wrong catalogue %zu", i);
    }
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_host(&tap, &arena);
    check_err(&tap, &arena);
    check_translate(&tap, &arena);
    check_wrong(&tap, &arena);
    arena_release(&arena);
    return tap_done(&tap);
}
