/* Weights in files of other programs: the arrays of a network under the published names, for any of the schemes of
 * io/weights.h. */
#ifndef SPAE_TEST_IO_PUBLISHED_H
#define SPAE_TEST_IO_PUBLISHED_H

#include "safetensors.h"

#include "io/weights.h"

enum { MOST = 128 };

typedef enum { OWN, OWN_DOTTED, FLAX, FLAX_DOTTED, TORCHVISION, WAYS } way;

static const char *const scheme_name[] = {"spae", "spae, dotted", "flax", "flax, dotted",
                                          "torchvision"};

typedef struct {
    char name[MOST + 8][120];
    safetensors_item item[MOST + 8];
    size_t count;
} file_of_arrays;

static inline bool ends(const char *text, const char *ending)
{
    const size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

/* The published names, spelt out once more and not by rules. */
static inline void torch_name(const char *path, char name[120])
{
    int s, b, i;
    char leaf[32];
    const char *last = strrchr(path, '/') + 1;
    const char *torch = strcmp(last, "kernel") == 0 || strcmp(last, "scale") == 0 ? "weight"
                        : strcmp(last, "mean") == 0                               ? "running_mean"
                        : strcmp(last, "var") == 0                                ? "running_var"
                                                                                  : "bias";
    if (sscanf(path, "stage%d/block%d/conv%d", &s, &b, &i) == 3)
        sprintf(name, "layer%d.%d.conv%d.weight", s, b - 1, i);
    else if (sscanf(path, "stage%d/block%d/bn%d", &s, &b, &i) == 3)
        sprintf(name, "layer%d.%d.bn%d.%s", s, b - 1, i, torch);
    else if (sscanf(path, "stage%d/block%d/proj_%31[a-z]", &s, &b, leaf) == 3)
        sprintf(name, "layer%d.%d.downsample.%d.%s", s, b - 1, leaf[0] == 'b', torch);
    else if (sscanf(path, "features/%d/", &i) == 1)
        sprintf(name, "features.%d.%s", i, torch);
    else if (sscanf(path, "lin/%d/", &i) == 1)
        sprintf(name, "lin%d.model.1.weight", i);
    else
        sprintf(name, "%s.%s",
                path[0] == 'h'               ? "fc"
                : strstr(path, "bn") != NULL ? "bn1"
                                             : "conv1",
                torch);
}

static inline void name_of(const char *path, way w, char name[120])
{
    const bool statistics = ends(path, "/mean") || ends(path, "/var");
    if (w == TORCHVISION) {
        torch_name(path, name);
        return;
    }
    sprintf(name, "%s%s", w < FLAX ? "" : statistics ? "batch_stats/" : "params/", path);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '/' && (w == OWN_DOTTED || w == FLAX_DOTTED))
            *c = '.';
}

/* One parameter, its values x, as the file has it: torchvision's kernels (co,ci,kh,kw), by four plain loops. */
static inline void add_item(file_of_arrays *f, const spae_parameter *q, const spae_real *x, way w,
                            spae_arena *arena)
{
    const size_t *a = q->shape.axis, count = spae_shape_count(q->shape);
    float *data = spae_arena_take(arena, count, sizeof *data);
    safetensors_item *item = &f->item[f->count];
    name_of(q->path, w, f->name[f->count]);
    *item = (safetensors_item){f->name[f->count++], (unsigned)q->rank, {0}, data, false};
    memcpy(item->shape, a + SPAE_AXES - q->rank, q->rank * sizeof *a);
    if (w != TORCHVISION || q->rank == 1) {
        for (size_t i = 0; i < count; i++)
            data[i] = (float)x[i];
        return;
    }
    const size_t kh = a[1], kw = a[2], ci = a[3], co = a[4];
    for (size_t o = 0; o < co; o++)
        for (size_t c = 0; c < ci; c++)
            for (size_t y = 0; y < kh; y++)
                for (size_t v = 0; v < kw; v++)
                    data[((o * ci + c) * kh + y) * kw + v] =
                        (float)x[((y * kw + v) * ci + c) * co + o];
    memcpy(item->shape, q->rank == 2 ? (size_t[4]){co, ci} : (size_t[4]){co, ci, kh, kw},
           4 * sizeof(size_t));
}

static inline safetensors_item *item_called(file_of_arrays *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->name[i], name) == 0)
            return &f->item[i];
    ck_abort_msg("no array %s", name);
    return NULL;
}

#endif
