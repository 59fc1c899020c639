/* Attention: by hand, the one node of running tapes against the recorded forms, spans, what is not seen, and what is refused. */
#include "nn/attention.h"

#include "fixture.h"

/* Equal scores: the mean of the values seen. */
START_TEST(equal_keys_give_the_mean_of_what_is_seen)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var q = leaf_of(&f, spae_shape_of(1, 4, 1, 1, 1), (const real[]){1, 2, 3, 4});
    spae_var k = leaf_of(&f, spae_shape_of(1, 4, 1, 1, 1), (const real[]){0, 0, 0, 0});
    spae_var v = leaf_of(&f, spae_shape_of(1, 4, 1, 1, 1), (const real[]){8, 16, -12, 4});
    ck_assert_value(spae_attention(&f.tape, q, k, v, false, 0), 4, 4, 4, 4);
    spae_var causal = spae_attention(&f.tape, q, k, v, true, 0);
    ck_assert(causal->value[0] == 8 && causal->value[1] == 12 && causal->value[3] == 4);
    spae_var last = leaf_of(&f, spae_shape_of(1, 1, 1, 1, 1), (const real[]){7});
    ck_assert_value(spae_attention(&f.tape, last, k, v, true, 1), 12); /* the second query of a sequence of four */
    ck_assert_value(spae_attention(&f.tape, last, k, v, true, 3), 4);
    ck_assert_value(spae_attention(&f.tape, last, k, v, true, 100), 4);
    fixture_close(&f);
}
END_TEST

/* q . k / sqrt(4) = 1000 for one key: all its weight; the scale is a power of two. */
START_TEST(a_large_score_takes_all)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var q = leaf_of(&f, spae_shape_of(1, 1, 1, 1, 4), (const real[]){1, 1, 1, 1});
    spae_var k = leaf_of(&f, spae_shape_of(1, 2, 1, 1, 4), (const real[]){500, 500, 500, 500, 0, 0, 0, 0});
    spae_var v = leaf_of(&f, spae_shape_of(1, 2, 1, 1, 4), (const real[]){1, 2, 3, 4, 9, 9, 9, 9});
    ck_assert_value(spae_attention(&f.tape, q, k, v, false, 0), 1, 2, 3, 4);
    fixture_close(&f);
}
END_TEST

/* Heads 0, 1 read key head 0, heads 2, 3 read key head 1. */
START_TEST(groups_share_a_key_head)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var q = leaf_of(&f, spae_shape_of(1, 1, 1, 4, 1), (const real[]){1, 2, 3, 4});
    spae_var k = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 1), (const real[]){1, 1});
    spae_var v = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 1), (const real[]){5, 7});
    ck_assert_value(spae_attention(&f.tape, q, k, v, true, 0), 5, 5, 7, 7);
    fixture_close(&f);
}
END_TEST

/* One output element after the formula of SPEC 3.22. */
static real formula(const spae_attention_form *form, const real *q, size_t i, size_t head, const real *k, const real *v,
                    size_t keys, size_t channel)
{
    const size_t d = form->head_dim, g = head / (form->heads / form->kv_heads), row = form->kv_heads * d;
    const size_t seen = form->causal && form->offset + i + 1 < keys ? form->offset + i + 1 : keys;
    real *score = malloc(seen * sizeof *score), most = 0, acc = 0;
    double sum = 0;
    for (size_t j = 0; j < seen; j++) {
        real dot = 0;
        for (size_t c = 0; c < d; c++)
            dot = dot + q[(i * form->heads + head) * d + c] * k[j * row + g * d + c];
        score[j] = dot * (real)(1 / sqrt((double)d));
        most = j == 0 || score[j] > most ? score[j] : most;
    }
    for (size_t j = 0; j < seen; j++)
        sum += (double)real_exp(score[j] - most);
    for (size_t j = 0; j < seen; j++)
        acc = acc + real_exp(score[j] - most) / (real)sum * v[j * row + g * d + channel];
    free(score);
    return acc;
}

typedef struct {
    size_t queries, keys, heads, kv_heads, d;
    bool causal;
    size_t offset;
} extent;

static const extent extents[] = {
    {1, 1, 1, 1, 1, false, 0},   {1, 70, 3, 3, 5, true, 69},  {9, 9, 2, 1, 6, true, 0},    {33, 33, 4, 2, 40, true, 0},
    {5, 131, 6, 2, 8, true, 126}, {40, 67, 3, 1, 17, false, 0}, {70, 70, 1, 1, 64, true, 0}, {3, 200, 8, 8, 3, true, 100}};

enum { EXTENTS = sizeof extents / sizeof extents[0] };

static spae_attention_form form_of(const extent *e)
{
    return (spae_attention_form){e->heads, e->kv_heads, e->d, e->causal, e->offset};
}

/* Recorded forms, running node and array function over one span: all the bits of the formula. */
static void check_extent(const extent *e)
{
    fixture f, run;
    fixture_open(&f, SPAE_TAPE_RECORD);
    fixture_open(&run, SPAE_TAPE_RUN);
    const spae_shape few = spae_shape_of(2, e->queries, 1, e->heads, e->d);
    const spae_shape all = spae_shape_of(2, e->keys, 1, e->kv_heads, e->d);
    const size_t query = spae_shape_count(few) / 2, key = spae_shape_count(all) / 2;
    spae_var q = random_leaf(&f, few, 1), k = random_leaf(&f, all, 2), v = random_leaf(&f, all, 3);
    spae_var y = spae_attention(&f.tape, q, k, v, e->causal, e->offset);
    spae_var q2 = random_leaf(&run, few, 1), k2 = random_leaf(&run, all, 2), v2 = random_leaf(&run, all, 3);
    spae_var y2 = spae_attention(&run.tape, q2, k2, v2, e->causal, e->offset);
    ck_assert(y != NULL && y2 != NULL && same_bits(y->value, y2->value, 2 * query));
    const spae_attention_form form = form_of(e);
    for (size_t n = 0; n < 2; n++)
        for (size_t i = 0; i < query; i++) {
            const real want = formula(&form, q->value + n * query, i / e->d / e->heads, i / e->d % e->heads,
                                      k->value + n * key, v->value + n * key, e->keys, i % e->d);
            ck_assert_msg(same_bits(&want, y->value + n * query + i, 1), "%zu queries, %zu keys: element %zu", e->queries,
                          e->keys, i);
        }
    fixture_close(&f);
    fixture_close(&run);
}

START_TEST(both_kinds_of_tape_follow_the_formula_to_the_bit)
{
    for (size_t i = 0; i < EXTENTS; i++)
        check_extent(&extents[i]);
}
END_TEST

/* Keys cut into spans anywhere, empty ones among them. */
START_TEST(spans_change_no_bit)
{
    for (size_t i = 0; i < EXTENTS; i++) {
        const extent *e = &extents[i];
        const spae_attention_form form = form_of(e);
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var q = random_leaf(&f, spae_shape_of(1, e->queries, 1, e->heads, e->d), 4);
        spae_var k = random_leaf(&f, spae_shape_of(1, e->keys, 1, e->kv_heads, e->d), 5);
        spae_var v = random_leaf(&f, k->shape, 6), y = random_leaf(&f, q->shape, 7), cut = random_leaf(&f, q->shape, 8);
        real *scratch = spae_arena_take(&f.arena, spae_attention_scratch(&form, e->queries, e->keys), sizeof *scratch);
        const size_t row = e->kv_heads * e->d, a = e->keys / 3, b = e->keys - e->keys / 2;
        const spae_attention_span one = {k->value, v->value, e->keys};
        const spae_attention_span four[] = {{k->value, v->value, a},
                                            {k->value + a * row, v->value + a * row, 0},
                                            {k->value + a * row, v->value + a * row, b - a},
                                            {k->value + b * row, v->value + b * row, e->keys - b}};
        spae_attention_array(&form, q->value, e->queries, &one, 1, y->value, scratch);
        spae_attention_array(&form, q->value, e->queries, four, 4, cut->value, scratch);
        ck_assert(same_bits(y->value, cut->value, spae_shape_count(q->shape)));
        fixture_close(&f);
    }
}
END_TEST

/* On a running tape, what a query does not see may be NaN; what it sees makes its result NaN. */
START_TEST(what_is_not_seen_has_no_influence)
{
    enum { T = 40, D = 20 };
    fixture f;
    fixture_open(&f, SPAE_TAPE_RUN);
    const spae_shape shape = spae_shape_of(1, T, 1, 1, D);
    spae_var q = random_leaf(&f, shape, 1), k = random_leaf(&f, shape, 2), v = random_leaf(&f, shape, 3);
    spae_var clean = spae_attention(&f.tape, q, k, v, true, 0);
    k->value[30 * D] = v->value[30 * D + 1] = (real)NAN;
    spae_var y = spae_attention(&f.tape, q, k, v, true, 0);
    ck_assert(same_bits(clean->value, y->value, 30 * D));
    for (size_t i = 30 * D; i < T * D; i++)
        ck_assert(y->value[i] != y->value[i]);
    fixture_close(&f);
}
END_TEST

START_TEST(shapes_that_do_not_fit_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var q = random_leaf(&f, spae_shape_of(1, 2, 1, 4, 3), 1), k = random_leaf(&f, spae_shape_of(1, 5, 1, 2, 3), 2);
    spae_var longer = random_leaf(&f, spae_shape_of(1, 6, 1, 2, 3), 3), wider = random_leaf(&f, spae_shape_of(1, 5, 1, 2, 4), 4);
    spae_var three = random_leaf(&f, spae_shape_of(1, 5, 1, 3, 3), 5), two = random_leaf(&f, spae_shape_of(2, 5, 1, 2, 3), 6);
    spae_var axis = random_leaf(&f, spae_shape_of(1, 5, 2, 2, 3), 7);
    ck_assert_refused(&f, spae_attention(&f.tape, q, k, longer, false, 0), SPAE_ERR_SHAPE, "different shapes (elements) (24 and");
    ck_assert_refused(&f, spae_attention(&f.tape, q, wider, wider, false, 0), SPAE_ERR_SHAPE, "channels (elements) (24 and 40)");
    ck_assert_refused(&f, spae_attention(&f.tape, q, two, two, false, 0), SPAE_ERR_SHAPE, "examples");
    ck_assert_refused(&f, spae_attention(&f.tape, q, three, three, false, 0), SPAE_ERR_SHAPE, "do not divide");
    ck_assert_refused(&f, spae_attention(&f.tape, q, axis, axis, false, 0), SPAE_ERR_SHAPE, "third axis");
    ck_assert_ptr_null(spae_attention(&f.tape, NULL, k, k, false, 0));
    ck_assert_ptr_null(spae_attention(&f.tape, q, k, NULL, false, 0));
    fixture_close(&f);
}
END_TEST

/* The weights of a long sequence are never all in memory, and the scratch is given back or refused. */
START_TEST(a_running_tape_takes_little_and_gives_it_back)
{
    enum { T = 700 };
    fixture f;
    fixture_open(&f, SPAE_TAPE_PLAN_RUN);
    spae_var x = spae_tape_constant(&f.tape, spae_shape_of(1, T, 1, 2, 8), NULL);
    ck_assert_ptr_nonnull(spae_attention(&f.tape, x, x, x, true, 0));
    ck_assert_uint_lt(f.arena.peak, 2 * T * T * sizeof(real) / 2);
    ck_assert_uint_lt(f.arena.used, f.arena.peak);
    ck_assert_uint_eq(f.tape.multiply_adds, 2 * 2 * T * T * 8);
    fixture_close(&f);
    static unsigned char memory[65536];
    real values[64] = {0};
    size_t refused = 0, done = 0;
    for (size_t bytes = 0; bytes < sizeof memory; bytes += 512) {
        spae_arena arena;
        spae_tape tape;
        spae_arena_fixed(&arena, memory, bytes);
        spae_tape_start(&tape, &arena, SPAE_TAPE_RUN, NULL);
        spae_var v = spae_tape_constant(&tape, spae_shape_of(1, 8, 1, 2, 4), values);
        spae_attention(&tape, v, v, v, true, 0);
        refused += tape.status == SPAE_ERR_NO_MEMORY;
        done += tape.status == SPAE_OK;
    }
    ck_assert(refused > 1 && done > 1 && refused + done == sizeof memory / 512);
}
END_TEST

SUITE(suite_nn_attention, "nn/attention", equal_keys_give_the_mean_of_what_is_seen, a_large_score_takes_all,
      groups_share_a_key_head, both_kinds_of_tape_follow_the_formula_to_the_bit, spans_change_no_bit,
      what_is_not_seen_has_no_influence, shapes_that_do_not_fit_are_refused, a_running_tape_takes_little_and_gives_it_back)
