/* What mistake an output that falls short looks like: exact findings only, or nothing.
 *
 * Close     below means |p_i - q_i| <= 2^-18 * (|q_i| + rms(q)), of integers equality.
 * Looks for (the first that holds, p the port's array, r the reference)
 *           values that are not finite where the reference's are; one value everywhere; p close to
 *           r, only less accurate than the level asks; of a wrong shape: p transposed, or in C
 * order, close to r. Else p close to -r, to f*r, to r + f; to r with its axes transposed, or one
 *           reversed; to the reference of another output of the case; all that is not close lies at
 *           one index of an axis, or at the ends of an axis
 */
#ifndef SPAE_IO_DIAGNOSIS_H
#define SPAE_IO_DIAGNOSIS_H

#include "io/port.h"

#define SPAE_DIAGNOSIS_ROOM 240

/* Writes a sentence without a full stop, or "".
 *   in   item    the case of the reference's output
 *        values  has its arrays, and the shape as found
 *        entry   which array of the layout is looked at, where the output has one and the right
 * shape err  SPAE_ERR_NO_MEMORY, or a vectors file that cannot be read; scratch is given back */
spae_status spae_diagnose(spae_arena *arena, const spae_vectors *vectors,
                          const spae_manifest_case *item, const spae_reference *reference,
                          const spae_port_values *values, size_t entry,
                          char text[SPAE_DIAGNOSIS_ROOM], spae_error *err);

#endif
