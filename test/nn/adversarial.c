/* Adversarial losses: by hand at easy logits, far tails, the LeCAM averages, and R1 of functions whose gradient is known.
 * Differences are in test/nn/gradients.c and test/nn/gradients_discriminator.c. */
#include "nn/adversarial.h"
#include "fixture.h"

static spae_var logits(fixture *f, size_t n, const real *value)
{
    return leaf_of(f, spae_shape_of(n, 1, 1, 1, 1), value);
}

START_TEST(softplus_has_both_tails)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    const real log_two = real_log1p(1), tail = real_exp(-60), huge = sizeof(real) == 4 ? (real)1e38 : (real)1e300;
    spae_var x = leaf_of(&f, vector(6), (const real[]){0, -(real)0, 60, -60, huge, -huge});
    spae_var y = spae_softplus(&f.tape, x);
    ck_assert_value(y, log_two, log_two, 60, real_log1p(tail), huge, 0);
    ck_assert(y->value[3] > 0);
    ck_assert_value(gradient_of(&f, y, NULL, x), (real)0.5, (real)0.5, 1, tail, 1, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(softplus_follows_its_formula_to_the_bit)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, vector(500), 3), y = spae_softplus(&f.tape, x);
    for (size_t i = 0; i < 500; i++) {
        const real v = x->value[i], rest = real_log1p(real_exp(v < 0 ? v : -v)), expected = (v < 0 ? 0 : v) + rest;
        ck_assert(same_bits(&expected, &y->value[i], 1));
    }
    fixture_close(&f);
}
END_TEST

START_TEST(non_saturating_losses_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    const real log_two = real_log1p(1);
    spae_var zero = logits(&f, 1, (const real[]){0}), far = logits(&f, 2, (const real[]){-60, -60});
    ck_assert_value(spae_softplus_generator(&f.tape, zero), log_two);
    ck_assert_value(spae_softplus_generator(&f.tape, far), 60);
    ck_assert_value(gradient_of(&f, spae_softplus_generator(&f.tape, far), NULL, far), (real)-0.5, (real)-0.5);
    ck_assert_value(spae_softplus_discriminator(&f.tape, far, zero), 60 + log_two);
    spae_var both = spae_softplus_discriminator(&f.tape, zero, zero);
    ck_assert_value(gradient_of(&f, both, NULL, zero), 0); /* one node as real and fake: -1/2 + 1/2 */
    fixture_close(&f);
}
END_TEST

START_TEST(hinge_losses_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var a = logits(&f, 4, (const real[]){2, (real)0.5, -3, 0}), b = logits(&f, 2, (const real[]){-2, 3});
    ck_assert_value(spae_hinge_generator(&f.tape, a), (real)0.125);
    ck_assert_value(gradient_of(&f, spae_hinge_generator(&f.tape, b), NULL, b), (real)-0.5, (real)-0.5);
    spae_var y = spae_hinge_discriminator(&f.tape, a, b);
    ck_assert_value(y, (real)1.375 + 2); /* (0 + 1/2 + 4 + 1) / 4, (0 + 4) / 2 */
    ck_assert_value(gradient_of(&f, y, NULL, a), 0, (real)-0.25, (real)-0.25, (real)-0.25);
    ck_assert_value(gradient_of(&f, y, NULL, b), 0, (real)0.5);
    fixture_close(&f);
}
END_TEST

/* Samples are held against the averages one by one: the mean of both logits would give another loss. */
START_TEST(lecam_is_per_sample)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var a = logits(&f, 2, (const real[]){5, -5}), b = logits(&f, 2, (const real[]){-3, 1});
    spae_var y = spae_lecam_loss(&f.tape, a, b, (spae_lecam){.real_ = (real)0.5, .fake = -1});
    ck_assert_value(y, 18 + (real)6.125); /* (6^2 + 0) / 2, (3.5^2 + 0) / 2 */
    ck_assert_value(gradient_of(&f, y, NULL, a), 6, 0);
    ck_assert_value(gradient_of(&f, y, NULL, b), (real)-3.5, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(lecam_averages_move_by_their_decay)
{
    spae_lecam averages = {0, 0};
    const real a[] = {1, 2, 3, 6}, b[] = {-8, -8, 0, 0};
    spae_lecam_update(&averages, 0.75, a, b, 4);
    ck_assert(averages.real_ == (real)0.75 && averages.fake == -1);
    spae_lecam_update(&averages, 0.75, a, b, 1);
    ck_assert(averages.real_ == (real)0.8125 && averages.fake == (real)-2.75);
    spae_lecam_update(&averages, 1, a, b, 4); /* a decay of 1 keeps them */
    ck_assert(averages.real_ == (real)0.8125 && averages.fake == (real)-2.75);
}
END_TEST

/* logit = sum of w x^2 / 2 over the sample: g = w x, penalty = cost mean_n sum (w x)^2, d/dw = cost 2 w sum x^2 / n */
START_TEST(r1_of_a_quadratic_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_tape *t = &f.tape;
    const spae_shape shape = spae_shape_of(2, 1, 1, 2, 1);
    spae_var x = leaf_of(&f, shape, (const real[]){1, 2, 3, -4}), w = number(&f, 3), g;
    spae_var square = spae_scale(t, spae_mul(t, x, x), (real)0.5);
    spae_var y = spae_reduce(t, spae_mul(t, square, spae_broadcast(t, w, shape)), spae_shape_of(2, 1, 1, 1, 1));
    spae_var penalty = spae_r1_penalty(t, y, x, 10, &g);
    ck_assert_value(g, 3, 6, 9, -12);
    ck_assert_value(penalty, 1350);                          /* 10 (45 + 225) / 2 */
    ck_assert_value(gradient_of(&f, penalty, NULL, w), 900); /* 10 * 2 * 3 * 30 / 2 */
    ck_assert_value(gradient_of(&f, penalty, NULL, x), 90, 180, 270, -360);
    ck_assert_value(spae_r1_penalty(t, y, x, 1, NULL), 135);
    fixture_close(&f);
}
END_TEST

START_TEST(r1_of_a_logit_that_does_not_depend_on_x_is_zero)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(2, 1, 2, 2, 3), 1), y = logits(&f, 2, (const real[]){1, 2});
    ck_assert_value(spae_r1_penalty(&f.tape, y, x, 10, NULL), 0);
    fixture_close(&f);
}
END_TEST

START_TEST(a_failed_tape_passes_through)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = logits(&f, 1, (const real[]){1}), none = NULL, g = x;
    ck_assert_ptr_null(spae_softplus_generator(&f.tape, none));
    ck_assert_ptr_null(spae_softplus_discriminator(&f.tape, x, none));
    ck_assert_ptr_null(spae_hinge_generator(&f.tape, none));
    ck_assert_ptr_null(spae_hinge_discriminator(&f.tape, none, x));
    ck_assert_ptr_null(spae_lecam_loss(&f.tape, none, x, (spae_lecam){0, 0}));
    ck_assert_ptr_null(spae_r1_penalty(&f.tape, none, x, 10, &g));
    ck_assert_ptr_null(g);
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_adversarial, "nn/adversarial", softplus_has_both_tails, softplus_follows_its_formula_to_the_bit,
      non_saturating_losses_by_hand, hinge_losses_by_hand, lecam_is_per_sample, lecam_averages_move_by_their_decay,
      r1_of_a_quadratic_by_hand, r1_of_a_logit_that_does_not_depend_on_x_is_zero, a_failed_tape_passes_through)
