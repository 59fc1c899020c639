/* Stage guidance, its hosted part: words instead of an image embedding (SPEC 4.7), and transformed codebooks (4.8). */
#include "hosted.h"
#include "io/guide.h"
#include "test/vectors/tokens.h"

/* Six sources over these words: one word, several, the same set in another order, all, none. */
static const size_t first[] = {0, 1, 4, 7, 9, 9, 12};
static const int32_t word[] = {3, 0, 5, 8, 8, 5, 0, 1, 2, 7, 3, 6};
enum { SOURCES = 6, WORDS = 12 };

static void give_guide(vectors *v, spae_guide_kind kind, const spae_real *e, size_t V, size_t c,
                       const spae_sources *sources, vectors_compare compare)
{
    const spae_codebook book = {V, c, e, NULL, NULL, NULL};
    const size_t n = sources->count, words = sources->first[n], ends = n + 1;
    spae_real *features = vectors_room(v, V * c, sizeof *features), *s = vectors_room(v, n * V, sizeof *s);
    int32_t *begin = vectors_room(v, ends, sizeof *begin);
    if (begin == NULL)
        return;
    for (size_t i = 0; i < ends; i++)
        begin[i] = (int32_t)sources->first[i];
    vectors_integers(v, "first", VECTORS_INPUT, 1, &ends, begin);
    vectors_integers(v, "word", VECTORS_INPUT, 1, &words, sources->token);
    vectors_expect(v, spae_guide_features(kind, &book, v->arena, features, v->err));
    vectors_expect(v, spae_guide_rows(kind, &book, sources, v->arena, s, v->err));
    vectors_numbers(v, "features", compare, 2, (const size_t[]){V, c}, features);
    vectors_numbers(v, "s", compare, 2, (const size_t[]){n, V}, s);
}

static const char *const with[] = {"{\"guide\":\"centred\"}", "{\"guide\":\"raw\"}", "{\"guide\":\"nearest\"}"};

static void guide(vectors *v, const char *name, spae_guide_kind kind, double offset, const char *why)
{
    const size_t V = 14, c = 5;
    const spae_sources sources = {SOURCES, first, word};
    vectors_begin(v, name, "4.4 4.7", "words", with[kind], why);
    const spae_real *e = vectors_reals(v, "e", 2, (const size_t[]){V, c}, offset, 0.9);
    if (e != NULL)
        give_guide(v, kind, e, V, c, &sources, VECTORS_NUMBERS);
    vectors_end(v);
}

static void guide_of(vectors *v, const char *name, spae_guide_kind kind, size_t V, const spae_real *e, const char *why)
{
    static const size_t ends[] = {0, 1, 3};
    static const int32_t some[] = {0, 0, 1};
    const spae_sources sources = {2, ends, some};
    vectors_begin(v, name, "4.4 4.7", "words", with[kind], why);
    vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){V, 2}, e);
    if (vectors_goes_on(v))
        give_guide(v, kind, e, V, 2, &sources, VECTORS_BITS);
    vectors_end(v);
}

/* One source of 49 words, 24 of two and one of a third, the sum of whose first channel by 49 is a tie in real; times 1/49
 * it is not. The second channel's mean is the tie's even neighbour, so that word 3 tells their difference. */
static void guide_mean(vectors *v)
{
    enum { MANY = 49 };
    static const spae_real even = 0x1.642c88p0f, first_of[] = {23828510, 23828512, 7};
    const size_t ends[] = {0, MANY}, V = 5;
    const spae_real e[] = {first_of[0] * 0x1p-24f, even, first_of[1] * 0x1p-24f, even, first_of[2] * 0x1p-24f, even, 1, -1,
                           0x1p-20f, 0};
    int32_t some[MANY];
    for (int32_t i = 0; i < MANY; i++)
        some[i] = i == MANY - 1 ? 2 : i % 2;
    const spae_sources sources = {1, ends, some};
    vectors_begin(v, "guidance/words_mean", "4.4 4.7", "words", with[SPAE_GUIDE_RAW],
                  "49 words: their sum is divided by 49, not multiplied by 1/49");
    vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){V, 2}, e);
    if (vectors_goes_on(v))
        give_guide(v, SPAE_GUIDE_RAW, e, V, 2, &sources, VECTORS_BITS);
    vectors_end(v);
}

static void transform(vectors *v, const char *name, const char *parameters, bool centre, double scale, const char *why)
{
    const size_t V = 9, c = 4, shape[] = {9, 4};
    vectors_begin(v, name, "4.8", "transform_codebook", parameters, why);
    const spae_real *e = vectors_reals(v, "e", 2, shape, 3, 0.9);
    spae_real *out = vectors_room(v, V * c, sizeof *out);
    if (out != NULL) {
        for (size_t i = 0; i < V * c; i++)
            out[i] = e[i];
        vectors_expect(v, spae_guide_transform(out, V, c, centre, scale, v->arena, v->err));
        vectors_numbers(v, "transformed", VECTORS_NUMBERS, 2, shape, out);
    }
    vectors_end(v);
}

void vectors_words(vectors *v)
{
    guide(v, "guidance/words_raw", SPAE_GUIDE_RAW, 0, "the rows themselves; sources of one word, of several, of none");
    guide(v, "guidance/words_centred", SPAE_GUIDE_CENTRED, 3,
          "rows with a common part, which is taken away, and their length; order within a source decides the last bit");
    guide(v, "guidance/words_nearest", SPAE_GUIDE_NEAREST, 3, "the largest score over the source's words, unrounded");
    /* the last row is the mean of all five, exactly */
    static const spae_real mean[] = {2, 1, 0, 3, 4, 5, -2, -1, 1, 2};
    guide_of(v, "guidance/words_on_the_mean", SPAE_GUIDE_CENTRED, 5, mean,
             "a word that lies on the mean: its feature is 0");
    guide_of(v, "guidance/words_nearest_on_the_mean", SPAE_GUIDE_NEAREST, 5, mean, "the same where words are compared");
    static const spae_real same[] = {1, 2, 1, 2, 1, 2};
    guide_of(v, "guidance/words_all_equal", SPAE_GUIDE_CENTRED, 3, same, "equal rows: features 0, every s 1");
    guide_of(v, "guidance/words_nearest_all_equal", SPAE_GUIDE_NEAREST, 3, same, "equal rows: every s 1 here too");
    guide_mean(v);
    transform(v, "guidance/codebook_centred", "{\"codebook_centred\":true,\"codebook_scale\":0.3}", true, 0.3,
              "the mean taken away, then a factor that is no binary number, wide");
    transform(v, "guidance/codebook_scaled", "{\"codebook_centred\":false,\"codebook_scale\":0.3}", false, 0.3,
              "the factor alone");
}
