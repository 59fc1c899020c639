/* The width of the arithmetic: binary32, or binary64 in the ORACLE build (SPEC 1.1).
 *
 * All of nn/ and spae.c computes in `real`. Quantities that the contract puts in binary64 (statistics,
 * losses, token distances) say `double` in both builds.
 */
#ifndef SPAE_REAL_H
#define SPAE_REAL_H

#include "../vendor_free/elementary.h"

#ifdef SPAE_ORACLE
typedef double real;
#define real_exp spae_exp64
#define real_exp_array spae_exp64_array
#define real_log spae_log64
#define real_log1p spae_log1p64
#define real_tanh spae_tanh64
#define real_sin spae_sin64
#define real_cos spae_cos64
#define real_erf spae_erf64
#else
typedef float real;
#define real_exp spae_expf
#define real_exp_array spae_expf_array
#define real_log spae_logf
#define real_log1p spae_log1pf
#define real_tanh spae_tanhf
#define real_sin spae_sinf
#define real_cos spae_cosf
#define real_erf spae_erff
#endif

#endif
