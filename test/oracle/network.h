/* A whole network of a case: declared, given its parameters, run on both kinds of tape, its gradients compared. */
#ifndef SPAE_ORACLE_NETWORK_H
#define SPAE_ORACLE_NETWORK_H

#include "../../nn/network.h"
#include "work.h"

typedef struct {
    spae_var (*make)(spae_network *network, const void *what, spae_var x);
    const void *what; /* the architecture that `make` takes */
    spae_parameters parameters;
    spae_network network;
    spae_var y;       /* recorded on the work's tape; the input is the work's leaf 0 */
} oracle_network;

/* Reads in_x and the parameters; runs the network on the work's tape, compares y with the file `output`, and holds it
 * against a running tape, which drops what it no longer needs: the same bits. `make` and `what` are set. */
void oracle_run_network(oracle_work *w, oracle_network *net, size_t ndim, const char *output);

/* gin_x and the gradient of every parameter, of sum(y * g<output>), unless grads is none. */
void oracle_finish_network(oracle_work *w, oracle_network *net, const char *output);

#endif
