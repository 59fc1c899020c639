/* The log and the lines of progress.h. Time is never written to the log. */
#include "io/progress.h"

#include <errno.h>
#include <string.h>

#include "io/file.h"
#include "nn/metrics.h"
#include "vendor_free/decimal.h"

enum { LOG_MOST = 1 << 30, HEADER_ROOM = 512 };

/* "step,learning_rate,l2, ... ,psnr,first_word\n": every term that a step reports; returns its length. */
static size_t write_header(char text[HEADER_ROOM])
{
    strcpy(text, "step,learning_rate");
    for (size_t i = 0; spae_term_name(i) != NULL; i++)
        strcat(strcat(text, ","), spae_term_name(i)); /* 16 names of up to 13 bytes */
    strcat(text, ",psnr,first_word\n");
    return strlen(text);
}

double spae_progress_psnr(double error)
{
    return error < 1e-10 ? 100.0 : spae_psnr(error, 1.0);
}

static spae_status failed(const char *path, const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_IO, "%s: could not be %s: %s", path, what, strerror(errno));
}

/* ---- the log --------------------------------------------------------------------------------- */

/* The number that a line begins with; 0 when there is none. */
static uint64_t step_of(const char *line, const char *end)
{
    uint64_t step = 0;
    for (; line < end && *line >= '0' && *line <= '9' && step <= UINT32_MAX; line++)
        step = 10 * step + (uint64_t)(*line - '0');
    return line < end && *line == ',' ? step : 0;
}

/* Bytes of the header, `at`, and of the rows up to step `kept` that are whole. */
static size_t kept_bytes(const char *text, size_t size, size_t at, uint64_t kept)
{
    for (;;) {
        const char *newline = at < size ? memchr(text + at, '\n', size - at) : NULL;
        const uint64_t step = newline != NULL ? step_of(text + at, newline) : 0;
        if (step == 0 || step > kept)
            return at;
        at = (size_t)(newline - text) + 1;
    }
}

static spae_status cut_log(const char *path, uint64_t kept, spae_arena *scratch, spae_error *err)
{
    char header[HEADER_ROOM];
    const uint8_t *text = NULL;
    size_t size = 0, n = write_header(header);
    const spae_status status = spae_file_read_all(scratch, path, LOG_MOST, &text, &size, err);
    if (status != SPAE_OK)
        return status;
    if (size < n || memcmp(text, header, n) != 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: expected a training log, a first line of %s",
                         path, "step,learning_rate,l2,...");
    return spae_file_write_all(scratch, path, text,
                               kept_bytes((const char *)text, size, n, kept), err);
}

spae_status spae_progress_open(spae_progress_log *log, const char *path, uint64_t kept,
                               spae_arena *scratch, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    char header[HEADER_ROOM];
    *log = (spae_progress_log){NULL, path};
    if (path == NULL)
        return SPAE_OK;
    const spae_status status =
        kept > 0 && spae_file_exists(path)
            ? cut_log(path, kept, scratch, err)
            : spae_file_write_all(scratch, path, header, write_header(header), err);
    spae_arena_reset(scratch, mark);
    if (status != SPAE_OK)
        return status;
    log->file = fopen(path, "ab");
    return log->file != NULL ? SPAE_OK : failed(path, "opened", err);
}

static void put_number(FILE *file, double value)
{
    char text[SPAE_DECIMAL_ROOM];
    fputc(',', file);
    fwrite(text, 1, spae_decimal_write(value, text), file); /* nothing for a NaN */
}

spae_status spae_progress_add(spae_progress_log *log, const spae_progress_row *row, spae_error *err)
{
    if (log->file == NULL)
        return SPAE_OK;
    fprintf(log->file, "%llu", (unsigned long long)row->step);
    put_number(log->file, row->learning_rate);
    for (size_t i = 0; spae_term_name(i) != NULL; i++)
        put_number(log->file, spae_term_value(&row->terms, i));
    put_number(log->file, row->psnr);
    put_number(log->file, row->first_word);
    fputc('\n', log->file);
    return fflush(log->file) == 0 && !ferror(log->file) ? SPAE_OK
                                                        : failed(log->path, "written", err);
}

spae_status spae_progress_close(spae_progress_log *log, spae_error *err)
{
    FILE *file = log->file;
    log->file = NULL;
    return file == NULL || fclose(file) == 0 ? SPAE_OK : failed(log->path, "closed", err);
}

/* ---- lines ----------------------------------------------------------------------------------- */

void spae_progress_start(spae_progress_clock *clock, uint64_t first, uint64_t steps, size_t batch,
                         unsigned every)
{
    const time_t now = time(NULL);
    *clock = (spae_progress_clock){now, now, first, steps, every, batch};
}

void spae_progress_show(spae_progress_clock *clock, const spae_progress_row *row)
{
    const time_t now = time(NULL);
    const bool due = clock->every > 0 && difftime(now, clock->last) >= clock->every;
    if (!due && row->step != clock->steps)
        return;
    clock->last = now;
    const double seconds = difftime(now, clock->start), taken = (double)(row->step - clock->first);
    const double rate = seconds > 0 ? taken / seconds : 0;
    const unsigned long left =
        rate > 0 ? (unsigned long)((double)(clock->steps - row->step) / rate) : 0;
    const spae_terms *t = &row->terms;
    fprintf(stderr,
            "step %llu/%llu  l2 %.4g  commitment %.4g  semantic %.4g  weight %.3g  total %.4g  "
            "psnr %.2f",
            (unsigned long long)row->step, (unsigned long long)clock->steps, t->l2, t->commitment,
            t->semantic, t->weight, t->total, row->psnr);
    if (row->terms.d_total != 0) /* there is a discriminator */
        fprintf(stderr, "  d %.3g", t->d_total);
    if (row->first_word >= 0) /* not a NaN */
        fprintf(stderr, "  word %.0f%%", 100 * row->first_word);
    fprintf(stderr, "  %.1f/s  %lu:%02lu:%02lu left\n", rate * (double)clock->batch, left / 3600,
            left / 60 % 60, left % 60);
}
