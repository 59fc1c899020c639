/* A model file in arenas of every size: too small ones are refused and stay as they were, the first that suffices gives
 * the model. (test/io/model.c refuses each call of a growing arena's allocator in turn.) */
#include "tiny.h"

#include "nn/network.h"

typedef struct {
    const char *path;
    const spae_model *expected;
} loading;

static spae_status load(spae_arena *arena, void *context, spae_error *err)
{
    loading *l = context;
    spae_model model = {.values = NULL};
    const spae_status status = spae_model_load(&model, arena, l->path, err);
    if (status != SPAE_OK) {
        ck_assert_ptr_null(model.values);
        return status;
    }
    const size_t size = model.parameters->elements * sizeof(spae_real);
    ck_assert_uint_eq(model.parameters->elements, l->expected->parameters->elements);
    ck_assert_mem_eq(model.values, l->expected->values, size);
    ck_assert_mem_eq(model.codebook.e, l->expected->codebook.e, model.codebook.V * model.codebook.c * sizeof(spae_real));
    for (size_t k = 0; k < model.codebook.V; k++)
        ck_assert_str_eq(model.word[k], l->expected->word[k]);
    return SPAE_OK;
}

START_TEST(a_model_is_loaded_or_refused_at_every_size)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_error err;
    const spae_config config = preset_of("tiny-2d");
    const spae_model model = generated_model(&config, 9, 5, &arena);
    ck_ok(spae_model_save(&model, in_folder(&f, "m.npz"), &arena, &err));
    loading l = {.path = f.path, .expected = &model};
    starve(load, &l, 997);
    remove_folder(&f, (const char *const[]){"m.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_memory, "io/memory", a_model_is_loaded_or_refused_at_every_size)
