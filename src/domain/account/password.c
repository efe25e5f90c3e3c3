/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* password.c - see password.h.
 *
 * libzxcvbn (host.password_bits) knows English words and names, and the
 * passwords that were stolen most. What is easy to guess here, in a shelter
 * where Spanish is spoken, is the list below: words a neighbour would try
 * first. A word among others does no harm; a password made of them does.
 */
#include "domain/account/password.h"

#include "core/utf8.h"
#include "domain/account/account.h"

enum { KNOWN_WORDS = 24, PASSWORD_MOST = 512 };

/* Two to the power of these guesses. The first is a billion times ten: years
 * against the keys file, where each guess takes a quarter of a second. */
static const double fair_bits = 33, good_bits = 45, strong_bits = 60;

static const char *const spanish[] = {
    "contraseña",  "contrasena",    "clave",       "secreto",    "secreta",
    "cobijo",      "albergue",      "refugio",     "casa",       "migrante",
    "migrantes",   "migracion",     "migración",   "frontera",   "camino",
    "bienvenido",  "bienvenida",    "bienvenidos", "hola",       "buenos",
    "dias",        "amigo",         "amiga",       "amigos",     "amor",
    "teamo",       "corazon",       "corazón",     "familia",    "mama",
    "papa",        "hijo",          "hija",        "jesus",      "jesús",
    "cristo",      "dios",          "virgen",      "guadalupe",  "maria",
    "maría",       "jose",          "josé",        "juan",       "mexico",
    "méxico",      "honduras",      "guatemala",   "salvador",   "nicaragua",
    "venezuela",   "cuba",          "haiti",       "haití",      "colombia",
    "ecuador",     "tapachula",     "tijuana",     "saltillo",   "oaxaca",
    "chiapas",     "administrador", "usuario",     "entrar",     "trabajo",
    "computadora", "telefono",      "teléfono",    "internet",   "america",
    "américa",     "chivas",        "futbol",      "fútbol",     "estrella",
    "enero",       "febrero",       "marzo",       "abril",      "mayo",
    "junio",       "julio",         "agosto",      "septiembre", "octubre",
    "noviembre",   "diciembre",     "lunes",       "martes",     "viernes",
    "domingo"};

enum { SPANISH = sizeof spanish / sizeof *spanish };

/* The whole, and each word of it. */
static void add_words(struct arena *arena, struct str text,
                      const char *word[SPANISH + KNOWN_WORDS + 1],
                      size_t *count)
{
    struct str rest = utf8_lower(arena, str_trim(text)), part;

    if (rest.size && *count < SPANISH + KNOWN_WORDS)
        word[(*count)++] = str_c(arena, rest);
    while (str_cut(&rest, ' ', &part))
        if (part.size > 2 && *count < SPANISH + KNOWN_WORDS)
            word[(*count)++] = str_c(arena, part);
}

static bool is_monotonous(struct str password)
{
    for (size_t i = 1; i < password.size; i++)
        if (password.at[i] != password.at[0])
            return false;
    return true;
}

enum password_strength password_strength(const struct host *host,
                                         struct arena *arena,
                                         struct str password,
                                         const struct password_known *known)
{
    const char *word[SPANISH + KNOWN_WORDS + 1] = {0};
    size_t count = 0;
    double bits;

    if (str_equal_nocase(password, known->name) || is_monotonous(password))
        return PASSWORD_WEAK;
    if (!host->password_bits)
        return PASSWORD_FAIR;
    while (count < SPANISH) {
        word[count] = spanish[count];
        count++;
    }
    add_words(arena, known->name, word, &count);
    add_words(arena, known->display, word, &count);
    add_words(arena, known->site, word, &count);
    if (arena_failed(arena))
        return PASSWORD_WEAK;
    bits =
        host->password_bits(host->context, utf8_lower(arena, password), word);
    return bits < fair_bits     ? PASSWORD_WEAK
           : bits < good_bits   ? PASSWORD_FAIR
           : bits < strong_bits ? PASSWORD_GOOD
                                : PASSWORD_STRONG;
}

enum error password_fit(const struct host *host, struct arena *arena,
                        struct str password, const struct password_known *known,
                        struct err *err)
{
    if (utf8_length(password) < ACCOUNT_PASSWORD_MIN)
        return err_set(err, ERROR_INPUT,
                       N_("La contraseña debe tener al menos 12 caracteres. "
                          "Tres o cuatro palabras que no vayan juntas sirven "
                          "bien."),
                       NULL, NULL, NULL);
    if (password.size > PASSWORD_MOST)
        return err_set(err, ERROR_INPUT,
                       N_("La contraseña es demasiado larga. Use menos de 500 "
                          "caracteres."),
                       NULL, NULL, NULL);
    if (password_strength(host, arena, password, known) == PASSWORD_WEAK)
        return err_set(err, ERROR_INPUT,
                       N_("Esa contraseña es débil: se adivina pronto. Elija "
                          "tres o cuatro palabras que no vayan juntas, sin "
                          "nombres ni fechas."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}
