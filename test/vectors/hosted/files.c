/* Stage files: SPEC 8. Each part is a file of its own. */
#include "raw.h"

void vectors_files(vectors *v)
{
    vectors_arrays(v);
    vectors_archives(v);
    vectors_foreign(v);
    vectors_pictures(v);
    vectors_pictures_jpeg(v);
    vectors_videos(v);
    vectors_token_files(v);
    vectors_models(v);
    vectors_paths(v);
    vectors_language_files(v);
    vectors_arguments(v);
    vectors_tokenizers(v);
    vectors_clip_weights(v);
    vectors_guide(v);
}
