/* VGG16's features and LPIPS: paths and counts, LPIPS by its definition, its symmetries, tapes, and what is refused. */
#include "nn/lpips.h"

#include "fixture.h"
#include "perceptual_random.h"

static const spae_vgg small = {.width = 2};

static spae_var declare(fixture *f, const spae_vgg *v, spae_shape in, spae_parameters *parameters)
{
    spae_network network;
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_network_declare(&network, &f->tape, parameters);
    spae_var x = spae_tape_constant(&f->tape, in, NULL);
    return spae_lpips(&network, v, x, x, NULL);
}

START_TEST(every_path_and_the_published_size)
{
    static const unsigned number[] = {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28};
    fixture f;
    spae_parameters parameters;
    char path[SPAE_PATH_MAX];
    fixture_open(&f, SPAE_TAPE_PLAN);
    const spae_shape in = spae_shape_of(1, 1, 64, 64, 3);
    ck_assert_ptr_nonnull(declare(&f, &(spae_vgg){.width = 64}, in, &parameters));
    ck_assert_uint_eq(parameters.count, 2 * 13 + 5);
    ck_assert_uint_eq(parameters.elements, 14714688 + 64 + 128 + 256 + 512 + 512); /* VGG16's features, LPIPS */
    for (size_t i = 0; i < 13; i++) {
        snprintf(path, sizeof path, "features/%u/kernel", number[i]);
        ck_assert_str_eq(parameters.item[2 * i].path, path);
        snprintf(path, sizeof path, "features/%u/bias", number[i]);
        ck_assert_str_eq(parameters.item[2 * i + 1].path, path);
    }
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "lin/%zu/kernel", i);
        ck_assert_str_eq(parameters.item[26 + i].path, path);
        ck_assert(parameters.item[26 + i].rank == 4 && parameters.item[26 + i].shape.axis[SPAE_AXIS_C] == 1);
    }
    fixture_close(&f);
}
END_TEST

/* A network of random weights on a recording or a running tape. */
typedef struct {
    fixture f;
    spae_parameters parameters;
    real *values;
    spae_network network;
} trial;

static void start(trial *t, spae_tape_mode mode)
{
    fixture_open(&t->f, SPAE_TAPE_PLAN);
    declare(&t->f, &small, spae_shape_of(1, 1, 16, 16, 3), &t->parameters);
    t->values = random_weights(&t->parameters, &t->f.arena);
    spae_tape_start(&t->f.tape, &t->f.arena, mode, &t->f.err);
    spae_network_bind(&t->network, &t->f.tape, &t->parameters, t->values);
}

/* Each tap's map is half the one before, rounded down; nothing in it is negative. */
START_TEST(the_taps_are_maps_after_a_relu)
{
    trial t;
    spae_var tap[SPAE_VGG_TAPS];
    start(&t, SPAE_TAPE_RECORD);
    spae_vgg_features(&t.network, &small, random_leaf(&t.f, spae_shape_of(2, 1, 37, 21, 3), 1), tap);
    const size_t width[] = {2, 4, 8, 16, 16}, height[] = {37, 18, 9, 4, 2}, across[] = {21, 10, 5, 2, 1};
    for (size_t i = 0; i < SPAE_VGG_TAPS; i++) {
        ck_assert(spae_shape_equal(tap[i]->shape, spae_shape_of(2, 1, height[i], across[i], width[i])));
        size_t positive = 0;
        for (size_t k = 0; k < spae_shape_count(tap[i]->shape); k++) {
            ck_assert(tap[i]->value[k] >= 0);
            positive += tap[i]->value[k] > 0;
        }
        ck_assert_uint_gt(positive, 0);
    }
    fixture_close(&t.f);
}
END_TEST

/* One tap's distance, in binary64 from the maps. */
static double plain_distance(spae_var a, spae_var b, const real *lin, size_t n)
{
    const size_t c = a->shape.axis[SPAE_AXIS_C];
    const size_t positions = spae_shape_count(a->shape) / c / a->shape.axis[SPAE_AXIS_N];
    double sum = 0;
    for (size_t p = n * positions; p < (n + 1) * positions; p++) {
        double la = 0, lb = 0;
        for (size_t i = 0; i < c; i++) {
            la += (double)a->value[p * c + i] * (double)a->value[p * c + i];
            lb += (double)b->value[p * c + i] * (double)b->value[p * c + i];
        }
        for (size_t i = 0; i < c; i++) {
            const double ua = (double)a->value[p * c + i] / (sqrt(la) + 1e-10);
            const double ub = (double)b->value[p * c + i] / (sqrt(lb) + 1e-10);
            sum += (double)lin[i] * (ua - ub) * (ua - ub);
        }
    }
    return sum / (double)positions;
}

/* From maps of pictures that are shifted and scaled by hand. */
START_TEST(lpips_is_its_definition)
{
    static const double shift[] = {-0.030, -0.088, -0.188}, scale[] = {0.458, 0.448, 0.450};
    trial t;
    spae_var distance[SPAE_VGG_TAPS], fa[SPAE_VGG_TAPS], fb[SPAE_VGG_TAPS];
    const spae_shape in = spae_shape_of(2, 1, 20, 33, 3);
    start(&t, SPAE_TAPE_RECORD);
    spae_var x[] = {random_leaf(&t.f, in, 1), random_leaf(&t.f, in, 2)}, z[2];
    spae_var y = spae_lpips(&t.network, &small, x[0], x[1], distance);
    for (size_t i = 0; i < 2; i++) {
        z[i] = random_leaf(&t.f, in, 9);
        for (size_t k = 0; k < spae_shape_count(in); k++)
            z[i]->value[k] = (real)(((double)x[i]->value[k] - shift[k % 3]) / scale[k % 3]);
    }
    spae_vgg_features(&t.network, &small, z[0], fa);
    spae_vgg_features(&t.network, &small, z[1], fb);
    ck_assert(spae_shape_equal(y->shape, spae_shape_of(2, 1, 1, 1, 1)));
    for (size_t n = 0; n < 2; n++) {
        double total = 0;
        for (size_t i = 0; i < SPAE_VGG_TAPS; i++) {
            const double want = plain_distance(fa[i], fb[i], t.values + t.parameters.item[26 + i].first, n);
            /* a unit vector is off by some 1e-7, and a difference d counts as 2 d 1e-7 */
            ck_assert_double_eq_tol((double)distance[i]->value[n], want, 1e-6 * sqrt(want));
            ck_assert_double_gt(want, 0);
            total += want;
        }
        ck_assert_double_eq_tol((double)y->value[n], total, 1e-5 * total);
    }
    fixture_close(&t.f);
}
END_TEST

/* d(a,a) = 0 with gradient 0; d(a,b) = d(b,a); the gradient to a picture is the same in either place. */
START_TEST(lpips_is_symmetric)
{
    trial t;
    const spae_shape in = spae_shape_of(1, 1, 16, 19, 3);
    start(&t, SPAE_TAPE_RECORD);
    spae_var a = random_leaf(&t.f, in, 1), b = random_leaf(&t.f, in, 2), zero = spae_tape_filled(&t.f.tape, in, 0);
    const size_t n = spae_shape_count(in);
    spae_var ab = spae_lpips(&t.network, &small, a, b, NULL), ba = spae_lpips(&t.network, &small, b, a, NULL);
    spae_var aa = spae_lpips(&t.network, &small, a, a, NULL);
    ck_assert(ab->value[0] == ba->value[0] && ab->value[0] > 0 && aa->value[0] == 0);
    spae_var d = gradient_of(&t.f, aa, NULL, a);
    for (size_t i = 0; i < n; i++)
        ck_assert(d->value[i] == zero->value[i]);
    spae_var first = gradient_of(&t.f, ab, NULL, b), second = gradient_of(&t.f, ba, NULL, b);
    for (size_t i = 0; i < n; i++)
        ck_assert(first->value[i] == second->value[i]);
    fixture_close(&t.f);
}
END_TEST

/* Biases so low that no unit is on: every vector is zero, the distance and its gradient are 0, not a NaN. */
START_TEST(a_dark_network_tells_nothing)
{
    trial t;
    const spae_shape in = spae_shape_of(1, 1, 16, 16, 3);
    start(&t, SPAE_TAPE_RECORD);
    for (size_t i = 1; i < 26; i += 2)
        for (size_t k = 0; k < spae_shape_count(t.parameters.item[i].shape); k++)
            t.values[t.parameters.item[i].first + k] = -1000;
    spae_var a = random_leaf(&t.f, in, 1), y = spae_lpips(&t.network, &small, a, random_leaf(&t.f, in, 2), NULL);
    ck_assert_value(y, 0);
    spae_var d = gradient_of(&t.f, y, NULL, a);
    for (size_t i = 0; i < spae_shape_count(in); i++)
        ck_assert(d->value[i] == 0);
    fixture_close(&t.f);
}
END_TEST

START_TEST(tapes_and_batches_agree_to_the_bit)
{
    static real pictures[2 * 2 * 16 * 18 * 3];
    const size_t size = 16 * 18 * 3;
    real got[3][2];
    fill(pictures, sizeof pictures / sizeof *pictures, 3);
    for (size_t i = 0; i < 4; i++) {
        trial t;
        const spae_shape in = spae_shape_of(i < 2 ? 2 : 1, 1, 16, 18, 3);
        const size_t first = i == 3 ? size : 0;
        start(&t, i == 0 ? SPAE_TAPE_RECORD : SPAE_TAPE_RUN);
        spae_var a = spae_tape_constant(&t.f.tape, in, pictures + first);
        spae_var b = spae_tape_constant(&t.f.tape, in, pictures + 2 * size + first);
        spae_var y = spae_lpips(&t.network, &small, a, b, NULL);
        ck_assert_int_eq(t.f.tape.status, SPAE_OK);
        memcpy(&got[i < 2 ? i : 2][i == 3], y->value, spae_shape_count(y->shape) * sizeof(real));
        fixture_close(&t.f);
    }
    ck_assert(same_bits(got[0], got[1], 2) && same_bits(got[0], got[2], 2) && got[0][0] != got[0][1]);
}
END_TEST

static spae_var declare_alexnet(fixture *f, const spae_alexnet *d, size_t side, spae_parameters *parameters)
{
    spae_network network;
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_network_declare(&network, &f->tape, parameters);
    spae_var x = spae_tape_constant(&f->tape, spae_shape_of(1, 1, side, side, 3), NULL);
    return spae_lpips_alexnet(&network, d, x, x, NULL);
}

/* On AlexNet: the published size, and the definition from its own maps. */
START_TEST(alexnet)
{
    static const double shift[] = {-0.030, -0.088, -0.188}, scale[] = {0.458, 0.448, 0.450};
    const spae_alexnet published = {.width = 64}, narrow = {.width = 2};
    const size_t height[] = {9, 4, 1, 1, 1}, across[] = {11, 5, 2, 2, 2}, width[] = {2, 6, 12, 8, 8};
    spae_parameters parameters;
    spae_network network;
    spae_var fa[SPAE_LPIPS_TAPS], fb[SPAE_LPIPS_TAPS];
    fixture f;
    fixture_open(&f, SPAE_TAPE_PLAN);
    ck_assert_ptr_nonnull(declare_alexnet(&f, &published, 64, &parameters));
    ck_assert(parameters.count == 15 && parameters.elements == 2469696 + 64 + 192 + 384 + 256 + 256);
    spae_tape_start(&f.tape, &f.arena, SPAE_TAPE_PLAN, &f.err);
    ck_assert_ptr_null(declare_alexnet(&f, &narrow, 24, &parameters)); /* too small for the second pooling */
    ck_assert_int_eq(f.tape.status, SPAE_ERR_SHAPE);
    spae_tape_start(&f.tape, &f.arena, SPAE_TAPE_PLAN, &f.err);
    ck_assert_ptr_null(declare_alexnet(&f, &(spae_alexnet){0}, 64, &parameters));
    ck_assert_int_eq(f.tape.status, SPAE_ERR_ARGUMENT);
    spae_tape_start(&f.tape, &f.arena, SPAE_TAPE_PLAN, &f.err);
    ck_assert_ptr_nonnull(declare_alexnet(&f, &narrow, 40, &parameters));
    const real *values = random_weights(&parameters, &f.arena);
    spae_tape_start(&f.tape, &f.arena, SPAE_TAPE_RECORD, &f.err);
    spae_network_bind(&network, &f.tape, &parameters, values);
    const spae_shape in = spae_shape_of(1, 1, 39, 47, 3);
    spae_var x[] = {random_leaf(&f, in, 1), random_leaf(&f, in, 2)}, z[2];
    spae_var y = spae_lpips_alexnet(&network, &narrow, x[0], x[1], NULL);
    for (size_t i = 0; i < 2; i++) {
        z[i] = random_leaf(&f, in, 9);
        for (size_t k = 0; k < spae_shape_count(in); k++)
            z[i]->value[k] = (real)(((double)x[i]->value[k] - shift[k % 3]) / scale[k % 3]);
    }
    spae_alexnet_features(&network, &narrow, z[0], fa);
    spae_alexnet_features(&network, &narrow, z[1], fb);
    double total = 0;
    for (size_t i = 0; i < SPAE_LPIPS_TAPS; i++) {
        ck_assert(spae_shape_equal(fa[i]->shape, spae_shape_of(1, 1, height[i], across[i], width[i])));
        total += plain_distance(fa[i], fb[i], values + parameters.item[10 + i].first, 0);
    }
    ck_assert(total > 0);
    ck_assert_double_eq_tol((double)y->value[0], total, 1e-5 * total);
    fixture_close(&f);
}
END_TEST

START_TEST(what_is_no_pair_of_pictures_is_refused)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    spae_tape *tape = &t.f.tape;
    spae_var a = random_leaf(&t.f, spae_shape_of(1, 1, 16, 16, 3), 1);
    spae_var b = random_leaf(&t.f, spae_shape_of(1, 1, 16, 17, 3), 1);
    spae_var grey = random_leaf(&t.f, spae_shape_of(1, 1, 16, 16, 1), 1);
    spae_var tiny = random_leaf(&t.f, spae_shape_of(1, 1, 16, 15, 3), 1);
    ck_assert_refused(&t.f, spae_lpips(&t.network, &small, a, b, NULL), SPAE_ERR_SHAPE, "lpips");
    ck_assert_refused(&t.f, spae_lpips(&t.network, &small, grey, grey, NULL), SPAE_ERR_SHAPE, "three channels");
    ck_assert_refused(&t.f, spae_lpips(&t.network, &small, tiny, tiny, NULL), SPAE_ERR_SHAPE, "max pool");
    ck_assert_refused(&t.f, spae_lpips(&t.network, &(spae_vgg){0}, a, a, NULL), SPAE_ERR_ARGUMENT, "width");
    ck_assert_ptr_null(spae_lpips(&t.network, &small, a, NULL, NULL));
    ck_assert_int_eq(tape->status, SPAE_OK);
    fixture_close(&t.f);
}
END_TEST

SUITE(suite_nn_lpips, "nn/lpips", every_path_and_the_published_size, the_taps_are_maps_after_a_relu,
      lpips_is_its_definition, lpips_is_symmetric, a_dark_network_tells_nothing, tapes_and_batches_agree_to_the_bit, alexnet,
      what_is_no_pair_of_pictures_is_refused)
