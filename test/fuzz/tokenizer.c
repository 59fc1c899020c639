/* Fuzz target: tokenizer.json, and vocab.json with merges of a few tokens. */
#include "tokens_of.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char merges[] = "#version: 0.2\na b\n\xC4\xA0 a\n";
    fuzz_budget budget, of_scratch;
    spae_arena arena = fuzz_arena(&budget, size), scratch = fuzz_arena(&of_scratch, size);
    const char *text = (const char *)data;
    spae_token_sources sources = {.file = {"fuzz", text, size}, .merges = {"merges", merges, sizeof merges - 1}, .arena = &arena,
                                  .scratch = &scratch};
    spae_error err = {SPAE_OK, ""};
    sources.nodes = fuzz_json(text, size, &scratch);
    spae_token_model *model = sources.nodes != NULL ? spae_token_model_new(&arena) : NULL;
    if (model != NULL) {
        const spae_json_node *described = spae_json_member(sources.nodes, sources.nodes, "model");
        const spae_status status = described != NULL && described->type == SPAE_JSON_OBJECT
                                       ? spae_token_json(&sources, model, &err)
                                       : spae_token_vocab(&sources, model, &err);
        if (status == SPAE_OK)
            fuzz_vocabulary(&model->face);
        else if (err.status != status || err.text[0] == '\0')
            abort();
    }
    spae_arena_free(&arena);
    spae_arena_free(&scratch);
    return 0;
}
