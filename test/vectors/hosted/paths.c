/* Stage files, what is read by path: words (SPEC 8.12), data sets (8.21), numbered pictures (8.25), checkpoints (8.10,
 * 8.11), transcripts repeated (8.40); and weights from elsewhere (8.27), logs (8.28). Files stand in a folder of this process while a case runs. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/checkpoint.h"
#include "io/csv.h"
#include "io/dataset.h"
#include "io/directory.h"
#include "io/language_transcript.h"
#include "io/video.h"
#include "io/vocabulary.h"
#include "io/weights.h"
#include "raw.h"
#include "test/vectors/tokens.h"

enum { PATH = 96 };

static const char *folder(char path[PATH])
{
    snprintf(path, PATH, "/tmp/spae-vectors-%ld", (long)getpid());
    return path;
}

static const char *path_of(char path[PATH], const char *name)
{
    char in[PATH];
    snprintf(path, PATH, "%.60s/%.30s", folder(in), name);
    return path;
}

/* Puts the bytes into a file of that name, and gives them as an input. */
static void put(vectors *v, const char *input, const char *name, const char *bytes, size_t size)
{
    char path[PATH];
    vectors_octets(v, input, VECTORS_INPUT, 1, &size, bytes);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_directory_make(folder(path), v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_file_write_all(v->arena, path_of(path, name), bytes, size, v->err));
}

static void take_away(const char *name)
{
    char path[PATH];
    remove(path_of(path, name));
    rmdir(folder(path));
}

#define D(text)          VECTORS_TEXT(text)
#define NPY(type, shape) "\x93NUMPY\x01\0\x3C\0{'descr': '" type "', 'fortran_order': False, 'shape': " shape ", }"

/* ---- words and codebooks, SPEC 8.12 ---- */

static void word_list(vectors *v, const char *name, const char *bytes, size_t size, spae_status due, const char *why)
{
    char path[PATH];
    const char *const *word = NULL;
    size_t count = 0;
    if (!vectors_begin(v, name, "8.12", "read_words", "{}", why))
        return;
    put(v, "file", "words.txt", bytes, size);
    if (vectors_goes_on(v) &&
        vectors_returned(v, due, spae_vocabulary_words(v->arena, path_of(path, "words.txt"), &count, &word, v->err)))
        vectors_texts(v, "vocab", VECTORS_BITS, word, count);
    take_away("words.txt");
    vectors_end(v);
}

static void vocabulary(vectors *v, const char *name, const char *codebook, size_t size, spae_status due,
                       const char *why)
{
    char e[PATH], w[PATH];
    spae_vocabulary read;
    if (!vectors_begin(v, name, "8.3 8.12", "read_vocabulary", "{}", why))
        return;
    put(v, "file", "e.npy", codebook, size);
    put(v, "words", "words.txt", D("one\ntwo\n"));
    if (vectors_goes_on(v) &&
        vectors_returned(
            v, due, spae_vocabulary_read(v->arena, path_of(e, "e.npy"), path_of(w, "words.txt"), 0, &read, v->err)))
        vectors_numbers(v, "codebook", VECTORS_BITS, 2, (const size_t[]){read.V, read.c}, read.e);
    take_away("e.npy");
    take_away("words.txt");
    vectors_end(v);
}

static void vocabularies(vectors *v)
{
    word_list(v, "files/words_list", D("seven\r\ncaf\xC3\xA9\n\n two words \nseven"), SPAE_OK,
              "lines with and without returns, an empty one, one twice, the last without newline");
    word_list(v, "files/words_list_refused_utf8", D("seven\n\xFF\n"), SPAE_ERR_FORMAT, "a line that is not UTF-8");
    word_list(v, "files/words_list_refused_zero", D("se\0ven\n"), SPAE_ERR_FORMAT, "a zero in a line");
    vocabulary(v, "files/vocabulary", D(NPY("<f4", "(2, 1) ") "\0\0\x80\x3F\0\0\0\x40"), SPAE_OK,
               "two words and their rows");
    vocabulary(v, "files/vocabulary_refused_rows", D(NPY("<f4", "(1, 1) ") "\0\0\x80\x3F"), SPAE_ERR_SHAPE,
               "one row for two words");
    vocabulary(v, "files/vocabulary_refused_rank", D(NPY("<f4", "(2,)   ") "\0\0\x80\x3F\0\0\0\x40"), SPAE_ERR_SHAPE,
               "rows without channels");
    vocabulary(v, "files/vocabulary_refused_nan", D(NPY("<f4", "(2, 1) ") "\0\0\x80\x3F\0\0\xC0\x7F"),
               SPAE_ERR_NOT_FINITE, "a NaN in a row");
}

/* ---- data sets, SPEC 8.21 ---- */

static void data_set(vectors *v, const char *name, spae_dataset_part part, const char *with, const char *why)
{
    char path[PATH], hash[65];
    const size_t picture[3] = {1, 2, 2}, digits = 64;
    spae_dataset set;
    if (!vectors_begin(v, name, "7.6 8.21", "read_data", with, why))
        return;
    put(v, "file", "images.npy", D(NPY("|u1", "(9,1,2)") "\0\1\2\3\4\5\6\7\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11"));
    put(v, "labels", "labels.tsv", D("index\tkeywords\n0\ta b\n1\ta\n2\tb\n3\tc\n4\ta\n5\tb\n6\tc\n7\tc a\n8\tb\n"));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_dataset_open(v->arena, path_of(path, "images.npy"), part, picture, &set, v->err));
    if (vectors_goes_on(v)) {
        const size_t shape[] = {set.count, set.height, set.width, set.channels},
                     each = set.height * set.width * set.channels;
        uint8_t *x = vectors_room(v, set.count * each, 1);
        for (size_t i = 0; i < set.count && x != NULL; i++)
            memcpy(x + i * each, set.pictures + (set.row != NULL ? set.row[i] : i) * each, each);
        vectors_octets(v, "x", VECTORS_BITS, 4, shape, x);
        spae_dataset_hash(&set, hash);
        vectors_octets(v, "sha256", VECTORS_BITS, 1, &digits, hash);
    }
    take_away("images.npy");
    take_away("labels.tsv");
    vectors_end(v);
}

/* ---- numbered pictures, SPEC 8.25 ---- */

static void numbered(vectors *v, const char *name, const char *second, size_t size, spae_status due, const char *why)
{
    char path[PATH];
    spae_video video;
    if (!vectors_begin(v, name, "8.25", "read_numbered", "{\"names\":[\"a09.pgm\",\"a10.pgm\"]}", why))
        return;
    put(v, "first", "a09.pgm", D("P5 2 1 255\n\1\2"));
    put(v, "second", "a10.pgm", second, size);
    if (vectors_goes_on(v) &&
        vectors_returned(v, due, spae_video_read(v->arena, path_of(path, "a09.pgm"), NULL, 0, 4, &video, NULL, v->err)))
        vectors_floats(v, "x", 4, (const size_t[]){video.frames, video.height, video.width, 3}, video.pixels);
    take_away("a09.pgm");
    take_away("a10.pgm");
    vectors_end(v);
}

/* ---- weights from elsewhere, SPEC 8.27 ---- */

static void parameter(spae_parameters *set, const char *path, size_t rank, const size_t *axis)
{
    spae_parameter *p = &set->item[set->count++];
    strcpy(p->path, path);
    p->shape = spae_shape_of(1, 1, 1, 1, 1);
    memcpy(p->shape.axis + SPAE_AXES - rank, axis, rank * sizeof *axis);
    p->rank = rank;
    p->first = set->elements;
    set->elements += spae_shape_count(p->shape);
}

static void weights(vectors *v, const char *name, const char *header, spae_status due, const char *why)
{
    static const size_t kernel[] = {1, 2, 2, 3}, dense[] = {3, 2}, two[] = {2}, three[] = {3};
    spae_parameter item[4];
    spae_parameters set = {.item = item, .room = 4};
    spae_weights open;
    if (!vectors_begin(v, name, "8.26 8.27", "read_weights", "{}", why))
        return;
    parameter(&set, "init_conv/kernel", 4, kernel);
    parameter(&set, "init_bn/mean", 1, three);
    parameter(&set, "head/kernel", 2, dense);
    parameter(&set, "head/bias", 1, two);
    spae_real *values = vectors_room(v, set.elements, sizeof *values);
    vectors_file file = vectors_file_of(v);
    vectors_file_low(&file, strlen(header), 8);
    vectors_file_text(&file, header);
    for (unsigned i = 0; i < 23; i++)
        vectors_file_low(&file, 0x3F800000u + (i << 16), 4);
    const spae_source source = vectors_file_given(&file);
    if (!vectors_goes_on(v))
        return;
    spae_status status = spae_weights_open(v->arena, &source, NULL, &open, v->err);
    if (status == SPAE_OK)
        status = spae_weights_fill(&open, 1, &set, values, v->arena, NULL, v->err);
    if (vectors_returned(v, due, status))
        vectors_give(v, &(vectors_array){.name = "values",
                                         .type = VECTORS_REAL,
                                         .compare = VECTORS_BITS,
                                         .rank = 1,
                                         .shape = {set.elements},
                                         .data = values,
                                         .layout = &set,
                                         .layout_count = set.count});
    vectors_end(v);
}

#define T(name, shape, from, to)                                                                                       \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]}"

static void all_weights(vectors *v)
{
    weights(v, "files/weights_torchvision",
            "{" T("conv1.weight", "[3,2,1,2]", "0", "48") "," T("bn1.running_mean", "[3]", "48", "60") "," T(
                "fc.weight", "[2,3]", "60", "84") "," T("fc.bias", "[2]", "84", "92") "}",
            SPAE_OK, "another library's names, convolutions (co,ci,kh,kw), dense ones (co,ci)");
    weights(v, "files/weights_flax",
            "{" T("params/init_conv/kernel", "[1,2,2,3]", "0", "48") "," T(
                "batch_stats/init_bn/mean", "[3]", "48",
                "60") "," T("params/head/kernel", "[3,2]", "60", "84") "," T("params/head/bias", "[2]", "84", "92") "}",
            SPAE_OK, "flax's names, layouts as ours");
    weights(v, "files/weights_refused_missing",
            "{" T("conv1.weight", "[3,2,1,2]", "0", "48") "," T("fc.weight", "[2,3]", "48",
                                                                "72") "," T("fc.bias", "[5]", "72", "92") "}",
            SPAE_ERR_FORMAT, "a mean is missing");
    weights(v, "files/weights_refused_shape",
            "{" T("conv1.weight", "[3,2,2,1]", "0", "48") "," T("bn1.running_mean", "[3]", "48", "60") "," T(
                "fc.weight", "[2,3]", "60", "84") "," T("fc.bias", "[2]", "84", "92") "}",
            SPAE_ERR_SHAPE, "a kernel of 2 x 1 where 1 x 2 is due");
}

/* ---- logs, SPEC 8.28 ---- */

static void log_case(vectors *v, const char *name, const char *bytes, size_t size, spae_status due, const char *why)
{
    enum { ROWS = 4, MOST = 3 };
    spae_csv csv;
    double x[(ROWS + 1) * SPAE_CSV_COLUMNS_MOST];
    size_t rows = 0;
    if (!vectors_begin(v, name, "8.28", "read_log", "{}", why))
        return;
    vectors_file file = vectors_file_of(v);
    vectors_file_add(&file, bytes, size);
    const spae_source source = vectors_file_given(&file);
    if (!vectors_goes_on(v))
        return;
    spae_status status = spae_csv_open(&csv, &source, v->err);
    for (bool there = status == SPAE_OK; there && status == SPAE_OK && rows < ROWS;) {
        status = spae_csv_next(&csv, x + rows * csv.columns, &there, v->err);
        rows += there && status == SPAE_OK;
    }
    if (vectors_returned(v, due, status))
        vectors_wides(v, "x", VECTORS_BITS, 2, (const size_t[]){rows, csv.columns}, x);
    vectors_end(v);
}

/* ---- checkpoints, SPEC 8.10 and 8.11 ---- */

/* A trainer of the small model whose state says nothing by itself: each array by formula. */
static bool trainer_of(vectors *v, uint32_t seed, spae_model *model, spae_trainer *trainer)
{
    if (!vectors_small_model(v, model))
        return false;
    vectors_expect(v, spae_trainer_create(trainer, model, seed, v->arena, v->err));
    return vectors_goes_on(v);
}

static void give_state(vectors *v, const spae_trainer *t)
{
    const spae_model *m = t->model;
    const struct {
        const char *name;
        const spae_real *data;
    } part[] = {{"values", m->values}, {"ema", t->ema}, {"m", t->m}, {"v", t->v}};
    for (size_t i = 0; i < 4; i++)
        vectors_give(v, &(vectors_array){.name = part[i].name,
                                         .type = VECTORS_REAL,
                                         .compare = VECTORS_BITS,
                                         .rank = 1,
                                         .shape = {m->elements},
                                         .data = part[i].data,
                                         .layout = m->parameters,
                                         .layout_count = m->count});
    const int32_t step = (int32_t)t->step;
    vectors_numbers(v, "lecam", VECTORS_BITS, 1, &(size_t){2}, t->lecam);
    vectors_integers(v, "step", VECTORS_BITS, 0, NULL, &step);
}

static void checkpoint(vectors *v, const char *name, const char *clause, uint32_t seed, const char *with,
                       spae_status due, const char *why)
{
    char path[PATH];
    spae_model model[2];
    spae_trainer t[2];
    const spae_notes notes = spae_notes_default();
    const uint8_t *bytes;
    size_t size;
    if (!vectors_begin(v, name, clause, "resume", with, why) || !trainer_of(v, 7, &model[0], &t[0]) ||
        !trainer_of(v, seed, &model[1], &t[1]))
        return;
    vectors_fill(name, "ema", 0, 0.9, model->elements, t->ema);
    vectors_fill(name, "m", 0, 0.9, model->elements, t->m);
    vectors_fill(name, "v", 0.5, 0.4, model->elements, t->v);
    vectors_fill(name, "lecam", 0, 0.9, 2, t->lecam);
    t->step = 3;
    vectors_expect(v, spae_directory_make(folder(path), v->err));
    vectors_expect(v, spae_checkpoint_save(&t[0], &notes, "data", path_of(path, "c.npz"), v->arena, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_file_read_all(v->arena, path, 1 << 24, &bytes, &size, v->err));
    if (vectors_goes_on(v)) {
        vectors_octets(v, "file", VECTORS_INPUT, 1, &size, bytes);
        v->now.config = &model[1].config;
        if (vectors_returned(v, due, spae_checkpoint_load(&t[1], &notes, "data", path, v->arena, v->err)))
            give_state(v, &t[1]);
    }
    take_away("c.npz");
    vectors_end(v);
}

/* ---- transcripts repeated, SPEC 8.40 ---- */

#define REPLAYED                                                                                                         \
    "{\"transcript\":1,\"model\":\"m\",\"window\":100}\n"                                                                   \
    "{\"number\":3,\"prompt\":\"a\",\"ids\":[1],\"n\":2,\"temperature\":0.5,\"max_tokens\":4,\"stop\":null,\"seed\":7,"            \
    "\"samples\":[{\"text\":\"x\",\"ids\":[2],\"end\":\"end\"},{\"text\":\"\",\"ids\":[],\"end\":\"length\"}]}\n"                  \
    "{\"number\":3,\"choice\":1}\n"

/* The request, and then the choice of one of its samples. */
static void replay(vectors *v, const char *name, const char *with, const char *prompt, double temperature, size_t choice,
                   spae_status due, const char *why)
{
    char path[PATH];
    spae_language_model model;
    spae_answer answer[2];
    const spae_request r = {.text = prompt, .length = strlen(prompt), .samples = 2, .temperature = temperature,
                            .max_tokens = 4, .seed = 7, .number = 3};
    if (!vectors_begin(v, name, "8.39 8.40", "replay", with, why))
        return;
    put(v, "file", "t.jsonl", D(REPLAYED));
    vectors_octets(v, "prompt", VECTORS_INPUT, 1, &r.length, prompt);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_language_replay(path_of(path, "t.jsonl"), NULL, v->arena, &model, NULL, v->err));
    if (vectors_goes_on(v)) {
        spae_status status = model.sample(&model, &r, 1, v->arena, answer, v->err);
        if (status == SPAE_OK)
            status = spae_language_choose(&model, r.number, choice, v->err);
        if (vectors_returned(v, due, status)) {
            const char *const text[2] = {answer[0].text, answer[1].text};
            const int32_t end[2] = {(int32_t)answer[0].end, (int32_t)answer[1].end};
            vectors_texts(v, "text", VECTORS_BITS, text, 2);
            vectors_integers(v, "end", VECTORS_BITS, 1, (const size_t[]){2}, end);
        }
    }
    take_away("t.jsonl");
    vectors_end(v);
}

#define ASKED(temperature, choice)                                                                                       \
    "{\"number\":3,\"n\":2,\"temperature\":" temperature ",\"max_tokens\":4,\"stop\":null,\"seed\":7,\"choice\":" choice "}"

static void replays(vectors *v)
{
    replay(v, "files/replay", ASKED("0.5", "1"), "a", 0.5, 1, SPAE_OK, "the recorded request, and the recorded choice");
    replay(v, "files/replay_refused_prompt", ASKED("0.5", "1"), "b", 0.5, 1, SPAE_ERR_ARGUMENT, "another prompt");
    replay(v, "files/replay_refused_temperature", ASKED("0.25", "1"), "a", 0.25, 1, SPAE_ERR_ARGUMENT,
           "another temperature");
    replay(v, "files/replay_refused_choice", ASKED("0.5", "0"), "a", 0.5, 0, SPAE_ERR_ARGUMENT, "another choice");
}

void vectors_paths(vectors *v)
{
    vocabularies(v);
    data_set(v, "files/data_train", SPAE_DATASET_TRAIN, "{\"part\":\"train\"}",
             "nine pictures, of which eight are for training; the hash of pictures and words");
    data_set(v, "files/data_test", SPAE_DATASET_TEST, "{\"part\":\"test\"}", "the eighth is for testing");
    numbered(v, "files/numbered", D("P5 2 1 255\n\3\4"), SPAE_OK, "two pictures, 09 and 10");
    numbered(v, "files/numbered_refused_size", D("P5 1 2 255\n\3\4"), SPAE_ERR_SHAPE, "pictures of two sizes");
    all_weights(v);
    log_case(v, "files/log", D("step,l2,psnr\n1,0.077,1e-05\n2,6.5e-2,-3\n3,1"), SPAE_OK,
             "two rows, and one that is still being written");
    log_case(v, "files/log_refused_cells", D("step,l2\n1,2,3\n"), SPAE_ERR_FORMAT, "a cell too many");
    log_case(v, "files/log_refused_name_twice", D("step,step\n1,2\n"), SPAE_ERR_FORMAT, "a column twice");
    log_case(v, "files/log_refused_text", D("step\nx\n"), SPAE_ERR_FORMAT, "a text where a number is due");
    checkpoint(v, "files/checkpoint", "8.10", 7, "{\"seed\":7,\"data\":\"data\"}", SPAE_OK,
               "a run goes on with weights, moments, averages and step");
    checkpoint(v, "files/checkpoint_refused_seed", "8.11", 8, "{\"seed\":8,\"data\":\"data\"}", SPAE_ERR_ARGUMENT,
               "another seed: the run would not be the same");
    replays(v);
}
