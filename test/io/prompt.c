/* io/prompt: every template of the paper's B.2, written out; the same as ids; what does not fit, or cannot be said. */
#include "bytes.h"

#include "../../io/prompt.h"
#include "../vectors/hosted/byte_tokenizer.h"

enum { WORDS = 6 };
static const char *const plain[WORDS] = {"dog", "sun", "moon", "red", "sky", "lake"};
static const char *const spaced[WORDS] = {" dog", "sun", " moon", "red", "ing", " lake"};
static const char *const marked[WORDS] = {"\xE2\x96\x81" "dog", "sun", "\xE2\x96\x81moon", "a\xE2\x96\x81" "b", "ing", "\xE2\x96\x81"};

static const int32_t tokens[] = {0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5};
static const char *const labels[] = {"lion", "vase", "bowl", "crab", "bus"};

static spae_string string_at(size_t first, size_t count)
{
    return (spae_string){tokens + first, count};
}

static spae_lexicon open_lexicon(spae_arena *arena, const char *const *word, const spae_tokenizer *tokenizer)
{
    spae_lexicon lexicon;
    ck_assert_int_eq(spae_lexicon_open(word, WORDS, SPAE_JOINS, tokenizer, arena, &lexicon, NULL), SPAE_OK);
    return lexicon;
}

static void same_text(const spae_request *request, const char *due)
{
    ck_assert_msg(strcmp(request->text, due) == 0, "is\n%s\ndue\n%s", request->text, due);
    ck_assert_uint_eq(request->length, strlen(due));
}

/* ---- classification ---------------------------------------------------------------------------------- */

/* Example i has the tokens i mod 6 and the next, the query 3, 4, 5. */
static spae_request classify(const spae_lexicon *lexicon, spae_template template, spae_few_shot setting, spae_arena *arena)
{
    spae_error err;
    spae_request request;
    spae_string support[25];
    for (size_t i = 0; i < 25; i++)
        support[i] = string_at(i % 6, 2);
    ck_assert_msg(spae_prompt_classify(lexicon, template, &setting, labels, support, string_at(3, 3), arena, &request, &err) ==
                      SPAE_OK,
                  "%s", err.text);
    ck_assert_uint_eq(request.samples, 1);
    ck_assert(request.temperature == 0 && request.stop == NULL && request.seed == 0 && request.number == 0);
    ck_assert_uint_eq(request.max_tokens, template == SPAE_TEMPLATE_GPT35 ? 7 : 4);
    return request;
}

START_TEST(gpt35)
{
    spae_arena arena = new_arena();
    const spae_lexicon lexicon = open_lexicon(&arena, plain, NULL);
    spae_request r = classify(&lexicon, SPAE_TEMPLATE_GPT35, (spae_few_shot){true, 2, 1, 0}, &arena);
    same_text(&r, "For each of the following input output pairs, output is one of ['lion', 'vase']\n"
                  "###\n"
                  "Input: dog sun\n"
                  "Output: lion\n"
                  "###\n"
                  "Input: sun moon\n"
                  "Output: vase\n"
                  "###\n"
                  "Input: red sky lake\n"
                  "Output:");
    ck_assert(r.id == NULL && r.ids == 0);
    r = classify(&lexicon, SPAE_TEMPLATE_GPT35, (spae_few_shot){false, 2, 1, 0}, &arena);
    same_text(&r, "###\n"
                  "Input: dog sun\n"
                  "Output: lion\n"
                  "###\n"
                  "Input: sun moon\n"
                  "Output: vase\n"
                  "###\n"
                  "Input: red sky lake\n"
                  "Output:");
    r = classify(&lexicon, SPAE_TEMPLATE_GPT35, (spae_few_shot){true, 5, 1, 1}, &arena);
    same_text(&r, "For each of the following input output pairs, output is one of ['lion', 'vase', 'bowl', 'crab', 'bus']\n"
                  "###\nInput: dog sun\nOutput: lion\n"
                  "###\nInput: sun moon\nOutput: vase\n"
                  "###\nInput: moon red\nOutput: bowl\n"
                  "###\nInput: red sky\nOutput: crab\n"
                  "###\nInput: sky lake\nOutput: bus\n"
                  "###\nInput: dog sun\nOutput: lion\n"
                  "###\nInput: sun moon\nOutput: vase\n"
                  "###\nInput: moon red\nOutput: bowl\n"
                  "###\nInput: red sky\nOutput: crab\n"
                  "###\nInput: sky lake\nOutput: bus\n"
                  "###\nInput: red sky lake\nOutput:");
    r = classify(&lexicon, SPAE_TEMPLATE_GPT35, (spae_few_shot){true, 2, 3, 0}, &arena);
    same_text(&r, "For each of the following input output pairs, output is one of ['lion', 'vase']\n"
                  "###\nInput: dog sun\nOutput: lion\n"
                  "###\nInput: sun moon\nOutput: vase\n"
                  "###\nInput: moon red\nOutput: lion\n"
                  "###\nInput: red sky\nOutput: vase\n"
                  "###\nInput: sky lake\nOutput: lion\n"
                  "###\nInput: lake dog\nOutput: vase\n"
                  "###\nInput: red sky lake\nOutput:");
    r = classify(&lexicon, SPAE_TEMPLATE_GPT35, (spae_few_shot){true, 1, 0, 3}, &arena);
    same_text(&r, "For each of the following input output pairs, output is one of ['lion']\n"
                  "###\nInput: red sky lake\nOutput:");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(palm2)
{
    spae_arena arena = new_arena();
    const spae_lexicon lexicon = open_lexicon(&arena, plain, NULL);
    spae_request r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){true, 2, 1, 0}, &arena);
    same_text(&r, "Answer with \"lion\" or \"vase\".\n"
                  "dog sun\n"
                  "This is a lion\n"
                  "sun moon\n"
                  "This is a vase\n"
                  "red sky lake\n"
                  "This is a");
    r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){false, 2, 1, 1}, &arena);
    same_text(&r, "dog sun\n"
                  "This is a lion\n"
                  "sun moon\n"
                  "This is a vase\n"
                  "dog sun\n"
                  "This is a lion\n"
                  "sun moon\n"
                  "This is a vase\n"
                  "red sky lake\n"
                  "This is a");
    r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){true, 5, 1, 0}, &arena);
    same_text(&r, "Answer with \"lion\", \"vase\", \"bowl\", \"crab\" or \"bus\".\n"
                  "dog sun\nThis is a lion\n"
                  "sun moon\nThis is a vase\n"
                  "moon red\nThis is a bowl\n"
                  "red sky\nThis is a crab\n"
                  "sky lake\nThis is a bus\n"
                  "red sky lake\nThis is a");
    r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){true, 5, 3, 0}, &arena);
    same_text(&r, "Answer with \"lion\", \"vase\", \"bowl\", \"crab\" or \"bus\".\n"
                  "dog sun\nThis is a lion\n"
                  "sun moon\nThis is a vase\n"
                  "moon red\nThis is a bowl\n"
                  "red sky\nThis is a crab\n"
                  "sky lake\nThis is a bus\n"
                  "lake dog\nThis is a lion\n"
                  "dog sun\nThis is a vase\n"
                  "sun moon\nThis is a bowl\n"
                  "moon red\nThis is a crab\n"
                  "red sky\nThis is a bus\n"
                  "sky lake\nThis is a lion\n"
                  "lake dog\nThis is a vase\n"
                  "dog sun\nThis is a bowl\n"
                  "sun moon\nThis is a crab\n"
                  "moon red\nThis is a bus\n"
                  "red sky lake\n"
                  "What is this?\n"
                  "This is a");
    r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){true, 1, 1, 0}, &arena);
    same_text(&r, "Answer with \"lion\".\ndog sun\nThis is a lion\nred sky lake\nThis is a");
    spae_arena_free(&arena);
}
END_TEST

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

/* Table 1: what stands above its columns, and that the prompts have as many examples. */
START_TEST(settings)
{
    spae_arena arena = new_arena();
    const spae_lexicon lexicon = open_lexicon(&arena, plain, NULL);
    static const size_t shots[7] = {1, 1, 3, 5, 1, 1, 1}, repeats[7] = {0, 0, 0, 0, 1, 3, 5};
    ck_assert_int_eq(SPAE_FEW_SHOT_SETTINGS, 14);
    for (size_t i = 0; i < 14; i++) {
        const spae_few_shot s = spae_few_shot_settings[i];
        const size_t ways = i < 7 ? 2 : 5, examples = ways * shots[i % 7] * (1 + repeats[i % 7]);
        ck_assert(s.induction == (i % 7 != 0) && s.ways == ways && s.shots == shots[i % 7] && s.repeats == repeats[i % 7]);
        const char *gpt = classify(&lexicon, SPAE_TEMPLATE_GPT35, s, &arena).text;
        const char *palm = classify(&lexicon, SPAE_TEMPLATE_PALM2, s, &arena).text;
        ck_assert_uint_eq(count_of(gpt, "###\nInput: "), examples + 1);
        ck_assert_uint_eq(count_of(palm, "\nThis is a"), examples + 1);
        ck_assert_uint_eq(count_of(palm, "\nWhat is this?\n"), i == 9 || i == 10);
        ck_assert(strncmp(gpt, "For each", 8) == 0 ? s.induction : !s.induction);
        ck_assert(strncmp(palm, "Answer with", 11) == 0 ? s.induction : !s.induction);
    }
    spae_arena_free(&arena);
}
END_TEST

/* ---- captions, questions, generation ----------------------------------------------------------------- */

START_TEST(captions_and_questions)
{
    spae_arena arena = new_arena();
    const spae_lexicon lexicon = open_lexicon(&arena, plain, NULL);
    const spae_prompt_example example[2] = {{string_at(0, 3), "What is it?", "a dog in the sun"},
                                     {string_at(3, 2), "Which colour?", "red"}};
    const spae_prompt_example query = {string_at(2, 1), "What shines?", NULL};
    spae_request r;
    ck_assert_int_eq(spae_prompt_describe(&lexicon, SPAE_TEMPLATE_CAPTION, example, 2, &query, &arena, &r, NULL), SPAE_OK);
    same_text(&r, "Generate a caption sentence based on words describing an image.\n"
                  "Q: dog sun moon\n"
                  "A: a dog in the sun\n"
                  "Q: red sky\n"
                  "A: red\n"
                  "Q: moon\n"
                  "A:");
    ck_assert(r.max_tokens == 20 && r.samples == 1 && r.temperature == 0 && strcmp(r.stop, "\n") == 0);
    ck_assert_int_eq(spae_prompt_describe(&lexicon, SPAE_TEMPLATE_VQA, example, 2, &query, &arena, &r, NULL), SPAE_OK);
    same_text(&r, "Answer with a single word.\n"
                  "C: dog sun moon\n"
                  "Q: What is it?\n"
                  "A: a dog in the sun\n"
                  "C: red sky\n"
                  "Q: Which colour?\n"
                  "A: red\n"
                  "C: moon\n"
                  "Q: What shines?\n"
                  "A:");
    ck_assert(r.max_tokens == 4 && r.samples == 1 && r.temperature == 0 && strcmp(r.stop, "\n") == 0);
    ck_assert_int_eq(spae_prompt_describe(&lexicon, SPAE_TEMPLATE_CAPTION, NULL, 0, &query, &arena, &r, NULL), SPAE_OK);
    same_text(&r, "Generate a caption sentence based on words describing an image.\nQ: moon\nA:");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(segments)
{
    spae_arena arena = new_arena();
    const spae_lexicon lexicon = open_lexicon(&arena, plain, NULL);
    const spae_prompt_pair example[2] = {{spae_condition_image_of("7", &arena), {NULL, 0}, tokens},
                                  {NULL, string_at(2, 2), tokens + 1}};
    const spae_prompt_pair query = {"an image of 1+7", {NULL, 0}, tokens + 2};
    spae_request r;
    ck_assert_int_eq(spae_prompt_segment(&lexicon, SPAE_TEMPLATE_PAR, example, 2, &query, &(spae_segment){0, 4, 4, 4}, &arena, &r, NULL), SPAE_OK);
    same_text(&r, "Learn a new language and predict the 4 tokens following the examples.\n"
                  "C: an image of 7\n"
                  "Q: dog sun moon red\n"
                  "A: sky lake dog sun\n"
                  "C: moon red\n"
                  "Q: sun moon red sky\n"
                  "A: lake dog sun moon\n"
                  "C: an image of 1+7\n"
                  "Q: moon red sky lake\n"
                  "A:");
    ck_assert(r.samples == 8 && r.temperature == 0 && r.max_tokens == 16 && strcmp(r.stop, "\n") == 0);
    ck_assert_int_eq(spae_prompt_segment(&lexicon, SPAE_TEMPLATE_PAR, example, 1, &query, &(spae_segment){0, 0, 1, 0}, &arena, &r, NULL), SPAE_OK);
    same_text(&r, "Learn a new language and predict the 1 tokens following the examples.\n"
                  "C: an image of 7\n"
                  "Q: \n"
                  "A: dog\n"
                  "C: an image of 1+7\n"
                  "Q: \n"
                  "A:");
    ck_assert_int_eq(spae_prompt_segment(&lexicon, SPAE_TEMPLATE_PNAR, example, 2, &query, &(spae_segment){0, 6, 2, 5}, &arena, &r, NULL), SPAE_OK);
    same_text(&r, "Predict the outputs following the examples.\n"
                  "Q: dog sun moon red sky\n"
                  "A: dog sun\n"
                  "Q: sun moon red sky lake\n"
                  "A: sun moon\n"
                  "Q: moon red sky lake dog\n"
                  "A:");
    ck_assert(r.samples == 8 && r.temperature == 0 && r.max_tokens == 8 && strcmp(r.stop, "\n") == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(template_facts)
{
    static const char *const names[] = {"gpt35", "palm2", "caption", "vqa", "par", "pnar"};
    static const size_t most[] = {7, 4, 20, 4, 0, 0}, samples[] = {1, 1, 1, 1, 8, 8};
    ck_assert_int_eq(SPAE_TEMPLATES, 6);
    for (size_t i = 0; i < 6; i++) {
        const spae_template_facts *f = &spae_template_table[i];
        ck_assert_str_eq(f->name, names[i]);
        ck_assert(f->max_tokens == most[i] && f->samples == samples[i]);
        ck_assert(i < 2 ? f->stop == NULL : strcmp(f->stop, "\n") == 0);
    }
}
END_TEST

/* ---- ids --------------------------------------------------------------------------------------------- */

/* The ids as they stand: bytes as they are, words of the language model as <0>, <1>, .. */
static void same_ids(const spae_request *request, const char *due)
{
    char shown[600] = "";
    ck_assert(request->id != NULL);
    for (size_t i = 0, at = 0; i < request->ids; i++)
        at += (size_t)snprintf(shown + at, sizeof shown - at, request->id[i] < 256 ? "%c" : "<%d>",
                               request->id[i] < 256 ? request->id[i] : request->id[i] - 256);
    ck_assert_msg(strcmp(shown, due) == 0, "is\n%s\ndue\n%s", shown, due);
}

/* Plain words: " dog" says the space before it, "sun" is there alone; " moon" and "moon" both are. */
START_TEST(ids_of_plain_words)
{
    static const char *const model[] = {" dog", "sun", "moon", " moon", " red", " sky", " lake"};
    spae_arena arena = new_arena();
    byte_tokenizer model_bytes;
    const spae_tokenizer *tokenizer = byte_tokenizer_of(&model_bytes, model, 7);
    const spae_lexicon lexicon = open_lexicon(&arena, plain, tokenizer);
    ck_assert_int_eq(lexicon.join, SPAE_JOIN_PLAIN);
    const int32_t due[WORDS] = {256, 257, 259, 260, 261, 262};
    ck_assert(memcmp(lexicon.id, due, sizeof due) == 0);
    ck_assert(lexicon.token[259] == 2 && lexicon.token[258] == -1 && lexicon.token['m'] == -1);
    spae_request r = classify(&lexicon, SPAE_TEMPLATE_GPT35, (spae_few_shot){false, 2, 1, 0}, &arena);
    same_ids(&r, "###\nInput:<0><1>\nOutput: lion\n###\nInput: <1><3>\nOutput: vase\n###\nInput:<4><5><6>\nOutput:");
    ck_assert(strstr(r.text, "Input: dog sun\n") != NULL);
    r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){false, 2, 1, 0}, &arena);
    same_ids(&r, "<0><1>\nThis is a lion\n<1><3>\nThis is a vase\n<4><5><6>\nThis is a");
    const spae_prompt_pair pair = {"c", {NULL, 0}, tokens};
    ck_assert_int_eq(spae_prompt_segment(&lexicon, SPAE_TEMPLATE_PAR, NULL, 0, &pair, &(spae_segment){0, 1, 3, 1}, &arena, &r, NULL), SPAE_OK);
    same_ids(&r, "Learn a new language and predict the 3 tokens following the examples.\nC: c\nQ:<0>\nA:");
    ck_assert_uint_eq(r.max_tokens, 3);
    spae_arena_free(&arena);
}
END_TEST

/* Pieces with spaces of their own: text and ids are those of the pieces, nothing between. */
START_TEST(ids_of_pieces)
{
    static const char *const model[] = {" moon", "sun", " dog", "red", "ing", " lake"};
    spae_arena arena = new_arena();
    byte_tokenizer model_bytes;
    const spae_lexicon lexicon = open_lexicon(&arena, spaced, byte_tokenizer_of(&model_bytes, model, 6));
    ck_assert_int_eq(lexicon.join, SPAE_JOIN_SPACED);
    spae_request r = classify(&lexicon, SPAE_TEMPLATE_GPT35, (spae_few_shot){false, 2, 1, 0}, &arena);
    same_text(&r, "###\nInput:  dogsun\nOutput: lion\n###\nInput: sun moon\nOutput: vase\n###\nInput: reding lake\nOutput:");
    same_ids(&r, "###\nInput: <2><1>\nOutput: lion\n###\nInput: <1><0>\nOutput: vase\n###\nInput: <3><4><5>\nOutput:");
    char *text = NULL;
    size_t length = 0;
    ck_assert_int_eq(model_bytes.tokenizer.decode(&model_bytes.tokenizer, r.id, r.ids, &arena, &text, &length, NULL), SPAE_OK);
    ck_assert_str_eq(text, r.text);
    const spae_prompt_pair pair = {"c", {NULL, 0}, tokens};
    ck_assert_int_eq(spae_prompt_segment(&lexicon, SPAE_TEMPLATE_PNAR, NULL, 0, &pair, &(spae_segment){0, 3, 3, 2}, &arena, &r, NULL), SPAE_OK);
    ck_assert_uint_eq(r.max_tokens, 4); /* the space behind A: is a token too */
    spae_arena_free(&arena);
}
END_TEST

START_TEST(ids_of_marked_pieces)
{
    static const char *const model[] = {" dog", "sun", " moon", "a b", "ing"};
    spae_arena arena = new_arena();
    byte_tokenizer model_bytes;
    const spae_lexicon lexicon = open_lexicon(&arena, marked, byte_tokenizer_of(&model_bytes, model, 5));
    ck_assert_int_eq(lexicon.join, SPAE_JOIN_MARKED);
    spae_request r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){true, 2, 1, 0}, &arena);
    same_text(&r, "Answer with \"lion\" or \"vase\".\n dogsun\nThis is a lion\nsun moon\nThis is a vase\na bing \nThis is a");
    same_ids(&r, "Answer with \"lion\" or \"vase\".\n<0><1>\nThis is a lion\n<1><2>\nThis is a vase\n<3><4> \nThis is a");
    spae_arena_free(&arena);
}
END_TEST

static spae_status encode_behind_space(const spae_tokenizer *t, const char *text, size_t length, spae_arena *arena, int32_t **id,
                                       size_t *count, spae_error *err)
{
    char behind[200] = " ";
    memcpy(behind + 1, text, length);
    return byte_encode(t, behind, length + 1, arena, id, count, err);
}

/* A tokenizer that puts a space before every text, as SentencePiece's do: it is said at the prompt's beginning only. */
START_TEST(ids_without_further_spaces)
{
    static const char *const model[] = {" dog", "sun", " moon", "a b", "ing"};
    spae_arena arena = new_arena();
    byte_tokenizer model_bytes;
    byte_tokenizer_of(&model_bytes, model, 5);
    model_bytes.tokenizer.encode = encode_behind_space;
    const spae_lexicon lexicon = open_lexicon(&arena, marked, &model_bytes.tokenizer);
    spae_request r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){true, 2, 1, 0}, &arena);
    same_ids(&r, " Answer with \"lion\" or \"vase\".\n<0><1>\nThis is a lion\n<1><2>\nThis is a vase\n<3><4> \nThis is a");
    r = classify(&lexicon, SPAE_TEMPLATE_PALM2, (spae_few_shot){false, 1, 1, 0}, &arena);
    same_ids(&r, "<0><1>\nThis is a lion\n<3><4> \nThis is a");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(joins)
{
    static const char *const both[] = {"\xE2\x96\x81", " the"}, *const inside[] = {"a b", "c\xE2\x96\x81"}, *const none[] = {""};
    ck_assert_int_eq(spae_join_of(plain, WORDS), SPAE_JOIN_PLAIN);
    ck_assert_int_eq(spae_join_of(spaced, WORDS), SPAE_JOIN_SPACED);
    ck_assert_int_eq(spae_join_of(marked, WORDS), SPAE_JOIN_MARKED);
    ck_assert_int_eq(spae_join_of(both, 2), SPAE_JOIN_SPACED);
    ck_assert_int_eq(spae_join_of(inside, 2), SPAE_JOIN_PLAIN);
    ck_assert_int_eq(spae_join_of(none, 1), SPAE_JOIN_PLAIN);
    ck_assert_str_eq(spae_join_names[SPAE_JOIN_MARKED], "marked");
    spae_arena arena = new_arena();
    spae_lexicon lexicon;
    ck_assert_int_eq(spae_lexicon_open(both, 2, SPAE_JOINS, NULL, &arena, &lexicon, NULL), SPAE_OK);
    ck_assert_str_eq(lexicon.text.word[0], "\xE2\x96\x81"); /* a vocabulary with spaces has no marks */
    ck_assert_int_eq(spae_lexicon_open(spaced, WORDS, SPAE_JOIN_PLAIN, NULL, &arena, &lexicon, NULL), SPAE_OK);
    ck_assert_int_eq(lexicon.join, SPAE_JOIN_PLAIN); /* as the user says */
    spae_arena_free(&arena);
}
END_TEST

/* ---- refusals ---------------------------------------------------------------------------------------- */

START_TEST(words_that_are_missing)
{
    static const char *const model[] = {" dog", "moon"};
    spae_arena arena = new_arena();
    spae_error err;
    byte_tokenizer model_bytes;
    spae_request r = {.max_tokens = 99};
    const spae_lexicon lexicon = open_lexicon(&arena, plain, byte_tokenizer_of(&model_bytes, model, 2));
    const spae_string support[2] = {string_at(0, 1), string_at(1, 2)};
    const spae_few_shot setting = {true, 2, 1, 0};
    ck_assert_int_eq(spae_prompt_classify(&lexicon, SPAE_TEMPLATE_GPT35, &setting, labels, support, string_at(4, 1), &arena, &r,
                                          &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "prompt: of 4 words in use the language model's vocabulary lacks 2: \"sun\", \"sky\"");
    ck_assert_uint_eq(r.max_tokens, 99);
    ck_assert_int_eq(spae_lexicon_check(&lexicon, NULL, 0, &arena, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "prompt: of 6 words in use the language model's vocabulary lacks 4: "
                               "\"sun\", \"red\", \"sky\", \"lake\"");
    ck_assert_int_eq(spae_lexicon_check(&lexicon, tokens, 1, &arena, &err), SPAE_OK);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(many_words_that_are_missing)
{
    static const char *const word[] = {"w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9", "w10", "w11"};
    spae_arena arena = new_arena();
    spae_error err;
    byte_tokenizer model_bytes;
    spae_lexicon lexicon;
    ck_assert_int_eq(spae_lexicon_open(word, 12, SPAE_JOINS, byte_tokenizer_of(&model_bytes, NULL, 0), &arena, &lexicon, NULL), SPAE_OK);
    ck_assert_int_eq(spae_lexicon_check(&lexicon, NULL, 0, &arena, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "prompt: of 12 words in use the language model's vocabulary lacks 12: \"w0\", \"w1\", \"w2\", "
                               "\"w3\", \"w4\", \"w5\", \"w6\", \"w7\", \"w8\", \"w9\", ..");
    spae_arena_free(&arena);
}
END_TEST

/* Equal words are one token of the language model, read back as the lower; the empty word is none, not the space. */
START_TEST(equal_and_empty_words)
{
    static const char *const word[] = {"", "a", "dog", "dog"}, *const model[] = {" dog"};
    spae_arena arena = new_arena();
    byte_tokenizer model_bytes;
    spae_lexicon lexicon;
    ck_assert_int_eq(spae_lexicon_open(word, 4, SPAE_JOINS, byte_tokenizer_of(&model_bytes, model, 1), &arena, &lexicon, NULL),
                     SPAE_OK);
    static const int32_t due[] = {-1, 'a', 256, 256};
    ck_assert(memcmp(lexicon.id, due, sizeof due) == 0);
    ck_assert(lexicon.token[' '] == -1 && lexicon.token[256] == 2);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    spae_arena arena = new_arena();
    spae_error err;
    spae_request r;
    const spae_lexicon lexicon = open_lexicon(&arena, plain, NULL);
    const int32_t wrong[] = {0, WORDS};
    const spae_prompt_example query = {{wrong, 2}, "", NULL}, torn = {string_at(0, 1), "two\nlines", NULL};
    ck_assert_int_eq(spae_prompt_describe(&lexicon, SPAE_TEMPLATE_CAPTION, NULL, 0, &query, &arena, &r, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "prompt: token 6 is outside the vocabulary of 6 words");
    ck_assert_int_eq(spae_prompt_describe(&lexicon, SPAE_TEMPLATE_VQA, NULL, 0, &torn, &arena, &r, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "prompt: \"two?lines\": a newline would end the line of the template");
    const char *const bad[] = {"lion", "va\nse"};
    for (int induction = 0; induction < 2; induction++)
        for (spae_template t = SPAE_TEMPLATE_GPT35; t <= SPAE_TEMPLATE_PALM2; t++) {
            const spae_few_shot setting = {induction == 1, 2, (size_t)(1 - induction), 0};
            const spae_string support[2] = {string_at(0, 1), string_at(1, 1)};
            ck_assert_int_eq(spae_prompt_classify(&lexicon, t, &setting, bad, support, string_at(0, 1), &arena, &r, &err),
                             SPAE_ERR_ARGUMENT);
        }
    const spae_prompt_pair pair = {"a\nb", {NULL, 0}, tokens};
    ck_assert_int_eq(spae_prompt_segment(&lexicon, SPAE_TEMPLATE_PAR, NULL, 0, &pair, &(spae_segment){0, 0, 1, 0}, &arena, &r, &err),
                     SPAE_ERR_ARGUMENT);
    spae_arena_free(&arena);
}
END_TEST

/* A word with a newline in it: then no newline ends an answer of tokens. */
START_TEST(newline_in_the_vocabulary)
{
    static const char *const word[] = {" a", "\n"};
    spae_arena arena = new_arena();
    spae_lexicon lexicon;
    spae_request r;
    const spae_prompt_pair pair = {"c", {NULL, 0}, tokens};
    ck_assert_int_eq(spae_lexicon_open(word, 2, SPAE_JOINS, NULL, &arena, &lexicon, NULL), SPAE_OK);
    ck_assert_int_eq(spae_prompt_segment(&lexicon, SPAE_TEMPLATE_PAR, NULL, 0, &pair, &(spae_segment){0, 2, 2, 2}, &arena, &r, NULL), SPAE_OK);
    same_text(&r, "Learn a new language and predict the 2 tokens following the examples.\nC: c\nQ:  a\n\nA:");
    ck_assert(r.stop == NULL);
    spae_arena_free(&arena);
}
END_TEST

static spae_status build_in(spae_arena *arena, void *context, spae_error *err)
{
    static const char *const model[] = {" dog", "sun", "moon", " moon", " red", " sky", " lake"};
    byte_tokenizer model_bytes;
    spae_lexicon lexicon;
    const spae_few_shot setting = {true, 2, 1, 2};
    const spae_string support[2] = {string_at(0, 6), string_at(1, 6)};
    const spae_arena_mark here = spae_arena_here(arena);
    spae_status status = spae_lexicon_open(plain, WORDS, SPAE_JOINS, byte_tokenizer_of(&model_bytes, model, 7), arena, &lexicon, err);
    if (status == SPAE_OK)
        status = spae_prompt_classify(&lexicon, SPAE_TEMPLATE_GPT35, &setting, labels, support, string_at(0, 3), arena, context,
                                      err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, here);
    return status;
}

START_TEST(too_little_memory)
{
    spae_request r;
    starve(build_in, &r, 512);
}
END_TEST

/* ---- does it fit ------------------------------------------------------------------------------------- */

/* Ids: 10 * (1 + repeats) * shots + layers; asks for 5. */
static spae_status build_sized(const void *context, const size_t *value, spae_arena *arena, spae_request *request,
                               spae_error *err)
{
    static const int32_t some[1];
    (void)arena, (void)err, (void)context;
    *request = (spae_request){.id = some, .ids = 10 * (1 + value[0]) * value[1] + value[2], .max_tokens = 5};
    return SPAE_OK;
}

static void fit(size_t window, spae_status due, const char *text)
{
    static const spae_prompt_knob knob[] = {{"repeats", 3, 0}, {"shots", 5, 1}, {"layers", 40, 1}};
    const spae_prompt_maker maker = {build_sized, NULL, knob, 3};
    const size_t value[] = {3, 5, 40};
    spae_arena arena = new_arena();
    spae_request request;
    spae_error err = {SPAE_OK, ""};
    build_sized(NULL, value, &arena, &request, NULL); /* 240 */
    ck_assert_int_eq(spae_prompt_fits(&request, window, &maker, &arena, &err), due);
    ck_assert_str_eq(err.text, text);
    spae_arena_free(&arena);
}

START_TEST(windows)
{
    fit(0, SPAE_OK, "");
    fit(245, SPAE_OK, "");
    fit(244, SPAE_ERR_ARGUMENT, "prompt: 240 tokens and 5 to come are 1 beyond the window of 244; "
                                "repeats 2, or shots 4, or layers 39 would fit");
    fit(144, SPAE_ERR_ARGUMENT, "prompt: 240 tokens and 5 to come are 101 beyond the window of 144; repeats 0, or shots 2 would fit");
    fit(50, SPAE_ERR_ARGUMENT, "prompt: 240 tokens and 5 to come are 195 beyond the window of 50; "
                               "only together would fit repeats 0, shots 1, layers 1");
    fit(4, SPAE_ERR_ARGUMENT, "prompt: 240 tokens and 5 to come are 241 beyond the window of 4; "
                              "nor would repeats 0, shots 1, layers 1 fit");
    const spae_request text_only = {.ids = 0, .max_tokens = 5};
    ck_assert_int_eq(spae_prompt_fits(&text_only, 1, &(spae_prompt_maker){0}, NULL, NULL), SPAE_OK);
}
END_TEST

SUITE(suite_io_prompt, "io/prompt", gpt35, palm2, settings, captions_and_questions, segments, template_facts, ids_of_plain_words,
      ids_of_pieces, ids_of_marked_pieces, ids_without_further_spaces, joins, words_that_are_missing, many_words_that_are_missing,
      equal_and_empty_words, refusals,
      newline_in_the_vocabulary, too_little_memory, windows)
