/* io/perceptual: which description the names in a file give, small networks loaded from published names, and what is
 * refused. (The files of the published networks are of 60 and 100 MB.) */
#include "published.h"

#include "io/perceptual.h"
#include "tiny.h"

static spae_config config_of(spae_perceptual_choice perceptual, size_t size)
{
    spae_config config = preset_of("tiny-2d");
    config.perceptual = perceptual;
    config.perceptual_size = size;
    return config;
}

/* ---- descriptions ---------------------------------------------------------------------------- */

START_TEST(a_resnet_has_two_forms)
{
    static const double mean[3] = {0.485, 0.456, 0.406}, deviation[3] = {0.229, 0.224, 0.225};
    for (size_t size = 0; size <= 96; size += 32) {
        const spae_config logits = config_of(SPAE_RESNET_LOGITS, size), maps = config_of(SPAE_RESNET_FEATURES, size);
        spae_perceptual form[4];
        spae_perceptual_forms(&logits, form);
        spae_perceptual_forms(&maps, form + 2);
        for (size_t i = 0; i < 4; i++) {
            const spae_perceptual *p = &form[i];
            const bool torchvision = i % 2 == 1;
            ck_assert_int_eq(p->kind, i < 2 ? SPAE_PERCEPTUAL_RESNET_LOGITS : SPAE_PERCEPTUAL_RESNET_FEATURES);
            ck_assert(p->resize[0] == size && p->resize[1] == size);
            ck_assert(p->resnet.stem_relu == torchvision && p->resnet.same == !torchvision);
            ck_assert(p->resnet.width == 64 && p->resnet.stages == 4 && p->resnet.classes == 1000);
            for (size_t k = 0; k < 3; k++) {
                ck_assert(p->mean[k] == (torchvision ? mean[k] : 0));
                ck_assert(p->deviation[k] == (torchvision ? deviation[k] : 1));
            }
        }
    }
}
END_TEST

START_TEST(lpips_has_one_and_sees_pictures_as_they_are)
{
    const spae_config config = config_of(SPAE_VGG_LPIPS, 224);
    spae_perceptual form[2];
    spae_perceptual_forms(&config, form);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(form[i].kind, SPAE_PERCEPTUAL_VGG_LPIPS);
        ck_assert(form[i].vgg.width == 64 && form[i].resize[0] == 0 && form[i].resize[1] == 0);
    }
}
END_TEST

/* ---- small networks -------------------------------------------------------------------------- */

/* The two forms of a network made small, its parameters and their values by formula. */
typedef struct {
    spae_arena arena;
    spae_perceptual form[2];
    spae_parameters parameters;
    spae_real *values;
} small;

static void make_small(small *s, spae_perceptual_choice perceptual)
{
    const spae_config config = config_of(perceptual, 48);
    spae_error err;
    s->arena = new_arena();
    spae_perceptual_forms(&config, s->form);
    for (size_t i = 0; i < 2; i++) {
        s->form[i].vgg.width = 1;
        s->form[i].resnet =
            (spae_resnet){.width = 2,
                          .stages = 2,
                          .blocks = {2, 1},
                          .classes = 3,
                          .bn_eps = 1e-5,
                          .stem_relu = s->form[i].resnet.stem_relu,
                          .same = s->form[i].resnet.same};
    }
    s->parameters = (spae_parameters){.arena = &s->arena};
    ck_ok(spae_perceptual_declare(&s->form[0], &s->parameters, &err));
    s->values = spae_arena_take(&s->arena, s->parameters.elements, sizeof *s->values);
    for (size_t i = 0; i < s->parameters.elements; i++)
        s->values[i] = (spae_real)((double)i / 64 - 3);
}

/* Writes the parameters whose paths begin with `part` under the names of a scheme. */
static void put_part(small *s, const char *part, way names, const char *path)
{
    file_of_arrays *f = spae_arena_take_zeroed(&s->arena, 1, sizeof *f);
    for (size_t p = 0; p < s->parameters.count; p++) {
        const spae_parameter *q = &s->parameters.item[p];
        if (strncmp(q->path, part, strlen(part)) == 0)
            add_item(f, q, s->values + q->first, names, &s->arena);
    }
    const spae_source file = safetensors_file(&s->arena, f->item, f->count);
    put_bytes(path, file.memory, (size_t)file.size);
}

/* Loads the files: the values are those written, and the description is that of the form due. */
static void ck_loads(small *s, const char *const *path, size_t files, size_t due, const char *scheme)
{
    spae_perceptual_weights weights;
    spae_weights_report report;
    spae_error err;
    char hash[65];
    ck_ok(spae_perceptual_fill(s->form, path, files, &s->arena, &weights, &report, &err));
    ck_assert_uint_eq(weights.parameters->elements, s->parameters.elements);
    ck_assert_mem_eq(weights.values, s->values, s->parameters.elements * sizeof *s->values);
    ck_assert_int_eq(weights.network.kind, s->form[due].kind);
    ck_assert(weights.network.resnet.stem_relu == s->form[due].resnet.stem_relu);
    ck_assert(weights.network.resnet.same == s->form[due].resnet.same);
    ck_assert(weights.network.resize[0] == s->form[due].resize[0]);
    for (size_t k = 0; k < 3; k++)
        ck_assert(weights.network.mean[k] == s->form[due].mean[k] &&
                  weights.network.deviation[k] == s->form[due].deviation[k]);
    spae_weights_hash(&s->parameters, s->values, hash);
    ck_assert_str_eq(report.hash, hash);
    ck_assert_str_eq(report.scheme[0], scheme);
}

START_TEST(the_names_tell_the_form)
{
    static const spae_perceptual_choice kinds[] = {SPAE_RESNET_LOGITS, SPAE_RESNET_FEATURES};
    folder f = make_folder();
    const char *const path[] = {in_folder(&f, "r.safetensors")};
    for (size_t k = 0; k < 2; k++)
        for (way names = OWN; names < WAYS; names++) {
            small s;
            make_small(&s, kinds[k]);
            put_part(&s, "", names, path[0]);
            ck_loads(&s, path, 1, names == TORCHVISION, scheme_name[names]);
            spae_arena_free(&s.arena);
        }
    remove_folder(&f, (const char *const[]){"r.safetensors", NULL});
}
END_TEST

START_TEST(lpips_comes_in_one_file_or_two)
{
    folder one = make_folder(), f = make_folder(), g = make_folder();
    const char *const path[] = {in_folder(&one, "all"), in_folder(&f, "vgg16"), in_folder(&g, "lin")};
    const char *const other[] = {path[2], path[1]};
    small s;
    make_small(&s, SPAE_VGG_LPIPS);
    put_part(&s, "", TORCHVISION, path[0]);
    put_part(&s, "features/", TORCHVISION, path[1]);
    put_part(&s, "lin/", OWN, path[2]);
    ck_loads(&s, path, 1, 0, "torchvision");
    ck_loads(&s, path + 1, 2, 0, "torchvision");
    ck_loads(&s, other, 2, 0, "spae");
    remove_folder(&one, (const char *const[]){"all", NULL});
    remove_folder(&f, (const char *const[]){"vgg16", NULL});
    remove_folder(&g, (const char *const[]){"lin", NULL});
    spae_arena_free(&s.arena);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------- */

typedef struct {
    const spae_perceptual *form;
    const char *const *path;
} loading;

static spae_status load(spae_arena *arena, void *context, spae_error *err)
{
    const loading *l = context;
    spae_perceptual_weights weights = {.values = NULL};
    spae_weights_report report;
    const spae_status status = spae_perceptual_fill(l->form, l->path, 1, arena, &weights, &report, err);
    ck_assert((status == SPAE_OK) == (weights.values != NULL));
    return status;
}

START_TEST(too_little_memory_is_refused)
{
    folder f = make_folder();
    const char *const path[] = {in_folder(&f, "r")};
    small s;
    make_small(&s, SPAE_RESNET_LOGITS);
    put_part(&s, "", TORCHVISION, path[0]);
    starve(load, &(loading){s.form, path}, 997);
    remove_folder(&f, (const char *const[]){"r", NULL});
    spae_arena_free(&s.arena);
}
END_TEST

/* The published network of a configuration from a file that lacks some of its arrays. */
static void ck_lacks(spae_perceptual_choice perceptual, const char *path, const char *part)
{
    const spae_config config = config_of(perceptual, 224);
    spae_arena arena = new_arena();
    spae_perceptual_weights weights = {.values = NULL};
    spae_weights_report report = {.ignored = 7};
    spae_error err;
    ck_assert_int_eq(spae_perceptual_load(&config, &path, 1, &arena, &weights, &report, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, part) != NULL && strstr(err.text, path) != NULL, "\"%s\" lacks \"%s\"", err.text,
                  part);
    ck_assert(arena.used == 0 && weights.values == NULL && report.ignored == 7);
    spae_arena_free(&arena);
}

START_TEST(missing_arrays_are_named)
{
    folder f = make_folder();
    const char *path = in_folder(&f, "w");
    small s;
    make_small(&s, SPAE_VGG_LPIPS);
    put_part(&s, "features/0/", TORCHVISION, path);
    ck_lacks(SPAE_VGG_LPIPS, path, "29 of 31 arrays are missing: features.2.weight, features.2.bias, features.5.w");
    ck_lacks(SPAE_RESNET_LOGITS, path, "267 of 267 arrays are missing");
    ck_lacks(SPAE_RESNET_FEATURES, path, "265 of 265 arrays are missing");
    spae_arena_free(&s.arena);
    make_small(&s, SPAE_RESNET_LOGITS);
    put_part(&s, "head/", TORCHVISION, path);
    ck_lacks(SPAE_RESNET_LOGITS, path,
             "265 of 267 arrays are missing: conv1.weight, bn1.weight, bn1.bias, bn1.running_");
    put_bytes(path, "PK", 2);
    ck_lacks(SPAE_RESNET_LOGITS, path, "");
    spae_arena_free(&s.arena);
    remove_folder(&f, (const char *const[]){"w", NULL});
}
END_TEST

SUITE(suite_io_perceptual, "io/perceptual", a_resnet_has_two_forms, lpips_has_one_and_sees_pictures_as_they_are,
      the_names_tell_the_form, lpips_comes_in_one_file_or_two, too_little_memory_is_refused, missing_arrays_are_named)
