/* The discriminator: the paths of a small one spelled out, its parameter count, its ways to run, its first values. */
#include "nn/discriminator.h"
#include "fixture.h"

static const spae_discriminator small = {.ndim = 2, .filters = 4, .blocks = 2, .multipliers = {2, 3}, .slope = 0.2};

static const spae_discriminator paper = {
    .ndim = 2, .filters = 128, .blocks = 5, .multipliers = {2, 4, 4, 4, 4}, .slope = 0.2};

static spae_var declare(fixture *f, const spae_discriminator *d, const char *root, spae_shape in,
                        spae_parameters *parameters)
{
    spae_network network;
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_tape_start(&f->tape, &f->arena, SPAE_TAPE_PLAN, &f->err);
    spae_network_declare(&network, &f->tape, parameters);
    return spae_discriminate(&network, d, root, spae_tape_constant(&f->tape, in, NULL));
}

static const struct { const char *path; size_t shape[SPAE_AXES], rank; } small_paths[] = {
    {"Conv_0/kernel", {1, 3, 3, 3, 4}, 4},
    {"Conv_0/bias", {1, 1, 1, 1, 4}, 1},
    {"ResBlock_0/Conv_0/kernel", {1, 3, 3, 4, 4}, 4},
    {"ResBlock_0/Conv_0/bias", {1, 1, 1, 1, 4}, 1},
    {"ResBlock_0/Conv_1/kernel", {1, 1, 1, 4, 8}, 4},
    {"ResBlock_0/Conv_2/kernel", {1, 3, 3, 4, 8}, 4},
    {"ResBlock_0/Conv_2/bias", {1, 1, 1, 1, 8}, 1},
    {"ResBlock_1/Conv_0/kernel", {1, 3, 3, 8, 8}, 4},
    {"ResBlock_1/Conv_0/bias", {1, 1, 1, 1, 8}, 1},
    {"ResBlock_1/Conv_1/kernel", {1, 1, 1, 8, 12}, 4},
    {"ResBlock_1/Conv_2/kernel", {1, 3, 3, 8, 12}, 4},
    {"ResBlock_1/Conv_2/bias", {1, 1, 1, 1, 12}, 1},
    {"Conv_1/kernel", {1, 3, 3, 12, 12}, 4},
    {"Conv_1/bias", {1, 1, 1, 1, 12}, 1},
    {"Dense_0/kernel", {1, 1, 1, 48, 12}, 2},
    {"Dense_0/bias", {1, 1, 1, 1, 12}, 1},
    {"Dense_1/kernel", {1, 1, 1, 12, 1}, 2},
    {"Dense_1/bias", {1, 1, 1, 1, 1}, 1},
};

START_TEST(every_path_of_a_small_one)
{
    static const char *const roots[] = {"", "discriminator"};
    for (size_t r = 0; r < 2; r++) {
        fixture f;
        spae_parameters parameters;
        const size_t count = sizeof small_paths / sizeof small_paths[0], skip = r == 0 ? 0 : strlen("discriminator/");
        fixture_open(&f, SPAE_TAPE_PLAN);
        spae_var y = declare(&f, &small, roots[r], spae_shape_of(3, 1, 7, 8, 3), &parameters);
        ck_assert(y != NULL && spae_shape_equal(y->shape, spae_shape_of(3, 1, 1, 1, 1)));
        ck_assert_uint_eq(parameters.count, count);
        for (size_t i = 0; i < count; i++) {
            const size_t *s = small_paths[i].shape;
            ck_assert_str_eq(parameters.item[i].path + skip, small_paths[i].path);
            ck_assert_uint_eq(parameters.item[i].rank, small_paths[i].rank);
            ck_assert(spae_shape_equal(parameters.item[i].shape, spae_shape_of(s[0], s[1], s[2], s[3], s[4])));
        }
        fixture_close(&f);
    }
}
END_TEST

/* A block from f to g has 9 f f + f + f g + 9 f g + g; the picture shrinks 32 times, rounded up at each step. */
START_TEST(the_papers_configuration_is_counted)
{
    fixture f;
    spae_parameters parameters;
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, &paper, "discriminator", spae_shape_of(1, 1, 128, 128, 3), &parameters);
    const size_t width[] = {128, 256, 512, 512, 512, 512};
    size_t expected = 27 * 128 + 128;
    for (size_t i = 0; i < 5; i++)
        expected += (9 * width[i] + 1) * width[i] + (10 * width[i] + 1) * width[i + 1];
    expected += (9 * 512 + 1) * 512 + (16 * 512 + 1) * 512 + 513;
    ck_assert_uint_eq(parameters.elements, expected);
    fixture_close(&f);
}
END_TEST

/* Video: the same paths, 3 x 3 x 3 kernels, time halved too (5 -> 3 -> 2). */
START_TEST(video_halves_time_too)
{
    fixture f;
    spae_parameters parameters;
    spae_discriminator d = small;
    d.ndim = 3;
    fixture_open(&f, SPAE_TAPE_PLAN);
    ck_assert_ptr_nonnull(declare(&f, &d, "", spae_shape_of(1, 5, 7, 8, 3), &parameters));
    ck_assert_uint_eq(parameters.count, sizeof small_paths / sizeof small_paths[0]);
    for (size_t i = 0; i < parameters.count; i++) {
        ck_assert_str_eq(parameters.item[i].path, small_paths[i].path);
        ck_assert_uint_eq(parameters.item[i].rank, small_paths[i].rank == 4 ? 5 : small_paths[i].rank);
    }
    const size_t dense = spae_parameters_find(&parameters, "Dense_0/kernel");
    ck_assert_uint_eq(parameters.item[dense].shape.axis[SPAE_AXIS_W], 2 * 2 * 2 * 12);
    fixture_close(&f);
}
END_TEST

START_TEST(blur_is_refused_in_video)
{
    fixture f;
    spae_parameters parameters;
    spae_discriminator d = small;
    d.blur = true;
    fixture_open(&f, SPAE_TAPE_PLAN);
    ck_assert_ptr_nonnull(declare(&f, &d, "", spae_shape_of(1, 1, 5, 4, 3), &parameters));
    d.ndim = 3;
    ck_assert_refused(&f, declare(&f, &d, "", spae_shape_of(1, 2, 5, 4, 3), &parameters), SPAE_ERR_ARGUMENT, "blur");
    fixture_close(&f);
}
END_TEST

/* Logits of `n` pictures on a tape of either mode; returns the arena's peak. */
static size_t run(const spae_discriminator *d, spae_tape_mode mode, size_t n, const real *pictures, real *out)
{
    fixture f;
    spae_parameters parameters;
    spae_network network;
    const spae_shape in = spae_shape_of(n, d->ndim == 3 ? 2 : 1, 9, 12, 3);
    fixture_open(&f, mode);
    declare(&f, d, "discriminator", in, &parameters);
    real *values = spae_arena_take(&f.arena, parameters.elements, sizeof *values);
    spae_parameters_init(&parameters, 5, values);
    spae_tape_start(&f.tape, &f.arena, mode, &f.err);
    spae_network_bind(&network, &f.tape, &parameters, values);
    f.arena.peak = f.arena.used;
    spae_var y = spae_discriminate(&network, d, "discriminator", spae_tape_constant(&f.tape, in, pictures));
    ck_assert_int_eq(f.tape.status, SPAE_OK);
    ck_assert_uint_eq(spae_shape_count(y->shape), n);
    memcpy(out, y->value, n * sizeof *out);
    const size_t peak = f.arena.peak;
    fixture_close(&f);
    return peak;
}

/* Pictures, blurred pictures, video: both tapes and a batch of two or two of one, the same bits. */
START_TEST(tapes_and_batches_agree_to_the_bit)
{
    static real pictures[2 * 2 * 9 * 12 * 3];
    fill(pictures, sizeof pictures / sizeof *pictures, 8);
    for (size_t i = 0; i < 3; i++) {
        spae_discriminator d = small;
        d.ndim = i == 2 ? 3 : 2;
        d.blur = i == 1;
        real both[2], running[2], one[2];
        const size_t all = run(&d, SPAE_TAPE_RECORD, 2, pictures, both);
        const size_t kept = run(&d, SPAE_TAPE_RUN, 2, pictures, running);
        run(&d, SPAE_TAPE_RUN, 1, pictures, &one[0]);
        run(&d, SPAE_TAPE_RUN, 1, pictures + (i == 2 ? 2 : 1) * 9 * 12 * 3, &one[1]);
        ck_assert(same_bits(both, running, 2) && same_bits(both, one, 2));
        ck_assert(both[0] != both[1]);
        ck_assert_uint_lt(kept, all);
    }
}
END_TEST

/* Uniform in [-limit, limit), limit = sqrt(6 / (fan_in + fan_out)): variance limit^2 / 3; biases 0; by path, not order. */
START_TEST(first_values_are_xaviers)
{
    fixture f;
    spae_parameters parameters;
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, &small, "discriminator", spae_shape_of(1, 1, 16, 16, 3), &parameters);
    real *values = spae_arena_take(&f.arena, parameters.elements, sizeof *values);
    spae_parameters_init(&parameters, 3, values);
    const spae_parameter *p = &parameters.item[spae_parameters_find(&parameters, "discriminator/Dense_0/kernel")];
    const size_t count = spae_shape_count(p->shape);
    const double limit = sqrt(6.0 / (16 * 12 + 12));
    double mean = 0, square = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        const double x = (double)values[p->first + i] / limit;
        mean += x / (double)count;
        square += x * x / (double)count;
        largest = fabs(x) > largest ? fabs(x) : largest;
    }
    ck_assert(largest <= 1 + 1e-6 && largest > 0.99);
    ck_assert_double_eq_tol(mean, 0, 4 * sqrt(1.0 / 3 / (double)count)); /* four standard errors each */
    ck_assert_double_eq_tol(square, 1.0 / 3, 4 * sqrt(4.0 / 45 / (double)count));
    const size_t bias = spae_parameters_find(&parameters, "discriminator/Dense_0/bias");
    for (size_t i = 0; i < 12; i++)
        ck_assert(values[parameters.item[bias].first + i] == 0);
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_discriminator, "nn/discriminator", every_path_of_a_small_one, the_papers_configuration_is_counted,
      video_halves_time_too, blur_is_refused_in_video, tapes_and_batches_agree_to_the_bit, first_values_are_xaviers)
