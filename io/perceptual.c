/* Loading of perceptual.h. */
#include "io/perceptual.h"

#include <string.h>

static spae_perceptual describe(const spae_config *config, bool torchvision)
{
    if (config->perceptual == SPAE_VGG_LPIPS)
        return spae_perceptual_lpips();
    spae_perceptual p = spae_perceptual_resnet50(torchvision);
    if (config->perceptual == SPAE_RESNET_FEATURES)
        p.kind = SPAE_PERCEPTUAL_RESNET_FEATURES;
    p.resize[0] = p.resize[1] = config->perceptual_size;
    return p;
}

void spae_perceptual_forms(const spae_config *config, spae_perceptual form[2])
{
    form[0] = describe(config, false);
    form[1] = describe(config, true);
}

static bool is_torchvision(const spae_weights_report *report)
{
    return strcmp(report->scheme[0], "torchvision") == 0;
}

/* Leaves in the arena what it took, whatever happens. */
static spae_status fill(const spae_perceptual form[2], const char *const *path, size_t files, spae_arena *arena,
                        spae_perceptual_weights *weights, spae_weights_report *report, spae_error *err)
{
    spae_parameters *parameters = spae_arena_take_zeroed(arena, 1, sizeof *parameters);
    if (parameters == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "perceptual term: no memory for its network");
    parameters->arena = arena;
    spae_status status = spae_perceptual_declare(&form[0], parameters, err);
    if (status != SPAE_OK)
        return status;
    spae_real *values = spae_arena_take(arena, parameters->elements, sizeof *values);
    if (values == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "perceptual term: no memory for %zu weights", parameters->elements);
    status = spae_weights_load(path, files, parameters, values, arena, report, err);
    if (status == SPAE_OK)
        *weights = (spae_perceptual_weights){form[is_torchvision(report)], parameters, values};
    return status;
}

spae_status spae_perceptual_fill(const spae_perceptual form[2], const char *const *path, size_t files,
                                 spae_arena *arena, spae_perceptual_weights *weights, spae_weights_report *report,
                                 spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_status status = fill(form, path, files, arena, weights, report, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_perceptual_load(const spae_config *config, const char *const *path, size_t files, spae_arena *arena,
                                 spae_perceptual_weights *weights, spae_weights_report *report, spae_error *err)
{
    spae_perceptual form[2];
    spae_perceptual_forms(config, form);
    return spae_perceptual_fill(form, path, files, arena, weights, report, err);
}
