/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* functions_geo.c - distances and areas on a sphere, and a point in a shape.
 *
 * A point is "latitude longitude [altitude accuracy]", a trace or a shape is
 * points with ; between, or a set of nodes with a point each.
 */
#include <math.h>

#include "form/expr/eval.h"

static const double earth_radius = 6378100; /* metres, as JavaRosa and Enketo */

enum { POINTS_MAX = 100000 };

struct point {
    double latitude, longitude;
};

struct points {
    struct point *at;
    size_t count;
    bool wrong;
};

static bool point_read(struct str text, struct point *point)
{
    double number[4] = {0};
    size_t count = 0;
    struct str word;

    text = str_trim(text);
    while (str_cut(&text, ' ', &word)) {
        if (word.size == 0)
            continue;
        if (count == 4 || !str_to_double(word, &number[count]))
            return false;
        count++;
    }
    *point = (struct point){number[0], number[1]};
    return count >= 2 && fabs(number[0]) <= 90 && fabs(number[1]) <= 180;
}

static void points_read(struct points *points, struct arena *arena,
                        struct str text)
{
    struct str part;

    if (str_trim(text).size == 0)
        return;
    while (str_cut(&text, ';', &part)) {
        struct point *room = points->at;

        if (str_trim(part).size == 0 && text.size == 0)
            break; /* "1 2; 3 4;" */
        if ((points->count & (points->count - 1)) == 0)
            room = arena_grow(arena, points->at, points->count * sizeof *room,
                              (points->count ? points->count * 2 : 1) *
                                  sizeof *room);
        if (!room || points->count == POINTS_MAX) {
            points->wrong = true;
            return;
        }
        points->at = room;
        if (!point_read(part, &points->at[points->count++]))
            points->wrong = true;
    }
}

/* All arguments, all nodes. */
static struct points points_of(struct eval *eval, const struct expr *call,
                               size_t from)
{
    struct points points = {0};

    for (size_t i = from; i < call->arg_count; i++) {
        struct expr_result part = {0};
        size_t count;

        eval_node(eval, call->arg[i], &part);
        count = part.type == EXPR_NODES ? part.count : 1;
        for (size_t j = 0; j < count; j++)
            points_read(&points, eval->arena,
                        part.type == EXPR_NODES ? expr_node_text(&part, j)
                                                : result_to_text(eval, &part));
    }
    return points;
}

static double radians(double degrees)
{
    return degrees * (acos(-1.0) / 180);
}

static double to_centimetres(double metres)
{
    return floor(metres * 100 + 0.5) / 100;
}

void expr_function_area(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    struct points points = points_of(eval, call, 0);
    double sum = 0;

    result_number(result, points.wrong ? NAN : 0);
    if (points.wrong || points.count < 3)
        return;
    for (size_t i = 0; i < points.count; i++) {
        struct point a = points.at[i], b = points.at[(i + 1) % points.count];

        sum += radians(b.longitude - a.longitude) *
               (2 + sin(radians(a.latitude)) + sin(radians(b.latitude)));
    }
    result_number(result,
                  to_centimetres(fabs(sum * earth_radius * earth_radius / 2)));
}

static double point_distance(struct point a, struct point b)
{
    double cosine = sin(radians(a.latitude)) * sin(radians(b.latitude)) +
                    cos(radians(a.latitude)) * cos(radians(b.latitude)) *
                        cos(radians(b.longitude - a.longitude));

    return acos(cosine > 1 ? 1 : cosine < -1 ? -1 : cosine) * earth_radius;
}

void expr_function_distance(struct eval *eval, const struct expr *call,
                            struct expr_result *result)
{
    struct points points = points_of(eval, call, 0);
    double sum = 0;

    for (size_t i = 0; i + 1 < points.count; i++)
        sum += point_distance(points.at[i], points.at[i + 1]);
    result_number(result, points.wrong ? NAN : to_centimetres(sum));
}

/* Rays to the east: an odd number of borders crossed is inside. */
void expr_function_geofence(struct eval *eval, const struct expr *call,
                            struct expr_result *result)
{
    struct points shape = points_of(eval, call, 1);
    struct point point;
    bool inside = false;

    result_truth(result, false);
    if (!point_read(eval_text(eval, call->arg[0]), &point) || shape.wrong ||
        shape.count < 3) {
        eval_fail(eval, call,
                  N_("En el carácter {1}, geofence necesita un punto y una "
                     "superficie de al menos tres puntos."));
        return;
    }
    for (size_t i = 0, j = shape.count - 1; i < shape.count; j = i++) {
        struct point a = shape.at[i], b = shape.at[j];

        if ((a.latitude > point.latitude) != (b.latitude > point.latitude) &&
            point.longitude < (b.longitude - a.longitude) *
                                      (point.latitude - a.latitude) /
                                      (b.latitude - a.latitude) +
                                  a.longitude)
            inside = !inside;
    }
    result_truth(result, inside);
}
