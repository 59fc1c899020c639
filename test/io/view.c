/* io/view: what of a picture a step of training sees; its bits for any order of work, and the data it is cut from. */
#include "tiny.h"

#include "io/batch.h"
#include "io/directory.h"

static spae_config viewing(size_t H, size_t W, double crop, bool flip)
{
    return (spae_config){.picture = {1, H, W}, .batch = 4, .crop = crop, .flip = flip};
}

/* ---- which part ------------------------------------------------------------------------------ */

START_TEST(parts_lie_inside_and_take_every_size_and_place)
{
    const spae_config config = viewing(8, 12, 0.5, true);
    size_t heights[17] = {0}, tops[17] = {0}, lefts[25] = {0}, flipped = 0;
    enum { DRAWS = 4000 };
    for (uint32_t i = 0; i < DRAWS; i++) {
        const spae_view v = spae_view_draw(&config, 16, 24, 3, i / 7, i % 7);
        ck_assert(v.whole[0] == 16 && v.whole[1] == 24);
        ck_assert(v.height >= 8 && v.height <= 16 && v.width == v.height * 24 / 16);
        ck_assert(v.top + v.height <= 16 && v.left + v.width <= 24);
        heights[v.height]++;
        tops[v.top]++;
        lefts[v.left]++;
        flipped += v.flipped;
    }
    for (size_t h = 8; h <= 16; h++) /* a ninth each: 444 of 4000, deviation 20 */
        ck_assert(heights[h] > 340 && heights[h] < 550);
    for (size_t i = 0; i <= 8; i++)
        ck_assert_uint_gt(tops[i], 0);
    for (size_t i = 0; i <= 12; i++)
        ck_assert_uint_gt(lefts[i], 0);
    ck_assert(flipped > 1850 && flipped < 2150);
}
END_TEST

START_TEST(the_smallest_pictures_have_parts)
{
    const spae_config config = viewing(1, 3, 0.9, false);
    for (uint32_t i = 0; i < 50; i++) {
        const spae_view v = spae_view_draw(&config, 1, 1, 0, i, 0);
        ck_assert(v.height == 1 && v.top == 0 && v.width == 3 && v.left == 0 && !v.flipped);
    }
}
END_TEST

/* 1 - 0.9 is a little less than a tenth in binary64. */
START_TEST(room_is_for_the_least_part)
{
    static const struct {
        double crop;
        size_t due[2];
    } c[] = {{0, {128, 100}}, {0.5, {256, 200}}, {0.25, {171, 134}}, {0.9, {1281, 1001}}};
    for (size_t i = 0; i < 4; i++) {
        const spae_config config = viewing(128, 100, c[i].crop, false);
        size_t size[3];
        spae_view_room(&config, size);
        ck_assert(size[0] == 1 && size[1] == c[i].due[0] && size[2] == c[i].due[1]);
    }
    const spae_config large = viewing(16384, 8000, 0.5, false);
    size_t size[3];
    spae_view_room(&large, size);
    ck_assert(size[1] == 16384 && size[2] == 16000);
}
END_TEST

/* ---- what it shows --------------------------------------------------------------------------- */

/* A view of everything has the bits of a picture without views, mirrored or not. */
START_TEST(a_whole_view_is_the_picture)
{
    spae_arena arena = new_arena();
    const spae_dataset data = generated_data(&arena);
    const spae_config config = viewing(16, 15, 0, true);
    spae_real plain[16 * 15 * 3], shown[16 * 15 * 3];
    size_t flipped = 0;
    for (uint32_t i = 0; i < 40; i++) {
        const spae_view v = spae_view_draw(&config, data.height, data.width, 1, i, 2);
        ck_assert(v.top == 0 && v.left == 0 && v.height == 16 && v.width == 15);
        spae_dataset_picture(&data, i % TINY_COUNT, &config, plain);
        spae_dataset_view(&data, i % TINY_COUNT, &config, &v, shown);
        for (size_t y = 0; y < 16; y++)
            for (size_t x = 0; x < 45; x++) {
                const size_t from = v.flipped ? (14 - x / 3) * 3 + x % 3 : x;
                ck_assert(shown[y * 45 + x] == plain[y * 45 + from]);
            }
        flipped += v.flipped;
    }
    ck_assert(flipped > 5 && flipped < 35);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(parts_are_averaged_and_interpolated)
{
    static const uint8_t levels[16] = {0, 10, 20, 31, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 255};
    const spae_dataset data = {.count = 1, .frames = 1, .height = 4, .width = 4, .channels = 1, .pictures = levels};
    const spae_config config = viewing(2, 2, 0.75, true);
    spae_real out[12];
    spae_dataset_view(&data, 0, &config, &(spae_view){{4, 4}, 0, 0, 4, 4, false}, out); /* means of 2 x 2 */
    ck_assert(out[0] == (spae_real)(100.0 / 1020.0) && out[3] == (spae_real)(181.0 / 1020.0));
    ck_assert(out[6] == (spae_real)(420.0 / 1020.0) && out[9] == (spae_real)(605.0 / 1020.0) && out[10] == out[9]);
    spae_dataset_view(&data, 0, &config, &(spae_view){{4, 4}, 2, 1, 2, 2, true}, out); /* as they are, mirrored */
    ck_assert(out[0] == (spae_real)100 / (spae_real)255 && out[3] == (spae_real)90 / (spae_real)255);
    spae_dataset_view(&data, 0, &config, &(spae_view){{4, 4}, 3, 3, 1, 1, false}, out); /* one pixel */
    for (size_t i = 0; i < 12; i++)
        ck_assert(out[i] == 1);
}
END_TEST

/* ---- in training ----------------------------------------------------------------------------- */

START_TEST(batches_are_functions_of_the_step)
{
    spae_config config = preset_of("tiny-2d");
    spae_arena arena = new_arena();
    const spae_dataset data = generated_data(&arena);
    spae_batch a, b, plain;
    spae_error err;
    config.batch = 4;
    const spae_config off = config;
    config.crop = 0.5;
    config.flip = true;
    ck_ok(spae_batch_create(&a, &data, &config, NULL, 0, 5, &arena, &err));
    ck_ok(spae_batch_create(&b, &data, &config, NULL, 0, 5, &arena, &err));
    ck_ok(spae_batch_create(&plain, &data, &off, NULL, 0, 5, &arena, &err));
    const size_t all = 4 * 16 * 16 * 3 * sizeof *a.pictures;
    for (uint64_t step = 0; step < 6; step++)
        spae_batch_fill(&a, step);
    spae_batch_fill(&b, 5);
    spae_batch_fill(&plain, 5);
    ck_assert(memcmp(a.pictures, b.pictures, all) == 0 && memcmp(a.index, plain.index, 4 * sizeof *a.index) == 0);
    ck_assert(memcmp(a.pictures, plain.pictures, all) != 0);
    for (size_t i = 0; i < 4; i++) {
        const spae_view v = spae_view_draw(&config, data.height, data.width, 5, 5, (uint32_t)i);
        spae_real shown[16 * 16 * 3];
        spae_dataset_view(&data, a.index[i], &config, &v, shown);
        ck_assert(memcmp(shown, a.pictures + i * 16 * 16 * 3, sizeof shown) == 0);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(folders_are_kept_large_and_arrays_as_they_are)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_config config = viewing(2, 2, 0.5, false);
    spae_dataset d;
    spae_error err;
    bytes b = {.size = 0};
    add_text(&b, "P5 8 8 255 ");
    for (unsigned i = 0; i < 64; i++)
        add_low(&b, i, 1);
    put_bytes(in_folder(&f, "a.pgm"), b.data, b.size);
    ck_ok(spae_dataset_open_views(&arena, f.name, &config, &d, &err));
    ck_assert(d.height == 4 && d.width == 4);
    config.crop = 0;
    ck_ok(spae_dataset_open_views(&arena, f.name, &config, &d, &err));
    ck_assert(d.height == 2 && d.width == 2);
    b.size = 0;
    add(&b, "\0\0\x08\x03\0\0\0\1\0\0\0\4\0\0\0\3ABCDEFGHIJKL", 28); /* IDX (1,4,3) */
    put_bytes(in_folder(&f, "idx"), b.data, b.size);
    const char *const path = in_folder(&f, "idx");
    ck_assert_int_eq(spae_dataset_open_views(&arena, path, &config, &d, &err), SPAE_ERR_SHAPE);
    ck_assert(strstr(err.text, "pictures are 4x3, the model takes up to 2x2") != NULL);
    config.crop = 0.5;
    ck_ok(spae_dataset_open_views(&arena, path, &config, &d, &err));
    ck_assert(d.height == 4 && d.width == 3);
    const spae_view v = spae_view_draw(&config, d.height, d.width, 0, 0, 0);
    ck_assert(v.whole[0] == 4 && v.whole[1] == 3);
    remove_folder(&f, (const char *const[]){"a.pgm", "idx", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_view, "io/view", parts_lie_inside_and_take_every_size_and_place, the_smallest_pictures_have_parts,
      room_is_for_the_least_part, a_whole_view_is_the_picture, parts_are_averaged_and_interpolated,
      batches_are_functions_of_the_step, folders_are_kept_large_and_arrays_as_they_are)
