/* From our paths to torchvision's names, and from its layouts to ours. */
#include "torchvision.h"

#include <stdio.h>
#include <string.h>

#include "parameters.h"

/* Our last word -> torchvision's, after a convolution or linear layer and after a batch norm. */
static const char *leaf_name(oracle_case *c, const char *leaf, bool norm)
{
    static const char *const plain[][2] = {{"kernel", "weight"}, {"bias", "bias"}};
    static const char *const of_norm[][2] = {
        {"scale", "weight"}, {"bias", "bias"}, {"mean", "running_mean"}, {"var", "running_var"}};
    for (size_t i = 0; i < (norm ? 4 : 2); i++) {
        const char *const *pair = norm ? of_norm[i] : plain[i];
        if (strcmp(leaf, pair[0]) == 0)
            return pair[1];
    }
    oracle_abort(c, "no name for the parameter .../%s", leaf);
    return NULL;
}

/* A layer of a ResNet's block by torchvision's name: conv1, bn1, downsample.0, downsample.1. */
static const char *block_layer(const char *layer)
{
    return strcmp(layer, "proj_conv") == 0 ? "downsample.0" : strcmp(layer, "proj_bn") == 0 ? "downsample.1" : layer;
}

static const char *top_layer(const char *layer)
{
    return strcmp(layer, "init_conv") == 0 ? "conv1" : strcmp(layer, "init_bn") == 0 ? "bn1" : "fc";
}

/* The layer's path with dots: of Inception-v3 and I3D, whose paths are their names. */
static const char *dotted(oracle_case *c, const char *path)
{
    const char *leaf = strrchr(path, '/'), *norm = strstr(path, "/bn/");
    char *layer = oracle_take(c, (size_t)(leaf - path) + 1, 1);
    for (const char *at = path; at < leaf; at++)
        layer[at - path] = *at == '/' ? '.' : *at;
    layer[leaf - path] = '\0';
    return oracle_text(c, "%s.%s", layer, leaf_name(c, leaf + 1, norm != NULL));
}

static const char *torchvision_name(oracle_case *c, const char *path)
{
    static const char *const own[] = {"Conv2d_", "Conv3d_", "Mixed_", "fc/", "logits/"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strncmp(path, own[i], strlen(own[i])) == 0)
            return dotted(c, path);
    char layer[SPAE_PATH_MAX], leaf[SPAE_PATH_MAX];
    unsigned a, b;
    if (sscanf(path, "stage%u/block%u/%95[^/]/%95[^/]", &a, &b, layer, leaf) == 4)
        return oracle_text(c, "layer%u.%u.%s.%s", a, b - 1, block_layer(layer),
                           leaf_name(c, leaf, strstr(layer, "bn") != NULL));
    if (sscanf(path, "features/%u/%95[^/]", &a, leaf) == 2)
        return oracle_text(c, "features.%u.%s", a, leaf_name(c, leaf, false));
    if (sscanf(path, "lin/%u/%95[^/]", &a, leaf) == 2)
        return oracle_text(c, "lin%u.model.1.%s", a, leaf_name(c, leaf, false));
    if (sscanf(path, "%95[^/]/%95[^/]", layer, leaf) != 2)
        oracle_abort(c, "no name for the parameter %s", path);
    return oracle_text(c, "%s.%s", top_layer(layer), leaf_name(c, leaf, strstr(layer, "bn") != NULL));
}

/* (kt,kh,kw,ci,co) -> (co,ci,kt,kh,kw); of a matrix (ci,co) -> (co,ci); a vector stays. */
static spae_shape file_shape(const spae_parameter *p)
{
    const size_t *k = p->shape.axis;
    return p->rank == 5   ? spae_shape_of(k[4], k[3], k[0], k[1], k[2])
           : p->rank == 4 ? spae_shape_of(1, k[4], k[3], k[1], k[2])
           : p->rank == 2 ? spae_shape_of(1, 1, 1, k[4], k[3])
                          : p->shape;
}

/* The same parameters as the file has them. */
static spae_parameters file_parameters(oracle_case *c, const spae_parameters *ours)
{
    spae_parameters file = *ours;
    file.item = oracle_take(c, ours->count, sizeof *file.item);
    for (size_t i = 0; i < ours->count; i++) {
        const char *name = torchvision_name(c, ours->item[i].path);
        file.item[i] = ours->item[i];
        file.item[i].shape = file_shape(&ours->item[i]);
        memset(file.item[i].path, 0, SPAE_PATH_MAX);
        strncpy(file.item[i].path, name, SPAE_PATH_MAX - 1);
    }
    return file;
}

/* to (taps,ci,co) from (co,ci,taps) */
static void reorder(const spae_parameter *p, const real *from, real *to)
{
    const size_t *k = p->shape.axis, taps = k[0] * k[1] * k[2], ci = k[3], co = k[4];
    for (size_t t = 0; t < taps; t++)
        for (size_t i = 0; i < ci; i++)
            for (size_t o = 0; o < co; o++)
                to[(t * ci + i) * co + o] = from[(o * ci + i) * taps + t];
}

real *oracle_read_torchvision(oracle_case *c, const spae_parameters *parameters)
{
    const spae_parameters file = file_parameters(c, parameters);
    const real *from = oracle_read_parameters(c, &file);
    real *to = oracle_take(c, parameters->elements, sizeof *to);
    for (size_t i = 0; i < parameters->count; i++)
        reorder(&parameters->item[i], from + parameters->item[i].first, to + parameters->item[i].first);
    return to;
}
