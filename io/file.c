/* Sources, sinks and atomic replacement over memory and over the streams of C99.
 *
 * Limits    Plain C99 positions a file by `long`; POSIX systems give 64 bits, and tell an ordinary
 *           file from a pipe or a device. All that is not C99 stands in the first section.
 */
#if defined(__unix__) || defined(__APPLE__) || defined(__wasi__)
#define _POSIX_C_SOURCE   200112L
#define _FILE_OFFSET_BITS 64
#define SPAE_POSIX        1
#else
#define SPAE_POSIX 0
#endif

#include "file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#if SPAE_POSIX
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#endif

/* ---- what differs between platforms ---------------------------------------------------------- */

#if SPAE_POSIX
/* The size of an ordinary file; false for what can only be read in order. */
static bool file_size(FILE *file, uint64_t *size)
{
    struct stat s;
    if (fstat(fileno(file), &s) != 0 || !S_ISREG(s.st_mode) || s.st_size < 0)
        return false;
    *size = (uint64_t)s.st_size;
    return true;
}

static bool seek(FILE *file, uint64_t offset) /* offset <= the size that file_size gave */
{
    return fseeko(file, (off_t)offset, SEEK_SET) == 0;
}

/* Is it there, and something that a rename must not replace? */
static bool written_in_place(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && !S_ISREG(s.st_mode);
}

static bool flush_to_disk(FILE *file)
{
    if (fflush(file) != 0)
        return false;
    return fsync(fileno(file)) == 0 || errno == EINVAL; /* EINVAL: there is no disk behind it */
}

static bool rename_over(const char *from, const char *to)
{
    return rename(from, to) == 0;
}
#else
static bool file_size(FILE *file, uint64_t *size)
{
    long end;
    if (fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        return false;
    *size = (uint64_t)end;
    return true;
}

static bool seek(FILE *file, uint64_t offset) /* offset <= LONG_MAX: the size came from ftell */
{
    return fseek(file, (long)offset, SEEK_SET) == 0;
}

static bool written_in_place(const char *path)
{
    (void)path;
    return false;
}

static bool flush_to_disk(FILE *file)
{
    return fflush(file) == 0;
}

static bool rename_over(const char *from, const char *to)
{
    (void)remove(to); /* the next line tells whether it worked */
    return rename(from, to) == 0;
}
#endif

/* ---- errors ---------------------------------------------------------------------------------- */

/* errno is 0 where the C library does not say. */
static spae_status io_error(spae_error *err, const char *name, const char *what)
{
    const int code = errno;
    if (code == 0)
        return spae_fail(err, SPAE_ERR_IO, "%s: %s", name, what);
    return spae_fail(err, SPAE_ERR_IO, "%s: %s: %s", name, what, strerror(code));
}

static spae_status no_memory(spae_error *err, const char *name, size_t bytes)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", name, bytes);
}

static spae_status too_long(spae_error *err, const char *name, uint64_t limit)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: longer than the limit of %llu bytes", name,
                     (unsigned long long)limit);
}

spae_limits spae_limits_default(void)
{
    return (spae_limits){.max_width = 16384,
                         .max_height = 16384,
                         .max_pixels = (uint64_t)1 << 28,
                         .max_elements = (uint64_t)1 << 36,
                         .max_file_bytes = (uint64_t)1 << 32,
                         .max_members = (size_t)1 << 20};
}

/* ---- sources --------------------------------------------------------------------------------- */

typedef struct {
    FILE *file;
    uint64_t at; /* where the stream stands, so that reading on does not seek */
    const char *name;
} open_file;

static spae_status read_file(void *context, uint64_t offset, void *buffer, size_t bytes,
                             spae_error *err)
{
    open_file *f = context;
    errno = 0;
    if (offset != f->at && !seek(f->file, offset))
        return io_error(err, f->name, "cannot position");
    const size_t got = fread(buffer, 1, bytes, f->file);
    f->at = offset + got;
    if (got == bytes)
        return SPAE_OK;
    clearerr(f->file);
    return io_error(err, f->name, "cannot read");
}

spae_source spae_source_memory(const void *data, size_t bytes, const char *name)
{
    static const uint8_t nothing[1] = {0};
    return (spae_source){.size = bytes, .memory = data != NULL ? data : nothing, .name = name};
}

/* Twice the room (or a first piece) for `size` bytes, copied; NULL when memory is refused. */
static uint8_t *grown(spae_arena *arena, const uint8_t *bytes, size_t size, size_t *room)
{
    const size_t more = *room == 0 ? 65536 : *room;
    uint8_t *bigger = *room <= SIZE_MAX - more ? spae_arena_take(arena, *room + more, 1) : NULL;
    if (bigger == NULL)
        return NULL;
    if (size > 0)
        memcpy(bigger, bytes, size);
    *room += more;
    return bigger;
}

/* A stream that only goes forward, to its end. */
static spae_status read_stream(spae_arena *arena, FILE *file, const char *name, uint64_t limit,
                               spae_source *source, spae_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0, room = 0;
    errno = 0;
    do {
        if (size == room) {
            bytes = grown(arena, bytes, size, &room);
            if (bytes == NULL)
                return no_memory(err, name, size);
        }
        size += fread(bytes + size, 1, room - size, file);
        if (size > limit)
            return too_long(err, name, limit);
    } while (!feof(file) && !ferror(file));
    if (ferror(file))
        return io_error(err, name, "cannot read");
    *source = spae_source_memory(bytes, size, name);
    return SPAE_OK;
}

static spae_status hold_open(spae_arena *arena, FILE *file, uint64_t size, const char *name,
                             spae_source *source, spae_error *err)
{
    open_file *f = spae_arena_take(arena, 1, sizeof *f);
    if (f == NULL)
        return no_memory(err, name, sizeof *f);
    *f = (open_file){file, 0, name};
    *source = (spae_source){.size = size, .read = read_file, .context = f, .name = name};
    return SPAE_OK;
}

spae_status spae_source_open(spae_arena *arena, const char *path, const spae_limits *limits,
                             spae_source *source, spae_error *err)
{
    const uint64_t limit =
        limits != NULL ? limits->max_file_bytes : spae_limits_default().max_file_bytes;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status;
    uint64_t size;
    if (strcmp(path, "-") == 0) {
        status = read_stream(arena, stdin, "standard input", limit, source, err);
    } else {
        errno = 0;
        FILE *file = fopen(path, "rb");
        if (file == NULL)
            return io_error(err, path, "cannot open");
        const bool positioned = file_size(file, &size);
        status = positioned ? hold_open(arena, file, size, path, source, err)
                            : read_stream(arena, file, path, limit, source, err);
        if (!positioned || status != SPAE_OK)
            fclose(file); /* only read: nothing can be lost */
    }
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

void spae_source_close(spae_source *source)
{
    if (source->read != read_file)
        return;
    fclose(((open_file *)source->context)->file);
    *source = spae_source_memory(NULL, 0, source->name);
}

spae_status spae_source_read(const spae_source *source, uint64_t offset, void *buffer, size_t bytes,
                             spae_error *err)
{
    if (offset > source->size || bytes > source->size - offset)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: byte %llu: cut off, %zu bytes are due at byte %llu", source->name,
                         (unsigned long long)source->size, bytes, (unsigned long long)offset);
    if (bytes == 0)
        return SPAE_OK;
    if (source->memory == NULL)
        return source->read(source->context, offset, buffer, bytes, err);
    memcpy(buffer, source->memory + offset, bytes);
    return SPAE_OK;
}

/* An open source as one piece of memory. */
static spae_status read_whole(spae_arena *arena, const spae_source *source, const uint8_t **bytes,
                              spae_error *err)
{
    if (source->memory != NULL) {
        *bytes = source->memory;
        return SPAE_OK;
    }
    const size_t size = (size_t)source->size; /* <= limit, which is a size_t */
    uint8_t *piece = spae_arena_take(arena, size, 1);
    if (piece == NULL)
        return no_memory(err, source->name, size);
    const spae_status status = spae_source_read(source, 0, piece, size, err);
    if (status == SPAE_OK)
        *bytes = piece;
    return status;
}

spae_status spae_file_read_all(spae_arena *arena, const char *path, size_t limit,
                               const uint8_t **bytes, size_t *size, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_limits limits = spae_limits_default();
    spae_source source;
    limits.max_file_bytes = limit;
    spae_status status = spae_source_open(arena, path, &limits, &source, err);
    if (status != SPAE_OK)
        return status;
    const uint64_t found = source.size;
    status = found > limit ? too_long(err, path, limit) : read_whole(arena, &source, bytes, err);
    spae_source_close(&source);
    if (status == SPAE_OK)
        *size = (size_t)found;
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- sinks ----------------------------------------------------------------------------------- */

spae_status spae_sink_write(spae_sink *sink, const void *bytes, size_t count, spae_error *err)
{
    const spae_status status = count > 0 ? sink->write(sink->context, bytes, count, err) : SPAE_OK;
    if (status == SPAE_OK)
        sink->written += count;
    return status;
}

static spae_status append(void *context, const void *bytes, size_t count, spae_error *err)
{
    spae_buffer *b = context;
    while (b->room - b->size < count) {
        uint8_t *bigger = grown(b->arena, b->bytes, b->size, &b->room);
        if (bigger == NULL)
            return no_memory(err, "memory", count);
        b->bytes = bigger;
    }
    memcpy(b->bytes + b->size, bytes, count);
    b->size += count;
    return SPAE_OK;
}

spae_sink spae_sink_buffer(spae_buffer *buffer)
{
    return (spae_sink){.write = append, .context = buffer, .name = "memory"};
}

typedef struct {
    FILE *file;
    const char *name;
} open_output;

static spae_status write_stream(void *context, const void *bytes, size_t count, spae_error *err)
{
    const open_output *out = context;
    errno = 0;
    return fwrite(bytes, 1, count, out->file) == count ? SPAE_OK
                                                       : io_error(err, out->name, "cannot write");
}

/* Lets fill write to an open stream; `name` is for messages. */
static spae_status fill_stream(FILE *file, const char *name, spae_fill *fill, void *context,
                               spae_error *err)
{
    open_output out = {file, name};
    spae_sink sink = {.write = write_stream, .context = &out, .name = name};
    return fill(&sink, context, err);
}

/* Opens `path`, fills and closes it. To the disk, when asked, before the close. */
static spae_status fill_file(const char *path, const char *name, bool to_disk, spae_fill *fill,
                             void *context, spae_error *err)
{
    errno = 0;
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return io_error(err, path, "cannot write");
    spae_status status = fill_stream(file, name, fill, context, err);
    errno = 0;
    if (status == SPAE_OK && !(to_disk ? flush_to_disk(file) : fflush(file) == 0))
        status = io_error(err, name, "cannot write");
    errno = 0;
    if (fclose(file) != 0 && status == SPAE_OK)
        status = io_error(err, name, "cannot close");
    return status;
}

static spae_status fill_stdout(spae_fill *fill, void *context, spae_error *err)
{
    spae_status status = fill_stream(stdout, "standard output", fill, context, err);
    errno = 0;
    if (status == SPAE_OK && fflush(stdout) != 0)
        status = io_error(err, "standard output", "cannot write");
    return status;
}

/* Fills `aside`, then makes it `path`; aside is gone afterwards, whatever happens. */
static spae_status fill_aside(const char *aside, const char *path, spae_fill *fill, void *context,
                              spae_error *err)
{
    spae_status status = fill_file(aside, path, true, fill, context, err);
    errno = 0;
    if (status == SPAE_OK && !rename_over(aside, path))
        status = io_error(err, path, "cannot replace");
    if (status != SPAE_OK)
        (void)remove(aside); /* it may never have been made */
    return status;
}

spae_status spae_file_replace(spae_arena *scratch, const char *path, spae_fill *fill, void *context,
                              spae_error *err)
{
    static const char ending[] = ".tmp";
    if (strcmp(path, "-") == 0)
        return fill_stdout(fill, context, err);
    if (written_in_place(path))
        return fill_file(path, path, false, fill, context, err);
    const spae_arena_mark mark = spae_arena_here(scratch);
    const size_t length = strlen(path);
    char *aside = spae_arena_take(scratch, length + sizeof ending, 1);
    if (aside == NULL)
        return no_memory(err, path, length + sizeof ending);
    memcpy(aside, path, length);
    memcpy(aside + length, ending, sizeof ending);
    const spae_status status = fill_aside(aside, path, fill, context, err);
    spae_arena_reset(scratch, mark);
    return status;
}

typedef struct {
    const void *bytes;
    size_t count;
} whole;

static spae_status fill_whole(spae_sink *sink, void *context, spae_error *err)
{
    const whole *w = context;
    return spae_sink_write(sink, w->bytes, w->count, err);
}

spae_status spae_file_write_all(spae_arena *scratch, const char *path, const void *bytes,
                                size_t count, spae_error *err)
{
    whole w = {bytes, count};
    return spae_file_replace(scratch, path, fill_whole, &w, err);
}

spae_status spae_file_append(const char *path, const void *bytes, size_t count, spae_error *err)
{
    errno = 0;
    FILE *file = fopen(path, "ab");
    if (file == NULL)
        return io_error(err, path, "cannot write");
    const bool written = fwrite(bytes, 1, count, file) == count;
    const int reason = errno;
    const bool closed = fclose(file) == 0;
    if (written && closed)
        return SPAE_OK;
    errno = written ? errno : reason;
    return io_error(err, path, "cannot write");
}

bool spae_file_ends(const char *path, const char *ending)
{
    const size_t n = strlen(path), m = strlen(ending);
    return n >= m && memcmp(path + n - m, ending, m) == 0;
}

bool spae_file_exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    fclose(file);
    return true;
}
