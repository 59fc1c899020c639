/* What all kinds of data sets share, dataset.h. */
#include "io/dataset.h"

#include <string.h>

#include "io/dataset_kinds.h"
#include "io/directory.h"
#include "io/resample.h"
#include "vendor_free/sha256.h"

const char *const spae_dataset_digits[SPAE_DATASET_DIGITS] = {
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};

static size_t row_of(const spae_dataset *dataset, size_t index)
{
    return dataset->row != NULL ? dataset->row[index] : index;
}

/* ---- opening --------------------------------------------------------------------------------- */

bool spae_dataset_is_test(size_t index)
{
    return index % SPAE_DATASET_TEST_EVERY == SPAE_DATASET_TEST_EVERY - 1;
}

spae_status spae_dataset_no_part(const char *path, size_t count, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: none of %zu is for testing, which every eighth is",
                     path, count);
}

/* Leaves the pictures of one part, `clips` of which come from each item. */
static spae_status take_part(spae_arena *arena, spae_dataset_part part, size_t clips,
                             spae_dataset *dataset, spae_error *err)
{
    size_t *row = spae_arena_take(arena, dataset->count, sizeof *row), count = 0;
    if (row == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the order of %zu pictures",
                         dataset->name, dataset->count);
    for (size_t i = 0; i < dataset->count; i++)
        if (spae_dataset_is_test(i / clips) == (part == SPAE_DATASET_TEST))
            row[count++] = i;
    if (count == 0)
        return spae_dataset_no_part(dataset->name, dataset->count / clips, err);
    dataset->row = row;
    dataset->count = count;
    return SPAE_OK;
}

/* The archive in a folder: the one file whose name ends in images.npz. NULL: there is none. */
static spae_status find_archive(spae_arena *arena, const char *folder, const char **path,
                                spae_error *err)
{
    const char *const *names = NULL;
    size_t count = 0, found = 0;
    const spae_status status = spae_directory_list(folder, arena, &names, &count, err);
    *path = NULL;
    for (size_t i = 0; status == SPAE_OK && i < count; i++)
        if (spae_file_ends(names[i], "images.npz")) {
            *path = names[i];
            found++;
        }
    return found <= 1 ? status
                      : spae_fail(err, SPAE_ERR_FORMAT,
                                  "%s: %zu files end in images.npz, expected one", folder, found);
}

static spae_status open_array(spae_arena *arena, const char *path, spae_dataset_part part,
                              const size_t picture[3], spae_dataset *dataset, spae_error *err)
{
    size_t clips = 1;
    const spae_status status = spae_file_ends(path, ".npz")
                                   ? spae_dataset_npz(arena, path, picture, dataset, &clips, err)
                                   : spae_dataset_npy(arena, path, picture, dataset, &clips, err);
    return status == SPAE_OK ? take_part(arena, part, clips, dataset, err) : status;
}

/* Of folders, pictures of the size `kept`; of what has its own size, those for a model of `picture`. */
static spae_status open_folder(spae_arena *arena, const char *path, spae_dataset_part part, const size_t picture[3],
                               const size_t kept[3], spae_dataset *dataset, spae_error *err)
{
    const char *archive = NULL;
    if (spae_dataset_is_idx_folder(path, part))
        return spae_dataset_idx(arena, path, part, dataset, err);
    if (spae_dataset_is_idx_folder(path, part == SPAE_DATASET_TRAIN ? SPAE_DATASET_TEST
                                                                    : SPAE_DATASET_TRAIN))
        return spae_fail(err, SPAE_ERR_IO, "%s: expected %s-images-idx3-ubyte[.gz] in it too", path,
                         part == SPAE_DATASET_TRAIN ? "train" : "t10k");
    const spae_status status = find_archive(arena, path, &archive, err);
    if (status != SPAE_OK)
        return status;
    return archive != NULL ? open_array(arena, archive, part, picture, dataset, err)
                           : spae_dataset_folder(arena, path, part, kept, dataset, err);
}

static spae_status open_any(spae_arena *arena, const char *path, spae_dataset_part part, const size_t picture[3],
                            const size_t kept[3], spae_dataset *dataset, spae_error *err)
{
    if (spae_directory_is(path))
        return open_folder(arena, path, part, picture, kept, dataset, err);
    if (spae_file_ends(path, ".npz") || spae_file_ends(path, ".npy"))
        return open_array(arena, path, part, picture, dataset, err);
    if (spae_file_ends(path, ".y4m") && picture[0] > 1)
        return spae_dataset_folder(arena, path, part, kept, dataset, err);
    const spae_status status = spae_dataset_idx(arena, path, part, dataset, err);
    if (status == SPAE_ERR_IO)
        spae_fail(err, status,
                  "%s: expected an IDX file, an array .npy, an archive .npz, a video .y4m, or a "
                  "folder of pictures, videos or %s-images-idx3-ubyte[.gz]",
                  path, part == SPAE_DATASET_TRAIN ? "train" : "t10k");
    return status;
}

static spae_status open_sized(spae_arena *arena, const char *path, spae_dataset_part part, const size_t picture[3],
                              const size_t kept[3], spae_dataset *dataset, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_dataset d = {.name = path};
    const spae_status status = open_any(arena, path, part, picture, kept, &d, err);
    if (status == SPAE_OK) {
        d.name = path;
        *dataset = d;
    } else {
        spae_arena_reset(arena, mark);
    }
    return status;
}

spae_status spae_dataset_open(spae_arena *arena, const char *path, spae_dataset_part part,
                              const size_t picture[3], spae_dataset *dataset, spae_error *err)
{
    return open_sized(arena, path, part, picture, picture, dataset, err);
}

spae_status spae_dataset_open_views(spae_arena *arena, const char *path, const spae_config *config,
                                    spae_dataset *dataset, spae_error *err)
{
    spae_config whole = *config; /* whose picture is what views are cut from */
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_view_room(config, whole.picture);
    spae_status status =
        open_sized(arena, path, SPAE_DATASET_TRAIN, config->picture, whole.picture, dataset, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(dataset, &whole, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- pictures -------------------------------------------------------------------------------- */

spae_status spae_dataset_fits(const spae_dataset *dataset, const spae_config *config,
                              spae_error *err)
{
    const size_t *size = config->picture;
    if (size[0] != dataset->frames)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: %s, but the model takes %zu frame%s of %zux%zu",
                         dataset->name, dataset->frames == 1 ? "still pictures" : "videos", size[0],
                         size[0] == 1 ? "" : "s", size[1], size[2]);
    if (dataset->height > size[1] || dataset->width > size[2])
        return spae_fail(err, SPAE_ERR_SHAPE,
                         "%s: pictures are %zux%zu, the model takes up to %zux%zu", dataset->name,
                         dataset->height, dataset->width, size[1], size[2]);
    return SPAE_OK;
}

/* One frame in the middle of the model's. */
static void put_frame(const spae_dataset *dataset, const uint8_t *bytes, const size_t *size,
                      spae_real *frame)
{
    const size_t h = dataset->height, w = dataset->width, c = dataset->channels;
    const size_t H = size[1], W = size[2], top = (H - h) / 2, left = (W - w) / 2;
    for (size_t i = 0; i < H * W * 3; i++)
        frame[i] = 0;
    for (size_t y = 0; y < h; y++)
        for (size_t x = 0; x < w; x++)
            for (size_t k = 0; k < 3; k++) /* channel k of three, or the only one */
                frame[((top + y) * W + left + x) * 3 + k] =
                    (spae_real)bytes[(y * w + x) * c + k % c] / (spae_real)255;
}

void spae_dataset_picture(const spae_dataset *dataset, size_t index, const spae_config *config,
                          spae_real *picture)
{
    const size_t *size = config->picture;
    const size_t bytes = dataset->height * dataset->width * dataset->channels;
    const uint8_t *frames = dataset->pictures + row_of(dataset, index) * dataset->frames * bytes;
    for (size_t t = 0; t < dataset->frames; t++)
        put_frame(dataset, frames + t * bytes, size, picture + t * size[1] * size[2] * 3);
}

/* Sample k of the pixel at (y,x) of a frame that stands in the middle of H x W, where it is smaller. */
static unsigned sample_at(const spae_dataset *dataset, const uint8_t *bytes, const size_t whole[2], size_t y, size_t x,
                          size_t k)
{
    const size_t h = dataset->height, w = dataset->width, c = dataset->channels;
    const size_t top = (whole[0] - h) / 2, left = (whole[1] - w) / 2;
    if (y < top || y - top >= h || x < left || x - left >= w)
        return 0;
    return bytes[((y - top) * w + x - left) * c + k % c];
}

/* One sample of a view; whole numbers below 2^53 until they are divided. */
static spae_real viewed(const spae_dataset *dataset, const uint8_t *bytes, const size_t whole[2],
                        const spae_resample_axis *y, const spae_resample_axis *x, size_t i, size_t j, size_t k)
{
    const spae_resample_taps rows = spae_resample_find(y, i), columns = spae_resample_find(x, j);
    double sum = 0.0;
    for (size_t r = rows.first; r <= rows.last; r++) {
        double along = 0.0;
        for (size_t q = columns.first; q <= columns.last; q++)
            along += spae_resample_weight(x, &columns, j, q) *
                     (double)sample_at(dataset, bytes, whole, y->start + r, x->start + q, k);
        sum += spae_resample_weight(y, &rows, i, r) * along;
    }
    return (spae_real)(sum / (255.0 * (spae_resample_total(y) * spae_resample_total(x))));
}

void spae_dataset_view(const spae_dataset *dataset, size_t index, const spae_config *config, const spae_view *view,
                       spae_real *picture)
{
    const size_t H = config->picture[1], W = config->picture[2];
    const size_t bytes = dataset->height * dataset->width * dataset->channels;
    const uint8_t *frame = dataset->pictures + row_of(dataset, index) * dataset->frames * bytes;
    const spae_resample_axis y = {view->top, view->height, H}, x = {view->left, view->width, W};
    for (size_t t = 0; t < dataset->frames; t++, frame += bytes)
        for (size_t i = 0; i < H; i++)
            for (size_t j = 0; j < W; j++)
                for (size_t k = 0; k < 3; k++)
                    *picture++ = viewed(dataset, frame, view->whole, &y, &x, i, view->flipped ? W - 1 - j : j, k);
}

int32_t spae_dataset_label(const spae_dataset *dataset, size_t index)
{
    return dataset->labels[row_of(dataset, index)];
}

/* ---- words ----------------------------------------------------------------------------------- */

/* A given word for each label: sources of one token each. */
static spae_status given_words(const spae_dataset *dataset, const char *const *word, size_t count,
                               const spae_words *vocabulary, size_t *first, int32_t *token,
                               spae_error *err)
{
    for (size_t i = 0; dataset->labels != NULL && i < dataset->count; i++)
        if ((size_t)spae_dataset_label(dataset, i) >= count)
            return spae_fail(err, SPAE_ERR_ARGUMENT,
                             "%s: picture %zu has label %u, there are words for %zu labels",
                             dataset->name, i, (unsigned)spae_dataset_label(dataset, i), count);
    for (size_t i = 0; i < count; i++) {
        if (!spae_words_find(vocabulary, word[i], strlen(word[i]), &token[i]))
            return spae_fail(err, SPAE_ERR_ARGUMENT,
                             "%s: the label word \"%s\" is not in the vocabulary of %zu words",
                             dataset->name, word[i], vocabulary->V);
        first[i] = i;
    }
    first[count] = count;
    return SPAE_OK;
}

/* Appends the tokens of source `i` of `words` at token[*end], each once. */
static void find_words(const spae_source_words *words, size_t i, const spae_words *vocabulary,
                       int32_t *token, size_t *end)
{
    const size_t start = *end;
    for (size_t j = words->first[i]; j < words->first[i + 1]; j++) {
        int32_t found;
        size_t at = start;
        if (!spae_words_find(vocabulary, words->word[j], strlen(words->word[j]), &found))
            continue;
        while (at < *end && token[at] != found)
            at++;
        token[at] = found;
        *end = at < *end ? *end : at + 1;
    }
}

/* The data's own words: only sources of pictures that are here are looked up, the others stay
 * empty. Then the rows of pictures of which a word was found. */
static spae_status own_words(const spae_dataset *dataset, const spae_words *vocabulary, bool *used,
                             size_t *first, int32_t *token, size_t *row, size_t *kept,
                             spae_error *err)
{
    const spae_source_words *words = &dataset->words;
    for (size_t i = 0; i < dataset->count; i++)
        used[spae_dataset_label(dataset, i)] = true;
    first[0] = 0;
    for (size_t i = 0; i < words->count; i++) {
        first[i + 1] = first[i];
        if (used[i])
            find_words(words, i, vocabulary, token, &first[i + 1]);
    }
    *kept = 0;
    for (size_t i = 0; i < dataset->count; i++) {
        const int32_t label = spae_dataset_label(dataset, i);
        if (first[label + 1] > first[label])
            row[(*kept)++] = row_of(dataset, i);
    }
    return *kept > 0 ? SPAE_OK
                     : spae_fail(err, SPAE_ERR_ARGUMENT,
                                 "%s: of none of %zu pictures a word is in the vocabulary of %zu",
                                 dataset->name, dataset->count, vocabulary->V);
}

spae_status spae_dataset_sources(spae_dataset *dataset, const char *const *word, size_t count,
                                 const spae_words *vocabulary, spae_arena *arena,
                                 spae_sources *sources, size_t *left_out, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const bool own = dataset->words.count > 0;
    const size_t n = own ? dataset->words.count : count, all = own ? dataset->words.first[n] : n;
    size_t kept = dataset->count;
    size_t *first = spae_arena_take(arena, n + 1, sizeof *first);
    int32_t *token = spae_arena_take(arena, all, sizeof *token);
    size_t *row = own ? spae_arena_take(arena, dataset->count, sizeof *row) : NULL;
    bool *used = own ? spae_arena_take_zeroed(arena, n, sizeof *used) : NULL;
    spae_status status = SPAE_OK;
    if (first == NULL || token == NULL || (own && (row == NULL || used == NULL)))
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the words of %zu labels",
                           dataset->name, n);
    else if (own)
        status = own_words(dataset, vocabulary, used, first, token, row, &kept, err);
    else
        status = given_words(dataset, word, n, vocabulary, first, token, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *sources = (spae_sources){n, first, token};
    *left_out = dataset->count - kept;
    if (own)
        dataset->row = row;
    dataset->count = kept;
    return SPAE_OK;
}

/* ---- hash ------------------------------------------------------------------------------------ */

static void add_number(spae_sha256 *hash, size_t number)
{
    const uint8_t word[4] = {(uint8_t)(number >> 24 & 255), (uint8_t)(number >> 16 & 255),
                             (uint8_t)(number >> 8 & 255), (uint8_t)(number & 255)};
    spae_sha256_add(hash, word, sizeof word);
}

void spae_dataset_hash(const spae_dataset *dataset, char text[65])
{
    const size_t bytes = dataset->frames * dataset->height * dataset->width * dataset->channels;
    const spae_source_words *words = &dataset->words;
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    add_number(&hash, dataset->count);
    add_number(&hash, dataset->frames);
    add_number(&hash, dataset->height);
    add_number(&hash, dataset->width);
    add_number(&hash, dataset->channels);
    for (size_t i = 0; i < dataset->count; i++)
        spae_sha256_add(&hash, dataset->pictures + row_of(dataset, i) * bytes, bytes);
    for (size_t i = 0; dataset->labels != NULL && i < dataset->count; i++)
        add_number(&hash, (size_t)spae_dataset_label(dataset, i));
    for (size_t i = 0; i < words->count; i++) {
        for (size_t j = words->first[i]; j < words->first[i + 1]; j++)
            spae_sha256_add(&hash, words->word[j], strlen(words->word[j]) + 1);
        spae_sha256_add(&hash, "", 1);
    }
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
}
