/* spae_numerics_check: silent where the contract holds, and a named reason where it is broken on
 * purpose. */
#include "../check.h"

#include <fenv.h>

#include "../../vendor_free/numerics.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

START_TEST(this_machine_keeps_the_contract)
{
    spae_error err = {SPAE_OK, "untouched"};
    ck_assert_msg(spae_numerics_check(&err) == SPAE_OK, "%s", err.text);
    ck_assert_str_eq(err.text, "untouched");
    ck_assert_int_eq(spae_numerics_check(NULL), SPAE_OK);
}
END_TEST

static void refuses_rounding(int mode)
{
    spae_error err = {SPAE_OK, ""};
    ck_assert_int_eq(fesetround(mode), 0);
    const spae_status status = spae_numerics_check(&err);
    fesetround(FE_TONEAREST);
    ck_assert_int_eq(status, SPAE_ERR_PLATFORM);
    ck_assert_int_eq(err.status, SPAE_ERR_PLATFORM);
    ck_assert_ptr_nonnull(strstr(err.text, "rounding is not to nearest even"));
    ck_assert_ptr_nonnull(strstr(err.text, "-ffast-math"));
}

START_TEST(other_roundings_are_refused)
{
    refuses_rounding(FE_UPWARD);
    refuses_rounding(FE_DOWNWARD);
    refuses_rounding(FE_TOWARDZERO);
}
END_TEST

#if defined(__SSE2__)
/* The two switches of x86: flush results (0x8000), take operands as zero (0x0040). */
START_TEST(flushed_subnormals_are_refused)
{
    static const unsigned switches[] = {0x8000, 0x0040};
    for (size_t i = 0; i < 2; i++) {
        spae_error err = {SPAE_OK, ""};
        const unsigned before = _mm_getcsr();
        _mm_setcsr(before | switches[i]);
        const spae_status status = spae_numerics_check(&err);
        _mm_setcsr(before);
        ck_assert_int_eq(status, SPAE_ERR_PLATFORM);
        ck_assert_ptr_nonnull(strstr(err.text, "subnormal numbers are flushed to zero"));
    }
}
END_TEST
#else
START_TEST(flushed_subnormals_are_refused) /* no portable way to flush: the check must pass again */
{
    ck_assert_int_eq(spae_numerics_check(NULL), SPAE_OK);
}
END_TEST
#endif

SUITE(suite_vendor_free_numerics, "vendor_free/numerics", this_machine_keeps_the_contract,
      other_roundings_are_refused, flushed_subnormals_are_refused)
