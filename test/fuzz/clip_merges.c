/* Fuzz target: CLIP's merges, plain or gzipped, and the cleaning of any text. */
#include "../../io/gzip.h"
#include "tokens_of.h"
#include "vendor_free/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_budget budget, of_scratch;
    spae_arena arena = fuzz_arena(&budget, size), scratch = fuzz_arena(&of_scratch, size);
    spae_token_sources sources = {.file = {"fuzz", (const char *)data, size}, .arena = &arena, .scratch = &scratch};
    spae_error err = {SPAE_OK, ""};
    const uint8_t *plain = data;
    spae_status status = SPAE_OK;
    if (spae_gzip_is(data, size)) {
        status = spae_gzip_inflate(&scratch, data, size, 1 << 20, "fuzz", &plain, &sources.file.size, &err);
        sources.file.text = (const char *)plain;
        if (status != SPAE_OK)
            fuzz_refused(status, &err, &scratch);
    }
    spae_token_model *model = status == SPAE_OK ? spae_token_model_new(&arena) : NULL;
    if (model != NULL) {
        status = spae_token_clip(&sources, model, &err);
        if (status == SPAE_OK) {
            fuzz_vocabulary(&model->face);
            if (spae_utf8_valid(plain, sources.file.size))
                fuzz_tokens(&model->face, sources.file.text, sources.file.size < 256 ? sources.file.size : 256);
        } else if (err.status != status || err.text[0] == '\0') {
            abort();
        }
    }
    if (spae_utf8_valid(data, size)) {
        const char *out = NULL;
        size_t count = 0;
        if (spae_token_clean((const char *)data, size, &scratch, &out, &count, NULL) != SPAE_OK ||
            !spae_utf8_valid((const uint8_t *)out, count))
            abort();
    }
    spae_arena_free(&arena);
    spae_arena_free(&scratch);
    return 0;
}
