/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* help_code.c - the code word of who asks for help.
 *
 * Her own word alone could be guessed, so the house adds two of help_word.csv,
 * about a thousand each. They follow from the number of the form under a key
 * of the house: a form that was sent twice over a bad line tells the same
 * words again. Neither that number nor the words are kept (the log has hashes
 * of the number alone).
 *
 * In the store stands neither word nor its hash, but a name made of it:
 * Argon2id with a salt of the house, then HMAC under a key of the house. Who
 * has the store alone cannot try words; who has the house's key, too, pays for
 * each try.
 */
#include "core/base64.h"
#include "core/seal.h"
#include "core/utf8.h"
#include "domain/account/second.h"
#include "domain/outreach/help.h"

enum {
    PASSES = 2,
    MEMORY = 16 * 1024 * 1024,
    CODE_MAX = 120,
    TICKET_MINUTES = 30,
    TICKET_PLAIN = 36 + 8
};

bool help_open(const struct task *task)
{
    const struct sealer *sealer = task->office->host->sealer;

    return task->db && sealer && sealer->password_key && task->office->help &&
           task->office->site_key && task->office->log.site_key;
}

/* --- letters --- */

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

struct str help_plain(struct arena *arena, struct str text)
{
    struct str folded = utf8_fold(arena, text, false);
    struct buf out;
    bool gap = false;

    buf_init(&out, arena);
    for (size_t i = 0; i < folded.size; i++) {
        if (!is_letter((unsigned char)folded.at[i])) {
            gap = out.size > 0;
            continue;
        }
        if (gap)
            buf_putc(&out, ' ');
        gap = false;
        buf_putc(&out, folded.at[i]);
    }
    return buf_str(&out);
}

/* How many different letters; of other scripts each byte counts. */
static size_t kinds_of(struct str text)
{
    bool seen[256] = {false};
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c != ' ' && !seen[c]) {
            seen[c] = true;
            count++;
        }
    }
    return count;
}

static bool has_letter(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] > '9')
            return true;
    return false;
}

enum help_trouble help_word_check(const struct task *task, struct str word)
{
    const struct catalog_table *weak =
        catalog_table(task->office->catalog, "help_weak");
    struct str plain = help_plain(task->arena, word);

    if (utf8_length(word) > HELP_WORD_MAX || plain.size > CODE_MAX / 2)
        return HELP_WORD_LONG;
    if (utf8_length(plain) < HELP_WORD_LETTERS)
        return HELP_WORD_SHORT;
    if (!has_letter(plain) || kinds_of(plain) < 3 ||
        (weak && catalog_find(weak, plain) != SIZE_MAX))
        return HELP_WORD_EASY;
    return HELP_FINE;
}

/* --- the house's words --- */

/* English pages get English words; all others Spanish ones, which are those
 * of the country. */
static struct str word_at(const struct task *task, uint32_t number)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "help_word");
    const char *column = str_equal_c(task->language, "en") ? "en" : "es";
    size_t rows = table ? table->rows : 0;

    while (rows && !catalog_cell(table, rows - 1, column).size)
        rows--;
    return rows ? catalog_cell(table, number % rows, column) : STR("");
}

static uint32_t number_of(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

struct str help_code_make(struct task *task, struct str word, struct str entry,
                          int turn)
{
    const struct sealer *sealer = task->office->host->sealer;
    struct str plain = help_plain(task->arena, word), first, second;
    unsigned char key[32], out[32];
    struct str text = str_format(task->arena, "%.*s %.*s %d", STR_ARGS(entry),
                                 STR_ARGS(task->language), turn);

    if (!secret_key(task, SECRET_HELP_WORDS, key))
        return STR("");
    sealer->mac(key, text, out);
    first = word_at(task, number_of(out));
    second = word_at(task, number_of(out + 8));
    sealer->wipe(key, sizeof key);
    sealer->wipe(out, sizeof out);
    return str_format(task->arena, "%.*s %.*s %.*s", STR_ARGS(plain),
                      STR_ARGS(first), STR_ARGS(second));
}

struct str help_code_name(struct task *task, struct str code)
{
    const struct sealer *sealer = task->office->host->sealer;
    struct str plain = help_plain(task->arena, code), name = STR("");
    unsigned char salt[32], key[32], slow[32], out[32];

    if (!plain.size || plain.size > CODE_MAX ||
        !secret_key(task, SECRET_HELP_SALT, salt) ||
        !secret_key(task, SECRET_HELP_NAME, key))
        return name;
    if (sealer->password_key(plain, salt, PASSES, MEMORY, slow)) {
        sealer->mac(key, (struct str){(const char *)slow, sizeof slow}, out);
        name = base32(task->arena, out, sizeof out);
    }
    sealer->wipe(key, sizeof key);
    sealer->wipe(slow, sizeof slow);
    sealer->wipe(salt, sizeof salt);
    return name;
}

/* --- the ticket --- */

struct str help_ticket(struct task *task, struct str request)
{
    const struct sealer *sealer = task->office->host->sealer;
    int64_t until = task->now + TICKET_MINUTES * 60000LL;
    unsigned char plain[TICKET_PLAIN] = {0}, key[32];
    unsigned char out[SEAL_NONCE + TICKET_PLAIN + SEAL_EXTRA];
    struct buf text;

    if (request.size != 36 || !secret_key(task, SECRET_HELP_TICKET, key))
        return STR("");
    memcpy(plain, request.at, 36);
    for (int i = 0; i < 8; i++)
        plain[36 + i] = (unsigned char)((uint64_t)until >> (8 * i));
    sealer->random(out, SEAL_NONCE);
    sealer->seal(key, out, task->office->base,
                 (struct str){(const char *)plain, sizeof plain},
                 out + SEAL_NONCE);
    sealer->wipe(key, sizeof key);
    buf_init(&text, task->arena);
    base64_write_url(&text, (struct str){(const char *)out, sizeof out});
    return buf_str(&text);
}

struct str help_ticket_open(struct task *task, struct str ticket)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char plain[TICKET_PLAIN], key[32];
    const size_t size = SEAL_NONCE + TICKET_PLAIN + SEAL_EXTRA;
    struct str sealed;
    uint64_t until = 0;
    struct buf in;
    bool opened;

    buf_init(&in, task->arena);
    if (!help_open(task) || ticket.size > 4 * size ||
        !base64_read_url(&in, ticket) || in.size != size ||
        !secret_key(task, SECRET_HELP_TICKET, key))
        return STR("");
    sealed = buf_str(&in);
    opened =
        sealer->open(key, (const unsigned char *)sealed.at, task->office->base,
                     str_slice(sealed, SEAL_NONCE, size), plain);
    sealer->wipe(key, sizeof key);
    if (!opened)
        return STR("");
    for (int i = 0; i < 8; i++)
        until |= (uint64_t)plain[36 + i] << (8 * i);
    if ((int64_t)until < task->now)
        return STR("");
    return str_copy(task->arena, (struct str){(const char *)plain, 36});
}
