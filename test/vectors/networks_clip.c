/* Stage networks: SPEC 6.13 and 6.14, CLIP's encoders. */
#include "models.h"

#include <string.h>

#include "nn/clip.h"

/* Pictures of 7 leave a row and a column behind their 3 x 3 patches of 2. */
#define PICTURES .image_size = 7, .patch = 2, .vision = {6, 2, 3, 10}, .embed = 5, .eps = 1e-5
#define TEXTS    .context = 5, .vocab = 9, .text = {4, 2, 2, 8}, .embed = 3, .eps = 1e-5
#define PICTURES_SAID "\"image_size\":7,\"patch\":2,\"width\":6,\"layers\":2,\"heads\":3,\"hidden\":10,\"embed\":5,\"eps\":1e-5"
#define TEXTS_SAID "\"width\":4,\"layers\":2,\"heads\":2,\"hidden\":8,\"context\":5,\"vocab\":9,\"embed\":3,\"eps\":1e-5"

enum { SEQUENCES = 3, TOKENS = 5, BATCH = 2 };

/* An end token in the middle, at the end, and twice: the first one counts. */
static const int32_t tokens[SEQUENCES * TOKENS] = {7, 3, 8, 0, 0, 7, 1, 1, 5, 8, 7, 8, 2, 8, 0};

static spae_var build_image(spae_network *network, const void *context, const spae_var *in)
{
    return spae_clip_image(network, context, in[0]);
}

static spae_var build_text(spae_network *network, const void *context, const spae_var *in)
{
    (void)in;
    return spae_clip_text(network, context, tokens, SEQUENCES, TOKENS);
}

static void give(vectors *v, spae_network *network, spae_var y)
{
    vectors_result(v, "y", y);
    if (vectors_goes_on(v)) {
        const size_t d = y->shape.axis[SPAE_AXIS_C], shape[2] = {spae_shape_count(y->shape) / d, d};
        spae_real *unit = vectors_room(v, shape[0] * d, sizeof *unit);
        if (unit != NULL) {
            memcpy(unit, y->value, shape[0] * d * sizeof *unit);
            spae_clip_unit(unit, shape[0], d);
            vectors_numbers(v, "unit", VECTORS_NUMBERS, 2, shape, unit);
        }
    }
    vectors_network_gradients(v, network, "y", y);
}

static void image(vectors *v, const char *name, const char *with, const char *why, const spae_clip *c)
{
    const spae_shape shape = spae_shape_of(BATCH, 1, c->image_size, c->image_size, 3);
    spae_network network;
    if (!vectors_begin(v, name, "6.13", "clip_image", with, why))
        return;
    if (vectors_bind(v, "parameters", build_image, c, &shape, 1, &network)) {
        const spae_var x = vectors_leaf(v, "x", shape, 0, 1);
        give(v, &network, build_image(&network, c, &x));
    }
    vectors_end(v);
}

static void text(vectors *v, const spae_clip *c)
{
    const size_t shape[2] = {SEQUENCES, TOKENS};
    spae_network network;
    if (!vectors_begin(v, "networks/clip_text", "6.14", "clip_text", "{" TEXTS_SAID ",\"activation\":\"quick_gelu\"}",
                       "an end token in the middle, at the end, and twice"))
        return;
    if (vectors_bind(v, "parameters", build_text, c, NULL, 0, &network)) {
        vectors_integers(v, "tokens", VECTORS_INPUT, 2, shape, tokens);
        give(v, &network, build_text(&network, c, NULL));
    }
    vectors_end(v);
}

void vectors_networks_clip(vectors *v)
{
    static const spae_clip quick = {PICTURES}, by_erf = {PICTURES, .activation = SPAE_CLIP_GELU}, texts = {TEXTS};
    image(v, "networks/clip_image", "{" PICTURES_SAID ",\"activation\":\"quick_gelu\"}",
          "two pictures; their last row and column are in no patch", &quick);
    image(v, "networks/clip_image_gelu", "{" PICTURES_SAID ",\"activation\":\"gelu\"}", "gelu by erf", &by_erf);
    text(v, &texts);
}
