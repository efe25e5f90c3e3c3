/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_key.c - the keys of the house: how it stands, opening and closing it on
 * this machine, a passphrase, paper and what paper gives back.
 */
#include "cli/command.h"

#include "core/utf8.h"
#include "domain/account/account.h"
#include "sys/key_cache.h"

static int say(struct command_line *line, const char *msgid)
{
    return command_print(line, str_format(&line->arena, "%.*s\n",
                                          STR_ARGS(command_say(line, msgid))));
}

/* The keys file; one that does not exist is told as it is. */
static enum error keys_wanted(struct command_line *line, struct err *err)
{
    if (command_house_find(line, err))
        return err->code;
    if (line->house.kept)
        return ERROR_NONE;
    return err_set(err, ERROR_NOT_FOUND,
                   N_("Este almacén no tiene llaves: sus datos no están "
                      "cifrados. «cobijo key seal» los cifra."),
                   NULL, NULL, NULL);
}

static enum error house_wanted(struct command_line *line, struct err *err)
{
    if (keys_wanted(line, err))
        return err->code;
    return command_house(line, err);
}

int cmd_key_status(struct command_line *line)
{
    static const char *const kind[SLOT_KINDS] = {
        N_("cuentas que abren la casa"), N_("frases de paso"),
        N_("juegos de papel")};
    struct house *house = &line->house;
    size_t count[SLOT_KINDS] = {0};
    struct keyring ring;
    struct err err = {0};

    if (keys_wanted(line, &err) || house_read(house, &ring, &line->arena, &err))
        return command_fail(line, &err);
    for (size_t i = 0; i < ring.slots; i++)
        count[ring.slot[i].kind]++;
    printf("%s\n", house->path);
    for (int i = 0; i < SLOT_KINDS; i++)
        printf("%zu %.*s\n", count[i], STR_ARGS(command_say(line, kind[i])));
    printf("%zu %.*s\n", ring.erased_count,
           STR_ARGS(command_say(line, N_("personas borradas que ninguna copia "
                                         "devuelve"))));
    if (!count[SLOT_PAPER])
        say(line, N_("Falta el papel: «cobijo key paper» imprime tres hojas."));
    return say(line, house_take(house)
                         ? N_("La casa está abierta en esta computadora.")
                         : N_("La casa está cerrada."));
}

int cmd_key_open(struct command_line *line)
{
    const char *user = command_option(line, "--user");
    struct house *house = &line->house;
    struct str password;
    struct err err = {0};

    if (command_password(line, &password, &err) || keys_wanted(line, &err))
        return command_fail(line, &err);
    if (user)
        user = str_c(&line->arena,
                     utf8_lower(&line->arena, str_trim(str_of(user))));
    if (house_open_password(house, user, password, &err))
        return command_fail(line, &err);
    if (!house_remember(house)) {
        err_set(&err, ERROR_STORE,
                N_("Aquí no hay memoria donde dejar la llave (tmpfs): la casa "
                   "se abre solo desde la página."),
                NULL, NULL, NULL);
        return command_fail(line, &err);
    }
    return say(line, N_("La casa está abierta en esta computadora."));
}

int cmd_key_forget(struct command_line *line)
{
    struct err err = {0};

    if (keys_wanted(line, &err))
        return command_fail(line, &err);
    key_cache_forget(line->house.id);
    return say(line, N_("Olvidada. Un servidor que ya la abrió sigue abierto "
                        "hasta que termine."));
}

int cmd_key_passphrase(struct command_line *line)
{
    struct str password;
    struct err err = {0};

    if (command_password(line, &password, &err))
        return command_fail(line, &err);
    if (utf8_length(password) < 20) {
        err_set(&err, ERROR_INPUT,
                N_("La frase de paso necesita al menos 20 caracteres: cinco o "
                   "seis palabras al azar."),
                NULL, NULL, NULL);
        return command_fail(line, &err);
    }
    if (house_wanted(line, &err) ||
        house_passphrase(&line->house, password, &err))
        return command_fail(line, &err);
    return say(line, N_("La frase de paso abre la casa. La anterior, si la "
                        "había, ya no."));
}

/* --- paper ---------------------------------------------------------------- */

/* The letters of a part in four lines of groups. */
static void put_lines(struct buf *out, const char *text, const char *end)
{
    for (int i = 0; i < SHARE_TEXT; i++) {
        buf_putc(out, text[i]);
        if (i % SHARE_LINE == SHARE_LINE - 1)
            buf_puts(out, end);
        else if (i % SHARE_LINE == 15)
            buf_puts(out, "  ");
        else if (i % SHARE_LINE % 4 == 3)
            buf_putc(out, ' ');
    }
}

static void put_code(struct buf *out, struct command_line *line,
                     const char *text)
{
    const struct host *host = &line->native.host;
    unsigned char *module = NULL;
    int size = 0;

    if (!host->qr(host->context, &line->arena, str_of(text), &size, &module))
        return;
    buf_printf(out,
               "<svg viewBox=\"-4 -4 %d %d\" width=\"46mm\" height=\"46mm\" "
               "role=\"img\" aria-label=\"QR\"><path d=\"",
               size + 8, size + 8);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            if (module[y * size + x])
                buf_printf(out, "M%d %dh1v1h-1z", x, y);
    buf_puts(out, "\"/></svg>\n");
}

static void put_part(struct buf *out, struct command_line *line,
                     const struct share *share, bool html)
{
    static const char *const text_table[] = {
        N_("Llave de la casa: hoja {1} de 3"),
        N_("Con dos de las tres hojas se abre la casa cuando nadie recuerda su "
           "contraseña. Una sola no abre nada. Guárdelas en lugares distintos, "
           "con personas distintas; nunca junto a la computadora ni en fotos."),
        N_("Para usarla: «cobijo key recover», y copie estas letras. No hay I, "
           "L, O ni U. Las dos últimas de cada línea comprueban la línea.")};
    char letters[SHARE_TEXT + 1], number[2] = {(char)('0' + share->number), 0};
    struct err title = {0};

    share_write(share, letters);
    err_set(&title, ERROR_INPUT, text_table[0], number, NULL, NULL);
    buf_puts(out, html ? "<section><h1>" : "");
    buf_put(out, err_text(&title, line->translator, &line->arena));
    buf_puts(out, html ? "</h1>\n<p>" : "\n");
    buf_printf(out, "%.*s %02X%02X%02X%s",
               STR_ARGS(command_say(line, N_("Juego"))), share->set[0],
               share->set[1], share->set[2], html ? "</p>\n<p>" : "\n");
    for (int i = 1; i < 3; i++) {
        buf_put(out, command_say(line, text_table[i]));
        buf_puts(out, html ? (i == 1 ? "</p>\n<p>" : "</p>\n<pre>\n") : "\n");
    }
    put_lines(out, letters, "\n");
    if (html) {
        buf_puts(out, "</pre>\n");
        put_code(out, line, letters);
    }
    buf_puts(out, html ? "</section>\n" : "\f\n");
    line->native.host.sealer->wipe(letters, sizeof(letters));
}

static const char paper_head[] =
    "<!doctype html>\n<html lang=\"es\"><head><meta charset=\"utf-8\">"
    "<title>Cobijo</title><style>@page{margin:18mm}"
    "body{font:12pt/1.4 sans-serif;color:#000;background:#fff;max-width:160mm;"
    "margin:0 auto}section{break-after:page;padding:8mm 0}"
    "pre{font:15pt/1.8 monospace;white-space:pre-wrap}</style></head><body>\n";

int cmd_key_paper(struct command_line *line)
{
    const char *format = command_option(line, "--format");
    bool html = !format || strcmp(format, "html") == 0;
    struct share share[SHARES];
    struct err err = {0};
    struct buf out;
    int code;

    if (!html && strcmp(format, "text") != 0)
        return command_usage(line);
    if (house_wanted(line, &err) || house_paper(&line->house, share, &err)) {
        line->native.host.sealer->wipe(share, sizeof(share));
        return command_fail(line, &err);
    }
    buf_init(&out, &line->arena);
    if (html)
        buf_puts(&out, paper_head);
    for (int i = 0; i < SHARES; i++)
        put_part(&out, line, &share[i], html);
    if (html)
        buf_puts(&out, "</body></html>\n");
    code = command_print(line, buf_str(&out));
    line->native.host.sealer->wipe(share, sizeof(share));
    line->native.host.sealer->wipe(out.at, out.size);
    return code;
}

/* Two parts, from one file or two. */
static enum error parts_read(struct command_line *line, struct share share[2],
                             struct err *err)
{
    size_t found = 0;

    for (size_t i = 0; i < line->arguments && found < 2; i++) {
        struct str text;
        enum error error = ERROR_NONE;

        if (command_file(line, line->argument[i], &text, err))
            return err->code;
        while (found < 2 && !error) {
            error = share_read(&text, &share[found], err);
            if (!error)
                found++;
        }
        if (error && error != ERROR_NOT_FOUND)
            return error;
    }
    if (found == 2)
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("Hacen falta dos hojas: escriba las cuatro líneas de "
                      "cada una, nada más."),
                   NULL, NULL, NULL);
}

int cmd_key_recover(struct command_line *line)
{
    struct house *house = &line->house;
    struct share share[2];
    struct err err = {0};
    int code = COMMAND_OK;

    if (keys_wanted(line, &err) || parts_read(line, share, &err) ||
        house_open_shares(house, &share[0], &share[1], &err))
        code = command_fail(line, &err);
    line->native.host.sealer->wipe(share, sizeof(share));
    if (code)
        return code;
    if (!house_remember(house)) {
        err_set(&err, ERROR_STORE,
                N_("Aquí no hay memoria donde dejar la llave (tmpfs): la casa "
                   "se abre solo desde la página."),
                NULL, NULL, NULL);
        return command_fail(line, &err);
    }
    return say(line, N_("La casa está abierta en esta computadora. Ponga "
                        "ahora una contraseña nueva a una cuenta: «cobijo user "
                        "password NOMBRE»."));
}
