/* A prompt from its pieces, as text and as ids: prompt.h. SPEC 10.12 */
#include "io/prompt.h"

#include <string.h>

spae_prompt spae_prompt_start(const spae_lexicon *lexicon, spae_arena *arena)
{
    return (spae_prompt){.lexicon = lexicon,
                         .arena = arena,
                         .text = spae_page_start(arena),
                         .literal = spae_page_start(arena),
                         .failure = {SPAE_OK, ""}};
}

/* Room for further numbers behind those of the list; the first of them. NULL: no memory, which is kept. */
static int32_t *grow(spae_prompt *prompt, spae_prompt_ids *list, size_t more)
{
    if (more > list->room - list->count) {
        const size_t room = more <= (SIZE_MAX >> 2) - list->count ? 2 * (list->count + more) : SIZE_MAX;
        int32_t *item = spae_arena_take(prompt->arena, room, sizeof *item);
        if (item == NULL) {
            spae_fail(&prompt->failure, SPAE_ERR_NO_MEMORY, "prompt: no memory for %zu more tokens", more);
            return NULL;
        }
        if (list->count > 0)
            memcpy(item, list->item, list->count * sizeof *item);
        *list = (spae_prompt_ids){item, list->count, room};
    }
    list->count += more;
    return list->item + list->count - more;
}

static void add_id(spae_prompt *prompt, const int32_t *id, size_t count)
{
    int32_t *to = grow(prompt, &prompt->id, count);
    if (to != NULL && count > 0)
        memcpy(to, id, count * sizeof *to);
}

/* Does the first id say a space, and nothing else, that the text does not begin with? SentencePiece's encoders put one before
 * every text; behind a SPAE string it is none of the prompt's. */
static bool begins_with_dummy(const spae_prompt *prompt, const uint8_t *text, const int32_t *id, size_t count)
{
    const spae_tokenizer *tokenizer = prompt->lexicon->tokenizer;
    size_t length = 0;
    if (prompt->id.count == 0 || count == 0 || text[0] == ' ')
        return false;
    const char *bytes = tokenizer->bytes(tokenizer, id[0], &length);
    return bytes != NULL && length == 1 && bytes[0] == ' ';
}

/* The literal text since the last SPAE string becomes ids, as a whole. In front of a token that says its own space, the
 * one that the literal ends with is not said again. */
static void encode_literal(spae_prompt *prompt, bool space_follows)
{
    const spae_tokenizer *tokenizer = prompt->lexicon->tokenizer;
    const uint8_t *bytes = NULL;
    size_t size = 0, count = 0;
    int32_t *id = NULL;
    if (spae_page_end(&prompt->literal, &bytes, &size, &prompt->failure) != SPAE_OK)
        return;
    if (space_follows && size > 0 && bytes[size - 1] == ' ')
        size--;
    if (size > 0 && tokenizer->encode(tokenizer, (const char *)bytes, size, prompt->arena, &id, &count, &prompt->failure) ==
                        SPAE_OK) {
        const bool dummy = begins_with_dummy(prompt, bytes, id, count);
        add_id(prompt, id + dummy, count - dummy);
    }
    spae_page_clear(&prompt->literal);
}

/* Does the token of a plain word say the space before it? SPEC 10.11 */
static bool says_space(const spae_lexicon *lexicon, int32_t token)
{
    size_t length = 0;
    const int32_t id = lexicon->id[token];
    const char *bytes = id >= 0 ? lexicon->tokenizer->bytes(lexicon->tokenizer, id, &length) : NULL;
    return lexicon->join == SPAE_JOIN_PLAIN && bytes != NULL && length > 0 && bytes[0] == ' ';
}

static void string_ids(spae_prompt *prompt, spae_string string)
{
    const spae_lexicon *lexicon = prompt->lexicon;
    encode_literal(prompt, says_space(lexicon, string.token[0]));
    if (prompt->failure.status != SPAE_OK)
        return;
    int32_t *token = grow(prompt, &prompt->token, string.count);
    int32_t *id = token != NULL ? grow(prompt, &prompt->id, string.count) : NULL;
    for (size_t i = 0; id != NULL && i < string.count; i++) {
        token[i] = string.token[i];
        id[i] = lexicon->id[string.token[i]]; /* -1 is told at the end, with all that are missing */
    }
}

void spae_prompt_text(spae_prompt *prompt, const char *text)
{
    spae_page_text(&prompt->text, text);
    if (prompt->lexicon->tokenizer != NULL)
        spae_page_text(&prompt->literal, text);
}

void spae_prompt_string(spae_prompt *prompt, spae_string string)
{
    const spae_lexicon *lexicon = prompt->lexicon;
    if (prompt->failure.status != SPAE_OK || string.count == 0)
        return;
    for (size_t i = 0; i < string.count; i++) {
        if (string.token[i] < 0 || (size_t)string.token[i] >= lexicon->V) {
            spae_lexicon_check(lexicon, string.token, string.count, prompt->arena, &prompt->failure);
            return;
        }
        spae_page_text(&prompt->text, i > 0 && lexicon->join == SPAE_JOIN_PLAIN ? " " : "");
        spae_page_text(&prompt->text, lexicon->text.word[string.token[i]]);
    }
    if (lexicon->tokenizer != NULL)
        string_ids(prompt, string);
}

spae_status spae_prompt_end(spae_prompt *prompt, spae_request *request, spae_error *err)
{
    const spae_lexicon *lexicon = prompt->lexicon;
    const uint8_t *text = NULL;
    size_t size = 0;
    if (prompt->failure.status == SPAE_OK && lexicon->tokenizer != NULL)
        encode_literal(prompt, false);
    if (prompt->failure.status == SPAE_OK && prompt->token.count > 0)
        spae_lexicon_check(lexicon, prompt->token.item, prompt->token.count, prompt->arena, &prompt->failure);
    spae_page_bytes(&prompt->text, "", 1);
    if (prompt->failure.status == SPAE_OK)
        spae_page_end(&prompt->text, &text, &size, &prompt->failure);
    if (prompt->failure.status != SPAE_OK) {
        if (err != NULL)
            *err = prompt->failure;
        return prompt->failure.status;
    }
    request->text = (const char *)text;
    request->length = size - 1;
    request->id = prompt->id.item;
    request->ids = prompt->id.count;
    return SPAE_OK;
}
