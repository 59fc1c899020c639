/* SPAE -- Semantic Pyramid AutoEncoder (arXiv 2306.17842): the reference implementation's public interface.
 *
 * A picture becomes a pyramid of words of a frozen language model's vocabulary, and any prefix of the pyramid's
 * layers becomes a picture again. Everything gives the same bits on every IEEE 754 machine.
 *
 *     spae_arena arena;                                   all memory comes from here
 *     spae_model model;
 *     spae_model_load(&model, &arena, "vectors/demo/mnist-small.npz", &err);
 *     spae_encode(&model, picture, &arena, tokens, NULL, &err);            (T,H,W,3) -> tokens, layer by layer
 *     puts(model.word[tokens[0]]);                                         the word of the first layer
 *     spae_decode(&model, tokens, model.config.pyramid.layers, &arena, picture, &err);
 *
 * test/io/readme_program.c is the complete program of the README, which the tests build and run.
 *
 * Conventions   Arrays are C order, last axis fastest; shapes are written (h,w,c). Pictures are (T,H,W,3), values
 *               0..1, T = 1 for still pictures. Layers count from 1 in the paper and in `layers` arguments that say
 *               how many to use; they are indexed from 0. Tokens are int32_t indices into the vocabulary, stored layer
 *               by layer, each layer in raster order. Functions return SPAE_OK or fill *err (which may be NULL); on
 *               failure outputs are untouched unless said otherwise. No function keeps a pointer unless it says
 *               `borrowed`.
 * Letters       H,W picture; h,w latent grid; c embedding width; V vocabulary; D layers; d similarity features.
 */
#ifndef SPAE_H
#define SPAE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" { /* the two headers below have C linkage too */
#endif

#include "nn/arena.h"
#include "vendor_free/status.h"

#define SPAE_VERSION "0.1.0"

/* binary32; binary64 in the ORACLE build, which computes the values that the binary32 ones are held against. */
#ifdef SPAE_ORACLE
typedef double spae_real;
#else
typedef float spae_real;
#endif

struct spae_tape;
struct spae_node;
struct spae_parameters;
struct spae_perceptual_weights;
struct spae_layer;
struct spae_vqgan;

/* Does this machine compute as the contract demands? Call it once before anything else.
 *   err  SPAE_ERR_PLATFORM  with the reason and the compiler flag that helps */
spae_status spae_self_check(spae_error *err);

/* ---------------------------------------------------------------------------------------------------------------
 * Eq. 1 -- the pyramid and its subsampler
 * ------------------------------------------------------------------------------------------------------------- */

#define SPAE_MAX_LAYERS 16

typedef struct {
    size_t layers;                   /* D, 1..SPAE_MAX_LAYERS */
    size_t size[SPAE_MAX_LAYERS][3]; /* (t,h,w) of each layer; the last is the whole latent grid; t = 1 for pictures */
} spae_pyramid;

/* SPAE_ERR_SHAPE when there are no or too many layers, when a size is 0, shrinks from one layer to the next, or
 * does not divide the last layer's (the text names the layer), or when the grid has more than 2^24 positions. */
spae_status spae_pyramid_check(const spae_pyramid *pyramid, spae_error *err);

size_t spae_pyramid_cells(const spae_pyramid *pyramid);                       /* positions of the latent grid */
size_t spae_pyramid_tokens(const spae_pyramid *pyramid, size_t layer);        /* tokens of layer index `layer` */
size_t spae_pyramid_total(const spae_pyramid *pyramid, size_t layers);        /* tokens of the first `layers` layers */

/* P(l): position[i] = raster index, in the latent grid, of the i-th token of layer index `layer`.     Eq. 1
 *   out  position  (tokens of the layer)   0 <= position[i] < cells */
void spae_pyramid_positions(const spae_pyramid *pyramid, size_t layer, int32_t *position);

/* ---------------------------------------------------------------------------------------------------------------
 * Eq. 2-3 -- quantization
 * ------------------------------------------------------------------------------------------------------------- */

typedef enum {
    SPAE_SAQ, /* streaming average quantization, the paper's */
    SPAE_RQ   /* residual quantization, the ablation: z_l = z - sum e(k_i), zhat = sum e(k_i) */
} spae_quantizer;

/* The frozen codebook: row k is e(k). All borrowed. */
typedef struct {
    size_t V, c;             /* 1 <= V <= 2^31 - 1, c >= 1 */
    const spae_real *e;      /* (V,c), finite */
    const struct spae_row_index *index; /* set by spae_codebook_prepare: the same tokens sooner; or NULL */
    const double *square;               /* (V) and                                                         */
    const spae_real *packed;            /* set by spae_codebook_pack: the same Eq. 7 sooner; or both NULL  */
} spae_codebook;

/* Makes searching fast: the rows in digits (nn/nearest.h), in the arena; a quarter or half of the codebook's memory.
 *   err  SPAE_ERR_NO_MEMORY, the codebook is as before */
spae_status spae_codebook_prepare(spae_codebook *codebook, spae_arena *arena, spae_error *err);

/* Makes the semantic loss fast: squared norms, and the rows in the order of its product, in the arena; as much memory
 * again as the codebook. spae_trainer_create does it where it helps.
 *   err  SPAE_ERR_NO_MEMORY, the codebook is as before */
spae_status spae_codebook_pack(spae_codebook *codebook, spae_arena *arena, spae_error *err);

/* What quantization leaves behind. Arrays not wanted are NULL; the others have room as stated. */
typedef struct {
    int32_t *token;   /* (tokens of all layers)                    k_l */
    double *margin;   /* (tokens of all layers)                    second least minus least squared distance */
    double *residual; /* (tokens of all layers, c)                 z_l at each token's position */
    spae_real *zhat;  /* (D, cells, c)                             zhat_<=l; 0 where no token is yet */
    int32_t *covered; /* (D, cells)                                tokens each position has in the first l layers */
} spae_quantized;

/* Eq. 2 and 3: all layers of one latent grid.
 *   in   z    (cells,c) finite
 *   out  *q   as above; on failure unspecified
 *   err  as spae_pyramid_check; SPAE_ERR_ARGUMENT  V or c is 0   SPAE_ERR_NOT_FINITE  z is not finite
 *        SPAE_ERR_NO_MEMORY
 * The distance is the chain over channels of (z - e)^2 in binary64 (nn/nearest.h). */
spae_status spae_quantize(const spae_pyramid *pyramid, spae_quantizer quantizer, const spae_codebook *codebook,
                          const spae_real *z, spae_arena *arena, const spae_quantized *q, spae_error *err);

/* Eq. 3 from tokens: zhat (cells,c) of the first `layers` layers; 0 where there is no token yet.
 *   in   token  (tokens of the first `layers` layers)
 *   err  SPAE_ERR_ARGUMENT  a token outside the vocabulary (the text names layer and position), layers not in 1..D */
spae_status spae_dequantize(const spae_pyramid *pyramid, spae_quantizer quantizer, const spae_codebook *codebook,
                            const int32_t *token, size_t layers, spae_arena *arena, spae_real *zhat, spae_error *err);

/* ---------------------------------------------------------------------------------------------------------------
 * Eq. 4-7 -- semantic guidance
 * ------------------------------------------------------------------------------------------------------------- */

/* f'_T(k): the mean over P prompts.   text (V,P,d) -> mean (V,d); binary64 in index order, rounded once.     Eq. 4 */
void spae_text_mean(const spae_real *text, size_t V, size_t P, size_t d, spae_real *mean);

/* s(I,k) of one image for the whole vocabulary.                                                      Eq. 4, 5
 *   in   image (d), text (V,d)   features as the source gives them; not normalised here
 *   out  score (V) may be NULL   s'(I,k) = image . text[k], binary64 chain, rounded once
 *   out  s     (V)               (s' - min) / (max - min) from the binary64 scores, rounded once; all 1 where all
 *                                scores are equal */
void spae_similarity(const spae_real *image, const spae_real *text, size_t V, size_t d, spae_real *score, spae_real *s);

/* Pool C_l(I) = {k : s(I,k) >= rho}, ascending; returns how many.  pool (V) may be NULL to count only.     Eq. 6 */
size_t spae_candidate_pool(const spae_real *s, size_t V, double rho, int32_t *pool);

/* One uniform target from the pool of `count` >= 1 tokens. Philox keyed (seed, SPAE_RANDOM_TARGET), counter
 * (step, example, layer index, position index in the layer). */
int32_t spae_sample_target(const int32_t *pool, size_t count, uint32_t seed, uint32_t step, uint32_t example,
                           uint32_t layer, uint32_t position);

/* Purposes of random numbers: the second word of every Philox key. (4 makes the inputs of vectors.)     SPEC 1.6 */
enum {
    SPAE_RANDOM_INIT = 1,
    SPAE_RANDOM_TARGET = 2,
    SPAE_RANDOM_SHUFFLE = 3,
    SPAE_RANDOM_CORRUPTION = 5, /* spae_corrupt_tokens */
    SPAE_RANDOM_SAMPLE = 6,     /* samples of a language model */
    SPAE_RANDOM_EPISODE = 7,    /* which examples a few-shot task shows */
    SPAE_RANDOM_VIEW = 8        /* what of a picture a training step sees */
};

/* ---------------------------------------------------------------------------------------------------------------
 * A model: networks, codebook, words
 * ------------------------------------------------------------------------------------------------------------- */

#define SPAE_MAX_MULTIPLIERS 8

/* L_GAN of Eq. 8 and its counterpart in the discriminator's loss: softplus, which never saturates, or the hinge.
 *                                                                                                     SPEC 5.6 */
typedef enum { SPAE_ADVERSARIAL_SOFTPLUS, SPAE_ADVERSARIAL_HINGE } spae_adversarial;

/* L_perceptual of Eq. 8: mean squared difference of a ResNet-50's logits (the authors'), of its last feature maps, or
 * LPIPS on VGG16; nn/perceptual.h. */
typedef enum { SPAE_RESNET_LOGITS, SPAE_RESNET_FEATURES, SPAE_VGG_LPIPS } spae_perceptual_choice;

typedef struct {
    char name[32];                            /* of the preset it came from */
    size_t ndim;                              /* 2 pictures, 3 video */
    size_t picture[3];                        /* (T,H,W); T = 1 for pictures */
    size_t filters, multiplier_count, multipliers[SPAE_MAX_MULTIPLIERS];
    size_t res_blocks;
    size_t groups;                            /* of every group norm */
    bool temporal[SPAE_MAX_MULTIPLIERS];      /* video: which changes of scale halve time too */
    size_t c;                                 /* embedding width */
    spae_pyramid pyramid;
    spae_quantizer quantizer;
    /* the objective, Eq. 6-9 */
    size_t semantic_layers;                   /* D', the first layers that the semantic loss guides; 0 .. D */
    double thresholds[SPAE_MAX_LAYERS];       /* rho_l, never rising, each in 0..1 */
    bool single_threshold;                    /* true (ablation): every guided layer has the last one's */
    double alpha, beta;                       /* weights of the semantic and the commitment term */
    double lambda, eta, phi;                  /* of L_GAN, L_perceptual, L_LeCAM; 0: the term is off */
    bool dynamic_weight;                      /* w = sg(L_app / L_semantic), or 1 */
    spae_adversarial adversarial;
    spae_perceptual_choice perceptual;
    size_t perceptual_size;                   /* a ResNet sees pictures resized to this square; 0: as they are */
    double r1_cost;                           /* of the gradient penalty in the discriminator's loss; 0: off */
    double lecam_decay;                       /* of the averages of logits */
    size_t discriminator_filters, discriminator_count, discriminator_multipliers[SPAE_MAX_MULTIPLIERS];
    bool discriminator_blur;                  /* blur pooling instead of average pooling; pictures only */
    /* the VQGAN baseline: a codebook that is learned with the networks */
    size_t codebook_size;                     /* its V; 0: the codebook is frozen, as the paper has it */
    double codebook_weight;                   /* of L_codebook */
    double entropy_weight, entropy_temperature; /* of the entropy term; weight 0: off */
    /* training */
    size_t batch;
    uint64_t steps;
    double learning_rate;                     /* the schedule's plateau */
    uint64_t warmup, cooldown;                /* steps */
    bool root_decay;                          /* "root square decay" after the warmup */
    double beta1, beta2, epsilon;             /* Adam */
    double ema;                               /* decay of the averaged weights */
    double crop;                              /* how much of a picture's sides a training step may cut away, 0..0.9; 0: none */
    bool flip;                                /* training sees half of the pictures mirrored, left and right */
} spae_config;

/* Can the configuration be built? Sizes divide, thresholds do not rise, ... the text names what is wrong. SPEC 6.7 */
spae_status spae_config_check(const spae_config *config, spae_error *err);

/* (t,h,w) of the latent grid. */
void spae_config_latent(const spae_config *config, size_t latent[3]);

/* Parameters and work of the networks, found by running them without numbers. The discriminator's are 0 when lambda is
 * 0.
 *   out  multiply_adds  of one example, forward
 *   mem  scratch from the arena, given back */
typedef struct {
    size_t encoder_parameters, decoder_parameters, discriminator_parameters;
    uint64_t encoder_multiply_adds, decoder_multiply_adds, discriminator_multiply_adds;
} spae_size;
spae_status spae_config_size(const spae_config *config, spae_arena *arena, spae_size *size, spae_error *err);

/* Memory in bytes, and work, for a vocabulary of V words, found by running everything without numbers: to the byte what
 * the arenas of the calls named here reach. A learned codebook has its own V and lies among the weights.
 *   out  step  one example in spae_train_step: without recomputation [0], with it [1] (spae_trainer.recompute)
 *   mem  scratch from the arena, given back: little beside what is found
 *   err  SPAE_ERR_NO_MEMORY  also when this machine's size_t cannot count it
 *        SPAE_ERR_ARGUMENT   V is not 1 .. 2^31 - 1
 *        and those of spae_config_check */
typedef struct {
    uint64_t weights, discriminator_weights;  /* (model.values) */
    uint64_t codebook, search;                /* its rows; what spae_codebook_prepare adds */
    uint64_t training_state, packed;          /* spae_trainer_create: what is trained; the codebook for Eq. 7 */
    uint64_t encode, decode, step[2];         /* scratch: activations, gradients, products with the codebook */
    uint64_t quantize_multiply_adds;          /* of one example's tokens with all words */
    uint64_t step_multiply_adds[2];           /* of one example: forward and backward, without quantization */
} spae_plan;
spae_status spae_config_plan(const spae_config *config, size_t V, spae_arena *arena, spae_plan *plan, spae_error *err);

/* The operations of encoder, decoder, and the discriminator unless lambda is 0, in the order of use (nn/layers.h).
 *   out  *layers  (*count) in the arena, with scratch
 *   err  SPAE_ERR_NO_MEMORY, and those of spae_config_check */
spae_status spae_config_layers(const spae_config *config, spae_arena *arena, struct spae_layer **layers, size_t *count,
                               spae_error *err);

typedef struct {
    spae_config config;
    struct spae_parameters *parameters; /* names, shapes, places; nn/network.h */
    size_t count, elements;             /* those of the autoencoder come first; the discriminator's follow, if any */
    spae_real *values;                  /* all parameters */
    spae_codebook codebook;
    const char *const *word;            /* (V) UTF-8, terminated; borrowed */
} spae_model;

/* Sets up a model's parameters: names and shapes from the configuration, and room for the values in the arena (not
 * filled). The words are the caller's to set, and so is the codebook, with model->codebook.c equal to config->c; a
 * learned one lies among the values and is set.
 *   in   discriminator  with the discriminator that training needs; there is none when config->lambda is 0
 *   err  SPAE_ERR_NO_MEMORY, and those of spae_config_check */
spae_status spae_model_create(spae_model *model, const spae_config *config, bool discriminator, spae_arena *arena,
                              spae_error *err);

/* Asks the arena for one block (nn/arena.h) with room for all that a call on this model takes, as spae_plan says it; of
 * a train step on config.batch examples what one arena takes, one example at once. What needs no such block runs without,
 * and takes more memory: pieces of many sizes leave room between them.
 *   mem  scratch from the arena, given back
 *   err  SPAE_ERR_NO_MEMORY */
typedef enum { SPAE_RUN_ENCODE, SPAE_RUN_DECODE, SPAE_RUN_STEP, SPAE_RUN_STEP_RECOMPUTED } spae_run;
spae_status spae_model_reserve(const spae_model *model, spae_run run, spae_arena *arena, spae_error *err);

/* Deterministic first weights from a seed. */
void spae_model_init(spae_model *model, uint32_t seed);

/* Picture -> tokens of all layers.
 *   in   picture  (T,H,W,3) finite
 *   out  token    (tokens of all layers)      margin  likewise, or NULL
 *   mem  scratch from the arena, given back
 *   err  SPAE_ERR_NOT_FINITE (picture, or weights that overflow), SPAE_ERR_NO_MEMORY */
spae_status spae_encode(const spae_model *model, const spae_real *picture, spae_arena *arena, int32_t *token,
                        double *margin, spae_error *err);

/* The encoder alone: picture -> z (cells,c). */
spae_status spae_embed(const spae_model *model, const spae_real *picture, spae_arena *arena, spae_real *z,
                       spae_error *err);

/* Tokens of the first `layers` layers -> picture (T,H,W,3), not clamped. */
spae_status spae_decode(const spae_model *model, const int32_t *token, size_t layers, spae_arena *arena,
                        spae_real *picture, spae_error *err);

/* ---------------------------------------------------------------------------------------------------------------
 * Eq. 8-9 -- the objective and the train step
 * ------------------------------------------------------------------------------------------------------------- */

/* What guides one example: s(I,k) of Eq. 5 for the whole vocabulary. */
typedef struct {
    const spae_real *picture;    /* (T,H,W,3) */
    const spae_real *similarity; /* (V); NULL only when config.semantic_layers is 0 or alpha is 0 */
} spae_example;

/* The terms of Eq. 8 and 9 for one example, or their means over a batch, each without its weight; 0 for a term that is
 * off. All members are doubles. */
typedef struct {
    double l2;          /* mean (I - Ihat)^2 */
    double commitment;  /* sum over layers of the mean of (Z - sg zhat_<=l)^2 */
    double adversarial; /* L_GAN, the autoencoder's side */
    double perceptual;  /* L_perceptual */
    double lecam;       /* L_LeCAM */
    double codebook;    /* learned codebook: sum over layers of the mean of (sg Z - zhat_<=l)^2 */
    double entropy;     /* learned codebook: entropy of each position's choice less that of the mean choice */
    double appearance;  /* L_app */
    double semantic;    /* L_semantic */
    double weight;      /* w */
    double total;       /* L_app + alpha w L_semantic */
    double d_adversarial, d_r1, d_total; /* the discriminator's loss; d_r1 with its cost */
    double logit_real, logit_fake;       /* D(I), D(Ihat) */
} spae_terms;

/* The terms by number, in the order above: names as above ("l2"), NULL beyond the last. */
const char *spae_term_name(size_t index);
double spae_term_value(const spae_terms *terms, size_t index);

/* Training state. The arrays lie in the arena given at the start. */
typedef struct {
    spae_model *model;    /* borrowed; its values are what is trained */
    spae_codebook codebook; /* the model's; packed where it is frozen and there is a semantic loss */
    spae_real *m, *v;     /* (all parameter values)  Adam's moments */
    spae_real *ema;       /* (model->elements)       averaged weights of the autoencoder */
    spae_real *gradient;  /* (all parameter values)  of the current batch */
    spae_real lecam[2];   /* averages of D(I) and D(Ihat); they start at 0 */
    uint64_t step;        /* steps taken */
    uint32_t seed;
    /* Set by the caller: */
    const struct spae_perceptual_weights *perceptual; /* L_perceptual's frozen network, borrowed; io/perceptual.h loads
                           * it. NULL at the start: the term is off */
    bool recompute;       /* residual blocks keep only their results until gradients need the rest: less memory, more
                           * time, the same bits. False at the start */
} spae_trainer;

/* Moments 0, averaged weights = weights, step 0. The model has its codebook.
 *   err  SPAE_ERR_ARGUMENT  lambda is not 0, but the model was made without discriminator    SPAE_ERR_NO_MEMORY */
spae_status spae_trainer_create(spae_trainer *trainer, spae_model *model, uint32_t seed, spae_arena *arena,
                                spae_error *err);

/* What training is for: the model with the averaged weights and without discriminator. It borrows from the trainer, its
 * model and *parameters, which is filled. */
spae_model spae_trainer_averaged(const spae_trainer *trainer, struct spae_parameters *parameters);

/* One step on `count` examples: gradients of each example alone, added in order, divided by count; then Adam on
 * autoencoder and discriminator, whose losses are both of the weights before the step; EMA; LeCAM's averages.
 *   in   at_once   how many examples are worked on side by side (>= 1): memory and threads, never bits
 *   in   arenas    (at_once) arenas for scratch, given back; one per example in flight
 *   out  terms     means over the batch, or NULL
 *        tokens    (count, tokens of all layers) or NULL; on failure unspecified
 *   err  SPAE_ERR_NOT_FINITE  a term or gradient is not finite: the text names step, term and example
 *        SPAE_ERR_ARGUMENT    count or at_once is 0; an example lacks similarities, or none reaches a threshold
 *        SPAE_ERR_NO_MEMORY   after any of them nothing is updated */
spae_status spae_train_step(spae_trainer *trainer, const spae_example *examples, size_t count, spae_arena *arenas,
                            size_t at_once, spae_terms *terms, int32_t *tokens, spae_error *err);

/* The learning rate of step t = 0, 1, ... :                                                        SPEC 7.2
 *   rate * min(1, (t+1) / warmup) * (root_decay ? sqrt(warmup / max(t+1, warmup)) : 1)
 *        * min(1, (steps - t) / (cooldown+1))
 * a factor with warmup 0 is 1. */
double spae_learning_rate(const spae_config *config, uint64_t t);

/* The pieces of the objective on a tape (nn/tape.h), for those who compose their own; shapes as above, one example. */

/* Encoder and decoder of the configuration, for spae_vqgan_encode and spae_vqgan_decode (nn/vqgan.h). */
void spae_config_networks(const spae_config *config, struct spae_vqgan *networks);

/* Sum over layers of mean over covered positions and channels of (z - zhat_<=l)^2, without beta.     Eq. 8; SPEC 5.3 */
struct spae_node *spae_commitment(struct spae_tape *tape, const spae_pyramid *pyramid, struct spae_node *z,
                                  const spae_real *zhat, const int32_t *covered);

/* The learned codebook's term: sum over layers of mean over covered positions and channels of (sg(z) - zhat_<=l)^2, to
 * be minimized over the codebook alone.                                                               SPEC 5.11
 *   e (1,1,1,V,c) the codebook, a leaf;  z (cells,c);  q has token, zhat and covered */
struct spae_node *spae_codebook_loss(struct spae_tape *tape, const spae_pyramid *pyramid, spae_quantizer quantizer,
                                     struct spae_node *e, const spae_real *z, const spae_quantized *q);

/* Mean over layers 1..semantic_layers of the mean over the layer's positions of
 * -log softmax_k(-|z_l - e(k)|^2)[target].
 *   residual (tokens,c) = z_l; target (tokens); codebook is a constant or leaf (1,1,1,V,c)                Eq. 7
 *   layer_loss (semantic_layers) receives each layer's mean, or NULL */
struct spae_node *spae_semantic_loss(struct spae_tape *tape, const spae_pyramid *pyramid, spae_quantizer quantizer,
                                     size_t semantic_layers, struct spae_node *z, const double *residual,
                                     const int32_t *target, const spae_codebook *codebook, double *layer_loss);

/* ---------------------------------------------------------------------------------------------------------------
 * Eq. 10-13 -- progressive in-context decoding
 *
 * A language model writes the tokens v of a picture segment by segment. Nothing here knows of text: the caller's
 * `sample` makes a prompt of a segment, asks its model and gives back tokens.
 * ------------------------------------------------------------------------------------------------------------- */

/* One pass of Eq. 11: tokens first .. first+count-1 of v, from its first `given`.                        SPEC 10.1 */
typedef struct {
    size_t stage; /* which of the decoding's */
    size_t first, count;
    size_t given; /* t' counted in tokens, <= first: [u, v_<t'] */
} spae_segment;

/* How one stretch of v is decoded, from the end of the stage before it. */
typedef struct {
    size_t end;          /* one behind its last token */
    size_t stride;       /* tokens of a segment; the last one has what is left. 0: all at once, Fig. 7's infinity */
    bool autoregressive; /* PAR, t' = t: a segment is given all tokens before it. Else PNAR: the segments do not depend */
    size_t given;        /* on each other, each is given this many; not more than the stages before have (PAR: no matter) */
} spae_decoding_stage;

typedef struct {
    size_t count; /* 1 .. SPAE_MAX_LAYERS */
    spae_decoding_stage stage[SPAE_MAX_LAYERS];
} spae_decoding;

/* PAR for the first `layers` layers (0 .. D) as one stage, then PNAR: a stage for each further layer, given all layers
 * before it.                                                                                              SPEC 10.1
 *   The paper's pictures and videos:  layers D-1, strides 4 and 16;   its MNIST: layers D, stride 4.
 *   in   par_stride, pnar_stride  0: all at once */
spae_decoding spae_decoding_split(const spae_pyramid *pyramid, size_t layers, size_t par_stride, size_t pnar_stride);

/* Does it decode exactly `tokens` tokens?
 *   err  SPAE_ERR_ARGUMENT  no or too many stages, ends that do not rise to `tokens`, a PNAR stage that is given more
 *                           than the stages before it have; the text names the stage */
spae_status spae_decoding_check(const spae_decoding *decoding, size_t tokens, spae_error *err);

/* The segments, in order; returns how many.  segment: room for all, or NULL to count only. */
size_t spae_decoding_segments(const spae_decoding *decoding, spae_segment *segment);

/* T_i of the i-th retry, T_0 = 0: psi * sum_{j=1..i} 2^j = psi * (2^(i+1) - 2).                     Eq. 13; SPEC 10.2
 *   in   retry  0 .. SPAE_MOST_RETRIES */
double spae_retry_temperature(double psi, unsigned retry);

enum { SPAE_MOST_RETRIES = 30 };

/* When no answer to a segment is valid, and no retry is left.                                              SPEC 10.4 */
typedef enum {
    SPAE_DECODING_STOP, /* an error that names the segment */
    SPAE_DECODING_FILL  /* the longest valid beginning of its answers, the first of equally long ones, then its last token
                         * again and again; of an empty one the last token that was given; token 0 when there is none */
} spae_decoding_policy;

/* What became of a segment, for transcripts and progress. */
typedef struct {
    spae_segment segment;
    const int32_t *token; /* (segment.count) as they stand in v now */
    size_t valid;         /* how many of them are an answer's: all, or the fill's beginning */
    size_t sample;        /* whose, 0 .. samples-1 */
    unsigned retry;       /* of the request it answered */
    double temperature;   /* likewise */
    bool filled;
} spae_choice;

/* The paper: 8 samples, psi 0.01. It does not say how often it retries; SPAE_DECODING_RETRIES is ours: T_6 = 1.26. */
enum { SPAE_DECODING_SAMPLES = 8, SPAE_DECODING_RETRIES = 6 };
#define SPAE_DECODING_PSI 0.01

typedef struct {
    size_t samples;   /* answers to a request, >= 1 */
    size_t V;         /* tokens are 0 .. V-1 */
    double psi;       /* of Eq. 13, 0 .. 1e6 */
    unsigned retries; /* after the first request, 0 .. SPAE_MOST_RETRIES */
    spae_decoding_policy policy;

    /* Samples `samples` answers to each of `segments` segments of one stage, which do not depend on each other.
     *   in   v            the tokens so far; only the first segment[i].given may be looked at
     *        segment      (segments)
     *        temperature  spae_retry_temperature(psi, retry)
     *        width        the most tokens that one of the segments has
     *   out  token        (segments,samples,width) each answer's tokens, cut at the segment's count
     *        length       (segments,samples) how many they are: the leading ones that could be read, <= width; 0 for a
     *                     malformed answer
     * A status that is not SPAE_OK ends the decoding with it and *err. */
    spae_status (*sample)(void *context, const int32_t *v, const spae_segment *segment, size_t segments, unsigned retry,
                          double temperature, size_t width, int32_t *token, size_t *length, spae_error *err);

    /* Hears of each segment that is decided, once; may be NULL. Segments of a PNAR stage come as they are decided. */
    void (*chosen)(void *context, const spae_choice *choice);
    void *context;
} spae_sampler;

/* Counts; of what was done until then after an error too. */
typedef struct {
    size_t calls;         /* of sample() */
    size_t requests;      /* segments asked for in them: prompts */
    size_t retries;       /* requests that were not a segment's first */
    size_t samples;       /* answers */
    size_t malformed;     /* answers without a single valid token */
    size_t cut;           /* answers that begin well, but are shorter than the segment or leave the vocabulary */
    size_t decided;       /* segments, filled ones among them */
    size_t filled;        /* segments that the policy had to fill */
    size_t filled_tokens; /* tokens in them that no answer had */
} spae_decoding_report;

/* Eq. 11, all passes. The segments of a PAR stage are asked for one by one, those of a PNAR stage together. An answer is
 * valid when it has all tokens of its segment, each of the vocabulary; the first valid one is chosen. Segments without
 * one are asked for again, together, at the next temperature.                                      SPEC 10.3, 10.4
 *   out  v       (tokens) -1 where nothing is decided: after an error
 *        report  or NULL
 *   mem  scratch from the arena, given back; `sample` may use the same arena if it gives back what it takes
 *   err  SPAE_ERR_FORMAT    policy SPAE_DECODING_STOP: the text names segment, tokens, samples and temperature
 *        SPAE_ERR_ARGUMENT  those of spae_decoding_check, a sampler out of its ranges, a length beyond width
 *        SPAE_ERR_NO_MEMORY, and what `sample` returns */
spae_status spae_decode_progressively(const spae_decoding *decoding, size_t tokens, const spae_sampler *sampler,
                                      spae_arena *arena, int32_t *v, spae_decoding_report *report, spae_error *err);

/* ---- Eq. 12: in-context denoising ---- */

typedef enum {
    SPAE_RATES_LINEAR, /* equal steps: 0.5, 0.47, .. 0.23 is (0.5, 0.23, 10 examples), B.3 */
    SPAE_RATES_COSINE  /* last + (first - last) cos(pi/2 x), x from 0 to 1: (0.5, 0.2) and (0.35, 0.11), App. A */
} spae_rate_schedule;

/* r_i of example `index` of `count`, a whole number of millionths.                                         SPEC 10.5
 *   in   first, last  in 0..1;  index < count */
double spae_corruption_rate(spae_rate_schedule schedule, double first, double last, size_t index, size_t count);

/* How many of n tokens a rate is: floor(rate * n + 1/2).                                                    SPEC 10.6 */
size_t spae_corrupted_tokens(double rate, size_t n);

/* eps(.; rate), in place: so many tokens, chosen at random, become another token each, uniform in all the others of the
 * vocabulary. To corrupt only the first layers, give only their tokens.                            Eq. 12; SPEC 10.6
 *   in   noise  which: different ones are independent; the pair of example i has 2i and 2i+1
 *   mem  scratch from the arena, given back
 *   err  SPAE_ERR_ARGUMENT  rate not in 0..1, a token outside the vocabulary, V below 2 where something is replaced,
 *                           2^31 tokens and more      SPAE_ERR_NO_MEMORY */
spae_status spae_corrupt_tokens(int32_t *token, size_t n, size_t V, double rate, uint32_t seed, uint32_t noise,
                                spae_arena *arena, spae_error *err);

/* (u_i, v_i) = (eps(T(mask(I)); r_i), eps(T(I); r_i)), in place. The query has no noise: do not call it for that one.
 *                                                                                             Eq. 12; SPEC 10.6
 *   in   example   its number i in the context
 *        u, v      (u_tokens), (v_tokens)  T(mask(I)) and T(I)
 *   err  as spae_corrupt_tokens; u may then be changed */
spae_status spae_corrupt_pair(int32_t *u, size_t u_tokens, int32_t *v, size_t v_tokens, size_t V, double rate,
                              uint32_t seed, uint32_t example, spae_arena *arena, spae_error *err);

/* ---------------------------------------------------------------------------------------------------------------
 * Files (hosted systems; io/). Each error names the file and what was expected.
 * ------------------------------------------------------------------------------------------------------------- */

/* An arena over malloc. */
void spae_arena_hosted(spae_arena *arena);

/* A model from one .npz file, its codebook prepared for searching. Everything lies in the arena. */
spae_status spae_model_load(spae_model *model, spae_arena *arena, const char *path, spae_error *err);

/* Writes a model; the file is replaced whole or not at all. */
spae_status spae_model_save(const spae_model *model, const char *path, spae_arena *arena, spae_error *err);

/* A picture from PPM, PGM, PNG, JPEG or NPY, grey repeated over three channels: (1,height,width,3), values 0..1. */
spae_status spae_picture_load(const char *path, spae_arena *arena, spae_real **picture, size_t *height, size_t *width,
                              spae_error *err);

/* Writes (height,width,3) by the ending of path: .ppm .png .npy; values are clamped to 0..1 and rounded to 8 bits. */
spae_status spae_picture_save(const char *path, const spae_real *picture, size_t height, size_t width,
                              spae_arena *arena, spae_error *err);

#ifdef __cplusplus
}
#endif

#endif
