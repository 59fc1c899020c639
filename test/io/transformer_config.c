/* io/transformer_config: the configurations that are published, what they leave out, and what is refused. */
#include "tiny.h"

#include "io/transformer_config.h"

static spae_status read_text(const char *text, spae_transformer_config *config, spae_error *err)
{
    spae_arena arena = new_arena();
    const spae_status status = spae_transformer_config_read("config.json", text, strlen(text), &arena, config, err);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    return status;
}

static spae_transformer_config good(const char *text)
{
    spae_transformer_config config;
    spae_error err;
    ck_ok(read_text(text, &config, &err));
    return config;
}

static void refused(const char *text, spae_status due, const char *part)
{
    spae_transformer_config config;
    spae_error err;
    const spae_status status = read_text(text, &config, &err);
    ck_assert_msg(status == due, "%s: %s, due %s", text, spae_status_name(status), spae_status_name(due));
    ck_assert_msg(strstr(err.text, part) != NULL && strstr(err.text, "config.json: ") == err.text, "\"%s\" lacks \"%s\"",
                  err.text, part);
}

#define GPT2 "\"model_type\":\"gpt2\",\"n_layer\":12,\"n_head\":12,\"n_embd\":768,\"vocab_size\":50257,\"n_positions\":1024"
#define LLAMA                                                                                                              \
    "\"model_type\":\"llama\",\"num_hidden_layers\":16,\"num_attention_heads\":32,\"hidden_size\":2048,"                    \
    "\"intermediate_size\":8192,\"vocab_size\":128256,\"max_position_embeddings\":131072"

START_TEST(gpt2)
{
    const spae_transformer_config c = good("{" GPT2 ",\"n_inner\":null,\"activation_function\":\"gelu_new\","
                                           "\"layer_norm_epsilon\":1e-05,\"eos_token_id\":50256,\"unknown\":{\"a\":[1]}}");
    const spae_transformer *t = &c.architecture;
    ck_assert(t->kind == SPAE_TRANSFORMER_GPT2 && t->layers == 12 && t->heads == 12 && t->kv_heads == 12 && t->head_dim == 64);
    ck_assert(t->width == 768 && t->hidden == 3072 && t->vocab == 50257 && t->context == 1024 && t->tied && !c.begins);
    ck_assert(t->eps == 1e-5 && c.ends == 1 && c.end[0] == 50256);
    const spae_transformer_config untied = good("{" GPT2 ",\"n_inner\":100,\"tie_word_embeddings\":false}");
    ck_assert(untied.architecture.hidden == 100 && !untied.architecture.tied && untied.ends == 0);
}
END_TEST

START_TEST(llama)
{
    const spae_transformer_config c =
        good("{" LLAMA ",\"num_key_value_heads\":8,\"head_dim\":64,\"rms_norm_eps\":1e-5,\"rope_theta\":500000.0,"
             "\"tie_word_embeddings\":true,\"eos_token_id\":[128001,128008,128009],\"hidden_act\":\"silu\",\"mlp_bias\":false,"
             "\"rope_scaling\":{\"factor\":32.0,\"high_freq_factor\":4.0,\"low_freq_factor\":1.0,"
             "\"original_max_position_embeddings\":8192,\"rope_type\":\"llama3\"}}");
    const spae_transformer *t = &c.architecture;
    ck_assert(t->kind == SPAE_TRANSFORMER_LLAMA && t->layers == 16 && t->heads == 32 && t->kv_heads == 8 && t->head_dim == 64);
    ck_assert(t->rotary.theta == 500000 && t->rotary.factor == 32 && t->rotary.low == 1 && t->rotary.high == 4);
    ck_assert(t->rotary.trained == 8192 && t->tied && c.begins && !t->qkv_bias && t->context == 131072);
    ck_assert(c.ends == 3 && c.end[2] == 128009);
    const spae_transformer_config plain = good("{" LLAMA ",\"rope_scaling\":null}");
    ck_assert(plain.architecture.kv_heads == 32 && plain.architecture.head_dim == 64 && plain.architecture.rotary.theta == 10000);
    ck_assert(plain.architecture.rotary.factor == 1 && plain.architecture.eps == 1e-6 && !plain.architecture.tied);
    ck_assert(good("{" LLAMA ",\"rope_scaling\":{\"type\":\"default\"}}").architecture.rotary.factor == 1);
}
END_TEST

/* A family that looks back no further than its window gets no longer context. */
START_TEST(relatives)
{
#define SIZES                                                                                                              \
    "\"num_hidden_layers\":2,\"num_attention_heads\":4,\"num_key_value_heads\":2,\"hidden_size\":64,"                       \
    "\"intermediate_size\":100,\"vocab_size\":99,\"max_position_embeddings\":32768"
    const spae_transformer_config mistral = good("{\"model_type\":\"mistral\",\"sliding_window\":4096," SIZES "}");
    ck_assert(mistral.architecture.context == 4096 && mistral.begins && !mistral.architecture.qkv_bias);
    ck_assert(good("{\"model_type\":\"mistral\",\"sliding_window\":null," SIZES "}").architecture.context == 32768);
    const spae_transformer_config qwen =
        good("{\"model_type\":\"qwen2\",\"sliding_window\":4096,\"use_sliding_window\":false," SIZES "}");
    ck_assert(qwen.architecture.context == 32768 && !qwen.begins && qwen.architecture.qkv_bias);
}
END_TEST

START_TEST(refusals)
{
    refused("{", SPAE_ERR_FORMAT, "json: byte 1");
    refused("[]", SPAE_ERR_FORMAT, "model_type");
    refused("{\"model_type\":\"bert\"}", SPAE_ERR_FORMAT, "gpt2, llama, mistral and qwen2");
    refused("{\"model_type\":\"gpt2\"}", SPAE_ERR_FORMAT, "n_layer");
    refused("{" GPT2 ",\"n_inner\":-1}", SPAE_ERR_FORMAT, "n_inner");
    refused("{" GPT2 ",\"activation_function\":\"relu\"}", SPAE_ERR_FORMAT, "activation_function");
    refused("{" GPT2 ",\"activation_function\":7}", SPAE_ERR_FORMAT, "no string");
    refused("{" GPT2 ",\"scale_attn_by_inverse_layer_idx\":true}", SPAE_ERR_FORMAT, "only false is built");
    refused("{" GPT2 ",\"scale_attn_weights\":false}", SPAE_ERR_FORMAT, "only true is built");
    refused("{" GPT2 ",\"layer_norm_epsilon\":\"small\"}", SPAE_ERR_FORMAT, "expected a number");
    refused("{" GPT2 ",\"layer_norm_epsilon\":0}", SPAE_ERR_ARGUMENT, "eps");
    refused("{" GPT2 ",\"eos_token_id\":50257}", SPAE_ERR_FORMAT, "a token below 50257");
    refused("{" GPT2 ",\"eos_token_id\":[1,2,3,4,5,6,7,8,9]}", SPAE_ERR_FORMAT, "at most 8");
    refused("{" GPT2 ",\"tie_word_embeddings\":1}", SPAE_ERR_FORMAT, "true or false");
    refused("{\"model_type\":\"gpt2\",\"n_layer\":1,\"n_head\":5,\"n_embd\":12,\"vocab_size\":9,\"n_positions\":8}",
            SPAE_ERR_ARGUMENT, "12");
    refused("{" LLAMA ",\"hidden_act\":\"gelu\"}", SPAE_ERR_FORMAT, "hidden_act");
    refused("{" LLAMA ",\"attention_bias\":true}", SPAE_ERR_FORMAT, "attention_bias");
    refused("{" LLAMA ",\"mlp_bias\":true}", SPAE_ERR_FORMAT, "mlp_bias");
    refused("{" LLAMA ",\"rope_scaling\":4}", SPAE_ERR_FORMAT, "rope_scaling");
    refused("{" LLAMA ",\"rope_scaling\":{}}", SPAE_ERR_FORMAT, "rope_type");
    refused("{" LLAMA ",\"rope_scaling\":{\"rope_type\":\"yarn\"}}", SPAE_ERR_FORMAT, "rope_type");
    refused("{" LLAMA ",\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8}}", SPAE_ERR_FORMAT,
            "original_max_position_embeddings");
    refused("{" LLAMA ",\"num_key_value_heads\":5}", SPAE_ERR_ARGUMENT, "5");
    refused("{\"model_type\":\"llama\",\"num_hidden_layers\":1,\"num_attention_heads\":3,\"hidden_size\":64,"
            "\"intermediate_size\":8,\"vocab_size\":9,\"max_position_embeddings\":8}",
            SPAE_ERR_FORMAT, "no multiple of 3 heads");
}
END_TEST

SUITE(suite_io_transformer_config, "io/transformer_config", gpt2, llama, relatives, refusals)
