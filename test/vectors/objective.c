/* Stage objective: SPEC 5. */
#include "vectors.h"

void vectors_objective(vectors *v)
{
    (void)v;
}
