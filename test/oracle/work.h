/* A computation on the tape whose inputs and outputs are arrays of a case. */
#ifndef SPAE_ORACLE_WORK_H
#define SPAE_ORACLE_WORK_H

#include "../../nn/tape.h"
#include "case.h"

enum { ORACLE_LEAVES = 8 };

typedef struct {
    oracle_case *c;
    spae_tape tape;
    spae_error err;
    size_t leaves;
    const char *name[ORACLE_LEAVES]; /* "in_x"; its gradient is "gin_x" */
    spae_var leaf[ORACLE_LEAVES];
} oracle_work;

/* Starts a recording tape. The work stays where it is: its tape points into it. */
void oracle_start(oracle_work *w, oracle_case *c);

/* The array as a leaf whose gradient is compared at the end; never NULL. */
spae_var oracle_leaf(oracle_work *w, const oracle_array *a, spae_shape shape);

/* Ends the case when the tape has failed. */
void oracle_check_tape(oracle_work *w);

/* Compares y with "out_y" (the given name), and, unless grads is none, the gradient of sum(y * gout_y) with respect
 * to every leaf with the leaf's gradient file. */
void oracle_finish(oracle_work *w, const char *name, spae_var y);

/* The upstream gradient "g<name>" as a constant of y's shape. */
spae_var oracle_upstream(oracle_work *w, const char *name, spae_var y);

#endif
