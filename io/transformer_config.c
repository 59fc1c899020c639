/* config.json: a table of the sizes of each family, and the few members that are no sizes. */
#include "io/transformer_config.h"

#include <string.h>

#include "io/language_json.h"

/* A size: its name in the file, its place, and where it is taken from when the file lacks it. */
typedef struct {
    const char *name;
    size_t place;   /* in spae_transformer */
    size_t instead; /* place of the size that it is then; REQUIRED: it may not be missing */
    size_t times;   /* that size times this */
} size_member;

#define REQUIRED SIZE_MAX
#define AT(field) offsetof(spae_transformer, field)

static const size_member gpt2_sizes[] = {
    {"n_layer", AT(layers), REQUIRED, 0},   {"n_head", AT(heads), REQUIRED, 0},
    {"n_embd", AT(width), REQUIRED, 0},     {"n_inner", AT(hidden), AT(width), 4},
    {"vocab_size", AT(vocab), REQUIRED, 0}, {"n_positions", AT(context), REQUIRED, 0}};

static const size_member llama_sizes[] = {{"num_hidden_layers", AT(layers), REQUIRED, 0},
                                          {"num_attention_heads", AT(heads), REQUIRED, 0},
                                          {"num_key_value_heads", AT(kv_heads), AT(heads), 1},
                                          {"hidden_size", AT(width), REQUIRED, 0},
                                          {"intermediate_size", AT(hidden), REQUIRED, 0},
                                          {"vocab_size", AT(vocab), REQUIRED, 0},
                                          {"max_position_embeddings", AT(context), REQUIRED, 0}};

enum { SIZE_MOST = 0x7fffffff };

static size_t *place(spae_transformer *t, size_t offset)
{
    return (size_t *)(void *)((unsigned char *)t + offset);
}

static spae_status read_sizes(const spae_document *d, const size_member *member, size_t count, spae_transformer *t,
                              spae_error *err)
{
    for (size_t i = 0; i < count; i++) {
        int64_t value = 0;
        if (member[i].instead != REQUIRED && spae_document_member(d, d->nodes, member[i].name) == NULL)
            value = (int64_t)(*place(t, member[i].instead) * member[i].times);
        else if (spae_document_integer(d, d->nodes, member[i].name, 1, SIZE_MOST, &value, err) != SPAE_OK)
            return err->status;
        *place(t, member[i].place) = (size_t)value;
    }
    return SPAE_OK;
}

/* ---- members that may be missing: *value is then as it was --------------------------------------------- */

static spae_status read_number(const spae_document *d, const spae_json_node *object, const char *key, double *value,
                               spae_error *err)
{
    const spae_json_node *node = spae_document_member(d, object, key);
    if (node != NULL && spae_json_double(node, value, NULL) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: %s: expected a number", d->name, key);
    return SPAE_OK;
}

static spae_status read_switch(const spae_document *d, const char *key, bool *value, spae_error *err)
{
    const spae_json_node *node = spae_document_member(d, d->nodes, key);
    if (node != NULL && spae_json_boolean(node, value, NULL) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: %s: expected true or false", d->name, key);
    return SPAE_OK;
}

/* A switch that only has one setting here. */
static spae_status demand(const spae_document *d, const char *key, bool usual, spae_error *err)
{
    bool value = usual;
    spae_status status = read_switch(d, key, &value, err);
    if (status == SPAE_OK && value != usual)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: %s: true and false give other numbers, and only %s is built", d->name,
                           key, usual ? "true" : "false");
    return status;
}

static bool says(const spae_json_node *node, const char *text)
{
    return node->type == SPAE_JSON_STRING && node->length == strlen(text) && memcmp(node->text, text, node->length) == 0;
}

/* One of the names that a member may have, or its absence. */
static spae_status demand_name(const spae_document *d, const spae_json_node *object, const char *key,
                               const char *const *known, size_t count, size_t *which, spae_error *err)
{
    const spae_json_node *node = spae_document_member(d, object, key);
    *which = 0;
    for (size_t i = 0; node != NULL && i < count; i++)
        if (says(node, known[i])) {
            *which = i;
            return SPAE_OK;
        }
    if (node == NULL)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: %s: \"%s\" is known here, %s is not", d->name, key, known[0],
                     node->type == SPAE_JSON_STRING ? "what the file says" : "what is no string");
}

/* The first of the tokens that end a text: a number, or an array of them. */
static spae_status read_ends(const spae_document *d, spae_transformer_config *config, spae_error *err)
{
    const spae_json_node *node = spae_document_member(d, d->nodes, "eos_token_id");
    const bool list = node != NULL && node->type == SPAE_JSON_ARRAY;
    int64_t value = 0;
    for (node = list ? spae_json_first(d->nodes, node) : node; node != NULL;
         node = list ? spae_json_next(d->nodes, node) : NULL) {
        if (config->ends == SPAE_TRANSFORMER_ENDS ||
            spae_json_integer(node, 0, (int64_t)config->architecture.vocab - 1, &value, NULL) != SPAE_OK)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: eos_token_id: expected a token below %zu, or at most %d of them",
                             d->name, config->architecture.vocab, SPAE_TRANSFORMER_ENDS);
        config->end[config->ends++] = (int32_t)value;
    }
    return SPAE_OK;
}

/* ---- families ------------------------------------------------------------------------------------------ */

static spae_status read_gpt2(const spae_document *d, spae_transformer *t, spae_error *err)
{
    static const char *const gelu[] = {"gelu_new", "gelu_pytorch_tanh"};
    size_t which;
    t->kind = SPAE_TRANSFORMER_GPT2;
    t->tied = true;
    t->eps = 1e-5;
    spae_status status = read_sizes(d, gpt2_sizes, sizeof gpt2_sizes / sizeof gpt2_sizes[0], t, err);
    t->kv_heads = t->heads;
    t->head_dim = t->heads > 0 ? t->width / t->heads : 0;
    if (status == SPAE_OK)
        status = demand_name(d, d->nodes, "activation_function", gelu, 2, &which, err);
    if (status == SPAE_OK)
        status = read_number(d, d->nodes, "layer_norm_epsilon", &t->eps, err);
    if (status == SPAE_OK)
        status = demand(d, "scale_attn_weights", true, err);
    return status == SPAE_OK ? demand(d, "scale_attn_by_inverse_layer_idx", false, err) : status;
}

/* "rope_scaling": null, {"rope_type":"default"} or {"rope_type":"llama3", ..}; "type" is an older name of "rope_type". */
static spae_status read_scaling(const spae_document *d, spae_rotary *rotary, spae_error *err)
{
    static const char *const known[] = {"default", "llama3"};
    const spae_json_node *object = spae_document_member(d, d->nodes, "rope_scaling");
    int64_t trained = 0;
    size_t which = 0;
    if (object == NULL)
        return SPAE_OK;
    if (object->type != SPAE_JSON_OBJECT)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: rope_scaling: expected an object", d->name);
    const char *key = spae_document_member(d, object, "rope_type") != NULL ? "rope_type" : "type";
    if (spae_document_member(d, object, key) == NULL)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: rope_scaling: has no rope_type", d->name);
    spae_status status = demand_name(d, object, key, known, 2, &which, err);
    if (status != SPAE_OK || which == 0)
        return status;
    status = spae_document_integer(d, object, "original_max_position_embeddings", 1, SIZE_MOST, &trained, err);
    rotary->trained = (size_t)trained;
    if (status == SPAE_OK)
        status = read_number(d, object, "factor", &rotary->factor, err);
    if (status == SPAE_OK)
        status = read_number(d, object, "low_freq_factor", &rotary->low, err);
    return status == SPAE_OK ? read_number(d, object, "high_freq_factor", &rotary->high, err) : status;
}

/* Mistral and Qwen2 were trained to look no further back than their window; within it they are as Llama is. */
static spae_status limit_to_window(const spae_document *d, spae_transformer *t, spae_error *err)
{
    int64_t window = 0;
    bool used = true;
    if (spae_document_member(d, d->nodes, "sliding_window") == NULL)
        return SPAE_OK;
    spae_status status = read_switch(d, "use_sliding_window", &used, err);
    if (status == SPAE_OK && used)
        status = spae_document_integer(d, d->nodes, "sliding_window", 1, SIZE_MOST, &window, err);
    if (status == SPAE_OK && used && (size_t)window < t->context)
        t->context = (size_t)window;
    return status;
}

static spae_status read_head_dim(const spae_document *d, spae_transformer *t, spae_error *err)
{
    int64_t head_dim = (int64_t)(t->width / t->heads);
    spae_status status = SPAE_OK;
    if (spae_document_member(d, d->nodes, "head_dim") != NULL)
        status = spae_document_integer(d, d->nodes, "head_dim", 1, SIZE_MOST, &head_dim, err);
    else if (t->width % t->heads != 0)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: hidden_size %zu is no multiple of %zu heads", d->name, t->width, t->heads);
    t->head_dim = (size_t)head_dim;
    return status;
}

static spae_status read_llama(const spae_document *d, spae_transformer *t, spae_error *err)
{
    static const char *const silu[] = {"silu", "swish"};
    size_t which;
    t->kind = SPAE_TRANSFORMER_LLAMA;
    t->eps = 1e-6;
    t->rotary = (spae_rotary){.theta = 10000, .factor = 1};
    spae_status status = read_sizes(d, llama_sizes, sizeof llama_sizes / sizeof llama_sizes[0], t, err);
    if (status == SPAE_OK)
        status = read_head_dim(d, t, err);
    if (status == SPAE_OK)
        status = demand_name(d, d->nodes, "hidden_act", silu, 2, &which, err);
    if (status == SPAE_OK)
        status = demand(d, "mlp_bias", false, err);
    if (status == SPAE_OK)
        status = read_number(d, d->nodes, "rms_norm_eps", &t->eps, err);
    if (status == SPAE_OK)
        status = read_number(d, d->nodes, "rope_theta", &t->rotary.theta, err);
    if (status == SPAE_OK)
        status = read_scaling(d, &t->rotary, err);
    return status == SPAE_OK ? limit_to_window(d, t, err) : status;
}

static spae_status read_family(const spae_document *d, spae_transformer_config *config, spae_error *err)
{
    const spae_json_node *type = spae_document_member(d, d->nodes, "model_type");
    spae_transformer *t = &config->architecture;
    if (type != NULL && says(type, "gpt2"))
        return read_gpt2(d, t, err);
    config->begins = type != NULL && (says(type, "llama") || says(type, "mistral"));
    t->qkv_bias = type != NULL && says(type, "qwen2");
    if (config->begins || t->qkv_bias) {
        const spae_status status = read_llama(d, t, err);
        return status == SPAE_OK ? demand(d, "attention_bias", false, err) : status;
    }
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: model_type: gpt2, llama, mistral and qwen2 are known here", d->name);
}

spae_status spae_transformer_config_read(const char *name, const char *text, size_t length, spae_arena *scratch,
                                         spae_transformer_config *config, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    spae_document d = {.name = name};
    spae_error why;
    memset(config, 0, sizeof *config);
    spae_status status = spae_document_parse(text, length, scratch, &d, &why);
    if (status == SPAE_OK)
        status = read_family(&d, config, &why);
    if (status == SPAE_OK)
        status = read_switch(&d, "tie_word_embeddings", &config->architecture.tied, &why);
    if (status == SPAE_OK)
        status = read_ends(&d, config, &why);
    if (status != SPAE_OK)
        spae_fail(err, status, "%s", why.text);
    else if (spae_transformer_check(&config->architecture, &why) != SPAE_OK)
        status = spae_fail(err, why.status, "%s: %s", name, why.text);
    spae_arena_reset(scratch, mark);
    return status;
}
