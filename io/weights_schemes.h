/* Naming schemes: under which name and with which axes a file of another program holds a parameter.
 * SPEC 8.27
 *
 * A scheme is a table of rules in weights_schemes.c; weights.h lists them. A new family of weights
 * is a new table there (CLIP's: weights_schemes_clip.c), and what it keeps beside its parameters a line of `not_needed`.
 */
#ifndef SPAE_IO_WEIGHTS_SCHEMES_H
#define SPAE_IO_WEIGHTS_SCHEMES_H

#include <stdbool.h>

#include "nn/network.h"

/* What an array's axes are in the file. */
typedef enum {
    SPAE_WEIGHTS_SAME,
    SPAE_WEIGHTS_CONVOLUTION,
    SPAE_WEIGHTS_LINEAR,
    SPAE_WEIGHTS_CONVOLUTION_3D,
    SPAE_WEIGHTS_LINEAR_Q, /* the first, second, last third of an array's first axis, for queries, keys and values in one */
    SPAE_WEIGHTS_LINEAR_K,
    SPAE_WEIGHTS_LINEAR_V,
    SPAE_WEIGHTS_SAME_Q,
    SPAE_WEIGHTS_SAME_K,
    SPAE_WEIGHTS_SAME_V
} spae_weights_layout;

/* Axis i of the parameter is axis[i] of the array; the parameter has `rank` axes (0: any number). It is part `part` of
 * `parts` equal ones that the array's first axis is cut into.
 */
typedef struct {
    size_t rank, axis[SPAE_AXES], part, parts;
} spae_weights_axes;

extern const spae_weights_axes spae_weights_layouts[]; /* the index is the layout */

/* Bytes of a parameter's name in any file, with its end. */
#define SPAE_WEIGHTS_NAME_ROOM (SPAE_PATH_MAX + 32)

/* How many schemes there are, and what each is called. */
extern const size_t spae_weights_schemes;
const char *spae_weights_scheme_name(size_t scheme);

/* The parameter's name in a file of this scheme, and its layout. False when the scheme has none. */
bool spae_weights_scheme_find(size_t scheme, const char *path, char name[SPAE_WEIGHTS_NAME_ROOM],
                              spae_weights_layout *layout);

/* A rule of a scheme. The first one whose `path` matches a parameter's path makes its name in the file. In `path` a *
 * stands for any text (one, and not empty), each # for a number; in `name` they stand for the same
 * again, and @ for the number less one. */
typedef struct {
    const char *path, *name;
    spae_weights_layout layout;
} spae_weights_rule;

/* CLIP's weights, parameters as nn/clip.h has them: OpenAI's names, OpenCLIP's where the text encoder has a name of its own,
 * Hugging Face's (weights_schemes_clip.c). */
typedef struct {
    const spae_weights_rule *rule;
    size_t count;
} spae_weights_rules;

enum { SPAE_WEIGHTS_OPENAI, SPAE_WEIGHTS_OPENCLIP, SPAE_WEIGHTS_HUGGING_FACE, SPAE_WEIGHTS_CLIPS };
extern const spae_weights_rules spae_weights_clip[SPAE_WEIGHTS_CLIPS];

/* May an array of this name be left over, with these parameters? */
bool spae_weights_not_needed(const spae_parameters *parameters, const char *name);

#endif
