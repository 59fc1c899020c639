/* Fuzz target: a language model's config.json. What is read are sizes that nn/transformer.h takes. */
#include "../../io/transformer_config.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_transformer_config config;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_transformer_config_read("fuzz", (const char *)data, size, &arena, &config, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    else if (config.ends > SPAE_TRANSFORMER_ENDS || arena.used != 0 ||
             spae_transformer_check(&config.architecture, NULL) != SPAE_OK)
        abort();
    spae_arena_free(&arena);
    return 0;
}
