/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* settings.c - the file with which the house says how messages leave it. It
 * holds passwords, so it is a file and no table. */
#include "domain/delivery/delivery.h"

static enum error say_line(struct err *err, size_t line, const char *msgid)
{
    char number[24];

    snprintf(number, sizeof number, "%zu", line);
    return err_set(err, ERROR_INPUT, msgid, number, NULL, NULL);
}

static bool is_yes(struct str text)
{
    return str_equal_c(text, "yes") || str_equal_c(text, "sí");
}

/* false: another name, for delivery_secret. */
static bool take(struct delivery_settings *s, struct str name, struct str value)
{
    struct {
        const char *name;
        struct str *to;
    } row[] = {{"smtp_url", &s->smtp_url},
               {"smtp_user", &s->smtp_user},
               {"smtp_password", &s->smtp_password},
               {"smtp_from", &s->smtp_from},
               {"sms_url", &s->sms_url},
               {"sms_method", &s->sms_method},
               {"sms_body", &s->sms_body},
               {"sms_type", &s->sms_type},
               {"push_subject", &s->push_subject}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (str_equal_c(name, row[i].name)) {
            *row[i].to = value;
            return true;
        }
    if (str_equal_c(name, "smtp_plain"))
        s->smtp_plain = is_yes(value);
    else if (str_equal_c(name, "push_near"))
        s->push_near = is_yes(value);
    else if (str_equal_c(name, "sms_header") &&
             s->sms_headers < sizeof s->sms_header / sizeof s->sms_header[0])
        s->sms_header[s->sms_headers++] = value;
    else
        return str_starts(name, STR("ack."));
    return true;
}

static bool cut(struct str line, struct str *name, struct str *value)
{
    size_t at = str_find_char(line, '=');

    if (at == SIZE_MAX)
        return false;
    *name = str_trim(str_slice(line, 0, at));
    *value = str_trim(str_slice(line, at + 1, line.size));
    return name->size > 0;
}

enum error delivery_settings_read(struct arena *arena, struct str text,
                                  struct delivery_settings *settings,
                                  struct err *err)
{
    struct str rest, line, name, value;
    size_t number = 0;

    text = str_copy(arena, text);
    *settings =
        (struct delivery_settings){.file = text, .sms_method = STR("POST")};
    for (rest = text; str_cut(&rest, '\n', &line);) {
        number++;
        line = str_trim(line);
        if (!line.size || line.at[0] == '#')
            continue;
        if (!cut(line, &name, &value) || !take(settings, name, value))
            return say_line(err, number,
                            N_("La línea {1} del archivo de envíos no se "
                               "entiende: escriba nombre = valor, con los "
                               "nombres de doc/alerts.md."));
    }
    if (settings->smtp_url.size && !settings->smtp_from.size)
        return say_line(err, number,
                        N_("Al archivo de envíos le falta smtp_from: de qué "
                           "dirección sale el correo."));
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

struct str delivery_secret(const struct delivery_settings *settings,
                           struct arena *arena, struct str name)
{
    struct str rest = settings ? settings->file : STR_NULL, line, key, value;

    (void)arena;
    while (rest.size && str_cut(&rest, '\n', &line))
        if (cut(str_trim(line), &key, &value) && str_equal(key, name))
            return value;
    return STR("");
}
