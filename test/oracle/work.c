/* From a case's arrays onto the tape, and back into comparisons. */
#include "work.h"

#include "compare.h"

void oracle_start(oracle_work *w, oracle_case *c)
{
    w->c = c;
    w->leaves = 0;
    spae_tape_start(&w->tape, c->arena, SPAE_TAPE_RECORD, &w->err);
}

spae_var oracle_leaf(oracle_work *w, const oracle_array *a, spae_shape shape)
{
    spae_var leaf = spae_tape_leaf(&w->tape, shape, oracle_reals(w->c, a));
    oracle_check_tape(w);
    w->name[w->leaves] = a->name;
    w->leaf[w->leaves++] = leaf;
    return leaf;
}

void oracle_check_tape(oracle_work *w)
{
    if (w->tape.status != SPAE_OK)
        oracle_abort(w->c, "%s", w->err.text);
}

spae_var oracle_upstream(oracle_work *w, const char *name, spae_var y)
{
    const oracle_array a = oracle_read(w->c, oracle_text(w->c, "g%s", name));
    if (a.count != spae_shape_count(y->shape))
        oracle_abort(w->c, "%s: %zu elements, the output has %zu", a.name, a.count, spae_shape_count(y->shape));
    return spae_tape_constant(&w->tape, y->shape, oracle_reals(w->c, &a));
}

void oracle_finish(oracle_work *w, const char *name, spae_var y)
{
    spae_var gradient[ORACLE_LEAVES];
    oracle_check_tape(w);
    oracle_compare(w->c, name, y->shape, y->value);
    if (w->c->grads == ORACLE_NONE)
        return;
    spae_tape_gradient(&w->tape, y, oracle_upstream(w, name, y), w->leaf, w->leaves, gradient);
    oracle_check_tape(w);
    for (size_t i = 0; i < w->leaves; i++)
        oracle_compare(w->c, oracle_text(w->c, "g%s", w->name[i]), gradient[i]->shape, gradient[i]->value);
}
