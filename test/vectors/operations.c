/* Stage operations: SPEC 3. */
#include "vectors.h"

void vectors_operations(vectors *v)
{
    (void)v;
}
