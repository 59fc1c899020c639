/* How far a port's array agrees with the reference: the three levels.
 *
 * Source    SPEC 9.1 (levels), SPEC 9.2 (near-ties)
 * A         the bits are equal: a zero's sign counts, a NaN equals nothing; in an output compared
 * by bits any NaN equals any NaN, because which one an operation gives is the processor's choice.
 * Values of another width are compared by value. B         with r the reference, x its binary64
 * value, p the port's, rms(x) = sqrt(mean x^2): error(a) = max over i of |a_i - x_i| / (|x_i| +
 * rms(x));   0 / 0 counts as 0 error(p) <= 4 * max(error(r), 2^-23), and everything finite for the
 * array, or for each array of its layout; of a sampled one over the samples. C         tokens are
 * equal, except where margin_i <= 2^-16 * distance_i and the port took runner_up_i (a near-tie);
 * later tokens of the same cell are then not judged. Order     sums in index order, binary64.
 */
#ifndef SPAE_IO_JUDGE_H
#define SPAE_IO_JUDGE_H

#include "io/reference.h"

/* What a port gave, as many as the reference stores: double or int64_t as the reference's type
 * asks. */
typedef struct {
    const double *real;
    const int64_t *whole;
    bool all_equal; /* sampled outputs: the hash of the whole array's items is the MANIFEST's */
} spae_given;

/* The reference arrays that tokens need beside their own, (count) each. */
typedef struct {
    const double *margin, *distance;
    const int64_t *runner_up, *cell;
} spae_ties;

#define SPAE_ULP_NONE UINT64_MAX /* a NaN has no distance */

typedef struct {
    spae_level level;
    size_t judged;    /* items compared */
    size_t differing; /* of them those whose bits differ */
    size_t short_of;  /* and those that are beyond what passes; 0 unless level is SPAE_LEVEL_NONE */
    /* Level not A: the first item that differs; level none: the first beyond what passes, in C
     * order over the whole. SIZE_MAX: none (only the hash of a sampled output differs). */
    size_t first;
    bool first_real;
    double expected, got;              /* the two values there, when first_real */
    int64_t expected_whole, got_whole; /* else */
    /* Greatest distance in units in the last place, between values as ordered integers: binary32,
     * for 8 byte floats binary64 (a value of another width is rounded first); -0 and +0 are the
     * same place. Integers: the difference. */
    uint64_t ulp;
    bool has_error; /* of real outputs only */
    double error,
        allowed;  /* of the array, or of that of the layout with the greatest error/allowed */
    size_t worst; /* which one that is; without errors, that of `first`; 0 without layout */
    size_t entries_short;        /* arrays of the layout beyond their allowance */
    size_t near_ties, followers; /* tokens that took one; tokens that differ behind one */
    size_t first_tie;            /* flat index of the first near-tie */
} spae_judgement;

/*   in   ties  for SPAE_COMPARE_TOKENS, else NULL
 *   err  SPAE_ERR_NO_MEMORY  scratch (one index a token that differs) comes from the arena and is
 * given back */
spae_status spae_judge(spae_arena *arena, const spae_reference *reference, const spae_given *given,
                       const spae_ties *ties, spae_judgement *judgement, spae_error *err);

/* The value of binary32 nearest to x, as a double; x itself for items of 8 bytes. */
double spae_judge_round(double x, size_t item_bytes);

/* The distance defined above. */
uint64_t spae_judge_ulp(double a, double b, size_t item_bytes);

/* sqrt(mean of x^2), 0 of nothing. */
double spae_judge_rms(const double *x, size_t count);

#endif
