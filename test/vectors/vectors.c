/* Cases, formulas and gradients of the conformance vectors; vectors.h says what each does. */
#include "vectors.h"

#include <string.h>

#include "vendor_free/checksum.h"
#include "vendor_free/philox.h"

enum { VECTORS_SEED = 1, VECTORS_PURPOSE = 4 }; /* the Philox key of every formula, SPEC 9.4 */

void vectors_start(vectors *v, spae_arena *arena, vectors_sink sink, spae_error *err)
{
    *v = (vectors){.arena = arena, .sink = sink, .err = err, .status = SPAE_OK, .at_once = 1};
}

bool vectors_goes_on(const vectors *v)
{
    return v->status == SPAE_OK && !v->skipped;
}

void vectors_expect(vectors *v, spae_status status)
{
    if (status == SPAE_OK || !vectors_goes_on(v))
        return;
    const spae_error found = *v->err;
    v->status = spae_fail(v->err, status, "%s: %s", v->now.name, found.text);
}

bool vectors_begin(vectors *v, const char *name, const char *clause, const char *op, const char *with, const char *why)
{
    v->now = (vectors_case){.name = name, .clause = clause, .op = op, .with = with, .why = why};
    v->skipped = v->sink.wants != NULL && !v->sink.wants(v->sink.context, name);
    v->leaves = 0;
    v->compare = VECTORS_NUMBERS;
    v->upstream = NULL;
    v->mark = spae_arena_here(v->arena);
    spae_tape_start(&v->tape, v->arena, SPAE_TAPE_RECORD, v->err);
    if (v->skipped && v->status == SPAE_OK && v->sink.skip != NULL)
        v->status = v->sink.skip(v->sink.context, name, v->err);
    if (vectors_goes_on(v))
        vectors_expect(v, v->sink.begin(v->sink.context, &v->now, v->err));
    return vectors_goes_on(v);
}

void vectors_end(vectors *v)
{
    if (vectors_goes_on(v))
        vectors_expect(v, v->tape.status);
    if (vectors_goes_on(v))
        vectors_expect(v, v->sink.end(v->sink.context, &v->now, v->err));
    spae_arena_reset(v->arena, v->mark);
}

/* ---- arrays ---- */

void vectors_give(vectors *v, const vectors_array *array)
{
    if (vectors_goes_on(v))
        vectors_expect(v, v->sink.array(v->sink.context, &v->now, array, v->err));
}

static void give(vectors *v, vectors_array array, unsigned rank, const size_t *shape)
{
    array.rank = rank;
    for (unsigned a = 0; a < rank; a++)
        array.shape[a] = shape[a];
    vectors_give(v, &array);
}

void vectors_integers(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                      const int32_t *data)
{
    give(v, (vectors_array){.name = name, .type = VECTORS_INTEGER, .compare = compare, .data = data}, rank, shape);
}

void vectors_numbers(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                     const spae_real *data)
{
    give(v, (vectors_array){.name = name, .type = VECTORS_REAL, .compare = compare, .data = data}, rank, shape);
}

void *vectors_room(vectors *v, size_t count, size_t size)
{
    if (!vectors_goes_on(v))
        return NULL;
    void *memory = spae_arena_take(v->arena, count, size);
    if (memory == NULL)
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_NO_MEMORY, "no memory for %zu items", count));
    return memory;
}

void vectors_wides(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                   const double *data)
{
    give(v, (vectors_array){.name = name, .type = VECTORS_WIDE, .compare = compare, .data = data}, rank, shape);
}

static void give_node(vectors *v, const char *name, vectors_compare compare, spae_var y)
{
    if (vectors_goes_on(v))
        vectors_expect(v, v->tape.status);
    if (vectors_goes_on(v))
        vectors_numbers(v, name, compare, SPAE_AXES, y->shape.axis, y->value);
}

void vectors_result(vectors *v, const char *name, spae_var y)
{
    give_node(v, name, v->compare, y);
}

void vectors_exact_result(vectors *v, const char *name, spae_var y)
{
    give_node(v, name, VECTORS_BITS, y);
}

void vectors_to_the_bit(vectors *v)
{
    v->compare = VECTORS_BITS;
}

void vectors_refusal(vectors *v, spae_status due, spae_status returned)
{
    v->now.status = spae_status_name(due);
    if (vectors_goes_on(v) && returned != due)
        v->status = spae_fail(v->err, SPAE_ERR_ARGUMENT, "%s: %s is due, not %s", v->now.name, v->now.status,
                              spae_status_name(returned));
}

/* ---- inputs ---- */

/* CRC-32 of "<case>/<array>" */
static uint32_t crc_of(const char *case_name, const char *name)
{
    uint32_t crc = spae_crc32(0, case_name, strlen(case_name));
    crc = spae_crc32(crc, "/", 1);
    return spae_crc32(crc, name, strlen(name));
}

void vectors_fill(const char *case_name, const char *name, double offset, double scale, size_t count, spae_real *out)
{
    const spae_random_key key = {VECTORS_SEED, VECTORS_PURPOSE};
    const uint32_t crc = crc_of(case_name, name);
    uint32_t word[4] = {0};
    for (size_t i = 0; i < count; i++) {
        if (i % 4 == 0) {
            const uint32_t counter[4] = {(uint32_t)(i / 4), crc, 0, 0};
            spae_random_block(key, counter, word);
        }
        const double u = (double)spae_uniform(word[i % 4]);
        out[i] = (spae_real)(float)(offset + scale * (2 * u - 1)); /* binary32 in every build */
    }
}

spae_real *vectors_reals(vectors *v, const char *name, unsigned rank, const size_t *shape, double offset, double scale)
{
    size_t count = 1;
    for (unsigned a = 0; a < rank; a++)
        count *= shape[a];
    if (!vectors_goes_on(v))
        return NULL;
    spae_real *values = spae_arena_take(v->arena, count, sizeof *values);
    if (values == NULL) {
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_NO_MEMORY, "no memory for %zu numbers", count));
        return NULL;
    }
    const double formula[2] = {offset, scale};
    vectors_fill(v->now.name, name, offset, scale, count, values);
    give(v, (vectors_array){.name = name, .type = VECTORS_REAL, .data = values, .formula = formula}, rank, shape);
    return values;
}

static spae_var keep_leaf(vectors *v, const char *name, spae_var leaf)
{
    if (leaf == NULL || v->leaves == VECTORS_LEAVES) {
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_NO_MEMORY, "no room for the leaf %s", name));
        return NULL;
    }
    v->leaf[v->leaves] = leaf;
    v->leaf_name[v->leaves++] = name;
    return leaf;
}

spae_var vectors_leaf(vectors *v, const char *name, spae_shape shape, double offset, double scale)
{
    const spae_real *values = vectors_reals(v, name, SPAE_AXES, shape.axis, offset, scale);
    return values == NULL ? NULL : keep_leaf(v, name, spae_tape_leaf(&v->tape, shape, values));
}

spae_var vectors_constant(vectors *v, const char *name, spae_shape shape, double offset, double scale)
{
    const spae_real *values = vectors_reals(v, name, SPAE_AXES, shape.axis, offset, scale);
    return values == NULL ? NULL : spae_tape_constant(&v->tape, shape, values);
}

/* A copy in the arena, given to the sink as an input. */
static spae_real *input_of(vectors *v, const char *name, spae_shape shape, const spae_real *values)
{
    if (!vectors_goes_on(v))
        return NULL;
    const size_t count = spae_shape_count(shape);
    spae_real *copy = spae_arena_take(v->arena, count, sizeof *copy);
    if (copy == NULL) {
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_NO_MEMORY, "no memory for %zu numbers", count));
        return NULL;
    }
    memcpy(copy, values, count * sizeof *copy);
    vectors_numbers(v, name, VECTORS_INPUT, SPAE_AXES, shape.axis, copy);
    return copy;
}

spae_var vectors_leaf_of(vectors *v, const char *name, spae_shape shape, const spae_real *values)
{
    const spae_real *copy = input_of(v, name, shape, values);
    return copy == NULL ? NULL : keep_leaf(v, name, spae_tape_leaf(&v->tape, shape, copy));
}

spae_var vectors_constant_of(vectors *v, const char *name, spae_shape shape, const spae_real *values)
{
    const spae_real *copy = input_of(v, name, shape, values);
    return copy == NULL ? NULL : spae_tape_constant(&v->tape, shape, copy);
}

static spae_var leaf_in_place(vectors *v, const char *name, spae_shape shape, const spae_real *values)
{
    vectors_numbers(v, name, VECTORS_INPUT, SPAE_AXES, shape.axis, values);
    return keep_leaf(v, name, spae_tape_leaf(&v->tape, shape, values));
}

spae_var vectors_leaf_listed(vectors *v, const char *name, spae_shape shape, const spae_real *list, size_t count)
{
    spae_real *values = vectors_room(v, spae_shape_count(shape), sizeof *values);
    if (values == NULL)
        return NULL;
    for (size_t i = 0; i < spae_shape_count(shape); i++)
        values[i] = list[i % count];
    return leaf_in_place(v, name, shape, values);
}

spae_var vectors_leaf_filled(vectors *v, const char *name, spae_shape shape, vectors_filler *fill)
{
    spae_real *values = vectors_room(v, spae_shape_count(shape), sizeof *values);
    if (values == NULL)
        return NULL;
    fill(values, spae_shape_count(shape));
    return leaf_in_place(v, name, shape, values);
}

/* ---- gradients ---- */

/* The parts one after the other, in the arena; NULL where memory is refused, which is kept. */
static const char *joined(vectors *v, const char *const part[4])
{
    size_t length = 0;
    for (int i = 0; i < 4; i++)
        length += strlen(part[i]);
    char *text = vectors_goes_on(v) ? spae_arena_take(v->arena, length + 1, 1) : NULL;
    if (text == NULL) {
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_NO_MEMORY, "no memory for a name"));
        return NULL;
    }
    length = 0;
    for (int i = 0; i < 4; i++) {
        memcpy(text + length, part[i], strlen(part[i]) + 1);
        length += strlen(part[i]);
    }
    return text;
}

static const char *joined_of(vectors *v, const char *a, const char *b, const char *c, const char *d)
{
    const char *const part[4] = {a, b, c, d};
    return joined(v, part);
}

void vectors_upstream(vectors *v, vectors_filler *upstream)
{
    v->upstream = upstream;
}

/* The values of an input that arrives at a gradient; NULL where the case does not go on. */
static const spae_real *arriving(vectors *v, const char *name, spae_shape shape)
{
    if (v->upstream == NULL)
        return vectors_reals(v, name, SPAE_AXES, shape.axis, 0, 1);
    spae_real *values = vectors_room(v, spae_shape_count(shape), sizeof *values);
    if (values == NULL)
        return NULL;
    v->upstream(values, spae_shape_count(shape));
    vectors_numbers(v, name, VECTORS_INPUT, SPAE_AXES, shape.axis, values);
    return values;
}

static bool nothing(spae_var y) /* zero everywhere: the gradient by what a linear operation does not depend on */
{
    for (size_t i = 0; i < spae_shape_count(y->shape); i++)
        if (y->value[i] < 0 || y->value[i] > 0)
            return false;
    return true;
}

/* d2_d<leaf>_<z> for z = dy and every leaf */
static void second_gradients(vectors *v, const char *upstream, spae_var dy, size_t leaf, spae_var gradient)
{
    const char *of = v->leaf_name[leaf], *name = joined_of(v, "u_d", of, "", "");
    spae_var by[VECTORS_LEAVES + 1] = {dy}, second[VECTORS_LEAVES + 1] = {NULL};
    const spae_real *values = name == NULL ? NULL : arriving(v, name, gradient->shape);
    spae_var u = values == NULL ? NULL : spae_tape_constant(&v->tape, gradient->shape, values);
    memcpy(by + 1, v->leaf, v->leaves * sizeof *by);
    if (u == NULL || spae_tape_gradient(&v->tape, gradient, u, by, v->leaves + 1, second) != SPAE_OK)
        return;
    for (size_t i = 0; i <= v->leaves; i++) {
        const char *to = joined_of(v, "d2_d", of, "_", i == 0 ? upstream : v->leaf_name[i - 1]);
        if (to != NULL && !nothing(second[i]))
            vectors_result(v, to, second[i]);
    }
}

void vectors_gradients(vectors *v, const char *name, spae_var y, int order)
{
    const char *upstream = joined_of(v, "d", name, "", "");
    spae_var gradient[VECTORS_LEAVES] = {NULL};
    const spae_real *values = upstream == NULL || y == NULL ? NULL : arriving(v, upstream, y->shape);
    spae_var dy = values == NULL ? NULL : spae_tape_leaf(&v->tape, y->shape, values);
    if (dy == NULL || spae_tape_gradient(&v->tape, y, dy, v->leaf, v->leaves, gradient) != SPAE_OK)
        return; /* the tape keeps why, and vectors_end asks it */
    for (size_t i = 0; i < v->leaves; i++) {
        const char *of = joined_of(v, "d", v->leaf_name[i], "", "");
        if (of != NULL)
            vectors_result(v, of, gradient[i]);
    }
    for (size_t i = 0; i < v->leaves && order == 2; i++)
        second_gradients(v, upstream, dy, i, gradient[i]);
}

void vectors_all(vectors *v)
{
    vectors_number_formats(v);
    vectors_convolution(v);
    vectors_operations(v);
    vectors_networks(v);
    vectors_quantizer(v);
    vectors_guidance(v);
    if (v->words != NULL)
        v->words(v);
    vectors_objective(v);
    vectors_training(v);
    if (v->training_data != NULL)
        v->training_data(v);
    vectors_metrics(v);
    vectors_language(v);
    if (v->prompts != NULL)
        v->prompts(v);
}
