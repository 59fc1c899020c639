/* Eq. 1: the paper's positions spelled out, and pyramids that are refused. */
#include "test/check.h"

#include "spae.h"

/* P(l) of a 16x16 grid, rows and columns counted from 1 as in the paper: one layer each of 1, 2, 4, 8, 16. */
START_TEST(the_papers_positions)
{
    const spae_pyramid p = {5, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}}};
    static const size_t along[5][16] = {
        {9}, {5, 13}, {3, 7, 11, 15}, {2, 4, 6, 8, 10, 12, 14, 16}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
    ck_assert_int_eq(spae_pyramid_check(&p, NULL), SPAE_OK);
    for (size_t l = 0; l < 5; l++) {
        int32_t position[256];
        const size_t n = p.size[l][1];
        spae_pyramid_positions(&p, l, position);
        ck_assert_uint_eq(spae_pyramid_tokens(&p, l), n * n);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                ck_assert_int_eq(position[i * n + j], (int)((along[l][i] - 1) * 16 + along[l][j] - 1));
    }
    ck_assert_uint_eq(spae_pyramid_cells(&p), 256);
    ck_assert_uint_eq(spae_pyramid_total(&p, 0), 0);
    ck_assert_uint_eq(spae_pyramid_total(&p, 3), 21);
    ck_assert_uint_eq(spae_pyramid_total(&p, 5), 341);
}
END_TEST

/* Ratios 3 and 5: ceil(h'/2) rounds up, so the middle cell is taken. */
START_TEST(odd_ratios_take_the_middle)
{
    const spae_pyramid p = {2, {{1, 2, 1}, {1, 6, 5}}};
    int32_t position[2];
    spae_pyramid_positions(&p, 0, position);
    ck_assert(position[0] == 1 * 5 + 2 && position[1] == 4 * 5 + 2);
}
END_TEST

START_TEST(video_is_sampled_in_time_too)
{
    const spae_pyramid p = {2, {{2, 1, 2}, {4, 2, 2}}};
    int32_t position[4];
    spae_pyramid_positions(&p, 0, position);
    /* t 2 and 4, row 2, columns 1 and 2, all counted from 1 */
    ck_assert(position[0] == 6 && position[1] == 7 && position[2] == 14 && position[3] == 15);
}
END_TEST

/* Positions of a layer are different cells of the grid, in raster order. */
START_TEST(positions_ascend_within_the_grid)
{
    for (size_t h = 1; h <= 12; h++)
        for (size_t w = 1; w <= 12; w++)
            if (12 % h == 0 && 12 % w == 0) {
                const spae_pyramid p = {2, {{1, h, w}, {1, 12, 12}}};
                int32_t position[144];
                ck_assert_int_eq(spae_pyramid_check(&p, NULL), SPAE_OK);
                spae_pyramid_positions(&p, 0, position);
                ck_assert(position[0] >= 0 && position[h * w - 1] < 144);
                for (size_t i = 1; i < h * w; i++)
                    ck_assert_int_gt(position[i], position[i - 1]);
            }
}
END_TEST

static void refused(const spae_pyramid *p, const char *part)
{
    spae_error err;
    ck_assert_int_eq(spae_pyramid_check(p, &err), SPAE_ERR_SHAPE);
    ck_assert_msg(strstr(err.text, part) != NULL, "%s", err.text);
    ck_assert_int_eq(spae_pyramid_check(p, NULL), SPAE_ERR_SHAPE);
}

START_TEST(pyramids_that_cannot_be_are_refused)
{
    refused(&(spae_pyramid){0, {{1, 1, 1}}}, "0 layers");
    refused(&(spae_pyramid){SPAE_MAX_LAYERS + 1, {{1, 1, 1}}}, "17 layers");
    refused(&(spae_pyramid){1, {{1, 0, 1}}}, "axis h");
    refused(&(spae_pyramid){1, {{1, 1, 4097}}}, "axis w");
    refused(&(spae_pyramid){2, {{1, 3, 1}, {1, 4, 4}}}, "layer 1 has size 3 on axis h, which does not divide 4");
    refused(&(spae_pyramid){3, {{1, 4, 4}, {1, 2, 4}, {1, 4, 4}}}, "layer 2 shrinks from 4 to 2 on axis h");
    refused(&(spae_pyramid){2, {{2, 1, 1}, {1, 4, 4}}}, "axis t");
    refused(&(spae_pyramid){1, {{4096, 4096, 4096}}}, "positions");
    refused(&(spae_pyramid){1, {{2, 4096, 4096}}}, "33554432 positions");
    const spae_pyramid most = {1, {{1, 4096, 4096}}};
    ck_assert_int_eq(spae_pyramid_check(&most, NULL), SPAE_OK);
}
END_TEST

START_TEST(sixteen_layers_are_the_most)
{
    spae_pyramid p = {.layers = SPAE_MAX_LAYERS};
    for (size_t l = 0; l < SPAE_MAX_LAYERS; l++)
        p.size[l][0] = p.size[l][1] = p.size[l][2] = 1;
    ck_assert_int_eq(spae_pyramid_check(&p, NULL), SPAE_OK);
    ck_assert_uint_eq(spae_pyramid_total(&p, 16), 16);
}
END_TEST

SUITE(suite_spae_pyramid, "spae/pyramid", the_papers_positions, odd_ratios_take_the_middle,
      video_is_sampled_in_time_too, positions_ascend_within_the_grid, pyramids_that_cannot_be_are_refused,
      sixteen_layers_are_the_most)
