/* Parameters of networks and their gradients: sections 3 and 4 of the oracle's README. */
#ifndef SPAE_ORACLE_PARAMETERS_H
#define SPAE_ORACLE_PARAMETERS_H

#include "../../nn/network.h"
#include "case.h"

/* The values of all declared parameters, from params.npz or params.txt as the key `params` says. The file must hold
 * exactly these paths with exactly these shapes. */
real *oracle_read_parameters(oracle_case *c, const spae_parameters *parameters);

/* gradient[i] of parameter i against gparams.npz, or where `grads` is probes and the tensor is not in there, against
 * its probes and sums. */
void oracle_compare_parameter_gradients(oracle_case *c, const spae_parameters *parameters, const spae_var *gradient);

#endif
