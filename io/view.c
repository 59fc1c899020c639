/* Random crops and flips of training, view.h. */
#include "io/view.h"

#include <math.h>

#include "vendor_free/philox.h"

enum { MOST_SIDE = 16384 };

bool spae_view_wanted(const spae_config *config)
{
    return config->crop > 0.0 || config->flip;
}

void spae_view_room(const spae_config *config, size_t size[3])
{
    size[0] = config->picture[0];
    for (size_t i = 1; i < 3; i++) {
        const double side = ceil((double)config->picture[i] / (1.0 - config->crop)); /* crop <= 0.9 */
        size[i] = side < MOST_SIDE ? (size_t)side : MOST_SIDE;
    }
}

/* SPEC 7.7 */
spae_view spae_view_draw(const spae_config *config, size_t height, size_t width, uint32_t seed, uint32_t step,
                         uint32_t example)
{
    const spae_random_key key = {seed, SPAE_RANDOM_VIEW};
    const size_t H = config->picture[1], W = config->picture[2];
    spae_view v = {.whole = {height > H ? height : H, width > W ? width : W}};
    uint32_t size[4], place[4];
    spae_random_block(key, (const uint32_t[]){step, example, 0, 0}, size);
    spae_random_block(key, (const uint32_t[]){step, example, 1, 0}, place);
    const size_t share = (size_t)floor((double)v.whole[0] * (1.0 - config->crop)), least = share > 0 ? share : 1;
    v.height = least + spae_random_below(size[0], size[1], (uint32_t)(v.whole[0] - least + 1));
    const size_t across = v.height * v.whole[1] / v.whole[0];
    v.width = across > 0 ? across : 1;
    v.top = spae_random_below(place[0], place[1], (uint32_t)(v.whole[0] - v.height + 1));
    v.left = spae_random_below(place[2], place[3], (uint32_t)(v.whole[1] - v.width + 1));
    v.flipped = config->flip && size[2] < (uint32_t)1 << 31;
    return v;
}
