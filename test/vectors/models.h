/* Networks, whole models and their training as cases: parameters by the formula of SPEC 9.4, gradients of all of them
 * as one flat array, and trainers that tell what every step leaves behind.
 */
#ifndef SPAE_TEST_VECTORS_MODELS_H
#define SPAE_TEST_VECTORS_MODELS_H

#include "nn/perceptual.h"
#include "vectors.h"

/* ---- networks ---- */

/* Writes a network down on its tape, from the case's inputs in their order. */
typedef spae_var vectors_build(spae_network *network, const void *context, const spae_var *in);

/* The parameters that `build` asks for when its inputs have these shapes, the numbers of SPEC 9.4 for them, given as the
 * input `name` with its layout; and the network bound with them to the case's tape. False where the case does not go on. */
bool vectors_bind(vectors *v, const char *name, vectors_build *build, const void *context, const spae_shape *shape,
                  size_t inputs, spae_network *network);

/* The numbers of SPEC 9.4 for declared parameters, given as the input `name`; NULL where the case does not go on. */
spae_real *vectors_parameters(vectors *v, const char *name, const spae_parameters *parameters);

/* The gradients of y, upstream the input "d<name>": "d<leaf>" of every leaf of the case so far, and "dparameters". */
void vectors_network_gradients(vectors *v, spae_network *network, const char *name, spae_var y);

/* A case of one network on one input "x": its output "y" and all its gradients. */
typedef struct {
    const char *name, *clause, *op, *with, *why;
    vectors_build *build;
    const void *context;
    spae_shape shape;  /* of x */
    double formula[2]; /* of x */
} vectors_network;
void vectors_run_network(vectors *v, const vectors_network *c);

/* A flat array of the first `count` parameters, with its layout. */
void vectors_flat(vectors *v, const char *name, vectors_compare compare, const spae_parameters *parameters, size_t count,
                  const spae_real *values);

/* ---- tokens ---- */

/* Tokens that were chosen, and for each how near another was. All have room for `count`. */
typedef struct {
    size_t count;
    int32_t *token, *runner_up, *cell;
    double *margin, *distance;
} vectors_choices;

bool vectors_take_choices(vectors *v, size_t count, vectors_choices *choices);

/* The next row: the token for z_l (c) at `cell`. Distances are found by a plain loop over the codebook; the token must
 * be the one of least distance, else the case fails. */
void vectors_choose(vectors *v, const spae_codebook *book, const double *z_l, int32_t token, size_t cell,
                    vectors_choices *choices);

/* The outputs "token", "margin", "runner_up", "distance", "cell" of a shape that has `count` items. */
void vectors_give_choices(vectors *v, unsigned rank, const size_t *shape, const vectors_choices *choices);

/* ---- models and their training ---- */

enum { VECTORS_EXAMPLES = 4, VECTORS_STEPS = 3 };

typedef struct {
    spae_model model;
    spae_trainer trainer;
    spae_perceptual_weights frozen;
    spae_example example[VECTORS_EXAMPLES];
    size_t count;            /* examples */
    spae_arena *arenas;      /* (v->at_once) */
    spae_terms terms;        /* of the last step */
    int32_t *token;          /* (count, tokens of all layers) likewise */
    vectors_choices choices; /* of all steps so far */
} vectors_course;

/* A model: the inputs "parameters" and, unless the codebook is learned, "codebook" (V,c). *config is borrowed until the
 * case ends. */
bool vectors_open_model(vectors *v, const spae_config *config, size_t V, spae_model *model);

/* And what training takes: the inputs "pictures" (count,T,H,W,3) and, where something is guided, "similarity" (count,V):
 * sixteenths, so that some are equal and some exactly at the thresholds. perceptual: the frozen network, whose
 * parameters are the input "perceptual_parameters"; or NULL. */
bool vectors_open_course(vectors *v, const spae_config *config, size_t V, size_t count, const spae_perceptual *perceptual,
                         vectors_course *course);

/* One step; trainer, terms, token and choices are those behind it. */
bool vectors_course_step(vectors *v, vectors_course *course);

/* A step's terms as a flat array whose layout has their names: a small one is judged by itself, not beside a large one. */
void vectors_give_terms(vectors *v, const char *name, vectors_compare compare, const spae_terms *terms);

/* The outputs of step 1, 2 or 3: "terms_<n>", with the terms' names as layout, and "gradient_<n>"; with `state` also
 * "values_<n>", "m_<n>", "v_<n>", "ema_<n>", and "lecam_<n>" where there is a discriminator. */
void vectors_give_step(vectors *v, size_t number, bool state, const vectors_course *course);

#endif
