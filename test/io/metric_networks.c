/* io/metric_networks: narrow networks written under their paths and opened; what each sees of a
 * picture; what is refused. */
#include "language.h"

#undef ck_ok /* the same in both */
#include "tiny.h"

#include "io/metric_networks.h"
#include "io/npz.h"
#include "nn/ops.h"

enum { FRAMES = 2, SIDE = 80, NUMBERS = FRAMES * SIDE * SIDE * 3 };

static const size_t size[3] = {FRAMES, SIDE, SIDE};
static spae_real picture[NUMBERS], other[NUMBERS];

static spae_metric_network narrow(spae_metric_kind kind)
{
    spae_metric_network net = spae_metric_network_published(kind);
    net.alexnet.width = 2;
    net.vgg.width = 2;
    net.inception = (spae_inception){16, 4, 5, 1e-3};
    net.i3d = (spae_i3d){8, 5, 6, 1e-3};
    net.side = kind == SPAE_METRIC_INCEPTION ? 75 : kind == SPAE_METRIC_I3D ? 20 : 0;
    return net;
}

/* The parameters that such a network declares, with values by formula, in a file under their own
 * paths. */
static void write_weights(const spae_metric_network *net, const char *path)
{
    spae_arena arena = new_arena();
    spae_buffer buffer = {&arena, NULL, 0, 0};
    spae_arena work = new_arena();
    spae_sink sink = spae_sink_buffer(&buffer);
    spae_npz_writer w = spae_npz_begin(&work, &sink);
    spae_parameters set = {.arena = &work};
    spae_network network;
    spae_tape tape;
    spae_error err;
    spae_tape_start(&tape, &work, SPAE_TAPE_PLAN, &err);
    spae_network_declare(&network, &tape, &set);
    spae_var x = spae_tape_constant(&tape, spae_shape_of(1, 4, 75, 75, 3), NULL),
             y = spae_tape_constant(&tape, spae_shape_of(1, 1, 75, 75, 3), NULL);
    if (net->kind == SPAE_METRIC_I3D)
        spae_i3d_logits(&network, &net->i3d, spae_i3d_features(&network, &net->i3d, x));
    else if (net->kind == SPAE_METRIC_INCEPTION)
        spae_inception_logits(&network, &net->inception,
                              spae_inception_features(&network, &net->inception, y), true);
    else if (net->kind == SPAE_METRIC_LPIPS_ALEX)
        spae_lpips_alexnet(&network, &net->alexnet, y, y, NULL);
    else
        spae_lpips(&network, &net->vgg, y, y, NULL);
    ck_assert_msg(tape.status == SPAE_OK, "%s", err.text);
    for (size_t i = 0; i < set.count; i++) {
        const size_t count = spae_shape_count(set.item[i].shape);
        float *value = spae_arena_take(&work, count, sizeof *value);
        for (size_t k = 0; k < count; k++) /* variances and LPIPS's weights must not be negative */
            value[k] = (float)((k * 7 + i * 3) % 23) / 23 -
                       (set.item[i].rank == 4 && set.item[i].path[0] != 'l' ? 0.45f : 0);
        spae_npy_array array = {SPAE_NPY_F4, (unsigned)set.item[i].rank, {0}, value};
        memcpy(array.shape, set.item[i].shape.axis + SPAE_AXES - set.item[i].rank,
               set.item[i].rank * sizeof(size_t));
        ck_ok(spae_npz_add(&w, set.item[i].path, &array, false, &err));
    }
    ck_ok(spae_npz_end(&w, &err));
    put_bytes(path, buffer.bytes, buffer.size);
    spae_arena_free(&work);
    spae_arena_free(&arena);
}

static void fill_pictures(void)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        picture[i] = (spae_real)((double)(i * i % 251) / 250);
        other[i] = (spae_real)((double)((i + 5) * i % 241) / 240);
    }
}

START_TEST(published_sizes)
{
    spae_metric_network inception = spae_metric_network_published(SPAE_METRIC_INCEPTION),
                        i3d = spae_metric_network_published(SPAE_METRIC_I3D);
    inception.picture[0] = i3d.picture[0] = 16;
    ck_assert(spae_metric_network_rows(&inception) == 16 &&
              spae_metric_network_width(&inception) == 2048);
    ck_assert(spae_metric_network_classes(&inception) == 1008 && inception.side == 299);
    ck_assert(spae_metric_network_rows(&i3d) == 1 && spae_metric_network_width(&i3d) == 400 &&
              i3d.side == 224);
    ck_assert(spae_metric_network_classes(&i3d) == 0);
}
END_TEST

/* Every frame is an example of its own: resized, to -1..1, and what the network says of it alone.
 */
START_TEST(inception)
{
    spae_arena arena = new_arena();
    folder f = make_folder();
    spae_metric_network net = narrow(SPAE_METRIC_INCEPTION);
    const char *const path[] = {in_folder(&f, "w.npz")};
    spae_real features[FRAMES * 128], logits[FRAMES * 5], again[FRAMES * 128];
    spae_error err;
    fill_pictures();
    write_weights(&net, path[0]);
    ck_ok(spae_metric_network_open(&net, path, 1, size, &arena, &err));
    ck_assert(strlen(net.report.hash) == 64 && spae_metric_network_width(&net) == 128 &&
              spae_metric_network_classes(&net) == 5);
    const size_t used = arena.used;
    ck_ok(spae_metric_network_run(&net, picture, features, logits, &err));
    ck_ok(spae_metric_network_run(&net, picture, again, NULL, &err));
    ck_assert(arena.used == used && memcmp(features, again, sizeof features) == 0);
    for (size_t t = 0; t < FRAMES; t++) {
        spae_tape tape;
        spae_network network;
        spae_tape_start(&tape, &arena, SPAE_TAPE_RUN, &err);
        spae_network_bind(&network, &tape, &net.parameters, net.values);
        spae_var x = spae_tape_constant(&tape, spae_shape_of(1, 1, SIDE, SIDE, 3),
                                        picture + t * SIDE * SIDE * 3);
        x = spae_offset(&tape, spae_scale(&tape, spae_resize(&tape, x, 75, 75), 2), -1);
        spae_var y = spae_inception_features(&network, &net.inception, x),
                 z = spae_inception_logits(&network, &net.inception, y, false);
        ck_assert_msg(z != NULL, "%s", err.text);
        ck_assert(memcmp(y->value, features + t * 128, 128 * sizeof *features) == 0);
        ck_assert(memcmp(z->value, logits + t * 5, 5 * sizeof *logits) == 0);
    }
    remove_folder(&f, (const char *const[]){"w.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* All frames are one example; its features are the logits. */
START_TEST(i3d)
{
    spae_arena arena = new_arena();
    folder f = make_folder();
    spae_metric_network net = narrow(SPAE_METRIC_I3D);
    const char *const path[] = {in_folder(&f, "w.npz")};
    spae_real features[6];
    spae_tape tape;
    spae_network network;
    spae_error err;
    fill_pictures();
    write_weights(&net, path[0]);
    ck_ok(spae_metric_network_open(&net, path, 1, size, &arena, &err));
    ck_ok(spae_metric_network_run(&net, picture, features, NULL, &err));
    spae_tape_start(&tape, &arena, SPAE_TAPE_RUN, &err);
    spae_network_bind(&network, &tape, &net.parameters, net.values);
    spae_var x = spae_fid_resize(
        &tape, spae_tape_constant(&tape, spae_shape_of(1, FRAMES, SIDE, SIDE, 3), picture), 20, 20);
    spae_var y = spae_i3d_logits(&network, &net.i3d, spae_i3d_features(&network, &net.i3d, x));
    ck_assert(y != NULL && memcmp(y->value, features, sizeof features) == 0);
    remove_folder(&f, (const char *const[]){"w.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* Frame by frame, 2 x - 1; nothing between a picture and itself. */
START_TEST(lpips)
{
    for (int vgg = 0; vgg < 2; vgg++) {
        spae_arena arena = new_arena();
        folder f = make_folder();
        spae_metric_network net = narrow(vgg == 1 ? SPAE_METRIC_LPIPS_VGG : SPAE_METRIC_LPIPS_ALEX);
        const char *const path[] = {in_folder(&f, "w.npz")};
        double distance = -1, none = -1, sum = 0;
        spae_error err;
        fill_pictures();
        write_weights(&net, path[0]);
        ck_ok(spae_metric_network_open(&net, path, 1, size, &arena, &err));
        ck_ok(spae_metric_network_distance(&net, picture, other, &distance, &err));
        ck_ok(spae_metric_network_distance(&net, picture, picture, &none, &err));
        for (size_t t = 0; t < FRAMES; t++) {
            spae_tape tape;
            spae_network network;
            spae_tape_start(&tape, &arena, SPAE_TAPE_RUN, &err);
            spae_network_bind(&network, &tape, &net.parameters, net.values);
            const spae_shape shape = spae_shape_of(1, 1, SIDE, SIDE, 3);
            spae_var a = spae_offset(
                &tape,
                spae_scale(&tape, spae_tape_constant(&tape, shape, picture + t * SIDE * SIDE * 3),
                           2),
                -1);
            spae_var b = spae_offset(
                &tape,
                spae_scale(&tape, spae_tape_constant(&tape, shape, other + t * SIDE * SIDE * 3), 2),
                -1);
            spae_var y = vgg == 1 ? spae_lpips(&network, &net.vgg, a, b, NULL)
                                  : spae_lpips_alexnet(&network, &net.alexnet, a, b, NULL);
            sum += (double)y->value[0];
        }
        ck_assert(distance > 0 && distance >= sum / FRAMES && distance <= sum / FRAMES &&
                  none >= 0 && none <= 0);
        remove_folder(&f, (const char *const[]){"w.npz", NULL});
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(refused)
{
    spae_arena arena = new_arena();
    folder f = make_folder();
    spae_metric_network alex = narrow(SPAE_METRIC_LPIPS_ALEX), net = narrow(SPAE_METRIC_INCEPTION);
    const char *const path[] = {in_folder(&f, "w.npz")};
    spae_error err;
    write_weights(&alex, path[0]);
    ck_fails(spae_metric_network_open(&net, path, 1, size, &arena, &err), SPAE_ERR_FORMAT, "w.npz",
             "missing");
    ck_fails(spae_metric_network_open(&alex, path, 1, (const size_t[]){1, 20, 20}, &arena, &err),
             SPAE_ERR_SHAPE, "x");
    ck_fails(
        spae_metric_network_open(&alex, (const char *const[]){"none.npz"}, 1, size, &arena, &err),
        SPAE_ERR_IO, "none.npz");
    ck_assert_uint_eq(arena.used, 0);
    remove_folder(&f, (const char *const[]){"w.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_metric_networks, "io/metric_networks", published_sizes, inception, i3d, lpips,
      refused)
