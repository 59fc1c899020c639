/* Fuzz target: ranks, with a pattern beside them. */
#include "tokens_of.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char pattern[] = "{\"pat_str\":\"'s| ?\\\\p{L}+|\\\\s+|.\",\"special_tokens\":{\"<|endoftext|>\":300}}";
    fuzz_budget budget, of_scratch;
    spae_arena arena = fuzz_arena(&budget, size), scratch = fuzz_arena(&of_scratch, size + sizeof pattern);
    spae_token_sources sources = {.file = {"fuzz", (const char *)data, size}, .pattern_path = "pattern.json", .arena = &arena,
                                  .scratch = &scratch};
    spae_error err = {SPAE_OK, ""};
    sources.pattern = fuzz_json(pattern, sizeof pattern - 1, &scratch);
    spae_token_model *model = spae_token_model_new(&arena);
    if (sources.pattern == NULL || model == NULL)
        abort();
    const spae_status status = spae_token_tiktoken(&sources, model, &err);
    if (status == SPAE_OK)
        fuzz_vocabulary(&model->face);
    else if (err.status != status || err.text[0] == '\0')
        abort();
    spae_arena_free(&arena);
    spae_arena_free(&scratch);
    return 0;
}
