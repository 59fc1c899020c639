/* io/weights_files: indexes of sharded weights and folders, of every format; broken indexes. */
#include "torch.h"

#include "safetensors.h"

#include "io/directory.h"
#include "io/weights_files.h"

#define ck_ok(call) ck_assert_msg((call) == SPAE_OK, "%s", err.text)

typedef struct {
    char folder[80], path[160];
    spae_arena arena;
} place;

static void make_place(place *p)
{
    sprintf(p->folder, "/tmp/spae-test-files-%ld", (long)getpid());
    ck_assert_int_eq(spae_directory_make(p->folder, NULL), SPAE_OK);
    p->arena = new_arena();
}

static const char *in(place *p, const char *name)
{
    sprintf(p->path, "%s/%s", p->folder, name);
    return p->path;
}

static void put(place *p, const char *name, const void *data, size_t size)
{
    ck_assert_int_eq(spae_file_write_all(&p->arena, in(p, name), data, size, NULL), SPAE_OK);
}

static void put_safetensors(place *p, const char *name, const char *array)
{
    static const float two[] = {1, 2};
    const safetensors_item item = {array, 1, {2}, two, false};
    const spae_source s = safetensors_file(&p->arena, &item, 1);
    put(p, name, s.memory, (size_t)s.size);
}

static void put_torch(place *p, const char *name, const char *array)
{
    static const uint8_t one[4] = {0, 0, 0x40, 0x40};
    const torch_item item = {.key = "0", .items = 1, .rank = 1, .shape = {1}, .stride = {1}};
    const bytes state = torch_state(&array, &item, 1);
    zip_file z = {.members = 0};
    zip_add(&z, "m/data.pkl", state.data, state.size);
    zip_add(&z, "m/data/0", one, 4);
    zip_end(&z);
    put(p, name, z.file.data, z.file.size);
}

static void put_index(place *p, const char *name, const char *text)
{
    put(p, name, text, strlen(text));
}

static void drop(place *p, const char *name)
{
    ck_assert_int_eq(remove(in(p, name)), 0);
}

static void end(place *p)
{
    spae_arena_free(&p->arena);
    spae_directory_remove(p->folder);
    ck_assert(!spae_directory_is(p->folder));
}

/* Opens one path; its files have these arrays, each in this file. */
static void ck_files(place *p, const char *path, size_t files, const char *const *array, const size_t *at, size_t count)
{
    spae_weights_files *f = spae_arena_take(&p->arena, 1, sizeof *f);
    size_t file, index;
    spae_error err;
    ck_ok(spae_weights_files_open(&p->arena, &path, 1, f, &err));
    ck_assert_uint_eq(f->count, files);
    for (size_t i = 0; i < count; i++) {
        ck_assert(spae_weights_files_find(f, array[i], &file, &index));
        ck_assert_uint_eq(file, at[i]);
        ck_assert_str_eq(spae_weights_name(&f->file[file], index), array[i]);
    }
    ck_assert(!spae_weights_files_find(f, "nowhere", &file, &index));
    spae_weights_files_close(f);
    ck_assert_uint_eq(f->count, 0);
}

static void ck_not(place *p, const char *path, spae_status due, const char *part)
{
    spae_weights_files *f = spae_arena_take(&p->arena, 1, sizeof *f);
    spae_error err;
    const size_t used = p->arena.used;
    ck_assert_int_eq(spae_weights_files_open(&p->arena, &path, 1, f, &err), due);
    ck_assert_msg(strstr(err.text, part) != NULL, "\"%s\" lacks \"%s\"", err.text, part);
    ck_assert(f->count == 0 && p->arena.used == used);
}

#define INDEX "model.safetensors.index.json"

START_TEST(an_index_of_two_formats)
{
    static const char *const array[] = {"a", "b"};
    static const size_t at[] = {1, 0};
    place p;
    make_place(&p);
    put_safetensors(&p, "one.safetensors", "a");
    put_torch(&p, "two.bin", "b");
    put_index(&p, INDEX, " \n{\"metadata\":{\"total_size\":12},\"weight_map\":{\"b\":\"two.bin\",\"a\":\"one.safetensors\"}}");
    ck_files(&p, in(&p, INDEX), 2, array, at, 2);
    ck_files(&p, p.folder, 2, array, at, 2);
    drop(&p, INDEX);
    drop(&p, "one.safetensors");
    drop(&p, "two.bin");
    end(&p);
}
END_TEST

/* What a folder is read from: the first of the known names. */
START_TEST(folders)
{
    static const char *const array[] = {"a"};
    static const size_t at[] = {0};
    place p;
    make_place(&p);
    ck_not(&p, p.folder, SPAE_ERR_IO, "no weights there: expected model.safetensors, " INDEX ", pytorch_model.bin");
    put_torch(&p, "shard.bin", "a");
    put_index(&p, "pytorch_model.bin.index.json", "{\"weight_map\":{\"a\":\"shard.bin\"}}");
    ck_files(&p, p.folder, 1, array, at, 1);
    put_torch(&p, "pytorch_model.bin", "a");
    put_index(&p, "pytorch_model.bin.index.json", "broken");
    ck_files(&p, p.folder, 1, array, at, 1);
    put_safetensors(&p, "model.safetensors", "a");
    drop(&p, "pytorch_model.bin");
    ck_files(&p, p.folder, 1, array, at, 1);
    drop(&p, "shard.bin");
    drop(&p, "pytorch_model.bin.index.json");
    drop(&p, "model.safetensors");
    end(&p);
}
END_TEST

START_TEST(indexes_that_are_refused)
{
    static const struct {
        const char *text, *part;
        spae_status due;
    } one[] = {
        {"{\"metadata\":{}}", "weight_map: expected an object", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{}}", "weight_map: expected an object", SPAE_ERR_FORMAT},
        {"{\"weight_map\":[\"one\"]}", "weight_map: expected an object", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{\"a\":1}}", "the name of a file in the same folder", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{\"a\":\"\"}}", "the name of a file in the same folder", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{\"a\":\"../one\"}}", "the name of a file in the same folder", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{\"a\":\"/etc/passwd\"}}", "the name of a file in the same folder", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{\"a\":\"o\\u0000e\"}}", "the name of a file in the same folder", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{\"a\\u0000\":\"one\"}}", "the name of an array", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{\"a\":\"one\",\"b\":\"one\",\"c\":\"one\"}}", "2 arrays are not in their files: b, c", SPAE_ERR_FORMAT},
        {"{\"weight_map\":{\"a\":\"none\"}}", "/none", SPAE_ERR_IO},
        {"{\"weight_map\":{\"a\":\"one\"}", "expected", SPAE_ERR_FORMAT},
    };
    place p;
    make_place(&p);
    put_safetensors(&p, "one", "a");
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
        put_index(&p, INDEX, one[i].text);
        ck_not(&p, in(&p, INDEX), one[i].due, one[i].part);
    }
    put_index(&p, INDEX, "{\"weight_map\":{\"a\":\"" INDEX "\"}}"); /* an index is no archive */
    ck_not(&p, in(&p, INDEX), SPAE_ERR_FORMAT, "expected an .npz, .safetensors or PyTorch file");
    drop(&p, INDEX);
    drop(&p, "one");
    end(&p);
}
END_TEST

START_TEST(too_many_files)
{
    char text[8192] = "{\"weight_map\":{", one[80];
    place p;
    make_place(&p);
    for (int i = 0; i <= SPAE_WEIGHTS_FILES; i++) {
        sprintf(one, "s%d", i);
        put_safetensors(&p, one, one);
        sprintf(one, "%s\"s%d\":\"s%d\"", i > 0 ? "," : "", i, i);
        strcat(text, one);
    }
    strcat(text, "}}");
    put_index(&p, INDEX, text);
    ck_not(&p, in(&p, INDEX), SPAE_ERR_FORMAT, "weights in more than 64 files");
    for (int i = 0; i <= SPAE_WEIGHTS_FILES; i++) {
        sprintf(one, "s%d", i);
        drop(&p, one);
    }
    drop(&p, INDEX);
    end(&p);
}
END_TEST

SUITE(suite_io_weights_files, "io/weights_files", an_index_of_two_formats, folders, indexes_that_are_refused,
      too_many_files)
