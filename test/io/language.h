/* What the suites of language models share: requests, a small tokenizer, a model that answers by formula. Included before
 * anything else. */
#ifndef SPAE_TEST_IO_LANGUAGE_H
#define SPAE_TEST_IO_LANGUAGE_H

#include "bytes.h"

#include <math.h>

#include "io/language_model.h"

#define ck_ok(call) ck_assert_msg((call) == SPAE_OK, "%s", err.text)

/* The call fails with this status, and its one line has all the parts, NULL behind the last. */
static inline void failed_so(spae_status status, spae_status due, const spae_error *err, const char *const *part)
{
    ck_assert_msg(status == due, "%s, due %s: %s", spae_status_name(status), spae_status_name(due),
                  status == SPAE_OK ? "" : err->text);
    ck_assert(err->status == due && strchr(err->text, '\n') == NULL);
    for (; *part != NULL; part++)
        ck_assert_msg(strstr(err->text, *part) != NULL, "\"%s\" lacks \"%s\"", err->text, *part);
}

#define ck_fails(call, due, ...)                                                   \
    do {                                                                           \
        const spae_status ck_status = (call);                                      \
        failed_so(ck_status, due, &err, (const char *const[]){__VA_ARGS__, NULL}); \
    } while (0)

static inline spae_request request_of(const char *prompt)
{
    return (spae_request){.text = prompt,
                          .length = strlen(prompt),
                          .samples = 2,
                          .temperature = 0.5,
                          .max_tokens = 4,
                          .stop = "\n",
                          .seed = 7,
                          .number = 3};
}

static inline void ck_answer(const spae_answer *answer, const char *text, spae_answer_end end)
{
    ck_assert_uint_eq(answer->length, strlen(text));
    ck_assert_str_eq(answer->text, text);
    ck_assert_int_eq(answer->end, end);
}

/* ---- a tokenizer: a byte is its own token, 256 ends a text, 257 is "ab" --------------------------------- */

enum { BYTES_END = 256, BYTES_AB, BYTES_V };

static inline const char *bytes_of_token(const spae_tokenizer *tokenizer, int32_t id, size_t *length)
{
    static char all[256];
    (void)tokenizer;
    if (id == BYTES_END)
        return NULL;
    *length = id == BYTES_AB ? 2 : 1;
    if (id == BYTES_AB)
        return "ab";
    all[id] = (char)(uint8_t)id;
    return &all[id];
}

static inline spae_status encode_bytes(const spae_tokenizer *tokenizer, const char *text, size_t length,
                                       spae_arena *arena, int32_t **id, size_t *count, spae_error *err)
{
    (void)tokenizer;
    *id = spae_arena_take(arena, length, sizeof **id);
    if (*id == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "tokenizer: no memory");
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '~')
            return spae_fail(err, SPAE_ERR_FORMAT, "byte %zu cannot be said", i);
        (*id)[i] = (uint8_t)text[i];
    }
    *count = length;
    return SPAE_OK;
}

static inline spae_status decode_bytes(const spae_tokenizer *tokenizer, const int32_t *id, size_t count,
                                       spae_arena *arena, char **text, size_t *length, spae_error *err)
{
    *text = spae_arena_take(arena, 2 * count + 1, 1);
    *length = 0;
    if (*text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "tokenizer: no memory");
    for (size_t i = 0; i < count; i++) {
        size_t n = 0;
        const char *said = bytes_of_token(tokenizer, id[i], &n);
        if (said != NULL)
            memcpy(*text + *length, said, n);
        *length += n;
    }
    (*text)[*length] = '\0';
    return SPAE_OK;
}

static inline int32_t find_bytes(const spae_tokenizer *tokenizer, const char *text, size_t length)
{
    (void)tokenizer;
    return length == 1 ? (int32_t)(uint8_t)text[0] : length == 2 && memcmp(text, "ab", 2) == 0 ? BYTES_AB : -1;
}

static const spae_tokenizer bytes_tokenizer = {"bytes",      BYTES_V,        -1,        BYTES_END, NULL, encode_bytes,
                                               decode_bytes, bytes_of_token, find_bytes};

/* ---- a model -------------------------------------------------------------------------------------------- */

/* Sample i of request r is "<prompt> r.i"; the call that asks for request `fails` fails. */
typedef struct {
    size_t calls, asked;
    uint32_t fails;
} formula;

static inline spae_status sample_formula(const spae_language_model *model, const spae_request *request, size_t count,
                                         spae_arena *arena, spae_answer *answer, spae_error *err)
{
    formula *f = model->context;
    f->calls++;
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < request[r].samples; i++, answer++) {
            if (request[r].number == f->fails)
                return spae_fail(err, SPAE_ERR_IO, "the server is down");
            char *text = spae_arena_take(arena, request[r].length + 32, 1);
            ck_assert(text != NULL);
            sprintf(text, "%s %u.%zu", request[r].text, (unsigned)request[r].number, i);
            *answer = (spae_answer){text, strlen(text), NULL, 0, (spae_answer_end)(i % 3)};
            if (model->tokenizer != NULL) {
                int32_t *id = NULL;
                encode_bytes(model->tokenizer, text, answer->length, arena, &id, &answer->ids, NULL);
                answer->id = id;
            }
            f->asked += i == 0;
        }
    return SPAE_OK;
}

static inline spae_status score_formula(const spae_language_model *model, const spae_request *prompt,
                                        const spae_answer *continuation, spae_arena *arena, double *log_probability,
                                        spae_error *err)
{
    formula *f = model->context;
    (void)arena;
    (void)err;
    f->calls++;
    *log_probability =
        continuation->length > 0 ? -(double)prompt->length - 1.0 / (double)continuation->length : -HUGE_VAL;
    return SPAE_OK;
}

static inline spae_language_model formula_model(formula *f)
{
    *f = (formula){0, 0, UINT32_MAX};
    return (spae_language_model){
        .name = "formula", .window = 100, .context = f, .sample = sample_formula, .score = score_formula};
}

#endif
