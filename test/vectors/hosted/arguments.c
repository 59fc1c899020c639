/* Stage files, calls that must be refused: shapes that do not fit an operation (SPEC 1.8). */
#include "raw.h"

/* What the tape of the case says, which then starts anew. */
static spae_status said(vectors *v)
{
    const spae_status status = v->tape.status;
    spae_tape_start(&v->tape, v->arena, SPAE_TAPE_RECORD, v->err);
    return status;
}

static void convolve(vectors *v, const char *name, spae_shape x, spae_shape kernel, spae_shape bias, const size_t *pad,
                     const char *with, const char *why)
{
    if (!vectors_begin(v, name, "2.1", "convolution", with, why))
        return;
    spae_var a = vectors_constant(v, "x", x, 0, 1), b = vectors_constant(v, "kernel", kernel, 0, 1);
    spae_var c = vectors_constant(v, "bias", bias, 0, 1);
    const size_t stride[3] = {1, 1, 1};
    if (vectors_goes_on(v)) {
        spae_convolve_padded(&v->tape, a, b, c, stride, pad);
        vectors_refusal(v, SPAE_ERR_SHAPE, said(v));
    }
    vectors_end(v);
}

typedef enum { ADD, DENSE } operation;

static void operate(vectors *v, const char *name, operation op, spae_shape x, spae_shape y, const char *clause,
                    const char *op_name, const char *with, const char *second, const char *why)
{
    if (!vectors_begin(v, name, clause, op_name, with, why))
        return;
    spae_var a = vectors_constant(v, "x", x, 0, 1), b = vectors_constant(v, second, y, 0, 1);
    if (vectors_goes_on(v)) {
        if (op == ADD)
            spae_add(&v->tape, a, b);
        else
            spae_dense(&v->tape, a, b, NULL);
        vectors_refusal(v, SPAE_ERR_SHAPE, said(v));
    }
    vectors_end(v);
}

void vectors_arguments(vectors *v)
{
    const char *const one = "{\"stride\":[1,1,1],\"padding\":\"SAME\"}";
    convolve(v, "files/argument_conv_channels", spae_shape_of(1, 1, 4, 4, 3), spae_shape_of(1, 3, 3, 2, 5),
             spae_shape_of(1, 1, 1, 1, 5), NULL, one, "three channels meet a kernel of two");
    convolve(v, "files/argument_conv_bias", spae_shape_of(1, 1, 4, 4, 3), spae_shape_of(1, 3, 3, 3, 5),
             spae_shape_of(1, 1, 1, 1, 4), NULL, one, "five channels meet a bias of four");
    static const size_t none[3] = {0, 0, 0}, three[3] = {0, 3, 3};
    convolve(v, "files/argument_conv_kernel", spae_shape_of(1, 1, 3, 3, 2), spae_shape_of(1, 5, 5, 2, 4),
             spae_shape_of(1, 1, 1, 1, 4), none, "{\"stride\":[1,1,1],\"padding\":[0,0,0]}",
             "a kernel larger than what it is laid over");
    convolve(v, "files/argument_conv_padding", spae_shape_of(1, 1, 3, 3, 2), spae_shape_of(1, 3, 3, 2, 4),
             spae_shape_of(1, 1, 1, 1, 4), three, "{\"stride\":[1,1,1],\"padding\":[0,3,3]}",
             "padding as wide as the kernel: outputs of nothing but zeros");
    operate(v, "files/argument_add", ADD, spae_shape_of(1, 1, 1, 2, 3), spae_shape_of(1, 1, 1, 3, 2), "3.1", "add",
            "{}", "y", "a sum of different shapes");
    operate(v, "files/argument_dense", DENSE, spae_shape_of(1, 1, 1, 2, 3), spae_shape_of(1, 1, 1, 2, 4), "2.1",
            "dense", "{}", "kernel", "three channels meet two rows");
}
