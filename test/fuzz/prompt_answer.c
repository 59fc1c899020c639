/* Fuzz target: what a language model answered. The first byte chooses vocabulary and tokenizer, the rest is the answer, as text
 * and as ids. Parts lie within it, labels and tokens within their ranges, whatever it says. */
#include "../../io/prompt_answer.h"
#include "../vectors/hosted/byte_tokenizer.h"
#include "memory.h"

enum { WORDS = 6, STRIDE = 5 };

static const char *const vocabulary[3][WORDS] = {
    {"dog", "sun", "moon", "a", "", "dog"},
    {" dog", "s", "un", "sun", " ", "\n"},
    {"\xE2\x96\x81" "dog", "dog", "do", "g", "\xE2\x96\x81", "\xC3\xA9"},
};

static void within(spae_answer_part part, const char *text, size_t length)
{
    if (part.text < text || part.text > text + length || part.length > (size_t)(text + length - part.text))
        abort();
    fuzz_use(part.text, part.length);
}

static void read_text(const char *text, size_t length)
{
    static const char *const label[] = {"dog", "Dog", "moon", ""};
    size_t which = 0;
    within(spae_answer_strip(text, length), text, length);
    within(spae_answer_line(text, length), text, length);
    within(spae_answer_word(text, length), text, length);
    if (spae_answer_label(text, length, label, 4, &which) && which >= 3)
        abort(); /* the empty label is no answer */
}

static void read_tokens(const spae_lexicon *lexicon, const spae_answer *answer, spae_arena *arena)
{
    int32_t token[STRIDE];
    size_t valid = STRIDE + 1;
    const size_t used = arena->used;
    if (spae_answer_tokens(lexicon, answer, STRIDE, arena, token, &valid, NULL) != SPAE_OK || valid > STRIDE || arena->used != used)
        abort();
    for (size_t i = 0; i < valid; i++)
        if (token[i] < 0 || token[i] >= WORDS)
            abort();
}

/* Ids of one byte each, -8 .. 247 of 256 + WORDS: in the vocabulary and not. */
static void read_ids(const spae_lexicon *lexicon, const uint8_t *data, size_t size, spae_arena *arena)
{
    int32_t *id = spae_arena_take(arena, size, sizeof *id);
    if (id == NULL)
        abort();
    for (size_t i = 0; i < size; i++)
        id[i] = data[i] % 2 == 0 ? data[i] / 2 - 8 : BYTE_TOKENS - 2 + data[i] % 16;
    read_tokens(lexicon, &(spae_answer){.text = "", .id = id, .ids = size}, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_budget budget;
    byte_tokenizer bytes;
    spae_lexicon lexicon;
    const char *const *word = vocabulary[size > 0 ? data[0] % 3 : 0];
    const bool known = size > 0 && data[0] / 3 % 2 == 1;
    spae_arena arena = fuzz_arena(&budget, size);
    if (spae_lexicon_open(word, WORDS, SPAE_JOINS, known ? byte_tokenizer_of(&bytes, word, WORDS) : NULL, &arena, &lexicon, NULL) !=
        SPAE_OK)
        abort();
    if (size > 0)
        data++, size--;
    read_text((const char *)data, size);
    read_tokens(&lexicon, &(spae_answer){.text = (const char *)data, .length = size}, &arena);
    if (known)
        read_ids(&lexicon, data, size, &arena);
    spae_arena_free(&arena);
    return 0;
}
