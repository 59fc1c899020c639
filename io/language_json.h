/* Pieces of JSON that requests, answers and transcripts have in common (language_answers.h, language_http.h,
 * transcript.h): a text that was read, with its name for messages, and the two passes of writing. */
#ifndef SPAE_IO_LANGUAGE_JSON_H
#define SPAE_IO_LANGUAGE_JSON_H

#include "nn/arena.h"
#include "vendor_free/json.h"

typedef struct {
    const char *name;            /* of the file, borrowed */
    size_t line;                 /* of the text in it, from 1; 0: it is the whole file */
    const char *text;            /* borrowed */
    const spae_json_node *nodes; /* in the arena; nodes[0] is the whole */
} spae_document;

/* Reads a text; fill in name and line first.
 *   err  SPAE_ERR_FORMAT  no JSON: "NAME: line 3: byte 17: expected .."    SPAE_ERR_NO_MEMORY */
spae_status spae_document_parse(const char *text, size_t length, spae_arena *arena, spae_document *document,
                                spae_error *err);

/* The same into nodes of the caller's, `room` of them; spae_json_bound says how many suffice. */
spae_status spae_document_parse_into(const char *text, size_t length, spae_json_node *nodes, size_t room,
                                     spae_document *document, spae_error *err);

/* "NAME: line 3: byte 17: WHAT", SPAE_ERR_FORMAT. */
spae_status spae_document_fail(const spae_document *document, const spae_json_node *node, const char *what,
                               spae_error *err);

/* The member, when it is there and not null; else NULL. */
const spae_json_node *spae_document_member(const spae_document *document, const spae_json_node *object, const char *key);

/* A string, terminated and in the arena.    err  SPAE_ERR_FORMAT  something else, or missing    SPAE_ERR_NO_MEMORY */
spae_status spae_document_text(const spae_document *document, const spae_json_node *parent, const char *key,
                               spae_arena *arena, char **text, size_t *length, spae_error *err);

/* A whole number, least..most. */
spae_status spae_document_integer(const spae_document *document, const spae_json_node *parent, const char *key,
                                  int64_t least, int64_t most, int64_t *value, spae_error *err);

/* An array of exactly `count` members, 0: any number. */
spae_status spae_document_array(const spae_document *document, const spae_json_node *parent, const char *key,
                                size_t count, const spae_json_node **array, spae_error *err);

/* Token ids, each 0 .. 2^31-1; *id is NULL where the member is null or not there. */
spae_status spae_document_ids(const spae_document *document, const spae_json_node *parent, const char *key,
                              spae_arena *arena, const int32_t **id, size_t *count, spae_error *err);

/* The ids as an array, or null for NULL. */
void spae_document_write_ids(spae_json_writer *w, const char *key, const int32_t *id, size_t count);

/* What `fill` writes, and a newline, in the arena.    err  what the writer says    SPAE_ERR_NO_MEMORY */
typedef void spae_document_fill(spae_json_writer *w, const void *context);
spae_status spae_document_write(spae_document_fill *fill, const void *context, spae_arena *arena, const uint8_t **bytes,
                                size_t *size, spae_error *err);

#endif
