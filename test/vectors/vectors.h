/* The conformance vectors as programs: each case makes its inputs, runs the code, and gives every array to a sink.
 *
 * What the sink does is its own affair: hosted/main.c writes files, or compares hashes with the MANIFEST; a chip without
 * files prints hashes. So a case is written once, and everything that can compute can check itself.
 *
 *     static void same_3x3(vectors *v)
 *     {
 *         vectors_begin(v, "convolution/same_3x3", "2.1 2.2 2.3 2.4", "convolution",
 *                       "{\"stride\":[1,1,1],\"padding\":\"SAME\"}", "three taps a side, a bias, two examples");
 *         spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 1, 5, 4, 3), 0, 1);
 *         spae_var kernel = vectors_leaf(v, "kernel", spae_shape_of(1, 3, 3, 3, 2), 0, 0.5);
 *         spae_var bias = vectors_leaf(v, "bias", spae_shape_of(1, 1, 1, 1, 2), 0, 0.25);
 *         const size_t stride[3] = {1, 1, 1};
 *         spae_var y = spae_convolve(&v->tape, x, kernel, bias, stride);
 *         vectors_result(v, "y", y);
 *         vectors_gradients(v, "y", y, 2);
 *         vectors_end(v);
 *     }
 *
 * Source    SPEC 9.3 to 9.7: what a case is, its formulas, the names of gradients, the operations
 * Errors    the first failure is kept in v->err and v->status, with the case's name; everything after it does nothing
 * Memory    all of a case lies in v->arena and is given back at its end
 * Limits    core only: no files, no allocation but from the arena
 */
#ifndef SPAE_TEST_VECTORS_H
#define SPAE_TEST_VECTORS_H

#include <stdint.h>

#include "nn/network.h"
#include "nn/ops.h"
#include "spae.h"

typedef enum { VECTORS_REAL, VECTORS_WIDE, VECTORS_INTEGER, VECTORS_BYTE } vectors_type; /* spae_real, double, int32_t, uint8_t */

/* How an output is compared (SPEC 9.1): to the bit only; as a real number, to the bit or as accurately as the
 * reference; as tokens, but for near-ties. */
typedef enum { VECTORS_INPUT, VECTORS_BITS, VECTORS_NUMBERS, VECTORS_TOKENS } vectors_compare;

enum { VECTORS_RANK = 5, VECTORS_LEAVES = 12, VECTORS_SAMPLES = 1021, VECTORS_PART_SAMPLES = 32 };

typedef struct {
    const char *name; /* within the case: "x", "dx" */
    vectors_type type;
    vectors_compare compare;
    unsigned rank;
    size_t shape[VECTORS_RANK];
    const void *data;              /* the product of shape, C order */
    const double *formula;         /* {offset, scale} of an input that SPEC 9.4 makes; else NULL */
    const spae_parameters *layout; /* a flat array of these parameters one after the other; else NULL */
    size_t layout_count;           /* of the first so many of them */
    bool sampled; /* too large to be kept: a hash of all, and VECTORS_SAMPLES of its items, or VECTORS_PART_SAMPLES of
                   * each array of its layout */
} vectors_array;

typedef struct {
    const char *name, *clause, *op, *with, *why;
    const spae_config *config; /* of the model that the case speaks of; or NULL */
    const char *status;        /* a refusal: the status that is due; else NULL */
} vectors_case;

/* Writes `count` numbers, exact in binary32. */
typedef void vectors_filler(spae_real *out, size_t count);

/* Returns a status that ends everything unless it is SPAE_OK. array comes between begin and end of its case. */
typedef struct {
    bool (*wants)(void *context, const char *name); /* is the case of this name to be computed? NULL: all are */
    spae_status (*begin)(void *context, const vectors_case *c, spae_error *err);
    spae_status (*array)(void *context, const vectors_case *c, const vectors_array *array, spae_error *err);
    spae_status (*end)(void *context, const vectors_case *c, spae_error *err);
    void *context;
    spae_status (*skip)(void *context, const char *name, spae_error *err); /* the case of this name is not; or NULL */
} vectors_sink;

typedef struct vectors {
    spae_arena *arena; /* borrowed */
    vectors_sink sink;
    spae_error *err; /* borrowed */
    spae_status status;
    size_t at_once; /* examples side by side in training cases: never bits */
    void (*words)(struct vectors *v);         /* the hosted parts of guidance, of training, of language, for vectors_all; */
    void (*training_data)(struct vectors *v); /* NULL: there is none */
    void (*prompts)(struct vectors *v);
    void (*scores)(struct vectors *v); /* and of metrics */
    /* of the case under way */
    vectors_case now;
    bool skipped; /* the sink does not want it: every call does nothing */
    spae_arena_mark mark;
    spae_tape tape; /* recording */
    size_t leaves;
    spae_var leaf[VECTORS_LEAVES]; /* that gradients are asked for, in order */
    const char *leaf_name[VECTORS_LEAVES];
    vectors_compare compare;  /* of results and gradients: VECTORS_NUMBERS, or VECTORS_BITS */
    vectors_filler *upstream; /* of the inputs that vectors_gradients makes; NULL: by formula */
} vectors;

void vectors_start(vectors *v, spae_arena *arena, vectors_sink sink, spae_error *err);

/* Opens a case; false where it is not wanted or something failed before: the case then returns, or goes on in vain (tape
 * operations take the NULLs it gets). `with` is a JSON object, the operation's parameters. All texts are borrowed. */
bool vectors_begin(vectors *v, const char *name, const char *clause, const char *op, const char *with, const char *why);
void vectors_end(vectors *v);

/* Does the case go on? False after a failure. */
bool vectors_goes_on(const vectors *v);

/* Keeps a failure of the code under test, with the case's name; does nothing where status is SPAE_OK. */
void vectors_expect(vectors *v, spae_status status);

/* An input by the formula of SPEC 9.4: item i is real(offset + scale*(2u_i - 1)), u_i in [0,1) from Philox.
 *   leaf      of the tape, which vectors_gradients differentiates by;  constant  likewise, but not differentiated
 *   reals     without a tape, `count` of them as a vector or in the shape given
 * NULL where the case does not go on. */
spae_var vectors_leaf(vectors *v, const char *name, spae_shape shape, double offset, double scale);
spae_var vectors_constant(vectors *v, const char *name, spae_shape shape, double offset, double scale);
spae_real *vectors_reals(vectors *v, const char *name, unsigned rank, const size_t *shape, double offset, double scale);

/* The numbers of that formula alone; no array is given. For parameters and what is made of them. */
void vectors_fill(const char *case_name, const char *name, double offset, double scale, size_t count, spae_real *out);

/* An input of these very numbers (copied), binary32 each; explicit where no formula makes them. */
spae_var vectors_leaf_of(vectors *v, const char *name, spae_shape shape, const spae_real *values);
spae_var vectors_constant_of(vectors *v, const char *name, spae_shape shape, const spae_real *values);

/* The same from a list that is repeated until the shape is full; `count` numbers, or a filler's. */
spae_var vectors_leaf_listed(vectors *v, const char *name, spae_shape shape, const spae_real *list, size_t count);
spae_var vectors_leaf_filled(vectors *v, const char *name, spae_shape shape, vectors_filler *fill);

/* Any array, given to the sink as it is. */
void vectors_give(vectors *v, const vectors_array *array);

/* Short forms: integers (tokens, indices) and numbers with a shape of their own. */
void vectors_integers(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                      const int32_t *data);
void vectors_numbers(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                     const spae_real *data);
void vectors_wides(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                   const double *data);

/* Room for count items until the case's end; NULL where it does not go on. */
void *vectors_room(vectors *v, size_t count, size_t size);

/* An output on the tape: compared as a number, or to the bit. */
void vectors_result(vectors *v, const char *name, spae_var y);
void vectors_exact_result(vectors *v, const char *name, spae_var y);

/* From here to the case's end results and gradients are compared to the bit: corners, and sums that are exact in any
 * order. */
void vectors_to_the_bit(vectors *v);

/* A refusal: the code under test must have returned `due`. The case has no outputs. */
void vectors_refusal(vectors *v, spae_status due, spae_status returned);

/* The gradients of y by every leaf so far (SPEC 9.5): an input "d<y>", then for each leaf x an output "d<x>" =
 * gradient of sum(y*dy). With order 2 then for each of them an input "u_d<x>" and, for dy and each leaf z, an output
 * "d2_d<x>_<z>" = gradient of sum(d<x> * u_d<x>), left out where it is +0 everywhere. */
void vectors_gradients(vectors *v, const char *name, spae_var y, int order);

/* From here to the case's end vectors_gradients takes its inputs "d<y>" and "u_d<x>" from `upstream`, not from the
 * formula. */
void vectors_upstream(vectors *v, vectors_filler *upstream);

/* Items of an array, and their SHA-256 as text: little-endian, in C order, whatever this machine is (SPEC 9.3). */
size_t vectors_count(const vectors_array *array);
void vectors_hash(const vectors_array *array, char hash[65]);

/* ---- the stages, in the order of the MANIFEST; each calls its cases ---- */

void vectors_number_formats(vectors *v); /* numbers */
void vectors_convolution(vectors *v);
void vectors_operations(vectors *v);
void vectors_networks(vectors *v);
void vectors_quantizer(vectors *v);
void vectors_guidance(vectors *v);
void vectors_objective(vectors *v);
void vectors_training(vectors *v);
void vectors_metrics(vectors *v);
void vectors_language(vectors *v);

/* ---- parts of stages, in files of their own ---- */

void vectors_convolution_exact(vectors *v);
void vectors_numbers_random(vectors *v);
void vectors_operations_windows(vectors *v);
void vectors_operations_rows(vectors *v);
void vectors_operations_corners(vectors *v);
void vectors_operations_language(vectors *v);
void vectors_operations_pictures(vectors *v);
void vectors_quantizer_streams(vectors *v);
void vectors_networks_perceptual(vectors *v);
void vectors_networks_features(vectors *v);
void vectors_networks_coding(vectors *v);
void vectors_networks_language(vectors *v);
void vectors_networks_clip(vectors *v);
void vectors_objective_adversarial(vectors *v);
void vectors_objective_perceptual(vectors *v);
void vectors_objective_total(vectors *v);
void vectors_training_steps(vectors *v);
void vectors_training_refusals(vectors *v);
void vectors_language_corruption(vectors *v);
void vectors_language_incontext(vectors *v);

/* All of them that need no files, and what the hosted program has put in v. */
void vectors_all(vectors *v);

#endif
