#include "shape.h"

spae_shape spae_shape_of(size_t n, size_t t, size_t h, size_t w, size_t c)
{
    return (spae_shape){{n, t, h, w, c}};
}

size_t spae_shape_count(spae_shape shape)
{
    size_t count = 1;
    for (size_t i = 0; i < SPAE_AXES; i++)
        count *= shape.axis[i];
    return count;
}

bool spae_shape_equal(spae_shape a, spae_shape b)
{
    for (size_t i = 0; i < SPAE_AXES; i++)
        if (a.axis[i] != b.axis[i])
            return false;
    return true;
}
