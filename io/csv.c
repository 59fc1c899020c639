/* The reader of csv.h: lines through a buffer, a line into cells, a cell into a number. */
#include "io/csv.h"

#include <math.h>
#include <string.h>

#include "vendor_free/decimal.h"

/* ---- lines ----------------------------------------------------------------------------------- */

/* Moves what is left to the front and fills the buffer up. */
static spae_status refill(spae_csv *csv, spae_error *err)
{
    memmove(csv->buffer, csv->buffer + csv->at, csv->size - csv->at);
    csv->size -= csv->at;
    csv->at = 0;
    const uint64_t left = csv->source->size - csv->offset;
    const size_t room = sizeof csv->buffer - csv->size, n = left < room ? (size_t)left : room;
    const spae_status status =
        spae_source_read(csv->source, csv->offset, csv->buffer + csv->size, n, err);
    if (status != SPAE_OK)
        return status;
    csv->offset += n;
    csv->size += n;
    return SPAE_OK;
}

/* The next line without its line feed; NULL when what is left has none. */
static spae_status next_line(spae_csv *csv, const char **line, size_t *n, spae_error *err)
{
    *line = NULL;
    for (bool filled = false;; filled = true) {
        const char *start = csv->buffer + csv->at;
        const char *end = memchr(start, '\n', csv->size - csv->at);
        if (end != NULL) {
            *line = start;
            *n = (size_t)(end - start);
            csv->at += *n + 1;
            csv->line++;
            return SPAE_OK;
        }
        if (csv->size - csv->at == sizeof csv->buffer)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %llu: longer than %d bytes",
                             csv->source->name, (unsigned long long)csv->line + 1,
                             SPAE_CSV_LINE_MOST);
        if (filled) /* and not full: this is the end of the source */
            return SPAE_OK;
        const spae_status status = refill(csv, err);
        if (status != SPAE_OK)
            return status;
    }
}

/* The length of the cell at the front of a line of n bytes. */
static size_t cell_length(const char *line, size_t n)
{
    const char *comma = memchr(line, ',', n);
    return comma != NULL ? (size_t)(comma - line) : n;
}

static size_t count_cells(const char *line, size_t n)
{
    size_t cells = 1;
    for (size_t i = 0; i < n; i++)
        cells += line[i] == ',';
    return cells;
}

/* ---- the header ------------------------------------------------------------------------------ */

static bool is_name(const char *cell, size_t n)
{
    if (n == 0 || n > SPAE_CSV_NAME_MOST)
        return false;
    for (size_t i = 0; i < n; i++)
        if (cell[i] < '!' || cell[i] > '~' || cell[i] == '"')
            return false;
    return true;
}

static spae_status take_name(spae_csv *csv, const char *cell, size_t n, spae_error *err)
{
    const char *file = csv->source->name;
    char *name = csv->name[csv->columns];
    if (!is_name(cell, n))
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: line 1: column %zu: expected a name of 1 to %d printable characters",
                         file, csv->columns + 1, SPAE_CSV_NAME_MOST);
    memcpy(name, cell, n);
    name[n] = '\0';
    const size_t first = spae_csv_find(csv, name);
    if (first < csv->columns)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line 1: column %zu: %s is column %zu's name",
                         file, csv->columns + 1, name, first + 1);
    csv->columns++;
    return SPAE_OK;
}

spae_status spae_csv_open(spae_csv *csv, const spae_source *source, spae_error *err)
{
    const char *line;
    size_t n = 0;
    csv->source = source;
    csv->columns = 0;
    csv->line = csv->offset = 0;
    csv->at = csv->size = 0;
    const spae_status status = next_line(csv, &line, &n, err);
    if (status != SPAE_OK)
        return status;
    if (line == NULL)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line 1: expected a line of column names",
                         source->name);
    const size_t cells = count_cells(line, n);
    if (cells > SPAE_CSV_COLUMNS_MOST)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line 1: %zu columns, the most is %d",
                         source->name, cells, SPAE_CSV_COLUMNS_MOST);
    while (csv->columns < cells) {
        const size_t length = cell_length(line, n);
        if (take_name(csv, line, length, err) != SPAE_OK)
            return SPAE_ERR_FORMAT;
        if (csv->columns < cells) {
            line += length + 1;
            n -= length + 1;
        }
    }
    return SPAE_OK;
}

size_t spae_csv_find(const spae_csv *csv, const char *name)
{
    size_t i = 0;
    while (i < csv->columns && strcmp(csv->name[i], name) != 0)
        i++;
    return i;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static spae_status wrong_cell(const spae_csv *csv, size_t column, const char *expected,
                              const char *cell, size_t n, spae_error *err)
{
    char shown[25]; /* what is not printable is a question mark */
    const size_t most = sizeof shown - 1, shown_n = n < most ? n : most;
    for (size_t i = 0; i < shown_n; i++)
        shown[i] = cell[i] >= ' ' && cell[i] <= '~' ? cell[i] : '?';
    shown[shown_n] = '\0';
    return spae_fail(err, SPAE_ERR_FORMAT,
                     "%s: line %llu: column %zu (%s): expected %s, found \"%s\"%s",
                     csv->source->name, (unsigned long long)csv->line, column + 1,
                     csv->name[column], expected, shown, shown_n < n ? " ..." : "");
}

static spae_status read_cell(const spae_csv *csv, size_t column, const char *cell, size_t n,
                             double *value, spae_error *err)
{
    *value = NAN;
    if (n == 0 || (n == 3 && (memcmp(cell, "nan", 3) == 0 || memcmp(cell, "NaN", 3) == 0)))
        return SPAE_OK;
    if (!spae_decimal_read(cell, n, value))
        return wrong_cell(csv, column, "a decimal, nothing or nan", cell, n, err);
    if (fabs(*value) > SPAE_CSV_VALUE_MOST)
        return wrong_cell(csv, column, "a number within +-1e100", cell, n, err);
    return SPAE_OK;
}

spae_status spae_csv_next(spae_csv *csv, double *row, bool *there, spae_error *err)
{
    const char *cell;
    size_t n = 0;
    spae_status status = next_line(csv, &cell, &n, err);
    *there = status == SPAE_OK && cell != NULL;
    if (!*there)
        return status;
    const size_t cells = count_cells(cell, n);
    if (cells != csv->columns)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %llu: %zu cells, the header has %zu",
                         csv->source->name, (unsigned long long)csv->line, cells, csv->columns);
    for (size_t i = 0; i < cells && status == SPAE_OK; i++) {
        const size_t length = cell_length(cell, n);
        status = read_cell(csv, i, cell, length, &row[i], err);
        if (i + 1 < cells) {
            cell += length + 1;
            n -= length + 1;
        }
    }
    return status;
}
