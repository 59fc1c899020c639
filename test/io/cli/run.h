/* What the suites of io/cli/ share: a directory of their own, and subcommands run in it with their output caught. */
#ifndef SPAE_TEST_IO_CLI_RUN_H
#define SPAE_TEST_IO_CLI_RUN_H

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "../../../io/file.h"
#include "../tiny_model.h"

static char run_directory[64], run_home[4096];
static char run_out[1 << 16], run_err[4096]; /* what the last run wrote, terminated */

/* A fresh directory, with the tiny model as m.npz and a picture as in.npy; it becomes the current one. */
static inline void enter(void)
{
    spae_error err;
    spae_arena arena;
    spae_real picture[TINY_SAMPLES];
    strcpy(run_directory, "/tmp/spae-cli-XXXXXX");
    ck_assert(getcwd(run_home, sizeof run_home) != NULL && mkdtemp(run_directory) != NULL);
    ck_assert_int_eq(chdir(run_directory), 0);
    spae_arena_hosted(&arena);
    const spae_model model = tiny_model(&arena, TINY_V - 1); /* files hold UTF-8 only */
    tiny_picture(picture);
    ck_assert_msg(spae_model_save(&model, "m.npz", &arena, &err) == SPAE_OK, "%s", err.text);
    ck_assert_msg(spae_picture_save("in.npy", picture, TINY_SIDE, TINY_SIDE, &arena, &err) == SPAE_OK, "%s",
                  err.text);
    spae_arena_free(&arena);
}

/* Removes the directory `path` of the current one, and what is in it. */
static inline void remove_tree(const char *path)
{
    ck_assert_int_eq(chdir(path), 0);
    DIR *directory = opendir(".");
    ck_assert(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlink(entry->d_name) != 0)
            remove_tree(entry->d_name);
    closedir(directory);
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(rmdir(path), 0); /* an absolute path, or one of the directory above */
}

static inline void leave(void)
{
    remove_tree(run_directory); /* goes up to its parent */
    ck_assert_int_eq(chdir(run_home), 0);
}

static inline void put_file(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(name, "wb");
    ck_assert(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static inline bool is_there(const char *name)
{
    return access(name, F_OK) == 0;
}

/* Sends a descriptor into a file; returns what it was. */
static inline int catch_output(FILE *stream, const char *name)
{
    fflush(stream);
    const int was = dup(fileno(stream));
    const int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert(was >= 0 && file >= 0 && dup2(file, fileno(stream)) >= 0);
    close(file);
    return was;
}

static inline void release_output(FILE *stream, int was, const char *name, char *text, size_t room)
{
    fflush(stream);
    ck_assert(dup2(was, fileno(stream)) >= 0);
    close(was);
    FILE *file = fopen(name, "rb");
    ck_assert(file != NULL);
    text[fread(text, 1, room - 1, file)] = '\0';
    fclose(file);
    remove(name);
}

/* Runs a subcommand with the words of `line`, the first of which is its name; returns its exit status. */
static inline int run(int (*command)(int, char **), const char *line)
{
    char words[1024], *argv[64];
    int argc = 0;
    ck_assert(strlen(line) < sizeof words);
    strcpy(words, line);
    for (char *word = strtok(words, " "); word != NULL && argc < 63; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    const int out = catch_output(stdout, ".out"), err = catch_output(stderr, ".err");
    const int status = command(argc, argv);
    release_output(stdout, out, ".out", run_out, sizeof run_out);
    release_output(stderr, err, ".err", run_err, sizeof run_err);
    return status;
}

/* The run ends with `due`, says one line on stderr that has `part` in it, and nothing on stdout. */
static inline void refused(int (*command)(int, char **), const char *line, int due, const char *part)
{
    const int status = run(command, line);
    ck_assert_msg(status == due, "%s: status %d, due %d: %s", line, status, due, run_err);
    ck_assert_msg(strstr(run_err, part) != NULL, "%s: \"%s\" lacks \"%s\"", line, run_err, part);
    const char *end = strchr(run_err, '\n');
    ck_assert_msg(end != NULL && end[1] == '\0', "%s: not one line: %s", line, run_err);
    ck_assert_msg(run_out[0] == '\0', "%s: on stdout: %s", line, run_out);
}

#endif
