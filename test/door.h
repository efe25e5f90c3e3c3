/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* door.h - a house in memory and its door, for tests that go through
 * app_respond as a browser does: say headers, ask, look at the answer. Its
 * clock can be moved ahead; nothing is logged; templates are strict. What is
 * returned lives as long as the door.
 *
 *     static struct test_door door;
 *     if (tap_ok(&tap, door_open(&door), "a house in memory")) {…}
 *     door_close(&door);
 */
#ifndef COBIJO_TEST_DOOR_H
#define COBIJO_TEST_DOOR_H

#include "sys/host_native.h"
#include "web/app.h"

/* The password of everybody here, and as a form sends it. */
#define DOOR_SECRET "una frase inventada"
#define DOOR_SECRET_SENT "una+frase+inventada"

struct test_door {
    struct host_native native; /* first: the clock's context */
    struct app app;
    struct db *db;
    struct arena request, arena;
    struct response response;
    struct header header[8]; /* for the next question */
    size_t headers;
    int64_t later; /* the clock is so many milliseconds ahead */
    int64_t (*now)(void *context);
};

/* A house without accounts. door_close also after false. */
bool door_open(struct test_door *door);
void door_close(struct test_door *door);

/* One header of the next question. */
void door_say(struct test_door *door, const char *name, const char *value);
/* The status; what was said before is forgotten after it. */
int door_ask(struct test_door *door, const char *method, const char *path,
             const char *body);
void door_log_in(struct test_door *door, const char *name);

/* Of the last answer; "" when it has none. */
const char *door_header(struct test_door *door, const char *name);
/* The whole Set-Cookie of that name; only "name=…", as it is sent back. */
const char *door_cookie_line(struct test_door *door, const char *name);
const char *door_cookie(struct test_door *door, const char *name);
/* The token that its form carries. */
const char *door_csrf(struct test_door *door);

#endif
