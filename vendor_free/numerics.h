/* The arithmetic that the contract needs, checked when this compiles and again when it runs
 * (SPEC 1.7; DESIGN 2.1).
 *
 * binary32 and binary64 of IEEE 754, every operation rounded to its own type (FLT_EVAL_METHOD 0), round to
 * nearest even, subnormals kept, no contraction of a*b + c into a fused multiply-add.
 */
#ifndef SPAE_NUMERICS_H
#define SPAE_NUMERICS_H

#include <float.h>

#include "status.h"

#if defined(__FAST_MATH__)
#error "SPAE needs IEEE 754 arithmetic: compile without -ffast-math"
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 /* where it is not told, spae_numerics_check finds out */
#error "SPAE needs every operation rounded to its own type (FLT_EVAL_METHOD 0): on x86 use -msse2 -mfpmath=sse, on s390 -fexcess-precision=fast"
#endif
#if FLT_RADIX != 2 || FLT_MANT_DIG != 24 || FLT_MAX_EXP != 128 || DBL_MANT_DIG != 53 || DBL_MAX_EXP != 1024
#error "SPAE needs float and double to be binary32 and binary64 of IEEE 754"
#endif
#if !defined(__GNUC__) || defined(__clang__) /* gcc has only the flag, -ffp-contract=off */
#pragma STDC FP_CONTRACT OFF
#endif

#define SPAE_DOUBLE_MAX DBL_MAX

/* Does the machine compute as the compiler promised? Run once at start-up.
 *   err  SPAE_ERR_PLATFORM  rounding is not to nearest even, subnormals are flushed, a*b + c is fused, or
 *                           operations keep more digits than their type; the text says which, and the flag
 */
spae_status spae_numerics_check(spae_error *err);

#endif
