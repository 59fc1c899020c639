/* io/sheet: every picture stands in its cell, magnified, with grey around it. */
#include "bytes.h"

#include "../../io/sheet.h"

#include "tiny_model.h"

enum { FACTOR = 12, CELL = 8 * FACTOR + 8 }; /* 96 / 8 */

START_TEST(places)
{
    spae_arena arena = new_arena();
    const spae_model model = tiny_model(&arena, TINY_V);
    spae_real picture[TINY_SAMPLES];
    spae_study studies[2];
    spae_image sheet;
    tiny_picture(picture);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(spae_study_make(&model, "x", picture, &(spae_study_like){.label = NULL}, &arena, &studies[i], NULL), SPAE_OK);
    ck_assert_int_eq(spae_sheet_make(&model, studies, 2, &arena, &sheet, NULL), SPAE_OK);
    ck_assert(sheet.height == 2 * CELL + 8 && sheet.width == 5 * CELL + 8 && sheet.channels == 3);
    for (size_t y = 0; y < sheet.height; y++)
        for (size_t x = 0; x < sheet.width; x++)
            for (size_t channel = 0; channel < 3; channel++) {
                const size_t row = y / CELL, column = x / CELL, top = y % CELL, left = x % CELL;
                float due = 0.5f;
                if (top >= 8 && left >= 8) {
                    const size_t at = ((top - 8) / FACTOR * 8 + (left - 8) / FACTOR) * 3 + channel;
                    due = (float)(column == 0 ? picture[at] : studies[row].rebuilt[(column - 1) * TINY_SAMPLES + at]);
                }
                ck_assert(sheet.pixels[(y * sheet.width + x) * 3 + channel] == due);
            }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(too_large)
{
    spae_arena arena = new_arena();
    const spae_model model = tiny_model(&arena, TINY_V);
    spae_image sheet = {.height = 7};
    ck_assert_int_eq(spae_sheet_make(&model, NULL, 1000, &arena, &sheet, NULL), SPAE_ERR_FORMAT);
    ck_assert_uint_eq(sheet.height, 7);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_sheet, "io/sheet", places, too_large)
