/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cap_shape.c - polygons and circles: reading "lat,lon lat,lon", and whether
 * rings are closed, cross themselves, or meet. Degrees are taken as a plane:
 * alerts are smaller than a continent and what is asked is whom to warn.
 */
#include "domain/alert/cap.h"

#include "core/utf8.h"

#include <math.h>

#define EARTH_KM_DEGREE 111.195
#define CIRCLE_MAX_KM 20038.0
#define PI 3.14159265358979323846

/* --- reading -------------------------------------------------------------- */

static bool next_word(struct str *rest, struct str *word)
{
    struct str text = str_trim(*rest);
    size_t end = 0;

    while (end < text.size && text.at[end] != ' ' && text.at[end] != '\t' &&
           text.at[end] != '\n' && text.at[end] != '\r')
        end++;
    *word = str_slice(text, 0, end);
    *rest = str_slice(text, end, text.size);
    return word->size > 0;
}

/* Digits, a point, a sign: no exponents, no infinity. */
static bool read_degrees(struct str text, double *value)
{
    for (size_t i = 0; i < text.size; i++)
        if ((text.at[i] < '0' || text.at[i] > '9') && text.at[i] != '.' &&
            (i || (text.at[i] != '-' && text.at[i] != '+')))
            return false;
    if (text.size && text.at[0] == '+')
        text = str_slice(text, 1, text.size);
    return text.size < 60 && str_to_double(text, value);
}

static const char *read_point(struct str word, struct cap_point *point)
{
    struct str latitude;

    if (!str_cut(&word, ',', &latitude) ||
        !read_degrees(latitude, &point->latitude) ||
        !read_degrees(word, &point->longitude))
        return N_("«{1}» no es un punto. Escriba latitud,longitud sin "
                  "espacio, como 14.91,-92.26.");
    if (!(point->latitude >= -90 && point->latitude <= 90))
        return N_("La latitud de «{1}» no está entre -90 y 90. Quizá el orden "
                  "está al revés: primero la latitud, después la longitud.");
    if (!(point->longitude >= -180 && point->longitude <= 180))
        return N_("La longitud de «{1}» no está entre -180 y 180.");
    return NULL;
}

const char *cap_circle(struct str text, struct cap_point *centre,
                       double *radius)
{
    struct str word, size, more;
    const char *problem;

    if (!next_word(&text, &word) || !next_word(&text, &size) ||
        next_word(&text, &more) || !read_degrees(size, radius))
        return N_("«{1}» no es un círculo. Escriba el centro y el radio en "
                  "kilómetros, como 14.91,-92.26 8.");
    problem = read_point(word, centre);
    if (problem)
        return problem;
    return *radius >= 0 && *radius <= CIRCLE_MAX_KM
               ? NULL
               : N_("El radio de «{1}» no está entre 0 y 20,038 kilómetros.");
}

struct cap_ring cap_circle_ring(struct arena *arena, struct cap_point centre,
                                double radius)
{
    enum { POINTS = 36 };
    struct cap_ring ring = {
        .point = ARENA_ARRAY(arena, struct cap_point, POINTS + 1)};
    double narrow = cos(centre.latitude * PI / 180);

    if (!ring.point)
        return ring;
    if (narrow < 0.01)
        narrow = 0.01;
    for (int i = 0; i <= POINTS; i++) {
        double angle = 2 * PI * (i % POINTS) / POINTS;

        ring.point[ring.count++] = (struct cap_point){
            centre.latitude + radius / EARTH_KM_DEGREE * sin(angle),
            centre.longitude + radius / EARTH_KM_DEGREE / narrow * cos(angle)};
    }
    return ring;
}

/* --- geometry ------------------------------------------------------------- */

/* Which side of ab is c on? 0: on the line. */
static int side(struct cap_point a, struct cap_point b, struct cap_point c)
{
    double turn = (b.longitude - a.longitude) * (c.latitude - a.latitude) -
                  (b.latitude - a.latitude) * (c.longitude - a.longitude);

    return turn > 1e-12 ? 1 : turn < -1e-12 ? -1 : 0;
}

static bool between(double a, double b, double x)
{
    return a < b ? x >= a && x <= b : x >= b && x <= a;
}

static bool on(struct cap_point a, struct cap_point b, struct cap_point c)
{
    return between(a.longitude, b.longitude, c.longitude) &&
           between(a.latitude, b.latitude, c.latitude);
}

static bool apart(struct cap_point a, struct cap_point b, struct cap_point c,
                  struct cap_point d)
{
    return fmax(a.latitude, b.latitude) < fmin(c.latitude, d.latitude) ||
           fmax(c.latitude, d.latitude) < fmin(a.latitude, b.latitude) ||
           fmax(a.longitude, b.longitude) < fmin(c.longitude, d.longitude) ||
           fmax(c.longitude, d.longitude) < fmin(a.longitude, b.longitude);
}

/* Do the stretches ab and cd touch? */
static bool touch(struct cap_point a, struct cap_point b, struct cap_point c,
                  struct cap_point d)
{
    int p, q, r, s;

    if (apart(a, b, c, d))
        return false;
    p = side(a, b, c);
    q = side(a, b, d);
    r = side(c, d, a);
    s = side(c, d, b);
    if (p != q && r != s && p && q && r && s)
        return true;
    return (!p && on(a, b, c)) || (!q && on(a, b, d)) || (!r && on(c, d, a)) ||
           (!s && on(c, d, b));
}

static bool same(struct cap_point a, struct cap_point b)
{
    return a.latitude == b.latitude && a.longitude == b.longitude;
}

/* Back along the way it came? a, b, c follow each other. */
static bool folds(struct cap_point a, struct cap_point b, struct cap_point c)
{
    return !side(a, b, c) &&
           (b.longitude - a.longitude) * (c.longitude - b.longitude) +
                   (b.latitude - a.latitude) * (c.latitude - b.latitude) <
               0;
}

/* How far is c from the line ab? */
static double distance(struct cap_point a, struct cap_point b,
                       struct cap_point c)
{
    double x = b.longitude - a.longitude, y = b.latitude - a.latitude;
    double turn =
        x * (c.latitude - a.latitude) - y * (c.longitude - a.longitude);

    return fabs(turn) / sqrt(x * x + y * y);
}

static double extent(const struct cap_ring *ring)
{
    struct cap_point low = ring->point[0], high = low;

    for (size_t i = 1; i < ring->count; i++) {
        low.latitude = fmin(low.latitude, ring->point[i].latitude);
        low.longitude = fmin(low.longitude, ring->point[i].longitude);
        high.latitude = fmax(high.latitude, ring->point[i].latitude);
        high.longitude = fmax(high.longitude, ring->point[i].longitude);
    }
    return hypot(high.latitude - low.latitude, high.longitude - low.longitude);
}

/* Two stretches with one between them that cross by less than a thousandth of
 * the whole: a hand that was not quite still. One of the samples is so. */
static bool trembles(const struct cap_ring *ring, size_t i, size_t j,
                     double most)
{
    const struct cap_point *p = ring->point;
    size_t edges = ring->count - 1, k;

    if (j != i + 2 && (j + 2) % edges != i)
        return false;
    if (j != i + 2) {
        k = i;
        i = j;
        j = k;
    }
    return distance(p[j], p[j + 1], p[i + 1]) < most ||
           distance(p[i], p[i + 1], p[j]) < most;
}

bool cap_ring_crosses(const struct cap_ring *ring)
{
    const struct cap_point *p = ring->point;
    size_t edges = ring->count ? ring->count - 1 : 0;
    double most = edges ? extent(ring) / 1000 : 0;

    for (size_t i = 0; i < edges; i++) {
        if (folds(p[i], p[i + 1], p[i + 2 > edges ? 1 : i + 2]))
            return true;
        for (size_t j = i + 2; j < edges; j++)
            if ((i || j + 1 < edges) && touch(p[i], p[i + 1], p[j], p[j + 1]) &&
                !(edges > 4 && trembles(ring, i, j, most)))
                return true;
    }
    return false;
}

bool cap_inside(const struct cap_ring *ring, struct cap_point point)
{
    bool inside = false;

    for (size_t i = 0; i + 1 < ring->count; i++) {
        struct cap_point a = ring->point[i], b = ring->point[i + 1];

        if ((a.latitude > point.latitude) != (b.latitude > point.latitude) &&
            point.longitude < (b.longitude - a.longitude) *
                                      (point.latitude - a.latitude) /
                                      (b.latitude - a.latitude) +
                                  a.longitude)
            inside = !inside;
    }
    return inside;
}

bool cap_rings_meet(const struct cap_ring *a, const struct cap_ring *b)
{
    if (!a->count || !b->count)
        return false;
    for (size_t i = 0; i + 1 < a->count; i++)
        for (size_t j = 0; j + 1 < b->count; j++)
            if (touch(a->point[i], a->point[i + 1], b->point[j],
                      b->point[j + 1]))
                return true;
    return cap_inside(a, b->point[0]) || cap_inside(b, a->point[0]);
}

static bool is_flat(const struct cap_ring *ring)
{
    for (size_t i = 2; i + 1 < ring->count; i++)
        if (side(ring->point[0], ring->point[1], ring->point[i]))
            return false;
    return true;
}

const char *cap_polygon(struct arena *arena, struct str text,
                        struct cap_ring *ring, struct str *arg)
{
    struct str word;

    size_t room = text.size / 4 + 2; /* "0,0 " */

    *ring = (struct cap_ring){
        .point = ARENA_ARRAY(arena, struct cap_point,
                             room < CAP_POINTS_MAX ? room : CAP_POINTS_MAX)};
    *arg = utf8_cut(text, 60);
    if (!ring->point)
        return N_("Falta memoria para el polígono.");
    while (next_word(&text, &word)) {
        struct cap_point point = {0};
        const char *problem = read_point(word, &point);

        *arg = word;
        if (problem)
            return problem;
        if (ring->count && same(ring->point[ring->count - 1], point))
            continue; /* written twice */
        if (ring->count == CAP_POINTS_MAX)
            return N_("El polígono tiene más de 2,000 puntos: dibújelo con "
                      "menos detalle.");
        ring->point[ring->count++] = point;
    }
    if (ring->count > 1 && !same(ring->point[0], ring->point[ring->count - 1]))
        return N_("El polígono no está cerrado: repita al final el primer "
                  "punto. Termina en «{1}».");
    if (ring->count < 4 || is_flat(ring))
        return N_("El polígono no encierra nada: hacen falta al menos tres "
                  "puntos distintos, y el primero otra vez al final.");
    if (cap_ring_crosses(ring))
        return N_("El polígono se cruza o se toca a sí mismo: dibuje el borde "
                  "sin que una línea pase sobre otra.");
    return NULL;
}
