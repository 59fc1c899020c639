/* Fuzz target: what an outside program or a server answers, in every form, with a tokenizer and without. The first byte
 * chooses the request. */
#include "../../io/language_answers.h"
#include "../../io/language_http.h"
#include "memory.h"

/* A byte is a token; 255 ends a text. */
static const char *bytes_of(const spae_tokenizer *tokenizer, int32_t id, size_t *length)
{
    static const char letter[2] = "x";
    (void)tokenizer;
    *length = id == 255 ? 0 : 1;
    return id == 255 ? NULL : letter;
}

static spae_status encode(const spae_tokenizer *tokenizer, const char *text, size_t length, spae_arena *arena,
                          int32_t **id, size_t *count, spae_error *err)
{
    (void)tokenizer;
    *id = spae_arena_take(arena, length, sizeof **id);
    for (size_t i = 0; i < length; i++) {
        (*id)[i] = (uint8_t)text[i];
        if (text[i] == '~')
            return spae_fail(err, SPAE_ERR_FORMAT, "byte %zu cannot be said", i);
    }
    *count = length;
    return SPAE_OK;
}

static spae_status decode(const spae_tokenizer *tokenizer, const int32_t *id, size_t count, spae_arena *arena,
                          char **text, size_t *length, spae_error *err)
{
    (void)tokenizer;
    (void)err;
    *text = spae_arena_take(arena, count + 1, 1);
    *length = 0;
    for (size_t i = 0; i < count; i++)
        if (id[i] != 255)
            (*text)[(*length)++] = (char)(uint8_t)id[i];
    (*text)[*length] = '\0';
    return SPAE_OK;
}

static const spae_tokenizer tokenizer = {"bytes", 256, -1, 255, NULL, encode, decode, bytes_of, NULL};

/* What holds of every answer. */
static void check_answer(const spae_answer *a, const spae_request *r, bool ids)
{
    fuzz_use(a->text, a->length + 1);
    if (a->text[a->length] != '\0' || memchr(a->text, '\0', a->length) != NULL || a->end > SPAE_ANSWER_FULL ||
        a->length > r->max_tokens * SPAE_ANSWER_TOKEN_BYTES || (r->stop != NULL && strstr(a->text, r->stop) != NULL) ||
        (r->stop == NULL && a->end == SPAE_ANSWER_STOPPED) || (a->id != NULL) != ids)
        abort();
    for (size_t i = 0; i < a->ids; i++)
        if (a->id[i] < 0 || a->id[i] > 255)
            abort();
}

static void check_status(spae_status status, const spae_error *err, const spae_arena *arena)
{
    if (status != SPAE_OK)
        fuzz_refused(status, err, arena);
}

static void read_own(const char *text, size_t length, const spae_request *r, const spae_tokenizer *t, size_t size)
{
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_answer a[2];
    spae_error err = {SPAE_OK, ""};
    double value = 1;
    const spae_status status = spae_answers_read("fuzz", text, length, r, 1, t, &arena, a, &err);
    check_status(status, &err, &arena);
    for (size_t i = 0; status == SPAE_OK && i < r->samples; i++)
        check_answer(&a[i], r, t != NULL);
    spae_arena_reset(&arena, (spae_arena_mark){NULL, 0, 0});
    if (spae_score_answer_read("fuzz", text, length, r->number, &arena, &value, &err) == SPAE_OK && !(value <= 0))
        abort();
    spae_arena_free(&arena);
}

static void read_http(const char *text, size_t length, const spae_request *r, bool chat, const spae_tokenizer *t,
                      size_t size)
{
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_answer a[2];
    size_t had = 0;
    char words[20];
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_http_answer_read("fuzz", text, length, r, chat, t, &arena, a, &had, &err);
    check_status(status, &err, &arena);
    if (had > r->samples || (had > 0) != (status == SPAE_OK))
        abort();
    for (size_t i = 0; i < had; i++)
        check_answer(&a[i], r, t != NULL);
    spae_http_words(text, length, &arena, words, sizeof words);
    fuzz_use(words, strlen(words));
    spae_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    const size_t length = size - 1;
    const spae_request r = {.samples = 1 + (data[0] & 1U),
                            .temperature = (data[0] & 2U) != 0 ? 0 : 1,
                            .max_tokens = 2,
                            .stop = (data[0] & 4U) != 0 ? "ab" : NULL,
                            .number = 3};
    for (int t = 0; t < 2; t++) {
        read_own(text, length, &r, t != 0 ? &tokenizer : NULL, size);
        read_http(text, length, &r, false, t != 0 ? &tokenizer : NULL, size);
        read_http(text, length, &r, true, t != 0 ? &tokenizer : NULL, size);
    }
    return 0;
}
