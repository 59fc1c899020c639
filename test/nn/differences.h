/* Gradients of the tape held against differences of values, to any order.
 *
 *     F_0(x, u) = sum(y(x) * u)          u: an upstream gradient, itself an input
 *     F_k       = sum over the inputs i of sum(dF_(k-1)/d input_i * v_i)      v: fixed directions, new for each k
 *
 * For each k the gradient that the tape gives for F_k with respect to every element of every input is held against
 *     ( 8 (F_k(x + h) - F_k(x - h)) - (F_k(x + 2h) - F_k(x - 2h)) ) / 12 h
 * whose error is h^4 F^(5) / 30 and the rounding of F over h. F_1 tests that gradients are differentiated rightly,
 * F_2 that second derivatives are. In binary64 this leaves no room for a wrong term; in binary32 it is coarse, and the
 * exact identities of the suites do the work.
 */
#ifndef SPAE_TEST_DIFFERENCES_H
#define SPAE_TEST_DIFFERENCES_H

#include <math.h>

#include "../../nn/ops.h"
#include "../check.h"

enum { MOST_INPUTS = 4, MOST_ORDERS = 3 };

typedef struct {
    double step, tolerance;
    unsigned orders; /* F_0 .. F_(orders-1) */
} difference_rule;

static inline difference_rule difference_rule_of_build(void)
{
    const difference_rule fine = {0x1p-12, 1e-8, MOST_ORDERS}, coarse = {0x1p-5, 2e-3, 1};
    return sizeof(real) == sizeof(double) ? fine : coarse;
}

/* A function of up to three inputs. Inputs lie in [low, high], or when low < 0 and `apart`, at least 0.2 from 0. */
typedef struct {
    const char *name;
    spae_var (*make)(spae_tape *tape, const spae_var *x);
    size_t count;
    spae_shape shape[MOST_INPUTS - 1];
    double low, high;
    bool apart;
    unsigned linear; /* bit i: the function is linear, without a constant, in input i */
} difference_case;

static inline void *test_allocate(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static inline void test_release(void *context, void *block)
{
    (void)context;
    free(block);
}

static inline spae_arena test_arena(void)
{
    spae_arena arena;
    spae_arena_growing(&arena, (spae_allocator){test_allocate, test_release, NULL});
    return arena;
}

/* A number in [0,1) that looks random, by formula. */
static inline double scattered(uint32_t stream, size_t i)
{
    uint32_t x = stream * UINT32_C(2654435769) + (uint32_t)i * UINT32_C(2246822519) + 1;
    x = (x ^ (x >> 15)) * UINT32_C(739982445);
    x = (x ^ (x >> 12)) * UINT32_C(695872825);
    return (double)((x ^ (x >> 15)) >> 8) / 16777216.0;
}

typedef struct {
    const difference_case *test;
    spae_arena arena;
    size_t inputs; /* the function's, and u */
    spae_shape shape[MOST_INPUTS];
    real *value[MOST_INPUTS], *direction[MOST_ORDERS][MOST_INPUTS];
} difference_trial;

static inline real *filled(spae_arena *arena, spae_shape shape, uint32_t stream, double low, double high)
{
    const size_t count = spae_shape_count(shape);
    real *x = spae_arena_take(arena, count, sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < count; i++)
        x[i] = (real)(low + (high - low) * scattered(stream, i));
    return x;
}

static inline void move_from_zero(real *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] += x[i] < 0 ? (real)-0.2 : (real)0.2;
}

/* The shape of the function's result, from a tape that only plans. */
static inline spae_shape result_shape(const difference_case *test, spae_arena *arena)
{
    spae_tape tape;
    spae_error err;
    spae_var x[MOST_INPUTS];
    spae_tape_start(&tape, arena, SPAE_TAPE_PLAN, &err);
    for (size_t i = 0; i < test->count; i++)
        x[i] = spae_tape_leaf(&tape, test->shape[i], NULL);
    spae_var y = test->make(&tape, x);
    ck_assert_msg(y != NULL, "%s: %s", test->name, err.text);
    return y->shape;
}

static inline difference_trial difference_start(const difference_case *test)
{
    difference_trial t = {.test = test, .arena = test_arena(), .inputs = test->count + 1};
    for (size_t i = 0; i < test->count; i++) {
        t.shape[i] = test->shape[i];
        t.value[i] = filled(&t.arena, t.shape[i], (uint32_t)i + 1, test->low, test->high);
        if (test->apart)
            move_from_zero(t.value[i], spae_shape_count(t.shape[i]));
    }
    t.shape[test->count] = result_shape(test, &t.arena);
    t.value[test->count] = filled(&t.arena, t.shape[test->count], 9, -1, 1);
    for (uint32_t k = 0; k < MOST_ORDERS; k++)
        for (uint32_t i = 0; i < t.inputs; i++)
            t.direction[k][i] = filled(&t.arena, t.shape[i], 10 + 4 * k + i, -1, 1);
    return t;
}

/* F_order on a tape, with its inputs as leaves. */
static inline spae_var difference_make(const difference_trial *t, spae_tape *tape, unsigned order, spae_var *leaf)
{
    spae_var d[MOST_INPUTS];
    for (size_t i = 0; i < t->inputs; i++)
        leaf[i] = spae_tape_leaf(tape, t->shape[i], t->value[i]);
    spae_var f = spae_sum(tape, spae_mul(tape, t->test->make(tape, leaf), leaf[t->test->count]));
    for (unsigned k = 0; k < order; k++) {
        spae_tape_gradient(tape, f, NULL, leaf, t->inputs, d);
        f = NULL;
        for (size_t i = 0; i < t->inputs; i++) {
            spae_var v = spae_tape_constant(tape, t->shape[i], t->direction[k][i]);
            spae_var part = spae_sum(tape, spae_mul(tape, d[i], v));
            f = f == NULL ? part : spae_add(tape, f, part);
        }
    }
    ck_assert_msg(f != NULL, "%s: order %u failed", t->test->name, order);
    return f;
}

static inline double difference_value(difference_trial *t, unsigned order)
{
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    spae_tape tape;
    spae_var leaf[MOST_INPUTS];
    spae_tape_start(&tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    const double f = (double)difference_make(t, &tape, order, leaf)->value[0];
    spae_arena_reset(&t->arena, mark);
    return f;
}

static inline double difference_quotient(difference_trial *t, unsigned order, real *x, double h)
{
    const real was = *x;
    double f[4];
    const double places[4] = {-2, -1, 1, 2};
    for (size_t i = 0; i < 4; i++) {
        *x = (real)((double)was + places[i] * h);
        f[i] = difference_value(t, order);
    }
    *x = was;
    return (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h);
}

static inline void difference_check_order(difference_trial *t, unsigned order, difference_rule rule)
{
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    spae_tape tape;
    spae_var leaf[MOST_INPUTS], d[MOST_INPUTS];
    spae_tape_start(&tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    spae_var f = difference_make(t, &tape, order, leaf);
    ck_assert_int_eq(spae_tape_gradient(&tape, f, NULL, leaf, t->inputs, d), SPAE_OK);
    for (size_t i = 0; i < t->inputs; i++)
        for (size_t j = 0; j < spae_shape_count(t->shape[i]); j++) {
            const double got = (double)d[i]->value[j];
            const double expected = difference_quotient(t, order, &t->value[i][j], rule.step);
            ck_assert_msg(fabs(got - expected) <= rule.tolerance * (1 + fabs(expected)),
                          "%s, order %u, input %zu[%zu]: difference %.12g, gradient %.12g", t->test->name, order, i, j,
                          expected, got);
        }
    spae_arena_reset(&t->arena, mark);
}

/* Every order that the build can tell. */
static inline void difference_check(const difference_case *test)
{
    const difference_rule rule = difference_rule_of_build();
    difference_trial t = difference_start(test);
    for (unsigned order = 0; order < rule.orders; order++)
        difference_check_order(&t, order, rule);
    spae_arena_free(&t.arena);
}

/* sum(a * b) exactly, for whole numbers */
static inline double whole_product(const real *a, const real *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* A function linear in input i gives sum(x_i * dF/dx_i) = F_0: exactly, on small whole numbers. */
static inline void linear_check(const difference_case *test)
{
    difference_trial t = difference_start(test);
    spae_tape tape;
    spae_var leaf[MOST_INPUTS], d[MOST_INPUTS];
    for (size_t i = 0; i < t.inputs; i++)
        for (size_t j = 0; j < spae_shape_count(t.shape[i]); j++)
            t.value[i][j] = (real)(floor(8 * scattered((uint32_t)i + 50, j)) - 3) * 8;
    spae_tape_start(&tape, &t.arena, SPAE_TAPE_RECORD, NULL);
    spae_var f = difference_make(&t, &tape, 0, leaf);
    ck_assert_int_eq(spae_tape_gradient(&tape, f, NULL, leaf, t.inputs, d), SPAE_OK);
    for (size_t i = 0; i < t.inputs; i++)
        if (i == test->count || (test->linear >> i & 1) != 0)
            ck_assert_msg(whole_product(leaf[i]->value, d[i]->value, spae_shape_count(t.shape[i])) ==
                              (double)f->value[0],
                          "%s: not linear, or another adjoint, in input %zu", test->name, i);
    spae_arena_free(&t.arena);
}

#endif
