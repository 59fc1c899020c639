/* Prompts (the paper's B.2): SPAE strings within text, the templates of every task, and what is asked with each.
 * SPEC 10.10 to 10.16.
 *
 * A prompt is built twice from the same pieces, as text and as ids of the language model's vocabulary: literal text between
 * two SPAE strings is encoded as a whole, a SPAE token is one id (io/lexicon.h), so no token is split again on the way.
 *
 *     spae_lexicon_open(model.word, V, SPAE_JOINS, language->tokenizer, &arena, &lexicon, err)
 *     spae_prompt_classify(&lexicon, SPAE_TEMPLATE_GPT35, &spae_few_shot_settings[1], label, support, query, &arena, &request, err)
 *     language->sample(language, &request, 1, &arena, &answer, err)
 *     spae_answer_label(answer.text, answer.length, label, 2, &which)                 io/prompt_answer.h
 */
#ifndef SPAE_IO_PROMPT_H
#define SPAE_IO_PROMPT_H

#include "io/language_model.h"
#include "io/lexicon.h"
#include "spae.h"

/* ---- pieces ------------------------------------------------------------------------------------------ */

/* Tokens of one picture as they stand in a prompt: layer by layer, each in raster order (the order of spae_encode). */
typedef struct {
    const int32_t *token; /* (count) 0 .. V-1, borrowed */
    size_t count;
} spae_string;

/* Numbers that grow in an arena. */
typedef struct {
    int32_t *item; /* (count) */
    size_t count, room;
} spae_prompt_ids;

/* A prompt that grows. The first failure is kept and told at the end, so the calls between need no checks. */
typedef struct {
    const spae_lexicon *lexicon;
    spae_arena *arena;
    spae_page text, literal; /* all so far; the literal text since the last SPAE string */
    spae_prompt_ids id, token; /* what has been encoded, and the SPAE tokens in it; both only with a tokenizer */
    spae_error failure;
} spae_prompt;

spae_prompt spae_prompt_start(const spae_lexicon *lexicon, spae_arena *arena);
void spae_prompt_text(spae_prompt *prompt, const char *text);
void spae_prompt_string(spae_prompt *prompt, spae_string string);

/* Ends it: text, length, id and ids of the request, in the arena; nothing else of it is touched.
 *   err  SPAE_ERR_ARGUMENT  a token outside the SPAE vocabulary, or words that the language model lacks (spae_lexicon_check)
 *        SPAE_ERR_FORMAT    text that the language model's vocabulary cannot say
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_prompt_end(spae_prompt *prompt, spae_request *request, spae_error *err);

/* ---- templates --------------------------------------------------------------------------------------- */

typedef enum {
    SPAE_TEMPLATE_GPT35, /* classification with GPT 3.5: LQAE's */
    SPAE_TEMPLATE_PALM2, /* classification with PaLM 2: mini-ImageNet's */
    SPAE_TEMPLATE_CAPTION,
    SPAE_TEMPLATE_VQA,
    SPAE_TEMPLATE_PAR,
    SPAE_TEMPLATE_PNAR,
    SPAE_TEMPLATES
} spae_template;

/* What is asked with each; all begin greedily, temperature 0. [paper] but for the stop of PAR and PNAR [ours]: the line of
 * tokens ends where the template's does. It is left out where a word of the vocabulary has a newline. */
typedef struct {
    const char *name;  /* "gpt35", "palm2", "caption", "vqa", "par", "pnar" */
    size_t samples;    /* 1, or 8 of PAR and PNAR */
    size_t max_tokens; /* 0: the segment's, see spae_prompt_segment */
    const char *stop;  /* NULL: none */
} spae_template_facts;

extern const spae_template_facts spae_template_table[SPAE_TEMPLATES];

/* One example of a context. */
typedef struct {
    spae_string string;
    const char *question; /* of VQA; NULL elsewhere */
    const char *answer;   /* its label, caption or answer; of a query NULL */
} spae_prompt_example;

/* A setting of few-shot classification (4.2; the rows above Table 1). */
typedef struct {
    bool induction;  /* is the space of answers said before the examples? */
    size_t ways;     /* classes, >= 1 */
    size_t shots;    /* inner shots: different examples of each class, >= 0 */
    size_t repeats;  /* how often the examples come again: each stands 1 + repeats times in the prompt */
} spae_few_shot;

/* Table 1, left to right: the seven settings of 2 ways, then those of 5 ways. */
#define SPAE_FEW_SHOT_SETTINGS 14
extern const spae_few_shot spae_few_shot_settings[SPAE_FEW_SHOT_SETTINGS];

/* ---- tasks ------------------------------------------------------------------------------------------- *
 * Each fills the whole request: the prompt in the arena; samples, temperature 0, max_tokens and stop of the template; seed
 * and number 0, for the caller to set. Errors are those of spae_prompt_end, and
 *        SPAE_ERR_ARGUMENT  text with a newline in a label, caption, question, answer or condition: it would end the line
 */

/* Which class has the query?                                                                  SPEC 10.13
 *   in   template  GPT35 or PALM2
 *        label     (ways), in the order in which they are named
 *        support   (shots * ways) example s of class w at s * ways + w: in this order they stand in the prompt, 1 + repeats
 *                  times the whole */
spae_status spae_prompt_classify(const spae_lexicon *lexicon, spae_template template, const spae_few_shot *setting,
                                 const char *const *label, const spae_string *support, spae_string query,
                                 spae_arena *arena, spae_request *request, spae_error *err);

/* What is in the picture?                                                                     SPEC 10.14
 *   in   template  CAPTION or VQA
 *        example   (count) with answers, with questions where the template is VQA
 *        query     its answer is not looked at */
spae_status spae_prompt_describe(const spae_lexicon *lexicon, spae_template template, const spae_prompt_example *example,
                                 size_t count, const spae_prompt_example *query, spae_arena *arena, spae_request *request,
                                 spae_error *err);

/* A pair of Eq. 10: a condition u, text or the SPAE string of a picture, and the target v. */
typedef struct {
    const char *text;   /* NULL: `string` is the condition */
    spae_string string;
    const int32_t *target; /* of an example all its tokens up to the segment's end; of a query the `given` first ones */
} spae_prompt_pair;

/* The segment of v that is asked for (Eq. 11): its first, count and given.                     SPEC 10.15
 *   in   template  PAR: C: condition, Q: target[0 .. given-1], A: target[first .. first+count-1]
 *                  PNAR: Q: target[0 .. given-1], A: as above; conditions are not looked at
 *        example   (examples)
 *   out  request   max_tokens: with ids `count`, and one more for the space behind "A:" where words carry their own; without
 *                  4*count, as an unknown vocabulary may split words [ours] */
spae_status spae_prompt_segment(const spae_lexicon *lexicon, spae_template template, const spae_prompt_pair *example,
                                size_t examples, const spae_prompt_pair *query, const spae_segment *segment, spae_arena *arena,
                                spae_request *request, spae_error *err);

/* "an image of K": the condition of MNIST's digits, in the arena; NULL: no memory. K is any text: "7", "1+7". [paper] */
const char *spae_condition_image_of(const char *what, spae_arena *arena);

/* ---- does it fit? ------------------------------------------------------------------------------------ */

/* A number of the setting that makes a prompt longer. */
typedef struct {
    const char *name;     /* "repeats", "shots", "layers", "examples" */
    size_t value, least;  /* as it is; the least it may be */
} spae_prompt_knob;

#define SPAE_PROMPT_KNOBS 8 /* most of one task */

/* Builds the prompt with other values of the knobs, in their order. */
typedef struct {
    spae_status (*build)(const void *context, const size_t *value, spae_arena *arena, spae_request *request, spae_error *err);
    const void *context;
    const spae_prompt_knob *knob;
    size_t knobs; /* 0 .. SPAE_PROMPT_KNOBS */
} spae_prompt_maker;

/* By how many tokens prompt and continuation together are beyond a window; 0: they fit, or the window (0) or the ids are not
 * known.                                                                                       SPEC 10.17 */
size_t spae_prompt_beyond(const spae_request *request, size_t window);

/* Refuses a request whose prompt and continuation are longer than the language model's window, and says which settings
 * would fit: of each knob alone the largest value that does, the others as they are; failing that, all of them together.
 *     "prompt: 5210 tokens and 4 to come are 1118 beyond the window of 4096; repeats 3, or shots 2 would fit"
 *   err  SPAE_ERR_ARGUMENT  it does not fit;  SPAE_ERR_NO_MEMORY */
spae_status spae_prompt_fits(const spae_request *request, size_t window, const spae_prompt_maker *maker, spae_arena *arena,
                             spae_error *err);

#endif
