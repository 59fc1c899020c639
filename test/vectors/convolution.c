/* Stage convolution: SPEC 2. */
#include "vectors.h"

static void same_3x3(vectors *v)
{
    vectors_begin(v, "convolution/same_3x3", "2.1 2.2 2.3 2.4", "convolution",
                  "{\"stride\":[1,1,1],\"padding\":\"SAME\"}", "three taps a side, a bias, two examples");
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 1, 5, 4, 3), 0, 1);
    spae_var kernel = vectors_leaf(v, "kernel", spae_shape_of(1, 3, 3, 3, 2), 0, 0.5);
    spae_var bias = vectors_leaf(v, "bias", spae_shape_of(1, 1, 1, 1, 2), 0, 0.25);
    const size_t stride[3] = {1, 1, 1};
    spae_var y = spae_convolve(&v->tape, x, kernel, bias, stride);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

void vectors_convolution(vectors *v)
{
    same_3x3(v);
}
