/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cap.h - an alert in the words of CAP 1.2 (OASIS, Common Alerting Protocol):
 * read from XML, checked, written as XML.
 *
 * In memory an alert is a value tree with CAP's own names: what may occur more
 * than once is a list, a group is an object, everything else is a text:
 *
 *     {"identifier": "…", "sent": "2021-09-20T14:30:00-05:00",
 *      "info": [{"language": "es", "category": ["Safety"], …,
 *                "area": [{"areaDesc": "…", "polygon": ["…"],
 *                          "geocode": [{"valueName": "…", "value": "…"}]}]}]}
 *
 * A document that carries an XML Signature has the member CAP_SIGNATURE, which
 * says that nobody checked it; it is not written again.
 *
 * What is wrong is told all at once, each with where it is and what to do.
 * Knows neither store nor pages.
 */
#ifndef COBIJO_CAP_H
#define COBIJO_CAP_H

#include "core/err.h"
#include "core/value.h"

struct node;
struct node_builder;

enum {
    CAP_SIZE_MAX = 512 * 1024, /* bytes of a document */
    CAP_TEXT_MAX = 20000,      /* bytes of one text */
    CAP_INFO_MAX = 40,
    CAP_AREA_MAX = 500,    /* of one info */
    CAP_POINTS_MAX = 2000, /* of one polygon */
    CAP_ALL_POINTS_MAX = 20000,
    CAP_PROBLEMS_MAX = 30
};

#define CAP_SPACE "urn:oasis:names:tc:emergency:cap:1.2"
#define CAP_TYPE "application/cap+xml"
#define CAP_SIGNATURE "Signature"
#define CAP_DEFAULT_LANGUAGE "en-US" /* of an info that names none */

struct cap_problem {
    struct str path;     /* info[2]/area[1]/polygon[1] */
    const char *message; /* msgid; {1} is arg */
    struct str arg;
    bool minor; /* odd, but others send such alerts: taken, and told */
};

struct cap_problems {
    struct arena *arena;
    struct cap_problem problem[CAP_PROBLEMS_MAX];
    size_t count, errors; /* errors: those that are not minor */
    size_t points;        /* of polygons, so far */
};

void cap_problem(struct cap_problems *problems, struct str path,
                 const char *message, struct str arg);
void cap_minor(struct cap_problems *problems, struct str path,
               const char *message, struct str arg);
/* The first that is not minor as an error (ERROR_INPUT); none: success. */
enum error cap_refuse(const struct cap_problems *problems, struct err *err);

typedef enum error (*cap_xml)(struct node_builder *builder, struct str text,
                              const struct node **document, struct err *err);

/* ERROR_SYNTAX when it is no XML or no alert of CAP 1.2; else *alert is what
 * could be read and problems says what is wrong with it, the rules of
 * cap_check among it. */
enum error cap_read(cap_xml xml, struct arena *arena, struct str text,
                    const struct value **alert, struct cap_problems *problems,
                    struct err *err);
/* What the schema demands of a tree, and what it does not say: identifiers
 * that can be referred to, references to earlier alerts, languages once, closed
 * polygons that do not cross themselves; minor: an end before the beginning. */
void cap_check(const struct value *alert, struct cap_problems *problems);
/* As a document, indented, elements in the order of the schema; members that
 * CAP does not know are left out. */
struct str cap_write(const struct value *alert, struct arena *arena);

/* "2021-09-20T14:30:00-05:00" at an offset of seconds east of UTC; UTC is
 * -00:00, as CAP demands. */
struct str cap_time(struct arena *arena, int64_t instant, int offset);
/* Is it written as CAP demands? */
bool cap_time_parse(struct str text, int64_t *instant);

/* One of "sender,identifier,sent sender,identifier,sent". */
struct cap_reference {
    struct str sender, identifier, sent;
};
/* Cuts the next off *rest; false at the end. *whole: it has its three parts. */
bool cap_reference_next(struct str *rest, struct cap_reference *reference,
                        bool *whole);

/* The info in a language: that very one, its primary tag, then Spanish,
 * English, the first. NULL: there is none. */
const struct value *cap_info(const struct value *alert, struct str language);
struct str cap_language(const struct value *info);

/* --- cap_shape.c ------------------------------------------------------------
 */

struct cap_point {
    double latitude, longitude;
};
struct cap_ring {
    struct cap_point *point;
    size_t count;
};

/* "lat,lon lat,lon …" NULL: nothing is wrong with it; else the msgid. */
const char *cap_polygon(struct arena *arena, struct str text,
                        struct cap_ring *ring, struct str *arg);
/* "lat,lon radius" in kilometres. */
const char *cap_circle(struct str text, struct cap_point *centre,
                       double *radius);
/* A circle as a ring of 36 points. */
struct cap_ring cap_circle_ring(struct arena *arena, struct cap_point centre,
                                double radius);
bool cap_ring_crosses(const struct cap_ring *ring);
bool cap_inside(const struct cap_ring *ring, struct cap_point point);
/* Do two rings have anything in common? */
bool cap_rings_meet(const struct cap_ring *a, const struct cap_ring *b);

#endif
