/* CLIP from its published files (SPEC 8.46, 8.47): pictures and texts become features of one space, those that Eq. 4 compares.
 *
 *     const char *const weights[] = {"ViT-B-32.safetensors"};
 *     spae_clip_encoder clip;
 *     status = spae_clip_open(&arena, weights, 1, "bpe_simple_vocab_16e6.txt.gz", NULL, &clip, err);
 *     status = spae_clip_encode_texts(&clip, texts, n, true, &arena, features, err);
 *
 * Weights are .safetensors, .npz or PyTorch's state dict, under OpenAI's, OpenCLIP's or Hugging Face's names, or ours of nn/clip.h;
 * one file or several (weights_files.h). Sizes follow from the arrays' shapes; the number of heads, which no array tells, is
 * floor(width / 64), at least 1, as in all that are published.
 */
#ifndef SPAE_IO_CLIP_H
#define SPAE_IO_CLIP_H

#include "io/image.h"
#include "io/tokenizer_clip.h"
#include "io/weights_files.h"
#include "nn/clip.h"

/* What the files do not say. */
typedef struct {
    unsigned parts;                  /* encoders that are wanted: SPAE_CLIP_IMAGE, _TEXT or _BOTH */
    spae_clip_activation activation; /* OpenAI's weights have quick_gelu, most that OpenCLIP trained gelu */
} spae_clip_wanted;

typedef struct {
    spae_clip_model model;
    const spae_tokenizer *tokenizer; /* NULL: none was named */
    char hash[65];                   /* of the weights, spae_weights_hash */
    const char *scheme;              /* of the first file's names; static */
} spae_clip_encoder;

/*   in   path       (paths) of weights, borrowed until return
 *        tokenizer  a path for spae_tokenizer_open, or NULL
 *        wanted     NULL: both encoders, quick_gelu
 *   out  clip       weights and tokens in the arena; no file stays open
 *   err  SPAE_ERR_FORMAT    an encoder that is wanted is not there; arrays are missing or left over; positions that are no square;
 *                           a broken file
 *        SPAE_ERR_SHAPE     arrays that do not fit each other; a tokenizer of another number of tokens than the weights have
 *        SPAE_ERR_ARGUMENT  no part is wanted; sizes that spae_clip_check refuses
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  on failure the arena is as it was */
spae_status spae_clip_open(spae_arena *arena, const char *const *path, size_t paths, const char *tokenizer,
                           const spae_clip_wanted *wanted, spae_clip_encoder *clip, spae_error *err);

/* Pictures of any sizes: made RGB and 8 bits (SPEC 8.16), prepared (3.25), encoded (6.13), a few at a time.
 *   in   unit      divided by their length
 *   out  features  (n,embed); unspecified after a failure
 *   err  SPAE_ERR_ARGUMENT  no image encoder;  SPAE_ERR_SHAPE, SPAE_ERR_NOT_FINITE  a picture: its number;  SPAE_ERR_NO_MEMORY
 *   mem  from the arena, given back: of 16 prepared pictures, and what spae_clip_image_features takes */
spae_status spae_clip_encode_images(const spae_clip_encoder *clip, const spae_image *image, size_t n, bool unit, spae_arena *arena,
                                    spae_real *features, spae_error *err);

/* Texts, cut into tokens by the tokenizer (8.45, 8.46), encoded (6.14).
 *   err  SPAE_ERR_ARGUMENT  no text encoder, no tokenizer;  SPAE_ERR_FORMAT  a text that is too long or not UTF-8: its number;
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_NO_MEMORY */
spae_status spae_clip_encode_texts(const spae_clip_encoder *clip, const char *const *text, size_t n, bool unit, spae_arena *arena,
                                   spae_real *features, spae_error *err);

#endif
