/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* script.c - one text of a schema for both databases.
 *
 * In CREATE TABLE and ALTER TABLE statements the words BIGINT and TEXT become
 * what the dialect needs (INTEGER; TEXT COLLATE "C", so that both sort
 * alike), @BLOB@ and @DOUBLE@ likewise, @CLUSTERED@ is WITHOUT ROWID where
 * that exists, @INCLUDE(…)@ is left out there, and SQLite's tables become
 * STRICT. Everything else, comments and quoted text among it, is copied.
 */
#include "store/driver.h"

#include <ctype.h>

struct script {
    const char *at;
    char *out;
    size_t size, capacity;
    bool sqlite, table, create, failed;
    int depth; /* parentheses */
};

static void put(struct script *script, const char *text, size_t size)
{
    if (script->failed)
        return;
    if (script->size + size + 1 > script->capacity) {
        size_t capacity = script->capacity * 2 + size + 256;
        char *out = realloc(script->out, capacity);

        if (!out) {
            script->failed = true;
            return;
        }
        script->out = out;
        script->capacity = capacity;
    }
    memcpy(script->out + script->size, text, size);
    script->size += size;
    script->out[script->size] = '\0';
}

static void puts_to(struct script *script, const char *text)
{
    put(script, text, strlen(text));
}

static bool word_is(const char *word, size_t size, const char *text)
{
    return strlen(text) == size && memcmp(word, text, size) == 0;
}

/* The first two words tell whether types are to be translated. */
static void statement_start(struct script *script)
{
    const char *at = script->at;

    script->create = strncmp(at, "CREATE TABLE", 12) == 0;
    script->table = script->create || strncmp(at, "ALTER TABLE", 11) == 0;
    script->depth = 0;
}

static void copy_until(struct script *script, const char *end)
{
    const char *found = strstr(script->at + 1, end);
    size_t size =
        found ? (size_t)(found - script->at) + strlen(end) : strlen(script->at);

    put(script, script->at, size);
    script->at += size;
}

static void copy_word(struct script *script)
{
    const char *word = script->at;
    size_t size = 0;

    while (isalnum((unsigned char)word[size]) || word[size] == '_')
        size++;
    script->at += size;
    if (script->table && word_is(word, size, "BIGINT") && script->sqlite)
        puts_to(script, "INTEGER");
    else if (script->table && word_is(word, size, "TEXT") && !script->sqlite)
        puts_to(script, "TEXT COLLATE \"C\"");
    else
        put(script, word, size);
}

static void copy_placeholder(struct script *script)
{
    static const struct {
        const char *name, *sqlite, *postgres;
    } list[] = {
        {"@BLOB@", "BLOB", "BYTEA"},
        {"@DOUBLE@", "REAL", "DOUBLE PRECISION"},
        {"@CLUSTERED@", "WITHOUT ROWID", ""},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        size_t size = strlen(list[i].name);

        if (strncmp(script->at, list[i].name, size) != 0)
            continue;
        puts_to(script, script->sqlite ? list[i].sqlite : list[i].postgres);
        /* options of a table are separated by commas */
        if (script->sqlite && script->create && i == 2)
            puts_to(script, ",");
        script->at += size;
        return;
    }
    put(script, script->at++, 1);
}

/* @INCLUDE(a, b)@ behind a key */
static bool copy_include(struct script *script)
{
    const char *end = strstr(script->at, ")@");

    if (strncmp(script->at, "@INCLUDE(", 9) != 0 || !end)
        return false;
    if (!script->sqlite)
        put(script, script->at + 1, (size_t)(end - script->at));
    script->at = end + 2;
    return true;
}

static void copy_one(struct script *script)
{
    char c = *script->at;

    if (c == '\'' || c == '"') {
        copy_until(script, c == '"' ? "\"" : "'");
    } else if (c == '-' && script->at[1] == '-') {
        copy_until(script, "\n");
    } else if (c == '$' && script->at[1] == '$') {
        put(script, script->at++, 1);
        copy_until(script, "$$");
    } else if (isalpha((unsigned char)c) || c == '_') {
        copy_word(script);
    } else if (c == '@') {
        if (!copy_include(script))
            copy_placeholder(script);
    } else {
        script->depth += (c == '(') - (c == ')');
        put(script, script->at++, 1);
    }
}

char *script_translate(const char *sql, bool sqlite)
{
    struct script script = {.at = sql, .sqlite = sqlite};
    bool fresh = true;

    put(&script, "", 0);
    while (*script.at && !script.failed) {
        bool space = isspace((unsigned char)*script.at);
        bool comment = script.at[0] == '-' && script.at[1] == '-';

        if (fresh && !space && !comment) {
            statement_start(&script);
            fresh = false;
        }
        if (*script.at == ';') {
            if (script.create && sqlite)
                puts_to(&script, " STRICT");
            script.table = script.create = false;
            fresh = true;
        }
        copy_one(&script);
    }
    if (script.failed) {
        free(script.out);
        return NULL;
    }
    return script.out;
}
