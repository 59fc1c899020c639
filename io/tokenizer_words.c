/* Words and bytes as a vocabulary: tokenizer_words.h. SPEC 10.20 */
#include "io/tokenizer_words.h"

#include <string.h>

#include "io/lexicon.h"

typedef struct {
    size_t V;
    bool plain;              /* words stand behind a space of their own */
    spae_words words;        /* as they stand in a text, without that space */
    const char *const *form; /* (V) the bytes of each word's token, terminated; "" of an empty word */
    size_t longest;          /* bytes of the longest form */
    char byte[SPAE_TOKENIZER_WORDS_BYTES];
} vocabulary;

/* The lowest word whose token has these bytes; -1: there is none. */
static int32_t find_word(const vocabulary *v, const char *bytes, size_t length)
{
    int32_t id = -1;
    if (v->plain && (length < 2 || bytes[0] != ' '))
        return -1;
    if (length > 0)
        spae_words_find(&v->words, bytes + v->plain, length - v->plain, &id);
    return id;
}

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The longest word that stands at the beginning of these bytes; -1: there is none. */
static int32_t longest_word(const vocabulary *v, const char *bytes, size_t length, size_t *taken)
{
    if (v->plain && (length < 2 || bytes[0] != ' '))
        return -1;
    for (size_t n = length < v->longest ? length : v->longest; n > 0; n--) {
        if (v->plain && n < length && !is_white(bytes[n]))
            continue;
        const int32_t id = find_word(v, bytes, n);
        if (id >= 0) {
            *taken = n;
            return id;
        }
    }
    return -1;
}

static spae_status encode(const spae_tokenizer *tokenizer, const char *text, size_t length, spae_arena *arena, int32_t **id,
                          size_t *count, spae_error *err)
{
    const vocabulary *v = tokenizer->context;
    int32_t *out = spae_arena_take(arena, length, sizeof *out);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "words: no memory for the tokens of %zu bytes", length);
    *count = 0;
    for (size_t i = 0; i < length;) {
        size_t taken = 1;
        const int32_t word = longest_word(v, text + i, length - i, &taken);
        out[(*count)++] = word >= 0 ? word : (int32_t)(v->V + (unsigned char)text[i]);
        i += taken;
    }
    *id = out;
    return SPAE_OK;
}

static const char *bytes_of(const spae_tokenizer *tokenizer, int32_t id, size_t *length)
{
    const vocabulary *v = tokenizer->context;
    if ((size_t)id >= v->V) {
        *length = 1;
        return &v->byte[(size_t)id - v->V];
    }
    *length = strlen(v->form[id]);
    return *length > 0 ? v->form[id] : NULL;
}

static spae_status decode(const spae_tokenizer *tokenizer, const int32_t *id, size_t count, spae_arena *arena, char **text,
                          size_t *length, spae_error *err)
{
    size_t total = 0, n;
    for (size_t i = 0; i < count; i++) {
        bytes_of(tokenizer, id[i], &n);
        total += n;
    }
    char *out = spae_arena_take(arena, total + 1, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "words: no memory for a text of %zu bytes", total);
    *text = out;
    *length = total;
    for (size_t i = 0; i < count; i++) {
        const char *bytes = bytes_of(tokenizer, id[i], &n);
        if (n > 0)
            memcpy(out, bytes, n);
        out += n;
    }
    *out = '\0';
    return SPAE_OK;
}

static int32_t find(const spae_tokenizer *tokenizer, const char *bytes, size_t length)
{
    const vocabulary *v = tokenizer->context;
    const int32_t word = find_word(v, bytes, length);
    return word < 0 && length == 1 ? (int32_t)(v->V + (unsigned char)bytes[0]) : word;
}

/* The bytes of all words' tokens. */
static spae_status make_forms(vocabulary *v, spae_arena *arena, spae_error *err)
{
    const char **form = spae_arena_take(arena, v->V, sizeof *form);
    for (size_t k = 0; form != NULL && k < v->V; k++) {
        const char *word = v->words.word[k];
        const size_t n = strlen(word);
        form[k] = word;
        if (v->plain && n > 0) {
            char *spaced = spae_arena_take(arena, n + 2, 1);
            if (spaced == NULL)
                return spae_fail(err, SPAE_ERR_NO_MEMORY, "words: no memory for %zu words", v->V);
            spaced[0] = ' ';
            strcpy(spaced + 1, word);
            form[k] = spaced;
        }
        v->longest = strlen(form[k]) > v->longest ? strlen(form[k]) : v->longest;
    }
    v->form = form;
    return form != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "words: no memory for %zu words", v->V);
}

static spae_status make_vocabulary(const char *const *word, size_t V, spae_arena *arena, vocabulary *v, spae_error *err)
{
    spae_lexicon lexicon;
    const spae_status status = spae_lexicon_open(word, V, SPAE_JOINS, NULL, arena, &lexicon, err);
    if (status != SPAE_OK)
        return status;
    *v = (vocabulary){.V = V, .plain = lexicon.join == SPAE_JOIN_PLAIN, .words = lexicon.text};
    for (size_t b = 0; b < SPAE_TOKENIZER_WORDS_BYTES; b++)
        v->byte[b] = (char)(unsigned char)b;
    return make_forms(v, arena, err);
}

spae_status spae_tokenizer_words(const char *const *word, size_t V, spae_arena *arena, spae_tokenizer *tokenizer,
                                 spae_error *err)
{
    if (V == 0 || V >= INT32_MAX - SPAE_TOKENIZER_WORDS_BYTES)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "words: a vocabulary of %zu words", V);
    const spae_arena_mark here = spae_arena_here(arena);
    vocabulary *v = spae_arena_take(arena, 1, sizeof *v);
    if (v == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "words: no memory for %zu words", V);
    const spae_status status = make_vocabulary(word, V, arena, v, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, here);
        return status;
    }
    *tokenizer = (spae_tokenizer){.kind = "words", .V = V + SPAE_TOKENIZER_WORDS_BYTES, .begin = -1, .end = -1, .context = v};
    tokenizer->encode = encode;
    tokenizer->decode = decode;
    tokenizer->bytes = bytes_of;
    tokenizer->find = find;
    return SPAE_OK;
}
