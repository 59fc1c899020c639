#include "study.h"
spae_status study_denoise(const study *s, spae_arena *arena, spae_error *err)
{
    (void)s; (void)arena;
    return spae_fail(err, SPAE_ERR_ARGUMENT, "x");
}
