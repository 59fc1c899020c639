/* Stage guidance: SPEC 4.4 to 4.7. */
#include "vectors.h"

void vectors_guidance(vectors *v)
{
    (void)v;
}
