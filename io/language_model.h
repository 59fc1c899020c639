/* A frozen language model, as everything here sees it: continuations of a prompt, and how likely one is (Eq. 10).
 *
 * Back ends: language_transformer.h (GPT-2 and Llama), language_command.h (any outside program), language_incontext.h (no
 * weights at all), language_transcript.h (what was kept of an earlier run). language_open.h makes one of what the user names.
 */
#ifndef SPAE_IO_LANGUAGE_MODEL_H
#define SPAE_IO_LANGUAGE_MODEL_H

#include "io/tokenizer.h"

/* One prompt, and what is wanted of it. */
typedef struct {
    const char *text;      /* (length) the prompt */
    size_t length;
    const int32_t *id;     /* (ids) the same in the model's vocabulary, no token split again; NULL where the model has no */
    size_t ids;            /* tokenizer */
    size_t samples;        /* continuations wanted, >= 1 */
    double temperature;    /* >= 0; 0: the most likely token each time, the lowest id on ties, so all samples are equal */
    size_t max_tokens;     /* of each continuation, >= 1 */
    const char *stop;      /* a continuation ends before this text, which is no part of it; NULL: there is none */
    uint32_t seed, number; /* of the run, and of this request in the run: together the key of the samples */
} spae_request;

typedef enum {
    SPAE_ANSWER_STOPPED, /* `stop` came */
    SPAE_ANSWER_ENDED,   /* the model ended the text */
    SPAE_ANSWER_FULL     /* max_tokens were reached */
} spae_answer_end;

extern const char *const spae_answer_end_names[3]; /* "stop", "end", "length" */

typedef struct {
    const char *text;  /* (length) in the arena, terminated */
    size_t length;
    const int32_t *id; /* (ids) in the arena; NULL where the model has no tokenizer */
    size_t ids;
    spae_answer_end end;
} spae_answer;

typedef struct spae_language_model spae_language_model;

struct spae_language_model {
    const char *name;                /* for messages, transcripts and tables, in the arena */
    size_t window;                   /* tokens that prompt and continuation may have together; 0: not known */
    const spae_tokenizer *tokenizer; /* NULL: not known; prompts are texts only */
    size_t together;                 /* a call asks for this many requests at once, others wait for their turn: who keeps
                                        answers (language_transcript.h) passes on no more at a time; 0: all of a call */
    void *context;                   /* the back end's own */

    /* Continues `count` prompts, which do not depend on each other.
     *   out  answer  (sum of their samples), those of a request side by side, in order
     *   err  SPAE_ERR_ARGUMENT    a prompt beyond the window: by how much
     *        SPAE_ERR_NOT_FINITE  the model's numbers are no numbers
     *        SPAE_ERR_FORMAT      an outside program's answer is none;  SPAE_ERR_IO  it failed
     *        SPAE_ERR_NO_MEMORY */
    spae_status (*sample)(const spae_language_model *model, const spae_request *request, size_t count, spae_arena *arena,
                          spae_answer *answer, spae_error *err);

    /* The natural logarithm of P(continuation | prompt), all its tokens together. NULL: the back end cannot.
     *   in   continuation  (length) text, and the same as ids (ids) or NULL as in a request */
    spae_status (*score)(const spae_language_model *model, const spae_request *prompt, const spae_answer *continuation,
                         spae_arena *arena, double *log_probability, spae_error *err);
};

#endif
