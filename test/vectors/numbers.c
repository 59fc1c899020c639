/* Stage numbers: SPEC 1. */
#include "vectors.h"

void vectors_number_formats(vectors *v)
{
    (void)v;
}
