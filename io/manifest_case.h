/* What the reader of the MANIFEST is made of: its lines (manifest.c) and one case
 * (manifest_case.c). */
#ifndef SPAE_IO_MANIFEST_CASE_H
#define SPAE_IO_MANIFEST_CASE_H

#include "io/manifest.h"
#include "vendor_free/json.h"

typedef struct {
    spae_arena *arena;
    spae_json_node *nodes; /* (room) of the line that is being read */
    size_t room;
    spae_error *err; /* gets what is wrong, without file and line; never NULL */
} spae_manifest_reader;

/* The object has all members of `needed` and none that is neither there nor in `optional` (names
 * with a space before each). err  SPAE_ERR_FORMAT  the text begins with `what` */
spae_status spae_manifest_members(spae_manifest_reader *r, const spae_json_node *object,
                                  const char *what, const char *needed, const char *optional);

/* A copy in the arena of a member that must be a string without zeros.
 *   err  SPAE_ERR_FORMAT  SPAE_ERR_NO_MEMORY */
spae_status spae_manifest_text(spae_manifest_reader *r, const spae_json_node *object,
                               const char *key, const char **text);

/* A case from its line's object; `c` is zero but for its line. Names are checked each for itself.
 *   err  as above */
spae_status spae_manifest_read_case(spae_manifest_reader *r, const spae_json_node *node,
                                    spae_manifest_case *c);

#endif
