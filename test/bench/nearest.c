/* How long the search for tokens takes, beside searches that look at every number of every row.
 *
 *     nearest [V [C [WORDS.npy]]]          made-up codebooks of V x C, 65536 x 1536 unless said
 *     nearest --model MODEL.npz PICTURE    a model's codebook and what its encoder makes of a picture
 *
 * Columns, in seconds of processor time for all layers of the pyramid 1, 2, 4, 8, 16, 16 (or the model's), the tokens
 * of a layer at once: the product of all embeddings and rows in `real` with its least sum, which is not exact but what
 * a matrix library does; every row as it is defined, many side by side; the search, for tokens alone and with margins.
 * Then what the search did: distances measured one by one for each token, how many of them as defined, and tokens for
 * which the finer screen was needed, or none was of use.
 *
 * Codebooks that are made up here:
 *     words    WORDS.npy (n,100), real embeddings of words: half of the rows are A x for a word's x, the other half
 *              A (x + 0.3 y), A a fixed matrix of normal numbers (C,100), each with 20 % of its norm as normal noise in
 *              C dimensions. Embeddings to search for: the mean of three rows and as much noise, through SAQ
 *     channel  these rows (or normal ones) with one channel 20 times their norm, of either sign: digits say nothing of
 *              the others
 *     normal   normal numbers, and embeddings of normal numbers at a norm of 22 (what first weights make), through SAQ
 *     equal    worst: all rows the same
 *     sphere   worst: all rows of one norm, to rounding, and embeddings 0
 *     ulp      worst: rows that differ by the last bit of a few channels; embeddings beside them
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/model.h"
#include "nn/conv.h"
#include "nn/nearest.h"
#include "spae.h"

static double now(void) /* processor time: other programs do not count, further threads add up */
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void *room(size_t count, size_t size)
{
    char *p = malloc(count * size + 2 * SPAE_ALIGNMENT);
    if (p == NULL) {
        fprintf(stderr, "no memory\n");
        exit(1);
    }
    return p + (SPAE_ALIGNMENT - (size_t)p % SPAE_ALIGNMENT); /* kept until the end */
}

static void must(spae_status status, const spae_error *err)
{
    if (status != SPAE_OK) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

/* ---- data ---- */

typedef struct {
    const char *name;
    spae_codebook book;
    spae_pyramid pyramid;
    real *z; /* (cells,c) */
} set;

static uint64_t state = 1;

static double normal(void) /* roughly: four uniform numbers */
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    const uint64_t bits = state ^ state >> 29;
    double sum = -2;
    for (int i = 0; i < 64; i += 16)
        sum += (double)(bits >> i & 0xffff) * 0x1p-16;
    return sum * 1.7320508;
}

static double norm_of(const real *x, size_t c)
{
    double square = 0;
    for (size_t j = 0; j < c; j++)
        square += (double)x[j] * (double)x[j];
    return sqrt(square);
}

static void add_noise(real *x, size_t c, double part)
{
    const double scale = part * norm_of(x, c) / sqrt((double)c);
    for (size_t j = 0; j < c; j++)
        x[j] = (real)((double)x[j] + scale * normal());
}

static void words_rows(real *e, size_t V, size_t c, const spae_real *word, size_t words, size_t d)
{
    real *a = room(d * c, sizeof *a), *x = room(V * d, sizeof *x);
    for (size_t i = 0; i < d * c; i++)
        a[i] = (real)(normal() / sqrt((double)d));
    for (size_t k = 0; k < V; k++)
        for (size_t j = 0; j < d; j++) {
            const spae_real *first = word + k % words * d, *second = word + (k * 7919 + 13) % words * d;
            x[k * d + j] = (real)(first[j] + (k < V / 2 ? 0 : (real)0.3 * second[j]));
        }
    const spae_conv s = spae_conv_dense(V, d, c);
    spae_conv_forward(&s, x, a, NULL, e, room(spae_conv_forward_scratch(&s), sizeof(real)));
    for (size_t k = 0; k < V; k++)
        add_noise(e + k * c, c, 0.2);
}

/* ---- measurements ---- */

typedef struct {
    size_t count;
    double *z; /* (all tokens, c) z_l */
} residuals;

static residuals residuals_of(const set *s, spae_arena *arena)
{
    const size_t total = spae_pyramid_total(&s->pyramid, s->pyramid.layers);
    residuals r = {total, room(total * s->book.c, sizeof *r.z)};
    const spae_quantized q = {.residual = r.z};
    spae_error err;
    must(spae_quantize(&s->pyramid, SPAE_SAQ, &s->book, s->z, arena, &q, &err), &err);
    return r;
}

/* The least |e|^2 - 2 z.e of each embedding, from one product in `real` by parts of 64. */
static double by_product(const set *s, const residuals *r, spae_codebook *packed, int32_t *token)
{
    const size_t V = s->book.V, c = s->book.c;
    real *x = room(64 * c, sizeof *x), *dot = room(64 * V, sizeof *dot);
    real *scratch = room(spae_dense_transposed_scratch(64, V, c), sizeof *scratch);
    const double begin = now();
    for (size_t l = 0, first = 0; l < s->pyramid.layers; first += spae_pyramid_tokens(&s->pyramid, l++))
        for (size_t at = 0, tokens = spae_pyramid_tokens(&s->pyramid, l); at < tokens; at += 64) {
            const size_t count = tokens - at < 64 ? tokens - at : 64;
            for (size_t i = 0; i < count * c; i++)
                x[i] = (real)r->z[(first + at) * c + i];
            spae_dense_transposed_packed(count, V, c, x, packed->packed, dot, scratch);
            for (size_t i = 0; i < count; i++) {
                double least = HUGE_VAL;
                for (size_t k = 0; k < V; k++)
                    if (packed->square[k] - 2 * (double)dot[i * V + k] < least) {
                        least = packed->square[k] - 2 * (double)dot[i * V + k];
                        token[first + at + i] = (int32_t)k;
                    }
            }
        }
    const double seconds = now() - begin;
    return seconds;
}

static double by_search(const set *s, const residuals *r, const spae_row_index *index, spae_arena *arena,
                        int32_t *token, double *margin, spae_search_work *work)
{
    const spae_rows rows = {s->book.V, s->book.c, s->book.e, index};
    spae_error err;
    const double begin = now();
    for (size_t l = 0, first = 0; l < s->pyramid.layers; first += spae_pyramid_tokens(&s->pyramid, l++))
        must(spae_nearest_rows(&rows, r->z + first * s->book.c, spae_pyramid_tokens(&s->pyramid, l), arena,
                               token + first, margin != NULL ? margin + first : NULL, work, &err),
             &err);
    return now() - begin;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static void measure(set *s)
{
    spae_arena arena;
    spae_error err;
    spae_arena_hosted(&arena);
    const double begin = now();
    must(spae_codebook_prepare(&s->book, &arena, &err), &err);
    const double preparation = now() - begin;
    spae_codebook packed = s->book;
    must(spae_codebook_pack(&packed, &arena, &err), &err);
    const residuals r = residuals_of(s, &arena);
    int32_t *token[4];
    double *margin[2] = {room(r.count, sizeof(double)), room(r.count, sizeof(double))};
    for (int i = 0; i < 4; i++)
        token[i] = room(r.count, sizeof(int32_t));
    double product = HUGE_VAL, alone = HUGE_VAL, both = HUGE_VAL;
    spae_search_work work;
    const double chains = by_search(s, &r, NULL, &arena, token[1], margin[0], NULL);
    for (int i = 0; i < 3; i++) {
        product = least(product, by_product(s, &r, &packed, token[0]));
        alone = least(alone, by_search(s, &r, s->book.index, &arena, token[2], NULL, NULL));
        memset(&work, 0, sizeof work);
        both = least(both, by_search(s, &r, s->book.index, &arena, token[3], margin[1], &work));
    }
    size_t same = 0;
    for (size_t i = 0; i < r.count; i++)
        same += token[0][i] == token[1][i];
    const bool exact = memcmp(token[1], token[2], r.count * sizeof(int32_t)) == 0 &&
                       memcmp(token[1], token[3], r.count * sizeof(int32_t)) == 0 &&
                       memcmp(margin[0], margin[1], r.count * sizeof(double)) == 0;
    printf("%-8s %6zu x %4zu  %7.3f %7.3f  %7.3f %7.3f  %5.2f %5.2f  %8.1f %6.1f %5zu %5zu  %7.3f s %6.1f MB  %s, %zu "
           "of %zu by product\n",
           s->name, s->book.V, s->book.c, product, chains, alone, both, alone / product, both / product,
           (double)work.candidates / (double)r.count, (double)work.chains / (double)r.count, work.by_reals,
           work.unscreened, preparation, 1e-6 * (double)spae_row_index_bytes(s->book.V, s->book.c),
           exact ? "exact" : "WRONG", same, r.count);
    fflush(stdout);
    spae_arena_free(&arena);
}

/* ---- the sets ---- */

static const spae_pyramid pyramid_128 = {6, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}, {1, 16, 16}}};
enum { CELLS = 256 };

static bool read_words(const char *file, spae_arena *arena, real **word, size_t shape[2])
{
    spae_source source;
    spae_npy_header header;
    spae_error err;
    if (spae_source_open(arena, file, NULL, &source, &err) != SPAE_OK)
        return false;
    must(spae_npy_read_header(&source, 0, source.size, &header, &err), &err);
    shape[0] = header.shape[0];
    shape[1] = header.shape[1];
    *word = room(header.count, sizeof **word);
    must(spae_model_numbers(&source, &header, "words", *word, &err), &err);
    return true;
}

/* Means of three rows, with noise. */
static void mix_rows(set *s, double noise)
{
    const size_t c = s->book.c;
    for (size_t i = 0; i < CELLS; i++) {
        for (size_t j = 0; j < c; j++) {
            double sum = 0;
            for (size_t n = 0; n < 3; n++)
                sum += (double)s->book.e[(i * 3 + n) * 2654435761u % s->book.V * c + j];
            s->z[i * c + j] = (real)(sum / 3);
        }
        add_noise(s->z + i * c, c, noise);
    }
}

static void fill(real *x, size_t count, double scale)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (real)(scale * normal());
}

static void one_norm(real *e, size_t V, size_t c)
{
    for (size_t k = 0; k < V; k++) {
        const double norm = norm_of(e + k * c, c);
        for (size_t j = 0; j < c; j++)
            e[k * c + j] = (real)((double)e[k * c + j] / norm);
    }
}

static void made_up(size_t V, size_t c, const char *file)
{
    spae_arena arena;
    real *word, *e = room(V * c, sizeof *e);
    size_t shape[2];
    set s = {"words", {.V = V, .c = c, .e = e}, pyramid_128, room(CELLS * c, sizeof(real))};
    spae_arena_hosted(&arena);
    if (read_words(file, &arena, &word, shape)) {
        words_rows(e, V, c, word, shape[0], shape[1]);
        mix_rows(&s, 0.2);
        measure(&s);
    } else {
        fill(e, V * c, 1);
    }
    s.name = "channel";
    for (size_t k = 0; k < V; k++)
        e[k * c] = (real)(normal() < 0 ? 20 : -20) * (real)norm_of(e + k * c, c);
    mix_rows(&s, 0.001);
    measure(&s);
    s.name = "normal";
    fill(e, V * c, 1);
    fill(s.z, CELLS * c, 22 / sqrt((double)c));
    measure(&s);
    s.name = "sphere";
    one_norm(e, V, c);
    memset(s.z, 0, CELLS * c * sizeof *s.z);
    measure(&s);
    s.name = "equal";
    for (size_t k = 1; k < V; k++)
        memcpy(e + k * c, e, c * sizeof *e);
    mix_rows(&s, 1);
    measure(&s);
    s.name = "ulp";
    for (size_t k = 1; k < V; k++)
        for (size_t j = 0; j < c; j++)
            e[k * c + j] *= normal() > 1 ? 1 + (sizeof(real) == 4 ? (real)0x1p-23 : (real)0x1p-52) : 1;
    measure(&s);
}

static void from_model(const char *file, const char *path)
{
    spae_arena arena;
    spae_error err;
    spae_model model;
    real *picture;
    size_t height, width;
    spae_arena_hosted(&arena);
    must(spae_model_load(&model, &arena, file, &err), &err);
    must(spae_picture_load(path, &arena, &picture, &height, &width, &err), &err);
    set s = {"model", model.codebook, model.config.pyramid,
             room(spae_pyramid_cells(&model.config.pyramid) * model.codebook.c, sizeof(real))};
    if (height != model.config.picture[1] || width != model.config.picture[2])
        must(spae_fail(&err, SPAE_ERR_SHAPE, "%s: not the model's size", path), &err);
    must(spae_embed(&model, picture, &arena, s.z, &err), &err);
    measure(&s);
}

int main(int argc, char **argv)
{
    printf("%27s  product  chains   search margins  ratios to product  candidates, chains, finer, none; preparation, "
           "index\n",
           "");
    if (argc == 4 && strcmp(argv[1], "--model") == 0)
        from_model(argv[2], argv[3]);
    else
        made_up(argc > 1 ? (size_t)atol(argv[1]) : 65536, argc > 2 ? (size_t)atol(argv[2]) : 1536,
                argc > 3 ? argv[3] : "../shared/data/words/words-32k.npy");
    return 0;
}
