/* The table of config.h: name -> place, form and range, with one reader and one writer for each
 * form.
 *
 * --set turns its value into JSON text first, so that there is one way to read a value and not two.
 */
#include "io/config.h"

#include <stddef.h>
#include <string.h>

#include "io/near_name.h"

#define VALUE_ROOM  1024 /* bytes of one field's value as JSON text */
#define VALUE_NODES 256  /* values within it */

typedef struct field field;

/* How a form of field is read and written. `read` returns false when the node is nothing that it
 * takes. */
typedef struct {
    bool (*read)(const field *f, spae_config *config, const spae_json_node *nodes,
                 const spae_json_node *node);
    void (*write)(const field *f, const spae_config *config, spae_json_writer *writer);
    const char *expected;
    bool list, text; /* what --set may leave out: outer brackets, quotes */
} form;

struct field {
    const char *name;
    const form *form;
    size_t offset;      /* in spae_config */
    double least, most; /* of its numbers */
    bool architecture;  /* no default: a file must have it */
};

static void *place(const field *f, spae_config *config)
{
    return (unsigned char *)config + f->offset;
}

static const void *place_const(const field *f, const spae_config *config)
{
    return (const unsigned char *)config + f->offset;
}

/* ---- single values --------------------------------------------------------------------------- */

static bool integer_of(const field *f, const spae_json_node *node, uint64_t *value)
{
    int64_t number = 0;
    if (spae_json_integer(node, (int64_t)f->least, (int64_t)f->most, &number, NULL) != SPAE_OK)
        return false;
    *value = (uint64_t)number;
    return true;
}

static bool size_of(const field *f, const spae_json_node *node, size_t *value)
{
    uint64_t number = 0;
    if (!integer_of(f, node, &number))
        return false;
    *value = (size_t)number; /* the table keeps sizes below 2^31 */
    return true;
}

static bool real_of(const field *f, const spae_json_node *node, double *value)
{
    double number = 0.0;
    if (spae_json_double(node, &number, NULL) != SPAE_OK ||
        !(number >= f->least && number <= f->most))
        return false;
    *value = number;
    return true;
}

static bool read_name(const field *f, spae_config *config, const spae_json_node *nodes,
                      const spae_json_node *node)
{
    size_t length = 0;
    char name[sizeof config->name];
    (void)nodes;
    if (spae_json_string(node, name, sizeof name, &length, NULL) != SPAE_OK || length == 0 ||
        memchr(name, '\0', length) != NULL)
        return false;
    memset(place(f, config), 0, sizeof name);
    memcpy(place(f, config), name, length);
    return true;
}

static void write_name(const field *f, const spae_config *config, spae_json_writer *writer)
{
    const char *name = place_const(f, config);
    spae_json_write_string(writer, name, strlen(name));
}

static bool read_size(const field *f, spae_config *config, const spae_json_node *nodes,
                      const spae_json_node *node)
{
    (void)nodes;
    return size_of(f, node, place(f, config));
}

static void write_size(const field *f, const spae_config *config, spae_json_writer *writer)
{
    const size_t *value = place_const(f, config);
    spae_json_write_integer(writer, (int64_t)*value);
}

static bool read_count(const field *f, spae_config *config, const spae_json_node *nodes,
                       const spae_json_node *node)
{
    (void)nodes;
    return integer_of(f, node, place(f, config));
}

static void write_count(const field *f, const spae_config *config, spae_json_writer *writer)
{
    const uint64_t *value = place_const(f, config);
    spae_json_write_integer(writer, (int64_t)*value);
}

static bool read_real(const field *f, spae_config *config, const spae_json_node *nodes,
                      const spae_json_node *node)
{
    (void)nodes;
    return real_of(f, node, place(f, config));
}

static void write_real(const field *f, const spae_config *config, spae_json_writer *writer)
{
    spae_json_write_double(writer, *(const double *)place_const(f, config));
}

static bool read_flag(const field *f, spae_config *config, const spae_json_node *nodes,
                      const spae_json_node *node)
{
    (void)nodes;
    return spae_json_boolean(node, place(f, config), NULL) == SPAE_OK;
}

static void write_flag(const field *f, const spae_config *config, spae_json_writer *writer)
{
    spae_json_write_boolean(writer, *(const bool *)place_const(f, config));
}

/* The place of a string among `count` names; false when it is none of them. */
static bool one_of(const spae_json_node *node, const char *const *names, size_t count, size_t *index)
{
    char name[24];
    if (spae_json_string(node, name, sizeof name, NULL, NULL) != SPAE_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0) {
            *index = i;
            return true;
        }
    return false;
}

static void write_text(const char *text, spae_json_writer *writer)
{
    spae_json_write_string(writer, text, strlen(text));
}

/* The names stand in the order of the enumerations. */
static const char *const quantizers[] = {"saq", "rq"};
static const char *const adversarials[] = {"softplus", "hinge"};
static const char *const perceptuals[] = {"resnet-logits", "resnet-features", "lpips"};

static bool read_quantizer(const field *f, spae_config *config, const spae_json_node *nodes,
                           const spae_json_node *node)
{
    size_t index;
    (void)f;
    (void)nodes;
    if (!one_of(node, quantizers, 2, &index))
        return false;
    config->quantizer = (spae_quantizer)index;
    return true;
}

static void write_quantizer(const field *f, const spae_config *config, spae_json_writer *writer)
{
    (void)f;
    write_text(quantizers[config->quantizer], writer);
}

static bool read_adversarial(const field *f, spae_config *config, const spae_json_node *nodes,
                             const spae_json_node *node)
{
    size_t index;
    (void)f;
    (void)nodes;
    if (!one_of(node, adversarials, 2, &index))
        return false;
    config->adversarial = (spae_adversarial)index;
    return true;
}

static void write_adversarial(const field *f, const spae_config *config, spae_json_writer *writer)
{
    (void)f;
    write_text(adversarials[config->adversarial], writer);
}

static bool read_perceptual(const field *f, spae_config *config, const spae_json_node *nodes,
                            const spae_json_node *node)
{
    size_t index;
    (void)f;
    (void)nodes;
    if (!one_of(node, perceptuals, 3, &index))
        return false;
    config->perceptual = (spae_perceptual_choice)index;
    return true;
}

static void write_perceptual(const field *f, const spae_config *config, spae_json_writer *writer)
{
    (void)f;
    write_text(perceptuals[config->perceptual], writer);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool is_array(const spae_json_node *node, size_t least, size_t most)
{
    return node->type == SPAE_JSON_ARRAY && node->count >= least && node->count <= most;
}

/* (t,h,w) from n, [h,w] or [t,h,w]; n only where square says so. */
static bool extent_of(const field *f, const spae_json_node *nodes, const spae_json_node *node,
                      bool square, size_t extent[3])
{
    size_t size[3] = {1, 0, 0};
    if (square && node->type == SPAE_JSON_NUMBER) {
        if (!size_of(f, node, &size[1]))
            return false;
        size[2] = size[1];
    } else {
        if (!is_array(node, 2, 3))
            return false;
        size_t axis = 3 - node->count;
        for (const spae_json_node *n = spae_json_first(nodes, node); n != NULL;
             n = spae_json_next(nodes, n))
            if (!size_of(f, n, &size[axis++]))
                return false;
    }
    memcpy(extent, size, sizeof size);
    return true;
}

static void write_extent_of(const size_t extent[3], spae_json_writer *writer)
{
    spae_json_write_open(writer, '[');
    for (size_t axis = extent[0] == 1 ? 1 : 0; axis < 3; axis++)
        spae_json_write_integer(writer, (int64_t)extent[axis]);
    spae_json_write_close(writer);
}

static bool read_extent(const field *f, spae_config *config, const spae_json_node *nodes,
                        const spae_json_node *node)
{
    return extent_of(f, nodes, node, false, place(f, config));
}

static void write_extent(const field *f, const spae_config *config, spae_json_writer *writer)
{
    write_extent_of(place_const(f, config), writer);
}

/* A count and, right behind it, so many multipliers: those of the autoencoder or of the
 * discriminator. */
typedef struct {
    size_t count, value[SPAE_MAX_MULTIPLIERS];
} multiplier_list;

static bool read_multipliers(const field *f, spae_config *config, const spae_json_node *nodes,
                             const spae_json_node *node)
{
    multiplier_list list = {0, {0}};
    if (!is_array(node, f->architecture ? 1 : 0, SPAE_MAX_MULTIPLIERS))
        return false;
    for (const spae_json_node *n = spae_json_first(nodes, node); n != NULL;
         n = spae_json_next(nodes, n))
        if (!size_of(f, n, &list.value[list.count++]))
            return false;
    memcpy(place(f, config), &list, sizeof list);
    return true;
}

static void write_multipliers(const field *f, const spae_config *config, spae_json_writer *writer)
{
    multiplier_list list;
    memcpy(&list, place_const(f, config), sizeof list);
    spae_json_write_open(writer, '[');
    for (size_t i = 0; i < list.count; i++)
        spae_json_write_integer(writer, (int64_t)list.value[i]);
    spae_json_write_close(writer);
}

static bool read_temporal(const field *f, spae_config *config, const spae_json_node *nodes,
                          const spae_json_node *node)
{
    bool value[SPAE_MAX_MULTIPLIERS] = {false};
    size_t count = 0;
    (void)f;
    if (!is_array(node, 0, SPAE_MAX_MULTIPLIERS))
        return false;
    for (const spae_json_node *n = spae_json_first(nodes, node); n != NULL;
         n = spae_json_next(nodes, n))
        if (spae_json_boolean(n, &value[count++], NULL) != SPAE_OK)
            return false;
    memcpy(config->temporal, value, sizeof value);
    return true;
}

static void write_temporal(const field *f, const spae_config *config, spae_json_writer *writer)
{
    (void)f;
    spae_json_write_open(writer, '[');
    for (size_t i = 0; i + 1 < config->multiplier_count; i++)
        spae_json_write_boolean(writer, config->temporal[i]);
    spae_json_write_close(writer);
}

static bool read_pyramid(const field *f, spae_config *config, const spae_json_node *nodes,
                         const spae_json_node *node)
{
    spae_pyramid pyramid = {0, {{0, 0, 0}}};
    if (!is_array(node, 1, SPAE_MAX_LAYERS))
        return false;
    for (const spae_json_node *n = spae_json_first(nodes, node); n != NULL;
         n = spae_json_next(nodes, n))
        if (!extent_of(f, nodes, n, true, pyramid.size[pyramid.layers++]))
            return false;
    config->pyramid = pyramid;
    return true;
}

static void write_pyramid(const field *f, const spae_config *config, spae_json_writer *writer)
{
    (void)f;
    spae_json_write_open(writer, '[');
    for (size_t l = 0; l < config->pyramid.layers; l++)
        write_extent_of(config->pyramid.size[l], writer);
    spae_json_write_close(writer);
}

static bool read_thresholds(const field *f, spae_config *config, const spae_json_node *nodes,
                            const spae_json_node *node)
{
    double value[SPAE_MAX_LAYERS] = {0};
    size_t count = 0;
    if (!is_array(node, 0, SPAE_MAX_LAYERS))
        return false;
    for (const spae_json_node *n = spae_json_first(nodes, node); n != NULL;
         n = spae_json_next(nodes, n))
        if (!real_of(f, n, &value[count++]))
            return false;
    memcpy(config->thresholds, value, sizeof value);
    return true;
}

static void write_thresholds(const field *f, const spae_config *config, spae_json_writer *writer)
{
    (void)f;
    spae_json_write_open(writer, '[');
    for (size_t l = 0; l < config->semantic_layers && l < SPAE_MAX_LAYERS; l++)
        spae_json_write_double(writer, config->thresholds[l]);
    spae_json_write_close(writer);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const form as_name = {read_name, write_name, "a name of 1 to 31 bytes", false, true};
static const form as_size = {read_size, write_size, "a whole number", false, false};
static const form as_count = {read_count, write_count, "a whole number", false, false};
static const form as_real = {read_real, write_real, "a number", false, false};
static const form as_flag = {read_flag, write_flag, "true or false", false, false};
static const form as_quantizer = {read_quantizer, write_quantizer, "saq or rq", false, true};
static const form as_adversarial = {read_adversarial, write_adversarial, "softplus or hinge", false,
                                    true};
static const form as_perceptual = {read_perceptual, write_perceptual,
                                   "resnet-logits, resnet-features or lpips", false, true};
static const form as_extent = {read_extent, write_extent, "HxW or TxHxW, each", false, false};
static const form as_multipliers = {read_multipliers, write_multipliers, "1 to 8 whole numbers",
                                    true, false};
static const form as_temporal = {read_temporal, write_temporal, "up to 8 of true and false", true,
                                 false};
static const form as_pyramid = {read_pyramid, write_pyramid, "1 to 16 layers N, HxW or TxHxW, each",
                                true, false};
static const form as_thresholds = {read_thresholds, write_thresholds, "up to 16 numbers", true,
                                   false};

#define SIDE_MOST 65536.0
#define STEP_MOST 4294967295.0 /* steps are a 32-bit word of the random numbers' counter */
#define CODES_MOST 16777216.0
#define BELOW_ONE 0.9999999    /* the ranges are those of spae_config_check */

static const field fields[] = {
    {"name", &as_name, offsetof(spae_config, name), 0, 0, false},
    {"ndim", &as_size, offsetof(spae_config, ndim), 2, 3, true},
    {"picture", &as_extent, offsetof(spae_config, picture), 1, SIDE_MOST, true},
    {"filters", &as_size, offsetof(spae_config, filters), 1, 4096, true},
    {"multipliers", &as_multipliers, offsetof(spae_config, multiplier_count), 1, 64, true},
    {"res_blocks", &as_size, offsetof(spae_config, res_blocks), 0, 64, true},
    {"groups", &as_size, offsetof(spae_config, groups), 1, SIDE_MOST, true},
    {"temporal", &as_temporal, 0, 0, 0, false},
    {"c", &as_size, offsetof(spae_config, c), 1, SIDE_MOST, true},
    {"pyramid", &as_pyramid, 0, 1, SIDE_MOST, true},
    {"quantizer", &as_quantizer, 0, 0, 0, false},
    {"semantic_layers", &as_size, offsetof(spae_config, semantic_layers), 0, SPAE_MAX_LAYERS,
     false},
    {"thresholds", &as_thresholds, 0, 0, 1, false},
    {"single_threshold", &as_flag, offsetof(spae_config, single_threshold), 0, 0, false},
    {"alpha", &as_real, offsetof(spae_config, alpha), 0, 1e6, false},
    {"beta", &as_real, offsetof(spae_config, beta), 0, 1e6, false},
    {"lambda", &as_real, offsetof(spae_config, lambda), 0, 1e6, false},
    {"eta", &as_real, offsetof(spae_config, eta), 0, 1e6, false},
    {"phi", &as_real, offsetof(spae_config, phi), 0, 1e6, false},
    {"dynamic_weight", &as_flag, offsetof(spae_config, dynamic_weight), 0, 0, false},
    {"adversarial", &as_adversarial, 0, 0, 0, false},
    {"perceptual", &as_perceptual, 0, 0, 0, false},
    {"perceptual_size", &as_size, offsetof(spae_config, perceptual_size), 0, 4096, false},
    {"r1_cost", &as_real, offsetof(spae_config, r1_cost), 0, 1e6, false},
    {"lecam_decay", &as_real, offsetof(spae_config, lecam_decay), 0, 1, false},
    {"discriminator_filters", &as_size, offsetof(spae_config, discriminator_filters), 0, 4096,
     false},
    {"discriminator_multipliers", &as_multipliers, offsetof(spae_config, discriminator_count), 1,
     64, false},
    {"discriminator_blur", &as_flag, offsetof(spae_config, discriminator_blur), 0, 0, false},
    {"codebook_size", &as_size, offsetof(spae_config, codebook_size), 0, CODES_MOST, false},
    {"codebook_weight", &as_real, offsetof(spae_config, codebook_weight), 0, 1e6, false},
    {"entropy_weight", &as_real, offsetof(spae_config, entropy_weight), 0, 1e6, false},
    {"entropy_temperature", &as_real, offsetof(spae_config, entropy_temperature), 0, 1e6, false},
    {"batch", &as_size, offsetof(spae_config, batch), 1, 65536, false},
    {"steps", &as_count, offsetof(spae_config, steps), 0, STEP_MOST, false},
    {"learning_rate", &as_real, offsetof(spae_config, learning_rate), 0, 1, false},
    {"warmup", &as_count, offsetof(spae_config, warmup), 0, STEP_MOST, false},
    {"cooldown", &as_count, offsetof(spae_config, cooldown), 0, STEP_MOST, false},
    {"root_decay", &as_flag, offsetof(spae_config, root_decay), 0, 0, false},
    {"beta1", &as_real, offsetof(spae_config, beta1), 0, BELOW_ONE, false},
    {"beta2", &as_real, offsetof(spae_config, beta2), 0, BELOW_ONE, false},
    {"epsilon", &as_real, offsetof(spae_config, epsilon), 1e-30, 1, false},
    {"ema", &as_real, offsetof(spae_config, ema), 0, 1, false},
    {"crop", &as_real, offsetof(spae_config, crop), 0, 0.9, false},
    {"flip", &as_flag, offsetof(spae_config, flip), 0, 0, false},
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static const field *find_field(const char *name, size_t length)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strlen(fields[i].name) == length && memcmp(fields[i].name, name, length) == 0)
            return &fields[i];
    return NULL;
}

static spae_status refuse_value(const field *f, spae_status status, spae_error *err)
{
    if (f->most > 0.0)
        return spae_fail(err, status, "config: %s: expected %s from %g to %g", f->name,
                         f->form->expected, f->least, f->most);
    return spae_fail(err, status, "config: %s: expected %s", f->name, f->form->expected);
}

/* ---- --set ----------------------------------------------------------------------------------- */

typedef struct {
    char *text;
    size_t length, room;
} line;

static void put(line *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n && out->length + 1 < out->room; i++)
        out->text[out->length++] = text[i];
    out->text[out->length] = '\0';
}

static void put_string(line *out, const char *text)
{
    put(out, text, strlen(text));
}

/* "16x128x128" is [16,128,128]. */
static void put_item(line *out, const char *item, size_t n)
{
    const bool extent = memchr(item, 'x', n) != NULL;
    put_string(out, extent ? "[" : "");
    for (size_t i = 0; i < n; i++)
        put(out, extent && item[i] == 'x' ? "," : &item[i], 1);
    put_string(out, extent ? "]" : "");
}

static void put_items(line *out, const char *value)
{
    for (;;) {
        const size_t n = strcspn(value, ",");
        put_item(out, value, n);
        if (value[n] == '\0')
            return;
        put_string(out, ",");
        value += n + 1;
    }
}

/* What follows "key=" as JSON text. */
static void put_value(line *out, const form *shape, const char *value)
{
    const bool is_json = value[0] == '[' || value[0] == '"';
    const char *before = shape->text ? "\"" : shape->list ? "[" : "";
    const char *after = shape->text ? "\"" : shape->list ? "]" : "";
    put_string(out, is_json ? "" : before);
    if (is_json || shape->text)
        put_string(out, value);
    else
        put_items(out, value);
    put_string(out, is_json ? "" : after);
}

static const char *name_of_field(const void *context, size_t index)
{
    return ((const field *)context)[index].name;
}

/* There are more keys than an error has room for: the one that is meant, or where all are listed. */
static spae_status refuse_key(const char *assignment, size_t length, spae_error *err)
{
    char key[64];
    const char *near = NULL;
    if (length > 2 && length < sizeof key) { /* anything is like a letter or two */
        memcpy(key, assignment, length);
        key[length] = '\0';
        near = spae_near_name(key, name_of_field, fields, FIELDS);
    }
    return spae_fail(err, SPAE_ERR_ARGUMENT,
                     near != NULL ? "%s: no such key; %s is meant?" : "%s: no such key; spae info --preset P lists them",
                     assignment, near);
}

spae_status spae_config_set(spae_config *config, const char *assignment, spae_error *err)
{
    char text[VALUE_ROOM];
    spae_json_node nodes[VALUE_NODES];
    line json = {text, 0, sizeof text};
    const size_t n = strcspn(assignment, "=");
    const field *f = find_field(assignment, n);
    if (f == NULL)
        return refuse_key(assignment, n, err);
    if (assignment[n] == '\0')
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: expected KEY=VALUE", assignment);
    put_value(&json, f->form, assignment + n + 1);
    if (json.length + 1 == json.room ||
        spae_json_parse(text, json.length, nodes, VALUE_NODES, NULL, NULL) != SPAE_OK ||
        !f->form->read(f, config, nodes, &nodes[0]))
        return refuse_value(f, SPAE_ERR_ARGUMENT, err);
    return SPAE_OK;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

spae_status spae_config_read(spae_config *config, const spae_json_node *nodes,
                             const spae_json_node *object, spae_error *err)
{
    if (object->type != SPAE_JSON_OBJECT)
        return spae_fail(err, SPAE_ERR_FORMAT, "config: expected a JSON object");
    for (size_t i = 0; i < FIELDS; i++) {
        const field *f = &fields[i];
        const spae_json_node *node = spae_json_member(nodes, object, f->name);
        if (node == NULL && f->architecture)
            return spae_fail(err, SPAE_ERR_FORMAT, "config: %s is missing", f->name);
        if (node != NULL && !f->form->read(f, config, nodes, node))
            return refuse_value(f, SPAE_ERR_FORMAT, err);
    }
    return SPAE_OK;
}

/* Not written while they are off: a file without them says the same (SPEC 8.8). */
static bool is_left_out(const field *f, const spae_config *config)
{
    return (f->offset == offsetof(spae_config, crop) && config->crop == 0.0) ||
           (f->offset == offsetof(spae_config, flip) && !config->flip);
}

void spae_config_write(spae_json_writer *writer, const spae_config *config)
{
    for (size_t i = 0; i < FIELDS; i++) {
        if (is_left_out(&fields[i], config))
            continue;
        spae_json_write_key(writer, fields[i].name);
        fields[i].form->write(&fields[i], config, writer);
    }
}

static size_t field_text(const field *f, const spae_config *config, char text[VALUE_ROOM])
{
    spae_json_writer writer;
    size_t length = 0;
    spae_json_write_start(&writer, text, VALUE_ROOM);
    f->form->write(f, config, &writer);
    /* a value that JSON cannot say, an infinity, is a text of its own */
    return spae_json_write_finish(&writer, &length, NULL) == SPAE_OK ? length : 0;
}

const char *spae_config_difference(const spae_config *a, const spae_config *b)
{
    for (size_t i = 0; i < FIELDS; i++) {
        char first[VALUE_ROOM], second[VALUE_ROOM];
        const size_t n = field_text(&fields[i], a, first);
        if (n != field_text(&fields[i], b, second) || memcmp(first, second, n) != 0)
            return fields[i].name;
    }
    return NULL;
}

void spae_config_text(const spae_config *config, const char *key, char *text, size_t room)
{
    char value[VALUE_ROOM];
    line out = {text, 0, room};
    const field *f = find_field(key, strlen(key));
    put(&out, value, f != NULL ? field_text(f, config, value) : 0);
}

void spae_config_keys(char *text, size_t room)
{
    line out = {text, 0, room};
    for (size_t i = 0; i < FIELDS; i++) {
        put_string(&out, i == 0 ? "" : " ");
        put_string(&out, fields[i].name);
    }
}
