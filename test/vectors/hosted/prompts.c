/* Stage language, its hosted part: words in texts and as ids (SPEC 10.10, 10.11), every template (10.12 to 10.17). */
#include <string.h>

#include "io/prompt.h"
#include "byte_tokenizer.h"
#include "raw.h"

enum { V = 6, WAYS = 5, SHOTS = 5, STRINGS = WAYS * SHOTS + 1, MOST_PROMPTS = 16 };

/* Three vocabularies, and words of a language model for each. Of the plain one "sun" is there without a space, " moon" and
 * "moon" both. */
typedef struct {
    const char *word[V], *model[7];
    size_t models;
} words;

static const words plain = {{"dog", "sun", "moon", "red", "sky", "lake"},
                            {" dog", "sun", "moon", " moon", " red", " sky", " lake"},
                            7};
static const words spaced = {{" dog", "sun", " moon", "red", "ing", " lake"}, {" moon", "sun", " dog", "red", "ing", " lake"}, 6};
static const words marked = {{"\xE2\x96\x81" "dog", "sun", "\xE2\x96\x81" "moon", "a\xE2\x96\x81" "b", "ing", "\xE2\x96\x81"},
                             {" dog", "sun", " moon", "a b", "ing"},
                             5};

static const char *const labels[WAYS] = {"lion", "vase", "golden retriever", "crab", "bus"};

/* ---- words ------------------------------------------------------------------------------------------- */

static const spae_tokenizer *give_words(vectors *v, const words *w, byte_tokenizer *bytes)
{
    vectors_texts(v, "vocab", VECTORS_INPUT, w->word, V);
    vectors_texts(v, "model", VECTORS_INPUT, w->model, w->models);
    return byte_tokenizer_of(bytes, w->model, w->models);
}

static bool open_lexicon(vectors *v, const words *w, byte_tokenizer *bytes, spae_lexicon *lexicon)
{
    const spae_tokenizer *tokenizer = give_words(v, w, bytes);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_lexicon_open(w->word, V, SPAE_JOINS, tokenizer, v->arena, lexicon, v->err));
    return vectors_goes_on(v);
}

static void lexicon(vectors *v, const char *name, const words *w, const char *why)
{
    const size_t one = 1, each = V;
    byte_tokenizer bytes;
    spae_lexicon made;
    vectors_begin(v, name, "10.10 10.11", "lexicon", "{}", why);
    if (open_lexicon(v, w, &bytes, &made)) {
        const int32_t join = (int32_t)made.join;
        vectors_integers(v, "join", VECTORS_BITS, 1, &one, &join);
        vectors_texts(v, "text", VECTORS_BITS, made.text.word, V);
        vectors_integers(v, "id", VECTORS_BITS, 1, &each, made.id);
    }
    vectors_end(v);
}

static void lexicons(vectors *v)
{
    static const words both = {{"\xE2\x96\x81" "dog", " dog", "", " ", "\xE2\x96\x81", "dog"}, {" dog", "dog"}, 2};
    static const words inside = {{"a b", "", "c\xE2\x96\x81", "dog", "dog", "x"}, {" dog", " x", " a b"}, 3};
    lexicon(v, "language/lexicon_plain", &plain, "a list of words: a space and the word, else the word, is the id");
    lexicon(v, "language/lexicon_spaced", &spaced, "pieces with their spaces: exactly their bytes");
    lexicon(v, "language/lexicon_marked", &marked, "pieces with U+2581, which is a space in the text, inside a word too");
    lexicon(v, "language/lexicon_both", &both, "spaces and U+2581: the spaces count; the empty word has no id");
    lexicon(v, "language/lexicon_inside", &inside, "spaces and U+2581 not at the beginning: plain words; two are equal");
}

/* ---- strings and results ----------------------------------------------------------------------------- */

/* String i has 1 + i mod 3 tokens, i, i + 1, .. mod 6; given as `token` and `first`. */
static const spae_string *give_strings(vectors *v, size_t count)
{
    const size_t ends = count + 1;
    spae_string *string = vectors_room(v, count, sizeof *string);
    int32_t *token = vectors_room(v, 3 * count, sizeof *token), *first = vectors_room(v, ends, sizeof *first);
    size_t n = 0;
    if (first == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        first[i] = (int32_t)n;
        string[i] = (spae_string){token + n, 1 + i % 3};
        for (size_t j = 0; j <= i % 3; j++)
            token[n++] = (int32_t)((i + j) % V);
    }
    first[count] = (int32_t)n;
    vectors_integers(v, "token", VECTORS_INPUT, 1, &n, token);
    vectors_integers(v, "first", VECTORS_INPUT, 1, &ends, first);
    return string;
}

/* Prompts: texts; ids one behind the other, and how many each has; samples, max_tokens, stop (its byte, or -1) of each. */
static void give_prompts(vectors *v, const spae_request *request, size_t count)
{
    const char *text[MOST_PROMPTS];
    int32_t ids[MOST_PROMPTS], asked[MOST_PROMPTS][3];
    size_t all = 0;
    if (!vectors_goes_on(v))
        return;
    for (size_t i = 0; i < count; i++) {
        text[i] = request[i].text;
        ids[i] = (int32_t)request[i].ids;
        all += request[i].ids;
        asked[i][0] = (int32_t)request[i].samples;
        asked[i][1] = (int32_t)request[i].max_tokens;
        asked[i][2] = request[i].stop != NULL ? request[i].stop[0] : -1;
    }
    int32_t *id = vectors_room(v, all, sizeof *id), *to = id;
    if (id == NULL)
        return;
    for (size_t i = 0; i < count; to += request[i++].ids)
        memcpy(to, request[i].id, request[i].ids * sizeof *to);
    vectors_texts(v, "text", VECTORS_BITS, text, count);
    vectors_integers(v, "id", VECTORS_BITS, 1, &all, id);
    vectors_integers(v, "ids", VECTORS_BITS, 1, &count, ids);
    vectors_integers(v, "asked", VECTORS_BITS, 2, (const size_t[]){count, 3}, asked[0]);
}

/* ---- classification ---------------------------------------------------------------------------------- */

static void give_settings(vectors *v, const spae_few_shot *setting, size_t count)
{
    int32_t row[MOST_PROMPTS][4];
    for (size_t i = 0; i < count; i++) {
        row[i][0] = setting[i].induction;
        row[i][1] = (int32_t)setting[i].ways;
        row[i][2] = (int32_t)setting[i].shots;
        row[i][3] = (int32_t)setting[i].repeats;
    }
    vectors_integers(v, "setting", VECTORS_INPUT, 2, (const size_t[]){count, 4}, row[0]);
}

/* The support of a setting: of each shot the first `ways` of the five classes. */
static spae_status one_setting(const spae_lexicon *lexicon, spae_template template, const spae_few_shot *s, const spae_string *all,
                               const char *const *label, vectors *v, spae_request *request)
{
    spae_string support[WAYS * SHOTS];
    for (size_t i = 0; i < s->shots * s->ways; i++)
        support[i] = all[i / s->ways * WAYS + i % s->ways];
    return spae_prompt_classify(lexicon, template, s, label, support, all[STRINGS - 1], v->arena, request, v->err);
}

static void classify(vectors *v, const char *name, spae_template template, const words *w, const spae_few_shot *setting,
                     size_t count, const char *why)
{
    const bool gpt35 = template == SPAE_TEMPLATE_GPT35;
    byte_tokenizer bytes;
    spae_lexicon made;
    spae_request request[MOST_PROMPTS];
    vectors_begin(v, name, "10.10 10.11 10.12 10.13 10.16", "prompt_classify",
                  gpt35 ? "{\"template\":\"gpt35\"}" : "{\"template\":\"palm2\"}", why);
    const bool open = open_lexicon(v, w, &bytes, &made);
    vectors_texts(v, "label", VECTORS_INPUT, labels, WAYS);
    give_settings(v, setting, count);
    const spae_string *string = give_strings(v, STRINGS);
    for (size_t i = 0; open && i < count && vectors_goes_on(v); i++)
        vectors_expect(v, one_setting(&made, template, &setting[i], string, labels, v, &request[i]));
    give_prompts(v, request, count);
    vectors_end(v);
}

static void classifications(vectors *v)
{
    static const spae_few_shot more[] = {{true, 1, 0, 0}, {true, 3, 2, 2}, {false, 5, 3, 1}, {true, 4, 5, 0}};
    classify(v, "language/prompt_gpt35", SPAE_TEMPLATE_GPT35, &plain, spae_few_shot_settings, SPAE_FEW_SHOT_SETTINGS,
             "the 14 settings of Table 1, left to right");
    classify(v, "language/prompt_palm2", SPAE_TEMPLATE_PALM2, &plain, spae_few_shot_settings, SPAE_FEW_SHOT_SETTINGS,
             "the 14 settings of Table 1; What is this? in the tenth and the eleventh");
    classify(v, "language/prompt_gpt35_more", SPAE_TEMPLATE_GPT35, &spaced, more, 4,
             "other settings: one way, no shot; three ways repeated; pieces with their spaces");
    classify(v, "language/prompt_palm2_more", SPAE_TEMPLATE_PALM2, &marked, more, 4,
             "other settings; pieces with U+2581; What is this? also without induction and with repeats");
}

static void refuse(vectors *v, const char *name, const words *w, const char *first_label, const char *why)
{
    const char *label[WAYS] = {first_label, "vase", "bowl", "crab", "bus"};
    const spae_few_shot setting = {true, 2, 1, 0};
    byte_tokenizer bytes;
    spae_lexicon made;
    spae_request request;
    vectors_begin(v, name, "10.12", "prompt_classify", "{\"template\":\"gpt35\"}", why);
    const bool open = open_lexicon(v, w, &bytes, &made);
    vectors_texts(v, "label", VECTORS_INPUT, label, WAYS);
    give_settings(v, &setting, 1);
    const spae_string *string = give_strings(v, STRINGS);
    if (open && vectors_goes_on(v))
        vectors_refusal(v, SPAE_ERR_ARGUMENT,
                        one_setting(&made, SPAE_TEMPLATE_GPT35, &setting, string, label, v, &request));
    vectors_end(v);
}

static void refusals(vectors *v)
{
    static const words few = {{"dog", "sun", "moon", "red", "sky", "lake"}, {" dog", " moon", " sky"}, 3};
    refuse(v, "language/prompt_refused_word", &few, "lion", "the language model lacks a word that is used");
    refuse(v, "language/prompt_refused_newline", &plain, "li\non", "a newline in a label would end its line");
}

/* ---- captions, questions, segments ------------------------------------------------------------------- */

static const char *const texts[] = {"a dog in the sun", "two red moons. And \xC3\xA9t\xC3\xA9"},
                  *const questions[] = {"What is it?", "How many?", "Which colour is the sky?"};

static void describe(vectors *v, const char *name, spae_template template, const words *w, const char *why)
{
    const bool vqa = template == SPAE_TEMPLATE_VQA;
    byte_tokenizer bytes;
    spae_lexicon made;
    spae_request request[2];
    vectors_begin(v, name, "10.10 10.11 10.12 10.14 10.16", "prompt_describe",
                  vqa ? "{\"template\":\"vqa\"}" : "{\"template\":\"caption\"}", why);
    const bool open = open_lexicon(v, w, &bytes, &made);
    const spae_string *string = give_strings(v, 3);
    vectors_texts(v, "answer", VECTORS_INPUT, texts, 2);
    if (vqa)
        vectors_texts(v, "question", VECTORS_INPUT, questions, 3);
    if (open && vectors_goes_on(v)) {
        const spae_prompt_example example[3] = {{string[0], questions[0], texts[0]},
                                                {string[1], questions[1], texts[1]},
                                                {string[2], questions[2], NULL}};
        for (size_t i = 0; i < 2; i++)
            vectors_expect(v, spae_prompt_describe(&made, template, example, 2 - 2 * i, &example[2], v->arena, &request[i], v->err));
    }
    give_prompts(v, request, 2);
    vectors_end(v);
}

enum { TARGET = 13, PAIRS = 3 };

/* Targets of 13 tokens, (5 i + 2 j) mod 6; segments 0..3, 4..7, 12 alone (PAR), or 5..7 and 8..10 given 5 (PNAR). */
static void segments(vectors *v, const char *name, spae_template template, const words *w, bool texts_too, const char *why)
{
    static const spae_segment par[] = {{0, 0, 4, 0}, {0, 4, 4, 4}, {0, 12, 1, 12}}, pnar[] = {{1, 5, 3, 5}, {1, 8, 3, 5}};
    static const char *const condition[PAIRS] = {"an image of 7", "an image of 0", "an image of 1+7"};
    const bool is_par = template == SPAE_TEMPLATE_PAR;
    const spae_segment *segment = is_par ? par : pnar;
    const size_t count = is_par ? 3 : 2;
    int32_t target[PAIRS * TARGET], row[3][3];
    byte_tokenizer bytes;
    spae_lexicon made;
    spae_request request[3];
    for (size_t i = 0; i < PAIRS * TARGET; i++)
        target[i] = (int32_t)((i / TARGET * 5 + i % TARGET * 2 + i % TARGET / 3) % V);
    for (size_t i = 0; i < count; i++) {
        row[i][0] = (int32_t)segment[i].first;
        row[i][1] = (int32_t)segment[i].count;
        row[i][2] = (int32_t)segment[i].given;
    }
    vectors_begin(v, name, "10.10 10.11 10.12 10.15 10.16", "prompt_segment",
                  is_par ? "{\"template\":\"par\"}" : "{\"template\":\"pnar\"}", why);
    const bool open = open_lexicon(v, w, &bytes, &made);
    const spae_string *string = NULL;
    if (is_par && texts_too)
        vectors_texts(v, "condition", VECTORS_INPUT, condition, PAIRS);
    else if (is_par)
        string = give_strings(v, PAIRS);
    vectors_integers(v, "target", VECTORS_INPUT, 2, (const size_t[]){PAIRS, TARGET}, target);
    vectors_integers(v, "segment", VECTORS_INPUT, 2, (const size_t[]){count, 3}, row[0]);
    for (size_t i = 0; open && i < count && vectors_goes_on(v); i++) {
        spae_prompt_pair pair[PAIRS] = {{NULL, {NULL, 0}, NULL}};
        for (size_t p = 0; p < PAIRS; p++) {
            pair[p].text = is_par && texts_too ? condition[p] : NULL;
            pair[p].string = string != NULL ? string[p] : (spae_string){NULL, 0};
            pair[p].target = target + p * TARGET;
        }
        vectors_expect(v, spae_prompt_segment(&made, template, pair, PAIRS - 1, &pair[PAIRS - 1], &segment[i], v->arena,
                                              &request[i], v->err));
    }
    give_prompts(v, request, count);
    vectors_end(v);
}

/* A vocabulary with a newline: no stop. */
static const words newline = {{" dog", "\n", " moon", "red", "ing", " lake"}, {" moon", " dog", "red", "ing", " lake"}, 5};

static void window(vectors *v)
{
    static const int32_t size[][3] = {{100, 4, 104}, {100, 4, 103}, {100, 4, 50}, {100, 4, 0}, {0, 20, 20}};
    enum { N = sizeof size / sizeof size[0] };
    static const int32_t some[1] = {0};
    const size_t n = N;
    int32_t beyond[N];
    for (size_t i = 0; i < n; i++) {
        const spae_request request = {.id = some, .ids = (size_t)size[i][0], .max_tokens = (size_t)size[i][1]};
        beyond[i] = (int32_t)spae_prompt_beyond(&request, (size_t)size[i][2]);
    }
    vectors_begin(v, "language/prompt_window", "10.17", "prompt_window", "{}", "prompts at, beyond and far beyond a window");
    vectors_integers(v, "size", VECTORS_INPUT, 2, (const size_t[]){n, 3}, size[0]);
    vectors_integers(v, "beyond", VECTORS_BITS, 1, &n, beyond);
    vectors_end(v);
}

void vectors_prompts(vectors *v)
{
    lexicons(v);
    classifications(v);
    refusals(v);
    describe(v, "language/prompt_caption", SPAE_TEMPLATE_CAPTION, &plain, "two examples, then none");
    describe(v, "language/prompt_caption_pieces", SPAE_TEMPLATE_CAPTION, &marked, "pieces with U+2581");
    describe(v, "language/prompt_vqa", SPAE_TEMPLATE_VQA, &plain, "two examples, then none");
    describe(v, "language/prompt_vqa_pieces", SPAE_TEMPLATE_VQA, &spaced, "pieces with their spaces");
    segments(v, "language/prompt_par", SPAE_TEMPLATE_PAR, &plain, true,
             "MNIST's conditions; the first step, to which nothing is given, the second, the last of one token");
    segments(v, "language/prompt_par_pictures", SPAE_TEMPLATE_PAR, &spaced, false, "conditions that are pictures; pieces");
    segments(v, "language/prompt_par_newline", SPAE_TEMPLATE_PAR, &newline, true, "a word is a newline: nothing stops an answer");
    segments(v, "language/prompt_pnar", SPAE_TEMPLATE_PNAR, &plain, false, "two segments, given the same");
    window(v);
    vectors_answers(v);
}
