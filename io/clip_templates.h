/* The 80 prompts with which CLIP was shown to classify ImageNet without examples, each with {} where the word stands (SPEC 4.9):
 * f'_T(k) is the mean of f_T over them (App. B.1 of the paper).
 *
 * Source    OpenAI CLIP notebooks/Prompt_Engineering_for_ImageNet.ipynb, in its order
 */
#ifndef SPAE_IO_CLIP_TEMPLATES_H
#define SPAE_IO_CLIP_TEMPLATES_H

#include <stddef.h>

enum { SPAE_CLIP_TEMPLATES = 80 };

extern const char *const spae_clip_templates[SPAE_CLIP_TEMPLATES];

/* A prompt with the word in place of its first {}.
 *   in   prompt  holds {}
 *   out  out     room for strlen(prompt) + length - 1 bytes; terminated
 * Returns its length. */
size_t spae_clip_prompt(const char *prompt, const char *word, size_t length, char *out);

#endif
