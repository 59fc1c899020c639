/* The 80 prompts of CLIP's zero-shot classification of ImageNet, as data: the P prompts of Eq. 4.
 * Source: A. Radford et al., Learning Transferable Visual Models From Natural Language Supervision, 2021 (the prompts
 * that its authors published with it). */
#ifndef SPAE_IO_CLIP_TEMPLATES_H
#define SPAE_IO_CLIP_TEMPLATES_H

#include "nn/arena.h"

enum { SPAE_CLIP_TEMPLATES = 80 };

/* Each has "{}" once, where the word goes. */
extern const char *const spae_clip_template[SPAE_CLIP_TEMPLATES];

/* The prompt of a word (length bytes): in the arena, terminated; NULL when there is no memory.
 *   in   0 <= index < SPAE_CLIP_TEMPLATES */
const char *spae_clip_prompt(size_t index, const char *word, size_t length, spae_arena *arena);

#endif
