/* Parameters by path, their first values, and the layers that networks share. */
#include "network.h"

#include <math.h>
#include <string.h>

#include "../vendor_free/checksum.h"
#include "../vendor_free/philox.h"
#include "ops.h"

enum { INIT_PURPOSE = 1 }; /* second word of the Philox key */

/* ---- paths ---- */

/* Appends text to a path of SPAE_PATH_MAX bytes. Architectures nest three deep: what does not fit is cut, and two
 * cut paths would be one parameter of two shapes, which spae_network_parameter refuses. */
static void append(char *path, const char *text)
{
    size_t at = strlen(path);
    while (*text != '\0' && at + 1 < SPAE_PATH_MAX)
        path[at++] = *text++;
    path[at] = '\0';
}

static void append_number(char *path, unsigned number)
{
    char digits[12] = {0};
    size_t at = sizeof digits - 1;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    append(path, digits + at);
}

spae_scope spae_scope_root(const char *name)
{
    spae_scope scope = {{0}, 0, 0, 0, 0};
    append(scope.path, name);
    return scope;
}

spae_scope spae_scope_inside(const spae_scope *parent, const char *name)
{
    spae_scope scope = spae_scope_root(parent->path);
    if (scope.path[0] != '\0')
        append(scope.path, "/");
    append(scope.path, name);
    return scope;
}

spae_scope spae_scope_numbered(const spae_scope *parent, const char *name, unsigned number)
{
    spae_scope scope = spae_scope_inside(parent, name);
    append_number(scope.path, number);
    return scope;
}

spae_scope spae_scope_enter(const spae_scope *parent, const char *kind, unsigned number)
{
    spae_scope scope = spae_scope_inside(parent, kind);
    append(scope.path, "_");
    append_number(scope.path, number);
    return scope;
}

/* ---- declaring and binding ---- */

void spae_network_declare(spae_network *network, spae_tape *tape, spae_parameters *parameters)
{
    *network = (spae_network){.tape = tape, .parameters = parameters};
}

void spae_network_bind(spae_network *network, spae_tape *tape, spae_parameters *parameters, const real *values)
{
    *network = (spae_network){.tape = tape, .parameters = parameters, .values = values};
    network->leaf = spae_arena_take_zeroed(tape->arena, parameters->count, sizeof(spae_var));
    if (network->leaf == NULL)
        spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "network: no memory for its leaves (parameters, elements)",
                         parameters->count, parameters->elements);
}

static size_t find_from(const spae_parameters *parameters, const char *path, size_t hint)
{
    for (size_t i = 0; i < parameters->count; i++) {
        const size_t at = (hint + i) % parameters->count;
        if (strcmp(parameters->item[at].path, path) == 0)
            return at;
    }
    return parameters->count;
}

size_t spae_parameters_find(const spae_parameters *parameters, const char *path)
{
    return find_from(parameters, path, 0);
}

/* Room for one more entry: doubles the list within the arena. */
static bool make_room(spae_parameters *parameters)
{
    if (parameters->count < parameters->room)
        return true;
    const size_t room = parameters->room == 0 ? 64 : 2 * parameters->room;
    spae_parameter *item = spae_arena_take(parameters->arena, room, sizeof *item);
    if (item == NULL)
        return false;
    if (parameters->count > 0)
        memcpy(item, parameters->item, parameters->count * sizeof *item);
    parameters->item = item;
    parameters->room = room;
    return true;
}

static spae_var declare(spae_network *network, const char *path, size_t rank, spae_shape shape)
{
    spae_parameters *parameters = network->parameters;
    if (spae_shape_count(shape) > SIZE_MAX - parameters->elements || !make_room(parameters))
        return spae_tape_refuse(network->tape, SPAE_ERR_NO_MEMORY, "network: no memory for its parameters",
                                parameters->count, rank);
    spae_parameter *item = &parameters->item[parameters->count++];
    memcpy(item->path, path, SPAE_PATH_MAX);
    item->shape = shape;
    item->rank = rank;
    item->first = parameters->elements;
    parameters->elements += spae_shape_count(shape);
    return spae_tape_leaf(network->tape, shape, NULL);
}

spae_var spae_network_parameter(spae_network *network, const spae_scope *scope, const char *leaf, size_t rank,
                                spae_shape shape)
{
    char path[SPAE_PATH_MAX];
    memcpy(path, scope->path, sizeof path);
    if (path[0] != '\0')
        append(path, "/");
    append(path, leaf);
    if (network->tape->status != SPAE_OK)
        return NULL;
    const spae_parameters *parameters = network->parameters;
    const size_t at = find_from(parameters, path, network->hint);
    if (at == parameters->count && network->leaf == NULL)
        return declare(network, path, rank, shape);
    network->hint = at + 1;
    if (at == parameters->count || !spae_shape_equal(parameters->item[at].shape, shape))
        return spae_tape_refuse(network->tape, SPAE_ERR_SHAPE,
                                "network: a parameter is asked for that was declared otherwise (place, elements)", at,
                                spae_shape_count(shape));
    const real *value = network->values != NULL ? network->values + parameters->item[at].first : NULL;
    if (network->leaf == NULL || spae_tape_runs(network->tape)) /* no gradient will ask for it */
        return spae_tape_leaf(network->tape, shape, value);
    if (network->leaf[at] == NULL)
        network->leaf[at] = spae_tape_leaf(network->tape, shape, value);
    return network->leaf[at];
}

/* ---- first values ---- */

static bool ends_with(const char *path, const char *ending)
{
    const size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcmp(path + n - m, ending) == 0;
}

static bool begins_with(const char *path, const char *beginning)
{
    return strncmp(path, beginning, strlen(beginning)) == 0;
}

/* Two numbers of mean 0 from two words: normal of deviation 1, or uniform in [-1, 1) in steps of 2^-23, exact. */
typedef void pair(uint32_t a, uint32_t b, float out[2]);

static void uniform_pair(uint32_t a, uint32_t b, float out[2])
{
    out[0] = 2 * spae_uniform(a) - 1;
    out[1] = 2 * spae_uniform(b) - 1;
}

/* value[i] = width * number, four numbers from each Philox block */
static void fill_kernel(uint32_t seed, const char *path, size_t count, float width, pair *numbers, real *value)
{
    const spae_random_key key = {seed, INIT_PURPOSE};
    const uint32_t name = spae_crc32(0, path, strlen(path));
    for (size_t i = 0; i < count; i += 4) {
        uint32_t word[4];
        float number[4];
        const uint32_t position[4] = {(uint32_t)(i / 4), name, 0, 0};
        spae_random_block(key, position, word);
        numbers(word[0], word[1], number);
        numbers(word[2], word[3], number + 2);
        for (size_t j = 0; j < 4 && i + j < count; j++) {
            const float product = width * number[j];
            value[i + j] = product;
        }
    }
}

/* Fans are below 2^24, so exact. */
static void init_kernel(const spae_parameter *p, uint32_t seed, real *value)
{
    const size_t *k = p->shape.axis, taps = k[0] * k[1] * k[2], count = spae_shape_count(p->shape);
    const float fan_in = (float)(taps * k[3]), fans = (float)(taps * (k[3] + k[4]));
    if (begins_with(p->path, "discriminator/"))
        fill_kernel(seed, p->path, count, (float)sqrt((double)(6 / fans)), uniform_pair, value);
    else
        fill_kernel(seed, p->path, count, (float)sqrt((double)(1 / fan_in)), spae_normal_pair, value);
}

/* A learned codebook of V rows: uniform, variance 1 / V. */
static void init_codebook(const spae_parameter *p, uint32_t seed, real *value)
{
    const float V = (float)p->shape.axis[SPAE_AXIS_W];
    fill_kernel(seed, p->path, spae_shape_count(p->shape), (float)sqrt((double)(3 / V)), uniform_pair, value);
}

static void init_one(const spae_parameter *p, uint32_t seed, real *value)
{
    if (strcmp(p->path, "codebook") == 0) {
        init_codebook(p, seed, value);
        return;
    }
    if (ends_with(p->path, "/kernel")) {
        init_kernel(p, seed, value);
        return;
    }
    for (size_t i = 0, count = spae_shape_count(p->shape); i < count; i++)
        value[i] = ends_with(p->path, "/scale") || ends_with(p->path, "/var") ? 1 : 0;
}

void spae_parameters_init(const spae_parameters *parameters, uint32_t seed, real *values)
{
    for (size_t i = 0; i < parameters->count; i++)
        init_one(&parameters->item[i], seed, values + parameters->item[i].first);
}

/* ---- layers ---- */

static spae_shape channels(size_t c)
{
    return spae_shape_of(1, 1, 1, 1, c);
}

spae_var spae_layer_conv(spae_network *network, spae_scope *scope, spae_var x, size_t ndim, size_t size, size_t co,
                         bool bias)
{
    if (x == NULL)
        return NULL;
    const spae_scope own = spae_scope_enter(scope, "Conv", scope->conv++);
    const spae_shape shape = spae_shape_of(ndim == 3 ? size : 1, size, size, x->shape.axis[SPAE_AXIS_C], co);
    spae_var kernel = spae_network_parameter(network, &own, "kernel", ndim + 2, shape);
    spae_var offset = bias ? spae_network_parameter(network, &own, "bias", 1, channels(co)) : NULL;
    return spae_convolve(network->tape, x, kernel, offset, (const size_t[]){1, 1, 1});
}

spae_var spae_layer_dense(spae_network *network, spae_scope *scope, spae_var x, size_t co)
{
    if (x == NULL)
        return NULL;
    const spae_scope own = spae_scope_enter(scope, "Dense", scope->dense++);
    const size_t n = x->shape.axis[SPAE_AXIS_N], ci = spae_shape_count(x->shape) / n;
    spae_var rows = spae_reshape(network->tape, x, spae_shape_of(n, 1, 1, 1, ci));
    spae_var kernel = spae_network_parameter(network, &own, "kernel", 2, spae_shape_of(1, 1, 1, ci, co));
    spae_var bias = spae_network_parameter(network, &own, "bias", 1, channels(co));
    return spae_dense(network->tape, rows, kernel, bias);
}

/* The parameters of the next group norm of x; NULL after a failure. */
static void norm_parameters(spae_network *network, spae_scope *scope, spae_var x, spae_var *scale, spae_var *bias)
{
    *scale = *bias = NULL;
    if (x == NULL)
        return;
    const spae_scope own = spae_scope_enter(scope, "GroupNorm", scope->norm++);
    const spae_shape shape = channels(x->shape.axis[SPAE_AXIS_C]);
    *scale = spae_network_parameter(network, &own, "scale", 1, shape);
    *bias = spae_network_parameter(network, &own, "bias", 1, shape);
}

spae_var spae_layer_group_norm(spae_network *network, spae_scope *scope, spae_var x, size_t groups, double eps)
{
    spae_var scale, bias;
    norm_parameters(network, scope, x, &scale, &bias);
    return spae_group_norm(network->tape, x, scale, bias, groups, eps);
}

spae_var spae_layer_group_norm_swish(spae_network *network, spae_scope *scope, spae_var x, size_t groups, double eps,
                                     bool into)
{
    spae_var scale, bias;
    norm_parameters(network, scope, x, &scale, &bias);
    return into ? spae_group_norm_swish_into(network->tape, x, scale, bias, groups, eps)
                : spae_group_norm_swish(network->tape, x, scale, bias, groups, eps);
}
