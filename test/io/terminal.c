/* io/terminal: no line over the width, grids aligned, long words cut, large layers named. */
#include "bytes.h"

#include "../../io/terminal.h"

#include "tiny_model.h"

static spae_real picture[TINY_SAMPLES];

static spae_study make_study(const spae_model *model, spae_arena *arena)
{
    spae_study study;
    tiny_picture(picture);
    ck_assert_int_eq(spae_study_make(model, "x", picture, &(spae_study_like){.label = NULL}, arena, &study, NULL), SPAE_OK);
    return study;
}

static char *finish(spae_page *page)
{
    const uint8_t *text = NULL;
    size_t size = 0;
    spae_page_bytes(page, "", 1);
    ck_assert_int_eq(spae_page_end(page, &text, &size, NULL), SPAE_OK);
    return (char *)page->buffer.bytes;
}

static void check_width(const char *text)
{
    for (size_t n; *text != '\0'; text += n + 1) {
        n = strcspn(text, "\n");
        ck_assert_msg(n <= SPAE_TERMINAL_COLUMNS && text[n] == '\n', "%.*s", (int)n, text);
    }
}

START_TEST(words)
{
    spae_arena arena = new_arena();
    const char *const plain[5] = {"seven", "a", "hut", "some&", "caf\xC3\xA9"};
    spae_model model = tiny_model(&arena, 5);
    model.word = plain;
    model.config.pyramid = (spae_pyramid){3, {{1, 1, 1}, {1, 2, 2}, {1, 16, 16}}};
    int32_t token[261] = {0, 1, 4, 3, 2};
    spae_study study = {.token = token};
    spae_words index;
    spae_page page = spae_page_start(&arena);
    ck_assert_int_eq(spae_words_index(plain, 5, &arena, &index, NULL), SPAE_OK);
    ck_assert_int_eq(spae_terminal_pyramid(&model, &index, &study, &arena, &page, NULL), SPAE_OK);
    ck_assert_str_eq(finish(&page), "  layer 1  1x1    S E V E N\n"
                                    "  layer 2  2x2    a      caf\xC3\xA9\n"
                                    "                  some&  hut\n"
                                    "  layer 3  16x16  (256 words)\n");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(long_words)
{
    spae_arena arena = new_arena();
    char letters[201];
    memset(letters, 'b', 200);
    letters[200] = '\0';
    const char *const longest[1] = {letters};
    spae_model model = tiny_model(&arena, 1);
    model.word = longest;
    int32_t token[TINY_TOKENS] = {0};
    spae_study study = {.token = token};
    spae_words index;
    spae_page page = spae_page_start(&arena);
    ck_assert_int_eq(spae_words_index(longest, 1, &arena, &index, NULL), SPAE_OK);
    ck_assert_int_eq(spae_terminal_pyramid(&model, &index, &study, &arena, &page, NULL), SPAE_OK);
    const char *text = finish(&page);
    check_width(text);
    ck_assert(strstr(text, "bb~  bb") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(pictures)
{
    spae_arena arena = new_arena();
    const spae_model model = tiny_model(&arena, TINY_V);
    spae_study study = make_study(&model, &arena);
    for (size_t i = 0; i < TINY_SAMPLES; i++) {
        study.rebuilt[i] = 5;                              /* as white as can be */
        study.rebuilt[TINY_SAMPLES + i] = (spae_real)-0.1; /* black */
        study.rebuilt[2 * TINY_SAMPLES + i] = (spae_real)NAN;
    }
    spae_page page = spae_page_start(&arena);
    ck_assert_int_eq(spae_terminal_pictures(&model, &study, &arena, &page, NULL), SPAE_OK);
    const char *text = finish(&page);
    check_width(text);
    size_t lines = 0;
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1, lines++)
        if (lines > 0)
            ck_assert(strncmp(line + 2 + 17 + 2, "@@@@@@@@@@@@@@@@@                    ", 37) == 0);
    ck_assert_uint_eq(lines, 1 + 9); /* captions, then 17 rows in lines of two */
    ck_assert(strncmp(text, "  picture            1 layer ", 29) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(many_layers)
{
    spae_arena arena = new_arena();
    spae_config config = tiny_config();
    spae_model model = tiny_model(&arena, TINY_V);
    config.pyramid.layers = SPAE_MAX_LAYERS;
    for (size_t l = 0; l < SPAE_MAX_LAYERS; l++)
        config.pyramid.size[l][0] = 1, config.pyramid.size[l][1] = config.pyramid.size[l][2] = 4;
    ck_assert_int_eq(spae_model_create(&(spae_model){.word = NULL}, &config, true, &arena, NULL), SPAE_OK);
    model.config = config;
    const spae_study study = make_study(&model, &arena);
    spae_page page = spae_page_start(&arena);
    ck_assert_int_eq(spae_terminal_pictures(&model, &study, &arena, &page, NULL), SPAE_OK);
    check_width(finish(&page));
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_terminal, "io/terminal", words, long_words, pictures, many_layers)
