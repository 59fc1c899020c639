/* spae train: trains a model on labelled pictures and a frozen codebook (io/training.h). */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/runs.h"

enum { PATH_ROOM = 1024 };

static const spae_cli_option options[] = {
    SPAE_CLI_RUN_SOURCES,
    {.name = "out",
     .value = "M",
     .help = "the model to write, .npz: the averaged weights",
     .required = true},
    SPAE_CLI_RUN_OPTIONS,
    {.name = "resume", .help = "go on from the checkpoint, if there is one, to the same bits"},
    {.name = "checkpoint", .value = "F", .help = "the checkpoint (default: M.checkpoint)"},
    {.name = "stop-at",
     .value = "N",
     .help = "stop after step N with a checkpoint, to be resumed later"},
    {.name = "log", .value = "F", .help = "a CSV of every step"},
};

static const spae_cli_command command = {
    .name = "train",
    .arguments = "",
    .purpose = "Trains a model, with checkpoints that survive being killed at any moment.",
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

static bool read_checkpoint_path(const spae_cli_arguments *a, char path[PATH_ROOM])
{
    const char *given = spae_cli_value(a, "checkpoint");
    const int n = given != NULL
                      ? snprintf(path, PATH_ROOM, "%s", given)
                      : snprintf(path, PATH_ROOM, "%s.checkpoint", spae_cli_value(a, "out"));
    if (n > 0 && n < PATH_ROOM)
        return true;
    return spae_cli_wrong(&command, "--checkpoint: expected a name of 1 to %d bytes",
                          (int)PATH_ROOM - 1),
           false;
}

static spae_status write_model(const spae_training *t, const char *path, spae_error *err)
{
    char hash[65];
    const spae_status status = spae_training_store(t, path, hash, err);
    if (status == SPAE_OK)
        printf("model %s\nsha256 %s\n", path, hash);
    return status;
}

static spae_status train(const spae_cli_arguments *a, const spae_training_settings *set,
                         uint64_t stop_at, spae_arena *arena, spae_error *err)
{
    spae_training t;
    const uint64_t steps = set->config.steps, last = stop_at < steps ? stop_at : steps;
    spae_status status = spae_training_start(&t, set, arena, err);
    if (status == SPAE_OK) {
        spae_cli_left_out(a, &t.dataset, t.left_out);
        spae_cli_tell_perceptual(a, &t);
        status = spae_training_run(&t, last, err);
    }
    status = spae_training_finish(&t, status, err);
    return status == SPAE_OK && last == steps ? write_model(&t, spae_cli_value(a, "out"), err)
                                              : status;
}

int spae_cli_train(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    spae_training_settings set;
    uint64_t stop_at = UINT64_MAX;
    char checkpoint[PATH_ROOM];
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    if (!spae_cli_run_settings(&arguments, &set) ||
        !spae_cli_integer(&arguments, "stop-at", 1, UINT32_MAX, &stop_at) ||
        !read_checkpoint_path(&arguments, checkpoint))
        return SPAE_CLI_USAGE;
    set.checkpoint = checkpoint;
    set.log = spae_cli_value(&arguments, "log");
    spae_arena arena;
    spae_error err;
    spae_arena_hosted(&arena);
    exit_status = train(&arguments, &set, stop_at, &arena, &err) == SPAE_OK
                      ? SPAE_CLI_DONE
                      : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}
