/* Recomputed blocks: one node forward, a tape within the tape backward. */
#include "recompute.h"

#include <string.h>

#include "ops.h"

/* What running the block again takes, beside x. */
struct spae_recomputed {
    spae_block *block;
    const void *context; /* the node's own copy */
    spae_parameters *parameters;
    const real *values;
    size_t first; /* the block's parameters: `first` and the node's number of leaves from there */
};

/* The outer tape takes over what a tape within it met. */
static bool went_well(spae_tape *tape, const spae_tape *inner)
{
    tape->multiply_adds += inner->multiply_adds;
    if (inner->status != SPAE_OK)
        tape->status = inner->status; /* its text is there: they share err */
    return tape->status == SPAE_OK;
}

/* The block on a new tape of the outer one's arena; x becomes a leaf there. */
static spae_var run_block(const struct spae_recomputed *b, spae_tape *outer, spae_tape_mode mode, spae_var *x,
                          spae_tape *tape, spae_network *network)
{
    spae_tape_start(tape, outer->arena, mode, outer->err);
    spae_network_bind(network, tape, b->parameters, b->values);
    *x = spae_tape_leaf(tape, (*x)->shape, (*x)->value);
    return tape->status == SPAE_OK ? b->block(network, b->context, *x) : NULL;
}

/* ---- backward ---- */

static void refuse_pullback(spae_tape *tape, spae_var node, spae_var u, spae_var d[3])
{
    (void)u;
    (void)d;
    spae_tape_refuse(tape, SPAE_ERR_ARGUMENT,
                     "recompute: the gradient of a recomputed block has itself no gradient (elements, parameters)",
                     spae_shape_count(node->shape), node->leaves);
}

static const spae_op gradient_op = {"recompute_gradient", refuse_pullback};

/* A node with further inputs: constant only if it has no inputs at all. */
static spae_var with_leaves(spae_var node, spae_var *leaf, size_t leaves)
{
    if (node != NULL) {
        node->leaf = leaf;
        node->leaves = leaves;
        node->differentiable = node->differentiable || leaves > 0;
    }
    return node;
}

/* A place for the gradient of `input`, one of those of the block y. */
static spae_var place_for(spae_tape *tape, spae_var y, spae_var dy, spae_var input)
{
    if (!input->on_path)
        return NULL;
    if (input->gradient != NULL) /* what comes now would be added as a whole, not one by one */
        return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT,
                                "recompute: what a block takes in is used after it (elements, of the result)",
                                spae_shape_count(input->shape), spae_shape_count(y->shape));
    return with_leaves(spae_tape_node(tape, &gradient_op, input->shape, 2, dy, y->input[0], NULL), y->leaf, y->leaves);
}

/* place[0] becomes the gradient of x, place[1 + i] of the block's parameter i; those that are NULL are not wanted. */
static void compute_again(spae_tape *outer, spae_var y, spae_var dy, const spae_var *place)
{
    const struct spae_recomputed *b = y->with.block;
    spae_tape tape;
    spae_network network;
    spae_var x = y->input[0], result = run_block(b, outer, outer->mode, &x, &tape, &network);
    spae_var *asked = spae_arena_take(outer->arena, y->leaves + 1, sizeof *asked);
    spae_var *got = spae_arena_take(outer->arena, y->leaves + 1, sizeof *got);
    if (asked == NULL || got == NULL)
        spae_tape_refuse(&tape, SPAE_ERR_NO_MEMORY,
                         "recompute: no memory for a block's gradients (parameters, elements)",
                         y->leaves, spae_shape_count(y->shape));
    size_t count = 0;
    for (size_t i = 0; i <= y->leaves && tape.status == SPAE_OK; i++)
        if (place[i] != NULL)
            asked[count++] = i == 0 ? x : network.leaf[b->first + i - 1];
    spae_tape_gradient(&tape, result, spae_tape_constant(&tape, dy->shape, dy->value), asked, count, got);
    if (!went_well(outer, &tape))
        return;
    for (size_t i = 0, at = 0; i <= y->leaves; i++)
        if (place[i] != NULL) {
            if (spae_computes(got[at]))
                memcpy(place[i]->value, got[at]->value, spae_shape_count(place[i]->shape) * sizeof(real));
            at++;
        }
}

static void block_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    spae_var *place = spae_arena_take_zeroed(tape->arena, y->leaves + 1, sizeof *place);
    if (place == NULL) {
        spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY,
                         "recompute: no memory for the places of gradients (parameters, elements)",
                         y->leaves, spae_shape_count(y->shape));
        return;
    }
    for (size_t i = 0; i <= y->leaves; i++)
        place[i] = place_for(tape, y, dy, i == 0 ? y->input[0] : y->leaf[i - 1]);
    if (tape->status != SPAE_OK)
        return;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    compute_again(tape, y, dy, place);
    spae_arena_reset(tape->arena, mark);
    d[0] = place[0];
    for (size_t i = 1; i <= y->leaves; i++)
        if (place[i] != NULL)
            spae_tape_receive(tape, y->leaf[i - 1], place[i]);
}

static const spae_op block_op = {"recomputed", block_pullback};

/* ---- forward ---- */

/* What a run without numbers tells of a block. */
typedef struct {
    spae_shape shape;     /* of the result */
    size_t first, leaves; /* parameters */
} outline;

/* The parameters that a bound network has been asked for; false when there are others between them. */
static bool find_leaves(const spae_network *network, outline *o)
{
    size_t last = 0;
    for (size_t i = 0; i < network->parameters->count; i++)
        if (network->leaf[i] != NULL) {
            o->first = o->leaves++ == 0 ? i : o->first;
            last = i;
        }
    return o->leaves == 0 || last - o->first + 1 == o->leaves;
}

static bool survey(spae_tape *outer, const struct spae_recomputed *b, spae_var x, outline *o)
{
    const spae_arena_mark mark = spae_arena_here(outer->arena);
    spae_tape tape;
    spae_network network;
    spae_var y = run_block(b, outer, SPAE_TAPE_PLAN, &x, &tape, &network);
    tape.multiply_adds = 0; /* nothing was multiplied */
    if (went_well(outer, &tape)) {
        o->shape = y->shape;
        if (!find_leaves(&network, o))
            spae_tape_refuse(outer, SPAE_ERR_ARGUMENT, "recompute: a block's parameters are apart (first, number)",
                             o->first, o->leaves);
    }
    spae_arena_reset(outer->arena, mark);
    return outer->status == SPAE_OK;
}

/* The block's parameters become leaves of the outer tape; NULL when one is a leaf already. */
static spae_var *make_leaves(spae_network *network, const outline *o)
{
    for (size_t i = o->first; i < o->first + o->leaves; i++) {
        const spae_parameter *item = &network->parameters->item[i];
        const real *value = network->values != NULL ? network->values + item->first : NULL;
        if (network->leaf[i] != NULL) {
            spae_tape_refuse(network->tape, SPAE_ERR_ARGUMENT,
                             "recompute: a parameter of the block is used before it (place, elements)", i,
                             spae_shape_count(item->shape));
            return NULL;
        }
        network->leaf[i] = spae_tape_leaf(network->tape, item->shape, value);
    }
    return network->tape->status == SPAE_OK ? network->leaf + o->first : NULL;
}

/* The result's value: the block in the manner that keeps nothing else. */
static spae_var fill(spae_tape *tape, spae_var y)
{
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_tape_mode mode = spae_tape_plans(tape) ? SPAE_TAPE_PLAN_RUN : SPAE_TAPE_RUN;
    spae_tape inner;
    spae_network network;
    spae_var x = y->input[0], result = run_block(y->with.block, tape, mode, &x, &inner, &network);
    const bool well = went_well(tape, &inner);
    if (well && spae_computes(y))
        memcpy(y->value, result->value, spae_shape_count(y->shape) * sizeof(real));
    spae_arena_reset(tape->arena, mark);
    return well ? y : NULL;
}

static struct spae_recomputed *take_block(spae_network *network, spae_block *block, const void *context, size_t bytes)
{
    spae_tape *tape = network->tape;
    struct spae_recomputed *b = spae_arena_take(tape->arena, 1, sizeof *b);
    void *copy = spae_arena_take(tape->arena, bytes, 1);
    if (b == NULL || copy == NULL) {
        spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "recompute: no memory for a block (bytes, parameters)", bytes,
                         network->parameters->count);
        return NULL;
    }
    memcpy(copy, context, bytes);
    *b = (struct spae_recomputed){block, copy, network->parameters, network->values, 0};
    return b;
}

spae_var spae_recompute(spae_network *network, spae_block *block, const void *context, size_t bytes, spae_var x)
{
    spae_tape *tape = network->tape;
    if (x == NULL || tape->status != SPAE_OK)
        return NULL;
    if (!spae_tape_records(tape))
        return block(network, context, x);
    outline o = {.leaves = 0};
    struct spae_recomputed *b = take_block(network, block, context, bytes);
    if (b == NULL || !survey(tape, b, x, &o))
        return NULL;
    b->first = o.first;
    spae_var *leaf = make_leaves(network, &o);
    spae_var y = with_leaves(leaf != NULL ? spae_tape_node(tape, &block_op, o.shape, 1, x, NULL, NULL) : NULL, leaf,
                             o.leaves);
    if (y == NULL)
        return NULL;
    y->with.block = b;
    return fill(tape, y);
}
