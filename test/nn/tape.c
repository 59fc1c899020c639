/* The tape: modes, failures, and gradients of gradients. */
#include "fixture.h"

static const size_t one[3] = {1, 1, 1};

/* y = x^3 + 2 x^2 */
static spae_var polynomial(fixture *f, spae_var x)
{
    spae_var square = spae_mul(&f->tape, x, x);
    return spae_add(&f->tape, spae_mul(&f->tape, square, x), spae_scale(&f->tape, square, 2));
}

START_TEST(gradients_of_gradients_of_a_polynomial)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(3), (const real[]){2, -1, 0});
    spae_var y = polynomial(&f, x);
    ck_assert_value(y, 16, 1, 0);
    y = gradient_of(&f, y, NULL, x);
    ck_assert_value(y, 20, -1, 0); /* 3 x^2 + 4 x */
    y = gradient_of(&f, y, NULL, x);
    ck_assert_value(y, 16, -2, 4); /* 6 x + 4 */
    y = gradient_of(&f, y, NULL, x);
    ck_assert_value(y, 6, 6, 6);
    y = gradient_of(&f, y, NULL, x);
    ck_assert_value(y, 0, 0, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(a_node_used_twice_gets_both_gradients)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = number(&f, 3), z = number(&f, 5);
    ck_assert_value(gradient_of(&f, spae_add(&f.tape, x, x), NULL, x), 2);
    ck_assert_value(gradient_of(&f, spae_sub(&f.tape, x, x), NULL, x), 0);
    spae_var product = spae_mul(&f.tape, x, z);
    ck_assert_value(gradient_of(&f, spae_mul(&f.tape, product, product), NULL, x), 150); /* 2 x z^2 */
    fixture_close(&f);
}
END_TEST

START_TEST(interior_nodes_and_the_result_itself_can_be_asked_for)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = number(&f, 3), twice = spae_scale(&f.tape, x, 2), y = spae_mul(&f.tape, twice, twice);
    const spae_var asked[] = {x, twice, y, x};
    spae_var g[4];
    ck_assert_int_eq(spae_tape_gradient(&f.tape, y, NULL, asked, 4, g), SPAE_OK);
    ck_assert_value(g[0], 24);
    ck_assert_value(g[1], 12);
    ck_assert_value(g[2], 1);
    ck_assert_value(g[3], 24); /* the same leaf asked for twice */
    fixture_close(&f);
}
END_TEST

START_TEST(what_y_does_not_depend_on_has_gradient_zero)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(2), (const real[]){1, 2}), other = leaf_of(&f, vector(2), (const real[]){3, 4});
    spae_var fixed = spae_tape_constant(&f.tape, vector(2), (const real[]){5, 6});
    spae_var y = spae_mul(&f.tape, x, fixed);
    ck_assert_value(gradient_of(&f, y, NULL, other), 0, 0);
    ck_assert_value(gradient_of(&f, y, NULL, fixed), 0, 0);
    ck_assert_value(gradient_of(&f, y, NULL, x), 5, 6);
    ck_assert_value(gradient_of(&f, spae_tape_filled(&f.tape, vector(2), 9), NULL, x), 0, 0);
    spae_var later = number(&f, 1); /* made after y */
    ck_assert_value(gradient_of(&f, y, NULL, later), 0);
    fixture_close(&f);
}
END_TEST

START_TEST(dy_weighs_the_gradient_and_is_differentiable)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(2), (const real[]){2, 3}), dy = leaf_of(&f, vector(2), (const real[]){10, 100});
    spae_var g = gradient_of(&f, spae_mul(&f.tape, x, x), dy, x);
    ck_assert_value(g, 40, 600);
    ck_assert_value(gradient_of(&f, g, NULL, dy), 4, 6); /* d (2 x dy) / d dy */
    fixture_close(&f);
}
END_TEST

START_TEST(a_failure_stays_and_the_first_text_is_kept)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(2), (const real[]){1, 2}), three = leaf_of(&f, vector(3), (const real[]){1, 2, 3});
    spae_var y = spae_mul(&f.tape, x, x);
    ck_assert_ptr_null(spae_add(&f.tape, x, three));
    ck_assert_str_eq(f.err.text, "add: operands have different shapes (2 and 3)");
    ck_assert_ptr_null(spae_mul(&f.tape, x, x)); /* sound in itself, but the tape has failed */
    ck_assert_ptr_null(spae_reshape(&f.tape, x, vector(7)));
    ck_assert_ptr_null(spae_tape_leaf(&f.tape, vector(1), NULL));
    ck_assert_ptr_null(spae_tape_filled(&f.tape, vector(1), 1));
    spae_var g = x;
    ck_assert_int_eq(spae_tape_gradient(&f.tape, y, NULL, &x, 1, &g), SPAE_ERR_SHAPE);
    ck_assert_ptr_null(g);
    ck_assert_str_eq(f.err.text, "add: operands have different shapes (2 and 3)");
    fixture_close(&f);
}
END_TEST

START_TEST(null_goes_in_and_comes_out)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_tape *t = &f.tape;
    spae_var x = number(&f, 1);
    const int32_t index[] = {0};
    const spae_var made[] = {
        spae_add(t, NULL, x), spae_add(t, x, NULL), spae_sub(t, NULL, x), spae_mul(t, x, NULL), spae_scale(t, NULL, 2),
        spae_offset(t, NULL, 2), spae_exp(t, NULL), spae_reciprocal(t, NULL), spae_inverse_root(t, NULL),
        spae_sigmoid(t, NULL), spae_swish(t, NULL), spae_leaky_relu(t, NULL, 1), spae_reshape(t, NULL, vector(1)),
        spae_broadcast(t, NULL, vector(1)), spae_reduce(t, NULL, vector(1)), spae_sum(t, NULL),
        spae_mean_square(t, NULL), spae_stop_gradient(t, NULL), spae_straight_through(t, NULL, x->value),
        spae_convolve(t, NULL, x, NULL, one), spae_convolve(t, x, NULL, NULL, one), spae_dense(t, NULL, x, NULL),
        spae_dense(t, x, NULL, NULL), spae_dense_transposed(t, NULL, x, NULL), spae_standardize(t, NULL, 1, 1),
        spae_affine(t, NULL, x, NULL), spae_affine(t, x, NULL, NULL), spae_group_norm(t, NULL, x, x, 1, 1),
        spae_average_pool(t, NULL, one), spae_upsample(t, NULL, one), spae_gather_rows(t, NULL, index, 1),
        spae_pick(t, NULL, index), spae_softmax(t, NULL), spae_log_sum_exp(t, NULL),
        spae_tape_keep(t, spae_arena_here(&f.arena), NULL)};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        ck_assert_msg(made[i] == NULL, "operation %zu makes something of nothing", i);
    ck_assert_int_eq(f.tape.status, SPAE_OK);
    fixture_close(&f);
}
END_TEST

START_TEST(a_planning_tape_computes_nothing_and_counts)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_PLAN);
    const size_t stride[3] = {1, 2, 2};
    spae_var x = spae_tape_constant(&f.tape, spae_shape_of(1, 1, 100000, 100000, 3), NULL);
    spae_var k = spae_tape_leaf(&f.tape, spae_shape_of(1, 3, 3, 3, 8), NULL);
    spae_var y = spae_swish(&f.tape, spae_convolve(&f.tape, x, k, NULL, stride));
    y = spae_group_norm(&f.tape, y, spae_tape_leaf(&f.tape, vector(8), NULL), NULL, 2, 1e-6);
    y = spae_mean_square(&f.tape, spae_upsample(&f.tape, y, stride));
    ck_assert_ptr_nonnull(y);
    ck_assert_ptr_null(y->value);
    ck_assert_uint_eq(f.tape.multiply_adds, (uint64_t)50000 * 50000 * 8 * 27);
    ck_assert_uint_eq(f.memory.calls, 1); /* nodes only: 400 GB of values were not asked for */
    fixture_close(&f);
}
END_TEST

START_TEST(a_running_tape_drops_what_is_not_kept)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RUN);
    real input[100];
    fill(input, 100, 1);
    spae_var x = spae_tape_constant(&f.tape, vector(100), input);
    const spae_arena_mark mark = spae_arena_here(&f.arena);
    spae_var direct = spae_scale(&f.tape, x, 3);
    const size_t one_step = f.arena.used - mark.used;
    real expected[100];
    memcpy(expected, direct->value, sizeof expected);
    spae_arena_reset(&f.arena, mark);
    spae_var y = x;
    for (int i = 0; i < 50; i++)
        y = spae_tape_keep(&f.tape, mark, spae_scale(&f.tape, spae_add(&f.tape, x, spae_add(&f.tape, x, x)), 1));
    ck_assert_uint_eq(f.arena.used - mark.used, one_step);
    ck_assert(same_bits(y->value, expected, 100));
    fixture_close(&f);
}
END_TEST

/* The result moves within a block, from a later block, and out of a view. */
START_TEST(keep_moves_results_of_any_size_and_views)
{
    for (size_t n = 1; n < 200000; n = n * 3 + 1) {
        fixture f;
        fixture_open(&f, SPAE_TAPE_RUN);
        real *input = malloc(n * sizeof *input), *expected = malloc(n * sizeof *expected);
        fill(input, n, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
            expected[i] = input[i] + input[i];
        spae_var x = spae_tape_constant(&f.tape, vector(n), input);
        const spae_arena_mark mark = spae_arena_here(&f.arena);
        spae_var y = spae_add(&f.tape, spae_offset(&f.tape, x, 0), x);
        y = spae_tape_keep(&f.tape, mark, spae_reshape(&f.tape, y, spae_shape_of(1, 1, 1, n, 1)));
        ck_assert_uint_eq(y->shape.axis[SPAE_AXIS_W], n);
        ck_assert(same_bits(y->value, expected, n));
        free(input);
        free(expected);
        fixture_close(&f);
    }
}
END_TEST

START_TEST(keep_leaves_a_recording_tape_alone)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = number(&f, 2);
    const spae_arena_mark mark = spae_arena_here(&f.arena);
    spae_var y = spae_mul(&f.tape, x, x);
    ck_assert_ptr_eq(spae_tape_keep(&f.tape, mark, y), y);
    ck_assert_value(gradient_of(&f, y, NULL, x), 4);
    fixture_close(&f);
}
END_TEST

/* Every size of memory either is refused or gives the right gradient. */
START_TEST(memory_runs_out_at_every_size)
{
    static unsigned char memory[16384];
    real three = 3;
    size_t refused = 0, done = 0;
    for (size_t bytes = 0; bytes < sizeof memory; bytes += 48) {
        spae_arena arena;
        spae_error err;
        spae_tape tape;
        spae_arena_fixed(&arena, memory, bytes);
        spae_tape_start(&tape, &arena, SPAE_TAPE_RECORD, &err);
        spae_var x = spae_tape_leaf(&tape, vector(1), &three);
        spae_var y = spae_mul(&tape, spae_mul(&tape, x, x), x), g = NULL;
        if (spae_tape_gradient(&tape, y, NULL, &x, 1, &g) == SPAE_OK) {
            ck_assert_value(g, 27);
            done++;
        } else {
            ck_assert_int_eq(tape.status, SPAE_ERR_NO_MEMORY);
            ck_assert_uint_eq(done, 0);
            refused++;
        }
    }
    ck_assert(refused > 10 && done > 10);
}
END_TEST

/* A chain through every kind of operation: x (1,1,6,5,4) and a kernel (1,3,3,4,8) to a number. */
static spae_var long_way(spae_tape *tape, spae_var x, spae_var kernel, const int32_t *index)
{
    const size_t two[3] = {1, 2, 2};
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    spae_var y = spae_tape_keep(tape, mark, spae_convolve(tape, x, kernel, NULL, one));
    y = spae_swish(tape, spae_standardize(tape, spae_average_pool(tape, y, two), 2, 1e-6));
    y = spae_tape_keep(tape, mark, spae_leaky_relu(tape, spae_upsample(tape, y, two), (real)0.25));
    y = spae_tape_keep(tape, mark, spae_softplus(tape, spae_blur_pool(tape, y)));
    y = spae_gather_rows(tape, spae_sigmoid(tape, spae_offset(tape, y, 1)), index, 3);
    y = spae_tape_keep(tape, mark, spae_mul(tape, spae_softmax(tape, y), spae_exp(tape, spae_scale(tape, y, -1))));
    spae_var sum = spae_sub(tape, spae_log_sum_exp(tape, y), spae_pick(tape, y, index));
    spae_var mean = spae_mean_square(tape, spae_broadcast(tape, sum, spae_shape_of(1, 1, 1, 3, 7)));
    y = spae_dense(tape, spae_inverse_root(tape, y), spae_tape_filled(tape, spae_shape_of(1, 1, 1, 8, 2), 1), NULL);
    y = spae_sum(tape, spae_stop_gradient(tape, spae_reciprocal(tape, y)));
    return spae_tape_keep(tape, mark, spae_add(tape, mean, y));
}

typedef struct {
    size_t used, peak;
    uint64_t multiply_adds;
} cost;

static cost way_costs(spae_tape_mode mode)
{
    static real input[120], weights[288];
    const int32_t index[3] = {2, 0, 2};
    fixture f;
    fixture_open(&f, mode);
    fill(input, 120, 1);
    fill(weights, 288, 2);
    spae_var x = spae_tape_leaf(&f.tape, spae_shape_of(1, 1, 6, 5, 4), input);
    spae_var k = spae_tape_leaf(&f.tape, spae_shape_of(1, 3, 3, 4, 8), weights);
    spae_var y = long_way(&f.tape, x, k, index);
    ck_assert_ptr_nonnull(y);
    if (spae_tape_records(&f.tape)) {
        const spae_var asked[2] = {x, k};
        spae_var g[2];
        ck_assert_int_eq(spae_tape_gradient(&f.tape, y, NULL, asked, 2, g), SPAE_OK);
        gradient_of(&f, spae_mean_square(&f.tape, g[0]), NULL, k); /* and a gradient of the gradient */
    }
    ck_assert(spae_computes(y) == !spae_tape_plans(&f.tape));
    const cost c = {f.arena.used, f.arena.peak, f.tape.multiply_adds};
    fixture_close(&f);
    return c;
}

START_TEST(a_plan_accounts_for_every_byte)
{
    static const spae_tape_mode modes[2][2] = {{SPAE_TAPE_RUN, SPAE_TAPE_PLAN_RUN},
                                               {SPAE_TAPE_RECORD, SPAE_TAPE_PLAN_RECORD}};
    for (size_t i = 0; i < 2; i++) {
        const cost run = way_costs(modes[i][0]), plan = way_costs(modes[i][1]);
        ck_assert_uint_eq(run.used, plan.used);
        ck_assert_uint_eq(run.peak, plan.peak);
        ck_assert_uint_eq(run.multiply_adds, plan.multiply_adds);
    }
    ck_assert_uint_lt(way_costs(SPAE_TAPE_PLAN_RUN).peak, way_costs(SPAE_TAPE_PLAN_RECORD).peak);
}
END_TEST

START_TEST(a_plan_beyond_all_memory_is_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_PLAN_RECORD);
    const size_t n = SIZE_MAX / 16;
    spae_var x = spae_tape_leaf(&f.tape, vector(n), NULL), y = x;
    for (int i = 0; i < 20; i++)
        y = spae_scale(&f.tape, y, 2);
    ck_assert_ptr_null(y);
    ck_assert_int_eq(f.tape.status, SPAE_ERR_NO_MEMORY);
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_tape, "nn/tape", gradients_of_gradients_of_a_polynomial, a_node_used_twice_gets_both_gradients,
      interior_nodes_and_the_result_itself_can_be_asked_for, what_y_does_not_depend_on_has_gradient_zero,
      dy_weighs_the_gradient_and_is_differentiable, a_failure_stays_and_the_first_text_is_kept,
      null_goes_in_and_comes_out, a_planning_tape_computes_nothing_and_counts,
      a_running_tape_drops_what_is_not_kept, keep_moves_results_of_any_size_and_views,
      keep_leaves_a_recording_tape_alone, memory_runs_out_at_every_size, a_plan_accounts_for_every_byte,
      a_plan_beyond_all_memory_is_refused)
