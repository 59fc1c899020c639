/* Stage full: SPEC 9.6. */
#include "hosted.h"

void vectors_full(vectors *v)
{
    (void)v;
}
