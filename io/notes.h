/* What a model remembers of its training, beside its configuration: members of its JSON object
 * (SPEC 8.8).
 *
 *     "guide"             the semantic source, "centred", "raw" or "nearest" (guide.h)
 *     "labels"            the words of label 0, 1, ..: an array of up to 256 strings; empty when
 *                         the pictures had no labels, or came with words of their own
 *     "codebook_centred"  was the mean of the given embeddings taken away?
 *     "codebook_scale"    by what they were multiplied then
 *     "perceptual_sha256" of the perceptual term's weights (weights.h); only where it was on
 *     "guide_sha256"      of the files that guided in place of labels (guide_stream.h); only where they did
 *
 * A file without them means "centred", [], false and 1.
 */
#ifndef SPAE_IO_NOTES_H
#define SPAE_IO_NOTES_H

#include "io/guide.h"
#include "vendor_free/json.h"

#define SPAE_NOTES_LABELS_MOST 256

typedef struct {
    spae_guide_kind guide;
    size_t label_count;       /* <= SPAE_NOTES_LABELS_MOST; 0: no labels, or the data's own words */
    const char *const *label; /* (label_count), borrowed, or in the arena */
    bool codebook_centred;
    double codebook_scale;
    char perceptual[65];  /* "": the term was off */
    char guide_files[65]; /* "": labels guided, or nothing */
} spae_notes;

/* The notes of a file that has none. */
spae_notes spae_notes_default(void);

/* Takes the notes from the object at nodes[0]; other members are left alone.
 *   in   file  named in messages
 *   err  SPAE_ERR_FORMAT  a value of another form    SPAE_ERR_NO_MEMORY
 *   mem  labels in the arena */
spae_status spae_notes_read(spae_notes *notes, const char *file, const spae_json_node *nodes,
                            spae_arena *arena, spae_error *err);

/* Writes all notes as members of the object that is open in the writer. */
void spae_notes_write(spae_json_writer *writer, const spae_notes *notes);

#endif
