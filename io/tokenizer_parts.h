/* What the readers of vocabularies (tokenizer_*.c) share; the rest of the house sees tokenizer.h only.
 *
 * A text goes through stages (normalizers, then pre-tokenizers, tokenizer_stages.c), which cut it into pieces; each piece
 * becomes tokens by itself, by merging (tokenizer_bpe.c) or by the best path (tokenizer_unigram.c).
 */
#ifndef SPAE_IO_TOKENIZER_PARTS_H
#define SPAE_IO_TOKENIZER_PARTS_H

#include <stdbool.h>

#include "io/pattern.h"
#include "io/tokenizer.h"
#include "vendor_free/json.h"
#include "vendor_free/unicode.h"

/* ---- tokens by text, tokenizer_table.c ------------------------------------------------------------------- */

/* Sorted by key, then as `comes_before` says, equal ones in their order of before. */
typedef struct {
    uint64_t key;
    uint32_t value;
} spae_token_entry;

/*   in   spare  (count) scratch */
void spae_token_sort(spae_token_entry *entry, spae_token_entry *spare, size_t count,
                     bool comes_before(const void *context, uint32_t a, uint32_t b), const void *context);

typedef struct {
    size_t V;
    const char **text; /* (V) in the arena; NULL: the token has none */
    uint32_t *length;  /* (V) bytes of it */
    uint64_t *head;    /* (sorted) the first 8 bytes of each text, the first one highest, zeros where it is shorter */
    uint32_t *token;   /* (sorted) those with a text, in the order of their bytes, then by number */
    size_t sorted;
} spae_token_table;

/* Room for V tokens without texts. */
spae_status spae_token_table_start(spae_token_table *table, size_t V, spae_arena *arena, spae_error *err);

/* Sorts, once all texts are in place.   err SPAE_ERR_NO_MEMORY; scratch comes from the arena and is given back */
spae_status spae_token_table_sort(spae_token_table *table, spae_arena *arena, spae_error *err);

/* The lowest token with exactly this text; -1 for none. */
int32_t spae_token_table_find(const spae_token_table *table, const char *text, size_t length);

/* ---- stages, tokenizer_stages.c -------------------------------------------------------------------------- */

typedef enum {
    SPAE_STAGE_REPLACE,       /* each match of `pattern` becomes `text` */
    SPAE_STAGE_PREPEND,       /* `text` before a piece; not before an empty one */
    SPAE_STAGE_BEGIN,         /* the same unless the piece begins with it already */
    SPAE_STAGE_STRIP,         /* White_Space off the left, the right end */
    SPAE_STAGE_LOWERCASE,     /* ASCII letters; other capitals are refused */
    SPAE_STAGE_STRIP_ACCENTS, /* marks are refused */
    SPAE_STAGE_FORM,          /* what `form` may change is refused */
    SPAE_STAGE_MAP,           /* SentencePiece's map of characters */
    SPAE_STAGE_CLEAN,         /* as CLIP cleans a text, spae_token_clean */
    SPAE_STAGE_SPLIT          /* by the matches of `pattern` */
} spae_stage_op;

/* What becomes of the matches and of what lies between them. */
typedef enum {
    SPAE_SPLIT_ISOLATED,   /* each is a piece */
    SPAE_SPLIT_REMOVED,    /* matches are dropped */
    SPAE_SPLIT_PREVIOUS,   /* a match is the end of what lies before it */
    SPAE_SPLIT_NEXT,       /* the beginning of what lies behind it */
    SPAE_SPLIT_CONTIGUOUS, /* matches side by side are one */
    SPAE_SPLIT_KEPT        /* matches only; anything between them is refused */
} spae_split;

typedef struct {
    spae_stage_op op;
    const char *name; /* static, for messages */
    const spae_pattern *pattern;
    const char *text;
    size_t length;
    bool left, right; /* STRIP */
    bool first_only;  /* BEGIN: only the first piece */
    spae_unicode_form form;
    spae_split split;
    const uint8_t *map; /* (map_size) in the arena: units of 4 bytes, then texts, each with a zero behind it */
    size_t units, map_size;
} spae_token_stage;

enum { SPAE_STAGES_MOST = 32 };

typedef struct {
    spae_token_stage stage[SPAE_STAGES_MOST];
    size_t count;
} spae_token_stages;

typedef struct {
    size_t start, length; /* in the text */
} spae_token_piece;

typedef struct {
    const char *text; /* (length) */
    size_t length;
    const spae_token_piece *piece; /* (count) none empty, in order */
    size_t count;
} spae_token_pieces;

/* The pieces of a text in UTF-8.
 *   err  SPAE_ERR_FORMAT  a stage cannot say what it does to the text: it names the stage and the byte
 *        SPAE_ERR_NO_MEMORY
 *   mem  in the arena, scratch too: the caller resets it */
spae_status spae_token_stages_run(const spae_token_stages *stages, const char *text, size_t length, spae_arena *arena,
                                  spae_token_pieces *pieces, spae_error *err);

/* How CLIP cleans a text in UTF-8 (SPEC 8.45, tokenizer_clip.c).
 *   out  out   (*count) in the arena
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_token_clean(const char *text, size_t length, spae_arena *arena, const char **out, size_t *count,
                             spae_error *err);

/* A stage that cuts by this pattern.   err as spae_pattern_compile, and SPAE_ERR_FORMAT for too many stages */
spae_status spae_token_stages_split(spae_token_stages *stages, const char *name, const char *pattern, size_t length,
                                    spae_split split, spae_arena *arena, spae_error *err);
spae_status spae_token_stages_add(spae_token_stages *stages, spae_token_stage stage, spae_error *err);

extern const char spae_token_gpt2_pattern[]; /* how GPT-2 cuts, and all after it that say no other way */

/* The stages of a tokenizer.json: its members "normalizer" and "pre_tokenizer", either may be NULL (tokenizer_json_stages.c).
 *   out  byte_level  the last of them is ByteLevel: the texts of tokens stand for bytes
 *   err  SPAE_ERR_FORMAT  "PLACE: ..", without the file */
spae_status spae_token_stages_read(spae_token_stages *stages, const spae_json_node *nodes, const spae_json_node *normalizer,
                                   const spae_json_node *pre_tokenizer, bool *byte_level, spae_arena *arena, spae_error *err);

/* ---- the vocabulary -------------------------------------------------------------------------------------- */

typedef enum { SPAE_TOKEN_MERGES, SPAE_TOKEN_RANKS, SPAE_TOKEN_UNIGRAM } spae_token_method;

typedef struct {
    spae_tokenizer face;
    spae_token_method method;
    spae_token_stages stages;
    bool of_bytes;           /* pieces are bytes, and a token's text is its bytes; else characters */
    spae_token_table key;    /* texts as pieces have them; of all tokens of the vocabulary proper */
    spae_token_table bytes;  /* what tokens add to a decoded text */
    bool *hidden;            /* (V) encode never gives this token (but as one of byte_token, or as `unknown`) */
    bool begins_blank;       /* decode drops a blank that the first token begins with */
    bool whole_first;        /* a piece that is a token is that token, before any merging */
    int32_t single[256];     /* of_bytes: the token of each byte, -1: none */
    bool ends_pieces;        /* of_bytes: a piece's last byte is another token than the same byte before it, of `last` */
    int32_t last[256];       /* -1: none */
    int32_t byte_token[256]; /* byte fallback: the token that stands for the byte; -1: none */
    int32_t unknown;         /* the token of what the vocabulary cannot say; -1: that is refused */
    bool fuse_unknown;       /* several in a row are one */

    /* MERGES, sorted by left * 2^32 + right */
    size_t merges;
    uint64_t *pair;   /* (merges) */
    uint32_t *rank;   /* (merges) */
    int32_t *merged;  /* (merges) the token that they become */

    /* UNIGRAM */
    double *score;        /* (V) */
    double unknown_score; /* of a character that no token begins */
    size_t first[257];    /* places in key.token: those whose text begins with byte b are first[b] .. first[b + 1] - 1 */
} spae_token_model;

/* A model without tokens, in the arena; NULL without memory. */
spae_token_model *spae_token_model_new(spae_arena *arena);

/* What follows from all texts and flags: the sorted tables, `single`, the face's functions.
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_token_model_finish(spae_token_model *model, const char *kind, spae_arena *arena, spae_error *err);

/* The tokens of one piece, text[piece], behind id[*count - 1].
 *   in   id  has room for piece->length more
 *   err  SPAE_ERR_FORMAT  a character that the vocabulary cannot say
 *        SPAE_ERR_NO_MEMORY
 *   mem  scratch in the arena, given back */
spae_status spae_token_merge(const spae_token_model *model, const char *text, const spae_token_piece *piece, spae_arena *arena,
                             int32_t *id, size_t *count, spae_error *err);
spae_status spae_token_best_path(const spae_token_model *model, const char *text, const spae_token_piece *piece,
                                 spae_arena *arena, int32_t *id, size_t *count, spae_error *err);

/* "the vocabulary has nothing for U+4E2D, byte 17 of the text (as normalized)" */
spae_status spae_token_unknown(const char *text, size_t at, size_t length, spae_error *err);

/* Sorts the merges; `entry` (count) has left * 2^32 + right and the rank, `merged` (count) the token of each rank.
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_token_merges_sort(spae_token_model *model, spae_token_entry *entry, size_t count, const int32_t *merged,
                                   spae_arena *arena, spae_error *err);

/* The tokens of the first bytes of key.token's order, for UNIGRAM. */
void spae_token_first_bytes(spae_token_model *model);

/* ---- readers --------------------------------------------------------------------------------------------- */

/* A file's bytes, in a scratch arena that is given up once the vocabulary stands. */
typedef struct {
    const char *path;
    const char *text; /* (size) */
    size_t size;
} spae_token_file;

/* What a vocabulary is made of. `nodes` are of the first file, of `config` and `pattern` of another each. */
typedef struct {
    spae_token_file file;           /* tokenizer.json, vocab.json or ranks */
    const spae_json_node *nodes;    /* NULL: ranks */
    spae_token_file merges;         /* beside vocab.json */
    const spae_json_node *config;   /* tokenizer_config.json; NULL: there is none */
    const spae_json_node *pattern;  /* pattern.json, beside ranks; NULL: there is none */
    const char *config_path, *pattern_path;
    spae_arena *arena, *scratch; /* of the vocabulary; of what is not kept. They may be one */
} spae_token_sources;

/* Each:  out  model, its texts in the arena
 *        err  SPAE_ERR_FORMAT  "FILE: PLACE: .."
 *             SPAE_ERR_NO_MEMORY */
spae_status spae_token_json(const spae_token_sources *sources, spae_token_model *model, spae_error *err);
spae_status spae_token_vocab(const spae_token_sources *sources, spae_token_model *model, spae_error *err);
spae_status spae_token_tiktoken(const spae_token_sources *sources, spae_token_model *model, spae_error *err);

spae_status spae_token_clip(const spae_token_sources *sources, spae_token_model *model, spae_error *err); /* `file`: merges */

/* Is this the first line of CLIP's merges file, or of a merges.txt? */
bool spae_token_merges_begin(const char *line, size_t length);

/* Puts "PLACE: " before the text of a failure; returns the status. */
spae_status spae_token_at(spae_status status, const char *place, spae_error *err);

/* The byte that a character of a byte-level vocabulary stands for (SPEC 8.30); -1: none. */
int spae_token_byte_of(uint32_t code_point);

/* A token and its texts, in a vocabulary that is being made. */
typedef struct {
    const spae_token_sources *sources;
    const spae_json_node *nodes;
    spae_token_model *model;
    size_t room; /* for so many tokens */
    char *pool;  /* (pool_room) their texts, one behind the other */
    size_t used, pool_room;
    spae_error *err;
} spae_token_making;

/* The merges of tokenizer.json and of merges.txt (tokenizer_merges.c). */
spae_status spae_token_merges_json(const spae_token_making *m, const spae_json_node *merges);
spae_status spae_token_merges_lines(const spae_token_making *m, const spae_token_file *file);

/* The text of a byte-level vocabulary as bytes, in place of or apart from it; false when a character stands for no byte. */
bool spae_token_to_bytes(const char *text, size_t length, char *bytes, size_t *count);

/* The tokens that begin and end a text, and the decoder (tokenizer_json_ends.c); key and bytes hold their texts as read. */
spae_status spae_token_ends(const spae_token_making *m, const spae_json_node *added, const spae_json_node *processor);
spae_status spae_token_decoder(const spae_token_making *m, const spae_json_node *decoder);

/* The token of this name: an added one, or one of the vocabulary; -1: none. */
int32_t spae_token_named(const spae_token_making *m, const spae_json_node *added, const char *name, size_t length);

#endif
