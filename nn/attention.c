/* Attention on the tape: three bilinear forms, closed under differentiation, between them mask and softmax (SPEC 3.22).
 *
 * q (n,tq,1,heads,d); k, v (n,tk,1,kv_heads,d); p (n,heads,1,tq,tk); head i reads key and value head g(i) = i / (heads /
 * kv_heads). Every element is one chain in `real`:
 *     scores(q,k)[n,i,tq,tk]   over the channels               of q * k
 *     mix(p,v)[n,tq,i,:]       over the keys                   of p * v
 *     spread(p,q)[n,tk,g,:]    over the heads i of g, then tq  of p * q
 * With u the gradient that arrives:
 *     scores gives  dq = mix(u, k)      dk = spread(u, q)
 *     mix    gives  dp = scores(u, v)   dv = spread(p, u)
 *     spread gives  dp = scores(q, u)   dq = mix(p, u)
 * attention = mix(softmax(mask(scale(scores(q, k), real(1 / sqrt d)))), v), mask making hidden scores -inf. These are the
 * plain loops; on a running tape nn/attention_product.c does the whole in one node, to the same bits.
 */
#include "attention.h"

#include <math.h>

#include "ops.h"
#include "threads.h"

/* The sizes of a form, whichever its operands. */
typedef struct {
    size_t n, queries, keys, heads, kv_heads, d;
} sizes;

static spae_shape query_shape(const sizes *s)
{
    return spae_shape_of(s->n, s->queries, 1, s->heads, s->d);
}

static spae_shape key_shape(const sizes *s)
{
    return spae_shape_of(s->n, s->keys, 1, s->kv_heads, s->d);
}

static spae_shape weight_shape(const sizes *s)
{
    return spae_shape_of(s->n, s->heads, 1, s->queries, s->keys);
}

static size_t key_head(const sizes *s, size_t head)
{
    return head / (s->heads / s->kv_heads);
}

/* ---- the loops ---- */

static void scores_array(const sizes *s, const real *q, const real *k, real *p)
{
    const size_t q_row = s->heads * s->d, k_row = s->kv_heads * s->d;
    SPAE_THREADS(s->n * s->heads * s->queries * s->keys * s->d)
    for (size_t nh = 0; nh < s->n * s->heads; nh++) {
        const size_t n = nh / s->heads, head = nh % s->heads;
        const real *a = q + n * s->queries * q_row + head * s->d, *b = k + n * s->keys * k_row + key_head(s, head) * s->d;
        real *to = p + nh * s->queries * s->keys;
        for (size_t i = 0; i < s->queries; i++)
            for (size_t j = 0; j < s->keys; j++) {
                real acc = 0;
                for (size_t c = 0; c < s->d; c++)
                    acc = acc + a[i * q_row + c] * b[j * k_row + c];
                to[i * s->keys + j] = acc;
            }
    }
}

static void mix_array(const sizes *s, const real *p, const real *v, real *y)
{
    const size_t y_row = s->heads * s->d, v_row = s->kv_heads * s->d;
    SPAE_THREADS(s->n * s->heads * s->queries * s->keys * s->d)
    for (size_t nh = 0; nh < s->n * s->heads; nh++) {
        const size_t n = nh / s->heads, head = nh % s->heads;
        const real *a = p + nh * s->queries * s->keys, *b = v + n * s->keys * v_row + key_head(s, head) * s->d;
        for (size_t i = 0; i < s->queries; i++) {
            real *to = y + (n * s->queries + i) * y_row + head * s->d;
            for (size_t c = 0; c < s->d; c++)
                to[c] = 0;
            for (size_t j = 0; j < s->keys; j++)
                for (size_t c = 0; c < s->d; c++)
                    to[c] = to[c] + a[i * s->keys + j] * b[j * v_row + c];
        }
    }
}

/* One key head of one example: the chain of every key runs over the heads that read it, then over the queries. */
static void spread_head(const sizes *s, size_t n, size_t g, const real *p, const real *q, real *to)
{
    const size_t group = s->heads / s->kv_heads, q_row = s->heads * s->d, k_row = s->kv_heads * s->d;
    for (size_t j = 0; j < s->keys; j++)
        for (size_t c = 0; c < s->d; c++)
            to[j * k_row + c] = 0;
    for (size_t head = g * group; head < (g + 1) * group; head++)
        for (size_t i = 0; i < s->queries; i++) {
            const real *a = p + ((n * s->heads + head) * s->queries + i) * s->keys;
            const real *b = q + (n * s->queries + i) * q_row + head * s->d;
            for (size_t j = 0; j < s->keys; j++)
                for (size_t c = 0; c < s->d; c++)
                    to[j * k_row + c] = to[j * k_row + c] + a[j] * b[c];
        }
}

static void spread_array(const sizes *s, const real *p, const real *q, real *k)
{
    SPAE_THREADS(s->n * s->heads * s->queries * s->keys * s->d)
    for (size_t ng = 0; ng < s->n * s->kv_heads; ng++) {
        const size_t n = ng / s->kv_heads, g = ng % s->kv_heads;
        spread_head(s, n, g, p, q, k + (n * s->keys * s->kv_heads + g) * s->d);
    }
}

/* ---- the three forms ---- */

static spae_var scores(spae_tape *tape, spae_var q, spae_var k);
static spae_var mix(spae_tape *tape, spae_var p, spae_var v);
static spae_var spread(spae_tape *tape, spae_var p, spae_var q, size_t kv_heads);

static sizes sizes_of(spae_shape q, spae_shape k)
{
    return (sizes){q.axis[SPAE_AXIS_N], q.axis[SPAE_AXIS_T], k.axis[SPAE_AXIS_T],
                   q.axis[SPAE_AXIS_W], k.axis[SPAE_AXIS_W], q.axis[SPAE_AXIS_C]};
}

static uint64_t multiply_adds(const sizes *s)
{
    return (uint64_t)s->n * s->heads * s->queries * s->keys * s->d;
}

static void scores_pullback(spae_tape *tape, spae_var y, spae_var u, spae_var d[3])
{
    spae_var q = y->input[0], k = y->input[1];
    d[0] = spae_wants(y, 0) ? mix(tape, u, k) : NULL;
    d[1] = spae_wants(y, 1) ? spread(tape, u, q, k->shape.axis[SPAE_AXIS_W]) : NULL;
}

static const spae_op scores_op = {"attention_scores", scores_pullback};

static spae_var scores(spae_tape *tape, spae_var q, spae_var k)
{
    if (q == NULL || k == NULL)
        return NULL;
    const sizes s = sizes_of(q->shape, k->shape);
    spae_var y = spae_tape_node(tape, &scores_op, weight_shape(&s), 2, q, k, NULL);
    tape->multiply_adds += multiply_adds(&s);
    if (spae_computes(y))
        scores_array(&s, q->value, k->value, y->value);
    return y;
}

static void mix_pullback(spae_tape *tape, spae_var y, spae_var u, spae_var d[3])
{
    spae_var p = y->input[0], v = y->input[1];
    d[0] = spae_wants(y, 0) ? scores(tape, u, v) : NULL;
    d[1] = spae_wants(y, 1) ? spread(tape, p, u, v->shape.axis[SPAE_AXIS_W]) : NULL;
}

static const spae_op mix_op = {"attention_mix", mix_pullback};

static spae_var mix(spae_tape *tape, spae_var p, spae_var v)
{
    if (p == NULL || v == NULL)
        return NULL;
    const size_t *w = p->shape.axis;
    const sizes s = {w[SPAE_AXIS_N], w[SPAE_AXIS_W], w[SPAE_AXIS_C], w[SPAE_AXIS_T], v->shape.axis[SPAE_AXIS_W],
                     v->shape.axis[SPAE_AXIS_C]};
    spae_var y = spae_tape_node(tape, &mix_op, query_shape(&s), 2, p, v, NULL);
    tape->multiply_adds += multiply_adds(&s);
    if (spae_computes(y))
        mix_array(&s, p->value, v->value, y->value);
    return y;
}

static void spread_pullback(spae_tape *tape, spae_var y, spae_var u, spae_var d[3])
{
    spae_var p = y->input[0], q = y->input[1];
    d[0] = spae_wants(y, 0) ? scores(tape, q, u) : NULL;
    d[1] = spae_wants(y, 1) ? mix(tape, p, u) : NULL;
}

static const spae_op spread_op = {"attention_spread", spread_pullback};

static spae_var spread(spae_tape *tape, spae_var p, spae_var q, size_t kv_heads)
{
    if (p == NULL || q == NULL)
        return NULL;
    const size_t *w = p->shape.axis;
    const sizes s = {w[SPAE_AXIS_N], w[SPAE_AXIS_W], w[SPAE_AXIS_C], w[SPAE_AXIS_T], kv_heads,
                     q->shape.axis[SPAE_AXIS_C]};
    spae_var y = spae_tape_node(tape, &spread_op, key_shape(&s), 2, p, q, NULL);
    tape->multiply_adds += multiply_adds(&s);
    if (spae_computes(y))
        spread_array(&s, p->value, q->value, y->value);
    return y;
}

/* ---- mask: `fill` in place of the scores of keys that a query does not see ---- */

static void mask_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op mask_op = {"attention_mask", mask_pullback};

static spae_var mask(spae_tape *tape, spae_var p, size_t offset, real fill)
{
    spae_var y = p != NULL ? spae_tape_node(tape, &mask_op, p->shape, 1, p, NULL, NULL) : NULL;
    if (y != NULL)
        y->with.offset = offset;
    if (!spae_computes(y))
        return y;
    const size_t keys = p->shape.axis[SPAE_AXIS_C], queries = p->shape.axis[SPAE_AXIS_W];
    const size_t rows = spae_shape_count(p->shape) / keys;
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < keys; j++)
            y->value[row * keys + j] = j <= offset + row % queries ? p->value[row * keys + j] : fill;
    return y;
}

static void mask_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? mask(tape, dy, y->with.offset, 0) : NULL;
}

/* ---- attention ---- */

static bool fits(spae_tape *tape, spae_var q, spae_var k, spae_var v)
{
    if (q == NULL || k == NULL || v == NULL)
        return false;
    const size_t *a = q->shape.axis, *b = k->shape.axis;
    const char *wrong = !spae_shape_equal(k->shape, v->shape) ? "attention: keys and values have different shapes (elements)"
                        : a[0] != b[0] || a[4] != b[4] ? "attention: queries and keys differ in examples or channels (elements)"
                        : a[2] != 1 || b[2] != 1       ? "attention: the third axis is not 1 (elements)"
                        : a[3] % b[3] != 0 ? "attention: heads of keys do not divide heads of queries (elements)"
                                           : NULL;
    if (wrong != NULL)
        spae_tape_refuse(tape, SPAE_ERR_SHAPE, wrong, spae_shape_count(q->shape), spae_shape_count(k->shape));
    return wrong == NULL;
}

static const spae_op attention_op = {"attention", NULL}; /* of running tapes, which are never swept */

/* All in one node. */
static spae_var in_one(spae_tape *tape, spae_var q, spae_var k, spae_var v, bool causal, size_t offset)
{
    const sizes s = sizes_of(q->shape, k->shape);
    const spae_attention_form form = {s.heads, s.kv_heads, s.d, causal, offset};
    spae_var y = spae_tape_node(tape, &attention_op, q->shape, 3, q, k, v);
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    real *scratch;
    if (y == NULL || !spae_tape_room(tape, spae_attention_scratch(&form, s.queries, s.keys), &scratch))
        return NULL;
    tape->multiply_adds += 2 * multiply_adds(&s);
    const size_t query = s.queries * s.heads * s.d, key = s.keys * s.kv_heads * s.d;
    for (size_t n = 0; spae_computes(y) && n < s.n; n++) {
        const spae_attention_span span = {k->value + n * key, v->value + n * key, s.keys};
        spae_attention_array(&form, q->value + n * query, s.queries, &span, 1, y->value + n * query, scratch);
    }
    spae_arena_reset(tape->arena, mark);
    return y;
}

spae_var spae_attention(spae_tape *tape, spae_var q, spae_var k, spae_var v, bool causal, size_t offset)
{
    if (!fits(tape, q, k, v))
        return NULL;
    if (spae_tape_runs(tape))
        return in_one(tape, q, k, v, causal, offset);
    spae_var p = spae_scale(tape, scores(tape, q, k), (real)(1 / sqrt((double)q->shape.axis[SPAE_AXIS_C])));
    if (causal)
        p = mask(tape, p, offset, (real)-INFINITY);
    return mix(tape, spae_softmax(tape, p), v);
}
