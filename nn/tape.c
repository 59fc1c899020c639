/* The tape of tape.h: making nodes, and the backward sweep. The operations are in the files of ops.h. */
#include "tape.h"

#include <string.h>

#include "ops.h"

void spae_tape_start(spae_tape *tape, spae_arena *arena, spae_tape_mode mode, spae_error *err)
{
    *tape = (spae_tape){.arena = arena, .mode = mode, .status = SPAE_OK, .err = err};
}

bool spae_tape_plans(const spae_tape *tape)
{
    return tape->mode != SPAE_TAPE_RECORD && tape->mode != SPAE_TAPE_RUN;
}

bool spae_tape_runs(const spae_tape *tape)
{
    return tape->mode == SPAE_TAPE_RUN || tape->mode == SPAE_TAPE_PLAN_RUN;
}

bool spae_tape_records(const spae_tape *tape)
{
    return tape->mode == SPAE_TAPE_RECORD || tape->mode == SPAE_TAPE_PLAN_RECORD;
}

spae_var spae_tape_refuse(spae_tape *tape, spae_status status, const char *what, size_t a, size_t b)
{
    if (tape->status == SPAE_OK)
        tape->status = spae_fail(tape->err, status, "%s (%zu and %zu)", what, a, b);
    return NULL;
}

/* ---- nodes ---- */

static spae_var out_of_memory(spae_tape *tape, size_t bytes)
{
    if (tape->status == SPAE_OK)
        tape->status = spae_fail(tape->err, SPAE_ERR_NO_MEMORY, "tape: no memory for a tensor of %zu bytes", bytes);
    return NULL;
}

static spae_var append(spae_tape *tape, spae_node contents)
{
    if (tape->status != SPAE_OK)
        return NULL;
    spae_node *node = spae_arena_take(tape->arena, 1, sizeof *node);
    if (node == NULL)
        return out_of_memory(tape, sizeof *node);
    *node = contents;
    node->previous = tape->last;
    if (tape->last != NULL)
        tape->last->next = node;
    else
        tape->first = node;
    tape->last = node;
    return node;
}

/* A node whose value is the caller's. */
static spae_var borrow(spae_tape *tape, spae_shape shape, const real *value, bool differentiable)
{
    spae_node node = {.shape = shape, .differentiable = differentiable};
    memcpy(&node.value, &value, sizeof value); /* nothing writes through it: no operation owns it */
    return append(tape, node);
}

spae_var spae_tape_leaf(spae_tape *tape, spae_shape shape, const real *value)
{
    return borrow(tape, shape, value, true);
}

spae_var spae_tape_constant(spae_tape *tape, spae_shape shape, const real *value)
{
    return borrow(tape, shape, value, false);
}

bool spae_tape_room(spae_tape *tape, size_t count, real **room)
{
    *room = NULL;
    if (tape->mode == SPAE_TAPE_PLAN)
        return true;
    const bool plans = spae_tape_plans(tape);
    if (!plans)
        *room = spae_arena_take(tape->arena, count, sizeof(real));
    if (plans ? spae_arena_account(tape->arena, count, sizeof(real)) : *room != NULL)
        return true;
    out_of_memory(tape, count * sizeof(real));
    return false;
}

/* Room for the value of a new node. */
static spae_var give_value(spae_tape *tape, spae_var node)
{
    if (node == NULL || !spae_tape_room(tape, spae_shape_count(node->shape), &node->value))
        return NULL;
    return node;
}

spae_var spae_tape_filled(spae_tape *tape, spae_shape shape, real number)
{
    spae_var node = give_value(tape, append(tape, (spae_node){.shape = shape}));
    if (spae_computes(node))
        for (size_t i = 0, count = spae_shape_count(shape); i < count; i++)
            node->value[i] = number;
    return node;
}

static bool derived(const spae_op *op, spae_var a, spae_var b, spae_var c)
{
    return op->pullback != NULL && ((a != NULL && a->differentiable) || (b != NULL && b->differentiable) ||
                                    (c != NULL && c->differentiable));
}

spae_var spae_tape_node(spae_tape *tape, const spae_op *op, spae_shape shape, size_t arity, spae_var a, spae_var b,
                        spae_var c)
{
    if ((arity >= 1 && a == NULL) || (arity >= 2 && b == NULL) || (arity >= 3 && c == NULL))
        return NULL;
    const spae_node node = {
        .shape = shape, .op = op, .input = {a, b, c}, .differentiable = derived(op, a, b, c)};
    return give_value(tape, append(tape, node));
}

spae_var spae_tape_view(spae_tape *tape, const spae_op *op, spae_shape shape, spae_var a)
{
    if (a == NULL)
        return NULL;
    return append(tape, (spae_node){.shape = shape, .value = a->value, .op = op, .input = {a},
                                    .differentiable = derived(op, a, NULL, NULL)});
}

bool spae_computes(spae_var node)
{
    return node != NULL && node->value != NULL;
}

spae_var spae_tape_keep(spae_tape *tape, spae_arena_mark mark, spae_var y)
{
    if (y == NULL || !spae_tape_runs(tape))
        return y;
    const spae_shape shape = y->shape;
    const real *value = y->value; /* stays readable after the reset, until pieces are taken again */
    spae_arena_reset(tape->arena, mark);
    tape->first = tape->last = NULL; /* a running tape is never swept */
    spae_var kept = give_value(tape, append(tape, (spae_node){.shape = shape}));
    if (spae_computes(kept)) /* y was made since the mark, so its value lies at or above the new place */
        memmove(kept->value, value, spae_shape_count(shape) * sizeof(real));
    return kept;
}

/* ---- the backward sweep ---- */

bool spae_wants(spae_var node, size_t i)
{
    return node->input[i] != NULL && node->input[i]->on_path;
}

/* Is one of the nodes that it takes in on a path? */
static bool leads(spae_var node)
{
    bool found = spae_wants(node, 0) || spae_wants(node, 1) || spae_wants(node, 2);
    for (size_t i = 0; i < node->leaves && !found; i++)
        found = node->leaf[i]->on_path;
    return found;
}

/* Marks every node up to y that has one of the asked-for nodes below it; forgets earlier sweeps. */
static void mark_paths(spae_tape *tape, const spae_var *x, size_t count)
{
    for (spae_node *node = tape->first; node != NULL; node = node->next) {
        node->gradient = NULL;
        node->on_path = false;
    }
    for (size_t i = 0; i < count; i++)
        x[i]->on_path = x[i]->differentiable;
    for (spae_node *node = tape->first; node != NULL; node = node->next)
        if (node->differentiable && !node->on_path && node->op != NULL)
            node->on_path = leads(node);
}

void spae_tape_receive(spae_tape *tape, spae_var input, spae_var d)
{
    input->gradient = input->gradient == NULL ? d : spae_add(tape, input->gradient, d);
}

static void pull_back(spae_tape *tape, spae_node *node)
{
    spae_var d[3] = {NULL, NULL, NULL};
    node->op->pullback(tape, node, node->gradient, d);
    for (size_t i = 0; i < 3; i++)
        if (d[i] != NULL)
            spae_tape_receive(tape, node->input[i], d[i]);
}

spae_status spae_tape_gradient(spae_tape *tape, spae_var y, spae_var dy, const spae_var *x, size_t count, spae_var *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = NULL;
    if (tape->status != SPAE_OK || y == NULL)
        return tape->status;
    spae_node *const newest = tape->last; /* the sweep itself appends nodes; they are not swept */
    mark_paths(tape, x, count);
    y->gradient = dy != NULL ? dy : spae_tape_filled(tape, y->shape, 1);
    for (spae_node *node = newest; node != NULL && tape->status == SPAE_OK; node = node->previous)
        if (node->on_path && node->gradient != NULL && node->op != NULL)
            pull_back(tape, node);
    for (size_t i = 0; i < count && tape->status == SPAE_OK; i++)
        out[i] = x[i]->gradient != NULL ? x[i]->gradient : spae_tape_filled(tape, x[i]->shape, 0);
    return tape->status;
}
