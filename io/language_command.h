/* Back end: any outside program, asked through files. The bridge to whatever language model a user has.
 *
 * For each call a folder of its own is made, the request is written there, and the shell runs
 *     PROGRAM 'REQUEST' 'ANSWER'
 * with two file names, quoted. The program reads the one file, writes the other and ends with status 0. What it writes to
 * its standard error goes where ours goes. Then the answer is read, and files and folder are removed.
 *
 * Forms of the files
 *     own          all requests of a call in one file, all answers in one (SPEC 8.36, 8.37; language_answers.h)
 *     completions  the body of an HTTP request to OpenAI's /completions, and the body that the server answers; the program
 *                  only moves bytes, as adapters/openai.sh does with curl. A file a request (SPEC 8.38; language_http.h)
 *     chat         likewise, to /chat/completions: the prompt is the one message, of the user
 *
 * Nothing ends a program that does not end: name it with `timeout 600` in front, or the like. (The adapter has a time-out.)
 * A program that fails ends with another status than 0, and may say why in the answer's first line: it becomes part of our
 * message. In the HTTP forms the server's own words, if it sent any, stand behind that line.
 */
#ifndef SPAE_IO_LANGUAGE_COMMAND_H
#define SPAE_IO_LANGUAGE_COMMAND_H

#include <stdbool.h>

#include "io/language_model.h"

typedef enum { SPAE_COMMAND_OWN, SPAE_COMMAND_COMPLETIONS, SPAE_COMMAND_CHAT } spae_command_form;

/* All pointers are borrowed while the model is used. */
typedef struct {
    const char *name;    /* of the model; NULL: "command" */
    const char *program; /* the beginning of a command line, in the words of the system's shell: it is the user's own */
    spae_command_form form;
    const char *model;  /* HTTP forms: what "model" says in the request; NULL: nothing */
    const char *folder; /* in which the folder of a call is made; NULL: $TMPDIR, else /tmp; without POSIX: "." */
    bool keep;          /* leave the files, for who looks for a mistake; the message of a failure names the folder */
    bool scores;        /* own form: the program answers requests for log probabilities, so the model has `score` */
    size_t window;      /* as in spae_language_model; 0: not known. A longer prompt is then the program's to refuse. */
    const spae_tokenizer *tokenizer; /* NULL: not known */
} spae_command_options;

/* A model whose `sample` (and `score`) run the program. Nothing is run yet.
 *   err  SPAE_ERR_ARGUMENT  no program; scores with an HTTP form
 *        SPAE_ERR_NO_MEMORY
 *   `sample` and `score` then
 *        SPAE_ERR_ARGUMENT  a request that its file cannot hold: a prompt or `stop` that is not UTF-8, or an empty `stop`
 *                           (where the request has ids, they are sent in place of a prompt that is not UTF-8, but for
 *                           chat); a prompt beyond the window
 *        SPAE_ERR_IO        no shell, a file that could not be written, a program that failed: its exit status and words
 *        SPAE_ERR_FORMAT    an answer that is none (language_answers.h, language_http.h) */
spae_status spae_language_command(const spae_command_options *options, spae_arena *arena, spae_language_model *model,
                                  spae_error *err);

#endif
