/* The arithmetic that the contract needs, checked when this compiles and again when it runs
 * (SPEC 1.7; DESIGN 2.1).
 *
 * binary32 and binary64 of IEEE 754, every operation rounded to its own type (FLT_EVAL_METHOD 0) once, round to
 * nearest even, subnormals, signed zeros and NaNs kept, quotients as written, no contraction of a*b + c into a fused
 * multiply-add. Compilers tell some of it by macros; what they do not tell, spae_numerics_check finds out.
 */
#ifndef SPAE_NUMERICS_H
#define SPAE_NUMERICS_H

#include <float.h>

#include "status.h"

#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || \
    defined(__NO_SIGNED_ZEROS__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0)
#error "SPAE needs IEEE 754 arithmetic: compile without -ffast-math, -funsafe-math-optimizations and their parts"
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "SPAE needs every operation rounded to its own type (FLT_EVAL_METHOD 0): on x86 use -msse2 -mfpmath=sse, on s390 -fexcess-precision=fast; m68k has no such arithmetic"
#endif
#if defined(__alpha__) && !defined(_IEEE_FP) /* its instructions else trap on subnormals, NaNs and infinities */
#error "SPAE needs IEEE 754 arithmetic: on Alpha use -mieee"
#endif
#if FLT_RADIX != 2 || FLT_MANT_DIG != 24 || FLT_MAX_EXP != 128 || DBL_MANT_DIG != 53 || DBL_MAX_EXP != 1024
#error "SPAE needs float and double to be binary32 and binary64 of IEEE 754"
#endif
#if !defined(__GNUC__) || defined(__clang__) /* gcc has only the flag, -ffp-contract=off */
#pragma STDC FP_CONTRACT OFF
#endif

#define SPAE_DOUBLE_MAX DBL_MAX

/* Does the machine compute as the compiler promised? Run once at start-up.
 *   err  SPAE_ERR_PLATFORM  rounding is not to nearest even, subnormals are flushed, operations keep more digits than
 *                           their type or round twice, a*b + c is fused, quotients are products with a reciprocal,
 *                           or signed zeros or NaNs are not told apart; the text says which, and the flag
 */
spae_status spae_numerics_check(spae_error *err);

#endif
