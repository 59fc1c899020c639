/* Elementary functions, correctly rounded to binary32 (SPEC 1.5).
 *
 * Every ...f function returns the binary32 number nearest to the exact value (ties to even) for all
 * of the 2^32 arguments, and the IEEE 754 limits at zeros and infinities; so any correctly rounded
 * libm gives the same bits. NaN, and an argument outside the domain, give the quiet NaN 0x7fc00000.
 * Each rests on a binary64 core, exported too (...64, NaN 0x7ff8000000000000) with the error bound
 * stated in elementary.c, for the ORACLE build; the cores of exp, expm1, log, log1p and tanh have
 * no branch, so that compilers vectorize them. All are deterministic: only + - * / and bit
 * operations, in a fixed order.
 *
 * The array forms apply the function to n elements; x and y may be the same array.
 */
#ifndef SPAE_ELEMENTARY_H
#define SPAE_ELEMENTARY_H

#include <stddef.h>

float spae_expf(float x);
float spae_expm1f(float x);
float spae_logf(float x);
float spae_log1pf(float x);
float spae_tanhf(float x);
float spae_sinf(float x);
float spae_cosf(float x);
float spae_erff(float x);

double spae_exp64(double x);
double spae_expm164(double x);
double spae_log64(double x);
double spae_log1p64(double x);
double spae_tanh64(double x);
double spae_sin64(double x);
double spae_cos64(double x);
double spae_erf64(double x);

/* y[i] = exp(x[i]) for i < n, y may be x: the loop that compilers turn into vector code. */
void spae_expf_array(const float *x, float *y, size_t n);
void spae_exp64_array(const double *x, double *y, size_t n);

#endif
