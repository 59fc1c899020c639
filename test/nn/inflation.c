/* Inflation: where the numbers go, and what inflated networks give for equal frames. */
#include "fixture.h"
#include "nn/discriminator.h"
#include "nn/inflation.h"
#include "nn/vqgan.h"

enum { T = 5, SIDE = 4, C = 3, PIXELS = SIDE * SIDE * C };

static void add(spae_parameters *parameters, const char *path, size_t rank, spae_shape shape)
{
    spae_parameter *p = &parameters->item[parameters->count++];
    memset(p, 0, sizeof *p);
    strcpy(p->path, path);
    p->rank = rank;
    p->shape = shape;
    p->first = parameters->elements;
    parameters->elements += spae_shape_count(shape);
}

/* ---- the numbers ---- */

START_TEST(taps_and_frames_become_blocks)
{
    spae_parameter few[4], more[3];
    spae_parameters from = {.item = few}, to = {.item = more};
    spae_error err;
    static const real picture[11] = {9, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12};
    real video[24];
    add(&from, "unused", 1, vector(1));
    add(&from, "a/kernel", 4, spae_shape_of(1, 1, 2, 2, 1));
    add(&from, "b/kernel", 2, spae_shape_of(1, 1, 1, 2, 2));
    add(&from, "b/bias", 1, vector(2));
    add(&to, "b/bias", 1, vector(2)); /* in another order */
    add(&to, "a/kernel", 5, spae_shape_of(3, 1, 2, 2, 1));
    add(&to, "b/kernel", 2, spae_shape_of(1, 1, 1, 4, 2));
    ck_assert_int_eq(spae_inflate_network(SPAE_INFLATE_CENTRAL, &from, picture, &to, video, &err), SPAE_OK);
    static const real central[22] = {10, 12, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8, 0, 0, 0, 0};
    ck_assert(same_bits(video, central, 22));
    ck_assert_int_eq(spae_inflate_network(SPAE_INFLATE_AVERAGE, &from, picture, &to, video, &err), SPAE_OK);
    for (int i = 0; i < 12; i++)
        ck_assert(video[2 + i] == picture[1 + i % 4] / 3);
    for (int i = 0; i < 8; i++)
        ck_assert(video[14 + i] == picture[5 + i % 4] / 2);
    ck_assert(video[0] == 10 && video[1] == 12);
}
END_TEST

START_TEST(shapes_that_do_not_fit_are_refused)
{
    static const struct {
        size_t rank[2];
        spae_shape from, to;
    } cases[] = {
        {{4, 5}, {{1, 3, 3, 2, 2}}, {{3, 3, 3, 2, 4}}}, /* channels */
        {{4, 5}, {{1, 3, 3, 2, 2}}, {{3, 1, 3, 2, 2}}}, /* another window */
        {{5, 5}, {{3, 3, 3, 2, 2}}, {{6, 3, 3, 2, 2}}}, /* videos already */
        {{5, 5}, {{3, 3, 3, 2, 2}}, {{1, 3, 3, 2, 2}}},
        {{2, 2}, {{1, 1, 1, 2, 2}}, {{1, 1, 1, 5, 2}}}, /* no multiple */
        {{2, 2}, {{1, 1, 1, 4, 2}}, {{1, 1, 1, 2, 2}}},
        {{1, 1}, {{1, 1, 1, 1, 2}}, {{1, 1, 1, 1, 4}}}, /* a vector grows by no time */
        {{1, 2}, {{1, 1, 1, 2, 2}}, {{1, 1, 1, 4, 2}}},
    };
    real values[256] = {0}, video[256];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spae_parameter one, other;
        spae_parameters from = {.item = &one}, to = {.item = &other};
        spae_error err;
        add(&from, "k", cases[i].rank[0], cases[i].from);
        add(&to, "k", cases[i].rank[1], cases[i].to);
        ck_assert_int_eq(spae_inflate_network(SPAE_INFLATE_CENTRAL, &from, values, &to, video, &err), SPAE_ERR_SHAPE);
        ck_assert_ptr_nonnull(strstr(err.text, "inflate: k: ("));
        strcpy(other.path, "l");
        ck_assert_int_eq(spae_inflate_network(SPAE_INFLATE_CENTRAL, &from, values, &to, video, &err),
                         SPAE_ERR_ARGUMENT);
        ck_assert_str_eq(err.text, "inflate: the picture's network has no l");
    }
}
END_TEST

/* ---- one convolution ---- */

/* y of a 3x3 (x3) convolution over `frames` frames. */
static void convolve(size_t ndim, const real *kernel, const real *x, size_t frames, real *y)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RUN);
    const spae_shape shape = spae_shape_of(ndim == 3 ? 3 : 1, 3, 3, C, C);
    spae_var in = spae_tape_constant(&f.tape, spae_shape_of(1, frames, SIDE, SIDE, C), x);
    spae_var k = spae_tape_constant(&f.tape, shape, kernel);
    spae_var out = spae_convolve(&f.tape, in, k, NULL, (const size_t[]){1, 1, 1});
    ck_assert_int_eq(f.tape.status, SPAE_OK);
    memcpy(y, out->value, frames * PIXELS * sizeof *y);
    fixture_close(&f);
}

/* The kernel of both, and T frames: all equal, or each another. */
static void prepare(spae_inflation mode, bool equal, real *flat, real *deep, real *x)
{
    spae_parameter a, b;
    spae_parameters from = {.item = &a}, to = {.item = &b};
    add(&from, "k", 4, spae_shape_of(1, 3, 3, C, C));
    add(&to, "k", 5, spae_shape_of(3, 3, 3, C, C));
    fill(flat, 9 * C * C, 3);
    ck_assert_int_eq(spae_inflate_network(mode, &from, flat, &to, deep, NULL), SPAE_OK);
    for (size_t t = 0; t < T; t++)
        fill(x + t * PIXELS, PIXELS, equal ? 7 : (uint32_t)(7 + t));
}

START_TEST(a_central_convolution_is_that_of_each_frame)
{
    real flat[9 * C * C], deep[27 * C * C], x[T * PIXELS], y[T * PIXELS], one[PIXELS];
    prepare(SPAE_INFLATE_CENTRAL, false, flat, deep, x);
    convolve(3, deep, x, T, y);
    for (size_t t = 0; t < T; t++) { /* the first and last frames too, and frames need not be equal */
        convolve(2, flat, x + t * PIXELS, 1, one);
        ck_assert(same_bits(y + t * PIXELS, one, PIXELS));
    }
}
END_TEST

START_TEST(an_averaged_convolution_is_that_of_a_frame_inside)
{
    real flat[9 * C * C], deep[27 * C * C], x[T * PIXELS], y[T * PIXELS], one[PIXELS];
    /* A sum of up to 27 C products below 16 (+ their rounded thirds): 100 roundings of at most 27 * 3 * 16 * eps. */
    const double eps = sizeof(real) == 4 ? 0x1p-24 : 0x1p-53, allowed = 100 * 27 * 3 * 16 * eps;
    prepare(SPAE_INFLATE_AVERAGE, true, flat, deep, x);
    convolve(3, deep, x, T, y);
    convolve(2, flat, x, 1, one);
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < PIXELS; i++) { /* two of three taps are inside at the ends */
            const double due = (double)one[i] * (t == 0 || t == T - 1 ? 2.0 / 3 : 1);
            ck_assert_double_eq_tol((double)y[t * PIXELS + i], due, allowed);
        }
}
END_TEST

/* ---- whole networks ---- */

static spae_vqgan small(size_t ndim)
{
    return (spae_vqgan){.ndim = ndim, .filters = 4, .scales = 2, .multipliers = {1, 2}, .res_blocks = 1,
                        .embedding = 5, .groups = 2, .eps = 1e-6};
}

static void declare(fixture *f, size_t ndim, size_t frames, spae_parameters *parameters)
{
    spae_network network;
    const spae_vqgan v = small(ndim);
    const spae_discriminator d = {.ndim = ndim, .filters = 4, .blocks = 1, .multipliers = {2}, .slope = 0.2};
    spae_tape_start(&f->tape, &f->arena, SPAE_TAPE_PLAN, &f->err);
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_network_declare(&network, &f->tape, parameters);
    spae_vqgan_encode(&network, &v, spae_tape_constant(&f->tape, spae_shape_of(1, frames, 8, 8, 3), NULL));
    spae_vqgan_decode(&network, &v, spae_tape_constant(&f->tape, spae_shape_of(1, frames, 4, 4, 5), NULL));
    spae_discriminate(&network, &d, "discriminator",
                      spae_tape_constant(&f->tape, spae_shape_of(1, frames, 8, 8, 3), NULL));
    ck_assert_int_eq(f->tape.status, SPAE_OK);
}

/* z and the rebuilt picture of `frames` equal frames. */
static void run(fixture *f, size_t ndim, size_t frames, spae_parameters *parameters, real *values, real *z, real *back)
{
    spae_network network;
    const spae_vqgan v = small(ndim);
    static real x[T * 8 * 8 * 3];
    for (size_t t = 0; t < frames; t++)
        fill(x + t * 192, 192, 9);
    spae_tape_start(&f->tape, &f->arena, SPAE_TAPE_RUN, &f->err);
    spae_network_bind(&network, &f->tape, parameters, values);
    spae_var code =
        spae_vqgan_encode(&network, &v, spae_tape_constant(&f->tape, spae_shape_of(1, frames, 8, 8, 3), x));
    spae_var y = spae_vqgan_decode(&network, &v, code);
    ck_assert_int_eq(f->tape.status, SPAE_OK);
    memcpy(z, code->value, frames * 80 * sizeof *z);
    memcpy(back, y->value, frames * 192 * sizeof *back);
}

/* Only the group norms differ: their statistics of T equal frames are those of one but for roundings in binary64, so
 * few real results differ, by a rounding each, which the layers above carry on. */
START_TEST(a_central_network_gives_each_of_equal_frames_the_pictures_result)
{
    fixture f;
    spae_parameters flat, deep;
    static real z[80], back[192], zs[T * 80], backs[T * 192];
    const double eps = sizeof(real) == 4 ? 0x1p-23 : 0x1p-52;
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, 2, 1, &flat);
    declare(&f, 3, 4, &deep); /* time is halved in the discriminator: 2 frames there */
    ck_assert_uint_eq(flat.count, deep.count);
    real *from = spae_arena_take(&f.arena, flat.elements, sizeof *from);
    real *to = spae_arena_take(&f.arena, deep.elements, sizeof *to);
    spae_parameters_init(&flat, 5, from);
    ck_assert_int_eq(spae_inflate_network(SPAE_INFLATE_CENTRAL, &flat, from, &deep, to, &f.err), SPAE_OK);
    const spae_parameter *dense = &deep.item[spae_parameters_find(&deep, "discriminator/Dense_0/kernel")];
    ck_assert_uint_eq(dense->shape.axis[SPAE_AXIS_W], 2 * 4 * 4 * 8);
    run(&f, 2, 1, &flat, from, z, back);
    run(&f, 3, T, &deep, to, zs, backs);
    for (size_t i = 0; i < T * 80; i++)
        ck_assert_double_eq_tol((double)zs[i], (double)z[i % 80], 64 * eps);
    for (size_t i = 0; i < T * 192; i++)
        ck_assert_double_eq_tol((double)backs[i], (double)back[i % 192], 256 * eps);
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_inflation, "nn/inflation", taps_and_frames_become_blocks, shapes_that_do_not_fit_are_refused,
      a_central_convolution_is_that_of_each_frame, an_averaged_convolution_is_that_of_a_frame_inside,
      a_central_network_gives_each_of_equal_frames_the_pictures_result)
