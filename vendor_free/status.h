/* One status to branch on, one line of text to read; every room of the house returns it. Which defect of a
 * file has which status: SPEC 8.1.
 *
 * No globals, no exit, no printing: the caller owns the spae_error and may pass NULL for it. The text
 * names the operation and the numbers that disagree.
 */
#ifndef SPAE_STATUS_H
#define SPAE_STATUS_H

typedef enum {
    SPAE_OK = 0,
    SPAE_ERR_ARGUMENT,   /* the caller broke a documented precondition      */
    SPAE_ERR_SHAPE,      /* shapes that do not fit each other               */
    SPAE_ERR_NO_MEMORY,  /* arena full or allocation refused                */
    SPAE_ERR_IO,         /* the file would not open, read, write or close   */
    SPAE_ERR_FORMAT,     /* the file was read and breaks its own format     */
    SPAE_ERR_NOT_FINITE, /* a NaN or infinity where a finite value is due   */
    SPAE_ERR_PLATFORM    /* arithmetic here is not the contract's           */
} spae_status;

typedef struct {
    spae_status status;
    char text[240]; /* one line, always terminated, cut at the end when longer */
} spae_error;

/* Fills *err (when err is not NULL) and returns status, so that a refusal is one line:
 *     return spae_fail(err, SPAE_ERR_SHAPE, "dense: x has %zu columns, w has %zu rows", a, b);
 *   format   %s string, %d int, %u unsigned, %zu size_t, %lld long long, %llu unsigned long long,
 *            %c char, %x unsigned in hexadecimal, %g double to six digits, %% a percent sign;
 *            nothing else (no widths, no precision)
 */
spae_status spae_fail(spae_error *err, spae_status status, const char *format, ...);

/* "SPAE_ERR_SHAPE" for SPAE_ERR_SHAPE, and so on; never NULL. */
const char *spae_status_name(spae_status status);

#endif
