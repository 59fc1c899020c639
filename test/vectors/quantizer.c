/* Stage quantizer: SPEC 4.1 to 4.3. */
#include "vectors.h"

void vectors_quantizer(vectors *v)
{
    (void)v;
}
