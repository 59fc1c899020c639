/* Stage operations: what language models consist of, SPEC 3.19 to 3.23. */
#include "nn/rotary.h"
#include "vectors.h"

static spae_shape channels(size_t c)
{
    return spae_shape_of(1, 1, 1, 1, c);
}

typedef spae_var unary(spae_tape *tape, spae_var x);

/* ---- 3.19: gelu ---- */

static void gelu(vectors *v, const char *name, const char *op, const char *why, unary *f)
{
    vectors_begin(v, name, "3.19", op, "{}", why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(1, 1, 1, 7, 9), 0, 5);
    spae_var y = f(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void gelu_corners(vectors *v, const char *name, const char *op, unary *f)
{
    static const spae_real list[] = {0.0f, -0.0f, 1, -1, 0.5f, -0.5f, 5.5f, -5.5f, 9, -9, 60, -60, 95, -95, 0x1p-149f, -0x1p-149f,
                                     0x1p-126f, 0x1p-70f, -0x1p-70f, 0x1p60f, -0x1p60f, 0x1p66f, -0x1p66f};
    vectors_begin(v, name, "3.19 1.9", op, "{}", "zeros of both signs, the small tail that 1 + tanh would lose, large arguments");
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", channels(sizeof list / sizeof list[0]), list, sizeof list / sizeof list[0]);
    vectors_result(v, "y", f(&v->tape, x));
    vectors_end(v);
}

/* ---- 3.20: RMS norm ---- */

static void rms_norm(vectors *v, const char *name, const char *with, const char *why, double eps, double offset, double scale)
{
    vectors_begin(v, name, "3.20", "rms_norm", with, why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 3, 1, 1, 10), offset, scale);
    spae_var s = vectors_leaf(v, "scale", channels(10), 1, 0.5);
    spae_var y = spae_rms_norm(&v->tape, x, s, eps);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void rms_norm_large(vectors *v)
{
    static const spae_real list[] = {0x1.8p127f, -0x1p127f, 0x1p100f, 0, 0x1p-120f, 0x1p-121f, -0x1p-120f, 0x1p-122f, 3, -0.0f, 4, 0};
    vectors_begin(v, "operations/rms_norm_large", "3.20 1.3", "rms_standardize", "{\"eps\":1e-80}",
                  "squares are wide: they neither overflow nor vanish where real ones would");
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 3, 1, 1, 4), list, 12);
    vectors_result(v, "y", spae_rms_standardize(&v->tape, x, 1e-80));
    vectors_end(v);
}

/* ---- 3.21: rotary positions ---- */

static void angles(vectors *v, const char *name, const char *with, const char *why, const spae_rotary *rotary, size_t half)
{
    static const int32_t position[] = {0, 1, 2, 3, 10, 100, 1023, 4095, 65537, 131071, 2147483646};
    enum { N = sizeof position / sizeof position[0] };
    const size_t n = N, shape[2] = {N, half};
    if (!vectors_begin(v, name, "3.21", "rotary_angles", with, why))
        return;
    double *frequency = vectors_room(v, half, sizeof *frequency);
    spae_real *cosine = vectors_room(v, n * half, sizeof *cosine), *sine = vectors_room(v, n * half, sizeof *sine);
    vectors_integers(v, "position", VECTORS_INPUT, 1, &n, position);
    if (frequency != NULL && cosine != NULL && sine != NULL) {
        spae_rotary_frequencies(rotary, half, frequency);
        for (size_t i = 0; i < n; i++)
            spae_rotary_angles(frequency, half, (size_t)position[i], cosine + i * half, sine + i * half);
        vectors_wides(v, "frequency", VECTORS_BITS, 1, &half, frequency);
        vectors_numbers(v, "cosine", VECTORS_NUMBERS, 2, shape, cosine);
        vectors_numbers(v, "sine", VECTORS_NUMBERS, 2, shape, sine);
    }
    vectors_end(v);
}

static void rotate(vectors *v)
{
    const size_t shape[2] = {6, 2};
    vectors_begin(v, "operations/rotate", "3.21", "rotate", "{}",
                  "channel j turns with channel j + h, every head of a row by the same angles; the gradient turns back");
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 3, 1, 2, 4), 0, 1);
    const spae_real *cosine = vectors_reals(v, "cosine", 2, shape, 0, 1), *sine = vectors_reals(v, "sine", 2, shape, 0, 1);
    spae_var y = cosine != NULL && sine != NULL ? spae_rotate(&v->tape, x, cosine, sine) : NULL;
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* ---- 3.22: attention ---- */

typedef struct {
    const char *name, *with, *why;
    spae_shape q, k;
    bool causal;
    size_t offset;
} attention;

static const attention attentions[] = {
    {"operations/attention", "{\"causal\":false}", "every query sees every key", {{2, 3, 1, 2, 5}}, {{2, 4, 1, 2, 5}}, false, 0},
    {"operations/attention_causal", "{\"causal\":true,\"offset\":0}", "query i sees the keys 0 to i", {{1, 5, 1, 2, 4}},
     {{1, 5, 1, 2, 4}}, true, 0},
    {"operations/attention_groups", "{\"causal\":true,\"offset\":0}", "two heads read each key head", {{1, 4, 1, 4, 3}},
     {{1, 4, 1, 2, 3}}, true, 0},
    {"operations/attention_offset", "{\"causal\":true,\"offset\":3}", "queries that follow three positions", {{1, 2, 1, 3, 4}},
     {{1, 5, 1, 1, 4}}, true, 3},
    {"operations/attention_of_one", "{\"causal\":true,\"offset\":0}", "one key: its value, to the bit; no gradient to the key",
     {{1, 1, 1, 1, 3}}, {{1, 1, 1, 1, 3}}, true, 0},
    {"operations/attention_long", "{\"causal\":true,\"offset\":0}", "more queries and channels than a tile", {{1, 37, 1, 1, 20}},
     {{1, 37, 1, 1, 20}}, true, 0},
};

static void attend(vectors *v, const attention *a)
{
    vectors_begin(v, a->name, "3.22", "attention", a->with, a->why);
    spae_var q = vectors_leaf(v, "q", a->q, 0, 2), k = vectors_leaf(v, "k", a->k, 0, 2), w = vectors_leaf(v, "v", a->k, 0, 1);
    spae_var y = spae_attention(&v->tape, q, k, w, a->causal, a->offset);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, spae_shape_count(a->q) < 100 ? 2 : 1);
    vectors_end(v);
}

static void attention_that_cancels(vectors *v, const char *name, const char *why, size_t d, const spae_real *key, size_t keys,
                                   const spae_real *value, size_t values)
{
    static const spae_real one = 1;
    const spae_shape all = spae_shape_of(1, 4, 1, 1, d);
    vectors_begin(v, name, "3.22 1.3", "attention", "{\"causal\":false}", why);
    vectors_to_the_bit(v);
    spae_var q = vectors_leaf_listed(v, "q", spae_shape_of(1, 1, 1, 1, d), &one, 1);
    spae_var k = vectors_leaf_listed(v, "k", all, key, keys), w = vectors_leaf_listed(v, "v", all, value, values);
    vectors_result(v, "y", spae_attention(&v->tape, q, k, w, false, 0));
    vectors_end(v);
}

/* In index order 2^24 + 1 + 1 - 2^24 is 0 in real, from the other end it is 2. */
static void attention_order(vectors *v)
{
    static const spae_real key[] = {0x1p24f, 1, 1, -0x1p24f, 0, 0, 0, 0}, some[] = {1, 2, 3, 4, 5, 6, 7, 8}, zero = 0;
    static const spae_real value[] = {0x1p26f, 4, 4, -0x1p26f};
    attention_that_cancels(v, "operations/attention_scores_that_cancel",
                           "scores in index order over the channels are all 0, so that all weights are 1/4", 4, key, 8, some, 8);
    attention_that_cancels(v, "operations/attention_values_that_cancel",
                           "weights of 1/4: in index order over the keys it is 2^24 + 1 + 1 - 2^24", 1, &zero, 1, value, 4);
}

/* ---- 3.23: columns ---- */

static void columns(vectors *v)
{
    vectors_begin(v, "operations/columns", "3.23", "columns", "{\"first\":2,\"count\":3}",
                  "some channels of each row; their gradient stands among +0");
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 1, 1, 2, 7), 0, 1);
    spae_var y = spae_columns(&v->tape, x, 2, 3);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

void vectors_operations_language(vectors *v)
{
    static const spae_rotary plain = {.theta = 10000, .factor = 1}, odd = {.theta = 12345.678, .factor = 1};
    static const spae_rotary scaled = {.theta = 500000, .factor = 8, .low = 1, .high = 4, .trained = 8192};
    gelu(v, "operations/gelu", "gelu", "the tanh form, as a product with a sigmoid", spae_gelu);
    gelu(v, "operations/quick_gelu", "quick_gelu", "x times the sigmoid of 1.702 x", spae_quick_gelu);
    gelu_corners(v, "operations/gelu_corners", "gelu", spae_gelu);
    gelu_corners(v, "operations/quick_gelu_corners", "quick_gelu", spae_quick_gelu);
    rms_norm(v, "operations/rms_norm", "{\"eps\":1e-5}", "rows of ten, no mean is taken off", 1e-5, 0.5, 1);
    rms_norm(v, "operations/rms_norm_small", "{\"eps\":1e-6}", "mean squares about eps, which is under the root", 1e-6, 0, 1e-3);
    rms_norm_large(v);
    angles(v, "operations/rotary_angles", "{\"theta\":10000,\"factor\":1}", "the usual base, positions near and far", &plain, 32);
    angles(v, "operations/rotary_angles_odd", "{\"theta\":12345.678,\"factor\":1}",
           "a base that is no real number, an odd number of pairs", &odd, 5);
    angles(v, "operations/rotary_angles_llama3",
           "{\"theta\":500000,\"factor\":8,\"low_freq_factor\":1,\"high_freq_factor\":4,\"original_max_position_embeddings\":8192}",
           "waves that stay, waves that are slowed, and those between", &scaled, 64);
    rotate(v);
    for (size_t i = 0; i < sizeof attentions / sizeof attentions[0]; i++)
        attend(v, &attentions[i]);
    attention_order(v);
    columns(v);
}
