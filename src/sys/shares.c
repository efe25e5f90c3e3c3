/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shares.c - libgfshare splits and joins, this writes and reads letters. */
#include "sys/shares.h"

#include <libgfshare.h>
#include <sodium.h>
#include <stdio.h>

static const char letter_table[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { LINE_BYTES = 10, LINE_LETTERS = 16 };

static void fill_random(unsigned char *out, unsigned size)
{
    randombytes_buf(out, size);
}

bool shares_make(const unsigned char secret[32], struct share share[SHARES])
{
    unsigned char number[SHARES] = {1, 2, 3}, set[3];
    unsigned char copy[32];
    gfshare_ctx *context;

    gfshare_fill_rand = fill_random;
    context = gfshare_ctx_init_enc(number, SHARES, SHARES_NEEDED, 32);
    if (!context)
        return false;
    memcpy(copy, secret, sizeof(copy));
    gfshare_ctx_enc_setsecret(context, copy);
    sodium_memzero(copy, sizeof(copy));
    randombytes_buf(set, sizeof(set));
    for (unsigned char i = 0; i < SHARES; i++) {
        share[i].number = number[i];
        memcpy(share[i].set, set, sizeof(set));
        gfshare_ctx_enc_getshare(context, i, share[i].secret);
    }
    gfshare_ctx_free(context);
    return true;
}

bool shares_join(const struct share *a, const struct share *b,
                 unsigned char secret[32])
{
    unsigned char number[SHARES_NEEDED] = {a->number, b->number};
    unsigned char part[32];
    gfshare_ctx *context;

    if (a->number == b->number || memcmp(a->set, b->set, sizeof(a->set)) != 0)
        return false;
    gfshare_fill_rand = fill_random; /* wipes with it */
    context = gfshare_ctx_init_dec(number, SHARES_NEEDED, 32);
    if (!context)
        return false;
    memcpy(part, a->secret, sizeof(part));
    gfshare_ctx_dec_giveshare(context, 0, part);
    memcpy(part, b->secret, sizeof(part));
    gfshare_ctx_dec_giveshare(context, 1, part);
    gfshare_ctx_dec_extract(context, secret);
    sodium_memzero(part, sizeof(part));
    gfshare_ctx_free(context);
    return true;
}

/* --- letters -------------------------------------------------------------- */

/* Ten bits over the line, its place and the text's kind. */
static unsigned line_check(const unsigned char bytes[LINE_BYTES], int line)
{
    unsigned char text[LINE_BYTES + 8] = "cobijo1";
    unsigned char hash[crypto_hash_sha256_BYTES];

    text[7] = (unsigned char)line;
    memcpy(text + 8, bytes, LINE_BYTES);
    crypto_hash_sha256(hash, text, sizeof(text));
    sodium_memzero(text, sizeof(text));
    return (unsigned)(hash[0] << 2 | hash[1] >> 6);
}

static void bytes_of(const struct share *share, unsigned char out[SHARE_BYTES])
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    out[0] = share->number;
    memcpy(out + 1, share->set, 3);
    memcpy(out + 4, share->secret, 32);
    crypto_hash_sha256(hash, out, 36);
    memcpy(out + 36, hash, 4);
}

void share_write(const struct share *share, char text[SHARE_TEXT + 1])
{
    unsigned char bytes[SHARE_BYTES];
    char *at = text;

    bytes_of(share, bytes);
    for (int line = 0; line < SHARE_LINES; line++) {
        const unsigned char *from = bytes + line * LINE_BYTES;
        unsigned check = line_check(from, line);

        for (int i = 0; i < LINE_LETTERS; i++) {
            int bit = 5 * i;
            unsigned two = (unsigned)from[bit / 8] << 8;

            if (bit / 8 + 1 < LINE_BYTES)
                two |= from[bit / 8 + 1];
            *at++ = letter_table[two >> (11 - bit % 8) & 31];
        }
        *at++ = letter_table[check >> 5];
        *at++ = letter_table[check & 31];
    }
    *at = '\0';
    sodium_memzero(bytes, sizeof(bytes));
}

/* 0 … 31; -1: not a letter of ours, -2: nothing to read. */
static int letter_value(char c)
{
    const char *found;

    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')))
        return -2;
    if (c == 'I' || c == 'L')
        c = '1';
    if (c == 'O')
        c = '0';
    if (c == 'U')
        c = 'V';
    found = strchr(letter_table, c);
    return found ? (int)(found - letter_table) : -1;
}

static size_t letters_of(struct str line)
{
    size_t count = 0;

    for (size_t i = 0; i < line.size; i++)
        count += letter_value(line.at[i]) >= -1;
    return count;
}

/* The next line that is one of a part, or all of them in one (from the code);
 * what else stands on the paper is passed over. STR_NULL: none. */
static struct str line_next(struct str *text)
{
    struct str line;

    while (text->size && str_cut(text, '\n', &line)) {
        size_t letters = letters_of(line);

        if ((letters >= SHARE_LINE - 3 && letters <= SHARE_LINE + 2) ||
            letters == SHARE_TEXT)
            return line;
    }
    return STR_NULL;
}

static bool letters_read(struct str line, unsigned char *value, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < line.size; i++) {
        int one = letter_value(line.at[i]);

        if (one == -2)
            continue;
        if (one < 0 || count == most)
            return false;
        value[count++] = (unsigned char)one;
    }
    return count == most;
}

static enum error say_line(int line, struct err *err)
{
    char number[4];

    snprintf(number, sizeof(number), "%d", line + 1);
    return err_set(err, ERROR_INPUT,
                   N_("La línea {1} de la hoja no está bien escrita: "
                      "compárela letra por letra con el papel."),
                   number, NULL, NULL);
}

static enum error lines_read(const unsigned char value[SHARE_TEXT],
                             unsigned char bytes[SHARE_BYTES], struct err *err)
{
    for (int line = 0; line < SHARE_LINES; line++) {
        const unsigned char *from = value + line * SHARE_LINE;
        unsigned char *to = bytes + line * LINE_BYTES;

        memset(to, 0, LINE_BYTES);
        for (int bit = 0; bit < 8 * LINE_BYTES; bit++)
            if (from[bit / 5] >> (4 - bit % 5) & 1)
                to[bit / 8] = (unsigned char)(to[bit / 8] | 128 >> bit % 8);
        if (line_check(to, line) != (unsigned)(from[16] << 5 | from[17]))
            return say_line(line, err);
    }
    return ERROR_NONE;
}

enum error share_read(struct str *text, struct share *share, struct err *err)
{
    unsigned char value[SHARE_TEXT], bytes[SHARE_BYTES], again[SHARE_BYTES];
    struct str line = line_next(text);
    enum error error = ERROR_NONE;

    if (str_is_null(line))
        return ERROR_NOT_FOUND;
    if (letters_of(line) == SHARE_TEXT) {
        if (!letters_read(line, value, SHARE_TEXT))
            return say_line(0, err);
    } else {
        for (int i = 0; i < SHARE_LINES; i++) {
            if (i)
                line = line_next(text);
            if (str_is_null(line))
                return err_set(err, ERROR_INPUT,
                               N_("A la hoja le faltan líneas: son cuatro, de "
                                  "18 letras."),
                               NULL, NULL, NULL);
            if (!letters_read(line, value + i * SHARE_LINE, SHARE_LINE))
                return say_line(i, err);
        }
    }
    error = lines_read(value, bytes, err);
    if (!error) {
        share->number = bytes[0];
        memcpy(share->set, bytes + 1, 3);
        memcpy(share->secret, bytes + 4, 32);
        bytes_of(share, again);
        if (share->number < 1 || share->number > SHARES ||
            memcmp(again, bytes, SHARE_BYTES) != 0)
            error = say_line(0, err);
    }
    sodium_memzero(value, sizeof(value));
    sodium_memzero(bytes, sizeof(bytes));
    sodium_memzero(again, sizeof(again));
    return error;
}
