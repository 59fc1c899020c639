/* CLIP from published files: weights of any of its naming families, its tokenizer, and features of pictures and texts.
 *
 *     const char *const path[] = {"ViT-B-32.safetensors"};
 *     spae_clip_options options = {.path = path, .files = 1, .tokenizer = "bpe_simple_vocab_16e6.txt.gz",
 *                                  .parts = SPAE_CLIP_BOTH};
 *     spae_clip_encoder clip;
 *     status = spae_clip_open(&options, &arena, &clip, err);
 *     status = spae_clip_encode_image(&clip, pictures, n, true, &arena, features, err);
 *     status = spae_clip_encode_text(&clip, texts, n, SPAE_CLIP_REFUSE, true, &arena, features, err);
 *
 * Names     OpenAI's and OpenCLIP's (visual.conv1.weight, transformer.resblocks.0.attn.in_proj_weight, ..), the same behind
 *           "module." and, of the texts, behind "text."; Hugging Face's (vision_model.encoder.layers.0.self_attn.q_proj
 *           .weight, ..); our own (nn/clip.h). Which of them a file has, it shows (weights.h).
 * Sizes     are those of the arrays; heads are width / 64 rounded down, as published up to ViT-L, unless the options say
 *           otherwise. Whether the arrays fit each other is checked.
 * Ignored   logit_scale, logit_bias, attn_mask, position_ids, input_resolution, context_length, vocab_size, and all arrays of
 *           an encoder that is not asked for.
 */
#ifndef SPAE_IO_CLIP_H
#define SPAE_IO_CLIP_H

#include "io/tokenizer.h"
#include "io/weights.h"
#include "nn/clip.h"

typedef struct {
    const char *const *path; /* (files) of weights, 1 .. SPAE_WEIGHTS_FILES, together one model */
    size_t files;
    const char *tokenizer;   /* for spae_tokenizer_open: the merges file, plain or .gz, tokenizer.json, or a folder with one;
                              * NULL: tokens come from elsewhere */
    unsigned parts;          /* SPAE_CLIP_IMAGE, SPAE_CLIP_TEXT or both: what is loaded */
    spae_clip_activation activation; /* no file says it: OpenAI's have quick_gelu, most of OpenCLIP's gelu */
    size_t vision_heads, text_heads; /* 0: width / 64 */
    double eps;                      /* of the norms; 0: 1e-5 */
} spae_clip_options;

typedef struct {
    spae_clip_model model;
    const spae_tokenizer *tokenizer; /* NULL where none was asked for */
    spae_weights_report report;      /* which scheme, what was ignored, the hash */
} spae_clip_encoder;

/* The sizes that the arrays of open files have; activation, heads and eps from the options. Of a part not asked for the
 * sizes are 0.
 *   err  SPAE_ERR_FORMAT  an array that sizes come from is missing, or no family of names is known: which
 *        SPAE_ERR_SHAPE   it has another number of axes, or sizes that do not fit each other: both
 *        SPAE_ERR_ARGUMENT, as spae_clip_check */
spae_status spae_clip_sizes(const spae_clip_options *options, const spae_weights *file, size_t files, spae_arena *scratch,
                            spae_clip *config, spae_error *err);

/* Opens weights and tokenizer; nothing stays open.
 *   out  clip  in the arena; untouched after a failure, and the arena is as it was
 *   err  as spae_clip_sizes, spae_weights_load and spae_tokenizer_open
 *        SPAE_ERR_FORMAT  the tokenizer has another number of tokens than the text encoder */
spae_status spae_clip_open(const spae_clip_options *options, spae_arena *arena, spae_clip_encoder *clip, spae_error *err);

/* n pictures (n,image_size,image_size,3), preprocessed -> features (n,embed); unit: of length 1. As
 * spae_clip_image_features. */
spae_status spae_clip_encode_image(const spae_clip_encoder *clip, const spae_real *pictures, size_t n, bool unit,
                                   spae_arena *arena, spae_real *features, spae_error *err);

/* What becomes of a text with more tokens than the context has room for. */
typedef enum {
    SPAE_CLIP_REFUSE,  /* an error */
    SPAE_CLIP_TRUNCATE /* its first context - 1 tokens, start included, and the end token */
} spae_clip_long;

/* The tokens of a text: start, its words, end, and zeros up to the context.
 *   out  tokens  (context)
 *   err  SPAE_ERR_ARGUMENT  too long and refused: how many tokens, and how many there may be; the encoder has no tokenizer
 *        SPAE_ERR_FORMAT    the text is not UTF-8
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_clip_tokens(const spae_clip_encoder *clip, const char *text, size_t length, spae_clip_long how,
                             spae_arena *arena, int32_t *tokens, spae_error *err);

/* n texts, terminated -> features (n,embed).   err: as the two above; the text names which */
spae_status spae_clip_encode_text(const spae_clip_encoder *clip, const char *const *text, size_t n, spae_clip_long how,
                                  bool unit, spae_arena *arena, spae_real *features, spae_error *err);

#endif
