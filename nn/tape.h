/* The tape: values computed as they are written down, and gradients that are again written on the tape.
 *
 * A node is a value with the operation that made it and its inputs. Every operation of ops.h makes one
 * node (or a few). spae_tape_gradient walks the nodes backwards and calls each operation's pullback, which
 * writes the gradient of its inputs as further nodes; so a gradient can be differentiated again (SPEC 3.16).
 *
 *   order      contributions to a gradient are added in the order in which the sweep meets them: the
 *              consumers of a node from the last made to the first
 *   modes      SPAE_TAPE_RECORD  values are computed and everything stays, for gradients
 *              SPAE_TAPE_RUN     values are computed; spae_tape_keep drops what is no longer needed
 *              SPAE_TAPE_PLAN    nothing is computed: shapes are followed and work is counted
 *   planning   SPAE_TAPE_PLAN_RECORD and SPAE_TAPE_PLAN_RUN do that too, and account in the arena for all the memory
 *              that the other mode would take, gradients included: its peak is that of the run, to the byte
 *   errors     the first failure is kept in `status` and `err`; from then on every operation returns NULL and
 *              takes NULL, so that a network is written without a check per line and asked once at its end
 *   memory     nodes and values live in the arena and go with it
 */
#ifndef SPAE_TAPE_H
#define SPAE_TAPE_H

#include <stdint.h>

#include "../vendor_free/status.h"
#include "arena.h"
#include "conv.h"
#include "real.h"
#include "shape.h"

typedef struct spae_tape spae_tape;
typedef struct spae_node spae_node;
typedef spae_node *spae_var; /* a value on the tape; NULL after a failure */

typedef struct {
    const char *name;
    /* Writes into d[i] the gradient of input i, for every i with spae_wants(node, i); the rest of d stays NULL.
     * dy has node's shape. NULL pullback: the operation's result counts as constant. */
    void (*pullback)(spae_tape *tape, spae_var node, spae_var dy, spae_var d[3]);
} spae_op;

struct spae_node {
    spae_shape shape;
    real *value;         /* (shape); borrowed for leaves, in the arena otherwise; NULL on a planning tape */
    const spae_op *op;   /* NULL for leaves and constants */
    spae_var input[3];   /* NULL where the operation has fewer */
    spae_var *leaf;      /* (leaves) further inputs, all leaves, which the pullback serves with spae_tape_receive: */
    size_t leaves;       /* the parameters of a recomputed block (recompute.h); else none */
    union {              /* what the operation needs beside its inputs */
        spae_conv conv;
        struct { size_t groups; double eps; } normal;
        size_t window[3];
        real number;
        struct { const real *cosine, *sine; } angles; /* borrowed */
        size_t offset;
        const int32_t *index; /* borrowed, or in the arena */
        const struct spae_recomputed *block; /* in the arena */
    } with;
    bool differentiable; /* some leaf is below it */
    bool on_path;        /* during a gradient sweep: one of the asked-for nodes is below it, or it is one */
    spae_var gradient;   /* during a gradient sweep: the sum so far */
    spae_node *previous, *next;
};

typedef enum {
    SPAE_TAPE_RECORD,
    SPAE_TAPE_RUN,
    SPAE_TAPE_PLAN,
    SPAE_TAPE_PLAN_RECORD,
    SPAE_TAPE_PLAN_RUN
} spae_tape_mode;

struct spae_tape {
    spae_arena *arena; /* borrowed */
    spae_tape_mode mode;
    spae_status status;
    spae_error *err;             /* borrowed, may be NULL */
    spae_node *first, *last;     /* in the order made */
    uint64_t multiply_adds;      /* of convolutions and dense products so far, in every mode */
};

void spae_tape_start(spae_tape *tape, spae_arena *arena, spae_tape_mode mode, spae_error *err);

bool spae_tape_plans(const spae_tape *tape);   /* there are no values */
bool spae_tape_runs(const spae_tape *tape);    /* SPAE_TAPE_RUN or its plan: nodes come and go */
bool spae_tape_records(const spae_tape *tape); /* SPAE_TAPE_RECORD or its plan */

/* A value given from outside, borrowed: gradients may be asked for a leaf, never for a constant.
 * On a planning tape value may be NULL. */
spae_var spae_tape_leaf(spae_tape *tape, spae_shape shape, const real *value);
spae_var spae_tape_constant(spae_tape *tape, spae_shape shape, const real *value);

/* A constant of one repeated number. */
spae_var spae_tape_filled(spae_tape *tape, spae_shape shape, real number);

/* out[i] = gradient of sum(y * dy) with respect to x[i], a node of x[i]'s shape (zeros when y does not depend on
 * it). dy NULL stands for all ones. x[i] are nodes of this tape; count >= 1. The tape is recording, or planning to.
 * Returns the tape's status; out is then NULL where it failed. */
spae_status spae_tape_gradient(spae_tape *tape, spae_var y, spae_var dy, const spae_var *x, size_t count,
                               spae_var *out);

/* On a running tape or its plan: drops everything made since `mark` but y, whose value moves down to the mark; returns
 * y's new node. On other tapes: returns y. y was made since the mark and is no leaf. */
spae_var spae_tape_keep(spae_tape *tape, spae_arena_mark mark, spae_var y);

/* ---- for the files that define operations ---- */

/* A node of `op` on inputs a, b, c (NULL where there are fewer), with room for its value. NULL when the tape has
 * failed or memory is refused. `arity` inputs must be there: a NULL among them passes on as NULL. */
spae_var spae_tape_node(spae_tape *tape, const spae_op *op, spae_shape shape, size_t arity, spae_var a, spae_var b,
                        spae_var c);

/* A node that shows a's value under another shape or with another derivative; the value is not copied. */
spae_var spae_tape_view(spae_tape *tape, const spae_op *op, spae_shape shape, spae_var a);

/* Room for `count` elements from the arena, or only the account of it where the mode is a plan: *room is then NULL.
 * False when memory is refused, which the tape keeps. */
bool spae_tape_room(spae_tape *tape, size_t count, real **room);

/* In a sweep: adds d, a node of its shape, to the gradient of `input`; pullbacks call it for node->leaf only. */
void spae_tape_receive(spae_tape *tape, spae_var input, spae_var d);

/* Keeps the first failure; returns NULL so that an operation can `return spae_tape_refuse(...)`. */
spae_var spae_tape_refuse(spae_tape *tape, spae_status status, const char *what, size_t a, size_t b);

/* Is there a value to compute? (The node was made, and the tape is not planning.) */
bool spae_computes(spae_var node);

/* In a pullback: is the gradient of input i wanted? */
bool spae_wants(spae_var node, size_t i);

#endif
