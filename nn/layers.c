#include "layers.h"

#include <string.h>

/* Standardizing is the first half of a group normalization; reshaping computes nothing. */
static bool is_listed(const spae_node *node)
{
    return node->op != NULL && strcmp(node->op->name, "standardize") != 0 && strcmp(node->op->name, "reshape") != 0;
}

/* Which parameter is this leaf? The number of parameters when it is none. */
static size_t parameter_of(const spae_network *network, const spae_node *leaf)
{
    size_t at = 0;
    while (at < network->parameters->count && network->leaf[at] != leaf)
        at++;
    return at;
}

/* A parameter's path without its last word. */
static void take_path(const spae_parameter *item, char path[SPAE_PATH_MAX])
{
    const char *end = strrchr(item->path, '/');
    memset(path, 0, SPAE_PATH_MAX);
    memcpy(path, item->path, end != NULL ? (size_t)(end - item->path) : strlen(item->path));
}

static void read_off(const spae_network *network, const spae_node *node, spae_layer *layer)
{
    const char *name = node->op->name;
    *layer = (spae_layer){.kind = strcmp(name, "affine") == 0 ? "group_norm" : name, .shape = node->shape};
    for (size_t i = 0; i < 3 && node->input[i] != NULL; i++) {
        const size_t at = parameter_of(network, node->input[i]);
        if (at == network->parameters->count)
            continue;
        take_path(&network->parameters->item[at], layer->path);
        layer->parameters += spae_shape_count(node->input[i]->shape);
    }
    if (strcmp(name, "convolve") == 0) {
        const size_t *kernel = node->input[1]->shape.axis, at = parameter_of(network, node->input[1]);
        if (at < network->parameters->count && network->parameters->item[at].rank == 2)
            layer->kind = "dense";
        layer->multiply_adds =
            (uint64_t)spae_shape_count(node->shape) * kernel[0] * kernel[1] * kernel[2] * kernel[3];
    }
}

spae_status spae_layers_list(const spae_network *network, spae_arena *arena, spae_layer **layers, size_t *count,
                             spae_error *err)
{
    size_t listed = 0;
    for (const spae_node *node = network->tape->first; node != NULL; node = node->next)
        listed += is_listed(node);
    spae_layer *list = spae_arena_take(arena, listed, sizeof *list);
    if (list == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "layers: no memory for %zu", listed);
    *layers = list;
    *count = listed;
    for (const spae_node *node = network->tape->first; node != NULL; node = node->next)
        if (is_listed(node))
            read_off(network, node, list++);
    return SPAE_OK;
}
