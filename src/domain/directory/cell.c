/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cell.c - see cell.h. Pure arithmetic. */
#include "domain/directory/cell.h"

#include <math.h>

#define UNITS ((double)(1 << CELL_BITS))
#define DEGREE (3.14159265358979323846 / 180.0)
/* Of a circle of 6,371 km; a little less, so that reach never promises more
 * than there is. */
#define KM_PER_DEGREE 111.19

static double unit_x(double lon)
{
    return (lon + 180.0) / 360.0 * UNITS;
}

static double unit_y(double lat)
{
    return (lat + 90.0) / 360.0 * UNITS;
}

static int64_t spread(int64_t bits)
{
    uint64_t b = (uint64_t)bits & 0xffffff;

    b = (b | b << 16) & 0x0000ffff0000ffffu;
    b = (b | b << 8) & 0x00ff00ff00ff00ffu;
    b = (b | b << 4) & 0x0f0f0f0f0f0f0f0fu;
    b = (b | b << 2) & 0x3333333333333333u;
    b = (b | b << 1) & 0x5555555555555555u;
    return (int64_t)b;
}

static int64_t interleave(int64_t x, int64_t y)
{
    return spread(x) | spread(y) << 1;
}

static int64_t clamp(double unit)
{
    double last = UNITS - 1;

    return (int64_t)(unit < 0 ? 0 : unit > last ? last : unit);
}

int64_t cell_of(double lat, double lon)
{
    if (!(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180))
        return CELL_NONE;
    return interleave(clamp(unit_x(lon)), clamp(unit_y(lat)));
}

/* Kilometres from the point to the nearest side of the block. */
static double reach_of(double lat, double lon, double x, double y, double side)
{
    double step = side / UNITS * 360.0; /* degrees */
    double left = (x - 1) * step - 180.0, right = (x + 1) * step - 180.0;
    double down = (y - 1) * step - 90.0, up = (y + 1) * step - 90.0;
    double far = fmax(fabs(fmax(down, -90.0)), fabs(fmin(up, 90.0)));
    double across = fmin(lon - fmax(left, -180.0), fmin(right, 180.0) - lon) *
                    cos(fmin(far, 90) * DEGREE); /* the map ends at 180 */
    double along = HUGE_VAL;

    if (down > -90.0)
        along = fmin(along, lat - down);
    if (up < 90.0)
        along = fmin(along, up - lat);
    return fmin(across, along) * KM_PER_DEGREE;
}

void block_around(double lat, double lon, int shift, struct block *block)
{
    double side = (double)((int64_t)1 << shift);
    int64_t last = ((int64_t)1 << (CELL_BITS - shift)) - 1;
    double x = floor(unit_x(lon) / side + 0.5);
    double y = floor(unit_y(lat) / side + 0.5);

    block->reach =
        shift >= CELL_BITS ? HUGE_VAL : reach_of(lat, lon, x, y, side);
    for (int i = 0; i < BLOCK_RUNS; i++) {
        int64_t at_x = (int64_t)x - (i & 1), at_y = (int64_t)y - (i >> 1);

        block->from[i] = block->to[i] = 0;
        if (at_x < 0 || at_y < 0 || at_x > last || at_y > last)
            continue;
        block->from[i] = interleave(at_x, at_y) << (2 * shift);
        block->to[i] = (interleave(at_x, at_y) + 1) << (2 * shift);
    }
}

/* --- squares -------------------------------------------------------------- */

/* Less than to any point of the square: both terms of the great circle are as
 * small as they can be there. */
static double nearest_of(double lat, double lon, const struct square *square)
{
    double step = (double)((int64_t)1 << square->shift) / UNITS * 360.0;
    double left = (double)square->x * step - 180.0, right = left + step;
    double down = (double)square->y * step - 90.0, up = down + step;
    double along = fmax(0, fmax(down - lat, lat - up));
    double across = 0, far = fmin(90, fmax(fabs(down), fabs(up))), a, b, h;

    if (lon < left || lon > right)
        across = fmin(fabs(lon < left ? left - lon : lon - right),
                      fabs(lon < left ? lon + 360 - right : left + 360 - lon));
    a = sin(fmin(along, 180) * DEGREE / 2);
    b = sin(fmin(across, 180) * DEGREE / 2);
    h = a * a + cos(lat * DEGREE) * cos(far * DEGREE) * b * b;
    return 2 * 6371.0 * asin(fmin(sqrt(h), 1)) * (1 - 1e-9);
}

/* false: not on the map. */
static bool square_make(double lat, double lon, int shift, int64_t x, int64_t y,
                        struct square *square)
{
    int64_t last = ((int64_t)1 << (CELL_BITS - shift)) - 1;

    if (x < 0 || y < 0 || x > last || y > last)
        return false;
    *square = (struct square){.from = interleave(x, y) << (2 * shift),
                              .to = (interleave(x, y) + 1) << (2 * shift),
                              .x = x,
                              .y = y,
                              .shift = shift};
    square->km = nearest_of(lat, lon, square);
    return true;
}

/* The corner of squares of that size that is nearest to the point. */
static void corner_of(double lat, double lon, int shift, int64_t *x, int64_t *y)
{
    double side = (double)((int64_t)1 << shift);

    *x = (int64_t)floor(unit_x(lon) / side + 0.5);
    *y = (int64_t)floor(unit_y(lat) / side + 0.5);
}

size_t squares_around(double lat, double lon, int shift,
                      struct square square[SQUARES_AROUND])
{
    int64_t x, y;
    size_t count = 0;

    corner_of(lat, lon, shift, &x, &y);
    for (int i = 0; i < SQUARES_AROUND; i++)
        count += square_make(lat, lon, shift, x - (i & 1), y - (i >> 1),
                             &square[count]);
    return count;
}

/* A block lies whole in the next larger one: where its corner is no corner of
 * that, it is one of its squares. */
size_t squares_beyond(double lat, double lon, int shift,
                      struct square square[SQUARES_BEYOND])
{
    int64_t x, y, wide_x, wide_y;
    size_t count = 0;

    corner_of(lat, lon, shift, &x, &y);
    corner_of(lat, lon, shift + 1, &wide_x, &wide_y);
    for (int i = 0; i < 16; i++) {
        int64_t at_x = 2 * wide_x - 2 + (i & 3);
        int64_t at_y = 2 * wide_y - 2 + (i >> 2);
        bool within =
            (at_x == x || at_x == x - 1) && (at_y == y || at_y == y - 1);

        if (!within && count < SQUARES_BEYOND)
            count += square_make(lat, lon, shift, at_x, at_y, &square[count]);
    }
    return count;
}

void square_split(double lat, double lon, const struct square *whole,
                  struct square quarter[4])
{
    for (int i = 0; i < 4; i++)
        square_make(lat, lon, whole->shift - 1, 2 * whole->x + (i & 1),
                    2 * whole->y + (i >> 1), &quarter[i]);
}

double distance_km(double lat1, double lon1, double lat2, double lon2)
{
    double a = sin((lat2 - lat1) * DEGREE / 2);
    double b = sin((lon2 - lon1) * DEGREE / 2);
    double h = a * a + cos(lat1 * DEGREE) * cos(lat2 * DEGREE) * b * b;

    return 2 * 6371.0 * asin(fmin(sqrt(h), 1));
}
