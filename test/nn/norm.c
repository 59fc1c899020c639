/* Group normalization against its definition, one group at a time. */
#include "fixture.h"
#include "norm_plain.h"

/* Every width that is written out, others, one channel, one group, more than the 64 groups that are worked on at a time,
 * more channels than a tile, rows that do not fill blocks: groups, width, examples, (t,h,w). */
static const size_t shapes[][6] = {
    {1, 1, 1, 1, 1, 1},   {1, 8, 1, 1, 3, 5},   {3, 4, 2, 1, 4, 4},    {16, 2, 3, 2, 3, 1},  {64, 1, 1, 1, 2, 2},
    {65, 1, 2, 1, 2, 2},  {64, 2, 1, 1, 2, 3},  {390, 1, 1, 1, 1, 2},  {1, 390, 1, 1, 1, 2}, {32, 4, 1, 1, 9, 7},
    {32, 8, 1, 1, 3, 3},  {32, 16, 2, 1, 2, 3}, {70, 8, 1, 1, 2, 2},   {17, 16, 1, 1, 3, 1}, {5, 3, 1, 3, 7, 5},
    {130, 4, 1, 1, 3, 3}, {2, 513, 1, 1, 1, 3}, {1, 1025, 2, 1, 2, 1}, {13, 7, 1, 1, 11, 3}, {33, 16, 1, 1, 1, 1}};

typedef struct {
    plain_norm plain;
    size_t examples, one;
    spae_shape shape;
} trial;

static trial trial_of(const size_t shape[6])
{
    trial t = {.plain = {.positions = shape[3] * shape[4] * shape[5], .c = shape[0] * shape[1], .groups = shape[0]},
               .examples = shape[2],
               .shape = spae_shape_of(shape[2], shape[3], shape[4], shape[5], shape[0] * shape[1])};
    t.one = t.plain.positions * t.plain.c;
    return t;
}

static void check_standardize(trial t, uint32_t seed)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, t.shape, seed), u = random_leaf(&f, t.shape, seed + 100);
    spae_var y = spae_standardize(&f.tape, x, t.plain.groups, 1e-6), dx = gradient_of(&f, y, u, x);
    real *expected = spae_arena_take(&f.arena, t.one, sizeof *expected);
    for (size_t n = 0; n < t.examples; n++) {
        plain_standardize(&t.plain, x->value + n * t.one, 1e-6, expected);
        ck_assert(same_bits(y->value + n * t.one, expected, t.one));
        plain_standardize_gradient(&t.plain, x->value + n * t.one, u->value + n * t.one, 1e-6, expected);
        ck_assert(same_bits(dx->value + n * t.one, expected, t.one));
    }
    fixture_close(&f);
}

START_TEST(standardize_and_its_gradient_are_their_definitions_to_the_bit)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        check_standardize(trial_of(shapes[i]), (uint32_t)i + 1);
}
END_TEST

static void check_norm_swish(trial t, spae_tape_mode mode, uint32_t seed)
{
    fixture f;
    fixture_open(&f, mode);
    spae_var x = random_leaf(&f, t.shape, seed), scale = random_leaf(&f, vector(t.plain.c), seed + 1);
    spae_var bias = random_leaf(&f, vector(t.plain.c), seed + 2);
    spae_var y = spae_group_norm_swish(&f.tape, x, scale, bias, t.plain.groups, 1e-6);
    real *expected = spae_arena_take(&f.arena, t.one, sizeof *expected);
    for (size_t n = 0; n < t.examples; n++) {
        plain_norm_swish(&t.plain, x->value + n * t.one, scale->value, bias->value, 1e-6, expected);
        ck_assert(same_bits(y->value + n * t.one, expected, t.one));
    }
    const real *place = x->value;
    x = spae_group_norm_swish_into(&f.tape, x, scale, bias, t.plain.groups, 1e-6);
    ck_assert_int_eq(x->value == place, mode == SPAE_TAPE_RUN);
    ck_assert(same_bits(x->value, y->value, t.examples * t.one));
    fixture_close(&f);
}

/* Running and recording: another way through memory, the same bits. The last is large enough for threads to start. */
START_TEST(group_norm_and_swish_are_their_definition_to_the_bit)
{
    const size_t large[6] = {32, 4, 1, 1, 23, 29};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        check_norm_swish(trial_of(shapes[i]), SPAE_TAPE_RUN, (uint32_t)i + 1);
        check_norm_swish(trial_of(shapes[i]), SPAE_TAPE_RECORD, (uint32_t)i + 1);
    }
    check_norm_swish(trial_of(large), SPAE_TAPE_RUN, 1);
    check_norm_swish(trial_of(large), SPAE_TAPE_RECORD, 1);
    check_standardize(trial_of(large), 1);
}
END_TEST

START_TEST(equal_values_become_zero)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = spae_tape_filled(&f.tape, spae_shape_of(1, 1, 2, 2, 4), (real)0.1);
    spae_var y = spae_standardize(&f.tape, x, 2, 1e-6);
    for (size_t i = 0; i < 16; i++)
        ck_assert_double_eq_tol((double)y->value[i], 0, 1e-6);
    x = number(&f, 12345);
    ck_assert_value(spae_standardize(&f.tape, x, 1, 1e-6), 0);
    ck_assert_value(gradient_of(&f, spae_standardize(&f.tape, x, 1, 1e-6), NULL, x), 0);
    fixture_close(&f);
}
END_TEST

/* A large common offset: two passes keep the variance, a sum of squares would lose it. */
START_TEST(a_common_offset_changes_nothing)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(4), (const real[]){0, 1, 2, 3});
    spae_var y = spae_standardize(&f.tape, x, 1, 1e-6);
    spae_var z = spae_standardize(&f.tape, spae_offset(&f.tape, x, 1048576), 1, 1e-6);
    ck_assert(same_bits(y->value, z->value, 4));
    fixture_close(&f);
}
END_TEST

/* {-1, 1} with eps 3: var 1, r = 1/2; J u = r (u - mean u - xhat mean(u xhat)) */
START_TEST(two_values_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(2), (const real[]){-1, 1}), u = leaf_of(&f, vector(2), (const real[]){0, 4});
    spae_var y = spae_standardize(&f.tape, x, 1, 3);
    ck_assert_value(y, (real)-0.5, (real)0.5);
    ck_assert_value(gradient_of(&f, y, u, x), (real)-0.75, (real)0.75); /* xhat -+1/2, mean(u xhat) = 1 */
    fixture_close(&f);
}
END_TEST

START_TEST(affine_by_hand_and_its_gradients)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 2), (const real[]){1, 2, 3, 4});
    spae_var scale = leaf_of(&f, vector(2), (const real[]){10, 100}), bias = leaf_of(&f, vector(2), (const real[]){5, 6});
    spae_var y = spae_affine(&f.tape, x, scale, bias);
    ck_assert_value(y, 15, 206, 35, 406);
    ck_assert_value(gradient_of(&f, y, NULL, x), 10, 100, 10, 100);
    ck_assert_value(gradient_of(&f, y, NULL, scale), 4, 6);
    ck_assert_value(gradient_of(&f, y, NULL, bias), 2, 2);
    ck_assert_value(spae_affine(&f.tape, x, scale, NULL), 10, 200, 30, 400);
    fixture_close(&f);
}
END_TEST

START_TEST(group_norm_is_standardize_then_affine)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(2, 1, 3, 3, 8), 1), scale = random_leaf(&f, vector(8), 2);
    spae_var bias = random_leaf(&f, vector(8), 3), y = spae_group_norm(&f.tape, x, scale, bias, 4, 1e-6);
    spae_var z = spae_affine(&f.tape, spae_standardize(&f.tape, x, 4, 1e-6), scale, bias);
    ck_assert(same_bits(y->value, z->value, 144));
    fixture_close(&f);
}
END_TEST

START_TEST(channels_that_do_not_divide_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 1, 2, 2, 6), 1), six = random_leaf(&f, vector(6), 2);
    spae_var five = random_leaf(&f, vector(5), 2);
    ck_assert_refused(&f, spae_standardize(&f.tape, x, 0, 1e-6), SPAE_ERR_SHAPE, "(6 and 0)");
    ck_assert_refused(&f, spae_standardize(&f.tape, x, 4, 1e-6), SPAE_ERR_SHAPE, "(6 and 4)");
    ck_assert_refused(&f, spae_standardize(&f.tape, x, 12, 1e-6), SPAE_ERR_SHAPE, "group norm");
    ck_assert_refused(&f, spae_affine(&f.tape, x, five, NULL), SPAE_ERR_SHAPE, "affine");
    ck_assert_refused(&f, spae_affine(&f.tape, x, six, five), SPAE_ERR_SHAPE, "affine");
    fixture_close(&f);
    fixture_open(&f, SPAE_TAPE_RUN);
    x = random_leaf(&f, spae_shape_of(1, 1, 2, 2, 6), 1), six = random_leaf(&f, vector(6), 2);
    five = random_leaf(&f, vector(5), 2);
    ck_assert_refused(&f, spae_group_norm_swish(&f.tape, x, six, six, 4, 1e-6), SPAE_ERR_SHAPE, "(6 and 4)");
    ck_assert_refused(&f, spae_group_norm_swish(&f.tape, x, five, six, 2, 1e-6), SPAE_ERR_SHAPE, "affine");
    ck_assert_refused(&f, spae_group_norm_swish(&f.tape, x, six, five, 2, 1e-6), SPAE_ERR_SHAPE, "affine");
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_norm, "nn/norm", standardize_and_its_gradient_are_their_definitions_to_the_bit,
      group_norm_and_swish_are_their_definition_to_the_bit, equal_values_become_zero,
      a_common_offset_changes_nothing, two_values_by_hand, affine_by_hand_and_its_gradients,
      group_norm_is_standardize_then_affine, channels_that_do_not_divide_are_refused)
