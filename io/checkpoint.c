/* Writing and reading of checkpoints, checkpoint.h. */
#include "io/checkpoint.h"

#include <string.h>

#include "io/config.h"
#include "nn/network.h"
#include "vendor_free/json.h"

enum { STATE_ROOM = 256, DATA_ROOM = 65 };

static const char trained[] = "trained/", adam_m[] = "adam_m/", adam_v[] = "adam_v/";

typedef struct {
    uint64_t step;
    uint32_t seed;
    char data[DATA_ROOM];
} run_state;

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct {
    const spae_trainer *trainer;
    const spae_notes *notes;
    const char *data;
    spae_arena *scratch;
} save_work;

static spae_status write_state(spae_npz_writer *writer, const save_work *work, spae_error *err)
{
    char text[STATE_ROOM];
    size_t length = 0;
    spae_json_writer w;
    spae_json_write_start(&w, text, sizeof text);
    spae_json_write_open(&w, '{');
    spae_json_write_key(&w, "step");
    spae_json_write_integer(&w, (int64_t)work->trainer->step);
    spae_json_write_key(&w, "seed");
    spae_json_write_integer(&w, (int64_t)work->trainer->seed);
    spae_json_write_key(&w, "data");
    spae_json_write_string(&w, work->data, strlen(work->data));
    spae_json_write_close(&w);
    const spae_status status = spae_json_write_finish(&w, &length, err);
    const spae_text item = {text, length};
    const spae_npy_array array = {SPAE_NPY_S, 0, {0}, &item};
    return status == SPAE_OK ? spae_npz_add(writer, "trainer", &array, false, err) : status;
}

static spae_status fill_checkpoint(spae_sink *sink, void *context, spae_error *err)
{
    const save_work *work = context;
    const spae_trainer *t = work->trainer;
    spae_npz_writer writer = spae_npz_begin(work->scratch, sink);
    spae_parameters parameters;
    const spae_model averaged = spae_trainer_averaged(t, &parameters);
    const spae_npy_array lecam = {SPAE_MODEL_REAL_TYPE, 1, {2}, t->lecam};
    spae_status status = spae_model_write(&writer, &averaged, work->notes, err);
    if (status == SPAE_OK)
        status = spae_npz_add(&writer, "lecam", &lecam, false, err);
    if (status == SPAE_OK)
        status = spae_model_write_values(&writer, trained, t->model, t->model->values, err);
    if (status == SPAE_OK)
        status = spae_model_write_values(&writer, adam_m, t->model, t->m, err);
    if (status == SPAE_OK)
        status = spae_model_write_values(&writer, adam_v, t->model, t->v, err);
    if (status == SPAE_OK)
        status = write_state(&writer, work, err);
    return status == SPAE_OK ? spae_npz_end(&writer, err) : status;
}

spae_status spae_checkpoint_save(const spae_trainer *trainer, const spae_notes *notes,
                                 const char *data, const char *path, spae_arena *scratch,
                                 spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    save_work work = {trainer, notes, data, scratch};
    const spae_status status = spae_file_replace(scratch, path, fill_checkpoint, &work, err);
    spae_arena_reset(scratch, mark);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

static spae_status parse_state(const spae_text *text, run_state *state)
{
    spae_json_node nodes[8];
    int64_t step = 0, seed = 0;
    spae_status status = spae_json_parse(text->text, text->length, nodes, 8, NULL, NULL);
    if (status != SPAE_OK)
        return status;
    const spae_json_node *step_node = spae_json_member(nodes, nodes, "step");
    const spae_json_node *seed_node = spae_json_member(nodes, nodes, "seed");
    const spae_json_node *data_node = spae_json_member(nodes, nodes, "data");
    if (step_node == NULL || seed_node == NULL || data_node == NULL)
        return SPAE_ERR_FORMAT;
    status = spae_json_integer(step_node, 0, UINT32_MAX, &step, NULL);
    if (status == SPAE_OK)
        status = spae_json_integer(seed_node, 0, UINT32_MAX, &seed, NULL);
    if (status == SPAE_OK)
        status = spae_json_string(data_node, state->data, sizeof state->data, NULL, NULL);
    state->step = (uint64_t)step;
    state->seed = (uint32_t)seed;
    return status;
}

static spae_status read_state(const spae_npz *npz, spae_arena *scratch, run_state *state,
                              spae_error *err)
{
    const char *file = npz->source->name;
    spae_npz_array array;
    const spae_text *text = NULL;
    if (spae_npz_find(npz, "trainer") == NULL)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: expected a checkpoint, but there is no array \"trainer\"", file);
    spae_status status = spae_npz_array_open(scratch, npz, "trainer", &array, err);
    if (status == SPAE_OK && array.header.count == 1)
        status = spae_npy_read_strings(scratch, &array.source, &array.header, &text, err);
    if (status != SPAE_OK)
        return status;
    if (text == NULL || parse_state(text, state) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: trainer: expected a JSON object with step, seed and data", file);
    return SPAE_OK;
}

static spae_status check_config(const char *file, const spae_config *saved, const spae_config *now,
                                spae_error *err)
{
    const char *key = spae_config_difference(saved, now);
    char before[64], after[64];
    if (key == NULL)
        return SPAE_OK;
    spae_config_text(saved, key, before, sizeof before);
    spae_config_text(now, key, after, sizeof after);
    return spae_fail(err, SPAE_ERR_ARGUMENT,
                     "%s: the checkpoint was made with %s=%s, this run has %s", file, key, before,
                     after);
}

static bool same_notes(const spae_notes *a, const spae_notes *b)
{
    bool same = a->guide == b->guide && a->label_count == b->label_count &&
                a->codebook_centred == b->codebook_centred &&
                a->codebook_scale == b->codebook_scale && strcmp(a->perceptual, b->perceptual) == 0 &&
                strcmp(a->guide_files, b->guide_files) == 0;
    for (size_t i = 0; same && i < a->label_count; i++)
        same = strcmp(a->label[i], b->label[i]) == 0;
    return same;
}

static bool same_words(const spae_model *a, const spae_model *b)
{
    const size_t V = a->codebook.V, c = a->codebook.c;
    bool same = V == b->codebook.V && c == b->codebook.c;
    if (same && a->config.codebook_size == 0) /* a learned one is part of the state */
        same = memcmp(a->codebook.e, b->codebook.e, V * c * sizeof *a->codebook.e) == 0;
    for (size_t k = 0; same && k < V; k++)
        same = strcmp(a->word[k], b->word[k]) == 0;
    return same;
}

static spae_status check_run(const char *file, const run_state *state, const spae_trainer *trainer,
                             const char *data, spae_error *err)
{
    if (state->seed != trainer->seed)
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "%s: the checkpoint was made with seed %u, this run has %u", file,
                         (unsigned)state->seed, (unsigned)trainer->seed);
    if (strcmp(state->data, data) != 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "%s: the checkpoint was made with other pictures or labels", file);
    return SPAE_OK;
}

static spae_status check_model(const char *file, const spae_model *saved,
                               const spae_notes *notes_saved, const spae_model *now,
                               const spae_notes *notes, spae_error *err)
{
    const spae_status status = check_config(file, &saved->config, &now->config, err);
    if (status != SPAE_OK)
        return status;
    if (!same_words(saved, now))
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "%s: the checkpoint was made with another codebook or vocabulary", file);
    if (!same_notes(notes_saved, notes))
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "%s: the checkpoint was made with another guide, label words, "
                         "treatment of the codebook or weights of the perceptual term",
                         file);
    return SPAE_OK;
}

static spae_status read_lecam(const spae_npz *npz, spae_arena *scratch, spae_real lecam[2],
                              spae_error *err)
{
    spae_npz_array array;
    const spae_status status = spae_npz_array_open(scratch, npz, "lecam", &array, err);
    if (status != SPAE_OK)
        return status;
    if (array.header.rank != 1 || array.header.count != 2)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: lecam: expected 2 numbers, found %zu",
                         npz->source->name, array.header.count);
    return spae_model_numbers(&array.source, &array.header, "lecam", lecam, err);
}

static spae_status read_checkpoint(spae_trainer *trainer, const spae_notes *notes, const char *data,
                                   const spae_npz *npz, spae_arena *scratch, spae_error *err)
{
    const char *file = npz->source->name;
    spae_model *model = trainer->model, saved;
    spae_notes notes_saved;
    run_state state = {0, 0, ""};
    spae_status status = read_state(npz, scratch, &state, err);
    if (status == SPAE_OK)
        status = spae_model_read(&saved, &notes_saved, false, scratch, npz, err);
    if (status == SPAE_OK)
        status = check_model(file, &saved, &notes_saved, model, notes, err);
    if (status == SPAE_OK)
        status = check_run(file, &state, trainer, data, err);
    if (status == SPAE_OK)
        status = spae_model_read_values(npz, trained, model, scratch, model->values, err);
    if (status == SPAE_OK)
        status = spae_model_read_values(npz, adam_m, model, scratch, trainer->m, err);
    if (status == SPAE_OK)
        status = spae_model_read_values(npz, adam_v, model, scratch, trainer->v, err);
    if (status == SPAE_OK)
        status = read_lecam(npz, scratch, trainer->lecam, err);
    if (status != SPAE_OK)
        return status;
    memcpy(trainer->ema, saved.values, model->elements * sizeof *trainer->ema);
    trainer->step = state.step;
    return SPAE_OK;
}

spae_status spae_checkpoint_load(spae_trainer *trainer, const spae_notes *notes, const char *data,
                                 const char *path, spae_arena *scratch, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    spae_source source;
    spae_npz npz;
    spae_status status = spae_source_open(scratch, path, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npz_open(scratch, &source, NULL, &npz, err);
    if (status == SPAE_OK)
        status = read_checkpoint(trainer, notes, data, &npz, scratch, err);
    spae_source_close(&source);
    spae_arena_reset(scratch, mark);
    spae_arena_trim(scratch); /* of a second model, which the run has no room for */
    return status;
}
