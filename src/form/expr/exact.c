/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* exact.c - arithmetic with pairs of doubles (Dekker, Knuth), series on a
 * small interval, and one step of Newton's from the C library's guess where a
 * function is the inverse of another. */
#include "form/expr/exact.h"

#include <math.h>
#include <stdbool.h>

struct pair {
    double high, low; /* their sum; low is below half a unit of high */
};

static const double half_pi[3] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54,
                                  -0x1.f1976b7ed8fbcp-110};
static const double log_2[3] = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56,
                                0x1.7b57a079a1934p-111};
static const struct pair log_10 = {0x1.26bb1bbb55516p+1,
                                   -0x1.f48ad494ea3e9p-53};

static struct pair pair_of(double a)
{
    return (struct pair){a, 0};
}

/* |a| is not less than |b|. */
static struct pair sum_ordered(double a, double b)
{
    double sum = a + b;

    return (struct pair){sum, b - (sum - a)};
}

static struct pair sum_of(double a, double b)
{
    double sum = a + b, part = sum - a;

    return (struct pair){sum, (a - (sum - part)) + (b - part)};
}

static struct pair product_of(double a, double b)
{
    static const double splitter = 134217729; /* 2^27 + 1 */
    double p = a * b, t = splitter * a, u = splitter * b;
    double a1 = t - (t - a), b1 = u - (u - b);
    double a2 = a - a1, b2 = b - b1;

    return (struct pair){p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2};
}

static struct pair pair_add(struct pair a, struct pair b)
{
    struct pair high = sum_of(a.high, b.high), low = sum_of(a.low, b.low);

    high = sum_ordered(high.high, high.low + low.high);
    return sum_ordered(high.high, high.low + low.low);
}

static struct pair pair_minus(struct pair a)
{
    return (struct pair){-a.high, -a.low};
}

static struct pair pair_multiply(struct pair a, struct pair b)
{
    struct pair p = product_of(a.high, b.high);

    return sum_ordered(p.high, p.low + (a.high * b.low + a.low * b.high));
}

static struct pair pair_scale(struct pair a, double b)
{
    return pair_multiply(a, pair_of(b));
}

static struct pair pair_divide(struct pair a, struct pair b)
{
    double first = a.high / b.high, second;
    struct pair rest = pair_add(a, pair_minus(pair_scale(b, first)));

    second = rest.high / b.high;
    rest = pair_add(rest, pair_minus(pair_scale(b, second)));
    return pair_add(sum_ordered(first, second), pair_of(rest.high / b.high));
}

/* a - times * (part[0] + part[1] + part[2]) */
static struct pair reduce(struct pair a, double times, const double part[3])
{
    for (int i = 0; i < 3; i++)
        a = pair_add(a, pair_minus(product_of(times, part[i])));
    return a;
}

/* --- powers and logarithms -------------------------------------------------
 */

/* e^x - 1 by its series on |x| < 0.0014, then (1 + s)^2 - 1 eight times. */
static double exp_pair(struct pair x)
{
    double times;
    struct pair r, term, sum;

    if (x.high > 710)
        return INFINITY;
    if (x.high < -746)
        return 0;
    times = floor(x.high / log_2[0] + 0.5);
    r = pair_scale(reduce(x, times, log_2), 1.0 / 256);
    term = sum = r;
    for (int n = 2; n <= 12; n++) {
        term = pair_divide(pair_multiply(term, r), pair_of(n));
        sum = pair_add(sum, term);
    }
    for (int i = 0; i < 8; i++)
        sum = pair_add(pair_scale(sum, 2), pair_multiply(sum, sum));
    sum = pair_add(sum, pair_of(1));
    return ldexp(sum.high, (int)times); /* high is the rounded sum */
}

/* 2 atanh((m - 1) / (m + 1)) + e log 2, x = m 2^e, m around 1. */
static struct pair log_pair(double x)
{
    int exponent;
    double m = frexp(x, &exponent);
    struct pair z, square, power, sum;

    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    z = pair_divide(pair_of(m - 1), sum_of(m, 1));
    square = pair_multiply(z, z);
    power = sum = z;
    for (int n = 3; n <= 49; n += 2) {
        power = pair_multiply(power, square);
        sum = pair_add(sum, pair_divide(power, pair_of(n)));
    }
    return reduce(pair_scale(sum, 2), -exponent, log_2);
}

double exact_exp(double x)
{
    return isfinite(x) ? exp_pair(pair_of(x)) : exp(x);
}

double exact_log(double x)
{
    return isfinite(x) && x > 0 ? log_pair(x).high : log(x);
}

double exact_log10(double x)
{
    return isfinite(x) && x > 0 ? pair_divide(log_pair(x), log_10).high
                                : log10(x);
}

double exact_pow(double base, double exponent)
{
    double result;

    if (!isfinite(base) || !isfinite(exponent) || base == 0 || exponent == 0 ||
        base == 1 || (base < 0 && exponent != floor(exponent)))
        return pow(base, exponent); /* the standard says what it is */
    if (fabs(exponent) > 1e18)
        return pow(base, exponent); /* 0, 1 or infinity */
    result = exp_pair(pair_scale(log_pair(fabs(base)), exponent));
    return base < 0 && fmod(exponent, 2) != 0 ? -result : result;
}

/* --- trigonometry ----------------------------------------------------------
 */

/* The series of sine (from 1) or cosine (from 0) on |r| < 0.8. */
static struct pair series(struct pair r, bool sine)
{
    struct pair square = pair_minus(pair_multiply(r, r));
    struct pair term = sine ? r : pair_of(1), sum = term;

    for (int n = sine ? 2 : 1; n <= 30; n += 2) {
        term = pair_divide(pair_multiply(term, square),
                           pair_of((double)n * (n + 1)));
        sum = pair_add(sum, term);
    }
    return sum;
}

static void sine_cosine(double x, struct pair *sine, struct pair *cosine)
{
    double times;
    struct pair r, s, c;
    int quarter;

    if (fabs(x) > 1e15) /* no digit of it is known there */
        x = fmod(x, 4 * half_pi[0]);
    times = floor(x / half_pi[0] + 0.5);
    r = reduce(pair_of(x), times, half_pi);
    s = series(r, true);
    c = series(r, false);
    quarter = (int)fmod(times, 4);
    if (quarter < 0)
        quarter += 4;
    *sine = quarter % 2 ? c : s;
    *cosine = quarter % 2 ? s : c;
    if (quarter >= 2)
        *sine = pair_minus(*sine);
    if (quarter == 1 || quarter == 2)
        *cosine = pair_minus(*cosine);
}

double exact_sin(double x)
{
    struct pair sine, cosine;

    if (!isfinite(x) || x == 0)
        return sin(x);
    sine_cosine(x, &sine, &cosine);
    return sine.high;
}

double exact_cos(double x)
{
    struct pair sine, cosine;

    if (!isfinite(x))
        return cos(x);
    sine_cosine(x, &sine, &cosine);
    return cosine.high;
}

double exact_tan(double x)
{
    struct pair sine, cosine;

    if (!isfinite(x) || x == 0)
        return tan(x);
    sine_cosine(x, &sine, &cosine);
    return pair_divide(sine, cosine).high;
}

/* guess + top / bottom, where top is the small difference that is left. */
static double corrected(double guess, struct pair top, struct pair bottom)
{
    return pair_add(pair_of(guess), pair_divide(top, bottom)).high;
}

double exact_asin(double x)
{
    double guess = asin(x);
    struct pair sine, cosine;

    if (!(fabs(x) < 1) || x == 0)
        return guess;
    sine_cosine(guess, &sine, &cosine);
    return corrected(guess, pair_add(pair_of(x), pair_minus(sine)), cosine);
}

double exact_acos(double x)
{
    double guess = acos(x);
    struct pair sine, cosine;

    if (!(fabs(x) < 1))
        return guess;
    sine_cosine(guess, &sine, &cosine);
    return corrected(guess, pair_add(cosine, pair_of(-x)), sine);
}

double exact_atan2(double y, double x)
{
    double guess = atan2(y, x);
    struct pair sine, cosine, top, bottom;
    int exponent;

    if (!isfinite(x) || !isfinite(y) || x == 0 || y == 0)
        return guess;
    frexp(fabs(x) > fabs(y) ? x : y, &exponent);
    x = ldexp(x, -exponent);
    y = ldexp(y, -exponent);
    sine_cosine(guess, &sine, &cosine);
    top = pair_add(pair_scale(cosine, y), pair_minus(pair_scale(sine, x)));
    bottom = pair_add(pair_scale(cosine, x), pair_scale(sine, y));
    return corrected(guess, top, bottom);
}

double exact_atan(double x)
{
    return isfinite(x) ? exact_atan2(x, 1) : atan(x);
}
