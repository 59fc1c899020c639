/* Stage language, its third part: answers (SPEC 10.18) and episodes (10.19). */
#include <string.h>

#include "io/episode.h"
#include "io/prompt_answer.h"
#include "byte_tokenizer.h"
#include "raw.h"

enum { MOST = 24 };

/* ---- texts ------------------------------------------------------------------------------------------- */

static const char *const answers[] = {
    " lion", "vase\n###\nInput: lion", " LION.\n", "'vase'", "\"Golden Retriever\"!", "St.", "st.", "St", "lions", "lion or vase",
    "a lion", "golden  retriever", "", " \n\t", "...", "\v\f\r red \r\n sky", "\xC2\xA0lion", "Lion\n\nlion", "crab", "CRAB", "Crab",
};
enum { ANSWERS = sizeof answers / sizeof answers[0] };

static void labels(vectors *v)
{
    static const char *const label[] = {"lion", "vase", "golden retriever", "St.", "crab", "Crab"};
    const size_t n = ANSWERS, ways = sizeof label / sizeof label[0];
    int32_t which[MOST];
    for (size_t i = 0; i < n; i++) {
        size_t found = 0;
        which[i] = spae_answer_label(answers[i], strlen(answers[i]), label, ways, &found) ? (int32_t)found : -1;
    }
    vectors_begin(v, "language/answer_label", "10.18", "answer_label", "{}",
                  "marks, case, further lines, labels that differ in case only; what is malformed is -1");
    vectors_texts(v, "label", VECTORS_INPUT, label, ways);
    vectors_texts(v, "answer", VECTORS_INPUT, answers, n);
    vectors_integers(v, "which", VECTORS_BITS, 1, &n, which);
    vectors_end(v);
}

static void parts(vectors *v, const char *name, const char *op, spae_answer_part (*part)(const char *, size_t), const char *why)
{
    const char *text[MOST];
    vectors_begin(v, name, "10.18", op, "{}", why);
    vectors_texts(v, "answer", VECTORS_INPUT, answers, ANSWERS);
    for (size_t i = 0; i < ANSWERS; i++) {
        const spae_answer_part p = part(answers[i], strlen(answers[i]));
        char *copy = vectors_room(v, p.length + 1, 1);
        text[i] = copy;
        if (copy != NULL) {
            memcpy(copy, p.text, p.length);
            copy[p.length] = '\0';
        }
    }
    if (vectors_goes_on(v))
        vectors_texts(v, "part", VECTORS_BITS, text, ANSWERS);
    vectors_end(v);
}

/* ---- tokens ------------------------------------------------------------------------------------------ */

typedef struct {
    size_t V, models; /* models 0: no tokenizer */
    const char *word[6], *model[3];
} words;

static bool open_lexicon(vectors *v, const words *w, byte_tokenizer *bytes, spae_lexicon *lexicon)
{
    vectors_texts(v, "vocab", VECTORS_INPUT, w->word, w->V);
    if (w->models > 0)
        vectors_texts(v, "model", VECTORS_INPUT, w->model, w->models);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_lexicon_open(w->word, w->V, SPAE_JOINS,
                                            w->models > 0 ? byte_tokenizer_of(bytes, w->model, w->models) : NULL, v->arena,
                                            lexicon, v->err));
    return vectors_goes_on(v);
}

enum { STRIDE = 4 };

/* The tokens of each answer, -1 behind them, and how many they are. */
static void give_tokens(vectors *v, const spae_lexicon *lexicon, const spae_answer *answer, size_t count)
{
    int32_t token[MOST][STRIDE], valid[MOST];
    for (size_t i = 0; i < count && vectors_goes_on(v); i++) {
        size_t n = 0;
        vectors_expect(v, spae_answer_tokens(lexicon, &answer[i], STRIDE, v->arena, token[i], &n, v->err));
        valid[i] = (int32_t)n;
        for (; n < STRIDE; n++)
            token[i][n] = -1;
    }
    vectors_integers(v, "token", VECTORS_BITS, 2, (const size_t[]){count, STRIDE}, token[0]);
    vectors_integers(v, "valid", VECTORS_BITS, 1, &count, valid);
}

static void tokens(vectors *v, const char *name, const words *w, const char *const *text, size_t count, const char *why)
{
    byte_tokenizer bytes;
    spae_lexicon lexicon;
    spae_answer answer[MOST];
    vectors_begin(v, name, "10.18", "answer_tokens", "{\"stride\":4}", why);
    const bool open = open_lexicon(v, w, &bytes, &lexicon);
    vectors_texts(v, "answer", VECTORS_INPUT, text, count);
    for (size_t i = 0; i < count; i++)
        answer[i] = (spae_answer){.text = text[i], .length = strlen(text[i])};
    if (open)
        give_tokens(v, &lexicon, answer, count);
    vectors_end(v);
}

/* Answers of eight ids each. */
static void ids(vectors *v, const char *name, const words *w, const int32_t (*id)[8], size_t count, const char *why)
{
    byte_tokenizer bytes;
    spae_lexicon lexicon;
    spae_answer answer[MOST];
    vectors_begin(v, name, "10.18", "answer_tokens", "{\"stride\":4}", why);
    const bool open = open_lexicon(v, w, &bytes, &lexicon);
    vectors_integers(v, "id", VECTORS_INPUT, 2, (const size_t[]){count, 8}, id[0]);
    for (size_t i = 0; i < count; i++)
        answer[i] = (spae_answer){.text = "", .id = id[i], .ids = 8};
    if (open)
        give_tokens(v, &lexicon, answer, count);
    vectors_end(v);
}

static void all_tokens(vectors *v)
{
    static const words plain = {4, 0, {"dog", "sun", "moon", "dog"}, {NULL}},
                       pieces = {6, 0, {" dog", "sun", "s", "un", " moon", "ing"}, {NULL}},
                       either = {4, 0, {" dog", "dog", " ", "x"}, {NULL}},
                       known = {4, 1, {" ", "a", "b", " c"}, {" c"}},
                       marks = {4, 1, {"\xE2\x96\x81", "a", "b", "\xE2\x96\x81" "c"}, {" c"}},
                       ided = {4, 2, {"dog", "sun", "moon", "\n"}, {" dog", " moon"}};
    static const char *const in_plain[] = {" dog sun moon", "\ndog\tsun  moon\n", "dog sun moon dog sun", "dog sum moon", "dog sun.",
                                           "Dog",           "",                   " \n ",                 "dogsun",       "sun"};
    static const char *const in_pieces[] = {" dog moon", "dog moon\n", "ing moon",  "\n  doging moon", "dogsun", "dogs",
                                            "doguns",    "dog cat",    "inginging", "ingdoging",       "",       " moon moon moon moon moon"};
    static const char *const in_either[] = {" dog", "x", "xx", "dogx"};
    static const char *const in_known[] = {"ab", "\n ab ", "a c", "", " ", "abababab", "axb"};
    static const int32_t in_ids[][8] = {{' ', '\t', 256, 257, 's', 256, 257, 257}, {256, ' ', 257, 0, 0, 0, 0, 0},
                                        {'d', 256, 257, 0, 0, 0, 0, 0},            {'\n', 256, '\n', 257, 256, 0, 0, 0},
                                        {257, 999, 256, 0, 0, 0, 0, 0},            {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '}};
    tokens(v, "language/answer_plain", &plain, in_plain, 10, "words apart; up to the first that is none; too many; none");
    tokens(v, "language/answer_pieces", &pieces, in_pieces, 12, "pieces without a tokenizer: only where the text is cut in one way");
    tokens(v, "language/answer_either", &either, in_either, 4, "with and without the stripped space: two ways are none");
    tokens(v, "language/answer_encoded", &known, in_known, 7, "pieces with a tokenizer: its cut, white space in front as one space");
    tokens(v, "language/answer_marked", &marks, in_known, 7, "SentencePieces: the stripped text's cut");
    ids(v, "language/answer_ids", &ided, in_ids, 6,
        "ids: white ones in front are passed over unless they are tokens; up to the first that is none, also one beyond the vocabulary");
}

/* ---- episodes ---------------------------------------------------------------------------------------- */

enum { CLASSES = 8, PICTURES = 60 };

/* Class k has the pictures p with p mod 8 = k, and those with p mod 13 = k: some are in two classes, class 7 is small. */
static void make_classes(size_t first[CLASSES + 1], size_t picture[2 * PICTURES])
{
    size_t n = 0;
    for (size_t k = 0; k < CLASSES; k++) {
        first[k] = n;
        for (size_t p = 0; p < PICTURES; p++)
            if ((p % 8 == k && (k < 7 || p < 30)) || p % 13 == k)
                picture[n++] = p;
    }
    first[CLASSES] = n;
}

static int32_t *as_tokens(vectors *v, const size_t *number, size_t count)
{
    int32_t *out = vectors_room(v, count, sizeof *out);
    for (size_t i = 0; out != NULL && i < count; i++)
        out[i] = (int32_t)number[i];
    return out;
}

static void give_numbers(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                         const size_t *number)
{
    size_t count = 1;
    for (unsigned i = 0; i < rank; i++)
        count *= shape[i];
    const int32_t *out = as_tokens(v, number, count);
    if (out != NULL)
        vectors_integers(v, name, compare, rank, shape, out);
}

static void episode(vectors *v, const char *name, const char *with, uint32_t seed, uint32_t number, size_t ways, size_t shots,
                    spae_status due, const char *why)
{
    static const char *const names[CLASSES] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    size_t first[CLASSES + 1], picture[2 * PICTURES];
    const size_t ends = CLASSES + 1, asked = ways + 1;
    spae_episode e;
    make_classes(first, picture);
    const spae_classes classes = {CLASSES, names, first, picture, PICTURES};
    vectors_begin(v, name, "10.19", "episode", with, why);
    give_numbers(v, "first", VECTORS_INPUT, 1, &ends, first);
    give_numbers(v, "picture", VECTORS_INPUT, 1, &first[CLASSES], picture);
    if (vectors_goes_on(v) &&
        vectors_returned(v, due, spae_episode_sample(&classes, seed, number, ways, shots, v->arena, &e, v->err))) {
        give_numbers(v, "class", VECTORS_BITS, 1, &ways, e.class_of);
        give_numbers(v, "support", VECTORS_BITS, 2, (const size_t[]){shots, ways}, e.support);
        give_numbers(v, "query", VECTORS_BITS, 1, &ways, e.query);
        give_numbers(v, "asked", VECTORS_BITS, 1, &asked, e.asked);
    }
    vectors_end(v);
}

static void episodes(vectors *v)
{
    episode(v, "language/episode", "{\"seed\":1,\"episode\":0,\"ways\":5,\"shots\":3}", 1, 0, 5, 3, SPAE_OK,
            "five ways, pictures that are in two classes");
    episode(v, "language/episode_later", "{\"seed\":3000000000,\"episode\":4000000000,\"ways\":3,\"shots\":2}", 3000000000U,
            4000000000U, 3, 2, SPAE_OK, "seed and number are words of 32 bits");
    episode(v, "language/episode_passed_over", "{\"seed\":2,\"episode\":8,\"ways\":6,\"shots\":4}", 2, 8, 6, 4, SPAE_OK,
            "a class with as many pictures of its own as shots, and so none for the query, is passed over");
    episode(v, "language/episode_refused", "{\"seed\":1,\"episode\":0,\"ways\":8,\"shots\":5}", 1, 0, 8, 5, SPAE_ERR_ARGUMENT,
            "fewer classes have enough pictures than ways are wanted");
}

void vectors_answers(vectors *v)
{
    labels(v);
    parts(v, "language/answer_line", "answer_line", spae_answer_line, "a caption: the first line, stripped");
    parts(v, "language/answer_word", "answer_word", spae_answer_word, "VQA: a single word without marks; of several words nothing");
    all_tokens(v);
    episodes(v);
}
