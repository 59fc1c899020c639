/* Rotary positions: frequencies and angles against the C library's wide functions, llama3 scaling by its rules, turning by
 * hand and back, and what is refused. */
#include "nn/rotary.h"

#include "fixture.h"

enum { HALF = 64 };

/* theta^(-j/h) to a few parts in 2^52. */
START_TEST(frequencies_are_powers_of_the_base)
{
    static const double theta[] = {1.5, 100, 10000, 500000, 1e6, 1e9};
    static const size_t half[] = {1, 2, 3, 5, 16, 32, 64, 128, 1000};
    double f[1000];
    for (size_t t = 0; t < sizeof theta / sizeof theta[0]; t++)
        for (size_t h = 0; h < sizeof half / sizeof half[0]; h++) {
            spae_rotary_frequencies(&(spae_rotary){.theta = theta[t], .factor = 1}, half[h], f);
            ck_assert_double_eq(f[0], 1);
            for (size_t j = 0; j < half[h]; j++) {
                const double want = pow(theta[t], -(double)j / (double)half[h]);
                ck_assert_msg(fabs(f[j] / want - 1) <= 1e-15 * (double)(j + 8), "theta %g, %zu of %zu: %.17g, not %.17g",
                              theta[t], j, half[h], f[j], want);
            }
        }
}
END_TEST

/* The angles' sine and cosine are right to a real's rounding, far out too. */
START_TEST(angles_are_accurate_at_any_position)
{
    static const size_t position[] = {0, 1, 2, 3, 100, 1023, 4095, 65537, 131071, 1000003, 16777216};
    double f[HALF];
    real cosine[HALF], sine[HALF];
    spae_rotary_frequencies(&(spae_rotary){.theta = 10000, .factor = 1}, HALF, f);
    for (size_t p = 0; p < sizeof position / sizeof position[0]; p++) {
        spae_rotary_angles(f, HALF, position[p], cosine, sine);
        for (size_t j = 0; j < HALF; j++) {
            const double a = (double)position[p] * f[j];
            ck_assert_msg(fabs((double)cosine[j] - cos(a)) < 2.5e-7, "position %zu, pair %zu", position[p], j);
            ck_assert_msg(fabs((double)sine[j] - sin(a)) < 2.5e-7, "position %zu, pair %zu", position[p], j);
        }
    }
    spae_rotary_angles(f, HALF, 0, cosine, sine);
    for (size_t j = 0; j < HALF; j++)
        ck_assert(cosine[j] == 1 && sine[j] == 0);
}
END_TEST

/* Short waves stay, long ones are slowed by the factor, between them it is a mixture that falls steadily. */
START_TEST(llama3_scaling_slows_the_long_waves)
{
    const spae_rotary scaled = {.theta = 500000, .factor = 8, .low = 1, .high = 4, .trained = 8192};
    double plain[HALF], f[HALF];
    size_t kept = 0, slowed = 0, mixed = 0;
    spae_rotary_frequencies(&(spae_rotary){.theta = 500000, .factor = 1}, HALF, plain);
    spae_rotary_frequencies(&scaled, HALF, f);
    for (size_t j = 0; j < HALF; j++) {
        const double wave = 2 * 3.14159265358979323846 / plain[j], share = f[j] / plain[j];
        if (wave < 8192.0 / 4) {
            kept++;
            ck_assert_double_eq(f[j], plain[j]);
        } else if (wave > 8192.0) {
            slowed++;
            ck_assert_double_eq(f[j], plain[j] / 8);
        } else {
            const double smooth = (8192 / wave - 1) / 3;
            mixed++;
            ck_assert_double_eq_tol(share, (1 - smooth) / 8 + smooth, 1e-14);
        }
    }
    ck_assert(kept == 29 && mixed == 6 && slowed == 29);
}
END_TEST

/* A quarter turn and a half turn. */
START_TEST(turning_by_hand_and_back)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    static const real cosine[] = {0, -1, 1, (real)0.5}, sine[] = {1, 0, 0, 2};
    spae_var x = leaf_of(&f, spae_shape_of(2, 1, 1, 1, 4), (const real[]){1, 2, 3, 4, 10, 20, 30, 40});
    spae_var y = spae_rotate(&f.tape, x, cosine, sine);
    ck_assert_value(y, -3, -2, 1, -4, 10, -70, 30, 60);
    spae_var u = leaf_of(&f, x->shape, (const real[]){1, 2, 3, 4, 10, 20, 30, 40}), back = gradient_of(&f, y, u, x);
    ck_assert_value(back, 3, -2, -1, -4, 10, 90, 30, -20);
    ck_assert_value(gradient_of(&f, back, x, u), -3, -2, 1, -4, 10, -70, 30, 60); /* turning back's gradient turns */
    real flat[8];
    memcpy(flat, x->value, sizeof flat);
    spae_rotate_array(flat, 2, 1, 2, cosine, sine, flat);
    ck_assert(same_bits(flat, y->value, 8));
    fixture_close(&f);
}
END_TEST

/* q . k depends on the distance of their positions only. */
START_TEST(products_depend_on_distances)
{
    double f[8], dot[2];
    real cosine[8], sine[8], q[16], k[16], a[16], b[16];
    spae_rotary_frequencies(&(spae_rotary){.theta = 10000, .factor = 1}, 8, f);
    fill(q, 16, 1);
    fill(k, 16, 2);
    for (size_t i = 0; i < 2; i++) {
        const size_t from = i == 0 ? 5 : 90005;
        spae_rotary_angles(f, 8, from + 11, cosine, sine);
        spae_rotate_array(q, 1, 1, 8, cosine, sine, a);
        spae_rotary_angles(f, 8, from, cosine, sine);
        spae_rotate_array(k, 1, 1, 8, cosine, sine, b);
        dot[i] = 0;
        for (size_t j = 0; j < 16; j++)
            dot[i] += (double)a[j] * (double)b[j];
    }
    ck_assert_double_eq_tol(dot[0], dot[1], 3e-5);
}
END_TEST

START_TEST(odd_heads_are_refused)
{
    fixture f;
    const real one = 1;
    fixture_open(&f, SPAE_TAPE_RECORD);
    ck_assert_refused(&f, spae_rotate(&f.tape, random_leaf(&f, spae_shape_of(1, 1, 1, 2, 5), 1), &one, &one), SPAE_ERR_SHAPE,
                      "(2 and 5)");
    ck_assert_ptr_null(spae_rotate(&f.tape, NULL, &one, &one));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_rotary, "nn/rotary", frequencies_are_powers_of_the_base, angles_are_accurate_at_any_position,
      llama3_scaling_slows_the_long_waves, turning_by_hand_and_back, products_depend_on_distances, odd_heads_are_refused)
