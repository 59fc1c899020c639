/* Holding results against expected arrays: the rule of section 2 of the oracle's README.
 *
 *     |got - w| <= tol_abs + tol_rel * (|w| + rms(w))        int32 exactly
 *
 * A difference is recorded in the case, not fatal: the case goes on, and reports the worst of its failures.
 */
#ifndef SPAE_ORACLE_COMPARE_H
#define SPAE_ORACLE_COMPARE_H

#include "case.h"

/* Here the allowance of one element, relative to the whole array's rms. */
void oracle_compare_number(oracle_case *c, const char *name, size_t index, double got, double expected, double rms);

/* One sum against one expected sum with a given bound. */
void oracle_compare_bound(oracle_case *c, const char *name, const char *what, double got, double expected,
                          double bound);

/* The file `name` against what was computed, shapes first (axes of 1 apart). */
void oracle_compare(oracle_case *c, const char *name, spae_shape shape, const real *got);
void oracle_compare_double(oracle_case *c, const char *name, spae_shape shape, const double *got);
void oracle_compare_int32(oracle_case *c, const char *name, spae_shape shape, const int32_t *got);

/* An array that was read already; got is `real`. */
void oracle_compare_array(oracle_case *c, const oracle_array *expected, spae_shape shape, const real *got);

#endif
