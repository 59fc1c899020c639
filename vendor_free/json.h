/* JSON (RFC 8259; SPEC 8.6): a strict reader into the caller's nodes, and a writer into the caller's
 * buffer.
 *
 * The reader keeps no copy: nodes point into the text, which must outlive them. It takes the
 * grammar of the RFC and nothing else (no comments, trailing commas, byte order mark, NaN), and
 * refuses besides: text that is not UTF-8, lone surrogates in \u escapes, two equal keys in one
 * object, and more than SPAE_JSON_DEPTH arrays and objects in each other. Its time is bounded by
 * bytes times the logarithm of the number of keys.
 */
#ifndef SPAE_JSON_H
#define SPAE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

#define SPAE_JSON_DEPTH 64
#define SPAE_JSON_NONE  UINT32_MAX /* an index that points nowhere */

typedef enum {
    SPAE_JSON_NULL,
    SPAE_JSON_BOOL,
    SPAE_JSON_NUMBER,
    SPAE_JSON_STRING,
    SPAE_JSON_ARRAY,
    SPAE_JSON_OBJECT
} spae_json_type;

/* One value. Nodes lie in the order in which their values begin in the text; node 0 is the
 * whole. */
typedef struct {
    spae_json_type type;
    const char *text; /* borrowed: the value as written; of a string, without its quotes */
    size_t length;    /* bytes of it */
    const char *key;  /* borrowed: in an object, the key as written, without quotes; else NULL */
    size_t key_length;
    uint32_t count;  /* elements of an array, members of an object; else 0 */
    uint32_t child;  /* index of the first of them, or SPAE_JSON_NONE */
    uint32_t next;   /* index of the next one of the same parent, or SPAE_JSON_NONE */
    uint32_t by_key; /* the reader's own: the next member in the order of keys */
} spae_json_node;

/* A number of nodes that suffices for this text, whatever it holds; at least 1. */
size_t spae_json_bound(const char *text, size_t length);

/* Reads the whole text, one value with white space around it.
 *   in   text        (length)      borrowed by the nodes
 *   out  nodes       (capacity)    the first *node_count are filled; on failure unspecified
 *   out  node_count  1             may be NULL
 *   err  SPAE_ERR_FORMAT     the text breaks a rule above: "json: byte 17: expected ..." (bytes
 *                            count from 0)
 *        SPAE_ERR_NO_MEMORY  more values than capacity, or than 2^32 - 1
 */
spae_status spae_json_parse(const char *text, size_t length, spae_json_node *nodes, size_t capacity,
                            size_t *node_count, spae_error *err);

/* The first value in an array or object, and the one after another; NULL at the end, or when
 * `parent` is neither. `nodes` is the array that was filled. */
const spae_json_node *spae_json_first(const spae_json_node *nodes, const spae_json_node *parent);
const spae_json_node *spae_json_next(const spae_json_node *nodes, const spae_json_node *node);

/* The member of that key (terminated UTF-8, compared after unescaping); NULL when there is none, or
 * when `object` is not an object. */
const spae_json_node *spae_json_member(const spae_json_node *nodes, const spae_json_node *object,
                                       const char *key);

/* The value of a node as a C type. SPAE_ERR_FORMAT, *value untouched, when the node has another
 * type or the value does not fit; the text names the key, if it has one, and what was expected.
 *   boolean  true or false
 *   integer  a number written without fraction and exponent, least <= value <= most ("-0" is 0)
 *   double   the nearest binary64 (decimal.h); "-0" is minus zero, 1e-400 is zero, 1e400 is refused
 */
spae_status spae_json_boolean(const spae_json_node *node, bool *value, spae_error *err);
spae_status spae_json_integer(const spae_json_node *node, int64_t least, int64_t most,
                              int64_t *value, spae_error *err);
spae_status spae_json_double(const spae_json_node *node, double *value, spae_error *err);

/* A string, or a member's key, without its escapes, as terminated UTF-8.
 *   out  out       (capacity)  never needs more than node->length + 1 (node->key_length + 1);
 *                              untouched on failure
 *   out  length    1           bytes without the terminator; may be NULL. U+0000 may occur among
 *                              them.
 *   err  SPAE_ERR_FORMAT     not a string; for the key, not in an object
 *        SPAE_ERR_NO_MEMORY  capacity does not hold the bytes and the terminator
 */
spae_status spae_json_string(const spae_json_node *node, char *out, size_t capacity, size_t *length,
                             spae_error *err);
spae_status spae_json_key(const spae_json_node *node, char *out, size_t capacity, size_t *length,
                          spae_error *err);

/* The writer. Commas and colons come by themselves; there is no white space; strings leave as UTF-8
 * with only '"', '\' and control characters escaped. The first mistake is kept and told by
 * spae_json_write_finish, so the calls between need no checks. With out NULL it only counts.
 *
 *     spae_json_writer w;
 *     spae_json_write_start(&w, buffer, sizeof buffer);
 *     spae_json_write_open(&w, '{');
 *     spae_json_write_key(&w, "layers");
 *     spae_json_write_integer(&w, 6);
 *     spae_json_write_close(&w);
 *     status = spae_json_write_finish(&w, &length, err);        {"layers":6}
 */
typedef struct {
    char *out; /* borrowed; NULL counts only */
    size_t capacity;
    size_t length;              /* bytes so far, also those that had no room */
    unsigned depth;             /* open arrays and objects */
    char open[SPAE_JSON_DEPTH]; /* '[', '{', or ':' for an object whose next value has its key */
    bool filled;                /* something stands at this level already, so a comma is due */
    spae_status status;
    const char *mistake;
} spae_json_writer;

void spae_json_write_start(spae_json_writer *w, char *out, size_t capacity);

/* bracket is '[' or '{'; close ends the innermost. */
void spae_json_write_open(spae_json_writer *w, char bracket);
void spae_json_write_close(spae_json_writer *w);

/* The key of the next value of an object: terminated UTF-8. That no key comes twice is the caller's
 * duty. */
void spae_json_write_key(spae_json_writer *w, const char *key);

void spae_json_write_string(spae_json_writer *w, const char *text, size_t length);
void spae_json_write_integer(spae_json_writer *w, int64_t value);
void spae_json_write_double(spae_json_writer *w, double value); /* as spae_decimal_write; finite */
void spae_json_write_boolean(spae_json_writer *w, bool value);
void spae_json_write_null(spae_json_writer *w);

/* Ends the text (not terminated).
 *   out  length  1   bytes of the text; also when SPAE_ERR_NO_MEMORY, then the capacity that it
 *                    takes
 *   err  SPAE_ERR_NO_MEMORY   out is too short
 *        SPAE_ERR_ARGUMENT    calls that make no JSON text: no value or several, a value without
 *                             key, an array or object left open, nested too deep, a string that is
 *                             not UTF-8
 *        SPAE_ERR_NOT_FINITE  a double was NaN or infinite
 */
spae_status spae_json_write_finish(spae_json_writer *w, size_t *length, spae_error *err);

#endif
