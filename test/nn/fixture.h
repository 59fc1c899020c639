/* What the suites of nn/ share: a tape over watched memory, tensors from formulas, comparison to the bit. */
#ifndef SPAE_TEST_NN_FIXTURE_H
#define SPAE_TEST_NN_FIXTURE_H

#include <math.h>

#include "nn/ops.h"
#include "test/check.h"
#include "test/memory.h"

typedef struct {
    watch memory;
    spae_arena arena;
    spae_tape tape;
    spae_error err;
} fixture;

static inline void fixture_open(fixture *f, spae_tape_mode mode)
{
    memset(&f->err, 0, sizeof f->err);
    watched_arena(&f->arena, &f->memory, 0);
    spae_tape_start(&f->tape, &f->arena, mode, &f->err);
}

static inline void fixture_close(fixture *f)
{
    spae_arena_free(&f->arena);
    ck_assert_uint_eq(f->memory.live, 0);
}

static inline spae_shape vector(size_t n)
{
    return spae_shape_of(1, 1, 1, 1, n);
}

/* A leaf whose elements are the caller's. */
static inline spae_var leaf_of(fixture *f, spae_shape shape, const real *value)
{
    const size_t n = spae_shape_count(shape);
    real *copy = spae_arena_take(&f->arena, n, sizeof *copy);
    memcpy(copy, value, n * sizeof *copy);
    return spae_tape_leaf(&f->tape, shape, copy);
}

static inline spae_var number(fixture *f, real x)
{
    return leaf_of(f, vector(1), &x);
}

static inline uint32_t draw(uint32_t *state) /* 24 bits of a linear congruential generator */
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Multiples of 2^-20 in [-4,4). */
static inline void fill(real *x, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++)
        x[i] = ((real)draw(&seed) - (real)8388608) / (real)2097152;
}

/* Whole numbers -3..3: sums and products of a few hundred of them are exact in any order. */
static inline void fill_whole(real *x, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (real)(draw(&seed) % 7) - 3;
}

static inline spae_var random_leaf(fixture *f, spae_shape shape, uint32_t seed)
{
    spae_var x = spae_tape_leaf(&f->tape, shape, spae_arena_take(&f->arena, spae_shape_count(shape), sizeof(real)));
    fill(x->value, spae_shape_count(shape), seed);
    return x;
}

static inline spae_var whole_leaf(fixture *f, spae_shape shape, uint32_t seed)
{
    spae_var x = random_leaf(f, shape, seed);
    fill_whole(x->value, spae_shape_count(shape), seed);
    return x;
}

/* The gradient of sum(y dy) with respect to one node. */
static inline spae_var gradient_of(fixture *f, spae_var y, spae_var dy, spae_var x)
{
    spae_var g;
    ck_assert_int_eq(spae_tape_gradient(&f->tape, y, dy, &x, 1, &g), SPAE_OK);
    return g;
}

static inline bool same_bits(const real *a, const real *b, size_t n)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

static inline double inner(spae_var a, spae_var b) /* exact for whole numbers */
{
    double s = 0;
    for (size_t i = 0; i < spae_shape_count(a->shape); i++)
        s += (double)a->value[i] * (double)b->value[i];
    return s;
}

/* The operation is refused with this status, and the text says `part`. */
#define ck_assert_refused(f, expression, code, part)                    \
    do {                                                                \
        ck_assert_ptr_null(expression);                                 \
        ck_assert_int_eq((f)->tape.status, code);                       \
        ck_assert_ptr_nonnull(strstr((f)->err.text, part));             \
        spae_tape_start(&(f)->tape, &(f)->arena, (f)->tape.mode, &(f)->err); \
    } while (0)

#define ck_assert_value(var, ...)                                                            \
    do {                                                                                     \
        const real expected_[] = {__VA_ARGS__};                                              \
        const spae_node *const got_ = (var);                                                 \
        ck_assert_ptr_nonnull(got_);                                                         \
        ck_assert_uint_eq(spae_shape_count(got_->shape), sizeof expected_ / sizeof(real));   \
        for (size_t i_ = 0; i_ < sizeof expected_ / sizeof(real); i_++)                      \
            ck_assert_double_eq((double)got_->value[i_], (double)expected_[i_]);             \
    } while (0)

#endif
