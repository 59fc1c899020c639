/* From what a user names to a language model.
 *
 *     incontext          the embedded one, made of the SPAE model's words (language_incontext.h)
 *     transformer:FOLDER GPT-2 or a model of Llama's kind, as published (language_transformer.h)
 *     command:PROGRAM    any outside program (language_command.h); PROGRAM is the beginning of a shell's command line
 *         folder=DIR     where its files are made           keep=yes     leave them there
 *         scores=yes     it answers requests for log probabilities        window=TOKENS
 *         tokenizer=FILE its vocabulary (tokenizer_open.h), so that prompts are ids too; "words": incontext's
 *     openai:URL#MODEL   a server with OpenAI's HTTP interface, by adapters/openai.sh: URL as "http://127.0.0.1:8080/v1",
 *                        without it $OPENAI_BASE_URL; "#MODEL" may be missing where the server has only one
 *         chat=yes       /chat/completions, not /completions     timeout=SECONDS    of a request, 1..86400; 600
 *         adapter=FILE   another adapter                         folder, keep, window, tokenizer as above
 *                        The key, if the server wants one, is in $OPENAI_API_KEY.
 *     replay:FILE        a transcript, without any model
 *         tokenizer=FILE as above, where the transcript has ids: "words" for one of incontext
 *
 * The part behind the first ':' is taken whole. Settings are given apart, "key=value" each; switches take yes or no.
 * With a transcript, the model is wrapped by language_transcript.h.
 */
#ifndef SPAE_IO_LANGUAGE_OPEN_H
#define SPAE_IO_LANGUAGE_OPEN_H

#include "io/language_model.h"
#include "spae.h"

/* What the user names, and what the program has for back ends that need it. All borrowed while the model is used. */
typedef struct {
    const char *name;           /* "KIND" or "KIND:ARGUMENT" */
    const char *const *setting; /* (settings) "key=value"; of a key given twice the last one counts */
    size_t settings;
    const char *transcript;     /* the file to keep one in; NULL: none */
    bool resume;                /* go on with that file; one that is not there is begun */
    const char *program;        /* argv[0] of this program, beside which adapters are looked for; NULL: not known */
    const spae_model *spae; /* its words and embeddings are back end incontext's; NULL: none */
} spae_language_options;

/* What an opener gets. */
typedef struct {
    const spae_language_options *options;
    const char *argument; /* behind ':'; "" where there is none */
    size_t *torn;         /* as in language_transcript.h, 0 before */
} spae_language_choice;

/* A kind of back end: a row of the table in language_open.c. */
typedef struct {
    const char *kind;       /* "command" */
    const char *argument;   /* how a help calls what stands behind ':'; NULL: there is nothing */
    bool optional;          /* it may be missing */
    const char *const *keys; /* the settings it takes; NULL ends them */
    const char *help;       /* one line */
    spae_status (*open)(const spae_language_choice *choice, spae_arena *arena, spae_language_model *model,
                        spae_error *err);
} spae_language_kind;

/* The kinds there are, for a help. */
extern const spae_language_kind spae_language_kinds[];
extern const size_t spae_language_kinds_count;

/* The value of a setting; NULL: not given. For openers, as are the next two. */
const char *spae_language_setting(const spae_language_choice *choice, const char *key);

/* The same as yes or no, and as a whole number of decimal digits, least..most; *value is untouched where it is not given.
 *   err  SPAE_ERR_ARGUMENT  another value; the text names the key */
spae_status spae_language_switch(const spae_language_choice *choice, const char *key, bool *value, spae_error *err);
spae_status spae_language_number(const spae_language_choice *choice, const char *key, size_t least, size_t most,
                                 size_t *value, spae_error *err);

/* Opens what is named.
 *   out  model  in the arena
 *        torn   as in language_transcript.h; may be NULL
 *   err  SPAE_ERR_ARGUMENT  no such kind (the text says which there are), a setting that the kind does not take (and which
 *                           one is meant), a value out of its range, an argument missing or too much
 *        or what the back end says */
spae_status spae_language_open(const spae_language_options *options, spae_arena *arena, spae_language_model *model,
                               size_t *torn, spae_error *err);

#endif
