/* Stage language: the model without weights (SPEC 10.21 to 10.24) on ids; hosted/language_answers.c has words and answers. */
#include "nn/incontext.h"
#include "nn/sampling.h"
#include "tokens.h"

enum { WORDS = 12, CHANNELS = 3, IDS = 16, NEWLINE = 15 }; /* 12 13 14 are marks too */

/* A prompt, what was said since, by ids. */
typedef struct {
    const char *name, *why;
    const int32_t *prompt, *said;
    size_t n, count;
    const spae_real *e; /* NULL: by formula */
} course;

static void predict(vectors *v, const course *c)
{
    const size_t V = WORDS, channels = CHANNELS, ids = IDS;
    vectors_begin(v, c->name, "10.21 10.22 10.23 10.24", "incontext", "{\"ids\":16,\"newline\":15}", c->why);
    const spae_real *e = c->e;
    if (e == NULL)
        e = vectors_reals(v, "e", 2, (const size_t[]){V, channels}, 0.25, 0.9);
    else
        vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){V, channels}, e);
    vectors_integers(v, "prompt", VECTORS_INPUT, 1, &c->n, c->prompt);
    vectors_integers(v, "said", VECTORS_INPUT, 1, &c->count, c->said);
    double *p = vectors_room(v, ids, sizeof *p);
    if (p != NULL) {
        spae_incontext model;
        spae_incontext_prompt prompt;
        spae_status status = spae_incontext_create(e, V, channels, ids, NEWLINE, &model, v->err);
        if (status == SPAE_OK)
            status = spae_incontext_read(&model, c->prompt, c->n, v->arena, &prompt, v->err);
        if (status == SPAE_OK)
            status = spae_incontext_predict(&prompt, c->said, c->count, p, v->err);
        vectors_expect(v, status);
        vectors_wides(v, "p", VECTORS_NUMBERS, 1, &ids, p);
    }
    vectors_end(v);
}

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* Three records "12 w w w / 13 w", the query without its answer. */
static const int32_t records[] = {12, 0, 1, 2, 15, 13, 9, 15, 12, 3, 4, 5, 15, 13, 10, 15, 12, 6, 7, 2, 15, 13, 11, 15, 12, 0, 4, 2, 15, 13};
/* Records with a mark of their kind: "12 14 / 13 w w", "12 12 / 13 w w". */
static const int32_t kinds[] = {12, 14, 15, 13, 1, 2, 15, 12, 12, 15, 13, 3, 4, 15, 12, 14, 15, 13, 5, 6, 15, 12, 12, 15, 13, 7, 8, 15, 12, 14, 15, 13};
/* "w w / 13 the second of them again", four times. */
static const int32_t copies[] = {12, 0, 1, 15, 13, 1, 15, 12, 2, 3, 15, 13, 3, 15, 12, 4, 5, 15, 13, 5, 15, 12, 6, 7, 15, 13, 7, 15, 12, 8, 9, 15, 13};
/* "w w / 13 w", four times: two distances have all votes; the last question has two words. */
static const int32_t ties[] = {12, 1, 1, 15, 13, 1, 15, 12, 3, 3, 15, 13, 3, 15, 12, 5, 5, 15, 13, 5, 15, 12, 7, 7, 15, 13, 7, 15, 12, 8, 9, 15, 13};
static const int32_t free_text[] = {0, 1, 2, 3, 0, 1, 2, 4, 5, 0, 1, 2, 3, 6, 1, 2};
static const int32_t repeated[] = {12, 3, 15, 13, 9, 15, 12, 5, 15, 13, 10, 15, 12, 3, 15, 13, 9, 15, 12, 5, 15, 13, 10, 15, 12, 4, 15, 13};
static const int32_t ended[] = {12, 0, 15, 13, 9, 15}, two[] = {3, 4}, one[] = {3};
static const int32_t said_words[] = {4, 11}, said_unseen[] = {8, 14}, said_line[] = {9, 15, 12, 3};
static const spae_real equal_rows[WORDS * CHANNELS] = {0};

static void predictions(vectors *v)
{
    const course list[] = {
        {"language/incontext", "records of words: the nearest examples' answers, smoothed", records, NULL, COUNT(records), 0, NULL},
        {"language/incontext_marks", "a mark in the condition outweighs all words", kinds, NULL, COUNT(kinds), 0, NULL},
        {"language/incontext_said", "the second token of an answer: what was said counts as context", kinds, said_words, COUNT(kinds), 1, NULL},
        {"language/incontext_said_unseen", "said tokens that the prompt has not: a word, then a mark", kinds, said_unseen, COUNT(kinds), 2, NULL},
        {"language/incontext_said_line", "a line was ended since, another begun", records, said_line, COUNT(records), 4, NULL},
        {"language/incontext_copy", "the answer is each time a word of the question: its distance wins", copies, NULL, COUNT(copies), 0, NULL},
        {"language/incontext_copy_tie", "two distances are voted for alike: the lesser wins", ties, NULL, COUNT(ties), 0, NULL},
        {"language/incontext_free", "no lines: the window is all there is", free_text, NULL, COUNT(free_text), 0, NULL},
        {"language/incontext_repeated", "examples that come again", repeated, NULL, COUNT(repeated), 0, NULL},
        {"language/incontext_newline", "behind the end of a line", ended, NULL, COUNT(ended), 0, NULL},
        {"language/incontext_two", "one position to look at", two, NULL, COUNT(two), 0, NULL},
        {"language/incontext_one", "nothing to look at: even", one, NULL, COUNT(one), 0, NULL},
        {"language/incontext_none", "an empty prompt: even, whatever was said", one, said_words, 0, 2, NULL},
        {"language/incontext_equal_rows", "words without distances: different or not", records, NULL, COUNT(records), 0, equal_rows},
    };
    for (size_t i = 0; i < COUNT(list); i++)
        predict(v, &list[i]);
}

static void refused(vectors *v)
{
    vectors_begin(v, "language/incontext_refused_id", "10.21 10.25", "incontext", "{\"ids\":16,\"newline\":15}", "an id beyond the last");
    const spae_real *e = vectors_reals(v, "e", 2, (const size_t[]){WORDS, CHANNELS}, 0.25, 0.9);
    const int32_t beyond[] = {3, 16};
    const size_t n = 2;
    vectors_integers(v, "prompt", VECTORS_INPUT, 1, &n, beyond);
    if (e != NULL) {
        spae_incontext model;
        spae_incontext_prompt prompt;
        vectors_expect(v, spae_incontext_create(e, WORDS, CHANNELS, IDS, NEWLINE, &model, v->err));
        vectors_refusal(v, SPAE_ERR_ARGUMENT, spae_incontext_read(&model, beyond, n, v->arena, &prompt, v->err));
    }
    vectors_end(v);
}

/* ---- drawing ---- */

static void draw(vectors *v, const char *name, const char *with, double temperature, uint32_t seed, uint32_t request,
                 uint32_t sample, const double *p, size_t n, const char *why)
{
    enum { PLACES = 40 };
    int32_t token[PLACES];
    const size_t places = PLACES;
    double *scratch;
    vectors_begin(v, name, "1.6 10.24", "draw", with, why);
    vectors_wides(v, "p", VECTORS_INPUT, 1, &n, p);
    if ((scratch = vectors_room(v, n, sizeof *scratch)) != NULL) {
        for (uint32_t i = 0; i < PLACES; i++) {
            const uint32_t position[4] = {request, sample, i, 0};
            token[i] = spae_incontext_draw(p, n, temperature, (spae_random_key){seed, SPAE_RANDOM_SAMPLE}, position, scratch);
        }
        vectors_integers(v, "token", VECTORS_BITS, 1, &places, token);
    }
    vectors_end(v);
}

static void draws(vectors *v)
{
    static const double p[] = {0.125, 0x1p-12, 0.3, 0.3, 0.1, 0x1p-12, 0.1748046875, 0x1p-140};
    const size_t n = COUNT(p);
    draw(v, "language/draw", "{\"temperature\":1,\"seed\":1,\"request\":0,\"sample\":0}", 1, 1, 0, 0, p, n, "as they are");
    draw(v, "language/draw_cold", "{\"temperature\":0.25,\"seed\":1,\"request\":0,\"sample\":0}", 0.25, 1, 0, 0, p, n, "the fourth power");
    draw(v, "language/draw_hot", "{\"temperature\":3,\"seed\":4294967295,\"request\":7,\"sample\":2}", 3, 4294967295u, 7, 2, p, n,
         "the third root, another seed, request and sample");
    draw(v, "language/draw_greedy", "{\"temperature\":0,\"seed\":1,\"request\":0,\"sample\":0}", 0, 1, 0, 0, p, n,
         "temperature 0: the lower of two equal ones, each time");
    draw(v, "language/draw_almost_greedy", "{\"temperature\":0.001,\"seed\":1,\"request\":0,\"sample\":0}", 0.001, 1, 0, 0, p, n,
         "only the two equal ones are left");
}

/* ---- logits ---- */

static void logits(vectors *v, const char *name, const char *with, double temperature, size_t n, const char *why)
{
    enum { PLACES = 40 };
    int32_t token[PLACES];
    const size_t places = PLACES;
    double *scratch;
    vectors_begin(v, name, "1.6 10.26", "draw_logits", with, why);
    const spae_real *x = vectors_reals(v, "logits", 1, &n, 0, 4);
    if (x != NULL && (scratch = vectors_room(v, n, sizeof *scratch)) != NULL) {
        for (uint32_t i = 0; i < PLACES; i++) {
            const uint32_t position[4] = {3, 1, i, 0};
            token[i] = (int32_t)(temperature == 0 ? spae_most_likely(x, n)
                                                  : spae_draw_logits(x, n, temperature, (spae_random_key){2, SPAE_RANDOM_SAMPLE},
                                                                     position, scratch));
        }
        vectors_integers(v, "token", VECTORS_BITS, 1, &places, token);
    }
    vectors_end(v);
}

void vectors_language_incontext(vectors *v)
{
    predictions(v);
    refused(v);
    draws(v);
    logits(v, "language/logits", "{\"temperature\":1,\"seed\":2,\"request\":3,\"sample\":1}", 1, 57, "softmax as it is");
    logits(v, "language/logits_hot", "{\"temperature\":2.5,\"seed\":2,\"request\":3,\"sample\":1}", 2.5, 57, "flatter");
    logits(v, "language/logits_greedy", "{\"temperature\":0,\"seed\":2,\"request\":3,\"sample\":1}", 0, 57,
           "the largest, each time");
}
