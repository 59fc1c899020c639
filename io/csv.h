/* CSV of numbers, as training logs are: a header line of names, then rows of as many decimals.
 *
 *     step,l2,semantic        names of 1 .. 63 printable ASCII characters, each once
 *     1,0.077,                cells as spae_decimal_read takes them, within +-1e100;
 *     2,6.5e-2,nan            a cell that is empty, "nan" or "NaN" has no value: NaN
 *
 * Commas and line feeds only: no quotes, no blanks, no carriage returns. A last row without its
 * line feed is still being written (or was cut off by a crash), and is left out.
 *
 * Rows are read one by one through a buffer of fixed size, so memory does not grow with the file.
 */
#ifndef SPAE_IO_CSV_H
#define SPAE_IO_CSV_H

#include "io/file.h"

#define SPAE_CSV_COLUMNS_MOST 64
#define SPAE_CSV_NAME_MOST    63    /* characters of a name */
#define SPAE_CSV_LINE_MOST    8192  /* bytes of a line, its line feed included */
#define SPAE_CSV_VALUE_MOST   1e100 /* so that sums and differences of values stay finite */

typedef struct {
    const spae_source *source; /* borrowed */
    size_t columns;            /* 1 .. SPAE_CSV_COLUMNS_MOST */
    char name[SPAE_CSV_COLUMNS_MOST][SPAE_CSV_NAME_MOST + 1];
    uint64_t line;   /* that was read last; the header's is 1 */
    uint64_t offset; /* of the first byte of the source that is not in the buffer yet */
    size_t at, size; /* buffer[at .. size) is not used yet */
    char buffer[SPAE_CSV_LINE_MOST];
} spae_csv;

/* Reads the header.
 *   err  SPAE_ERR_FORMAT  "log.csv: line 1: column 3: ...";  and those of spae_source_read */
spae_status spae_csv_open(spae_csv *csv, const spae_source *source, spae_error *err);

/* Reads the next row.
 *   out  row    (columns) values or NaN; unspecified when there is none, or on failure
 *        there  false: there are no more rows
 *   err  SPAE_ERR_FORMAT  "log.csv: line 7: column 3 (l2): expected a decimal, found \"x\"": a cell
 *                         of another form or beyond the limit, another number of cells, a line
 *                         that is too long
 *        and those of spae_source_read */
spae_status spae_csv_next(spae_csv *csv, double *row, bool *there, spae_error *err);

/* The column of that name, or csv->columns when there is none. */
size_t spae_csv_find(const spae_csv *csv, const char *name);

#endif
