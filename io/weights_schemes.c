/* Under which names and layouts other programs keep the parameters of a network (SPEC 8.27);
 * weights_schemes.h.
 *
 * Source    torchvision models/resnet.py and vgg.py; lpips weights/v0.1; flax Module.init; magvit
 *           train_lib/resnet_v1.py, whose names our ResNet's paths are.
 */
#include <string.h>

#include "io/weights_schemes.h"

enum { CAPTURES = 4 };

/* ---- the rules ------------------------------------------------------------------------------- */

#define IN_ORDER {0, 1, 2, 3, 4}

const spae_weights_axes spae_weights_layouts[] = {
    [SPAE_WEIGHTS_SAME] = {0, IN_ORDER, 0, 1},
    [SPAE_WEIGHTS_CONVOLUTION] = {4, {2, 3, 1, 0}, 0, 1}, /* (kh,kw,ci,co) from (co,ci,kh,kw) */
    [SPAE_WEIGHTS_LINEAR] = {2, {1, 0}, 0, 1},            /* (ci,co) from (co,ci) */
    [SPAE_WEIGHTS_CONVOLUTION_3D] = {5, {2, 3, 4, 1, 0}, 0, 1}, /* (kt,kh,kw,ci,co) from (co,ci,kt,kh,kw) */
    [SPAE_WEIGHTS_LINEAR_Q] = {2, {1, 0}, 0, 3},          /* (ci,co) from (3 co,ci) */
    [SPAE_WEIGHTS_LINEAR_K] = {2, {1, 0}, 1, 3},
    [SPAE_WEIGHTS_LINEAR_V] = {2, {1, 0}, 2, 3},
    [SPAE_WEIGHTS_SAME_Q] = {0, IN_ORDER, 0, 3},
    [SPAE_WEIGHTS_SAME_K] = {0, IN_ORDER, 1, 3},
    [SPAE_WEIGHTS_SAME_V] = {0, IN_ORDER, 2, 3},
};

/* Short for the tables below. */
#define SAME           SPAE_WEIGHTS_SAME
#define CONVOLUTION    SPAE_WEIGHTS_CONVOLUTION
#define LINEAR         SPAE_WEIGHTS_LINEAR
#define CONVOLUTION_3D SPAE_WEIGHTS_CONVOLUTION_3D

static const spae_weights_rule own_rules[] = {{"*", "*", SAME}};

static const spae_weights_rule flax_rules[] = {
    {"*/mean", "batch_stats/*/mean", SAME},
    {"*/var", "batch_stats/*/var", SAME},
    {"*", "params/*", SAME},
};

static const spae_weights_rule torchvision_rules[] = {
    /* ResNet */
    {"init_conv/kernel", "conv1.weight", CONVOLUTION},
    {"init_bn/scale", "bn1.weight", SAME},
    {"init_bn/bias", "bn1.bias", SAME},
    {"init_bn/mean", "bn1.running_mean", SAME},
    {"init_bn/var", "bn1.running_var", SAME},
    {"stage#/block#/conv#/kernel", "layer#.@.conv#.weight", CONVOLUTION},
    {"stage#/block#/bn#/scale", "layer#.@.bn#.weight", SAME},
    {"stage#/block#/bn#/bias", "layer#.@.bn#.bias", SAME},
    {"stage#/block#/bn#/mean", "layer#.@.bn#.running_mean", SAME},
    {"stage#/block#/bn#/var", "layer#.@.bn#.running_var", SAME},
    {"stage#/block#/proj_conv/kernel", "layer#.@.downsample.0.weight", CONVOLUTION},
    {"stage#/block#/proj_bn/scale", "layer#.@.downsample.1.weight", SAME},
    {"stage#/block#/proj_bn/bias", "layer#.@.downsample.1.bias", SAME},
    {"stage#/block#/proj_bn/mean", "layer#.@.downsample.1.running_mean", SAME},
    {"stage#/block#/proj_bn/var", "layer#.@.downsample.1.running_var", SAME},
    {"head/kernel", "fc.weight", LINEAR},
    {"head/bias", "fc.bias", SAME},
    /* VGG */
    {"features/#/kernel", "features.#.weight", CONVOLUTION},
    {"features/#/bias", "features.#.bias", SAME},
    /* LPIPS */
    {"lin/#/kernel", "lin#.model.1.weight", CONVOLUTION},
};

/* Inception-v3 of FID, and I3D: paths are their names. */
static const spae_weights_rule metric_rules[] = {
    {"logits/conv3d/kernel", "logits/conv3d/weight", CONVOLUTION_3D},
    {"logits/conv3d/bias", "logits/conv3d/bias", SAME},
    {"fc/kernel", "fc/weight", LINEAR},
    {"fc/bias", "fc/bias", SAME},
    {"*/conv3d/kernel", "*/conv3d/weight", CONVOLUTION_3D},
    {"*/conv/kernel", "*/conv/weight", CONVOLUTION},
    {"*/bn/scale", "*/bn/weight", SAME},
    {"*/bn/bias", "*/bn/bias", SAME},
    {"*/bn/mean", "*/bn/running_mean", SAME},
    {"*/bn/var", "*/bn/running_var", SAME},
};

#define RULES(list) {list, sizeof list / sizeof list[0]}

static const spae_weights_rules own = RULES(own_rules), flax = RULES(flax_rules), torchvision = RULES(torchvision_rules),
                                metrics = RULES(metric_rules);

static const struct {
    const char *name;
    char separator; /* stands in the file for the / of names */
    const spae_weights_rules *rules;
} schemes[] = {
    {"spae", '/', &own},
    {"spae, dotted", '.', &own},
    {"flax", '/', &flax},
    {"flax, dotted", '.', &flax},
    {"torchvision", '/', &torchvision},
    {"fid, i3d", '.', &metrics},
    {"OpenAI's CLIP", '/', &spae_weights_clip[SPAE_WEIGHTS_OPENAI]},
    {"OpenCLIP", '/', &spae_weights_clip[SPAE_WEIGHTS_OPENCLIP]},
    {"Hugging Face's CLIP", '/', &spae_weights_clip[SPAE_WEIGHTS_HUGGING_FACE]},
};

const size_t spae_weights_schemes = sizeof schemes / sizeof schemes[0];

const char *spae_weights_scheme_name(size_t scheme)
{
    return schemes[scheme].name;
}

/* Arrays that may be left over, unless the network has parameters under `unless`. Here . and / are
 * the same. */
static const struct {
    const char *name, *unless;
} not_needed[] = {
    {"*/num_batches_tracked", NULL}, /* how long torch averaged means and variances */
    {"classifier/*", NULL},          /* VGG's layers after its features */
    {"fc/*", "head/"},               /* (Inception's own fc is taken by its parameters) */
    {"AuxLogits/*", NULL},           /* Inception's second head, of training */
    {"head/*", "head/"},
    {"params/head/*", "head/"},
    {"features/*", "features/"},
    {"params/features/*", "features/"},
    {"lin#/model/1/weight", "lin/"},
    {"lin/*", "lin/"},
    {"params/lin/*", "lin/"},
    {"lm_head/weight", "lm_head"}, /* the embedding again, where the head is tied */
    {"*/attn/bias", NULL},         /* GPT-2's causal masks, */
    {"*/attn/masked_bias", NULL},
    {"*/rotary_emb/inv_freq", NULL}, /* and Llama's angles, both of older files */
    {"logit_scale", NULL},           /* CLIP's: what its training divides by, tables that follow from sizes, sizes, */
    {"logit_bias", NULL},
    {"*/position_ids", NULL},
    {"attn_mask", NULL},
    {"text/attn_mask", NULL},
    {"input_resolution", NULL},
    {"context_length", NULL},
    {"vocab_size", NULL},
    {"visual/*", "visual/"}, /* and the encoder that is not wanted */
    {"vision_model/*", "visual/"},
    {"visual_projection/weight", "visual/"},
    {"transformer/resblocks/*", "text/"},
    {"token_embedding/weight", "text/"},
    {"positional_embedding", "text/"},
    {"ln_final/*", "text/"},
    {"text_projection", "text/"},
    {"text_projection/weight", "text/"},
    {"text_model/*", "text/"},
    {"text/*", "text/"},
};

/* ---- patterns -------------------------------------------------------------------------------- */

typedef struct {
    const char *text;
    size_t length;
} capture;

static size_t digits(const char *text)
{
    size_t n = 0;
    while (text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

/* Does the text match, and what stood for * and each #? After a * the pattern has no further one.
 */
static bool matches(const char *pattern, const char *text, capture found[CAPTURES])
{
    size_t count = 0;
    for (; *pattern != '\0'; pattern++) {
        size_t length = 1;
        const bool some = *pattern == '*' || *pattern == '#';
        if (*pattern == '#')
            length = digits(text);
        else if (*pattern == '*') /* all but as many characters as the pattern has left */
            length = strlen(text) > strlen(pattern + 1) ? strlen(text) - strlen(pattern + 1) : 0;
        else if (*text != *pattern)
            return false;
        if (length == 0)
            return false;
        if (some)
            found[count++] = (capture){text, length};
        text += length;
    }
    return *text == '\0';
}

/* Appends the number less one, which must not be 0 and fit. */
static bool put_less_one(char *name, size_t *at, capture number)
{
    char text[12]; /* of a number below 10^10 */
    size_t i = number.length;
    if (i > 10 || i >= SPAE_WEIGHTS_NAME_ROOM - *at)
        return false;
    memcpy(text, number.text, i);
    while (i > 0 && text[i - 1] == '0') /* borrow */
        text[--i] = '9';
    if (i == 0)
        return false;
    text[i - 1]--;
    const size_t skip = text[0] == '0' && number.length > 1 ? 1 : 0; /* 10 - 1 is 9, not 09 */
    memcpy(name + *at, text + skip, number.length - skip);
    *at += number.length - skip;
    return true;
}

/* Builds a name from a rule's pattern and what its path found. False when it has no room. */
static bool build(const char *pattern, const capture *found, char separator,
                  char name[SPAE_WEIGHTS_NAME_ROOM])
{
    size_t at = 0;
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '@') {
            if (!put_less_one(name, &at, *found++))
                return false;
            continue;
        }
        const bool some = *pattern == '*' || *pattern == '#';
        const capture piece = some ? *found++ : (capture){pattern, 1};
        if (piece.length >= SPAE_WEIGHTS_NAME_ROOM - at)
            return false;
        memcpy(name + at, piece.text, piece.length);
        at += piece.length;
    }
    name[at] = '\0';
    for (char *c = name; separator != '/' && *c != '\0'; c++)
        *c = *c == '/' ? separator : *c;
    return true;
}

bool spae_weights_scheme_find(size_t scheme, const char *path, char name[SPAE_WEIGHTS_NAME_ROOM],
                              spae_weights_layout *layout)
{
    for (size_t r = 0; r < schemes[scheme].rules->count; r++) {
        const spae_weights_rule *one = &schemes[scheme].rules->rule[r];
        capture found[CAPTURES];
        if (!matches(one->path, path, found))
            continue;
        *layout = one->layout;
        return build(one->name, found, schemes[scheme].separator, name);
    }
    return false;
}

/* ---- what is left over ----------------------------------------------------------------------- */

static bool has_parameters(const spae_parameters *parameters, const char *beginning)
{
    for (size_t p = 0; p < parameters->count; p++)
        if (strncmp(parameters->item[p].path, beginning, strlen(beginning)) == 0)
            return true;
    return false;
}

bool spae_weights_not_needed(const spae_parameters *parameters, const char *name)
{
    char slashed[SPAE_WEIGHTS_NAME_ROOM];
    capture found[CAPTURES];
    const size_t n = strlen(name);
    if (n >= SPAE_WEIGHTS_NAME_ROOM)
        return false;
    for (size_t i = 0; i <= n; i++)
        slashed[i] = name[i] == '.' ? '/' : name[i];
    for (size_t i = 0; i < sizeof not_needed / sizeof not_needed[0]; i++)
        if (matches(not_needed[i].name, slashed, found))
            return not_needed[i].unless == NULL ||
                   !has_parameters(parameters, not_needed[i].unless);
    return false;
}
