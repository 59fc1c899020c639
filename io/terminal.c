/* The terminal's view of a picture and its words (terminal.h). */
#include "io/terminal.h"

#include <stdio.h>
#include <string.h>

#include "io/image.h"

enum {
    INDENT = 2,          /* before all lines */
    CAPTION = 16,        /* "layer 6  16x16" and the space behind it */
    GAP = 2,             /* between pictures, and between the columns of a grid */
    PREVIEW_MOST = 17,   /* characters of a small picture */
    GRID_COLUMNS_MOST = 8
};

/* ---- pictures --------------------------------------------------------------------------------------- */

static size_t preview_width(size_t pictures)
{
    const size_t room = SPAE_TERMINAL_COLUMNS - INDENT - GAP * pictures;
    return room / pictures < PREVIEW_MOST ? room / pictures : PREVIEW_MOST;
}

static float clamped(spae_real value)
{
    return value > 1 ? 1.0f : value > 0 ? (float)value : 0.0f; /* NaN: 0 */
}

/* One picture in `width` columns and as many lines as look right: a character is twice as high as wide. */
typedef struct {
    size_t lines, width;
    spae_image image; /* (2 * lines, width, 3) or one row less */
} preview;

static spae_status make_preview(const spae_config *config, const spae_real *picture, size_t width,
                                spae_arena *arena, preview *out, spae_error *err)
{
    const size_t H = config->picture[1], W = config->picture[2];
    const size_t rows = H * width / W > 0 ? H * width / W : 1;
    spae_image whole;
    spae_status status = spae_image_take(arena, "preview", NULL, H, W, 3, &whole, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < H * W * 3; i++)
        whole.pixels[i] = clamped(picture[i]);
    *out = (preview){.lines = (rows + 1) / 2, .width = width};
    return spae_image_resize(arena, &whole, rows, width, &out->image, err);
}

static double brightness(const spae_image *image, size_t y, size_t x)
{
    const float *p = image->pixels + (y * image->width + x) * 3;
    return ((double)p[0] + (double)p[1] + (double)p[2]) / 3.0;
}

static char shade(const preview *p, size_t line, size_t x)
{
    static const char shades[] = " .:-=+*#%@";
    const size_t top = 2 * line, bottom = top + 1 < p->image.height ? top + 1 : top;
    const double value = (brightness(&p->image, top, x) + brightness(&p->image, bottom, x)) / 2.0;
    return shades[(size_t)(value * 9.0 + 0.5)];
}

static void put_previews(const preview *previews, size_t count, spae_page *page)
{
    for (size_t line = 0; line < previews[0].lines; line++) {
        char text[SPAE_TERMINAL_COLUMNS + 1];
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            for (size_t s = 0; s < (i == 0 ? (size_t)INDENT : (size_t)GAP); s++)
                text[n++] = ' ';
            for (size_t x = 0; x < previews[i].width; x++)
                text[n++] = shade(&previews[i], line, x);
        }
        while (n > 0 && text[n - 1] == ' ')
            n--;
        spae_page_bytes(page, text, n);
        spae_page_text(page, "\n");
    }
}

/* "picture", "1: 8.2 dB", "2: 10.4 dB" ... above their pictures. */
static void put_captions(const spae_study *study, size_t layers, size_t width, spae_page *page)
{
    const int room = (int)width;
    spae_page_format(page, "%*s%-*.*s", INDENT, "", room, room, "picture");
    for (size_t l = 0; l < layers; l++) {
        char text[40];
        snprintf(text, sizeof text, width < 12 ? "%zu" : "%zu layer%s %.1f dB", l + 1, l > 0 ? "s" : "",
                 study->psnr[l]);
        spae_page_format(page, "%*s%-*.*s", GAP, "", room, room, text);
    }
    spae_page_text(page, "\n");
}

spae_status spae_terminal_pictures(const spae_model *model, const spae_study *study, spae_arena *arena,
                                   spae_page *page, spae_error *err)
{
    preview previews[SPAE_MAX_LAYERS + 1];
    const spae_config *config = &model->config;
    const size_t layers = config->pyramid.layers, width = preview_width(layers + 1);
    const size_t samples = config->picture[1] * config->picture[2] * 3;
    spae_status status = make_preview(config, study->picture, width, arena, &previews[0], err);
    for (size_t l = 0; l < layers && status == SPAE_OK; l++)
        status = make_preview(config, study->rebuilt + l * samples, width, arena, &previews[l + 1], err);
    if (status != SPAE_OK)
        return status;
    put_captions(study, layers, width, page);
    put_previews(previews, layers + 1, page);
    return SPAE_OK;
}

/* ---- words ------------------------------------------------------------------------------------------ */

typedef struct {
    const spae_words *words;
    spae_page word; /* one word in its written form, reused */
} wording;

/* The written form of a token; its characters (code points) are counted, its bytes stand in w->word. */
static size_t load_word(wording *w, int32_t token)
{
    size_t characters = 0;
    spae_page_clear(&w->word);
    spae_words_write(w->words, token, false, &w->word);
    for (size_t i = 0; i < w->word.buffer.size; i++)
        characters += (w->word.buffer.bytes[i] & 0xC0) != 0x80;
    return characters;
}

/* The first `room` characters, the last of them '~' when there are more, filled up with spaces unless `last`. */
static void put_word(wording *w, int32_t token, size_t room, bool last, spae_page *page)
{
    const size_t characters = load_word(w, token);
    const size_t kept = characters > room ? room - 1 : characters;
    size_t bytes = 0;
    for (size_t seen = 0; bytes < w->word.buffer.size; bytes++) {
        seen += (w->word.buffer.bytes[bytes] & 0xC0) != 0x80;
        if (seen > kept)
            break;
    }
    spae_page_bytes(page, w->word.buffer.bytes, bytes);
    spae_page_text(page, characters > room ? "~" : "");
    if (!last)
        spae_page_format(page, "%*s", (int)(characters > room ? 0 : room - characters) + GAP, "");
}

/* Layer 1 has one word, to be seen at once: "S E V E N" when it is plain letters and short, else as it is. */
static void put_first(wording *w, int32_t token, spae_page *page)
{
    const size_t room = SPAE_TERMINAL_COLUMNS - INDENT - CAPTION;
    const size_t n = load_word(w, token);
    const uint8_t *text = w->word.buffer.bytes;
    bool plain = 2 * n <= room;
    for (size_t i = 0; i < w->word.buffer.size; i++)
        plain = plain && text[i] >= 'a' && text[i] <= 'z';
    if (!plain) {
        put_word(w, token, room, true, page);
        return;
    }
    for (size_t i = 0; i < n; i++)
        spae_page_format(page, "%s%c", i > 0 ? " " : "", text[i] - 'a' + 'A');
}

static void put_row(wording *w, const int32_t *token, size_t columns, size_t room, spae_page *page)
{
    for (size_t x = 0; x < columns; x++)
        put_word(w, token[x], room, x + 1 == columns, page);
    spae_page_text(page, "\n");
}

/* Columns as wide as the longest word of the layer, or as there is room for. */
static size_t column_room(wording *w, const int32_t *token, size_t count, size_t columns)
{
    const size_t most = (SPAE_TERMINAL_COLUMNS - INDENT - CAPTION - GAP * (columns - 1)) / columns;
    size_t room = 1;
    for (size_t i = 0; i < count; i++) {
        const size_t n = load_word(w, token[i]);
        room = n > room ? n : room;
    }
    return room < most ? room : most;
}

static void put_layer(wording *w, const spae_pyramid *pyramid, size_t layer, const int32_t *token,
                      spae_page *page)
{
    const size_t rows = pyramid->size[layer][1], columns = pyramid->size[layer][2];
    char caption[64];
    snprintf(caption, sizeof caption, "layer %zu  %zux%zu", layer + 1, rows, columns);
    spae_page_format(page, "%*s%-*s", INDENT, "", CAPTION, caption);
    if (columns > GRID_COLUMNS_MOST) {
        spae_page_format(page, "(%zu words)\n", rows * columns);
        return;
    }
    if (rows * columns == 1) {
        put_first(w, token[0], page);
        spae_page_text(page, "\n");
        return;
    }
    const size_t room = column_room(w, token, rows * columns, columns);
    for (size_t y = 0; y < rows; y++) {
        spae_page_format(page, "%*s", y > 0 ? INDENT + CAPTION : 0, "");
        put_row(w, token + y * columns, columns, room, page);
    }
}

spae_status spae_terminal_pyramid(const spae_model *model, const spae_words *words, const spae_study *study,
                                  spae_arena *arena, spae_page *page, spae_error *err)
{
    const spae_pyramid *pyramid = &model->config.pyramid;
    wording w = {words, spae_page_start(arena)};
    const uint8_t *bytes;
    size_t size;
    for (size_t l = 0; l < pyramid->layers; l++)
        put_layer(&w, pyramid, l, study->token + spae_pyramid_total(pyramid, l), page);
    return spae_page_end(&w.word, &bytes, &size, err);
}
