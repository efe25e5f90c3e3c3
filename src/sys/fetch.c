/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fetch.c - one request to another server, by libcurl. A thread that waits
 * here serves nobody meanwhile, so few may and not for long. What the other
 * side says is told to nobody; the log gets libcurl's own words.
 */
#include "sys/fetch.h"

#include "core/buf.h"

#include <pthread.h>
#include <stdatomic.h>

#include <curl/curl.h>

enum { CONNECT_SECONDS = 4 };

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static atomic_int fetch_count;

static void curl_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct intake {
    struct buf body;
    size_t most;
};

static size_t take(char *bytes, size_t one, size_t count, void *context)
{
    struct intake *intake = context;
    size_t size = one * count;

    if (size > intake->most - intake->body.size)
        return 0; /* libcurl ends with CURLE_WRITE_ERROR */
    buf_add(&intake->body, bytes, size);
    return arena_failed(intake->body.arena) ? 0 : size;
}

static enum error say_away(struct err *err, const char *detail)
{
    return err_detail(err, ERROR_BUSY,
                      N_("El servidor de la institución no contesta o no "
                         "contesta bien. Pruebe otra vez en unos minutos, o "
                         "entre con su contraseña."),
                      detail);
}

static void set_post(CURL *curl, struct arena *arena, const struct fetch *fetch)
{
    if (!str_is_null(fetch->form)) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)fetch->form.size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, str_c(arena, fetch->form));
    }
    if (!str_is_null(fetch->user)) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, str_c(arena, fetch->user));
        curl_easy_setopt(curl, CURLOPT_PASSWORD, str_c(arena, fetch->password));
    }
}

static void set_limits(CURL *curl, bool near)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, near ? "http" : "https");
    if (near)
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)FETCH_SECONDS);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Cobijo");
}

static void set_authority(CURL *curl, struct str pem)
{
    struct curl_blob blob = {(void *)(uintptr_t)pem.at, pem.size,
                             CURL_BLOB_COPY};

    if (pem.size > 0)
        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
}

static struct curl_slist *headers_of(struct arena *arena,
                                     const struct fetch *fetch)
{
    struct str accept =
        fetch->accept.size ? fetch->accept : STR("application/json");
    struct curl_slist *list = curl_slist_append(
        NULL,
        str_c(arena, str_format(arena, "Accept: %.*s", STR_ARGS(accept))));

    if (fetch->bearer.size)
        list = curl_slist_append(
            list, str_c(arena, str_format(arena, "Authorization: Bearer %.*s",
                                          STR_ARGS(fetch->bearer))));
    return list;
}

/* Without TLS only on this machine, or where somebody said so. */
static bool is_near(const struct fetch *fetch)
{
    return fetch_is_loopback(fetch->url) ||
           (fetch->local && fetch_is_local(fetch->url));
}

static enum error run(CURL *curl, struct arena *arena,
                      const struct fetch *fetch, struct fetched *fetched,
                      struct err *err)
{
    struct curl_slist *header = headers_of(arena, fetch);
    struct intake intake = {.most = fetch->most};
    long status = 0;
    CURLcode code;

    buf_init(&intake.body, arena);
    set_limits(curl, is_near(fetch));
    set_authority(curl, fetch->authority);
    set_post(curl, arena, fetch);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, header);
    curl_easy_setopt(curl, CURLOPT_URL, str_c(arena, fetch->url));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &intake);
    code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(header);
    if (arena_failed(arena))
        return err_memory(err);
    if (code != CURLE_OK)
        return say_away(err, curl_easy_strerror(code));
    if (status >= 300 && status < 400)
        return say_away(err, "redirect");
    fetched->status = (int)status;
    fetched->body = buf_str(&intake.body);
    return ERROR_NONE;
}

static enum error fetch_url(struct arena *arena, const struct fetch *fetch,
                            struct fetched *fetched, struct err *err)
{
    enum error error;
    CURL *curl;

    if (!str_starts(fetch->url, STR("https://")) && !is_near(fetch))
        return say_away(err, "neither https nor this machine");
    pthread_once(&curl_once, curl_begin);
    if (atomic_fetch_add(&fetch_count, 1) >= FETCH_AT_ONCE) {
        atomic_fetch_sub(&fetch_count, 1);
        return say_away(err, "too many at once");
    }
    curl = curl_easy_init();
    error = curl ? run(curl, arena, fetch, fetched, err) : err_memory(err);
    curl_easy_cleanup(curl);
    atomic_fetch_sub(&fetch_count, 1);
    return error;
}

const struct fetcher fetch_native = {.fetch = fetch_url};
