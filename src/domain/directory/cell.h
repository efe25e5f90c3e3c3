/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cell.h - positions as whole numbers that keep neighbours together.
 *
 * The world is a square of 2^20 by 2^20 units (38 m at the equator, latitude
 * in its lower half); a cell interleaves the bits of both (a Morton curve). A
 * square of 2^n units, aligned, is one unbroken run of cells, so an ordered
 * index finds what is in it. Four such squares around a point make a block:
 * everything nearer than block.reach is inside. A block of twice the size is
 * the next ring.
 */
#ifndef COBIJO_CELL_H
#define COBIJO_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CELL_BITS = 20, CELL_NONE = -1, BLOCK_RUNS = 4 };

/* Position on earth in degrees; CELL_NONE when there is no such one. */
int64_t cell_of(double lat, double lon);

struct block {
    int64_t from[BLOCK_RUNS], to[BLOCK_RUNS]; /* cells, to apart; empty runs
                                                 have from = to */
    double reach; /* km; HUGE_VAL when the block is everything */
};

/* shift: 0 .. CELL_BITS; the squares are 2^shift units wide. */
void block_around(double lat, double lon, int shift, struct block *block);

/* One square 2^shift units wide, number x, y of its size; km: nothing in it is
 * nearer to the point it was made for. */
struct square {
    int64_t from, to, x, y;
    int shift;
    double km;
};

enum { SQUARES_AROUND = 4, SQUARES_BEYOND = 12 };

/* Those of the block around the point; how many (fewer at the edges). */
size_t squares_around(double lat, double lon, int shift,
                      struct square square[SQUARES_AROUND]);
/* Those 2^shift wide that the next larger block has and this one has not. */
size_t squares_beyond(double lat, double lon, int shift,
                      struct square square[SQUARES_BEYOND]);
/* Its four quarters; shift > 0. */
void square_split(double lat, double lon, const struct square *whole,
                  struct square quarter[4]);

/* Great circle, km. */
double distance_km(double lat1, double lon1, double lat2, double lon2);

#endif
