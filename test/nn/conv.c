/* The convolution kernels give the bits of the plain loops, over many shapes and awkward data. */
#include "test/check.h"
#include "nn/conv.h"
#include "conv_plain.h"

enum { FORMS = 3 };

typedef struct {
    real *x, *y, *k, *bias; /* operands                                  */
    real *got, *want;       /* results; the largest of the three forms   */
    real *scratch;
    size_t x_size, y_size, k_size;
} tensors;

static size_t volume(const size_t v[3])
{
    return v[0] * v[1] * v[2];
}

static size_t max3(size_t a, size_t b, size_t c)
{
    const size_t m = a > b ? a : b;
    return m > c ? m : c;
}

/* Exactly `count` elements on the heap, so that sanitizers and valgrind see one step too far. */
static real *reals(size_t count)
{
    real *p = malloc(count * sizeof *p);
    ck_assert_ptr_nonnull(p);
    memset(p, 0xff, count * sizeof *p); /* NaN: nothing unwritten may be read */
    return p;
}

static tensors tensors_of(const spae_conv *s)
{
    tensors t = {0};
    t.x_size = s->n * volume(s->in) * s->ci;
    t.y_size = s->n * volume(s->out) * s->co;
    t.k_size = volume(s->kernel) * s->ci * s->co;
    t.x = reals(t.x_size);
    t.y = reals(t.y_size);
    t.k = reals(t.k_size);
    t.bias = reals(s->co);
    t.got = reals(max3(t.x_size, t.y_size, t.k_size));
    t.want = reals(max3(t.x_size, t.y_size, t.k_size));
    t.scratch = reals(max3(spae_conv_forward_scratch(s), spae_conv_input_gradient_scratch(s),
                           spae_conv_kernel_gradient_scratch(s)));
    return t;
}

static void tensors_free(tensors *t)
{
    free(t->x);
    free(t->y);
    free(t->k);
    free(t->bias);
    free(t->got);
    free(t->want);
    free(t->scratch);
}

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Mixed magnitudes, negative zeros and subnormals; sums of them round at every step. */
static void awkward(real *v, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t r = next(&seed), kind = next(&seed) % 16;
        const real u = ((real)r - (real)8388608) / (real)8388608;
        v[i] = kind == 0   ? -(real)0
               : kind == 1 ? u * (real)1e-38 * (real)1e-3
               : kind == 2 ? u * (real)1e-20
               : kind == 3 ? u * (real)1e6
                           : u;
    }
}

/* Integers in -7..7: every sum of fewer than 2^17 products of two of them is exact in float. */
static void whole(real *v, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++)
        v[i] = (real)((int)(next(&seed) % 15) - 7);
}

static void same_bits(const spae_conv *s, const tensors *t, size_t count, const char *form)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(memcmp(&t->got[i], &t->want[i], sizeof(real)) == 0,
                      "%s: n %zu in %zux%zux%zux%zu out %zux%zux%zux%zu kernel %zux%zux%zu "
                      "stride %zux%zux%zu low %zux%zux%zu: element %zu is %.9g, not %.9g",
                      form, s->n, s->in[0], s->in[1], s->in[2], s->ci, s->out[0], s->out[1],
                      s->out[2], s->co, s->kernel[0], s->kernel[1], s->kernel[2], s->stride[0],
                      s->stride[1], s->stride[2], s->low[0], s->low[1], s->low[2], i,
                      (double)t->got[i], (double)t->want[i]);
}

static void compare_forms(spae_conv s)
{
    tensors t = tensors_of(&s);
    awkward(t.x, t.x_size, 1);
    awkward(t.y, t.y_size, 2);
    awkward(t.k, t.k_size, 3);
    awkward(t.bias, s.co, 4);
    for (int with_bias = 0; with_bias < 2; with_bias++) {
        const real *bias = with_bias ? t.bias : NULL;
        spae_conv_forward(&s, t.x, t.k, bias, t.got, t.scratch);
        plain_forward(&s, t.x, t.k, bias, t.want);
        same_bits(&s, &t, t.y_size, with_bias ? "forward with bias" : "forward");
    }
    spae_conv_input_gradient(&s, t.y, t.k, t.got, t.scratch);
    plain_input_gradient(&s, t.y, t.k, t.want);
    same_bits(&s, &t, t.x_size, "input gradient");
    spae_conv_kernel_gradient(&s, t.x, t.y, t.got, t.scratch);
    plain_kernel_gradient(&s, t.x, t.y, t.want);
    same_bits(&s, &t, t.k_size, "kernel gradient");
    tensors_free(&t);
}

static spae_conv picture(size_t n, size_t h, size_t w, size_t ci, size_t k, size_t stride,
                         size_t co)
{
    return spae_conv_same(n, (const size_t[]){1, h, w}, ci, (const size_t[]){1, k, k},
                          (const size_t[]){1, stride, stride}, co);
}

START_TEST(kernels_1_to_5_and_strides)
{
    for (size_t k = 1; k <= 5; k++)
        for (size_t stride = 1; stride <= 3; stride++) {
            compare_forms(picture(1, 7, 9, 5, k, stride, 7));
            compare_forms(picture(2, 8, 4, 3, k, stride, 20));
            compare_forms(picture(3, 1, 1, 2, k, stride, 3));
        }
}
END_TEST

/* Every channel count about every tile width in use: 16, 32 and 64 lanes. */
START_TEST(channel_counts)
{
    static const size_t count[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  15, 16,
                                   17, 31, 33, 48, 63, 64, 65, 79, 97, 131};
    for (size_t i = 0; i < sizeof count / sizeof *count; i++) {
        compare_forms(picture(1, 3, 5, count[i], 3, 1, 5));
        compare_forms(picture(1, 3, 5, 5, 3, 1, count[i]));
        compare_forms(picture(2, 4, 3, count[i], 1, 1, count[i]));
    }
}
END_TEST

/* Chains longer than a chunk, rows longer than a strip, more pixels than a tile. */
START_TEST(sizes_beyond_one_block)
{
    compare_forms(picture(1, 3, 4, 131, 3, 1, 67));
    compare_forms(picture(1, 2, 5, 67, 5, 2, 131));
    compare_forms(picture(1, 3, 301, 3, 3, 1, 5));
    compare_forms(picture(2, 2, 301, 5, 3, 2, 4));
    compare_forms(picture(2, 17, 19, 4, 3, 1, 6));
    compare_forms(picture(7, 4, 4, 9, 3, 1, 10));
    compare_forms(picture(3, 16, 16, 4, 3, 2, 70));
    compare_forms(picture(1, 2, 2, 3, 1, 1, 600));
    compare_forms(picture(1, 2, 2, 600, 3, 1, 3));
}
END_TEST

/* As many channels as a picture has, or fewer, on either side: narrow tiles, merged taps, exchanged operands. */
START_TEST(few_channels)
{
    static const size_t few[] = {1, 2, 3, 4}, many[] = {8, 17, 40}, width[] = {31, 32, 33, 64, 70};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t w = 0; w < 5; w++) {
                const size_t k = 1 + (i + j + w) % 4, stride = w == 1 ? 2 : 1;
                compare_forms(picture(1 + i % 2, 2, width[w], few[i], k, stride, many[j]));
                compare_forms(picture(1 + j % 2, 2, width[w], many[j], k, stride, few[i]));
            }
    compare_forms(spae_conv_same(2, (const size_t[]){3, 2, 40}, 9, (const size_t[]){3, 2, 3}, (const size_t[]){1, 1, 1}, 3));
    compare_forms(spae_conv_same(2, (const size_t[]){3, 2, 40}, 3, (const size_t[]){3, 2, 3}, (const size_t[]){1, 1, 1}, 9));
}
END_TEST

/* Any shape at all, with so much work that the plain loops stay short. */
START_TEST(random_shapes)
{
    uint32_t state = 2026;
    for (int found = 0; found < 60;) {
        spae_conv s = {.n = 1 + next(&state) % 2, .ci = 1 + next(&state) % 140, .co = 1 + next(&state) % 140};
        double work = (double)(s.n * s.ci * s.co);
        for (int a = 0; a < 3; a++) {
            s.in[a] = 1 + next(&state) % (a == 0 ? 3 : a == 1 ? 9 : 75);
            s.out[a] = 1 + next(&state) % s.in[a];
            s.kernel[a] = 1 + next(&state) % (a == 0 ? 2 : 5);
            s.stride[a] = 1 + next(&state) % 3 / 2;
            s.low[a] = next(&state) % s.kernel[a];
            work *= (double)(s.out[a] * s.kernel[a]);
        }
        if (work > 1e6)
            continue;
        compare_forms(s);
        found++;
    }
}
END_TEST

START_TEST(every_small_size)
{
    for (size_t n = 1; n <= 3; n++)
        for (size_t h = 1; h <= 4; h++)
            for (size_t w = 1; w <= 8; w++)
                compare_forms(picture(n, h, w, 3, 3, 1 + (h + w) % 2, 4));
}
END_TEST

START_TEST(video)
{
    static const size_t in[][3] = {{5, 4, 3}, {1, 6, 7}, {4, 1, 1}, {2, 5, 1}};
    static const size_t kernel[][3] = {{3, 3, 3}, {3, 1, 1}, {1, 3, 3}, {2, 4, 3}};
    static const size_t stride[][3] = {{1, 1, 1}, {2, 1, 1}, {1, 2, 1}, {1, 1, 2}, {2, 2, 2}};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++)
            for (size_t j = 0; j < 5; j++)
                compare_forms(spae_conv_same(1 + j % 3, in[i], 3, kernel[k], stride[j], 5));
}
END_TEST

/* The struct allows any padding below the kernel's size, and outputs that read nothing at all. */
START_TEST(free_padding)
{
    for (size_t low = 0; low < 3; low++)
        for (size_t out = 1; out < 9; out++)
            for (size_t stride = 1; stride < 4; stride++)
                compare_forms((spae_conv){.n = 2,
                                          .in = {2, 4, 3},
                                          .ci = 3,
                                          .out = {1 + low, out, 9 - out},
                                          .co = 4,
                                          .kernel = {3, 3, 3},
                                          .stride = {1, stride, 4 - stride},
                                          .low = {2 - low, low, low}});
}
END_TEST

START_TEST(dense)
{
    static const size_t size[] = {1, 3, 37, 130};
    for (size_t r = 0; r < 4; r++)
        for (size_t ci = 0; ci < 4; ci++)
            for (size_t co = 0; co < 4; co++)
                compare_forms(spae_conv_dense(size[r], size[ci], size[co]));
    compare_forms(spae_conv_dense(64, 70, 300)); /* the most rows that stream, and one more */
    compare_forms(spae_conv_dense(65, 70, 300));
    compare_forms(spae_conv_dense(1000, 7, 9));
}
END_TEST

/* <conv(x,k),y> = <x,dx> = <k,dk>, each computed exactly. */
static double inner(const real *a, const real *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void compare_adjoints(spae_conv s)
{
    tensors t = tensors_of(&s);
    whole(t.x, t.x_size, 5);
    whole(t.y, t.y_size, 6);
    whole(t.k, t.k_size, 7);
    spae_conv_forward(&s, t.x, t.k, NULL, t.got, t.scratch);
    const double forward = inner(t.got, t.y, t.y_size);
    spae_conv_input_gradient(&s, t.y, t.k, t.got, t.scratch);
    const double by_input = inner(t.got, t.x, t.x_size);
    spae_conv_kernel_gradient(&s, t.x, t.y, t.got, t.scratch);
    const double by_kernel = inner(t.got, t.k, t.k_size);
    ck_assert_double_ne(forward, 0);
    ck_assert_double_eq(forward, by_input);
    ck_assert_double_eq(forward, by_kernel);
    tensors_free(&t);
}

START_TEST(the_three_forms_are_adjoint)
{
    compare_adjoints(picture(2, 7, 6, 5, 3, 1, 70));
    compare_adjoints(picture(2, 7, 6, 70, 3, 2, 5));
    compare_adjoints(picture(3, 5, 5, 3, 4, 2, 4));
    compare_adjoints(spae_conv_dense(37, 20, 80));
    compare_adjoints(spae_conv_same(2, (const size_t[]){4, 5, 6}, 3, (const size_t[]){3, 3, 3},
                                    (const size_t[]){2, 1, 2}, 7));
}
END_TEST

/* Shapes of 'SAME': out = ceil(in / stride), the odd cell of padding last. */
static void check_axis(size_t in, size_t kernel, size_t stride, size_t out, size_t low)
{
    const spae_conv s =
        spae_conv_same(1, (const size_t[]){in, 1, 1}, 1, (const size_t[]){kernel, 1, 1},
                       (const size_t[]){stride, 1, 1}, 1);
    ck_assert_uint_eq(s.out[0], out);
    ck_assert_uint_eq(s.low[0], low);
}

START_TEST(same_padding)
{
    check_axis(1, 1, 1, 1, 0);
    check_axis(1, 3, 1, 1, 1);
    check_axis(8, 3, 1, 8, 1);
    check_axis(8, 3, 2, 4, 0); /* one cell in all, and it comes last */
    check_axis(7, 3, 2, 4, 1);
    check_axis(8, 4, 1, 8, 1); /* three cells: one first, two last */
    check_axis(8, 4, 2, 4, 1);
    check_axis(8, 5, 1, 8, 2);
    check_axis(9, 1, 2, 5, 0); /* the window is smaller than the stride: no padding */
    check_axis(3, 2, 5, 1, 0);
}
END_TEST

/* x = 1 2 3, k = 10 1, 'SAME': one zero after the 3. */
START_TEST(by_hand_one_axis)
{
    const spae_conv s = spae_conv_same(1, (const size_t[]){1, 1, 3}, 1, (const size_t[]){1, 1, 2},
                                       (const size_t[]){1, 1, 1}, 1);
    const real x[] = {1, 2, 3}, k[] = {10, 1}, bias[] = {100}, dy[] = {1, 10, 100};
    tensors t = tensors_of(&s);
    spae_conv_forward(&s, x, k, bias, t.got, t.scratch);
    ck_assert(t.got[0] == 112 && t.got[1] == 123 && t.got[2] == 130);
    spae_conv_input_gradient(&s, dy, k, t.got, t.scratch);
    ck_assert(t.got[0] == 10 && t.got[1] == 101 && t.got[2] == 1010);
    spae_conv_kernel_gradient(&s, x, dy, t.got, t.scratch);
    ck_assert(t.got[0] == 321 && t.got[1] == 32);
    tensors_free(&t);
}
END_TEST

/* x (2 rows, 3) times w (3, 2). */
START_TEST(by_hand_dense)
{
    const spae_conv s = spae_conv_dense(2, 3, 2);
    const real x[] = {1, 2, 3, 4, 5, 6}, w[] = {1, 10, 2, 20, 3, 30}, dy[] = {1, 0, 0, 1};
    static const real y[] = {14, 140, 32, 320}, dx[] = {1, 2, 3, 10, 20, 30},
                      dw[] = {1, 4, 2, 5, 3, 6};
    tensors t = tensors_of(&s);
    spae_conv_forward(&s, x, w, NULL, t.got, t.scratch);
    ck_assert_mem_eq(t.got, y, sizeof y);
    spae_conv_input_gradient(&s, dy, w, t.got, t.scratch);
    ck_assert_mem_eq(t.got, dx, sizeof dx);
    spae_conv_kernel_gradient(&s, x, dy, t.got, t.scratch);
    ck_assert_mem_eq(t.got, dw, sizeof dw);
    tensors_free(&t);
}
END_TEST

/* Order and rounding show: 1 + h + h is 1 from the left, more than 1 from the right (h half an ulp
 * of 1). */
START_TEST(by_hand_order)
{
    const real h = sizeof(real) == 4 ? (real)0x1p-24 : (real)0x1p-53;
    const spae_conv s = spae_conv_dense(1, 3, 1);
    const real left[] = {1, h, h}, right[] = {h, h, 1}, ones[] = {1, 1, 1};
    tensors t = tensors_of(&s);
    spae_conv_forward(&s, left, ones, NULL, t.got, t.scratch);
    ck_assert(t.got[0] == 1);
    spae_conv_forward(&s, right, ones, NULL, t.got, t.scratch);
    ck_assert(t.got[0] == 1 + 2 * h);
    tensors_free(&t);
}
END_TEST

/* (1 + 2h)^2 - (1 + 4h) is 0 when the product is rounded, 4h^2 when it is not (h half an ulp of 1).
 */
START_TEST(by_hand_no_fused_multiply_add)
{
    const real h = sizeof(real) == 4 ? (real)0x1p-24 : (real)0x1p-53;
    const real x[] = {-1, 1 + 2 * h}, k[] = {1 + 4 * h, 1 + 2 * h};
    const spae_conv s = spae_conv_dense(1, 2, 1);
    tensors t = tensors_of(&s);
    spae_conv_forward(&s, x, k, NULL, t.got, t.scratch);
    ck_assert(t.got[0] == 0);
    tensors_free(&t);
}
END_TEST

/* A kernel gradient's rows are summed apart, and so are its examples: 1 + (h + h), not (1 + h) + h.
 */
START_TEST(by_hand_rows_and_examples)
{
    const real h = sizeof(real) == 4 ? (real)0x1p-24 : (real)0x1p-53;
    const real x[] = {1, 0, h, h}, ones[] = {1, 1, 1, 1};
    const spae_conv shapes[] = {picture(1, 2, 2, 1, 1, 1, 1), picture(2, 2, 1, 1, 1, 1, 1),
                                picture(1, 1, 4, 1, 1, 1, 1)};
    for (int i = 0; i < 3;
         i++) { /* two rows; two examples; one row, where the chain does lose both h */
        tensors t = tensors_of(&shapes[i]);
        spae_conv_kernel_gradient(&shapes[i], x, ones, t.got, t.scratch);
        ck_assert(t.got[0] == (i < 2 ? 1 + 2 * h : 1));
        tensors_free(&t);
    }
}
END_TEST

SUITE(suite_nn_conv, "nn/conv", kernels_1_to_5_and_strides, channel_counts, sizes_beyond_one_block, few_channels,
      random_shapes, every_small_size, video, free_padding, dense, the_three_forms_are_adjoint, same_padding,
      by_hand_one_axis, by_hand_dense, by_hand_order, by_hand_no_fused_multiply_add, by_hand_rows_and_examples)
