/* What a language model answered: prompt_answer.h. SPEC 10.18 */
#include "io/prompt_answer.h"

#include <string.h>

/* ---- text -------------------------------------------------------------------------------------------- */

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r'); /* \t \n \v \f \r */
}

static bool is_mark(char c)
{
    return c != '\0' && strchr(".,;:!?'\"", c) != NULL;
}

/* Without the bytes at both ends of which `leave` says so. */
static spae_answer_part trim(spae_answer_part part, bool (*leave)(char))
{
    while (part.length > 0 && leave(part.text[0]))
        part.text++, part.length--;
    while (part.length > 0 && leave(part.text[part.length - 1]))
        part.length--;
    return part;
}

spae_answer_part spae_answer_strip(const char *text, size_t length)
{
    return trim((spae_answer_part){text, length}, is_white);
}

spae_answer_part spae_answer_line(const char *text, size_t length)
{
    spae_answer_part line = spae_answer_strip(text, length);
    const char *end = line.length > 0 ? memchr(line.text, '\n', line.length) : NULL;
    return end != NULL ? spae_answer_strip(line.text, (size_t)(end - line.text)) : line;
}

/* The line without marks around it. */
static spae_answer_part bare_line(const char *text, size_t length)
{
    const spae_answer_part bare = trim(spae_answer_line(text, length), is_mark);
    return spae_answer_strip(bare.text, bare.length);
}

spae_answer_part spae_answer_word(const char *text, size_t length)
{
    spae_answer_part word = bare_line(text, length);
    for (size_t i = 0; i < word.length; i++)
        if (is_white(word.text[i]))
            return (spae_answer_part){word.text, 0};
    return word;
}

/* ---- labels ------------------------------------------------------------------------------------------ */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal(spae_answer_part part, const char *label, bool fold)
{
    if (strlen(label) != part.length)
        return false;
    for (size_t i = 0; i < part.length; i++)
        if (fold ? lower(part.text[i]) != lower(label[i]) : part.text[i] != label[i])
            return false;
    return true;
}

/* How many labels the text is; *which is the first of them. */
static size_t matches(spae_answer_part part, const char *const *label, size_t ways, bool fold, size_t *which)
{
    size_t count = 0;
    for (size_t w = 0; w < ways; w++)
        if (equal(part, label[w], fold) && count++ == 0)
            *which = w;
    return count;
}

bool spae_answer_label(const char *text, size_t length, const char *const *label, size_t ways, size_t *which)
{
    const spae_answer_part form[2] = {spae_answer_line(text, length), bare_line(text, length)};
    size_t found = 0;
    for (int fold = 0; fold < 2; fold++)
        for (size_t i = 0; i < 2; i++) {
            const size_t count = form[i].length > 0 ? matches(form[i], label, ways, fold == 1, &found) : 0;
            if (count == 1)
                *which = found;
            if (count > 0)
                return count == 1;
        }
    return false;
}

/* ---- SPAE tokens ------------------------------------------------------------------------------------- */

/* An answer being read: what is valid so far. */
typedef struct {
    const spae_lexicon *lexicon;
    int32_t *token;
    size_t stride, valid;
} reading;

/* The SPAE token of an id; -1: it is none. */
static int32_t token_of(const spae_lexicon *lexicon, int32_t id)
{
    return id >= 0 && (size_t)id < lexicon->tokenizer->V ? lexicon->token[id] : -1;
}

/* Does the id say nothing but white space, or nothing at all? */
static bool is_blank(const spae_tokenizer *tokenizer, int32_t id)
{
    size_t length = 0;
    if (id < 0 || (size_t)id >= tokenizer->V)
        return false;
    const char *bytes = tokenizer->bytes(tokenizer, id, &length);
    return bytes == NULL || spae_answer_strip(bytes, length).length == 0;
}

static void read_ids(reading *r, const int32_t *id, size_t count)
{
    size_t i = 0;
    while (i < count && token_of(r->lexicon, id[i]) < 0 && is_blank(r->lexicon->tokenizer, id[i]))
        i++;
    for (; i < count && r->valid < r->stride && token_of(r->lexicon, id[i]) >= 0; i++)
        r->token[r->valid++] = token_of(r->lexicon, id[i]);
}

/* Plain words, apart by white space. */
static void read_words(reading *r, spae_answer_part rest)
{
    while (rest.length > 0 && r->valid < r->stride) {
        size_t n = 0;
        while (n < rest.length && !is_white(rest.text[n]))
            n++;
        if (!spae_words_find(&r->lexicon->text, rest.text, n, &r->token[r->valid]))
            return;
        r->valid++;
        rest = spae_answer_strip(rest.text + n, rest.length - n);
    }
}

/* ---- pieces in a text without ids -------------------------------------------------------------------- */

/* The text, stripped, behind one space: a piece may carry it. Its length with the space; SIZE_MAX: no memory. */
static size_t behind_space(spae_answer_part text, spae_arena *arena, char **out)
{
    if ((*out = spae_arena_take(arena, text.length + 1, 1)) == NULL)
        return SIZE_MAX;
    (*out)[0] = ' ';
    for (size_t i = 0; i < text.length; i++)
        (*out)[i + 1] = text.text[i];
    return text.length + 1;
}

/* With the language model's tokenizer: what it makes of the stripped text. Before spaced pieces the white space that was in
 * front is one space, which belongs to the first; SentencePieces' own encoder sees to that. */
static spae_status encode_pieces(reading *r, const spae_answer *answer, spae_arena *arena, spae_error *err)
{
    const spae_lexicon *lexicon = r->lexicon;
    const spae_answer_part text = spae_answer_strip(answer->text, answer->length);
    char *spaced = NULL;
    int32_t *id = NULL;
    size_t count = 0;
    if (text.length == 0)
        return SPAE_OK;
    const bool space = lexicon->join == SPAE_JOIN_SPACED && is_white(answer->text[0]);
    const size_t n = behind_space(text, arena, &spaced);
    if (n == SIZE_MAX)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "answer: no memory for %zu bytes", text.length);
    const spae_status status = lexicon->tokenizer->encode(lexicon->tokenizer, spaced + !space, n - !space, arena, &id, &count, err);
    if (status == SPAE_OK)
        read_ids(r, id, count);
    return status == SPAE_ERR_FORMAT ? SPAE_OK : status; /* what cannot be said in the vocabulary has no tokens */
}

/* Texts above this are not cut. */
enum { CUT_MOST = 1 << 16 };

static size_t longest_word(const spae_words *words)
{
    size_t longest = 0;
    for (size_t k = 0; k < words->V; k++)
        longest = strlen(words->word[k]) > longest ? strlen(words->word[k]) : longest;
    return longest;
}

/* Is text[at .. at + length - 1] a word? An empty one never is. */
static bool word_at(const spae_words *words, const char *text, size_t at, size_t length, int32_t *token)
{
    return length > 0 && spae_words_find(words, text + at, length, token);
}

/* ways[i], 0 .. 2 (2: several): in how many ways the text from byte i on is words. */
static void count_ways(const spae_words *words, const char *text, size_t n, size_t longest, uint8_t *ways)
{
    int32_t token;
    ways[n] = 1;
    for (size_t i = n; i-- > 0;) {
        ways[i] = 0;
        for (size_t length = 1; length <= longest && length <= n - i && ways[i] < 2; length++)
            if (ways[i + length] > 0 && word_at(words, text, i, length, &token))
                ways[i] = (uint8_t)(ways[i] + ways[i + length] > 2 ? 2 : ways[i] + ways[i + length]);
    }
}

/* The words of the one way from byte `at` on. */
static void take_words(reading *r, const char *text, size_t at, size_t n, const uint8_t *ways)
{
    while (at < n && r->valid < r->stride) {
        size_t length = 1;
        while (ways[at + length] == 0 || !word_at(&r->lexicon->text, text, at, length, &r->token[r->valid]))
            length++;
        r->valid++;
        at += length;
    }
}

/* Without tokenizer: only where there is one way to cut the whole text. */
static spae_status cut_pieces(reading *r, const spae_answer *answer, spae_arena *arena, spae_error *err)
{
    const spae_words *words = &r->lexicon->text;
    const spae_answer_part text = spae_answer_strip(answer->text, answer->length);
    char *spaced = NULL;
    if (text.length == 0 || text.length > CUT_MOST)
        return SPAE_OK;
    const size_t n = behind_space(text, arena, &spaced);
    uint8_t *ways = spae_arena_take(arena, text.length + 2, 1);
    if (n == SIZE_MAX || ways == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "answer: no memory for %zu bytes", text.length);
    count_ways(words, spaced, n, longest_word(words), ways);
    if (ways[0] + ways[1] == 1)
        take_words(r, spaced, ways[0] == 1 ? 0 : 1, n, ways);
    return SPAE_OK;
}

spae_status spae_answer_tokens(const spae_lexicon *lexicon, const spae_answer *answer, size_t stride, spae_arena *arena,
                               int32_t *token, size_t *valid, spae_error *err)
{
    reading r = {lexicon, token, stride, 0};
    const spae_arena_mark here = spae_arena_here(arena);
    spae_status status = SPAE_OK;
    if (answer->id != NULL && lexicon->tokenizer != NULL)
        read_ids(&r, answer->id, answer->ids);
    else if (lexicon->join == SPAE_JOIN_PLAIN)
        read_words(&r, spae_answer_strip(answer->text, answer->length));
    else if (lexicon->tokenizer != NULL)
        status = encode_pieces(&r, answer, arena, err);
    else
        status = cut_pieces(&r, answer, arena, err);
    spae_arena_reset(arena, here);
    if (status == SPAE_OK)
        *valid = r.valid;
    return status;
}
