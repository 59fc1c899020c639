/* How OpenAI, OpenCLIP and Hugging Face's transformers call CLIP's parameters (SPEC 8.47).
 *
 * Source    OpenAI CLIP clip/model.py; open_clip model.py (its CustomTextCLIP has a name for the text encoder); transformers
 *           models/clip/modeling_clip.py
 */
#include "io/weights_schemes.h"

#define SAME   SPAE_WEIGHTS_SAME
#define LINEAR SPAE_WEIGHTS_LINEAR

#define NORM(ours, theirs)  {ours "/scale", theirs ".weight", SAME}, {ours "/bias", theirs ".bias", SAME}
#define DENSE(ours, theirs) {ours "/kernel", theirs ".weight", LINEAR}, {ours "/bias", theirs ".bias", SAME}

/* Queries, keys and values of OpenAI's lie in one array. */
#define OPENAI_BLOCK(ours, theirs)                                                                                             \
    NORM(ours "/ln_1", theirs ".ln_1"),                                                                                       \
    {ours "/attn/q/kernel", theirs ".attn.in_proj_weight", SPAE_WEIGHTS_LINEAR_Q},                                             \
    {ours "/attn/q/bias", theirs ".attn.in_proj_bias", SPAE_WEIGHTS_SAME_Q},                                                   \
    {ours "/attn/k/kernel", theirs ".attn.in_proj_weight", SPAE_WEIGHTS_LINEAR_K},                                             \
    {ours "/attn/k/bias", theirs ".attn.in_proj_bias", SPAE_WEIGHTS_SAME_K},                                                   \
    {ours "/attn/v/kernel", theirs ".attn.in_proj_weight", SPAE_WEIGHTS_LINEAR_V},                                             \
    {ours "/attn/v/bias", theirs ".attn.in_proj_bias", SPAE_WEIGHTS_SAME_V},                                                   \
    DENSE(ours "/attn/out", theirs ".attn.out_proj"),                                                                         \
    NORM(ours "/ln_2", theirs ".ln_2"),                                                                                       \
    DENSE(ours "/mlp/fc", theirs ".mlp.c_fc"),                                                                                \
    DENSE(ours "/mlp/proj", theirs ".mlp.c_proj")

#define HUGGING_FACE_BLOCK(ours, theirs)                                                                                       \
    NORM(ours "/ln_1", theirs ".layer_norm1"),                                                                                \
    DENSE(ours "/attn/q", theirs ".self_attn.q_proj"),                                                                        \
    DENSE(ours "/attn/k", theirs ".self_attn.k_proj"),                                                                        \
    DENSE(ours "/attn/v", theirs ".self_attn.v_proj"),                                                                        \
    DENSE(ours "/attn/out", theirs ".self_attn.out_proj"),                                                                    \
    NORM(ours "/ln_2", theirs ".layer_norm2"),                                                                                \
    DENSE(ours "/mlp/fc", theirs ".mlp.fc1"),                                                                                 \
    DENSE(ours "/mlp/proj", theirs ".mlp.fc2")

#define OPENAI_IMAGE                                                                                                           \
    {"visual/conv1/kernel", "visual.conv1.weight", SPAE_WEIGHTS_CONVOLUTION},                                                  \
    {"visual/class_embedding", "visual.class_embedding", SAME},                                                                \
    {"visual/positional_embedding", "visual.positional_embedding", SAME},                                                      \
    NORM("visual/ln_pre", "visual.ln_pre"),                                                                                   \
    OPENAI_BLOCK("visual/block#", "visual.transformer.resblocks.#"),                                                          \
    NORM("visual/ln_post", "visual.ln_post"),                                                                                 \
    {"visual/proj/kernel", "visual.proj", SAME}

#define OPENAI_TEXT(prefix)                                                                                                    \
    {"text/token_embedding", prefix "token_embedding.weight", SAME},                                                           \
    {"text/positional_embedding", prefix "positional_embedding", SAME},                                                        \
    OPENAI_BLOCK("text/block#", prefix "transformer.resblocks.#"),                                                            \
    NORM("text/ln_final", prefix "ln_final"),                                                                                 \
    {"text/proj/kernel", prefix "text_projection", SAME}

static const spae_weights_rule openai[] = {OPENAI_IMAGE, OPENAI_TEXT("")};
static const spae_weights_rule openclip[] = {OPENAI_IMAGE, OPENAI_TEXT("text.")};

static const spae_weights_rule hugging_face[] = {
    {"visual/conv1/kernel", "vision_model.embeddings.patch_embedding.weight", SPAE_WEIGHTS_CONVOLUTION},
    {"visual/class_embedding", "vision_model.embeddings.class_embedding", SAME},
    {"visual/positional_embedding", "vision_model.embeddings.position_embedding.weight", SAME},
    NORM("visual/ln_pre", "vision_model.pre_layrnorm"), /* so spelt */
    HUGGING_FACE_BLOCK("visual/block#", "vision_model.encoder.layers.#"),
    NORM("visual/ln_post", "vision_model.post_layernorm"),
    {"visual/proj/kernel", "visual_projection.weight", LINEAR},
    {"text/token_embedding", "text_model.embeddings.token_embedding.weight", SAME},
    {"text/positional_embedding", "text_model.embeddings.position_embedding.weight", SAME},
    HUGGING_FACE_BLOCK("text/block#", "text_model.encoder.layers.#"),
    NORM("text/ln_final", "text_model.final_layer_norm"),
    {"text/proj/kernel", "text_projection.weight", LINEAR},
};

#define RULES(list) {list, sizeof list / sizeof list[0]}

const spae_weights_rules spae_weights_clip[SPAE_WEIGHTS_CLIPS] = {
    [SPAE_WEIGHTS_OPENAI] = RULES(openai),
    [SPAE_WEIGHTS_OPENCLIP] = RULES(openclip),
    [SPAE_WEIGHTS_HUGGING_FACE] = RULES(hugging_face),
};
