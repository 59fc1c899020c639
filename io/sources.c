/* Membership in a source, sources.h. */
#include "io/sources.h"

bool spae_sources_has(const spae_sources *sources, int32_t source, int32_t token)
{
    for (size_t i = sources->first[source]; i < sources->first[source + 1]; i++)
        if (sources->token[i] == token)
            return true;
    return false;
}
