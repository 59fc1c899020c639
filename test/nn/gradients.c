/* Gradients of every operation of nn/ops.h, of any order, against differences; and what holds exactly: adjoints on
 * whole numbers, straight-through, stop-gradient. Differences tell most in the ORACLE build (differences.h). */
#include "../../nn/adversarial.h"
#include "differences.h"

/* Shorthand for a shape. */
#define S(n, t, h, w, c) {{n, t, h, w, c}}

static spae_var make_add(spae_tape *tape, const spae_var *x)
{
    return spae_add(tape, x[0], x[1]);
}

static spae_var make_sub(spae_tape *tape, const spae_var *x)
{
    return spae_sub(tape, x[0], x[1]);
}

static spae_var make_mul(spae_tape *tape, const spae_var *x)
{
    return spae_mul(tape, x[0], x[1]);
}

/* One node consumed four times: contributions to a gradient add up. */
static spae_var make_shared(spae_tape *tape, const spae_var *x)
{
    spae_var twice = spae_add(tape, x[0], x[0]);
    return spae_mul(tape, spae_mul(tape, twice, x[0]), twice);
}

static spae_var make_scale(spae_tape *tape, const spae_var *x)
{
    return spae_scale(tape, x[0], (real)-2.5);
}

static spae_var make_offset(spae_tape *tape, const spae_var *x)
{
    return spae_offset(tape, x[0], (real)0.75);
}

static spae_var make_exp(spae_tape *tape, const spae_var *x)
{
    return spae_exp(tape, x[0]);
}

static spae_var make_reciprocal(spae_tape *tape, const spae_var *x)
{
    return spae_reciprocal(tape, x[0]);
}

static spae_var make_inverse_root(spae_tape *tape, const spae_var *x)
{
    return spae_inverse_root(tape, x[0]);
}

static spae_var make_sigmoid(spae_tape *tape, const spae_var *x)
{
    return spae_sigmoid(tape, x[0]);
}

static spae_var make_swish(spae_tape *tape, const spae_var *x)
{
    return spae_swish(tape, x[0]);
}

static spae_var make_softplus(spae_tape *tape, const spae_var *x)
{
    return spae_softplus(tape, x[0]);
}

static spae_var make_softplus_generator(spae_tape *tape, const spae_var *x)
{
    return spae_softplus_generator(tape, x[0]);
}

static spae_var make_softplus_discriminator(spae_tape *tape, const spae_var *x)
{
    return spae_softplus_discriminator(tape, x[0], x[1]);
}

static spae_var make_hinge_generator(spae_tape *tape, const spae_var *x)
{
    return spae_hinge_generator(tape, x[0]);
}

/* Of logits in [-0.9, 0.9], away from the corners at 1 and -1; times itself for a second order. */
static spae_var make_hinge_discriminator(spae_tape *tape, const spae_var *x)
{
    spae_var y = spae_hinge_discriminator(tape, x[0], x[1]);
    return spae_mul(tape, y, y);
}

/* Corners at -3 and 3: every sample is on the side that counts. */
static spae_var make_lecam(spae_tape *tape, const spae_var *x)
{
    return spae_lecam_loss(tape, x[0], x[1], (spae_lecam){.real_ = 3, .fake = -3});
}

/* logit = sum of softplus(x) x w: the penalty's gradient is of second order, and is differentiated twice more. */
static spae_var make_r1(spae_tape *tape, const spae_var *x)
{
    spae_var each = spae_mul(tape, spae_mul(tape, spae_softplus(tape, x[0]), x[0]), x[1]);
    return spae_r1_penalty(tape, spae_reduce(tape, each, spae_shape_of(2, 1, 1, 1, 1)), x[0], 10, NULL);
}

static spae_var make_blur_pool(spae_tape *tape, const spae_var *x)
{
    return spae_blur_pool(tape, x[0]);
}

static spae_var make_leaky_relu(spae_tape *tape, const spae_var *x)
{
    return spae_leaky_relu(tape, x[0], (real)0.25);
}

/* Times itself, so that the second order is not zero. */
static spae_var make_leaky_square(spae_tape *tape, const spae_var *x)
{
    return spae_mul(tape, make_leaky_relu(tape, x), x[0]);
}

static spae_var make_reshape(spae_tape *tape, const spae_var *x)
{
    return spae_reshape(tape, x[0], spae_shape_of(1, 3, 1, 2, 2));
}

static spae_var make_broadcast(spae_tape *tape, const spae_var *x)
{
    return spae_broadcast(tape, x[0], spae_shape_of(2, 1, 3, 2, 2));
}

static spae_var make_reduce_channels(spae_tape *tape, const spae_var *x)
{
    return spae_reduce(tape, x[0], spae_shape_of(2, 1, 1, 3, 1));
}

static spae_var make_reduce_places(spae_tape *tape, const spae_var *x)
{
    return spae_reduce(tape, x[0], spae_shape_of(1, 1, 1, 1, 2));
}

static spae_var make_sum(spae_tape *tape, const spae_var *x)
{
    return spae_sum(tape, x[0]);
}

static spae_var make_mean_square(spae_tape *tape, const spae_var *x)
{
    return spae_mean_square(tape, x[0]);
}

static spae_var make_l2(spae_tape *tape, const spae_var *x)
{
    return spae_mean_square(tape, spae_sub(tape, x[0], x[1]));
}

static spae_var make_convolve(spae_tape *tape, const spae_var *x)
{
    return spae_convolve(tape, x[0], x[1], NULL, (const size_t[]){1, 1, 1});
}

static spae_var make_convolve_bias(spae_tape *tape, const spae_var *x)
{
    return spae_convolve(tape, x[0], x[1], x[2], (const size_t[]){1, 1, 1});
}

static spae_var make_convolve_stride(spae_tape *tape, const spae_var *x)
{
    return spae_convolve(tape, x[0], x[1], NULL, (const size_t[]){1, 2, 3});
}

static spae_var make_convolve_padded(spae_tape *tape, const spae_var *x)
{
    return spae_convolve_padded(tape, x[0], x[1], NULL, (const size_t[]){1, 2, 2}, (const size_t[]){0, 1, 2});
}

static spae_var make_max_pool(spae_tape *tape, const spae_var *x)
{
    const size_t three[] = {1, 3, 3}, two[] = {1, 2, 2}, one[] = {0, 1, 1};
    return spae_mul(tape, spae_max_pool(tape, x[0], three, two, one), spae_max_pool(tape, x[0], three, two, NULL));
}

static spae_var make_enlarge(spae_tape *tape, const spae_var *x)
{
    return spae_resize(tape, x[0], 5, 3);
}

static spae_var make_shrink(spae_tape *tape, const spae_var *x)
{
    return spae_resize(tape, x[0], 2, 3);
}

static spae_var make_normalize(spae_tape *tape, const spae_var *x)
{
    return spae_normalize(tape, x[0], x[1], x[2]);
}

static spae_var make_batch_norm(spae_tape *tape, const spae_var *x) /* scale and bias the same, the mean as well */
{
    return spae_batch_norm(tape, x[0], x[1], x[1], x[1], x[2], 0.01);
}

static spae_var make_root(spae_tape *tape, const spae_var *x)
{
    return spae_root(tape, x[0]);
}

static spae_var make_dense(spae_tape *tape, const spae_var *x)
{
    return spae_dense(tape, x[0], x[1], NULL);
}

static spae_var make_dense_bias(spae_tape *tape, const spae_var *x)
{
    return spae_dense(tape, x[0], x[1], x[2]);
}

static spae_var make_dense_transposed(spae_tape *tape, const spae_var *x)
{
    return spae_dense_transposed(tape, x[0], x[1], NULL);
}

/* The kernel packed beforehand, as the codebook is: a constant. */
static spae_var make_dense_packed(spae_tape *tape, const spae_var *x)
{
    enum { CI = 5, CO = 2 };
    static const real kernel[CI * CO] = {1, -2, 3, 5, -7, 11, 0, 4, -6, 8};
    real *packed = spae_arena_take(tape->arena, spae_dense_packed_size(CI, CO), sizeof *packed);
    spae_var k = spae_tape_constant(tape, spae_shape_of(1, 1, 1, CI, CO), kernel);
    ck_assert_ptr_nonnull(packed);
    spae_dense_pack(kernel, CI, CO, packed);
    return spae_dense_transposed(tape, x[0], k, packed);
}

static spae_var make_standardize(spae_tape *tape, const spae_var *x)
{
    return spae_standardize(tape, x[0], 2, 1e-6);
}

/* Variance and eps of the same size. */
static spae_var make_standardize_eps(spae_tape *tape, const spae_var *x)
{
    return spae_standardize(tape, x[0], 1, 0.5);
}

static spae_var make_group_norm(spae_tape *tape, const spae_var *x)
{
    return spae_group_norm(tape, x[0], x[1], x[2], 2, 1e-3);
}

static spae_var make_affine(spae_tape *tape, const spae_var *x)
{
    return spae_affine(tape, x[0], x[1], x[2]);
}

static spae_var make_affine_scale(spae_tape *tape, const spae_var *x)
{
    return spae_affine(tape, x[0], x[1], NULL);
}

static spae_var make_average_pool(spae_tape *tape, const spae_var *x)
{
    return spae_average_pool(tape, x[0], (const size_t[]){1, 2, 2});
}

static spae_var make_average_pool_time(spae_tape *tape, const spae_var *x)
{
    return spae_average_pool(tape, x[0], (const size_t[]){2, 2, 2});
}

static spae_var make_upsample(spae_tape *tape, const spae_var *x)
{
    return spae_upsample(tape, x[0], (const size_t[]){2, 1, 3});
}

/* A row twice, a row never, out of order. */
static spae_var make_gather(spae_tape *tape, const spae_var *x)
{
    static const int32_t index[] = {3, 0, 3, 1};
    return spae_gather_rows(tape, x[0], index, 4);
}

static spae_var make_pick(spae_tape *tape, const spae_var *x)
{
    static const int32_t index[] = {2, 0, 1, 2};
    return spae_pick(tape, x[0], index);
}

static spae_var make_softmax(spae_tape *tape, const spae_var *x)
{
    return spae_softmax(tape, x[0]);
}

static spae_var make_log_sum_exp(spae_tape *tape, const spae_var *x)
{
    return spae_log_sum_exp(tape, x[0]);
}

static const difference_case cases[] = {
    {"add", make_add, 2, {S(1, 1, 2, 1, 3), S(1, 1, 2, 1, 3)}, -1, 1, false, 0},
    {"sub", make_sub, 2, {S(1, 1, 2, 1, 3), S(1, 1, 2, 1, 3)}, -1, 1, false, 0},
    {"mul", make_mul, 2, {S(1, 1, 2, 1, 3), S(1, 1, 2, 1, 3)}, -1, 1, false, 3},
    {"shared", make_shared, 1, {S(1, 1, 1, 2, 3)}, -1, 1, false, 0},
    {"scale", make_scale, 1, {S(1, 1, 1, 2, 3)}, -1, 1, false, 1},
    {"offset", make_offset, 1, {S(1, 1, 1, 2, 3)}, -1, 1, false, 0},
    {"exp", make_exp, 1, {S(1, 1, 1, 2, 3)}, -1, 1, false, 0},
    {"reciprocal", make_reciprocal, 1, {S(1, 1, 1, 2, 3)}, 1, 2, false, 0},
    {"inverse root", make_inverse_root, 1, {S(1, 1, 1, 2, 3)}, 1, 2, false, 0},
    {"sigmoid", make_sigmoid, 1, {S(1, 1, 1, 2, 4)}, -4, 4, false, 0},
    {"swish", make_swish, 1, {S(1, 1, 1, 2, 4)}, -4, 4, false, 0},
    {"softplus", make_softplus, 1, {S(1, 1, 1, 2, 4)}, -4, 4, false, 0},
    {"softplus generator", make_softplus_generator, 1, {S(3, 1, 1, 1, 1)}, -4, 4, false, 0},
    {"softplus discriminator", make_softplus_discriminator, 2, {S(3, 1, 1, 1, 1), S(2, 1, 1, 1, 1)}, -4, 4, false, 0},
    {"hinge generator", make_hinge_generator, 1, {S(4, 1, 1, 1, 1)}, -4, 4, false, 1},
    {"hinge discriminator", make_hinge_discriminator, 2, {S(3, 1, 1, 1, 1), S(2, 1, 1, 1, 1)}, -0.9, 0.9, false, 0},
    {"lecam", make_lecam, 2, {S(3, 1, 1, 1, 1), S(2, 1, 1, 1, 1)}, -2, 2, false, 0},
    {"r1 penalty", make_r1, 2, {S(2, 1, 1, 2, 2), S(2, 1, 1, 2, 2)}, -1, 1, false, 0},
    {"leaky relu", make_leaky_relu, 1, {S(1, 1, 1, 2, 4)}, -1, 1, true, 1},
    {"leaky relu squared", make_leaky_square, 1, {S(1, 1, 1, 2, 4)}, -1, 1, true, 0},
    {"reshape", make_reshape, 1, {S(1, 1, 2, 3, 2)}, -1, 1, false, 1},
    {"broadcast", make_broadcast, 1, {S(1, 1, 3, 1, 2)}, -1, 1, false, 1},
    {"reduce channels", make_reduce_channels, 1, {S(2, 2, 1, 3, 2)}, -1, 1, false, 1},
    {"reduce places", make_reduce_places, 1, {S(2, 1, 2, 2, 2)}, -1, 1, false, 1},
    {"sum", make_sum, 1, {S(2, 1, 2, 1, 3)}, -1, 1, false, 1},
    {"mean square", make_mean_square, 1, {S(1, 2, 1, 2, 3)}, -1, 1, false, 0},
    {"l2", make_l2, 2, {S(2, 1, 2, 1, 3), S(2, 1, 2, 1, 3)}, -1, 1, false, 0},
    {"convolve", make_convolve, 2, {S(2, 1, 3, 2, 2), S(1, 3, 3, 2, 2)}, -1, 1, false, 3},
    {"convolve 1x1", make_convolve, 2, {S(1, 1, 2, 2, 3), S(1, 1, 1, 3, 2)}, -1, 1, false, 3},
    {"convolve 2x4", make_convolve, 2, {S(1, 1, 3, 3, 1), S(1, 2, 4, 1, 2)}, -1, 1, false, 3},
    {"convolve video", make_convolve, 2, {S(1, 3, 2, 2, 1), S(3, 3, 3, 1, 1)}, -1, 1, false, 3},
    {"convolve with bias", make_convolve_bias, 3, {S(2, 1, 2, 2, 1), S(1, 3, 3, 1, 2), S(1, 1, 1, 1, 2)}, -1, 1,
     false, 0},
    {"convolve with strides", make_convolve_stride, 2, {S(1, 1, 4, 5, 2), S(1, 3, 3, 2, 1)}, -1, 1, false, 3},
    {"convolve with given padding", make_convolve_padded, 2, {S(1, 1, 4, 3, 2), S(1, 3, 3, 2, 1)}, -1, 1, false, 3},
    {"dense", make_dense, 2, {S(1, 1, 2, 2, 3), S(1, 1, 1, 3, 2)}, -1, 1, false, 3},
    {"dense with bias", make_dense_bias, 3, {S(1, 1, 1, 3, 2), S(1, 1, 1, 2, 3), S(1, 1, 1, 1, 3)}, -1, 1, false, 0},
    {"dense transposed", make_dense_transposed, 2, {S(1, 1, 1, 3, 2), S(1, 1, 1, 4, 2)}, -1, 1, false, 3},
    {"dense transposed, packed", make_dense_packed, 1, {S(1, 1, 3, 1, 2)}, -1, 1, false, 1},
    {"standardize", make_standardize, 1, {S(2, 1, 2, 2, 4)}, -1, 1, false, 0},
    {"standardize with a large eps", make_standardize_eps, 1, {S(2, 1, 1, 1, 5)}, -1, 1, false, 0},
    {"group norm", make_group_norm, 3, {S(1, 1, 2, 2, 4), S(1, 1, 1, 1, 4), S(1, 1, 1, 1, 4)}, -1, 1, false, 0},
    {"affine", make_affine, 3, {S(1, 1, 2, 2, 3), S(1, 1, 1, 1, 3), S(1, 1, 1, 1, 3)}, -1, 1, false, 0},
    {"affine without bias", make_affine_scale, 2, {S(2, 1, 1, 2, 3), S(1, 1, 1, 1, 3)}, -1, 1, false, 3},
    {"average pool", make_average_pool, 1, {S(2, 1, 3, 4, 2)}, -1, 1, false, 1},
    {"average pool of time", make_average_pool_time, 1, {S(1, 3, 3, 2, 1)}, -1, 1, false, 1},
    {"blur pool", make_blur_pool, 1, {S(2, 1, 3, 4, 2)}, -1, 1, false, 1},
    {"blur pool of frames", make_blur_pool, 1, {S(1, 2, 2, 5, 1)}, -1, 1, false, 1},
    {"max pool", make_max_pool, 1, {S(2, 1, 4, 3, 2)}, -4, 4, false, 0},
    {"enlarge", make_enlarge, 1, {S(1, 2, 2, 2, 2)}, -1, 1, false, 0},
    {"shrink", make_shrink, 1, {S(2, 1, 4, 6, 1)}, -1, 1, false, 1},
    {"normalize", make_normalize, 3, {S(2, 1, 1, 2, 2), S(1, 1, 1, 1, 2), S(1, 1, 1, 1, 2)}, -1, 1, false, 0},
    {"batch norm", make_batch_norm, 3, {S(2, 1, 1, 2, 2), S(1, 1, 1, 1, 2), S(1, 1, 1, 1, 2)}, 1, 2, false, 0},
    {"root", make_root, 1, {S(1, 1, 1, 2, 3)}, 1, 2, false, 0},
    {"upsample", make_upsample, 1, {S(2, 1, 2, 1, 2)}, -1, 1, false, 1},
    {"gather rows", make_gather, 1, {S(1, 1, 2, 2, 2)}, -1, 1, false, 1},
    {"pick", make_pick, 1, {S(1, 1, 2, 2, 3)}, -1, 1, false, 1},
    {"softmax", make_softmax, 1, {S(1, 1, 2, 1, 4)}, -2, 2, false, 0},
    {"log sum exp", make_log_sum_exp, 1, {S(1, 1, 1, 3, 4)}, -2, 2, false, 0},
};

enum { CASES = sizeof cases / sizeof cases[0] };

START_TEST(every_operation_against_differences)
{
    for (size_t i = 0; i < CASES; i++)
        difference_check(&cases[i]);
}
END_TEST

START_TEST(linear_operations_have_their_adjoint)
{
    for (size_t i = 0; i < CASES; i++)
        if (cases[i].linear != 0)
            linear_check(&cases[i]);
}
END_TEST

/* ---- definitions that differences cannot see ---- */

static spae_tape tape_in(spae_arena *arena)
{
    spae_tape tape;
    spae_tape_start(&tape, arena, SPAE_TAPE_RECORD, NULL);
    return tape;
}

static const spae_shape three = S(1, 1, 1, 1, 3);

START_TEST(straight_through_takes_a_value_and_passes_the_gradient)
{
    spae_arena arena = test_arena();
    spae_tape tape = tape_in(&arena);
    real x[] = {1, 2, 3}, dy[] = {5, -7, 11};
    const real value[] = {-4, 0, 9};
    spae_var d, leaf = spae_tape_leaf(&tape, three, x);
    spae_var y = spae_straight_through(&tape, leaf, value);
    ck_assert_mem_eq(y->value, value, sizeof value);
    ck_assert_int_eq(spae_tape_gradient(&tape, y, spae_tape_constant(&tape, three, dy), &leaf, 1, &d), SPAE_OK);
    ck_assert_mem_eq(d->value, dy, sizeof dy);
    ck_assert(x[0] == 1 && x[1] == 2 && x[2] == 3);
    spae_arena_free(&arena);
}
END_TEST

/* sg(x) x has gradient sg(x), not 2 x; sg(x) alone has none. */
START_TEST(stop_gradient_keeps_the_value_and_cuts_the_gradient)
{
    spae_arena arena = test_arena();
    spae_tape tape = tape_in(&arena);
    real x[] = {1, -2, 3};
    const real zero[] = {0, 0, 0};
    spae_var d, leaf = spae_tape_leaf(&tape, three, x), stopped = spae_stop_gradient(&tape, leaf);
    ck_assert_mem_eq(stopped->value, x, sizeof x);
    ck_assert_int_eq(spae_tape_gradient(&tape, stopped, NULL, &leaf, 1, &d), SPAE_OK);
    ck_assert_mem_eq(d->value, zero, sizeof zero);
    spae_var y = spae_mul(&tape, stopped, leaf);
    ck_assert_int_eq(spae_tape_gradient(&tape, y, NULL, &leaf, 1, &d), SPAE_OK);
    ck_assert_mem_eq(d->value, x, sizeof x);
    spae_arena_free(&arena);
}
END_TEST

/* What y does not depend on gets zeros; an intermediate node gets its own gradient; constants stop the sweep. */
START_TEST(gradients_of_unused_and_intermediate_nodes)
{
    spae_arena arena = test_arena();
    spae_tape tape = tape_in(&arena);
    real a[] = {1, 2, 3}, b[] = {4, 5, 6};
    const real k[] = {10, 20, 30}, zero[] = {0, 0, 0}, twice[] = {20, 40, 60};
    spae_var x[] = {spae_tape_leaf(&tape, three, a), spae_tape_leaf(&tape, three, b), NULL}, d[3];
    x[2] = spae_scale(&tape, x[0], 2);
    spae_var y = spae_mul(&tape, x[2], spae_tape_constant(&tape, three, k));
    ck_assert_int_eq(spae_tape_gradient(&tape, y, NULL, x, 3, d), SPAE_OK);
    ck_assert_mem_eq(d[0]->value, twice, sizeof twice);
    ck_assert_mem_eq(d[1]->value, zero, sizeof zero);
    ck_assert_mem_eq(d[2]->value, k, sizeof k);
    spae_arena_free(&arena);
}
END_TEST

/* leaky ReLU at 0 is on the side of x >= 0, from either zero. */
START_TEST(leaky_relu_at_its_corner)
{
    spae_arena arena = test_arena();
    spae_tape tape = tape_in(&arena);
    real x[] = {0, (real)-0.0, -1};
    const real slopes[] = {1, 1, (real)0.25};
    spae_var d, leaf = spae_tape_leaf(&tape, three, x), y = spae_leaky_relu(&tape, leaf, (real)0.25);
    ck_assert_int_eq(spae_tape_gradient(&tape, y, NULL, &leaf, 1, &d), SPAE_OK);
    ck_assert_mem_eq(d->value, slopes, sizeof slopes);
    spae_arena_free(&arena);
}
END_TEST

/* The root has no gradient at 0, where the quotient has no limit: 0 is passed on, of any order. */
START_TEST(root_at_its_corner)
{
    spae_arena arena = test_arena();
    spae_tape tape = tape_in(&arena);
    real x[] = {0, 4, 0};
    const real slopes[] = {0, (real)0.25, 0}, bend[] = {0, (real)(-1.0 / 32), 0};
    spae_var d, leaf = spae_tape_leaf(&tape, three, x), y = spae_root(&tape, leaf);
    ck_assert_int_eq(spae_tape_gradient(&tape, y, NULL, &leaf, 1, &d), SPAE_OK);
    ck_assert_mem_eq(d->value, slopes, sizeof slopes);
    ck_assert_int_eq(spae_tape_gradient(&tape, d, NULL, &leaf, 1, &d), SPAE_OK);
    for (size_t i = 0; i < 3; i++)
        ck_assert(d->value[i] == bend[i]);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_nn_gradients, "nn/gradients", every_operation_against_differences, linear_operations_have_their_adjoint,
      straight_through_takes_a_value_and_passes_the_gradient, stop_gradient_keeps_the_value_and_cuts_the_gradient,
      gradients_of_unused_and_intermediate_nodes, leaky_relu_at_its_corner,
      root_at_its_corner)
