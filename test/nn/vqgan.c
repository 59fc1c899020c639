/* The VQGAN: the paper's parameter counts, the paths of a small one spelled out, and the two ways to run it. */
#include "fixture.h"
#include "nn/vqgan.h"

/* Parameters of encoder and decoder, declared for a picture of the given size. */
static void counts(const spae_vqgan *v, const size_t picture[3], size_t count[2])
{
    fixture f;
    spae_network network;
    size_t factor[3];
    fixture_open(&f, SPAE_TAPE_PLAN);
    spae_parameters parameters = {.arena = &f.arena};
    spae_network_declare(&network, &f.tape, &parameters);
    spae_vqgan_reduction(v, factor);
    const spae_shape in = spae_shape_of(1, picture[0], picture[1], picture[2], 3);
    const spae_shape latent = spae_shape_of(1, picture[0] / factor[0], picture[1] / factor[1], picture[2] / factor[2],
                                            v->embedding);
    spae_var z = spae_vqgan_encode(&network, v, spae_tape_constant(&f.tape, in, NULL));
    ck_assert_ptr_nonnull(z);
    ck_assert(spae_shape_equal(z->shape, latent));
    count[0] = parameters.elements;
    spae_var back = spae_vqgan_decode(&network, v, spae_tape_constant(&f.tape, latent, NULL));
    ck_assert_ptr_nonnull(back);
    ck_assert(spae_shape_equal(back->shape, in));
    count[1] = parameters.elements - count[0];
    fixture_close(&f);
}

static spae_vqgan paper(size_t ndim)
{
    return (spae_vqgan){.ndim = ndim, .filters = 128, .scales = 4, .multipliers = {1, 2, 2, 4}, .res_blocks = 2,
                        .embedding = 1536, .groups = 32, .eps = 1e-6, .temporal = {true, true}};
}

START_TEST(the_papers_networks_have_their_parameters)
{
    size_t count[2];
    const spae_vqgan pictures = paper(2), video = paper(3);
    counts(&pictures, (const size_t[]){1, 128, 128}, count);
    ck_assert_uint_eq(count[0], 23677056);
    ck_assert_uint_eq(count[1], 35720067);
    ck_assert_uint_eq(count[0] + count[1], 59397123);
    counts(&video, (const size_t[]){16, 128, 128}, count);
    ck_assert_uint_eq(count[0], 69100416);
    ck_assert_uint_eq(count[1], 106800771);
    ck_assert_uint_eq(count[0] + count[1], 175901187);
}
END_TEST

START_TEST(pictures_and_video_shrink_as_told)
{
    size_t factor[3];
    spae_vqgan v = paper(3);
    spae_vqgan_reduction(&v, factor);
    ck_assert(factor[0] == 4 && factor[1] == 8 && factor[2] == 8);
    v.ndim = 2; /* pictures have no time to shrink, whatever `temporal` says */
    spae_vqgan_reduction(&v, factor);
    ck_assert(factor[0] == 1 && factor[1] == 8 && factor[2] == 8);
    v.scales = 1;
    spae_vqgan_reduction(&v, factor);
    ck_assert(factor[0] == 1 && factor[1] == 1 && factor[2] == 1);
}
END_TEST

/* Filters 4 and 8, one block: each parameter in the order of use, with its shape. */
static const struct { const char *path; size_t shape[SPAE_AXES], rank; } small_paths[] = {
    {"encoder/Conv_0/kernel", {1, 3, 3, 3, 4}, 4},
    {"encoder/ResBlock_0/GroupNorm_0/scale", {1, 1, 1, 1, 4}, 1},
    {"encoder/ResBlock_0/GroupNorm_0/bias", {1, 1, 1, 1, 4}, 1},
    {"encoder/ResBlock_0/Conv_0/kernel", {1, 3, 3, 4, 4}, 4},
    {"encoder/ResBlock_0/GroupNorm_1/scale", {1, 1, 1, 1, 4}, 1},
    {"encoder/ResBlock_0/GroupNorm_1/bias", {1, 1, 1, 1, 4}, 1},
    {"encoder/ResBlock_0/Conv_1/kernel", {1, 3, 3, 4, 4}, 4},
    {"encoder/ResBlock_1/GroupNorm_0/scale", {1, 1, 1, 1, 4}, 1},
    {"encoder/ResBlock_1/GroupNorm_0/bias", {1, 1, 1, 1, 4}, 1},
    {"encoder/ResBlock_1/Conv_0/kernel", {1, 3, 3, 4, 8}, 4},
    {"encoder/ResBlock_1/GroupNorm_1/scale", {1, 1, 1, 1, 8}, 1},
    {"encoder/ResBlock_1/GroupNorm_1/bias", {1, 1, 1, 1, 8}, 1},
    {"encoder/ResBlock_1/Conv_1/kernel", {1, 3, 3, 8, 8}, 4},
    {"encoder/ResBlock_1/Conv_2/kernel", {1, 1, 1, 4, 8}, 4},
    {"encoder/ResBlock_2/GroupNorm_0/scale", {1, 1, 1, 1, 8}, 1},
    {"encoder/ResBlock_2/GroupNorm_0/bias", {1, 1, 1, 1, 8}, 1},
    {"encoder/ResBlock_2/Conv_0/kernel", {1, 3, 3, 8, 8}, 4},
    {"encoder/ResBlock_2/GroupNorm_1/scale", {1, 1, 1, 1, 8}, 1},
    {"encoder/ResBlock_2/GroupNorm_1/bias", {1, 1, 1, 1, 8}, 1},
    {"encoder/ResBlock_2/Conv_1/kernel", {1, 3, 3, 8, 8}, 4},
    {"encoder/GroupNorm_0/scale", {1, 1, 1, 1, 8}, 1},
    {"encoder/GroupNorm_0/bias", {1, 1, 1, 1, 8}, 1},
    {"encoder/Conv_1/kernel", {1, 1, 1, 8, 5}, 4},
    {"encoder/Conv_1/bias", {1, 1, 1, 1, 5}, 1},
    {"decoder/Conv_0/kernel", {1, 3, 3, 5, 8}, 4},
    {"decoder/Conv_0/bias", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_0/GroupNorm_0/scale", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_0/GroupNorm_0/bias", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_0/Conv_0/kernel", {1, 3, 3, 8, 8}, 4},
    {"decoder/ResBlock_0/GroupNorm_1/scale", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_0/GroupNorm_1/bias", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_0/Conv_1/kernel", {1, 3, 3, 8, 8}, 4},
    {"decoder/ResBlock_1/GroupNorm_0/scale", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_1/GroupNorm_0/bias", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_1/Conv_0/kernel", {1, 3, 3, 8, 8}, 4},
    {"decoder/ResBlock_1/GroupNorm_1/scale", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_1/GroupNorm_1/bias", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_1/Conv_1/kernel", {1, 3, 3, 8, 8}, 4},
    {"decoder/Conv_1/kernel", {1, 3, 3, 8, 8}, 4},
    {"decoder/Conv_1/bias", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_2/GroupNorm_0/scale", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_2/GroupNorm_0/bias", {1, 1, 1, 1, 8}, 1},
    {"decoder/ResBlock_2/Conv_0/kernel", {1, 3, 3, 8, 4}, 4},
    {"decoder/ResBlock_2/GroupNorm_1/scale", {1, 1, 1, 1, 4}, 1},
    {"decoder/ResBlock_2/GroupNorm_1/bias", {1, 1, 1, 1, 4}, 1},
    {"decoder/ResBlock_2/Conv_1/kernel", {1, 3, 3, 4, 4}, 4},
    {"decoder/ResBlock_2/Conv_2/kernel", {1, 1, 1, 8, 4}, 4},
    {"decoder/GroupNorm_0/scale", {1, 1, 1, 1, 4}, 1},
    {"decoder/GroupNorm_0/bias", {1, 1, 1, 1, 4}, 1},
    {"decoder/Conv_2/kernel", {1, 3, 3, 4, 3}, 4},
    {"decoder/Conv_2/bias", {1, 1, 1, 1, 3}, 1},
};

static spae_vqgan small(size_t ndim)
{
    return (spae_vqgan){.ndim = ndim, .filters = 4, .scales = 2, .multipliers = {1, 2}, .res_blocks = 1, .embedding = 5,
                        .groups = 2, .eps = 1e-6, .temporal = {true}};
}

static void declare_both(fixture *f, const spae_vqgan *v, spae_parameters *parameters)
{
    spae_network network;
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_tape_start(&f->tape, &f->arena, SPAE_TAPE_PLAN, &f->err);
    spae_network_declare(&network, &f->tape, parameters);
    spae_vqgan_encode(&network, v, spae_tape_constant(&f->tape, spae_shape_of(1, 2, 4, 6, 3), NULL));
    spae_vqgan_decode(&network, v, spae_tape_constant(&f->tape, spae_shape_of(1, 1, 2, 3, v->embedding), NULL));
    ck_assert_int_eq(f->tape.status, SPAE_OK);
}

START_TEST(every_path_of_a_small_one)
{
    fixture f;
    spae_parameters parameters;
    const spae_vqgan v = small(2);
    const size_t count = sizeof small_paths / sizeof small_paths[0];
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare_both(&f, &v, &parameters);
    for (size_t i = 0; i < count && i < parameters.count; i++) {
        const size_t *s = small_paths[i].shape;
        ck_assert_str_eq(parameters.item[i].path, small_paths[i].path);
        ck_assert_uint_eq(parameters.item[i].rank, small_paths[i].rank);
        ck_assert(spae_shape_equal(parameters.item[i].shape, spae_shape_of(s[0], s[1], s[2], s[3], s[4])));
    }
    ck_assert_uint_eq(parameters.count, count);
    fixture_close(&f);
}
END_TEST

/* In video the paths are the same and every 3 x 3 becomes 3 x 3 x 3. */
START_TEST(video_has_the_same_paths_with_deeper_kernels)
{
    fixture f;
    spae_parameters parameters;
    const spae_vqgan v = small(3);
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare_both(&f, &v, &parameters);
    ck_assert_uint_eq(parameters.count, sizeof small_paths / sizeof small_paths[0]);
    for (size_t i = 0; i < parameters.count; i++) {
        const spae_parameter *p = &parameters.item[i];
        ck_assert_str_eq(p->path, small_paths[i].path);
        ck_assert_uint_eq(p->rank, small_paths[i].rank == 4 ? 5 : 1);
        ck_assert_uint_eq(p->shape.axis[0], p->shape.axis[1]);
    }
    fixture_close(&f);
}
END_TEST

/* z and the picture on a tape of either mode; the running tape holds less at its peak. */
static size_t run(const spae_vqgan *v, spae_tape_mode mode, real *z, real *back)
{
    fixture f;
    spae_parameters parameters;
    spae_network network;
    fixture_open(&f, mode);
    declare_both(&f, v, &parameters);
    real *values = spae_arena_take(&f.arena, parameters.elements, sizeof *values);
    spae_parameters_init(&parameters, 5, values);
    real picture[2 * 12 * 8 * 3];
    fill(picture, 576, 8);
    spae_tape_start(&f.tape, &f.arena, mode, &f.err);
    spae_network_bind(&network, &f.tape, &parameters, values);
    f.arena.peak = f.arena.used;
    spae_var x = spae_tape_constant(&f.tape, spae_shape_of(1, 2, 12, 8, 3), picture);
    spae_var code = spae_vqgan_encode(&network, v, x), y = spae_vqgan_decode(&network, v, code);
    ck_assert_int_eq(f.tape.status, SPAE_OK);
    if (!spae_tape_plans(&f.tape)) {
        memcpy(z, code->value, spae_shape_count(code->shape) * sizeof *z);
        memcpy(back, y->value, spae_shape_count(y->shape) * sizeof *back);
    }
    const size_t peak = f.arena.peak;
    fixture_close(&f);
    return peak;
}

START_TEST(running_and_recording_tapes_give_the_same_bits)
{
    for (size_t ndim = 2; ndim <= 3; ndim++) {
        static real z[2][2 * 6 * 4 * 5], back[2][2 * 12 * 8 * 3];
        memset(z, 0, sizeof z);
        const spae_vqgan v = small(ndim);
        const size_t all = run(&v, SPAE_TAPE_RECORD, z[0], back[0]), kept = run(&v, SPAE_TAPE_RUN, z[1], back[1]);
        ck_assert(same_bits(z[0], z[1], sizeof z[0] / sizeof(real)));
        ck_assert(same_bits(back[0], back[1], sizeof back[0] / sizeof(real)));
        ck_assert_uint_lt(kept, all);
        ck_assert_uint_eq(run(&v, SPAE_TAPE_PLAN_RECORD, NULL, NULL), all); /* and plans know what they hold */
        ck_assert_uint_eq(run(&v, SPAE_TAPE_PLAN_RUN, NULL, NULL), kept);
    }
}
END_TEST

SUITE(suite_nn_vqgan, "nn/vqgan", the_papers_networks_have_their_parameters, pictures_and_video_shrink_as_told,
      every_path_of_a_small_one, video_has_the_same_paths_with_deeper_kernels,
      running_and_recording_tapes_give_the_same_bits)
