/* Stage language, its hosted part: words and bytes as a vocabulary (SPEC 10.20), answers and scores of the model without
 * weights (10.25). */
#include <string.h>

#include "io/language_incontext.h"
#include "io/tokenizer_words.h"
#include "raw.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char *const plain[] = {"red", "green", "blue", "zero", "one", "an", "image", "of", "red", "", "re", "one two"};
static const char *const spaced[] = {" red", "red", " re", "d", " ", "\n", "ed green", " red"};
static const char *const marked[] = {"\xE2\x96\x81red", "red", "\xE2\x96\x81", "e\xE2\x96\x81r", "d"};

/* ---- 10.20 ---- */

static void encode(vectors *v, const char *name, const char *const *word, size_t V, const char *text, size_t length, const char *why)
{
    spae_tokenizer tokenizer;
    int32_t *id = NULL;
    size_t count = 0, size = 0;
    char *back = NULL;
    vectors_begin(v, name, "10.20", "words_encode", "{}", why);
    vectors_texts(v, "vocab", VECTORS_INPUT, word, V);
    vectors_octets(v, "text", VECTORS_INPUT, 1, &length, text);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_tokenizer_words(word, V, v->arena, &tokenizer, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, tokenizer.encode(&tokenizer, text, length, v->arena, &id, &count, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, tokenizer.decode(&tokenizer, id, count, v->arena, &back, &size, v->err));
    vectors_integers(v, "id", VECTORS_BITS, 1, &count, id);
    vectors_octets(v, "decoded", VECTORS_BITS, 1, &size, back);
    vectors_end(v);
}

static void encodings(vectors *v)
{
    encode(v, "language/words_encode", plain, COUNT(plain), VECTORS_TEXT("C: an image of 7\nQ: red one\nA: red, redder red\tone two  blue \xC3\xA9\0 re"),
           "words behind their spaces, else bytes: at a line's beginning, before a comma, within a longer word; two words in one; a zero");
    encode(v, "language/words_encode_spaced", spaced, COUNT(spaced), VECTORS_TEXT("a red green\nred  red"),
           "pieces that carry their spaces: the longest, the lowest of two equal ones");
    encode(v, "language/words_encode_marked", marked, COUNT(marked), VECTORS_TEXT("red red\n re rd"),
           "SentencePieces: U+2581 stands for a space, within a word too");
    encode(v, "language/words_encode_nothing", plain, COUNT(plain), VECTORS_TEXT(""), "no text, no ids");
}

/* ---- 10.25 ---- */

typedef struct {
    const char *name, *with, *why, *prompt, *stop;
    size_t samples, max_tokens;
    double temperature;
    uint32_t seed, number;
} asking;

/* Ids of all samples, their numbers and ends, their texts, their scores. */
static void give_answers(vectors *v, const spae_language_model *model, const spae_request *request, const spae_answer *answer)
{
    const size_t n = request->samples;
    int32_t *ids = vectors_room(v, n, sizeof *ids), *end = vectors_room(v, n, sizeof *end);
    const char **text = vectors_room(v, n, sizeof *text);
    double *score = vectors_room(v, n, sizeof *score);
    size_t total = 0;
    for (size_t i = 0; score != NULL && i < n; i++) {
        ids[i] = (int32_t)answer[i].ids;
        end[i] = (int32_t)answer[i].end;
        text[i] = answer[i].text;
        total += answer[i].ids;
        vectors_expect(v, model->score(model, request, &answer[i], v->arena, &score[i], v->err));
    }
    int32_t *id = score != NULL ? vectors_room(v, total, sizeof *id) : NULL;
    if (id == NULL)
        return;
    for (size_t i = 0, at = 0; i < n; at += answer[i++].ids)
        memcpy(id + at, answer[i].id, answer[i].ids * sizeof *id);
    vectors_integers(v, "id", VECTORS_BITS, 1, &total, id);
    vectors_integers(v, "ids", VECTORS_BITS, 1, &n, ids);
    vectors_integers(v, "end", VECTORS_BITS, 1, &n, end);
    vectors_texts(v, "text", VECTORS_BITS, text, n);
    vectors_wides(v, "score", VECTORS_NUMBERS, 1, &n, score);
}

static void ask(vectors *v, const asking *a)
{
    enum { CHANNELS = 4 };
    const size_t V = COUNT(plain), length = strlen(a->prompt), stop = a->stop != NULL ? strlen(a->stop) : 0;
    spae_language_model model;
    vectors_begin(v, a->name, "10.20 10.21 10.22 10.23 10.24 10.25", "answers", a->with, a->why);
    vectors_texts(v, "vocab", VECTORS_INPUT, plain, V);
    spae_real *e = vectors_reals(v, "e", 2, (const size_t[]){V, CHANNELS}, 0, 0.9);
    vectors_octets(v, "prompt", VECTORS_INPUT, 1, &length, a->prompt);
    vectors_octets(v, "stop", VECTORS_INPUT, 1, &stop, a->stop != NULL ? a->stop : "");
    const spae_model spae = {.codebook = {.V = V, .c = CHANNELS, .e = e}, .word = plain};
    const spae_request request = {.text = a->prompt, .length = length, .samples = a->samples, .temperature = a->temperature,
                                  .max_tokens = a->max_tokens, .stop = a->stop, .seed = a->seed, .number = a->number};
    spae_answer *answer = vectors_room(v, a->samples, sizeof *answer);
    if (answer != NULL) {
        vectors_expect(v, spae_language_incontext(&spae, v->arena, &model, v->err));
        if (vectors_goes_on(v))
            vectors_expect(v, model.sample(&model, &request, 1, v->arena, answer, v->err));
        if (vectors_goes_on(v))
            give_answers(v, &model, &request, answer);
    }
    vectors_end(v);
}

static void answers(vectors *v)
{
    static const char digits[] = "C: an image of 0\nA: red red blue\nC: an image of 1\nA: green one\nC: an image of 0\nA: red blue blue\n"
                                 "C: an image of 1\nA: one green\nC: an image of 1\nA:";
    static const char labels[] = "Input: red red\nOutput: zero\n###\nInput: blue green\nOutput: one\n###\nInput: red re\nOutput:";
    const asking list[] = {
        {"language/answers", "{\"samples\":6,\"temperature\":1,\"max_tokens\":5,\"seed\":1,\"request\":0}",
         "drawn lines of the condition's kind, until they end or are full", digits, NULL, 6, 5, 1, 1, 0},
        {"language/answers_other", "{\"samples\":4,\"temperature\":2,\"max_tokens\":2,\"seed\":9,\"request\":3}",
         "another seed and request, hotter, shorter", digits, NULL, 4, 2, 2, 9, 3},
        {"language/answers_greedy", "{\"samples\":2,\"temperature\":0,\"max_tokens\":7,\"seed\":1,\"request\":0}",
         "classification: the nearest example's label, twice the same", labels, "\n", 2, 7, 0, 1, 0},
        {"language/answers_stop", "{\"samples\":1,\"temperature\":0,\"max_tokens\":7,\"seed\":1,\"request\":0}",
         "a stop within a token: that token is left out", labels, "ne", 1, 7, 0, 1, 0},
    };
    for (size_t i = 0; i < COUNT(list); i++)
        ask(v, &list[i]);
}

void vectors_language_answers(vectors *v)
{
    encodings(v);
    answers(v);
}
