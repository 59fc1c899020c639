/* io/prompt_answer: labels, captions, words and tokens out of what a language model said; what is malformed is never guessed. */
#include "bytes.h"

#include "../../io/prompt_answer.h"
#include "../vectors/hosted/byte_tokenizer.h"

static void same_part(spae_answer_part part, const char *due)
{
    ck_assert_msg(part.length == strlen(due) && memcmp(part.text, due, part.length) == 0, "\"%.*s\", due \"%s\"",
                  (int)part.length, part.text, due);
}

#define PART(function, text) function(text, sizeof text - 1)

START_TEST(lines_and_words)
{
    same_part(PART(spae_answer_strip, " \t\r\n\v\f a b \n c\n\n "), "a b \n c");
    same_part(PART(spae_answer_strip, ""), "");
    same_part(PART(spae_answer_strip, " \n"), "");
    same_part(PART(spae_answer_strip, "\xC2\xA0"), "\xC2\xA0"); /* other white space is text */
    same_part(PART(spae_answer_line, "\n\n a cat. \nQ: dog"), "a cat.");
    same_part(PART(spae_answer_line, " \n \n"), "");
    same_part(PART(spae_answer_line, "one"), "one");
    same_part(PART(spae_answer_word, " red\n"), "red");
    same_part(PART(spae_answer_word, " \"Red.\"\nC: sky"), "Red");
    same_part(PART(spae_answer_word, "dark red"), "");
    same_part(PART(spae_answer_word, "dark\tred"), "");
    same_part(PART(spae_answer_word, "..."), "");
    same_part(PART(spae_answer_word, "' x '"), "x");
}
END_TEST

static const char *const labels[] = {"lion", "vase", "golden retriever", "St.", "Lion"};

static void label_of(const char *answer, size_t ways, int due)
{
    size_t which = 77;
    const bool found = spae_answer_label(answer, strlen(answer), labels, ways, &which);
    ck_assert_msg(found == (due >= 0) && which == (found ? (size_t)due : 77), "%s: %zu, due %d", answer, which, due);
}

START_TEST(classes)
{
    label_of(" lion", 4, 0);
    label_of("vase\n###\nInput: lion", 4, 1);
    label_of(" LION.\n", 4, 0);
    label_of("'vase'", 4, 1);
    label_of("\"vase\".", 4, 1);
    label_of(" golden retriever!", 4, 2);
    label_of("Golden Retriever", 4, 2);
    label_of("St.", 4, 3); /* a mark of its own */
    label_of("st.", 4, 3);
    label_of("St", 4, -1);
    label_of("lions", 4, -1);
    label_of("lion or vase", 4, -1);
    label_of("a lion", 4, -1);
    label_of("lion vase", 4, -1);
    label_of("golden  retriever", 4, -1);
    label_of("", 4, -1);
    label_of(" \n", 4, -1);
    label_of("...", 4, -1);
    label_of("Lion", 5, 4); /* to the byte before the case is left aside */
    label_of("LION", 5, -1); /* then it could be two */
    label_of("lion", 0, -1);
}
END_TEST

/* ---- tokens ------------------------------------------------------------------------------------------ */

typedef struct {
    spae_arena arena;
    spae_lexicon lexicon;
    byte_tokenizer model;
} reader;

static void start(reader *r, const char *const *word, size_t V, const char *const *model, size_t words)
{
    r->arena = new_arena();
    const spae_tokenizer *tokenizer = model != NULL ? byte_tokenizer_of(&r->model, model, words) : NULL;
    ck_assert_int_eq(spae_lexicon_open(word, V, SPAE_JOINS, tokenizer, &r->arena, &r->lexicon, NULL), SPAE_OK);
}

/* The tokens of an answer, as digits. */
static void tokens_are(reader *r, const spae_answer *answer, size_t stride, const char *due)
{
    int32_t token[16];
    size_t valid = 99;
    char digits[17] = "";
    ck_assert_int_eq(spae_answer_tokens(&r->lexicon, answer, stride, &r->arena, token, &valid, NULL), SPAE_OK);
    ck_assert(valid <= stride);
    for (size_t i = 0; i < valid; i++)
        digits[i] = (char)('0' + token[i]);
    ck_assert_msg(strcmp(digits, due) == 0, "%s: %s, due %s", answer->text != NULL ? answer->text : "ids", digits, due);
}

static void text_is(reader *r, const char *text, size_t stride, const char *due)
{
    tokens_are(r, &(spae_answer){.text = text, .length = strlen(text)}, stride, due);
}

static void ids_are(reader *r, const int32_t *id, size_t ids, size_t stride, const char *due)
{
    tokens_are(r, &(spae_answer){.text = "not looked at", .length = 13, .id = id, .ids = ids}, stride, due);
}

START_TEST(plain_words)
{
    static const char *const word[] = {"dog", "sun", "moon", "dog"};
    reader r;
    start(&r, word, 4, NULL, 0);
    text_is(&r, " dog sun moon", 3, "012");
    text_is(&r, "\ndog\tsun  moon\n", 4, "012");
    text_is(&r, "dog sun moon dog", 3, "012"); /* too long: the first ones */
    text_is(&r, "dog sum moon", 3, "0");
    text_is(&r, "dog sun.", 3, "0");
    text_is(&r, "Dog", 3, "");
    text_is(&r, "", 3, "");
    text_is(&r, " \n ", 3, "");
    text_is(&r, "dogsun", 3, "");
    spae_arena_free(&r.arena);
}
END_TEST

START_TEST(ids)
{
    static const char *const word[] = {"dog", "sun", "moon"}, *const model[] = {" dog", "sun", " moon", "moon", " "};
    static const int32_t all[] = {' ', '\n', 256, 257, 258, 256}, other[] = {256, 259, 257}, blank[] = {256, ' ', 257},
                         letter[] = {'d', 256}, odd[] = {256, 261, 257}, below[] = {-1, 256};
    reader r;
    start(&r, word, 3, model, 4);
    ids_are(&r, all, 6, 3, "012");
    ids_are(&r, all, 6, 4, "0120");
    ids_are(&r, all, 5, 4, "012");
    ids_are(&r, other, 3, 3, "0"); /* "moon" without its space is another token */
    ids_are(&r, blank, 3, 3, "0");
    ids_are(&r, letter, 2, 3, "");
    ids_are(&r, odd, 3, 3, "0"); /* beyond the vocabulary */
    ids_are(&r, below, 2, 3, "");
    ids_are(&r, all, 0, 3, "");
    spae_arena_free(&r.arena);
}
END_TEST

/* A token of white space alone is a token, also at the beginning. */
START_TEST(ids_of_white_tokens)
{
    static const char *const word[] = {" ", " dog", "\n"}, *const model[] = {" dog"};
    static const int32_t id[] = {' ', 256, '\n', '\t'}, tab[] = {'\t', ' '};
    reader r;
    start(&r, word, 3, model, 1);
    ids_are(&r, id, 4, 4, "012");
    ids_are(&r, tab, 2, 4, "0");
    spae_arena_free(&r.arena);
}
END_TEST

START_TEST(pieces_without_tokenizer)
{
    static const char *const word[] = {" dog", "sun", "s", "un", " moon", "ing", ""};
    reader r;
    start(&r, word, 7, NULL, 0);
    text_is(&r, " dog moon", 4, "04");
    text_is(&r, "dog moon\n", 4, "04"); /* the space that was stripped */
    text_is(&r, "ing moon", 4, "54");
    text_is(&r, "\n  doging moon", 2, "05");
    text_is(&r, "dogsun", 4, ""); /* two ways */
    text_is(&r, "dogs", 4, "02");
    text_is(&r, "doguns", 4, "032");
    text_is(&r, "dog cat", 4, "");
    text_is(&r, "", 4, "");
    spae_arena_free(&r.arena);
}
END_TEST

/* With and without the space in front there is a word: two ways. */
START_TEST(pieces_that_may_be_spaced)
{
    static const char *const word[] = {" dog", "dog", " ", "x"};
    reader r;
    start(&r, word, 4, NULL, 0);
    text_is(&r, " dog", 4, "");
    text_is(&r, "xx", 4, ""); /* " " "x" "x" or "x" "x" */
    spae_arena_free(&r.arena);
}
END_TEST

/* Many ways would be counted for ever: two are enough. */
START_TEST(endless_ways)
{
    static const char *const word[] = {" ", "a", "aa", "aaa"};
    static char text[70000];
    reader r;
    start(&r, word, 4, NULL, 0);
    memset(text, 'a', sizeof text - 1);
    text[4000] = '\0';
    text_is(&r, text, 4, "");
    text[4000] = 'a'; /* longer than is looked at */
    text_is(&r, text, 4, "");
    spae_arena_free(&r.arena);
}
END_TEST

/* The tokenizer's own cut of the text: here each byte. */
START_TEST(pieces_by_tokenizer)
{
    static const char *const word[] = {" ", "a", "b", " c"}, *const model[] = {" c"};
    reader r;
    start(&r, word, 4, model, 1);
    text_is(&r, "ab", 4, "12");
    text_is(&r, "\n ab ", 4, "012"); /* the white space in front is one space, and here a token */
    text_is(&r, "a c", 4, "10");
    text_is(&r, "", 4, "");
    text_is(&r, " ", 4, "");
    spae_arena_free(&r.arena);
}
END_TEST

static spae_status read_in(spae_arena *arena, void *context, spae_error *err)
{
    static const char answer[] = " dogsun dogsunsun";
    const spae_lexicon *lexicon = context;
    int32_t token[8];
    size_t valid = 0;
    return spae_answer_tokens(lexicon, &(spae_answer){.text = answer, .length = sizeof answer - 1}, 8, arena, token, &valid, err);
}

START_TEST(too_little_memory)
{
    static const char *const word[] = {" dog", "sun"}, *const model[] = {" dog", "sun"};
    reader r;
    start(&r, word, 2, NULL, 0);
    starve(read_in, &r.lexicon, 64);
    spae_arena_free(&r.arena);
    start(&r, word, 2, model, 2);
    starve(read_in, &r.lexicon, 64);
    spae_arena_free(&r.arena);
}
END_TEST

SUITE(suite_io_prompt_answer, "io/prompt_answer", lines_and_words, classes, plain_words, ids, ids_of_white_tokens,
      pieces_without_tokenizer, pieces_that_may_be_spaced, endless_ways, pieces_by_tokenizer, too_little_memory)
