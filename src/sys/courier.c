/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* courier.c - mail and requests that leave the house, by libcurl. Nothing is
 * followed, nothing is kept of what the other side says but its number.
 */
#include "sys/courier.h"

#include "core/buf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static enum error say(struct err *err, enum error code, const char *word,
                      long number)
{
    char detail[80];

    if (number)
        snprintf(detail, sizeof detail, "%s %ld", word, number);
    else
        snprintf(detail, sizeof detail, "%s", word);
    return err_detail(err, code,
                      N_("El mensaje no se pudo entregar. Se verá en la página "
                         "de envíos."),
                      detail);
}

static void set_common(CURL *curl)
{
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)COURIER_SECONDS);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Cobijo");
}

/* --- mail ----------------------------------------------------------------- */

struct outgoing {
    struct str rest;
};

static size_t give(char *bytes, size_t one, size_t count, void *context)
{
    struct outgoing *out = context;
    size_t size = one * count;

    if (size > out->rest.size)
        size = out->rest.size;
    memcpy(bytes, out->rest.at, size);
    out->rest = str_slice(out->rest, size, out->rest.size);
    return size;
}

static size_t drop(char *bytes, size_t one, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return one * count;
}

/* Answers of 5xx are for good; everything else may be better tomorrow. */
static enum error mail_end(CURL *curl, CURLcode code, struct err *err)
{
    long reply = 0;

    if (code == CURLE_OK)
        return ERROR_NONE;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    if (code == CURLE_LOGIN_DENIED)
        return say(err, ERROR_BUSY, "SMTP login", reply);
    if (reply >= 500 && reply < 600)
        return say(err, ERROR_INPUT, "SMTP", reply);
    if (reply >= 400)
        return say(err, ERROR_BUSY, "SMTP", reply);
    return say(err, ERROR_BUSY, curl_easy_strerror(code), 0);
}

static enum error send_mail(struct arena *arena, const struct mail *mail,
                            struct err *err)
{
    struct outgoing out = {mail->text};
    struct curl_slist *to = NULL;
    enum error error;
    CURL *curl;

    pthread_once(&curl_once, curl_begin);
    curl = curl_easy_init();
    to = curl_slist_append(NULL, str_c(arena, mail->to));
    if (!curl || !to) {
        curl_easy_cleanup(curl);
        curl_slist_free_all(to);
        return err_memory(err);
    }
    set_common(curl);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_URL, str_c(arena, mail->url));
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(mail->plain ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    if (mail->user.size) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, str_c(arena, mail->user));
        curl_easy_setopt(curl, CURLOPT_PASSWORD, str_c(arena, mail->password));
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, str_c(arena, mail->from));
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &out);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    error = arena_failed(arena) ? err_memory(err)
                                : mail_end(curl, curl_easy_perform(curl), err);
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
    return error;
}

/* --- requests ------------------------------------------------------------- */

static bool is_private_4(uint32_t address)
{
    static const struct {
        uint32_t net, mask;
    } closed[] = {
        {0x00000000, 0xff000000}, {0x0a000000, 0xff000000},
        {0x64400000, 0xffc00000}, {0x7f000000, 0xff000000},
        {0xa9fe0000, 0xffff0000}, {0xac100000, 0xfff00000},
        {0xc0a80000, 0xffff0000}, {0xe0000000, 0xe0000000},
    };

    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        if ((address & closed[i].mask) == closed[i].net)
            return true;
    return false;
}

static bool is_private(const struct curl_sockaddr *address)
{
    if (address->family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, &address->addr, sizeof in);
        return is_private_4(ntohl(in.sin_addr.s_addr));
    }
    if (address->family == AF_INET6) {
        struct sockaddr_in6 in;
        const unsigned char *byte = in.sin6_addr.s6_addr;

        memcpy(&in, &address->addr, sizeof in);
        /* only the internet: 2000::/3 and nothing that maps IPv4 */
        return (byte[0] & 0xe0) != 0x20 || (byte[0] == 0x20 && byte[1] == 0x02);
    }
    return true;
}

/* Asked with the address that the name stood for at this very moment. */
static curl_socket_t open_far(void *context, curlsocktype purpose,
                              struct curl_sockaddr *address)
{
    (void)context;
    (void)purpose;
    if (is_private(address))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}

static struct curl_slist *header_list(struct arena *arena,
                                      const struct parcel *parcel)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    if (parcel->type.size)
        list = curl_slist_append(
            list, str_c(arena, str_format(arena, "Content-Type: %.*s",
                                          STR_ARGS(parcel->type))));
    for (size_t i = 0; i < parcel->headers; i++)
        list = curl_slist_append(list, str_c(arena, parcel->header[i]));
    return list;
}

static enum error post(struct arena *arena, const struct parcel *parcel,
                       int *status, struct err *err)
{
    struct curl_slist *header;
    long number = 0;
    CURLcode code;
    CURL *curl;

    pthread_once(&curl_once, curl_begin);
    curl = curl_easy_init();
    if (!curl)
        return err_memory(err);
    set_common(curl);
    header = header_list(arena, parcel);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                     parcel->near ? "http,https" : "https");
    if (parcel->near || parcel->far)
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    if (parcel->far && !parcel->near)
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_far);
    curl_easy_setopt(curl, CURLOPT_URL, str_c(arena, parcel->url));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, header);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    if (!str_equal_c(parcel->method, "GET")) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)parcel->body.size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                         parcel->body.at ? parcel->body.at : "");
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST,
                         str_c(arena, parcel->method));
    }
    code = arena_failed(arena) ? CURLE_OUT_OF_MEMORY : curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &number);
    curl_slist_free_all(header);
    curl_easy_cleanup(curl);
    if (code != CURLE_OK)
        return say(err, ERROR_BUSY, curl_easy_strerror(code), 0);
    *status = (int)number;
    return ERROR_NONE;
}

const struct courier courier_native = {.mail = send_mail,
                                       .post = post,
                                       .push_public = push_native_public,
                                       .push_seal = push_native_seal,
                                       .push_sign = push_native_sign};
