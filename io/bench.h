/* How long the stages of a model take, and how much they compute and move: what spae bench
 * measures.
 *
 *     status = spae_bench_check(&settings, err);
 *     spae_bench bench;
 *     status = spae_bench_start(&bench, &settings, err);             weights, words, pictures
 *     status = spae_bench_measure(&bench, SPAE_BENCH_ENCODER, &stage, err);
 *     spae_bench_end(&bench);                                        always, also after a failure
 *
 * Weights are those of spae_model_init, words those of spae_vocabulary_generate, both of seed 0;
 * pictures are uniform random numbers, similarities too. Nothing is learnt between two runs (the
 * learning rate is 0), so that each does the same work.
 *
 * Each stage runs once to warm up, then until `seconds` are over, but three times at least. Runs
 * shorter than SPAE_BENCH_SAMPLE are timed several together.
 */
#ifndef SPAE_IO_BENCH_H
#define SPAE_IO_BENCH_H

#include "io/bench_machine.h"
#include "spae.h"

typedef enum {
    SPAE_BENCH_ENCODER,      /* spae_embed: picture -> z */
    SPAE_BENCH_QUANTIZER,    /* spae_quantize: z -> the tokens of all layers, without margins */
    SPAE_BENCH_DECODER,      /* spae_decode: the tokens of all layers -> picture */
    SPAE_BENCH_GRADIENT,     /* encoder and decoder forward, z passed on as it is, and backward:
                              * d mean (I - Ihat)^2 / d their parameters */
    SPAE_BENCH_STEP,         /* spae_train_step with lambda = 0: no discriminator */
    SPAE_BENCH_DISCRIMINATOR /* spae_train_step as the configuration says, with discriminator */
} spae_bench_stage;

#define SPAE_BENCH_STAGES       6
#define SPAE_BENCH_BATCH_MOST   4096
#define SPAE_BENCH_THREADS_MOST 1024

/* "encoder", "quantizer", "decoder", "gradient", "step", "step-discriminator" */
extern const char *const spae_bench_stage_names[SPAE_BENCH_STAGES];

typedef struct {
    spae_config config; /* checked */
    size_t words;       /* V; of a learned codebook its codebook_size */
    size_t batch;       /* pictures in one run, one after the other; >= 1 */
    unsigned threads;   /* >= 1 */
    bool recompute;     /* gradient and steps: spae_trainer.recompute */
    double seconds;     /* for each stage */
    bool wants[SPAE_BENCH_STAGES];
} spae_bench_settings;

/* What a stage has to do, without running it; all pictures of the batch together.
 *   multiply_adds  as spae_config_size and spae_config_plan count: of the quantizer for all words
 * (a search that leaves words out does less); of steps forward and backward without quantization
 *   bytes          moved at the least: picture, weights and codebook read once, the results of all
 *                  convolutions and dense layers written once and read once. Gradients: what is
 *                  between is read again backward, and its gradients, and those of the weights, are
 *                  written and read. Steps: also Adam's moments, weights and their average
 *   memory         needed while the stage runs: weights, codebook, its index, what the stage makes;
 *                  as spae_config_plan says. Without the pictures */
typedef struct {
    uint64_t multiply_adds, bytes, memory;
} spae_bench_work;

/*   err  those of spae_config_plan */
spae_status spae_bench_plan(const spae_bench_settings *set, spae_bench_stage stage,
                            spae_bench_work *work, spae_error *err);

typedef struct {
    double best, median; /* seconds of one run */
} spae_bench_times;

typedef struct {
    spae_bench_work work;
    size_t samples;
    spae_bench_times wall, processor; /* the latter of all threads together */
} spae_bench_result;

typedef struct {
    spae_bench_settings set;
    spae_arena arena; /* what lasts */
    spae_model model;
    spae_real *picture;    /* (batch, T,H,W,3) */
    spae_real *similarity; /* (V) of every picture; one is 1 */
    spae_real *z;          /* (batch, cells, c) */
    int32_t *token;        /* (batch, tokens of all layers) */
    spae_real *rebuilt;    /* (T,H,W,3) */
} spae_bench;

/* Can the stages that are wanted run here? Kernels use set->threads threads from here on.
 *   err  SPAE_ERR_ARGUMENT   a stage with discriminator, and lambda is 0; threads that the program
 *                            was built without
 *        SPAE_ERR_NO_MEMORY  the text names the stage that needs more than the machine gives
 *        and those of spae_bench_plan */
spae_status spae_bench_check(const spae_bench_settings *set, spae_error *err);

/* Makes the model, with a discriminator only where a wanted stage has one, and computes the z and
 * the tokens that the stages begin with. The settings were checked.
 *   err  SPAE_ERR_NO_MEMORY, and those of spae_vocabulary_use and spae_embed */
spae_status spae_bench_start(spae_bench *bench, const spae_bench_settings *set, spae_error *err);

/*   err  those of what is run */
spae_status spae_bench_measure(spae_bench *bench, spae_bench_stage stage, spae_bench_result *result,
                               spae_error *err);

void spae_bench_end(spae_bench *bench);

#endif
