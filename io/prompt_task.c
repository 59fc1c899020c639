/* The templates of the paper's B.2, line by line: prompt.h. Every line of a prompt but the last ends with a newline, the last
 * with its last visible character. SPEC 10.12 to 10.15 */
#include <stdio.h>
#include <string.h>

#include "io/prompt.h"

/* SPEC 10.16 */
const spae_template_facts spae_template_table[SPAE_TEMPLATES] = {
    {"gpt35", 1, 7, NULL}, {"palm2", 1, 4, NULL}, {"caption", 1, 20, "\n"},
    {"vqa", 1, 4, "\n"},   {"par", 8, 0, "\n"},   {"pnar", 8, 0, "\n"},
};

/* Table 1: task induction, ways, inner shots, repeats. */
const spae_few_shot spae_few_shot_settings[SPAE_FEW_SHOT_SETTINGS] = {
    {false, 2, 1, 0}, {true, 2, 1, 0}, {true, 2, 3, 0}, {true, 2, 5, 0}, {true, 2, 1, 1}, {true, 2, 1, 3}, {true, 2, 1, 5},
    {false, 5, 1, 0}, {true, 5, 1, 0}, {true, 5, 3, 0}, {true, 5, 5, 0}, {true, 5, 1, 1}, {true, 5, 1, 3}, {true, 5, 1, 5},
};

/* Text from the caller, which must stay within its line. */
static void line_text(spae_prompt *prompt, const char *text)
{
    char quote[SPAE_WORDS_QUOTE];
    if (strchr(text, '\n') != NULL && prompt->failure.status == SPAE_OK)
        spae_fail(&prompt->failure, SPAE_ERR_ARGUMENT, "prompt: %s: a newline would end the line of the template",
                  spae_words_quote(text, strlen(text), quote));
    spae_prompt_text(prompt, text);
}

/* The prompt is whole: what is asked with it. */
static spae_status finish(spae_prompt *prompt, spae_template template, spae_request *request, spae_error *err)
{
    const spae_template_facts *facts = &spae_template_table[template];
    spae_request made = {.samples = facts->samples, .max_tokens = facts->max_tokens, .stop = facts->stop};
    const spae_status status = spae_prompt_end(prompt, &made, err);
    if (status == SPAE_OK)
        *request = made;
    return status;
}

/* ---- classification ---------------------------------------------------------------------------------- */

/* SPEC 10.13: ['lion', 'vase'] */
static void gpt35_induction(spae_prompt *prompt, const char *const *label, size_t ways)
{
    spae_prompt_text(prompt, "For each of the following input output pairs, output is one of [");
    for (size_t w = 0; w < ways; w++) {
        spae_prompt_text(prompt, w > 0 ? ", '" : "'");
        line_text(prompt, label[w]);
        spae_prompt_text(prompt, "'");
    }
    spae_prompt_text(prompt, "]\n");
}

/* SPEC 10.13: "lion" or "vase"; of more, "lion", "vase" or "bowl" */
static void palm2_induction(spae_prompt *prompt, const char *const *label, size_t ways)
{
    spae_prompt_text(prompt, "Answer with ");
    for (size_t w = 0; w < ways; w++) {
        spae_prompt_text(prompt, w == 0 ? "\"" : w + 1 < ways ? ", \"" : " or \"");
        line_text(prompt, label[w]);
        spae_prompt_text(prompt, "\"");
    }
    spae_prompt_text(prompt, ".\n");
}

static void gpt35_example(spae_prompt *prompt, spae_string string, const char *label)
{
    spae_prompt_text(prompt, "###\nInput: ");
    spae_prompt_string(prompt, string);
    spae_prompt_text(prompt, "\nOutput: ");
    line_text(prompt, label);
    spae_prompt_text(prompt, "\n");
}

static void palm2_example(spae_prompt *prompt, spae_string string, const char *label)
{
    spae_prompt_string(prompt, string);
    spae_prompt_text(prompt, "\nThis is a ");
    line_text(prompt, label);
    spae_prompt_text(prompt, "\n");
}

static void gpt35_query(spae_prompt *prompt, spae_string query)
{
    spae_prompt_text(prompt, "###\nInput: ");
    spae_prompt_string(prompt, query);
    spae_prompt_text(prompt, "\nOutput:");
}

/* "What is this? #Only used in 5-way 3/5-shot setups": behind # the paper speaks to its reader [ours]. */
static void palm2_query(spae_prompt *prompt, const spae_few_shot *setting, spae_string query)
{
    spae_prompt_string(prompt, query);
    spae_prompt_text(prompt, "\n");
    if (setting->ways == 5 && (setting->shots == 3 || setting->shots == 5))
        spae_prompt_text(prompt, "What is this?\n");
    spae_prompt_text(prompt, "This is a");
}

spae_status spae_prompt_classify(const spae_lexicon *lexicon, spae_template template, const spae_few_shot *setting,
                                 const char *const *label, const spae_string *support, spae_string query,
                                 spae_arena *arena, spae_request *request, spae_error *err)
{
    const bool gpt35 = template == SPAE_TEMPLATE_GPT35;
    spae_prompt prompt = spae_prompt_start(lexicon, arena);
    if (setting->induction)
        (gpt35 ? gpt35_induction : palm2_induction)(&prompt, label, setting->ways);
    for (size_t round = 0; round <= setting->repeats; round++)
        for (size_t i = 0; i < setting->shots * setting->ways; i++)
            (gpt35 ? gpt35_example : palm2_example)(&prompt, support[i], label[i % setting->ways]);
    if (gpt35)
        gpt35_query(&prompt, query);
    else
        palm2_query(&prompt, setting, query);
    return finish(&prompt, template, request, err);
}

/* ---- captions, questions ----------------------------------------------------------------------------- */

/* "Q: <string>" and "A:"; with a question "C: <string>", "Q: <question>" and "A:". */
static void describe_picture(spae_prompt *prompt, spae_template template, const spae_prompt_example *example)
{
    spae_prompt_text(prompt, template == SPAE_TEMPLATE_VQA ? "C: " : "Q: ");
    spae_prompt_string(prompt, example->string);
    if (template == SPAE_TEMPLATE_VQA) {
        spae_prompt_text(prompt, "\nQ: ");
        line_text(prompt, example->question);
    }
    spae_prompt_text(prompt, "\nA:");
}

spae_status spae_prompt_describe(const spae_lexicon *lexicon, spae_template template, const spae_prompt_example *example,
                                 size_t count, const spae_prompt_example *query, spae_arena *arena, spae_request *request,
                                 spae_error *err)
{
    spae_prompt prompt = spae_prompt_start(lexicon, arena);
    spae_prompt_text(&prompt, template == SPAE_TEMPLATE_VQA
                                  ? "Answer with a single word.\n"
                                  : "Generate a caption sentence based on words describing an image.\n");
    for (size_t i = 0; i < count; i++) {
        describe_picture(&prompt, template, &example[i]);
        spae_prompt_text(&prompt, " ");
        line_text(&prompt, example[i].answer);
        spae_prompt_text(&prompt, "\n");
    }
    describe_picture(&prompt, template, query);
    return finish(&prompt, template, request, err);
}

/* ---- generation -------------------------------------------------------------------------------------- */

static void segment_instruction(spae_prompt *prompt, spae_template template, size_t count)
{
    char line[100];
    snprintf(line, sizeof line, "Learn a new language and predict the %zu tokens following the examples.\n", count);
    spae_prompt_text(prompt, template == SPAE_TEMPLATE_PAR ? line : "Predict the outputs following the examples.\n");
}

/* "C: <condition>" (PAR), "Q: <the first tokens>" and "A:". */
static void segment_question(spae_prompt *prompt, spae_template template, const spae_prompt_pair *pair, size_t given)
{
    if (template == SPAE_TEMPLATE_PAR) {
        spae_prompt_text(prompt, "C: ");
        if (pair->text != NULL)
            line_text(prompt, pair->text);
        else
            spae_prompt_string(prompt, pair->string);
        spae_prompt_text(prompt, "\n");
    }
    spae_prompt_text(prompt, "Q: ");
    spae_prompt_string(prompt, (spae_string){pair->target, given});
    spae_prompt_text(prompt, "\nA:");
}

/* SPEC 10.16: how many tokens of the language model an answer of `count` SPAE tokens may take. */
static size_t segment_most(const spae_lexicon *lexicon, size_t count)
{
    if (lexicon->tokenizer == NULL)
        return 4 * count;
    return lexicon->join == SPAE_JOIN_PLAIN ? count : count + 1;
}

spae_status spae_prompt_segment(const spae_lexicon *lexicon, spae_template template, const spae_prompt_pair *example,
                                size_t examples, const spae_prompt_pair *query, const spae_segment *segment, spae_arena *arena,
                                spae_request *request, spae_error *err)
{
    spae_prompt prompt = spae_prompt_start(lexicon, arena);
    segment_instruction(&prompt, template, segment->count);
    for (size_t i = 0; i < examples; i++) {
        segment_question(&prompt, template, &example[i], segment->given);
        spae_prompt_text(&prompt, " ");
        spae_prompt_string(&prompt, (spae_string){example[i].target + segment->first, segment->count});
        spae_prompt_text(&prompt, "\n");
    }
    segment_question(&prompt, template, query, segment->given);
    const spae_status status = finish(&prompt, template, request, err);
    if (status == SPAE_OK) {
        request->max_tokens = segment_most(lexicon, segment->count);
        request->stop = lexicon->newline ? NULL : request->stop;
    }
    return status;
}

const char *spae_condition_image_of(const char *what, spae_arena *arena)
{
    static const char start[] = "an image of ";
    char *text = spae_arena_take(arena, sizeof start + strlen(what), 1);
    if (text != NULL)
        strcat(strcpy(text, start), what);
    return text;
}
