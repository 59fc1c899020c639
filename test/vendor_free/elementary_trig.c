/* sin and cos where the reduction works hardest: every binade, the joint of its two methods,
 * multiples of pi/2. The binary32 cases, digests and limits are in elementary.c beside those of the
 * other functions. */
#include "../check.h"

#include <math.h>

#include "../../vendor_free/elementary.h"

/* sin 2x = 2 sin x cos x, cos 2x = 1 - 2 sin^2 x: x and 2x meet different words of 2/pi from 2^19
 * on, so that a wrong word of the table breaks the step at which it enters. */
START_TEST(doubling_holds_in_every_binade)
{
    static const double mantissas[] = {1.0, 1.2345678901234567, 1.5707963267948966,
                                       1.9999999999999998};
    for (size_t m = 0; m < sizeof mantissas / sizeof mantissas[0]; m++)
        for (int e = -20; e < 1023; e++) {
            const double x = ldexp(mantissas[m], e), s = spae_sin64(x), c = spae_cos64(x);
            ck_assert_double_eq_tol(spae_sin64(2.0 * x), 2.0 * s * c, 1e-15);
            ck_assert_double_eq_tol(spae_cos64(2.0 * x), 1.0 - 2.0 * s * s, 1e-15);
            ck_assert_double_eq_tol(s * s + c * c, 1.0, 1e-15);
            ck_assert(spae_sin64(-x) == -s && spae_cos64(-x) == c);
        }
}
END_TEST

/* Below 2^19 and from there on the reductions differ; angle addition steps over the joint. */
START_TEST(the_two_reductions_meet)
{
    const double h = 0.25, sh = spae_sin64(h), ch = spae_cos64(h);
    for (double x = 524280.0; x < 524296.0; x += h) {
        const double s = spae_sin64(x), c = spae_cos64(x);
        ck_assert_double_eq_tol(spae_sin64(x + h), s * ch + c * sh, 1e-15);
        ck_assert_double_eq_tol(spae_cos64(x + h), c * ch - s * sh, 1e-15);
    }
}
END_TEST

/* Near k pi/2 the result is the rounding error of the argument, which only a long pi/2 can tell.
 * pi/2 = a + b + c with a = its nearest binary64 number: sin a = cos(b + c) and cos a = sin(b + c)
 * = b + c to this width. */
START_TEST(multiples_of_half_pi)
{
    const double a = 0x1.921fb54442d18p+0, b = 0x1.1a62633145c07p-54;
    ck_assert(spae_sin64(a) == 1.0 && spae_cos64(a) == b);
    ck_assert(spae_cos64(2.0 * a) == -1.0 && spae_sin64(2.0 * a) == 2.0 * b);
    ck_assert(spae_sin64(4.0 * a) == -4.0 * b && spae_cos64(4.0 * a) == 1.0);
    ck_assert(spae_sin64(0x1p18 * a) == -0x1p18 * b && spae_sin64(0x1p19 * a) == -0x1p19 * b);
}
END_TEST

SUITE(suite_vendor_free_elementary_trig, "vendor_free/elementary_trig",
      doubling_holds_in_every_binade, the_two_reductions_meet, multiples_of_half_pi)
