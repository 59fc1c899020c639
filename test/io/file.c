/* io/file: sources, sinks, and replacing a file whole. */
#include "bytes.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char directory[64], path[80], aside[84];

/* A fresh directory for one test; the names of a file in it, and of what stands beside it
 * meanwhile. */
static void make_directory(void)
{
    strcpy(directory, "/tmp/spae-test-XXXXXX");
    ck_assert(mkdtemp(directory) != NULL);
    sprintf(path, "%s/file", directory);
    sprintf(aside, "%s.tmp", path);
}

static void remove_directory(void)
{
    (void)remove(path);
    ck_assert_msg(access(aside, F_OK) != 0, "the file aside is left over");
    ck_assert_int_eq(rmdir(directory), 0);
}

static void put_file(const char *text)
{
    FILE *f = fopen(path, "wb");
    ck_assert(f != NULL);
    ck_assert(fputs(text, f) >= 0 && fclose(f) == 0);
}

static void ck_file_is(const char *text)
{
    char found[256];
    FILE *f = fopen(path, "rb");
    ck_assert(f != NULL);
    const size_t n = fread(found, 1, sizeof found, f);
    fclose(f);
    ck_assert(n == strlen(text) && memcmp(found, text, n) == 0);
}

START_TEST(memory_is_read_within_its_bounds)
{
    const spae_source s = spae_source_memory("abcd", 4, "x");
    spae_error err;
    char got[4] = "....";
    ck_assert_int_eq(spae_source_read(&s, 1, got, 2, &err), SPAE_OK);
    ck_assert(memcmp(got, "bc..", 4) == 0);
    ck_assert_int_eq(spae_source_read(&s, 4, got, 0, &err), SPAE_OK);
    ck_assert_int_eq(spae_source_read(&s, 0, got, 4, &err), SPAE_OK);
    ck_refused(spae_source_read(&s, 0, got, 5, &err), SPAE_ERR_FORMAT, err, "byte 4: cut off");
    ck_refused(spae_source_read(&s, 5, got, 0, &err), SPAE_ERR_FORMAT, err, "cut off");
    ck_refused(spae_source_read(&s, UINT64_MAX, got, 2, &err), SPAE_ERR_FORMAT, err, "cut off");
    const spae_source nothing = spae_source_memory(NULL, 0, "x");
    ck_assert_int_eq(spae_source_read(&nothing, 0, got, 0, NULL), SPAE_OK);
    ck_assert_int_eq(spae_source_read(&nothing, 0, got, 1, NULL), SPAE_ERR_FORMAT);
}
END_TEST

START_TEST(files_are_read_in_any_order)
{
    spae_arena arena = new_arena();
    spae_source s;
    char got[3];
    make_directory();
    put_file("0123456789");
    ck_assert_int_eq(spae_source_open(&arena, path, NULL, &s, NULL), SPAE_OK);
    ck_assert(s.size == 10 && s.memory == NULL);
    const uint64_t at[] = {7, 0, 3, 6, 2};
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(spae_source_read(&s, at[i], got, 3, NULL), SPAE_OK);
        ck_assert_int_eq(got[0], '0' + (int)at[i]);
        ck_assert_int_eq(got[2], '2' + (int)at[i]);
    }
    spae_source_close(&s);
    spae_source_close(&s); /* what is closed reads as empty, and closes again */
    ck_assert(s.size == 0);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_file_that_became_shorter_is_an_error)
{
    spae_arena arena = new_arena();
    spae_source s;
    char got[3];
    make_directory();
    put_file("0123456789");
    ck_assert_int_eq(spae_source_open(&arena, path, NULL, &s, NULL), SPAE_OK);
    ck_assert_int_eq(truncate(path, 8), 0);
    ck_assert_int_eq(spae_source_read(&s, 7, got, 3, NULL), SPAE_ERR_IO);
    ck_assert_int_eq(spae_source_read(&s, 5, got, 3, NULL), SPAE_OK); /* still usable */
    ck_assert(memcmp(got, "567", 3) == 0);
    spae_source_close(&s);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(what_cannot_be_opened_is_an_error)
{
    spae_arena arena = new_arena();
    spae_source s;
    spae_error err;
    const uint8_t *bytes_read;
    size_t size;
    make_directory();
    ck_assert_int_eq(spae_source_open(&arena, path, NULL, &s, &err), SPAE_ERR_IO);
    ck_assert(strncmp(err.text, path, strlen(path)) == 0);
    ck_assert_int_eq(spae_source_open(&arena, directory, NULL, &s, &err), SPAE_ERR_IO);
    ck_assert_int_eq(spae_file_read_all(&arena, path, 9, &bytes_read, &size, &err), SPAE_ERR_IO);
    ck_assert(arena.used == 0);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

static spae_status read_path(spae_arena *arena, void *context, spae_error *err)
{
    const uint8_t *got;
    size_t size;
    const spae_status status = spae_file_read_all(arena, context, 10, &got, &size, err);
    if (status == SPAE_OK)
        ck_assert(size == 10 && memcmp(got, "0123456789", 10) == 0);
    return status;
}

START_TEST(a_file_is_read_whole_up_to_the_limit)
{
    spae_arena arena = new_arena();
    const uint8_t *got;
    size_t size;
    spae_error err;
    make_directory();
    put_file("0123456789");
    starve(read_path, path, 64);
    ck_assert_int_eq(spae_file_read_all(&arena, path, 9, &got, &size, &err), SPAE_ERR_FORMAT);
    ck_assert(strstr(err.text, "limit of 9 bytes") != NULL && arena.used == 0);
    put_file("");
    ck_assert_int_eq(spae_file_read_all(&arena, path, 0, &got, &size, &err), SPAE_OK);
    ck_assert(size == 0 && got != NULL);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

/* Standard input becomes a pipe that holds text[0 .. n-1] and is closed. Suites that follow in one
 * process find no more input; none reads any. */
static void pipe_in(const char *text, size_t n)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert(write(ends[1], text, n) == (ssize_t)n);
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], 0), 0);
    close(ends[0]);
}

START_TEST(standard_input_and_pipes_are_read_to_their_end)
{
    static char much[65536 - 4096];
    spae_arena arena = new_arena();
    spae_limits limits = spae_limits_default();
    spae_source s;
    spae_error err;
    limits.max_file_bytes = sizeof much;
    memset(much, 'm', sizeof much);
    pipe_in(much, sizeof much);
    ck_assert_int_eq(spae_source_open(&arena, "-", &limits, &s, &err), SPAE_OK);
    ck_assert(s.size == sizeof much && memcmp(s.memory, much, sizeof much) == 0);
    spae_source_close(&s);
    clearerr(stdin);
    limits.max_file_bytes = 3;
    pipe_in("abc", 3);
    ck_assert_int_eq(spae_source_open(&arena, "/dev/stdin", &limits, &s, &err), SPAE_OK);
    ck_assert(s.size == 3 && memcmp(s.memory, "abc", 3) == 0);
    pipe_in("abcd", 4);
    ck_assert_int_eq(spae_source_open(&arena, "/dev/stdin", &limits, &s, &err), SPAE_ERR_FORMAT);
    ck_assert(strncmp(err.text, "/dev/stdin: longer", 18) == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status read_input(spae_arena *arena, void *context, spae_error *err)
{
    spae_source s;
    (void)context;
    pipe_in("abc", 3);
    clearerr(stdin);
    return spae_source_open(arena, "-", NULL, &s, err);
}

START_TEST(a_pipe_needs_memory)
{
    starve(read_input, NULL, 16384);
}
END_TEST

START_TEST(a_buffer_grows)
{
    spae_arena arena = new_arena();
    spae_buffer buffer = {&arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&buffer);
    for (unsigned i = 0; i < 50000; i++) {
        const uint8_t four[4] = {(uint8_t)(i & 0xff), (uint8_t)(i >> 8 & 0xff), 0, 1};
        ck_assert_int_eq(spae_sink_write(&sink, four, 4, NULL), SPAE_OK);
    }
    ck_assert_int_eq(spae_sink_write(&sink, NULL, 0, NULL), SPAE_OK);
    ck_assert(buffer.size == 200000 && sink.written == 200000);
    for (unsigned i = 0; i < 50000; i++)
        ck_assert(buffer.bytes[4 * i] == (i & 0xff) && buffer.bytes[4 * i + 1] == i >> 8);
    spae_arena none;
    spae_arena_fixed(&none, NULL, 0);
    spae_buffer starved = {&none, NULL, 0, 0};
    sink = spae_sink_buffer(&starved);
    ck_assert_int_eq(spae_sink_write(&sink, "a", 1, NULL), SPAE_ERR_NO_MEMORY);
    ck_assert(sink.written == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status write_path(spae_arena *arena, void *context, spae_error *err)
{
    return spae_file_write_all(arena, context, "new", 3, err);
}

START_TEST(a_file_is_replaced)
{
    spae_arena arena = new_arena();
    make_directory();
    ck_assert_int_eq(spae_file_write_all(&arena, path, "first", 5, NULL), SPAE_OK);
    ck_file_is("first");
    starve(write_path, path, 64);
    ck_file_is("new");
    ck_assert_int_eq(spae_file_write_all(&arena, path, NULL, 0, NULL), SPAE_OK);
    ck_file_is("");
    ck_assert(arena.used == 0);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

static spae_status fail_midway(spae_sink *sink, void *context, spae_error *err)
{
    (void)context;
    ck_assert(access(aside, F_OK) == 0);
    ck_assert_int_eq(spae_sink_write(sink, "half", 4, err), SPAE_OK);
    return spae_fail(err, SPAE_ERR_SHAPE, "no more");
}

START_TEST(a_failed_fill_leaves_the_old_file)
{
    spae_arena arena = new_arena();
    spae_error err;
    make_directory();
    put_file("old");
    ck_assert_int_eq(spae_file_replace(&arena, path, fail_midway, NULL, &err), SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "no more");
    ck_file_is("old");
    ck_assert(access(aside, F_OK) != 0 && arena.used == 0);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

/* The disk as full as this process may make it: shorter than stdio's buffer, so that only the flush
 * at the end meets it; and longer, so that a write does. */
START_TEST(a_full_disk_leaves_the_old_file)
{
    static char much[100000];
    spae_arena arena = new_arena();
    spae_error err;
    struct rlimit before, most;
    make_directory();
    put_file("old");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    most = before;
    most.rlim_cur = 64;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &most), 0);
    const size_t sizes[] = {65, sizeof much};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(spae_file_write_all(&arena, path, much, sizes[i], &err), SPAE_ERR_IO);
        ck_assert(strncmp(err.text, path, strlen(path)) == 0);
        ck_file_is("old");
        ck_assert(access(aside, F_OK) != 0);
    }
    ck_assert_int_eq(spae_file_write_all(&arena, path, much, 64, &err), SPAE_OK);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before),
                     0); /* for suites that follow in one process */
    signal(SIGXFSZ, SIG_DFL);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(what_cannot_be_written_is_an_error)
{
    char inside[100];
    spae_arena arena = new_arena();
    make_directory();
    ck_assert_int_eq(spae_file_write_all(&arena, directory, "a", 1, NULL), SPAE_ERR_IO);
    sprintf(inside, "%s/none/file", directory);
    ck_assert_int_eq(spae_file_write_all(&arena, inside, "a", 1, NULL), SPAE_ERR_IO);
    ck_assert_int_eq(mkdir(aside, 0700), 0); /* nothing can be put aside */
    ck_assert_int_eq(spae_file_write_all(&arena, path, "a", 1, NULL), SPAE_ERR_IO);
    ck_assert(access(path, F_OK) != 0);
    (void)rmdir(aside);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

/* A pipe (and a device) is written, never replaced. */
START_TEST(a_pipe_stays_a_pipe)
{
    spae_arena arena = new_arena();
    struct stat s;
    char got = 0;
    make_directory();
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    const int end = open(path, O_RDWR);
    ck_assert_int_eq(spae_file_write_all(&arena, path, "a", 1, NULL), SPAE_OK);
    ck_assert(stat(path, &s) == 0 && S_ISFIFO(s.st_mode));
    ck_assert(read(end, &got, 1) == 1 && got == 'a');
    close(end);
    if (access("/dev/full", F_OK) == 0) /* Linux has it; full disks are tested without it above */
        ck_assert_int_eq(spae_file_write_all(&arena, "/dev/full", "a", 1, NULL), SPAE_ERR_IO);
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(standard_output_is_written_and_checked)
{
    spae_arena arena = new_arena();
    make_directory();
    fflush(stdout);
    const int kept = dup(1);
    ck_assert(freopen(path, "wb", stdout) != NULL);
    const spae_status written = spae_file_write_all(&arena, "-", "words", 5, NULL);
    fflush(stdout);
    dup2(kept, 1);
    close(kept);
    ck_assert_int_eq(written, SPAE_OK);
    ck_file_is("words");
    remove_directory();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(the_order_of_bytes_is_that_of_numbers)
{
    const uint32_t number = 0x01020304;
    const float one = 1; /* 3f800000 */
    uint8_t in_memory[4];
    memcpy(in_memory, &number, 4);
    ck_assert_uint_eq(in_memory[0], spae_lowest_byte_first() ? 4 : 1);
    memcpy(in_memory, &one, 4);
    ck_assert_uint_eq(in_memory[0], spae_lowest_byte_first() ? 0 : 0x3f);
}
END_TEST

START_TEST(endings_are_compared_to_the_byte)
{
    ck_assert(spae_file_ends("a/b.png", ".png") && spae_file_ends(".png", ".png"));
    ck_assert(spae_file_ends("a", "") && spae_file_ends("", ""));
    ck_assert(!spae_file_ends("a.PNG", ".png") && !spae_file_ends("png", ".png"));
    ck_assert(!spae_file_ends("a.png.txt", ".png") && !spae_file_ends("", ".png"));
}
END_TEST

START_TEST(bytes_are_added_to_the_end)
{
    char name[80];
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_arena arena = new_arena();
    spae_error err;
    temporary(name, ".append");
    (void)remove(name);
    ck_assert_int_eq(spae_file_append(name, "ab", 2, &err), SPAE_OK);
    ck_assert_int_eq(spae_file_append(name, "", 0, &err), SPAE_OK);
    ck_assert_int_eq(spae_file_append(name, "c\n", 2, &err), SPAE_OK);
    ck_assert_int_eq(spae_file_read_all(&arena, name, 100, &file, &size, &err), SPAE_OK);
    ck_assert(size == 4 && memcmp(file, "abc\n", 4) == 0);
    ck_assert_int_eq(remove(name), 0);
    ck_assert_int_eq(spae_file_append("/nowhere/x", "a", 1, &err), SPAE_ERR_IO);
    ck_assert(strncmp(err.text, "/nowhere/x: cannot write", 24) == 0);
    if (spae_file_exists("/dev/full")) { /* noticed, although small writes wait until the file is closed */
        ck_assert_int_eq(spae_file_append("/dev/full", "a", 1, &err), SPAE_ERR_IO);
        ck_assert(strncmp(err.text, "/dev/full: cannot write", 23) == 0);
    }
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_file, "io/file", memory_is_read_within_its_bounds, files_are_read_in_any_order,
      a_file_that_became_shorter_is_an_error, what_cannot_be_opened_is_an_error,
      a_file_is_read_whole_up_to_the_limit, standard_input_and_pipes_are_read_to_their_end,
      a_pipe_needs_memory, a_buffer_grows, a_file_is_replaced, a_failed_fill_leaves_the_old_file,
      a_full_disk_leaves_the_old_file, what_cannot_be_written_is_an_error, a_pipe_stays_a_pipe,
      standard_output_is_written_and_checked, endings_are_compared_to_the_byte,
      the_order_of_bytes_is_that_of_numbers, bytes_are_added_to_the_end)
