/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* exact.h - powers, logarithms and trigonometry that give the same double on
 * every machine.
 *
 * C libraries agree on + - * / and sqrt, to the last bit, and on nothing else:
 * a form checked in the browser and on the server would differ in a last
 * digit. These work with pairs of doubles (some 100 bits) and round once.
 */
#ifndef COBIJO_EXACT_H
#define COBIJO_EXACT_H

double exact_exp(double x);
double exact_log(double x);
double exact_log10(double x);
double exact_pow(double base, double exponent);
double exact_sin(double x);
double exact_cos(double x);
double exact_tan(double x);
double exact_asin(double x);
double exact_acos(double x);
double exact_atan(double x);
double exact_atan2(double y, double x);

#endif
