/* io/weights: a little ResNet and a little VGG with LPIPS's linear layers, written under every
 * scheme in both formats, and read back; then one thing wrong at a time. */
#include "published.h"

#include "test/memory.h"

#include <math.h>

#define ck_ok(call) ck_assert_msg((call) == SPAE_OK, "%s", err.text)

/* ---- networks by hand ------------------------------------------------------------------------ */

/* A set of parameters in memory of its own. */
typedef struct {
    spae_parameters set;
    spae_parameter item[MOST];
    spae_real *values; /* (set.elements) what they are to be */
} network;

static void add_parameter(network *n, const char *path, size_t rank, const size_t *axis)
{
    spae_parameter *p = &n->item[n->set.count++];
    ck_assert(n->set.count <= MOST && strlen(path) < SPAE_PATH_MAX);
    strcpy(p->path, path);
    p->shape = spae_shape_of(1, 1, 1, 1, 1);
    memcpy(p->shape.axis + SPAE_AXES - rank, axis, rank * sizeof *axis);
    p->rank = rank;
    p->first = n->set.elements;
    n->set.elements += spae_shape_count(p->shape);
}

static void add_kernel(network *n, const char *place, size_t side, size_t ci, size_t co)
{
    char path[SPAE_PATH_MAX];
    sprintf(path, "%s/kernel", place);
    add_parameter(n, path, 4,
                  (const size_t[]){side, side + (side > 1), ci, co}); /* kh, kw differ */
}

static void add_norm(network *n, const char *place, size_t c)
{
    static const char *const leaf[] = {"scale", "bias", "mean", "var"};
    char path[SPAE_PATH_MAX];
    for (int i = 0; i < 4; i++) {
        sprintf(path, "%s/%s", place, leaf[i]);
        add_parameter(n, path, 1, &c);
    }
}

/* Values by formula: exact in binary32, different everywhere. */
static void finish(network *n, spae_arena *arena)
{
    n->set.item = n->item;
    n->set.room = MOST;
    n->values = spae_arena_take(arena, n->set.elements, sizeof *n->values);
    for (size_t i = 0; i < n->set.elements; i++)
        n->values[i] = (spae_real)((double)i / 64 - 3);
}

/* One block in each of four stages, and a second one in stage 3 without a projection. */
static void make_resnet(network *n, bool head, spae_arena *arena)
{
    static const size_t logits[] = {5, 3}, classes[] = {3};
    char at[64];
    *n = (network){.set = {.count = 0}};
    add_kernel(n, "init_conv", 3, 3, 2);
    add_norm(n, "init_bn", 2);
    for (int s = 1; s <= 4; s++)
        for (int b = 1; b <= (s == 3 ? 2 : 1); b++) {
            for (int i = 1; i <= 3; i++) {
                sprintf(at, "stage%d/block%d/conv%d", s, b, i);
                add_kernel(n, at, i == 2 ? 2 : 1, 2, 3);
                sprintf(at, "stage%d/block%d/bn%d", s, b, i);
                add_norm(n, at, 3);
            }
            sprintf(at, "stage%d/block%d/proj_conv", s, b);
            if (b == 1)
                add_kernel(n, at, 1, 2, 4);
            sprintf(at, "stage%d/block%d/proj_bn", s, b);
            if (b == 1)
                add_norm(n, at, 4);
        }
    if (head) {
        add_parameter(n, "head/kernel", 2, logits);
        add_parameter(n, "head/bias", 1, classes);
    }
    finish(n, arena);
}

/* features 0, 2, 10 and lin 0, 1; either part may be left out. */
static void make_vgg(network *n, bool features, bool lin, spae_arena *arena)
{
    static const int layer[] = {0, 2, 10};
    char at[64];
    *n = (network){.set = {.count = 0}};
    for (int i = 0; i < 3 && features; i++) {
        sprintf(at, "features/%d", layer[i]);
        add_kernel(n, at, 3, 2, 4);
        sprintf(at, "features/%d/bias", layer[i]);
        add_parameter(n, at, 1, (const size_t[]){4});
    }
    for (int t = 0; t < 2 && lin; t++) {
        sprintf(at, "lin/%d", t);
        add_kernel(n, at, 1, 4, 1);
    }
    finish(n, arena);
}

/* ---- files of them ---------------------------------------------------------------------------- */

static void add_items(file_of_arrays *f, const network *n, way w, spae_arena *arena)
{
    for (size_t p = n->set.count; p-- > 0;) /* the order in the file is of no importance */
        add_item(f, &n->item[p], n->values + n->item[p].first, w, arena);
}

static void add_extra(file_of_arrays *f, const char *name, bool wide)
{
    static const float numbers[4] = {1, 2, 3, 4};
    strcpy(f->name[f->count], name);
    f->item[f->count] = (safetensors_item){f->name[f->count], 0, {0}, numbers, wide};
    f->count++;
}

/* The arrays as .npz, stored or deflated, in the arena. */
static spae_source npz_file(spae_arena *arena, const file_of_arrays *f, bool deflate)
{
    spae_arena work = new_arena();
    spae_buffer *buffer = spae_arena_take(arena, 1, sizeof *buffer);
    *buffer = (spae_buffer){arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(buffer);
    spae_npz_writer w = spae_npz_begin(&work, &sink);
    spae_error err;
    for (size_t i = 0; i < f->count; i++) {
        const safetensors_item *item = &f->item[i];
        spae_npy_array array = {SPAE_NPY_F4, item->rank, {0}, item->data};
        memcpy(array.shape, item->shape, sizeof array.shape);
        ck_ok(spae_npz_add(&w, item->name, &array, deflate, &err));
    }
    ck_ok(spae_npz_end(&w, &err));
    spae_arena_free(&work);
    return spae_source_memory(buffer->bytes, buffer->size, "x");
}

typedef enum { SAFETENSORS, STORED, DEFLATED, FORMATS } format;

static spae_source file_in(spae_arena *arena, const file_of_arrays *f, format as)
{
    return as == SAFETENSORS ? safetensors_file(arena, f->item, f->count)
                             : npz_file(arena, f, as == DEFLATED);
}

static spae_status fill(const network *n, const spae_source *source, size_t files,
                        spae_real *values, spae_weights_report *report, spae_error *err)
{
    spae_arena arena = new_arena();
    spae_weights w[SPAE_WEIGHTS_FILES];
    for (size_t f = 0; f < files; f++)
        ck_assert_msg(spae_weights_open(&arena, &source[f], NULL, &w[f], err) == SPAE_OK, "%s",
                      err->text);
    const size_t used = arena.used;
    const spae_status status = spae_weights_fill(w, files, &n->set, values, &arena, report, err);
    ck_assert_uint_eq(arena.used, used);
    spae_arena_free(&arena);
    return status;
}

/* Filled, the values are the network's, to the bit. */
static spae_weights_report ck_filled(const network *n, const spae_source *source, size_t files)
{
    spae_weights_report report;
    spae_error err;
    char hash[65];
    spae_real *values = calloc(n->set.elements, sizeof *values);
    ck_ok(fill(n, source, files, values, &report, &err));
    for (size_t i = 0; i < n->set.elements; i++)
        ck_assert(values[i] == n->values[i]);
    spae_weights_hash(&n->set, n->values, hash);
    ck_assert_str_eq(hash, report.hash);
    free(values);
    return report;
}

/* ---- what loads ------------------------------------------------------------------------------ */

static void ck_every_way(const network *n, spae_arena *arena)
{
    for (way w = OWN; w < WAYS; w++)
        for (format as = SAFETENSORS; as < FORMATS; as++) {
            file_of_arrays *f = spae_arena_take_zeroed(arena, 1, sizeof *f);
            add_items(f, n, w, arena);
            const spae_source source = file_in(arena, f, as);
            const spae_weights_report report = ck_filled(n, &source, 1);
            ck_assert_str_eq(report.scheme[0], scheme_name[w]);
            ck_assert_uint_eq(report.ignored, 0);
        }
}

START_TEST(a_resnet_under_every_scheme)
{
    spae_arena arena = new_arena();
    network n;
    make_resnet(&n, true, &arena);
    ck_assert_uint_eq(n.set.count, 5 + 4 * 20 + 15 + 2);
    ck_every_way(&n, &arena);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_vgg_under_every_scheme)
{
    spae_arena arena = new_arena();
    network n;
    make_vgg(&n, true, true, &arena);
    ck_every_way(&n, &arena);
    spae_arena_free(&arena);
}
END_TEST

/* Features from torchvision's file, with its classifier, and linear layers from another. */
START_TEST(two_files_make_one_network)
{
    spae_arena arena = new_arena();
    network both, features, lin;
    make_vgg(&both, true, true, &arena);
    make_vgg(&features, true, false, &arena);
    make_vgg(&lin, false, true, &arena);
    for (size_t i = 0; i < lin.set.elements; i++)
        lin.values[i] = both.values[features.set.elements + i];
    file_of_arrays *f = spae_arena_take_zeroed(&arena, 2, sizeof *f);
    add_items(&f[0], &features, TORCHVISION, &arena);
    add_extra(&f[0], "classifier.0.weight", false);
    add_extra(&f[0], "classifier.6.bias", false);
    add_items(&f[1], &lin, OWN, &arena);
    const spae_source source[] = {file_in(&arena, &f[0], SAFETENSORS),
                                  file_in(&arena, &f[1], STORED)};
    const spae_weights_report report = ck_filled(&both, source, 2);
    ck_assert_str_eq(report.scheme[0], "torchvision");
    ck_assert_str_eq(report.scheme[1], "spae");
    ck_assert_uint_eq(report.ignored, 2);
    const spae_weights_report alone = ck_filled(&features, source, 1);
    ck_assert_str_ne(alone.hash, report.hash);
    ck_assert_uint_eq(ck_filled(&features, source, 2).ignored, 4); /* lin/ too */
    spae_arena_free(&arena);
}
END_TEST

START_TEST(what_is_known_and_not_needed)
{
    spae_arena arena = new_arena();
    network whole, trunk;
    make_resnet(&whole, true, &arena);
    make_resnet(&trunk, false, &arena);
    for (way w = OWN; w < WAYS; w++) { /* without head/, its two arrays may be there */
        file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
        add_items(f, &whole, w, &arena);
        add_extra(f, "layer1.0.bn1.num_batches_tracked", true);
        add_extra(f, "bn1.num_batches_tracked", true);
        const spae_source source = file_in(&arena, f, SAFETENSORS);
        ck_assert_uint_eq(ck_filled(&trunk, &source, 1).ignored, 4);
        ck_assert_uint_eq(ck_filled(&whole, &source, 1).ignored, 2);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(the_hash_is_of_paths_and_values)
{
    spae_arena arena = new_arena();
    network n;
    char hash[3][65];
    make_vgg(&n, true, false, &arena);
    spae_weights_hash(&n.set, n.values, hash[0]);
    n.values[n.set.elements - 1] += 1;
    spae_weights_hash(&n.set, n.values, hash[1]);
    n.values[n.set.elements - 1] -= 1;
    n.item[0].path[0] = 'F';
    spae_weights_hash(&n.set, n.values, hash[2]);
    ck_assert_str_ne(hash[0], hash[1]);
    ck_assert_str_ne(hash[0], hash[2]);
    ck_assert_uint_eq(strlen(hash[0]), 64);
    spae_arena_free(&arena);
}
END_TEST

/* Names and axes of Inception-v3 and I3D as their state dicts have them, by plain loops once more. */
START_TEST(networks_of_metrics)
{
    static const struct {
        const char *path, *name;
        size_t rank, axis[5];
    } arrays[] = {
        {"Mixed_5b/branch3x3dbl_2/conv/kernel", "Mixed_5b.branch3x3dbl_2.conv.weight", 4, {3, 2, 4, 5}},
        {"Mixed_5b/branch3x3dbl_2/bn/scale", "Mixed_5b.branch3x3dbl_2.bn.weight", 1, {5}},
        {"Mixed_5b/branch3x3dbl_2/bn/bias", "Mixed_5b.branch3x3dbl_2.bn.bias", 1, {5}},
        {"Mixed_5b/branch3x3dbl_2/bn/mean", "Mixed_5b.branch3x3dbl_2.bn.running_mean", 1, {5}},
        {"Mixed_5b/branch3x3dbl_2/bn/var", "Mixed_5b.branch3x3dbl_2.bn.running_var", 1, {5}},
        {"fc/kernel", "fc.weight", 2, {4, 3}},
        {"fc/bias", "fc.bias", 1, {3}},
        {"Mixed_3b/b1a/conv3d/kernel", "Mixed_3b.b1a.conv3d.weight", 5, {2, 3, 1, 4, 2}},
        {"logits/conv3d/kernel", "logits.conv3d.weight", 5, {1, 1, 1, 4, 3}},
        {"logits/conv3d/bias", "logits.conv3d.bias", 1, {3}},
    };
    spae_arena arena = new_arena();
    network n = {.set = {.count = 0}};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        add_parameter(&n, arrays[i].path, arrays[i].rank, arrays[i].axis);
    finish(&n, &arena);
    file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
    for (size_t i = 0; i < n.set.count; i++) {
        const size_t *a = n.item[i].shape.axis, taps = a[0] * a[1] * a[2], rank = n.item[i].rank;
        float *data = spae_arena_take(&arena, taps * a[3] * a[4], sizeof *data);
        const spae_real *x = n.values + n.item[i].first;
        for (size_t t = 0; t < taps; t++)
            for (size_t c = 0; c < a[3]; c++)
                for (size_t o = 0; o < a[4]; o++)
                    data[rank == 1 ? o : (o * a[3] + c) * taps + t] = (float)x[(t * a[3] + c) * a[4] + o];
        strcpy(f->name[i], arrays[i].name);
        f->item[i] = (safetensors_item){f->name[i], (unsigned)rank, {a[4], a[3]}, data, false};
        for (size_t k = 2; k < f->item[i].rank; k++)
            f->item[i].shape[k] = a[rank == 5 ? k - 2 : rank == 4 ? k - 1 : 0];
    }
    f->count = n.set.count;
    add_extra(f, "Mixed_5b.branch3x3dbl_2.bn.num_batches_tracked", false);
    const spae_source source = file_in(&arena, f, SAFETENSORS);
    const spae_weights_report report = ck_filled(&n, &source, 1);
    ck_assert_str_eq(report.scheme[0], "fid, i3d");
    ck_assert_uint_eq(report.ignored, 1);
    spae_arena_free(&arena);
}
END_TEST

/* From paths: "-" aside, what spae_weights_load opens it closes, and the scratch is as it was. */
START_TEST(files_on_disk)
{
    spae_arena arena = new_arena();
    network n;
    char name[80], text[65];
    spae_weights_report report;
    spae_error err;
    make_resnet(&n, true, &arena);
    file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
    add_items(f, &n, TORCHVISION, &arena);
    const spae_source memory = file_in(&arena, f, DEFLATED);
    ck_assert_int_eq(spae_file_write_all(&arena, temporary(name, ".bin"), memory.memory,
                                         (size_t)memory.size, NULL),
                     SPAE_OK);
    spae_real *values = spae_arena_take_zeroed(&arena, n.set.elements, sizeof *values);
    const char *const path[] = {name, name, "/nowhere/at/all"};
    const size_t used = arena.used;
    ck_ok(spae_weights_load(path, 1, &n.set, values, &arena, &report, &err));
    ck_assert_uint_eq(arena.used, used);
    ck_assert(memcmp(values, n.values, n.set.elements * sizeof *values) == 0);
    spae_weights_hash(&n.set, values, text);
    ck_assert_str_eq(report.hash, text);
    ck_ok(spae_weights_load(path, 1, &n.set, values, &arena, NULL, &err));
    ck_assert_int_eq(spae_weights_load(path + 2, 1, &n.set, values, &arena, NULL, &err),
                     SPAE_ERR_IO);
    ck_assert(strstr(err.text, "/nowhere/at/all") != NULL);
    ck_assert_int_eq(spae_weights_load(path + 1, 2, &n.set, values, &arena, NULL, &err),
                     SPAE_ERR_IO);
    ck_assert_int_eq(spae_weights_load(path, 2, &n.set, values, &arena, NULL, &err),
                     SPAE_ERR_FORMAT);
    ck_assert(strstr(err.text, "102 parameters are in two files: init_conv/kernel") != NULL);
    ck_assert_int_eq(spae_weights_load(path, 0, &n.set, values, &arena, NULL, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_weights_load(path, SPAE_WEIGHTS_FILES + 1, &n.set, values, &arena, NULL, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_uint_eq(arena.used, used);
    ck_assert_int_eq(remove(name), 0);
    spae_arena_free(&arena);
}
END_TEST

/* ---- what does not --------------------------------------------------------------------------- */

/* A change to the arrays of the VGG under torchvision's names; refused in every format. */
typedef void change(file_of_arrays *f);

static void ck_changed(change *make, spae_status due, const char *part)
{
    spae_arena arena = new_arena();
    network n;
    spae_error err;
    make_vgg(&n, true, true, &arena);
    for (format as = SAFETENSORS; as < FORMATS; as++) {
        file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
        spae_real *values = spae_arena_take(&arena, n.set.elements, sizeof *values);
        add_items(f, &n, TORCHVISION, &arena);
        make(f);
        const spae_source source = file_in(&arena, f, as);
        const spae_status status = fill(&n, &source, 1, values, NULL, &err);
        ck_refused(status, due, err, part);
    }
    spae_arena_free(&arena);
}

static void rename_one(file_of_arrays *f)
{
    item_called(f, "features.10.weight")->name = "features.11.weight";
}

static void drop_two(file_of_arrays *f)
{
    *item_called(f, "features.10.weight") = f->item[f->count - 1]; /* features.0.weight, moved */
    f->count -= 2;
}

static void drop_all(file_of_arrays *f)
{
    f->count = 0;
    add_extra(f, "x", false);
}

static void add_unknown(file_of_arrays *f)
{
    char name[16];
    for (int i = 0; i < 12; i++) {
        sprintf(name, "x%d.bias", i);
        add_extra(f, name, false);
    }
}

static void add_deeper(file_of_arrays *f)
{
    add_extra(f, "features.12.weight", false);
    add_extra(f, "lin2.model.1.weight", false);
}

static void swap_axes(file_of_arrays *f)
{
    safetensors_item *item = item_called(f, "features.2.weight"); /* (4,2,3,4) */
    item->shape[2] = 4;
    item->shape[3] = 3;
}

static void flatten(file_of_arrays *f)
{
    safetensors_item *item = item_called(f, "features.0.bias");
    item->rank = 2;
    item->shape[0] = 1;
    item->shape[1] = 4;
    swap_axes(f);
}

static void shorten(file_of_arrays *f)
{
    item_called(f, "features.0.bias")->shape[0] = 3;
}

static void spoil_bits(file_of_arrays *f, uint32_t bits)
{
    static float numbers[4];
    memcpy(&numbers[2], &bits, sizeof bits);
    item_called(f, "features.10.bias")->data = numbers;
}

static void put_nan(file_of_arrays *f)
{
    spoil_bits(f, 0x7fc00000);
}

static void put_infinity(file_of_arrays *f)
{
    spoil_bits(f, 0xff800000);
}

START_TEST(missing_arrays_are_named)
{
    ck_changed(rename_one, SPAE_ERR_FORMAT, "1 of 8 arrays are missing: features.10.weight");
    ck_changed(drop_two, SPAE_ERR_FORMAT,
               "2 of 8 arrays are missing: features.0.bias, features.10.weight");
    ck_changed(drop_all, SPAE_ERR_FORMAT, "8 of 8 arrays are missing, no name is known");
}
END_TEST

START_TEST(ten_missing_arrays_are_named)
{
    static const char *const paths[] = {"a/bias", "b/bias", "c/bias", "d/bias", "e/bias", "f/bias", "g/bias",
                                        "h/bias", "i/bias", "j/bias", "k/bias", "l/bias", "m/bias"};
    enum { PATHS = sizeof paths / sizeof paths[0] };
    spae_arena arena = new_arena();
    network n = {.set = {.count = 0}};
    spae_real values[PATHS];
    spae_error err;
    for (size_t i = 0; i < PATHS; i++)
        add_parameter(&n, paths[i], 1, (const size_t[]){1});
    finish(&n, &arena);
    file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
    add_extra(f, "m/bias", false);
    const spae_source source = file_in(&arena, f, SAFETENSORS);
    ck_refused(fill(&n, &source, 1, values, NULL, &err), SPAE_ERR_FORMAT, err,
               "12 of 13 arrays are missing: a/bias, b/bias, c/bias, d/bias, e/bias, f/bias, g/bias, h/bias, i/bias, j/bias");
    ck_assert_ptr_null(strstr(err.text, "k/bias"));
    spae_arena_free(&arena);
}
END_TEST

START_TEST(arrays_left_over_are_named)
{
    ck_changed(add_unknown, SPAE_ERR_FORMAT,
               "12 arrays that no parameter takes: x0.bias, x1.bias, x2.bias, x3.bias, x4.bias, "
               "x5.bias, x6.bias, x7.bias, x8.bias, x9.bias");
    ck_changed(add_deeper, SPAE_ERR_FORMAT,
               "2 arrays that no parameter takes: features.12.weight, lin2.model.1.weight");
}
END_TEST

START_TEST(misshapen_arrays_are_named)
{
    ck_changed(swap_axes, SPAE_ERR_SHAPE,
               "1 arrays of another shape: features.2.weight expected (4,2,3,4), found (4,2,4,3)");
    ck_changed(
        flatten, SPAE_ERR_SHAPE,
        "2 arrays of another shape: features.0.bias expected (4), found (1,4), features.2.w");
    ck_changed(shorten, SPAE_ERR_SHAPE, "features.0.bias expected (4), found (3)");
}
END_TEST

START_TEST(numbers_that_are_not_finite_are_refused)
{
    ck_changed(put_nan, SPAE_ERR_NOT_FINITE, "features.10.bias: element 2 is not finite");
    ck_changed(put_infinity, SPAE_ERR_NOT_FINITE, "features.10.bias: element 2 is not finite");
}
END_TEST

START_TEST(integers_are_no_weights)
{
    static const float ones[4] = {1, 1, 1, 1};
    spae_arena arena = new_arena();
    network n;
    spae_error err;
    make_vgg(&n, false, true, &arena);
    file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
    add_items(f, &n, OWN, &arena);
    f->item[0].data = ones;
    f->item[0].wide = true;
    const spae_source source = file_in(&arena, f, SAFETENSORS);
    spae_real values[8];
    ck_refused(fill(&n, &source, 1, values, NULL, &err), SPAE_ERR_FORMAT, err,
               "lin/1/kernel: the items are of type I64");
    spae_arena_free(&arena);
}
END_TEST

/* A kernel of three axes has no rule: it is missing, not misread. */
START_TEST(ranks_without_a_layout)
{
    spae_arena arena = new_arena();
    network n;
    spae_error err;
    spae_real values[120];
    n = (network){.set = {.count = 0}};
    add_parameter(&n, "init_conv/kernel", 5, (const size_t[]){1, 1, 1, 2, 3});
    add_parameter(&n, "stage1/block0/conv1/kernel", 4, (const size_t[]){1, 1, 1, 1});
    add_parameter(&n, "stage1/block10/conv1/kernel", 4, (const size_t[]){1, 1, 1, 1});
    add_parameter(&n, "stage1/block100/conv1/kernel", 4, (const size_t[]){1, 1, 1, 1});
    finish(&n, &arena);
    file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
    add_extra(f, "conv1.weight", false);
    add_extra(f, "layer1.9.conv1.weight", false);
    add_extra(f, "layer1.99.conv1.weight", false);
    const spae_source source = file_in(&arena, f, SAFETENSORS);
    ck_refused(fill(&n, &source, 1, values, NULL, &err), SPAE_ERR_FORMAT, err,
               "2 of 4 arrays are missing: conv1.weight, stage1/block0/conv1/kernel");
    spae_arena_free(&arena);
}
END_TEST

/* ---- the door -------------------------------------------------------------------------------- */

static void ck_no_weights(const void *data, size_t size, const char *part)
{
    const spae_source source = spae_source_memory(data, size, "x");
    spae_arena arena = new_arena();
    spae_weights w;
    spae_error err;
    ck_refused(spae_weights_open(&arena, &source, NULL, &w, &err), SPAE_ERR_FORMAT, err, part);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

START_TEST(other_files_are_refused_by_name)
{
    ck_no_weights("", 0, "found none of them");
    ck_no_weights("P", 1, "found none of them");
    ck_no_weights("abcdefghijk", 11, "found none of them");
    ck_no_weights("\x80\2.", 3, "STOP with something else than one value");
    ck_no_weights("\x80\2N.", 4, "a pickle, but not one of torch.save");
    ck_no_weights("\x93NUMPY\1\0v\0{", 11, "found a single .npy array");
    ck_no_weights("\x89HDF\r\n", 6, "found an HDF5");
    ck_no_weights("GGUF\3\0\0\0\0", 9, "found a GGUF");
    ck_no_weights("PK\3\4\24\0\0\0\0\0", 10, "this is no zip file");
    ck_no_weights("\2\0\0\0\0\0\0\0{", 9, "the header is of 2 bytes, 1 are there");
}
END_TEST

START_TEST(names_and_places)
{
    spae_arena arena = new_arena();
    network n;
    make_vgg(&n, true, false, &arena);
    file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
    add_items(f, &n, FLAX, &arena);
    for (format as = SAFETENSORS; as < FORMATS; as++) {
        const spae_source source = file_in(&arena, f, as);
        spae_weights w;
        spae_weights_array a;
        spae_error err;
        ck_ok(spae_weights_open(&arena, &source, NULL, &w, &err));
        ck_assert_uint_eq(w.count, f->count);
        for (size_t i = 0; i < w.count; i++)
            ck_assert_uint_eq(spae_weights_find(&w, spae_weights_name(&w, i)), i);
        ck_assert_uint_eq(spae_weights_find(&w, "params"), w.count);
        const size_t at = spae_weights_find(&w, "params/features/2/kernel");
        ck_assert_uint_lt(at, w.count);
        ck_ok(spae_weights_array_open(&arena, &w, at, &a, &err));
        ck_assert(a.rank == 4 && a.count == 3 * 4 * 2 * 4 && a.shape[1] == 4 && a.shape[4] == 1);
    }
    spae_arena_free(&arena);
}
END_TEST

/* A spoilt member of an .npz is told with its name; a spoilt byte of data by its CRC. */
START_TEST(broken_members_are_named)
{
    spae_arena arena = new_arena();
    network n;
    spae_error err;
    make_vgg(&n, false, true, &arena);
    file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
    spae_real values[8];
    add_items(f, &n, OWN, &arena);
    spae_source source = file_in(&arena, f, STORED);
    uint8_t *copy = spae_arena_take(&arena, (size_t)source.size, 1);
    memcpy(copy, source.memory, (size_t)source.size);
    copy[100] ^= 1; /* in the first member's header: lin/1/kernel */
    source.memory = copy;
    ck_refused(fill(&n, &source, 1, values, NULL, &err), SPAE_ERR_FORMAT, err,
               "lin/1/kernel: byte");
    spae_arena_free(&arena);
}
END_TEST

typedef struct {
    const network *n;
    spae_source source;
} loading;

static spae_status load_in(spae_arena *arena, void *context, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const loading *l = context;
    spae_weights w;
    spae_real *values = malloc(l->n->set.elements * sizeof *values);
    spae_status status = spae_weights_open(arena, &l->source, NULL, &w, err);
    if (status == SPAE_OK)
        status = spae_weights_fill(&w, 1, &l->n->set, values, arena, NULL, err);
    spae_arena_reset(arena, mark);
    free(values);
    return status;
}

START_TEST(memory_runs_dry)
{
    spae_arena arena = new_arena();
    network n;
    make_vgg(&n, true, true, &arena);
    for (format as = SAFETENSORS; as < FORMATS; as++) {
        file_of_arrays *f = spae_arena_take_zeroed(&arena, 1, sizeof *f);
        add_items(f, &n, TORCHVISION, &arena);
        loading l = {&n, file_in(&arena, f, as)};
        starve(load_in, &l, 97);
    }
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_weights, "io/weights", networks_of_metrics, a_resnet_under_every_scheme, a_vgg_under_every_scheme,
      two_files_make_one_network, what_is_known_and_not_needed, the_hash_is_of_paths_and_values,
      files_on_disk, missing_arrays_are_named, ten_missing_arrays_are_named, arrays_left_over_are_named,
      misshapen_arrays_are_named, numbers_that_are_not_finite_are_refused, integers_are_no_weights,
      ranks_without_a_layout, other_files_are_refused_by_name, names_and_places,
      broken_members_are_named, memory_runs_dry)
