/* The contact sheet of sheet.h: pictures in a grid, a margin of grey around each. */
#include "io/sheet.h"

enum {
    SHOWN_WIDTH = 96, /* pictures are magnified to at most this width */
    MARGIN = 8
};

static const float grey = 0.5f;

/* Puts a picture's pixels at (top,left), each as a square of `factor` pixels. */
static void place(const spae_config *config, const spae_real *picture, size_t factor, size_t top, size_t left,
                  const spae_image *sheet)
{
    const size_t H = config->picture[1] * factor, W = config->picture[2] * factor;
    for (size_t y = 0; y < H; y++)
        for (size_t x = 0; x < W * 3; x++)
            sheet->pixels[((top + y) * sheet->width + left) * 3 + x] =
                (float)picture[((y / factor) * config->picture[2] + x / 3 / factor) * 3 + x % 3];
}

spae_status spae_sheet_make(const spae_model *model, const spae_study *studies, size_t count,
                            spae_arena *arena, spae_image *sheet, spae_error *err)
{
    const spae_config *config = &model->config;
    const size_t H = config->picture[1], W = config->picture[2], layers = config->pyramid.layers;
    const size_t factor = W < SHOWN_WIDTH ? SHOWN_WIDTH / W : 1;
    const size_t down = H * factor + MARGIN, across = W * factor + MARGIN;
    const spae_status status = spae_image_take(arena, "contact sheet", NULL, count * down + MARGIN,
                                               (layers + 1) * across + MARGIN, 3, sheet, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < sheet->height * sheet->width * 3; i++)
        sheet->pixels[i] = grey;
    for (size_t i = 0; i < count; i++) {
        const size_t top = MARGIN + i * down;
        place(config, studies[i].picture, factor, top, MARGIN, sheet);
        for (size_t l = 0; l < layers; l++)
            place(config, studies[i].rebuilt + l * H * W * 3, factor, top, MARGIN + (l + 1) * across, sheet);
    }
    return SPAE_OK;
}
