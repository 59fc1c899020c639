/* Convolutions and dense products on the tape: three forms, closed under differentiation (SPEC 2.1 to 2.5).
 *
 * Write x*k for the forward form, dy~k for the input gradient, x^dy for the kernel gradient. With u the
 * gradient that arrives:
 *     y  = x*k    gives   dx = u~k    dk = x^u     dbias = sum of u over positions (SPEC 2.4)
 *     dx = dy~k   gives  ddy = u*k    dk = u^dy
 *     dk = x^dy   gives   dx = dy~u  ddy = x*u
 */
#include "ops.h"

/* PACKED: the input gradient of a dense product whose kernel is packed already. */
typedef enum { FORWARD, INPUT_GRADIENT, KERNEL_GRADIENT, PACKED } form;

static size_t scratch_of(form which, const spae_conv *s)
{
    return which == FORWARD           ? spae_conv_forward_scratch(s)
           : which == INPUT_GRADIENT  ? spae_conv_input_gradient_scratch(s)
           : which == KERNEL_GRADIENT ? spae_conv_kernel_gradient_scratch(s)
                                      : spae_dense_transposed_scratch(s->in[2], s->ci, s->co);
}

static uint64_t multiply_adds(const spae_conv *s)
{
    return (uint64_t)s->n * s->out[0] * s->out[1] * s->out[2] * s->co * s->kernel[0] * s->kernel[1] * s->kernel[2] *
           s->ci;
}

static void compute(form which, const spae_conv *s, const real *a, const real *b, const real *bias, real *y,
                    real *scratch)
{
    if (which == FORWARD)
        spae_conv_forward(s, a, b, bias, y, scratch);
    else if (which == INPUT_GRADIENT)
        spae_conv_input_gradient(s, a, b, y, scratch);
    else if (which == KERNEL_GRADIENT)
        spae_conv_kernel_gradient(s, a, b, y, scratch);
    else
        spae_dense_transposed_packed(s->in[2], s->ci, s->co, a, b, y, scratch);
}

static const real *value_of(spae_var a)
{
    return a != NULL ? a->value : NULL;
}

/* Fills y, a node of the given form on a, b and bias; its scratch is taken from the tape's arena and given back. */
static spae_var run(spae_tape *tape, form which, const spae_conv *s, spae_var y, const real *a, const real *b,
                    const real *bias)
{
    if (y == NULL)
        return NULL;
    y->with.conv = *s;
    tape->multiply_adds += multiply_adds(s);
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    real *scratch;
    if (!spae_tape_room(tape, scratch_of(which, s), &scratch))
        return NULL;
    if (spae_computes(y))
        compute(which, s, a, b, bias, y->value, scratch);
    spae_arena_reset(tape->arena, mark);
    return y;
}

static spae_shape input_shape(const spae_conv *s)
{
    return spae_shape_of(s->n, s->in[0], s->in[1], s->in[2], s->ci);
}

static spae_shape output_shape(const spae_conv *s)
{
    return spae_shape_of(s->n, s->out[0], s->out[1], s->out[2], s->co);
}

static spae_shape kernel_shape(const spae_conv *s)
{
    return spae_shape_of(s->kernel[0], s->kernel[1], s->kernel[2], s->ci, s->co);
}

/* ---- the three forms ---- */

static spae_var input_gradient(spae_tape *tape, const spae_conv *s, spae_var dy, spae_var k);
static spae_var kernel_gradient(spae_tape *tape, const spae_conv *s, spae_var x, spae_var dy);

static void forward_pullback(spae_tape *tape, spae_var y, spae_var u, spae_var d[3])
{
    const spae_conv *s = &y->with.conv;
    d[0] = spae_wants(y, 0) ? input_gradient(tape, s, u, y->input[1]) : NULL;
    d[1] = spae_wants(y, 1) ? kernel_gradient(tape, s, y->input[0], u) : NULL;
    d[2] = spae_wants(y, 2) ? spae_reduce(tape, u, y->input[2]->shape) : NULL;
}

static const spae_op forward_op = {"convolve", forward_pullback};

static spae_var forward(spae_tape *tape, const spae_conv *s, spae_var x, spae_var k, spae_var bias)
{
    spae_var y = spae_tape_node(tape, &forward_op, output_shape(s), 2, x, k, bias);
    return run(tape, FORWARD, s, y, value_of(x), value_of(k), value_of(bias));
}

static void input_gradient_pullback(spae_tape *tape, spae_var dx, spae_var u, spae_var d[3])
{
    const spae_conv *s = &dx->with.conv;
    d[0] = spae_wants(dx, 0) ? forward(tape, s, u, dx->input[1], NULL) : NULL;
    d[1] = spae_wants(dx, 1) ? kernel_gradient(tape, s, u, dx->input[0]) : NULL;
}

static const spae_op input_gradient_op = {"convolve_input_gradient", input_gradient_pullback};

static spae_var input_gradient(spae_tape *tape, const spae_conv *s, spae_var dy, spae_var k)
{
    spae_var dx = spae_tape_node(tape, &input_gradient_op, input_shape(s), 2, dy, k, NULL);
    return run(tape, INPUT_GRADIENT, s, dx, value_of(dy), value_of(k), NULL);
}

static void kernel_gradient_pullback(spae_tape *tape, spae_var dk, spae_var u, spae_var d[3])
{
    const spae_conv *s = &dk->with.conv;
    d[0] = spae_wants(dk, 0) ? input_gradient(tape, s, dk->input[1], u) : NULL;
    d[1] = spae_wants(dk, 1) ? forward(tape, s, dk->input[0], u, NULL) : NULL;
}

static const spae_op kernel_gradient_op = {"convolve_kernel_gradient", kernel_gradient_pullback};

static spae_var kernel_gradient(spae_tape *tape, const spae_conv *s, spae_var x, spae_var dy)
{
    spae_var dk = spae_tape_node(tape, &kernel_gradient_op, kernel_shape(s), 2, x, dy, NULL);
    return run(tape, KERNEL_GRADIENT, s, dk, value_of(x), value_of(dy), NULL);
}

/* ---- what networks call ---- */

static bool bias_fits(spae_tape *tape, spae_var bias, size_t co)
{
    if (bias == NULL || spae_shape_equal(bias->shape, spae_shape_of(1, 1, 1, 1, co)))
        return true;
    spae_tape_refuse(tape, SPAE_ERR_SHAPE, "convolve: the bias has other channels than the kernel",
                     spae_shape_count(bias->shape), co);
    return false;
}

spae_var spae_convolve(spae_tape *tape, spae_var x, spae_var kernel, spae_var bias, const size_t stride[3])
{
    return spae_convolve_padded(tape, x, kernel, bias, stride, NULL);
}

spae_var spae_convolve_padded(spae_tape *tape, spae_var x, spae_var kernel, spae_var bias, const size_t stride[3],
                              const size_t *pad)
{
    if (x == NULL || kernel == NULL)
        return NULL;
    spae_conv s;
    const size_t *k = kernel->shape.axis;
    if (x->shape.axis[SPAE_AXIS_C] != k[3])
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "convolve: channels of x meet input channels of the kernel",
                                x->shape.axis[SPAE_AXIS_C], k[3]);
    if (!bias_fits(tape, bias, k[4]))
        return NULL;
    if (!spae_conv_padded(&s, x->shape.axis[SPAE_AXIS_N], &x->shape.axis[SPAE_AXIS_T], k[3], k, stride, pad, k[4]))
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE,
                                "convolve: a stride is 0, the padding is not below the kernel, or the kernel does not fit "
                                "the padded x (heights of x and of the kernel)",
                                x->shape.axis[SPAE_AXIS_H], k[1]);
    return forward(tape, &s, x, kernel, bias);
}

/* x with its last axis replaced: the shape of a product of rows. */
static spae_shape with_channels(spae_shape shape, size_t c)
{
    shape.axis[SPAE_AXIS_C] = c;
    return shape;
}

static bool is_matrix(spae_tape *tape, spae_var kernel)
{
    const size_t *k = kernel->shape.axis;
    if (k[0] == 1 && k[1] == 1 && k[2] == 1)
        return true;
    spae_tape_refuse(tape, SPAE_ERR_SHAPE, "dense: the kernel is no matrix (its first two axes)", k[0], k[1]);
    return false;
}

/* The rows of x as (1,1,1,rows,c): what spae_conv_dense describes. */
static spae_var as_rows(spae_tape *tape, spae_var x)
{
    const size_t c = x->shape.axis[SPAE_AXIS_C];
    return spae_reshape(tape, x, spae_shape_of(1, 1, 1, spae_shape_count(x->shape) / c, c));
}

spae_var spae_dense(spae_tape *tape, spae_var x, spae_var kernel, spae_var bias)
{
    if (x == NULL || kernel == NULL || !is_matrix(tape, kernel))
        return NULL;
    const size_t ci = kernel->shape.axis[3], co = kernel->shape.axis[4];
    if (x->shape.axis[SPAE_AXIS_C] != ci)
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "dense: columns of x meet rows of the kernel",
                                x->shape.axis[SPAE_AXIS_C], ci);
    if (!bias_fits(tape, bias, co))
        return NULL;
    const spae_conv s = spae_conv_dense(spae_shape_count(x->shape) / ci, ci, co);
    spae_var y = forward(tape, &s, as_rows(tape, x), kernel, bias);
    return spae_reshape(tape, y, with_channels(x->shape, co));
}

/* The transposed product from a packed kernel; its gradients are those of the unpacked one. */
static spae_var packed_product(spae_tape *tape, const spae_conv *s, spae_var x, spae_var kernel, const real *packed)
{
    spae_var y = spae_tape_node(tape, &input_gradient_op, input_shape(s), 2, x, kernel, NULL);
    return run(tape, PACKED, s, y, value_of(x), packed, NULL);
}

spae_var spae_dense_transposed(spae_tape *tape, spae_var x, spae_var kernel, const real *packed)
{
    if (x == NULL || kernel == NULL || !is_matrix(tape, kernel))
        return NULL;
    const size_t ci = kernel->shape.axis[3], co = kernel->shape.axis[4];
    if (x->shape.axis[SPAE_AXIS_C] != co)
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "dense: columns of x meet columns of the kernel",
                                x->shape.axis[SPAE_AXIS_C], co);
    const spae_conv s = spae_conv_dense(spae_shape_count(x->shape) / co, ci, co);
    spae_var rows = as_rows(tape, x);
    spae_var y = packed != NULL ? packed_product(tape, &s, rows, kernel, packed)
                                : input_gradient(tape, &s, rows, kernel);
    return spae_reshape(tape, y, with_channels(x->shape, ci));
}
