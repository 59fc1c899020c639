/* How a SPAE vocabulary stands in a text, and in a language model's vocabulary: lexicon.h. */
#include "io/lexicon.h"

#include <string.h>

#include "io/raw_words.h"

const char *const spae_join_names[SPAE_JOINS] = {"plain", "spaced", "marked"};

static const char mark[] = "\xE2\x96\x81"; /* U+2581, a SentencePiece's space */
enum { MARK = sizeof mark - 1, NAMED = 10 };

/* ---- words in a text -------------------------------------------------------------------------------- */

/* SPEC 10.10 */
spae_join spae_join_of(const char *const *word, size_t V)
{
    spae_join join = SPAE_JOIN_PLAIN;
    for (size_t k = 0; k < V; k++) {
        if (word[k][0] == ' ')
            return SPAE_JOIN_SPACED;
        if (strncmp(word[k], mark, MARK) == 0)
            join = SPAE_JOIN_MARKED;
    }
    return join;
}

/* The word as it stands in a text: with a space for each mark, where words are marked, and with bytes for the characters
 * that stand for them (SPEC 8.12). Itself where it has none of these. NULL: no memory. */
static const char *text_of(const char *word, bool marked, spae_arena *arena)
{
    const bool raw = spae_raw_is(word);
    marked = marked && strstr(word, mark) != NULL;
    if (!marked && !raw)
        return word;
    char *out = spae_arena_take(arena, strlen(word) + 1, 1), *to = out;
    if (out == NULL)
        return NULL;
    for (const char *from = word; marked && *from != '\0';) {
        const bool here = strncmp(from, mark, MARK) == 0;
        *to++ = here ? ' ' : *from;
        from += here ? MARK : 1;
    }
    *to = '\0';
    if (raw)
        spae_raw_text(marked ? out : word, out); /* never longer than what is left to read */
    return out;
}

static spae_status index_text(const char *const *word, spae_arena *arena, spae_lexicon *lexicon, spae_error *err)
{
    const size_t V = lexicon->V;
    const char **text = spae_arena_take(arena, V, sizeof *text);
    for (size_t k = 0; text != NULL && k < V; k++)
        if ((text[k] = text_of(word[k], lexicon->join == SPAE_JOIN_MARKED, arena)) == NULL)
            text = NULL;
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "lexicon: no memory for the text of %zu words", V);
    word = text;
    for (size_t k = 0; k < V; k++)
        lexicon->newline = lexicon->newline || strchr(word[k], '\n') != NULL;
    return spae_words_index(word, V, arena, &lexicon->text, err);
}

/* ---- words as tokens of the language model ---------------------------------------------------------- */

/* SPEC 10.11: the one token that stands for a word.   in  spaced  a space, then the word */
static int32_t id_of(const spae_tokenizer *tokenizer, spae_join join, const char *spaced)
{
    const size_t n = strlen(spaced + 1);
    if (n == 0)
        return -1; /* the empty word would be the space alone, or nothing */
    const int32_t id = join == SPAE_JOIN_PLAIN ? tokenizer->find(tokenizer, spaced, n + 1) : -1;
    return id >= 0 ? id : tokenizer->find(tokenizer, spaced + 1, n);
}

spae_status spae_word_ids(const spae_words *text, spae_join join, const spae_tokenizer *tokenizer, spae_arena *arena,
                          int32_t **id, spae_error *err)
{
    size_t longest = 0;
    for (size_t k = 0; k < text->V; k++)
        longest = strlen(text->word[k]) > longest ? strlen(text->word[k]) : longest;
    int32_t *out = spae_arena_take(arena, text->V, sizeof *out);
    const spae_arena_mark here = spae_arena_here(arena);
    char *spaced = spae_arena_take(arena, longest + 2, 1);
    if (out == NULL || spaced == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "lexicon: no memory for the ids of %zu words", text->V);
    spaced[0] = ' ';
    for (size_t k = 0; k < text->V; k++) {
        strcpy(spaced + 1, text->word[k]);
        out[k] = id_of(tokenizer, join, spaced);
    }
    spae_arena_reset(arena, here);
    *id = out;
    return SPAE_OK;
}

/* From ids back: the lowest token of each. */
static spae_status invert(const spae_lexicon *lexicon, spae_arena *arena, const int32_t **token, spae_error *err)
{
    const size_t n = lexicon->tokenizer->V;
    int32_t *out = spae_arena_take(arena, n, sizeof *out);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "lexicon: no memory for the tokens of %zu ids", n);
    for (size_t i = 0; i < n; i++)
        out[i] = -1;
    for (size_t k = lexicon->V; k-- > 0;)
        if (lexicon->id[k] >= 0)
            out[lexicon->id[k]] = (int32_t)k;
    *token = out;
    return SPAE_OK;
}

spae_status spae_lexicon_open(const char *const *word, size_t V, spae_join join, const spae_tokenizer *tokenizer,
                              spae_arena *arena, spae_lexicon *lexicon, spae_error *err)
{
    const spae_arena_mark here = spae_arena_here(arena);
    spae_lexicon made = {.V = V, .join = join < SPAE_JOINS ? join : spae_join_of(word, V), .tokenizer = tokenizer};
    int32_t *id = NULL;
    spae_status status = index_text(word, arena, &made, err);
    if (status == SPAE_OK && tokenizer != NULL) {
        status = spae_word_ids(&made.text, made.join, tokenizer, arena, &id, err);
        made.id = id;
        if (status == SPAE_OK)
            status = invert(&made, arena, &made.token, err);
    }
    if (status == SPAE_OK)
        *lexicon = made;
    else
        spae_arena_reset(arena, here);
    return status;
}

/* ---- words that are missing ------------------------------------------------------------------------- */

/* Marks the tokens that are used; refuses one that is none. */
static spae_status mark_used(const spae_lexicon *lexicon, const int32_t *token, size_t count, bool *used, spae_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (token[i] < 0 || (size_t)token[i] >= lexicon->V)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "prompt: token %lld is outside the vocabulary of %zu words",
                             (long long)token[i], lexicon->V);
        used[token[i]] = true;
    }
    for (size_t k = 0; token == NULL && k < lexicon->V; k++)
        used[k] = true;
    return SPAE_OK;
}

/* "of 37 words in use the language model's vocabulary lacks 2: "pitchfork", "zzz"", at most ten by name. */
static spae_status tell_missing(const spae_lexicon *lexicon, const bool *used, spae_error *err)
{
    char names[sizeof err->text] = "", quote[SPAE_WORDS_QUOTE];
    size_t words = 0, missing = 0, length = 0;
    for (size_t k = 0; k < lexicon->V; k++) {
        words += used[k];
        if (!used[k] || lexicon->id[k] >= 0 || missing++ >= NAMED)
            continue;
        const char *text = lexicon->text.word[k], *separator = missing > 1 ? ", " : "";
        spae_words_quote(text, strlen(text), quote);
        if (length + strlen(separator) + strlen(quote) < sizeof names) {
            strcpy(names + length, separator);
            strcat(names + length, quote);
            length += strlen(names + length);
        }
    }
    if (missing == 0)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_ARGUMENT, "prompt: of %zu words in use the language model's vocabulary lacks %zu: %s%s",
                     words, missing, names, missing > NAMED ? ", .." : "");
}

spae_status spae_lexicon_check(const spae_lexicon *lexicon, const int32_t *token, size_t count, spae_arena *arena,
                               spae_error *err)
{
    const spae_arena_mark here = spae_arena_here(arena);
    bool *used = spae_arena_take_zeroed(arena, lexicon->V, sizeof *used);
    if (used == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "prompt: no memory to look at %zu words", lexicon->V);
    spae_status status = mark_used(lexicon, token, count, used, err);
    if (status == SPAE_OK && lexicon->id != NULL)
        status = tell_missing(lexicon, used, err);
    spae_arena_reset(arena, here);
    return status;
}
