/* Operations on rows: choosing rows, columns and elements, joining columns, softmax and log-sum-exp (SPEC 3.6, 3.9, 3.23).
 *
 * x is seen as (rows, c). For each row, with m its largest element (exact; SPEC 1.10):
 *     e_k = exp(x_k - m)                   in `real`, correctly rounded
 *     S   = e_0 + e_1 + ...                binary64, index order, rounded to `real` once
 *     softmax_k = e_k / S                  log_sum_exp = m + log S
 */
#include "ops.h"

#include <string.h>

static size_t width_of(spae_var x)
{
    return x->shape.axis[SPAE_AXIS_C];
}

static size_t rows_of(spae_var x)
{
    return spae_shape_count(x->shape) / width_of(x);
}

static spae_shape column(size_t rows)
{
    return spae_shape_of(1, 1, 1, rows, 1);
}

/* ---- gather rows, and its adjoint: scatter, adding in the order of the index ---- */

static void gather_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void scatter_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op gather_op = {"gather_rows", gather_pullback};
static const spae_op scatter_op = {"scatter_rows", scatter_pullback};

spae_var spae_gather_rows(spae_tape *tape, spae_var x, const int32_t *index, size_t count)
{
    if (x == NULL)
        return NULL;
    const size_t c = width_of(x);
    spae_var y = spae_tape_node(tape, &gather_op, spae_shape_of(1, 1, 1, count, c), 1, x, NULL, NULL);
    if (y != NULL)
        y->with.index = index;
    if (spae_computes(y))
        for (size_t i = 0; i < count; i++)
            memcpy(y->value + i * c, x->value + (size_t)index[i] * c, c * sizeof(real));
    return y;
}

static spae_var scatter_rows(spae_tape *tape, spae_var x, const int32_t *index, spae_shape shape)
{
    spae_var y = spae_tape_node(tape, &scatter_op, shape, 1, x, NULL, NULL);
    if (y != NULL)
        y->with.index = index;
    if (!spae_computes(y))
        return y;
    const size_t c = width_of(y), count = rows_of(x);
    memset(y->value, 0, spae_shape_count(shape) * sizeof(real));
    for (size_t i = 0; i < count; i++) {
        real *row = y->value + (size_t)index[i] * c;
        for (size_t j = 0; j < c; j++)
            row[j] += x->value[i * c + j];
    }
    return y;
}

static void gather_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? scatter_rows(tape, dy, y->with.index, y->input[0]->shape) : NULL;
}

static void scatter_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_gather_rows(tape, dy, y->with.index, rows_of(y->input[0])) : NULL;
}

/* ---- columns of each row, and its adjoint: put them among zeros ---- */

static void columns_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void put_columns_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op columns_op = {"columns", columns_pullback};
static const spae_op put_columns_op = {"put_columns", put_columns_pullback};

spae_var spae_columns(spae_tape *tape, spae_var x, size_t first, size_t count)
{
    if (x == NULL)
        return NULL;
    const size_t c = width_of(x);
    if (count == 0 || count > c || first > c - count)
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "columns: none, or beyond the last (first and count)", first, count);
    spae_shape shape = x->shape;
    shape.axis[SPAE_AXIS_C] = count;
    spae_var y = spae_tape_node(tape, &columns_op, shape, 1, x, NULL, NULL);
    if (y != NULL)
        y->with.offset = first;
    if (spae_computes(y))
        for (size_t i = 0, rows = rows_of(x); i < rows; i++)
            memcpy(y->value + i * count, x->value + i * c + first, count * sizeof(real));
    return y;
}

static spae_var put_columns(spae_tape *tape, spae_var x, size_t first, spae_shape shape)
{
    spae_var y = spae_tape_node(tape, &put_columns_op, shape, 1, x, NULL, NULL);
    if (y != NULL)
        y->with.offset = first;
    if (!spae_computes(y))
        return y;
    const size_t c = width_of(y), count = width_of(x);
    memset(y->value, 0, spae_shape_count(shape) * sizeof(real));
    for (size_t i = 0, rows = rows_of(x); i < rows; i++)
        memcpy(y->value + i * c + first, x->value + i * count, count * sizeof(real));
    return y;
}

static void columns_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? put_columns(tape, dy, y->with.offset, y->input[0]->shape) : NULL;
}

static void put_columns_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_columns(tape, dy, y->with.offset, width_of(y->input[0])) : NULL;
}

/* ---- rows of two side by side; the adjoints are columns ---- */

static void join_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    const size_t left = width_of(y->input[0]), right = width_of(y->input[1]);
    d[0] = spae_wants(y, 0) ? spae_columns(tape, dy, 0, left) : NULL;
    d[1] = spae_wants(y, 1) ? spae_columns(tape, dy, left, right) : NULL;
}

static const spae_op join_op = {"join_columns", join_pullback};

spae_var spae_join_columns(spae_tape *tape, spae_var a, spae_var b)
{
    if (a == NULL || b == NULL)
        return NULL;
    const size_t left = width_of(a), right = width_of(b);
    spae_shape shape = a->shape;
    shape.axis[SPAE_AXIS_C] = right;
    if (!spae_shape_equal(shape, b->shape))
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "join_columns: other rows (elements)", spae_shape_count(a->shape),
                                spae_shape_count(b->shape));
    shape.axis[SPAE_AXIS_C] = left + right;
    spae_var y = spae_tape_node(tape, &join_op, shape, 2, a, b, NULL);
    for (size_t i = 0, rows = spae_computes(y) ? rows_of(a) : 0; i < rows; i++) {
        real *to = y->value + i * (left + right);
        memcpy(to, a->value + i * left, left * sizeof(real));
        memcpy(to + left, b->value + i * right, right * sizeof(real));
    }
    return y;
}

/* ---- pick one element of each row, and its adjoint: place it among zeros ---- */

static void pick_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void place_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op pick_op = {"pick", pick_pullback};
static const spae_op place_op = {"place", place_pullback};

spae_var spae_pick(spae_tape *tape, spae_var x, const int32_t *index)
{
    if (x == NULL)
        return NULL;
    const size_t c = width_of(x), rows = rows_of(x);
    spae_var y = spae_tape_node(tape, &pick_op, column(rows), 1, x, NULL, NULL);
    if (y != NULL)
        y->with.index = index;
    if (spae_computes(y))
        for (size_t i = 0; i < rows; i++)
            y->value[i] = x->value[i * c + (size_t)index[i]];
    return y;
}

static spae_var place(spae_tape *tape, spae_var x, const int32_t *index, spae_shape shape)
{
    spae_var y = spae_tape_node(tape, &place_op, shape, 1, x, NULL, NULL);
    if (y != NULL)
        y->with.index = index;
    if (!spae_computes(y))
        return y;
    memset(y->value, 0, spae_shape_count(shape) * sizeof(real));
    for (size_t i = 0, rows = rows_of(y), c = width_of(y); i < rows; i++)
        y->value[i * c + (size_t)index[i]] = x->value[i];
    return y;
}

static void pick_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? place(tape, dy, y->with.index, y->input[0]->shape) : NULL;
}

static void place_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_pick(tape, dy, y->with.index) : NULL;
}

/* ---- softmax and log-sum-exp ---- */

static real largest(const real *x, size_t c)
{
    real m = x[0];
    for (size_t k = 1; k < c; k++)
        m = x[k] > m ? x[k] : m;
    return m;
}

/* e = exp(x - m), e and x may be the same array; returns S */
static real exponentials(const real *x, real m, size_t c, real *e)
{
    for (size_t k = 0; k < c; k++)
        e[k] = x[k] - m;
    real_exp_array(e, e, c);
    double sum = 0;
    for (size_t k = 0; k < c; k++)
        sum += (double)e[k];
    return (real)sum;
}

void spae_softmax_array(const real *x, size_t rows, size_t c, real *y)
{
    for (size_t i = 0; i < rows; i++, x += c, y += c) {
        const real sum = exponentials(x, largest(x, c), c, y);
        for (size_t k = 0; k < c; k++)
            y[k] /= sum;
    }
}

/* dx = y (dy - sum of dy y over the row) */
static void softmax_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (!spae_wants(y, 0) || dy == NULL)
        return;
    spae_shape per_row = y->shape;
    per_row.axis[SPAE_AXIS_C] = 1;
    spae_var mean = spae_reduce(tape, spae_mul(tape, dy, y), per_row);
    d[0] = spae_mul(tape, y, spae_sub(tape, dy, spae_broadcast(tape, mean, y->shape)));
}

static const spae_op softmax_op = {"softmax", softmax_pullback};

spae_var spae_softmax(spae_tape *tape, spae_var x)
{
    spae_var y = x != NULL ? spae_tape_node(tape, &softmax_op, x->shape, 1, x, NULL, NULL) : NULL;
    if (spae_computes(y))
        spae_softmax_array(x->value, rows_of(x), width_of(x), y->value);
    return y;
}

/* dx = dy softmax(x) */
static void log_sum_exp_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (!spae_wants(y, 0))
        return;
    spae_var x = y->input[0];
    spae_shape per_row = x->shape;
    per_row.axis[SPAE_AXIS_C] = 1;
    spae_var weight = spae_broadcast(tape, spae_reshape(tape, dy, per_row), x->shape);
    d[0] = spae_mul(tape, weight, spae_softmax(tape, x));
}

static const spae_op log_sum_exp_op = {"log_sum_exp", log_sum_exp_pullback};

/* Each row in turn through one row of scratch e. */
static void log_sum_exp_rows(const real *x, size_t rows, size_t c, real *e, real *y)
{
    for (size_t i = 0; i < rows; i++) {
        const real m = largest(x + i * c, c);
        y[i] = m + real_log(exponentials(x + i * c, m, c, e));
    }
}

spae_var spae_log_sum_exp(spae_tape *tape, spae_var x)
{
    spae_var y = x != NULL ? spae_tape_node(tape, &log_sum_exp_op, column(rows_of(x)), 1, x, NULL, NULL) : NULL;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    real *e;
    if (y == NULL || !spae_tape_room(tape, width_of(x), &e))
        return NULL;
    if (spae_computes(y))
        log_sum_exp_rows(x->value, rows_of(x), width_of(x), e, y->value);
    spae_arena_reset(tape->arena, mark);
    return y;
}
