/* Comparison: each element's share of its allowance, and the worst of a case. */
#include "compare.h"

#include <math.h>
#include <stdio.h>

/* Records one comparison: share > 1 is a failure, and the worst one is what the case reports. A share that is
 * no number (got or the bound is a NaN) counts as infinitely wrong. */
static void record(oracle_case *c, double share, const char *place, double got, double expected)
{
    if (!(share <= HUGE_VAL))
        share = HUGE_VAL;
    if (share > 1 && (share > c->worst || c->failure[0] == '\0'))
        snprintf(c->failure, sizeof c->failure, "%s: expected %.17g, got %.17g, %.3g of the tolerance", place, expected,
                 got, share);
    c->worst = share > c->worst ? share : c->worst;
}

static double share_of(double got, double expected, double allowed)
{
    const double apart = fabs(got - expected);
    return apart == 0 ? 0 : apart / allowed; /* allowed 0: infinity; NaN stays NaN */
}

void oracle_compare_number(oracle_case *c, const char *name, size_t index, double got, double expected, double rms)
{
    const double share = share_of(got, expected, c->tol_abs + c->tol_rel * (fabs(expected) + rms));
    if (!(share <= c->worst) || share > 1) {
        char place[200];
        snprintf(place, sizeof place, "%s[%zu]", name, index);
        record(c, share, place, got, expected);
    }
}

void oracle_compare_bound(oracle_case *c, const char *name, const char *what, double got, double expected,
                          double bound)
{
    char place[200];
    snprintf(place, sizeof place, "%s, %s", name, what);
    record(c, share_of(got, expected, bound), place, got, expected);
}

/* Do both shapes agree but for axes of length 1? */
static bool same_shape(const oracle_array *a, spae_shape shape)
{
    size_t at = 0;
    for (size_t i = 0; i < a->rank; i++) {
        if (a->shape[i] == 1)
            continue;
        while (at < SPAE_AXES && shape.axis[at] == 1)
            at++;
        if (at == SPAE_AXES || shape.axis[at++] != a->shape[i])
            return false;
    }
    return a->count == spae_shape_count(shape);
}

static void want_shape(oracle_case *c, const oracle_array *a, spae_shape shape)
{
    if (!same_shape(a, shape))
        oracle_abort(c, "%s: the file has %zu elements of rank %zu, computed is (%zu,%zu,%zu,%zu,%zu)", a->name, a->count,
                     a->rank, shape.axis[0], shape.axis[1], shape.axis[2], shape.axis[3], shape.axis[4]);
    c->compared++;
}

static double rms_of(const oracle_array *a)
{
    double sum = 0;
    for (size_t i = 0; i < a->count; i++)
        sum += a->number[i] * a->number[i];
    return sqrt(sum / (double)a->count);
}

static void want_numbers(oracle_case *c, const oracle_array *a)
{
    if (a->integer)
        oracle_abort(c, "%s: expected floating point numbers", a->name);
}

void oracle_compare_array(oracle_case *c, const oracle_array *expected, spae_shape shape, const real *got)
{
    want_numbers(c, expected);
    want_shape(c, expected, shape);
    const double rms = rms_of(expected);
    for (size_t i = 0; i < expected->count; i++)
        oracle_compare_number(c, expected->name, i, (double)got[i], expected->number[i], rms);
}

void oracle_compare(oracle_case *c, const char *name, spae_shape shape, const real *got)
{
    const oracle_array expected = oracle_read(c, name);
    oracle_compare_array(c, &expected, shape, got);
}

void oracle_compare_double(oracle_case *c, const char *name, spae_shape shape, const double *got)
{
    const oracle_array expected = oracle_read(c, name);
    want_numbers(c, &expected);
    want_shape(c, &expected, shape);
    const double rms = rms_of(&expected);
    for (size_t i = 0; i < expected.count; i++)
        oracle_compare_number(c, name, i, got[i], expected.number[i], rms);
}

void oracle_compare_int32(oracle_case *c, const char *name, spae_shape shape, const int32_t *got)
{
    const oracle_array expected = oracle_read_int32(c, name);
    want_shape(c, &expected, shape);
    for (size_t i = 0; i < expected.count; i++)
        if (got[i] != expected.index[i]) {
            char place[200];
            snprintf(place, sizeof place, "%s[%zu]", name, i);
            record(c, HUGE_VAL, place, (double)got[i], (double)expected.index[i]);
        }
}
