/* Stage files: SPEC 8. */
#include "hosted.h"

void vectors_files(vectors *v)
{
    (void)v;
}
