/* Stage full: the paper's picture and video models at their own size, with weights that every port makes itself: SPEC 9.6.
 *
 * Each case stands alone: its own weights, codebook and pictures, in an arena of its own that is given back before the
 * next; what a step takes is planned and taken as one block. Large arrays are sampled.
 */
#include <string.h>

#include "hosted.h"
#include "io/preset.h"
#include "test/vectors/models.h"
#include "test/vectors/tokens.h"

enum { SEED = 1, PICTURE_WORDS = 65536, VIDEO_WORDS = 4096, STEP = 6000 };

#define VIDEO_STEP "full/video_step"

unsigned vectors_effort(const char *name)
{
    return strcmp(name, VIDEO_STEP) == 0 ? 2 : strncmp(name, "full/", 5) == 0;
}

/* A model, and room for what its runs take. */
typedef struct {
    spae_config config;
    spae_plan plan;
    spae_model model;
    spae_arena scratch;
} full;

/* ---- what the cases share ---- */

static void give_sampled(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                         const spae_real *data)
{
    vectors_array array = {.name = name, .type = VECTORS_REAL, .compare = compare, .rank = rank, .data = data,
                           .sampled = true};
    memcpy(array.shape, shape, rank * sizeof *shape);
    vectors_give(v, &array);
}

/* All parameters, or those of the autoencoder, one after the other. */
static void give_values(vectors *v, const char *name, vectors_compare compare, const spae_model *model, size_t count,
                        const spae_real *values)
{
    const vectors_array array = {.name = name, .type = VECTORS_REAL, .compare = compare, .rank = 1,
                                 .shape = {count == model->count ? model->elements : model->parameters->elements},
                                 .data = values, .layout = model->parameters, .layout_count = count, .sampled = true};
    vectors_give(v, &array);
}

/* An input by its formula, too large for a file. */
static spae_real *large(vectors *v, const char *name, unsigned rank, const size_t *shape, double offset, double scale)
{
    const double formula[2] = {offset, scale};
    vectors_array array = {.name = name, .type = VECTORS_REAL, .rank = rank, .formula = formula, .sampled = true};
    size_t count = 1;
    memcpy(array.shape, shape, rank * sizeof *shape);
    for (unsigned a = 0; a < rank; a++)
        count *= shape[a];
    spae_real *values = vectors_room(v, count, sizeof *values);
    if (values == NULL)
        return NULL;
    vectors_fill(v->now.name, name, offset, scale, count, values);
    array.data = values;
    vectors_give(v, &array);
    return values;
}

static spae_real *large_picture(vectors *v, const spae_config *config)
{
    const size_t *size = config->picture;
    return large(v, "picture", 4, (const size_t[]){size[0], size[1], size[2], 3}, 0.5, 0.5);
}

/* The preset's model with weights of seed 1, and the codebook by its formula; V 0: none. */
static void start(vectors *v, full *f, const char *preset, bool discriminator, size_t V)
{
    vectors_expect(v, spae_preset(preset, &f->config, v->err));
    if (!vectors_goes_on(v))
        return;
    v->now.config = &f->config;
    vectors_expect(v, spae_config_plan(&f->config, V > 0 ? V : 1, v->arena, &f->plan, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_model_create(&f->model, &f->config, discriminator, v->arena, v->err));
    if (!vectors_goes_on(v))
        return;
    spae_model_init(&f->model, SEED);
    if (V > 0)
        f->model.codebook = (spae_codebook){.V = V, .c = f->config.c,
                                            .e = large(v, "codebook", 2, (const size_t[]){V, f->config.c}, 0, 1)};
}

static void take_scratch(vectors *v, full *f, uint64_t bytes)
{
    const size_t room = (size_t)bytes + 1024; /* beside it the arena keeps its books */
    spae_arena_fixed(&f->scratch, vectors_room(v, room, 1), room);
}

/* ---- tokens ---- */

enum { LANES = 8, ROWS = 4 };

/* Squared distances from z to ROWS rows, in a quick order of sums: near enough to tell which row to look at. */
static void quick_distances(const double *z, const spae_real *e, size_t c, double distance[ROWS])
{
    double sum[ROWS][LANES] = {{0}};
    size_t j = 0;
    for (; j + LANES <= c; j += LANES)
        for (size_t r = 0; r < ROWS; r++)
            for (size_t l = 0; l < LANES; l++) {
                const double apart = z[j + l] - (double)e[r * c + j + l];
                sum[r][l] += apart * apart;
            }
    for (size_t r = 0; r < ROWS; r++) {
        distance[r] = 0;
        for (size_t l = 0; l < LANES; l++)
            distance[r] += sum[r][l];
        for (size_t i = j; i < c; i++)
            distance[r] += (z[i] - (double)e[r * c + i]) * (z[i] - (double)e[r * c + i]);
    }
}

/* The distance of SPEC 4.2. */
static double distance_of(const spae_codebook *book, const double *z, int32_t k)
{
    const spae_real *e = book->e + (size_t)k * book->c;
    double distance = 0;
    for (size_t j = 0; j < book->c; j++)
        distance += (z[j] - (double)e[j]) * (z[j] - (double)e[j]);
    return distance;
}

/* For each residual the row that is nearest but for its token, by a search of its own. Blocks of rows stay in the cache
 * while all residuals meet them. V is a multiple of BLOCK, BLOCK of ROWS. */
static void find_runners_up(const spae_codebook *book, const double *z, size_t count, const int32_t *token,
                            double *least, int32_t *runner_up)
{
    enum { BLOCK = 64 };
    for (size_t first = 0; first < book->V; first += BLOCK)
        for (size_t i = 0; i < count; i++)
            for (size_t k = first; k < first + BLOCK; k += ROWS) {
                double distance[ROWS];
                quick_distances(z + i * book->c, book->e + k * book->c, book->c, distance);
                for (size_t r = 0; r < ROWS; r++)
                    if (k + r != (size_t)token[i] && ((first == 0 && runner_up[i] < 0) || distance[r] < least[i])) {
                        least[i] = distance[r];
                        runner_up[i] = (int32_t)(k + r);
                    }
            }
}

/* The token's distance plus margin must be the distance to the runner-up to the bit: so the two searches agree. */
static void measure(vectors *v, const spae_codebook *book, const spae_quantized *q, vectors_choices *choices)
{
    for (size_t i = 0; i < choices->count; i++)
        choices->runner_up[i] = -1;
    find_runners_up(book, q->residual, choices->count, q->token, choices->distance, choices->runner_up);
    for (size_t i = 0; i < choices->count && vectors_goes_on(v); i++) {
        const double *z = q->residual + i * book->c;
        choices->distance[i] = distance_of(book, z, choices->runner_up[i]);
        const double margin = choices->distance[i] - distance_of(book, z, q->token[i]);
        if (memcmp(&margin, &q->margin[i], sizeof margin) != 0)
            vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT, "token %zu: margin %g, another search finds %g", i,
                                        q->margin[i], margin));
    }
}

/* Tokens of all layers with what judges them: SPEC 9.2. */
static void give_tokens(vectors *v, const full *f, const spae_quantized *q)
{
    const spae_pyramid *pyramid = &f->config.pyramid;
    const size_t tokens = spae_pyramid_total(pyramid, pyramid->layers);
    vectors_choices choices = {.count = tokens,
                               .token = q->token,
                               .margin = q->margin,
                               .runner_up = vectors_room(v, tokens, sizeof *choices.runner_up),
                               .distance = vectors_room(v, tokens, sizeof *choices.distance),
                               .cell = vectors_room(v, tokens, sizeof *choices.cell)};
    if (!vectors_goes_on(v))
        return;
    for (size_t l = 0; l < pyramid->layers; l++)
        spae_pyramid_positions(pyramid, l, choices.cell + spae_pyramid_total(pyramid, l));
    measure(v, &f->model.codebook, q, &choices);
    vectors_give_choices(v, 1, &tokens, &choices);
}

/* Tokens without margins: no others will do. */
static void give_bare_tokens(vectors *v, const full *f, const spae_quantized *q)
{
    const size_t tokens = spae_pyramid_total(&f->config.pyramid, f->config.pyramid.layers);
    vectors_integers(v, "token", VECTORS_BITS, 1, &tokens, q->token);
}

/* Encodes the picture; *z and *q lie in the case's arena. */
static void quantize(vectors *v, full *f, const spae_real *picture, spae_real **z, spae_quantized *q)
{
    const spae_pyramid *pyramid = &f->config.pyramid;
    const size_t cells = spae_pyramid_cells(pyramid), tokens = spae_pyramid_total(pyramid, pyramid->layers);
    const size_t c = f->config.c;
    *z = vectors_room(v, cells * c, sizeof **z);
    *q = (spae_quantized){.token = vectors_room(v, tokens, sizeof *q->token),
                          .margin = vectors_room(v, tokens, sizeof *q->margin),
                          .residual = vectors_room(v, tokens * c, sizeof *q->residual),
                          .zhat = vectors_room(v, pyramid->layers * cells * c, sizeof *q->zhat)};
    if (vectors_goes_on(v))
        vectors_expect(v, spae_codebook_prepare(&f->model.codebook, v->arena, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_embed(&f->model, picture, &f->scratch, *z, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_quantize(pyramid, f->config.quantizer, &f->model.codebook, *z, &f->scratch, q, v->err));
}

/* ---- the cases ---- */

static void init(vectors *v, const char *name, const char *preset, const char *with, const char *why)
{
    full f = {.plan = {0}};
    if (!vectors_begin(v, name, "1.6 6.2 6.3 6.4", "init", with, why))
        return;
    start(v, &f, preset, true, 0);
    if (vectors_goes_on(v)) {
        const spae_parameters *all = f.model.parameters;
        const int32_t elements[2] = {(int32_t)f.model.elements, (int32_t)(all->elements - f.model.elements)};
        vectors_integers(v, "elements", VECTORS_BITS, 1, (const size_t[]){2}, elements);
        give_values(v, "autoencoder", VECTORS_BITS, &f.model, f.model.count, f.model.values);
        give_values(v, "values", VECTORS_BITS, &f.model, all->count, f.model.values);
    }
    vectors_end(v);
}

static void encode(vectors *v, const char *name, const char *preset, size_t V, const char *with, const char *why)
{
    full f = {.plan = {0}};
    spae_quantized q;
    spae_real *z;
    if (!vectors_begin(v, name, "4.1 4.2 4.3 6.2 6.3", "encode", with, why))
        return;
    start(v, &f, preset, false, V);
    const spae_real *picture = vectors_goes_on(v) ? large_picture(v, &f.config) : NULL;
    if (vectors_goes_on(v)) {
        take_scratch(v, &f, f.plan.encode);
        quantize(v, &f, picture, &z, &q);
    }
    if (vectors_goes_on(v)) {
        const spae_pyramid *pyramid = &f.config.pyramid;
        const size_t *grid = pyramid->size[pyramid->layers - 1], c = f.config.c;
        give_sampled(v, "z", VECTORS_NUMBERS, 4, (const size_t[]){grid[0], grid[1], grid[2], c}, z);
        give_tokens(v, &f, &q);
        give_sampled(v, "zhat", VECTORS_NUMBERS, 5, (const size_t[]){pyramid->layers, grid[0], grid[1], grid[2], c},
                     q.zhat);
    }
    vectors_end(v);
}

/* Tokens that need no encoder: the same in every arithmetic. */
static int32_t *any_tokens(vectors *v, const full *f)
{
    const spae_pyramid *pyramid = &f->config.pyramid;
    const size_t tokens = spae_pyramid_total(pyramid, pyramid->layers), V = f->model.codebook.V;
    spae_real *number = vectors_room(v, tokens, sizeof *number);
    int32_t *token = vectors_room(v, tokens, sizeof *token);
    if (token == NULL)
        return NULL;
    vectors_fill(v->now.name, "token", 0.5, 0.5, tokens, number); /* in [0,1), multiples of 2^-24 */
    for (size_t i = 0; i < tokens; i++)
        token[i] = (int32_t)((double)number[i] * (double)V);
    vectors_integers(v, "token", VECTORS_INPUT, 1, &tokens, token);
    return token;
}

static void decode(vectors *v, const char *name, const char *preset, size_t V, size_t least, const char *with,
                   const char *why)
{
    static const char *const output[] = {"picture_1", "picture_2", "picture_3", "picture_4", "picture_5", "picture_6"};
    full f = {.plan = {0}};
    if (!vectors_begin(v, name, "4.1 4.3 6.2 6.3", "decode", with, why))
        return;
    start(v, &f, preset, false, V);
    const int32_t *token = vectors_goes_on(v) ? any_tokens(v, &f) : NULL;
    const size_t *size = f.config.picture;
    spae_real *picture = vectors_goes_on(v) ? vectors_room(v, size[0] * size[1] * size[2] * 3, sizeof *picture) : NULL;
    if (vectors_goes_on(v))
        take_scratch(v, &f, f.plan.decode);
    for (size_t layers = least; vectors_goes_on(v) && layers <= f.config.pyramid.layers; layers++) {
        vectors_expect(v, spae_decode(&f.model, token, layers, &f.scratch, picture, v->err));
        give_sampled(v, output[layers - 1], VECTORS_NUMBERS, 4, (const size_t[]){size[0], size[1], size[2], 3},
                     picture);
    }
    vectors_end(v);
}

static void give_trained(vectors *v, vectors_compare compare, const spae_trainer *trainer)
{
    const spae_model *model = trainer->model;
    const size_t all = model->parameters->count;
    give_values(v, "gradient", compare, model, all, trainer->gradient);
    give_values(v, "m", compare, model, all, trainer->m);
    give_values(v, "v", compare, model, all, trainer->v);
    give_values(v, "values", compare, model, all, model->values);
    give_values(v, "ema", compare, model, model->count, trainer->ema);
    vectors_numbers(v, "lecam", compare, 1, (const size_t[]){2}, trainer->lecam);
}

/* One step on one example. Videos are compared to the bit: their binary64 step needs more memory than machines at hand
 * have, so nothing says how far binary32 may be from it. */
static void step(vectors *v, const char *name, const char *preset, size_t V, const char *with, const char *why)
{
    const vectors_compare compare = vectors_effort(name) == 2 ? VECTORS_BITS : VECTORS_NUMBERS;
    full f = {.plan = {0}};
    spae_quantized q = {NULL, NULL, NULL, NULL, NULL};
    spae_real *z;
    spae_trainer trainer;
    spae_terms terms;
    if (!vectors_begin(v, name, "5.5 5.9 7.1 7.2 7.3 7.4", "train_step", with, why))
        return;
    start(v, &f, preset, true, V);
    const spae_example example = {vectors_goes_on(v) ? large_picture(v, &f.config) : NULL,
                                  vectors_goes_on(v) ? large(v, "similarity", 1, &V, 0.5, 0.5) : NULL};
    if (vectors_goes_on(v))
        take_scratch(v, &f, f.plan.step[1]); /* more than encoding takes */
    if (vectors_goes_on(v))
        quantize(v, &f, example.picture, &z, &q);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_trainer_create(&trainer, &f.model, SEED, v->arena, v->err));
    if (vectors_goes_on(v)) {
        trainer.step = STEP;
        trainer.recompute = true;
        vectors_expect(v, spae_train_step(&trainer, &example, 1, &f.scratch, 1, &terms, q.token, v->err));
    }
    if (vectors_goes_on(v)) {
        if (compare == VECTORS_NUMBERS)
            give_tokens(v, &f, &q);
        else
            give_bare_tokens(v, &f, &q);
        vectors_give_terms(v, "terms", compare, &terms);
        give_trained(v, compare, &trainer);
    }
    vectors_end(v);
}

/* ---- */

static void image_init(vectors *v)
{
    init(v, "full/image_128_init", "image-128", "{\"preset\":\"image-128\",\"seed\":1}",
         "the 59,397,123 weights of the paper's picture model, and the discriminator's");
}

static void image_encode(vectors *v)
{
    encode(v, "full/image_128_encode", "image-128", PICTURE_WORDS, "{\"preset\":\"image-128\",\"seed\":1}",
           "a picture becomes 597 of 65,536 words");
}

static void image_decode(vectors *v)
{
    decode(v, "full/image_128_decode", "image-128", PICTURE_WORDS, 1, "{\"preset\":\"image-128\",\"seed\":1}",
           "words of 1, 2, .. 6 layers become pictures");
}

static void image_step(vectors *v)
{
    step(v, "full/image_128_step", "image-128", PICTURE_WORDS,
         "{\"preset\":\"image-128\",\"seed\":1,\"step\":6000,\"example\":0,\"perceptual\":false}",
         "one example, all terms but the perceptual one: gradients of every parameter, weights after the step");
}

static void video_encode(vectors *v)
{
    encode(v, "full/video_encode", "video", VIDEO_WORDS, "{\"preset\":\"video\",\"seed\":1}",
           "16 frames become 2197 words");
}

static void video_decode(vectors *v)
{
    decode(v, "full/video_decode", "video", VIDEO_WORDS, 6, "{\"preset\":\"video\",\"seed\":1}",
           "words of all layers become 16 frames");
}

static void video_step(vectors *v)
{
    step(v, VIDEO_STEP, "video", VIDEO_WORDS,
         "{\"preset\":\"video\",\"seed\":1,\"step\":6000,\"example\":0,\"perceptual\":false}",
         "one example of 16 frames, all terms but the perceptual one");
}

void vectors_full(vectors *v)
{
    static void (*const cases[])(vectors *) = {image_init,   image_encode, image_decode, image_step,
                                               video_encode, video_decode, video_step};
    spae_arena *before = v->arena, own;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (sizeof(spae_real) == 8 && cases[i] == video_step)
            continue; /* 38 GB */
        spae_arena_hosted(&own);
        v->arena = &own;
        cases[i](v);
        spae_arena_free(&own);
    }
    v->arena = before;
}
