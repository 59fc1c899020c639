/* Stage networks: SPEC 6. */
#include "vectors.h"

void vectors_networks(vectors *v)
{
    (void)v;
}
