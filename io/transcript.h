/* What a language model was asked and what it said, kept line by line (SPEC 8.39).
 *
 *     {"transcript":1,"model":"gpt2","window":1024}
 *     {"number":0,"prompt":"..","ids":[1,2],"n":2,"temperature":0.7,"max_tokens":37,"stop":"\n","seed":7,
 *      "samples":[{"text":"..","ids":[5],"end":"stop"},{..}]}
 *     {"number":0,"choice":1}
 *     {"number":1,"prompt":"..","ids":[1,2],"continuation":"..","continuation_ids":[3],"log_probability":-1.5}
 *
 * each on one line. "ids" is null where the model has no tokenizer. A text that is not UTF-8 stands byte by byte:
 * "prompt":{"bytes":[104,195]}. "choice" is the sample that was taken of the last request of that number
 * among the 4096 requests for samples before it, null: none of them.
 * "log_probability" is null for minus infinity. A line counts when its newline is there: a torn last one is dropped.
 */
#ifndef SPAE_IO_TRANSCRIPT_H
#define SPAE_IO_TRANSCRIPT_H

#include "io/language_model.h"

enum {
    SPAE_TRANSCRIPT_BYTES = 1 << 28,  /* most that a file may have; a line 2^26 */
    SPAE_TRANSCRIPT_CHOSEN = 4096,    /* requests among which a choice finds its own */
    SPAE_TRANSCRIPT_CHOICE_ROOM = 80  /* of the line of a choice */
};

#define SPAE_CHOICE_NONE    SIZE_MAX       /* no sample was taken */
#define SPAE_CHOICE_UNKNOWN (SIZE_MAX - 1) /* the file does not say */

/* One request, with its answers. */
typedef struct {
    size_t line;              /* from 1 */
    spae_request request;     /* of a score: number, text and ids alone */
    spae_answer *answer;      /* (request.samples); of a score NULL */
    spae_answer continuation; /* of a score */
    double log_probability;
    size_t choice, choice_line; /* of samples: < request.samples, or one of the above */
} spae_record;

typedef struct {
    const char *path;  /* borrowed */
    const char *model; /* name */
    size_t window;
    size_t count;
    spae_record *record;  /* (count) in order */
    size_t whole;         /* bytes up to the last newline */
    size_t torn;          /* bytes behind it, which were dropped; 0 as a rule */
} spae_transcript;

/* Reads a file (or bytes, of which messages say `path`), all into the arena.
 *   err  SPAE_ERR_FORMAT  a line that is none of these, or a choice of no request or twice: the text names the line
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_transcript_read(const char *path, spae_arena *arena, spae_transcript *transcript, spae_error *err);
spae_status spae_transcript_parse(const char *path, const char *text, size_t length, spae_arena *arena,
                                  spae_transcript *transcript, spae_error *err);

/* The lines, with their newlines, in the arena.     err  SPAE_ERR_NO_MEMORY */
spae_status spae_transcript_head(const char *model, size_t window, spae_arena *arena, const uint8_t **bytes, size_t *size,
                                 spae_error *err);
spae_status spae_transcript_samples(const spae_request *request, const spae_answer *answer, spae_arena *arena,
                                    const uint8_t **bytes, size_t *size, spae_error *err);
spae_status spae_transcript_score(const spae_request *prompt, const spae_answer *continuation, double log_probability,
                                  spae_arena *arena, const uint8_t **bytes, size_t *size, spae_error *err);
/* The line of a choice; returns its bytes. */
size_t spae_transcript_choice(uint32_t number, size_t choice, char line[SPAE_TRANSCRIPT_CHOICE_ROOM]);

#endif
