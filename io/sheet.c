/* The contact sheets of sheet.h: a margin of grey around each picture. */
#include "io/sheet.h"

enum {
    SHOWN_WIDTH = 96, /* pictures are magnified to at most this width */
    MARGIN = 8
};

static const float grey = 0.5f;

spae_status spae_sheet_open(size_t rows, size_t columns, size_t height, size_t width, spae_arena *arena, spae_sheet *sheet,
                            spae_error *err)
{
    const size_t factor = width < SHOWN_WIDTH ? SHOWN_WIDTH / width : 1;
    *sheet = (spae_sheet){.rows = rows, .columns = columns, .height = height, .width = width, .factor = factor};
    const spae_status status =
        spae_image_take(arena, "contact sheet", NULL, rows * (height * factor + MARGIN) + MARGIN,
                        columns * (width * factor + MARGIN) + MARGIN, 3, &sheet->image, err);
    if (status == SPAE_OK)
        for (size_t i = 0; i < sheet->image.height * sheet->image.width * 3; i++)
            sheet->image.pixels[i] = grey;
    return status;
}

/* Each pixel becomes a square of `factor` pixels. */
void spae_sheet_place(const spae_sheet *sheet, size_t row, size_t column, const spae_real *picture)
{
    const size_t factor = sheet->factor, H = sheet->height * factor, W = sheet->width * factor;
    const size_t top = MARGIN + row * (H + MARGIN), left = MARGIN + column * (W + MARGIN);
    for (size_t y = 0; y < H; y++)
        for (size_t x = 0; x < W * 3; x++)
            sheet->image.pixels[((top + y) * sheet->image.width + left) * 3 + x] =
                (float)picture[((y / factor) * sheet->width + x / 3 / factor) * 3 + x % 3];
}

spae_status spae_sheet_make(const spae_model *model, const spae_study *studies, size_t count, spae_arena *arena,
                            spae_image *image, spae_error *err)
{
    const size_t H = model->config.picture[1], W = model->config.picture[2], layers = model->config.pyramid.layers;
    spae_sheet sheet;
    const spae_status status = spae_sheet_open(count, layers + 1, H, W, arena, &sheet, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        spae_sheet_place(&sheet, i, 0, studies[i].picture);
        for (size_t l = 0; l < layers; l++)
            spae_sheet_place(&sheet, i, l + 1, studies[i].rebuilt + l * H * W * 3);
    }
    *image = sheet.image;
    return SPAE_OK;
}
