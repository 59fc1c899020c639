/* The proof that the binary32 functions are correctly rounded, by exhaustion.
 *
 *     elementary FUNCTION [FIRST LAST]     one of exp expm1 log log1p tanh sin cos erf;
 *                                          bits of the first and last argument, in hexadecimal
 *
 * Method   For every argument the function's bits are compared with those of an independent value:
 *          that of the C library in binary64; or, where that one lies within 2^-20 binary32 places
 *          of a midpoint between two numbers, that of MPFR with 256 bits, which is compared with
 *          the midpoint itself. So the library may err by 2^8 of its last binary64 places; glibc
 *          states less than 4 for these functions, and the proof stops if MPFR ever lies further
 *          off than 2^-19 binary32 places. exp also goes through its array form, which must give
 *          the bits of the scalar one. Of odd and even functions the reference at x serves -x too,
 *          and FIRST and LAST are not negative.
 * Needs    libmpfr: a long target outside CI.
 * Prints   Mismatches and their count; the hardest cases and the digest of the reference over
 *          elementary_sample.h, for test/vendor_free/elementary_cases.h. Exit status 0 if none
 *          differed.
 * Result   In the README beside this file.
 */
#include <float.h>
#include <math.h>
#include <mpfr.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../vendor_free/elementary.h"
#include "../../vendor_free/float_bits.h"
#include "../vendor_free/elementary_sample.h"

typedef struct {
    const char *name;
    float (*ours)(float);
    double (*theirs)(double);
    int (*exact)(mpfr_t, const mpfr_t, mpfr_rnd_t);
    bool settles; /* monotone, and constant in binary32 from 1000 and from -1000 on */
    double least; /* NaN below */
    int symmetry; /* f(-x) = symmetry f(x); 0 if f is neither odd nor even */
} function;

static const function functions[] = {
    {"exp", spae_expf, exp, mpfr_exp, true, -HUGE_VAL, 0},
    {"expm1", spae_expm1f, expm1, mpfr_expm1, true, -HUGE_VAL, 0},
    {"log", spae_logf, log, mpfr_log, false, 0.0, 0},
    {"log1p", spae_log1pf, log1p, mpfr_log1p, false, -1.0, 0},
    {"tanh", spae_tanhf, tanh, mpfr_tanh, true, -HUGE_VAL, -1},
    {"sin", spae_sinf, sin, mpfr_sin, false, -HUGE_VAL, -1},
    {"cos", spae_cosf, cos, mpfr_cos, false, -HUGE_VAL, 1},
    {"erf", spae_erff, erf, mpfr_erf, true, -HUGE_VAL, -1},
};

enum { hardest_kept = 32, block = 4096 };

typedef struct {
    uint32_t argument, result;
    double distance; /* from the midpoint, in the gap of its two neighbours */
} hard_case;

typedef struct {
    const function *f;
    mpfr_t x, y, middle;
    hard_case hardest[hardest_kept]; /* by rising distance */
    size_t hard;
    unsigned long long arguments, by_mpfr, mismatches;
} proof;

static void keep_hard(proof *p, hard_case candidate)
{
    if (p->hard == hardest_kept && candidate.distance >= p->hardest[hardest_kept - 1].distance)
        return;
    size_t at = p->hard < hardest_kept ? p->hard++ : hardest_kept - 1;
    for (; at > 0 && p->hardest[at - 1].distance > candidate.distance; at--)
        p->hardest[at] = p->hardest[at - 1];
    p->hardest[at] = candidate;
}

/* A finite magnitude's bits as a number; those of infinity mean 2^128, the next step of the same
 * spacing. */
static double magnitude(uint32_t bits)
{
    return bits == 0x7f800000 ? 0x1p128 : (double)spae_float_of_bits(bits);
}

/* The right bits of f(argument), where low and high are the two magnitudes around |f(argument)|. */
static uint32_t decide(proof *p, uint32_t argument, uint32_t sign, uint32_t low)
{
    const double gap = magnitude(low + 1) - magnitude(low);
    mpfr_set_flt(p->x, spae_float_of_bits(argument), MPFR_RNDN);
    p->f->exact(p->y, p->x, MPFR_RNDN);
    mpfr_abs(p->y, p->y, MPFR_RNDN);
    mpfr_set_d(p->middle, magnitude(low) + gap / 2, MPFR_RNDN);
    mpfr_sub(p->y, p->y, p->middle, MPFR_RNDN);
    const double distance = mpfr_get_d(p->y, MPFR_RNDN) / gap;
    if (distance == 0.0 || fabs(distance) > 0x1p-19) {
        fprintf(stderr, "%s %08x: the two references disagree, or a tie\n", p->f->name,
                (unsigned)argument);
        exit(2);
    }
    const uint32_t result = sign | (distance > 0.0 ? low + 1 : low);
    const hard_case candidate = {argument, result, fabs(distance)};
    keep_hard(p, candidate);
    p->by_mpfr++;
    return result;
}

/* The C library's value, but at once where it would take a microsecond to raise an exception: a
 * settled function beyond 1000 has its value there, and below its domain a function is NaN. */
static double library_value(const function *f, double x)
{
    if (x < f->least)
        return (double)NAN;
    if (f->settles && fabs(x) > 1000.0)
        x = x > 0.0 ? 1000.0 : -1000.0;
    return f->theirs(x);
}

static uint32_t reference(proof *p, uint32_t argument)
{
    const double value = library_value(p->f, (double)spae_float_of_bits(argument));
    if (value != value)
        return 0x7fc00000;
    const uint32_t rounded = spae_bits_of_float((float)value), sign = rounded & 0x80000000;
    const uint32_t magnitude_bits = rounded & 0x7fffffff;
    const double size = fabs(value), rest = size - magnitude(magnitude_bits);
    if (rest == 0.0 || size > DBL_MAX)
        return rounded;
    const uint32_t low = rest > 0.0 ? magnitude_bits : magnitude_bits - 1;
    if (low >= 0x7f800000) /* beyond 2^128 */
        return rounded;
    const double gap = magnitude(low + 1) - magnitude(low);
    return fabs(fabs(rest) - gap / 2) < 0x1p-20 * gap ? decide(p, argument, sign, low) : rounded;
}

static void compare(proof *p, uint32_t argument, uint32_t want)
{
    const uint32_t got = spae_bits_of_float(p->f->ours(spae_float_of_bits(argument)));
    p->arguments++;
    if (got != want && p->mismatches++ < 100)
        printf("MISMATCH %s(%08x) is %08x, should be %08x\n", p->f->name, (unsigned)argument,
               (unsigned)got, (unsigned)want);
}

static void check(proof *p, uint32_t argument)
{
    const uint32_t want = reference(p, argument), sign = 0x80000000;
    compare(p, argument, want);
    if (p->f->symmetry != 0)
        compare(p, argument | sign, p->f->symmetry < 0 && want != 0x7fc00000 ? want ^ sign : want);
}

/* The array form of exp gives the bits of the scalar one. */
static void check_array(proof *p, uint64_t first, size_t count)
{
    float x[block] = {0.0f}, y[block];
    for (size_t i = 0; i < count; i++)
        x[i] = spae_float_of_bits((uint32_t)(first + i));
    spae_expf_array(x, y, count);
    for (size_t i = 0; i < count; i++)
        if (spae_bits_of_float(y[i]) != spae_bits_of_float(spae_expf(x[i])) &&
            p->mismatches++ < 100)
            printf("MISMATCH array exp(%08x)\n", (unsigned)(first + i));
}

static void walk(proof *p, uint64_t first, uint64_t last)
{
    for (uint64_t at = first; at <= last; at += block) {
        const uint64_t left = last - at + 1;
        const size_t count = left < block ? (size_t)left : block;
        for (size_t i = 0; i < count; i++)
            check(p, (uint32_t)(at + i));
        if (p->f->ours == spae_expf)
            check_array(p, at, count);
        if ((at & 0x0fffffff) == 0)
            fprintf(stderr, "%s %08x mismatches %llu\n", p->f->name, (unsigned)at, p->mismatches);
    }
}

static void report(proof *p, uint64_t first, uint64_t last)
{
    for (size_t i = 0; i < p->hard; i++)
        printf("    {0x%08x, 0x%08x}, /* %.3g */\n", (unsigned)p->hardest[i].argument,
               (unsigned)p->hardest[i].result, p->hardest[i].distance);
    printf("%s %08x..%08x: %llu arguments, %llu by MPFR, %llu mismatches\n", p->f->name,
           (unsigned)first, (unsigned)last, p->arguments, p->by_mpfr, p->mismatches);
    uint64_t digest = DIGEST_START;
    for (uint32_t i = 0; i < SAMPLES; i++)
        digest = digest_word(digest, reference(p, sample_argument(i)));
    printf("%s digest 0x%016llx\n", p->f->name, (unsigned long long)digest);
}

int main(int argc, char **argv)
{
    static proof p;
    for (size_t i = 0; argc > 1 && i < sizeof functions / sizeof functions[0]; i++)
        if (strcmp(argv[1], functions[i].name) == 0)
            p.f = &functions[i];
    if (p.f == NULL || (argc != 2 && argc != 4)) {
        fprintf(stderr, "usage: %s exp|expm1|log|log1p|tanh|sin|cos|erf [FIRST LAST]\n", argv[0]);
        return 2;
    }
    const uint64_t first = argc == 4 ? strtoull(argv[2], NULL, 16) : 0;
    const uint64_t most = p.f->symmetry != 0 ? 0x7fffffff : 0xffffffff;
    const uint64_t last = argc == 4 ? strtoull(argv[3], NULL, 16) & most : most;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    mpfr_inits2(256, p.x, p.y, p.middle, (mpfr_ptr)0);
    walk(&p, first, last);
    report(&p, first, last);
    return p.mismatches != 0;
}
