/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* app.h - the whole program as one function.
 *
 * app_respond(app, db, request, response) reads no clock but the host's, owns
 * no thread and knows no socket: the HTTP server, the WebAssembly shim, the
 * command line and the tests call it alike. `db` is the calling thread's
 * reading connection; the response lives in the request's arena.
 */
#ifndef COBIJO_APP_H
#define COBIJO_APP_H

#include "core/template.h"
#include "domain/import/import_job.h"
#include "domain/office.h"
#include "web/request.h"

struct asset {
    const char *path;           /* "css/cobijo.css" */
    const char *type;           /* MIME */
    const char *fingerprint;    /* 12 hex digits of its hash */
    const unsigned char *bytes; /* as is */
    size_t size;
    const unsigned char *gzip; /* NULL: not worth it */
    size_t gzip_size;
    const unsigned char *brotli;
    size_t brotli_size;
};
/* build/assets.c, made by tools/embed from ui/, forms/, catalog/, po/ and the
 * npm packages that ui/assets.list names. Sorted by path. */
extern const struct asset asset_table[];
extern const size_t asset_count;
const struct asset *asset_find(struct str path);

struct delivery_settings;

struct language {
    struct str code;
    const struct translator *translator; /* NULL for Spanish */
    struct template_set *templates;
    bool outside; /* speaks on public pages only: its catalogue says
                     "X-Scope: public" */
};

/* How people reach this server, for the page that tells them. */
struct entrance {
    struct str names;       /* host names and addresses, separated by spaces */
    unsigned port;          /* 0: this machine only */
    struct str fingerprint; /* of a certificate of our own; empty: none */
};

/* The door of a house that is closed (closed.c): opens it with the name and
 * password of somebody who comes in. Slow. */
struct door {
    enum error (*open)(void *context, struct str name, struct str password,
                       struct str address, struct err *err);
    void *context;
};

struct larder; /* public/larder.h */

struct app {
    struct office office;
    const struct door *door;   /* NULL: the house is open */
    struct language *language; /* es, en, … */
    size_t languages;
    bool strict; /* tests: a template name that no scope has fails */
    struct entrance entrance;
    bool secure;                  /* TLS: Secure cookies, HSTS */
    struct larder *larder;        /* packages for telephones, or NULL */
    struct str public_policy;     /* Content-Security-Policy of public pages */
    unsigned char nonce_key[32];  /* of digest authentication; new at each
                                     start: a client asks again, that is all */
    unsigned char search_key[32]; /* public/find_ticket.c */
    struct import_job import;     /* long work in hand; app_tick's alone */
    int64_t ticked;               /* when clocks were looked at last */
    int64_t signed_at;            /* when the log was signed last */
    int64_t swept; /* when old sessions and waits were forgotten */
    /* Asks for app_tick soon. NULL: nobody ticks, long work is done at once. */
    void (*wake)(void *context);
    void *wake_context;
    /* How messages leave the house (delivery/delivery.h); NULL: not at all. */
    const struct delivery_settings *delivery;
    struct arena arena;
};

enum error app_open(struct app *app, const struct office_options *options,
                    struct err *err);
/* An app without a store: every page is the login page, and a good password
 * opens the door (response.again: another app answers from then on). */
enum error app_open_closed(struct app *app,
                           const struct office_options *options,
                           const struct door *door, struct err *err);
void app_close(struct app *app);
void app_respond(struct app *app, struct db *db, const struct request *request,
                 struct response *response);
/* The same without a database: err says why there is none. Assets are served,
 * everything else is the error page, with what was typed kept. */
void app_refuse(struct app *app, const struct err *err,
                const struct request *request, struct response *response);
/* Lets clocks fire: escalations, deadlines, long jobs. Returns the instant at
 * which it wants to be called again at the latest. */
int64_t app_tick(struct app *app, struct db *db, int64_t now);

/* Asks feeds, sends messages: waits for others, so on a thread of its own. When
 * it wants to be called again. errand.c */
int64_t app_errand(struct app *app, struct db *db, int64_t now);

/* Assets as form_files, for office_options. */
extern const struct form_files app_files;

#endif
