/* Fuzz target: a token file in any of its forms. What is read lies in the vocabulary, and written again in the form
 * of words reads back to the same tokens. */
#include "../../io/tokens.h"
#include "memory.h"

enum { WORDS = 9 };

static spae_tokens_model make_model(spae_arena *arena)
{
    static const char *const words[WORDS] = {"seven", " the", "", "a\\b", "line\nend", "caf\xC3\xA9", "7", "twice",
                                             "twice"};
    spae_tokens_model model = {"fuzz", {3, {{1, 1, 1}, {1, 2, 2}, {1, 2, 2}}}, {NULL, 0, NULL}};
    if (spae_words_index(words, WORDS, arena, &model.words, NULL) != SPAE_OK)
        abort();
    return model;
}

static void check_read_back(const spae_tokens_model *model, const spae_tokens *tokens, spae_arena *arena)
{
    const size_t count = tokens->pictures * spae_pyramid_total(&model->pyramid, tokens->layers);
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_tokens back;
    for (size_t i = 0; i < count; i++)
        if (tokens->token[i] < 0 || tokens->token[i] >= WORDS)
            abort();
    if (spae_tokens_write(model, SPAE_TOKENS_WORDS, tokens, arena, &file, &size, NULL) != SPAE_OK ||
        spae_tokens_read(model, SPAE_TOKENS_FORMATS, "again", file, size, arena, &back, NULL) != SPAE_OK ||
        back.pictures != tokens->pictures || back.layers != tokens->layers ||
        memcmp(back.token, tokens->token, count * sizeof *back.token) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_budget budget, of_model;
    spae_arena arena = fuzz_arena(&budget, size), model_arena = fuzz_arena(&of_model, 0);
    const spae_tokens_model model = make_model(&model_arena);
    for (int format = 0; format <= SPAE_TOKENS_FORMATS; format++) {
        spae_tokens tokens;
        spae_error err = {SPAE_OK, ""};
        const spae_status status =
            spae_tokens_read(&model, (spae_tokens_format)format, "fuzz", data, size, &arena, &tokens, &err);
        if (status == SPAE_OK)
            check_read_back(&model, &tokens, &arena);
        else
            fuzz_refused(status, &err, &arena);
        spae_arena_reset(&arena, (spae_arena_mark){NULL, 0, 0});
    }
    spae_arena_free(&arena);
    spae_arena_free(&model_arena);
    return 0;
}
