/* Networks: parameters by their flax paths, and the naming of layers.
 *
 * A network is a function that asks for its parameters by path as it goes. Run once on a planning tape it
 * declares them: names, shapes, order. Run again with values it computes. So there is one description of
 * each architecture, and parameter counts, multiply-adds and memory come from it.
 */
#ifndef SPAE_NETWORK_H
#define SPAE_NETWORK_H

#include "tape.h"

#define SPAE_PATH_MAX 96

typedef struct {
    char path[SPAE_PATH_MAX]; /* "encoder/ResBlock_0/Conv_0/kernel" */
    spae_shape shape;         /* on the tape, five axes */
    size_t rank;              /* axes in a file: the last `rank` of shape (1 vector, 2 matrix, 4 and 5 kernels) */
    size_t first;             /* where its elements start among all values */
} spae_parameter;

typedef struct spae_parameters {
    spae_parameter *item; /* in order of first use (SPEC 6.8); in the arena */
    size_t count, room;
    size_t elements;      /* of all parameters together */
    spae_arena *arena;    /* borrowed; the list grows there while networks are declared */
} spae_parameters;

typedef struct {
    spae_tape *tape;
    spae_parameters *parameters;
    const real *values; /* (parameters->elements), borrowed; may be NULL on planning tapes */
    spae_var *leaf; /* (parameters->count), NULL where not asked for yet, filled on tapes that do not run; NULL while
                     * declaring */
    size_t hint;    /* where the next path is looked for first */
    bool recompute; /* recording tapes keep only the results of residual blocks (recompute.h); false after both below */
} spae_network;

/* A place in the path, and how many layers of each kind were named in it so far (flax's automatic names). */
typedef struct {
    char path[SPAE_PATH_MAX];
    unsigned conv, norm, block, dense;
} spae_scope;

spae_scope spae_scope_root(const char *name); /* "" for a network whose paths have no common first word */
spae_scope spae_scope_enter(const spae_scope *parent, const char *kind, unsigned number);

/* The place `name` in parent, and `name` followed by a number; name may be empty: "stage1", "features/0". */
spae_scope spae_scope_inside(const spae_scope *parent, const char *name);
spae_scope spae_scope_numbered(const spae_scope *parent, const char *name, unsigned number);

/* A network that only declares: on `tape`, which is planning. Paths it does not know are added. */
void spae_network_declare(spae_network *network, spae_tape *tape, spae_parameters *parameters);

/* A network that computes with `values` on `tape`, or plans to. Takes room for its leaves from the tape's arena. */
void spae_network_bind(spae_network *network, spae_tape *tape, spae_parameters *parameters, const real *values);

/* The parameter `scope->path`/`leaf` as a leaf of the tape, one leaf per tape however often it is asked for.
 * SPAE_ERR_ARGUMENT on the tape when it is not declared, SPAE_ERR_SHAPE when it has another shape. */
spae_var spae_network_parameter(spae_network *network, const spae_scope *scope, const char *leaf, size_t rank,
                                spae_shape shape);

/* Which parameter has this path? parameters->count when none has. */
size_t spae_parameters_find(const spae_parameters *parameters, const char *path);

/* Deterministic first values (SPEC 6.3): kernels normal with variance 1 / (taps * ci), scales and variances 1, others
 * 0; kernels whose path begins with "discriminator/" uniform of Xavier's width, a learned "codebook" (V,c) uniform with
 * variance 1/V. Keyed by (seed, 1), counter (index of the block of four, CRC-32 of the path, 0, 0): no order of
 * declaration matters. */
void spae_parameters_init(const spae_parameters *parameters, uint32_t seed, real *values);

/* ---- layers that networks share; ndim 2 or 3 says how many axes a window of `size` has ---- */

/* Conv_<n>: size^ndim kernel, 'SAME', to co channels. */
spae_var spae_layer_conv(spae_network *network, spae_scope *scope, spae_var x, size_t ndim, size_t size, size_t co,
                         bool bias);

/* Dense_<n> with a bias: each example, flattened in C order, to co numbers: (n,t,h,w,c) -> (n,1,1,1,co). */
spae_var spae_layer_dense(spae_network *network, spae_scope *scope, spae_var x, size_t co);

/* GroupNorm_<n> */
spae_var spae_layer_group_norm(spae_network *network, spae_scope *scope, spae_var x, size_t groups, double eps);

/* GroupNorm_<n>, then swish; into: in x's place where the tape runs (ops.h). */
spae_var spae_layer_group_norm_swish(spae_network *network, spae_scope *scope, spae_var x, size_t groups, double eps,
                                     bool into);

#endif
