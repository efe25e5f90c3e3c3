/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* channel.c - one message by mail or by a gateway for text messages. */
#include "core/base64.h"
#include "core/date.h"
#include "domain/alert/alert.h"
#include "domain/delivery/delivery_private.h"

static enum error say_off(struct err *err)
{
    return err_detail(err, ERROR_BUSY,
                      N_("Ese canal no está configurado en esta casa."),
                      "not configured");
}

/* --- mail ----------------------------------------------------------------- */

/* Nothing that could be a header of its own. */
static bool is_address(struct str text)
{
    size_t at = str_find_char(text, '@');

    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] <= ' ' || text.at[i] == '<' ||
            text.at[i] == '>' || text.at[i] == ',' || text.at[i] == 127)
            return false;
    return at != SIZE_MAX && at > 0 && at + 1 < text.size && text.size < 255;
}

/* RFC 2047, in pieces of whole characters. */
static void put_subject(struct buf *out, struct str text)
{
    buf_puts(out, "Subject:");
    while (text.size) {
        size_t size = text.size > 42 ? 42 : text.size;

        while (size && size < text.size &&
               ((unsigned char)text.at[size] & 0xc0) == 0x80)
            size--;
        if (!size)
            break;
        buf_puts(out, " =?UTF-8?B?");
        base64_write(out, text.at, size);
        buf_puts(out, "?=\r\n");
        text = str_slice(text, size, text.size);
    }
}

static void put_date(struct buf *out, int64_t now)
{
    static const char *const day[] = {"Mon", "Tue", "Wed", "Thu",
                                      "Fri", "Sat", "Sun"};
    static const char *const month[] = {"Jan", "Feb", "Mar", "Apr",
                                        "May", "Jun", "Jul", "Aug",
                                        "Sep", "Oct", "Nov", "Dec"};
    int64_t days = instant_day(now, 0);
    struct date date = date_from_day(days);
    int second = instant_second(now, 0);

    buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
               day[date_weekday(days)], date.day, month[date.month - 1],
               date.year, second / 3600, second / 60 % 60, second % 60);
}

static void put_body(struct buf *out, struct arena *arena, struct str text)
{
    struct buf all;

    buf_init(&all, arena);
    base64_write(&all, text.at, text.size);
    for (size_t i = 0; i < all.size; i += 76) {
        buf_put(out, str_slice(buf_str(&all), i, i + 76));
        buf_puts(out, "\r\n");
    }
}

enum error channel_email(struct task *task,
                         const struct delivery_settings *settings,
                         const struct outbox_row *row, struct err *err)
{
    const struct courier *courier = task->office->host->courier;
    struct mail mail;
    struct buf out;

    if (!courier || !settings || !settings->smtp_url.size)
        return say_off(err);
    if (!is_address(row->recipient) || !is_address(settings->smtp_from))
        return err_detail(err, ERROR_INPUT,
                          N_("La dirección de correo no es una dirección."),
                          "no address");
    buf_init(&out, task->arena);
    buf_printf(&out, "From: <%.*s>\r\nTo: <%.*s>\r\n",
               STR_ARGS(settings->smtp_from), STR_ARGS(row->recipient));
    put_date(&out, task->now);
    put_subject(&out, row->subject);
    buf_printf(&out, "Message-ID: <%.*s@cobijo>\r\n", STR_ARGS(row->id));
    buf_puts(&out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: base64\r\n\r\n");
    put_body(&out, task->arena, row->body);
    mail = (struct mail){.url = settings->smtp_url,
                         .plain = settings->smtp_plain,
                         .user = settings->smtp_user,
                         .password = settings->smtp_password,
                         .from = settings->smtp_from,
                         .to = row->recipient,
                         .text = buf_str(&out)};
    return courier->mail(task->arena, &mail, err);
}

/* --- text messages -------------------------------------------------------- */

enum sms_place { IN_URL, IN_JSON, IN_FORM };

static void put_value(struct buf *out, enum sms_place place, struct str text)
{
    struct buf quoted;

    if (place != IN_JSON) {
        buf_put_url(out, text);
        return;
    }
    buf_init(&quoted, out->arena); /* the template has the quotes */
    buf_put_json(&quoted, text);
    buf_put(out, str_slice(buf_str(&quoted), 1, quoted.size - 1));
}

/* {to} and {text} of a template. */
static struct str fill(struct arena *arena, struct str template,
                       enum sms_place place, const struct outbox_row *row)
{
    struct buf out;

    buf_init(&out, arena);
    while (template.size) {
        if (str_starts(template, STR("{to}"))) {
            put_value(&out, place, row->recipient);
            template = str_slice(template, 4, template.size);
        } else if (str_starts(template, STR("{text}"))) {
            put_value(&out, place, row->body);
            template = str_slice(template, 6, template.size);
        } else {
            buf_putc(&out, template.at[0]);
            template = str_slice(template, 1, template.size);
        }
    }
    return buf_str(&out);
}

static bool is_number(struct str text)
{
    size_t digits = 0;

    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] >= '0' && text.at[i] <= '9')
            digits++;
        else if (text.at[i] != '+' || i)
            return false;
    return digits >= 6 && digits <= 15;
}

enum error channel_sms(struct task *task,
                       const struct delivery_settings *settings,
                       const struct outbox_row *row, struct err *err)
{
    const struct courier *courier = task->office->host->courier;
    bool json;
    struct parcel parcel;
    char detail[24];
    int status = 0;
    enum error error;

    if (!courier || !settings || !settings->sms_url.size)
        return say_off(err);
    if (!is_number(row->recipient))
        return err_detail(err, ERROR_INPUT,
                          N_("El número de teléfono no es un número con "
                             "clave de país."),
                          "no number");
    json = str_find(settings->sms_type, STR("json")) != SIZE_MAX;
    parcel = (struct parcel){
        .url = fill(task->arena, settings->sms_url, IN_URL, row),
        .method = settings->sms_method,
        .type = settings->sms_type.size
                    ? settings->sms_type
                    : STR("application/x-www-form-urlencoded"),
        .body = fill(task->arena, settings->sms_body, json ? IN_JSON : IN_FORM,
                     row),
        .header = settings->sms_header,
        .headers = settings->sms_headers,
        .near = str_starts(settings->sms_url, STR("http://"))};
    error = courier->post(task->arena, &parcel, &status, err);
    if (error || (status >= 200 && status < 300))
        return error;
    snprintf(detail, sizeof detail, "HTTP %d", status);
    return err_detail(err,
                      status == 408 || status == 429 || status >= 500 ||
                              status == 401 || status == 403
                          ? ERROR_BUSY
                          : ERROR_INPUT,
                      N_("El servicio de mensajes de texto no lo tomó."),
                      detail);
}
