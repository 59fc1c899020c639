/* io/language_transformer and io/transformer_weights: a small model in a folder as published, whose answers and scores are those
 * of its logits taken one by one; and folders in which something is wrong. */
#include "tokenizer_files.h"

#include "io/language_transformer.h"
#include "io/transformer_weights.h"
#include "nn/sampling.h"
#include "safetensors.h"

#include <math.h>

/* Vocabularies of tokenizer_files.h; the embeddings have rows to spare, as published ones do. */
#define GPT2_CONFIG                                                                                                        \
    "{\"model_type\":\"gpt2\",\"n_layer\":2,\"n_head\":2,\"n_embd\":8,\"vocab_size\":16,\"n_positions\":40,"                \
    "\"eos_token_id\":12}"
#define LLAMA_CONFIG                                                                                                       \
    "{\"model_type\":\"llama\",\"num_hidden_layers\":2,\"num_attention_heads\":4,\"num_key_value_heads\":2,"                \
    "\"hidden_size\":16,\"intermediate_size\":20,\"vocab_size\":14,\"max_position_embeddings\":40,\"eos_token_id\":[2,5]}"

static const spae_transformer gpt2 = {.kind = SPAE_TRANSFORMER_GPT2, .prefix = "transformer.", .layers = 2, .heads = 2,
                                      .kv_heads = 2, .head_dim = 4, .width = 8, .hidden = 32, .vocab = 16, .context = 40,
                                      .eps = 1e-5, .tied = true};
static const spae_transformer llama = {.kind = SPAE_TRANSFORMER_LLAMA, .prefix = "model.", .layers = 2, .heads = 4, .kv_heads = 2,
                                       .head_dim = 4, .width = 16, .hidden = 20, .vocab = 14, .context = 40, .eps = 1e-6,
                                       .rotary = {.theta = 10000, .factor = 1}};

typedef struct {
    folder f;
    spae_arena arena;
    spae_transformer_model due; /* the same weights */
    spae_language_model model;
    bool is_llama;
} published;

/* ---- folders ----------------------------------------------------------------------------------------------- */

/* Weights -2 .. 2 in steps of 1/64, which all formats hold; norms near 1. */
static void make_weights(published *p, const spae_transformer *t)
{
    spae_error err;
    p->due = (spae_transformer_model){.config = *t, .parameters = {.arena = &p->arena}};
    ck_ok(spae_transformer_declare(t, &p->due.parameters, &err));
    real *value = spae_arena_take(&p->arena, p->due.parameters.elements, sizeof *value);
    uint32_t state = 12345;
    for (size_t i = 0; i < p->due.parameters.elements; i++) {
        state = state * 1664525 + 1013904223;
        value[i] = (real)((int)(state >> 24) - 128) / 64;
    }
    p->due.values = value;
}

static void put_archive(published *p, const char *name, const safetensors_item *item, size_t count)
{
    const spae_source source = safetensors_file(&p->arena, item, count);
    put_bytes(in_folder(&p->f, name), source.memory, (size_t)source.size);
}

/* Parameters first .. first+count-1, and `more` further ones. */
static void put_weights(published *p, const char *name, size_t first, size_t count, const safetensors_item *more, size_t extra)
{
    static safetensors_item item[64];
    ck_assert(count + extra <= 64);
    for (size_t i = 0; i < count; i++) {
        const spae_parameter *parameter = &p->due.parameters.item[first + i];
        const size_t n = spae_shape_count(parameter->shape);
        float *data = spae_arena_take(&p->arena, n, sizeof *data);
        for (size_t k = 0; k < n; k++)
            data[k] = (float)p->due.values[parameter->first + k];
        item[i] = (safetensors_item){parameter->path, (unsigned)parameter->rank, {0}, data, false};
        for (size_t a = 0; a < parameter->rank; a++)
            item[i].shape[a] = parameter->shape.axis[SPAE_AXES - parameter->rank + a];
    }
    for (size_t i = 0; i < extra; i++)
        item[count + i] = more[i];
    put_archive(p, name, item, count + extra);
}

static void put_folder(published *p, bool is_llama)
{
    p->f = make_folder();
    p->arena = new_arena();
    p->is_llama = is_llama;
    make_weights(p, is_llama ? &llama : &gpt2);
    put_text(&p->f, "config.json", is_llama ? LLAMA_CONFIG : GPT2_CONFIG);
    if (is_llama) {
        put_text(&p->f, "tokenizer.json", LLAMA);
    } else {
        put_text(&p->f, "vocab.json", GPT2_VOCAB);
        put_text(&p->f, "merges.txt", GPT2_MERGES);
    }
}

static spae_status open_folder(published *p, spae_error *err)
{
    return spae_language_transformer(p->f.name, &p->arena, &p->model, err);
}

static void start(published *p, bool is_llama)
{
    spae_error err;
    put_folder(p, is_llama);
    put_weights(p, "model.safetensors", 0, p->due.parameters.count, NULL, 0);
    ck_ok(open_folder(p, &err));
}

static void finish(published *p, const char *weights, const char *more)
{
    spae_arena_free(&p->arena);
    remove_folder(&p->f, p->is_llama ? (const char *const[]){"config.json", "tokenizer.json", weights, more, NULL}
                                     : (const char *const[]){"config.json", "vocab.json", "merges.txt", weights, more, NULL});
}

/* ---- what is due ------------------------------------------------------------------------------------------- */

/* Logits behind n tokens, by one pass over all of them. */
static void logits_of(published *p, const int32_t *id, size_t n, real *logits)
{
    const spae_arena_mark mark = spae_arena_here(&p->arena);
    spae_transformer_cache cache;
    spae_error err;
    ck_ok(spae_transformer_cache_take(&cache, &p->due.config, n, &p->arena, &err));
    ck_ok(spae_transformer_forward(&p->due, &cache, 1, id, n, 1, &p->arena, logits, &err));
    spae_arena_reset(&p->arena, mark);
}

typedef struct {
    int32_t id[40]; /* with those of the prompt */
    size_t prompt, said;
    spae_answer_end end;
} continuation;

/* Token by token, as SPEC 10.26 has it. */
static continuation continue_prompt(published *p, const spae_request *r, size_t sample)
{
    continuation c = {.prompt = r->ids + p->is_llama, .end = SPAE_ANSWER_FULL};
    const size_t V = p->model.tokenizer->V;
    real logits[16];
    double weight[16];
    if (p->is_llama)
        c.id[0] = 1; /* its first token */
    memcpy(c.id + p->is_llama, r->id, r->ids * sizeof *r->id);
    while (c.said < r->max_tokens) {
        const uint32_t position[4] = {r->number, (uint32_t)sample, (uint32_t)c.said, 0};
        logits_of(p, c.id, c.prompt + c.said, logits);
        const size_t next = r->temperature == 0
                                ? spae_most_likely(logits, V)
                                : spae_draw_logits(logits, V, r->temperature, (spae_random_key){r->seed, SPAE_RANDOM_SAMPLE}, position, weight);
        if (p->is_llama ? next == 2 || next == 5 : next == 12) {
            c.end = SPAE_ANSWER_ENDED;
            break;
        }
        c.id[c.prompt + c.said++] = (int32_t)next;
    }
    return c;
}

static void ck_continues(published *p, const spae_request *r)
{
    spae_answer answer[8];
    spae_error err;
    ck_ok(p->model.sample(&p->model, r, 1, &p->arena, answer, &err));
    for (size_t s = 0; s < r->samples; s++) {
        const continuation c = continue_prompt(p, r, s);
        char *text = NULL;
        size_t length = 0;
        ck_assert_uint_eq(answer[s].ids, c.said);
        ck_assert_mem_eq(answer[s].id, c.id + c.prompt, c.said * sizeof c.id[0]);
        ck_assert_int_eq(answer[s].end, c.end);
        ck_ok(p->model.tokenizer->decode(p->model.tokenizer, answer[s].id, answer[s].ids, &p->arena, &text, &length, &err));
        ck_assert(answer[s].length == length && strcmp(answer[s].text, text) == 0);
    }
}

static const int32_t some_ids[] = {0, 1, 8, 9, 6, 3, 7};

static spae_request request_of_ids(size_t samples, double temperature)
{
    return (spae_request){.text = "", .id = some_ids, .ids = 7, .samples = samples, .temperature = temperature,
                          .max_tokens = 9, .seed = 3, .number = 11};
}

START_TEST(answers)
{
    for (int is_llama = 0; is_llama < 2; is_llama++) {
        published p;
        size_t ended = 0, differ = 0;
        start(&p, is_llama != 0);
        ck_assert(strncmp(p.model.name, "transformer:/tmp/", 17) == 0 && p.model.window == 40);
        for (uint32_t seed = 0; seed < 6; seed++) {
            spae_request r = request_of_ids(4, 6);
            spae_answer a[4];
            spae_error err;
            r.seed = seed;
            ck_continues(&p, &r);
            ck_ok(p.model.sample(&p.model, &r, 1, &p.arena, a, &err));
            for (size_t i = 0; i < 4; i++)
                ended += a[i].end == SPAE_ANSWER_ENDED;
            differ += strcmp(a[0].text, a[1].text) != 0;
        }
        ck_assert(ended > 0 && ended < 24 && differ > 0); /* samples that end early leave the others as they are */
        const spae_request greedy = request_of_ids(3, 0);
        ck_continues(&p, &greedy);
        finish(&p, "model.safetensors", NULL);
    }
}
END_TEST

/* Two requests in a call, a prompt as text, and nothing to continue. */
START_TEST(prompts)
{
    published p;
    spae_error err;
    spae_answer one[8], both[8];
    int32_t *id = NULL;
    start(&p, true);
    spae_request r[2] = {request_of_ids(4, 1), request_of_ids(4, 1)};
    r[0].id = NULL;
    r[0].text = "ab ab";
    r[0].length = 5;
    r[1].number = 12;
    ck_ok(p.model.sample(&p.model, r, 2, &p.arena, both, &err));
    for (size_t i = 0; i < 2; i++) {
        ck_ok(p.model.sample(&p.model, &r[i], 1, &p.arena, one, &err));
        for (size_t s = 0; s < 4; s++)
            ck_assert_str_eq(one[s].text, both[4 * i + s].text);
    }
    ck_ok(p.model.tokenizer->encode(p.model.tokenizer, "ab ab", 5, &p.arena, &id, &r[0].ids, &err));
    r[0].id = id;
    ck_continues(&p, &r[0]);
    r[0].ids = 0;
    ck_continues(&p, &r[0]);
    finish(&p, "model.safetensors", NULL);
}
END_TEST

/* An answer ends before its stop, and its ids are those before the token that brought it. */
START_TEST(stops)
{
    published p;
    spae_error err;
    size_t stopped = 0;
    start(&p, false);
    for (uint32_t seed = 0; seed < 20; seed++) {
        spae_request r = request_of_ids(1, 2);
        spae_answer whole, cut;
        char *text = NULL;
        size_t length = 0;
        r.seed = seed;
        ck_ok(p.model.sample(&p.model, &r, 1, &p.arena, &whole, &err));
        r.stop = "bc";
        ck_ok(p.model.sample(&p.model, &r, 1, &p.arena, &cut, &err));
        const char *there = strstr(whole.text, "bc");
        ck_assert_uint_eq(cut.length, there != NULL ? (size_t)(there - whole.text) : whole.length);
        ck_assert_mem_eq(cut.text, whole.text, cut.length);
        ck_assert_int_eq(cut.end, there != NULL ? SPAE_ANSWER_STOPPED : whole.end);
        stopped += there != NULL;
        ck_ok(p.model.tokenizer->decode(p.model.tokenizer, cut.id, cut.ids, &p.arena, &text, &length, &err));
        ck_assert(length <= cut.length && memcmp(text, cut.text, length) == 0);
    }
    ck_assert(stopped > 2 && stopped < 20);
    finish(&p, "model.safetensors", NULL);
}
END_TEST

START_TEST(scores)
{
    for (int is_llama = 0; is_llama < 2; is_llama++) {
        published p;
        spae_error err;
        static const int32_t next[] = {4, 9, 0};
        double due = 0, found = 0;
        start(&p, is_llama != 0);
        const spae_request r = request_of_ids(1, 0);
        int32_t id[12] = {1};
        memcpy(id + is_llama, some_ids, sizeof some_ids);
        memcpy(id + is_llama + 7, next, sizeof next);
        for (size_t i = 0; i < 3; i++) {
            real logits[16];
            logits_of(&p, id, (size_t)is_llama + 7 + i, logits);
            due += spae_log_probability(logits, p.model.tokenizer->V, (size_t)next[i]);
        }
        const size_t used = p.arena.used;
        ck_ok(p.model.score(&p.model, &r, &(spae_answer){.id = next, .ids = 3}, &p.arena, &found, &err));
        ck_assert(found == due && found < 0 && p.arena.used == used);
        ck_ok(p.model.score(&p.model, &r, &(spae_answer){.id = next, .ids = 0}, &p.arena, &found, &err));
        ck_assert(found == 0);
        ck_assert_int_eq(p.model.score(&p.model, &r, &(spae_answer){.id = (const int32_t[]){15}, .ids = 1}, &p.arena, &found, &err),
                         SPAE_ERR_ARGUMENT);
        ck_assert(strstr(err.text, "token 15 is none of") != NULL);
        finish(&p, "model.safetensors", NULL);
    }
}
END_TEST

START_TEST(windows)
{
    published p;
    spae_error err;
    spae_answer answer;
    double score = 0;
    start(&p, false);
    spae_request r = request_of_ids(1, 0);
    r.max_tokens = 33;
    ck_continues(&p, &r); /* 40 in all */
    r.max_tokens = 34;
    ck_assert_int_eq(p.model.sample(&p.model, &r, 1, &p.arena, &answer, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, "a prompt of 7 tokens and 34 to come are 1 beyond the window of 40") != NULL, "%s", err.text);
    int32_t many[60] = {0};
    r.id = many;
    r.ids = 60;
    r.max_tokens = 1;
    ck_assert_int_eq(p.model.sample(&p.model, &r, 1, &p.arena, &answer, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, "are 21 beyond the window of 40") != NULL, "%s", err.text);
    ck_assert_int_eq(p.model.score(&p.model, &r, &(spae_answer){.id = many, .ids = 1}, &p.arena, &score, &err), SPAE_ERR_ARGUMENT);
    finish(&p, "model.safetensors", NULL);
}
END_TEST

/* ---- weights ----------------------------------------------------------------------------------------------- */

/* In two files with an index, beside arrays that are known and not needed. */
START_TEST(several_files)
{
    published p;
    spae_error err;
    static const float mask[4] = {1, 0, 1, 1};
    const safetensors_item more[] = {{"transformer.h.0.attn.bias", 4, {1, 1, 2, 2}, mask, false},
                                     {"lm_head.weight", 2, {2, 2}, mask, false}};
    put_folder(&p, false);
    const size_t half = p.due.parameters.count / 2;
    put_weights(&p, "a-1.safetensors", 0, half, more, 2);
    put_weights(&p, "a-2.safetensors", half, p.due.parameters.count - half, NULL, 0);
    const char *const first = p.due.parameters.item[0].path, *const other = p.due.parameters.item[half].path;
    char index[1024];
    sprintf(index,
            "{\"metadata\":{},\"weight_map\":{\"%s\":\"a-1.safetensors\",\"%s\":\"a-2.safetensors\","
            "\"lm_head.weight\":\"a-1.safetensors\"}}",
            first, other);
    put_text(&p.f, "model.safetensors.index.json", index);
    ck_ok(open_folder(&p, &err));
    const spae_request r = request_of_ids(2, 1);
    ck_continues(&p, &r);
    sprintf(index, "{\"weight_map\":{\"%s\":\"a-1.safetensors\"}}", first);
    put_text(&p.f, "model.safetensors.index.json", index);
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "arrays are missing") != NULL, "%s", err.text);
    put_text(&p.f, "model.safetensors.index.json", "{\"weight_map\":{\"x\":\"../a-1.safetensors\"}}");
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "a file in the same folder") != NULL, "%s", err.text);
    put_text(&p.f, "model.safetensors.index.json", "{\"weight_map\":[]}");
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_FORMAT);
    ck_assert(remove(in_folder(&p.f, "model.safetensors.index.json")) == 0);
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_IO);
    ck_assert_msg(strstr(err.text, "no weights there") != NULL, "%s", err.text);
    finish(&p, "a-1.safetensors", "a-2.safetensors");
}
END_TEST

START_TEST(wrong_weights)
{
    published p;
    spae_error err;
    static float one[16 * 8] = {0};
    put_folder(&p, false);
    put_weights(&p, "model.safetensors", 0, p.due.parameters.count - 1, NULL, 0);
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "1 of 28 arrays are missing: transformer.ln_f.bias") != NULL, "%s", err.text);
    put_weights(&p, "model.safetensors", 0, p.due.parameters.count, &(safetensors_item){"stray", 1, {3}, one, false}, 1);
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "no parameter takes: stray") != NULL, "%s", err.text);
    put_weights(&p, "model.safetensors", 1, p.due.parameters.count - 1,
                &(safetensors_item){"transformer.wte.weight", 2, {16, 7}, one, false}, 1);
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_SHAPE);
    ck_assert_msg(strstr(err.text, "transformer.wte.weight") != NULL && strstr(err.text, "(16,8)") != NULL, "%s", err.text);
    one[5] = (float)NAN;
    put_weights(&p, "model.safetensors", 1, p.due.parameters.count - 1,
                &(safetensors_item){"transformer.wte.weight", 2, {16, 8}, one, false}, 1);
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_NOT_FINITE);
    finish(&p, "model.safetensors", NULL);
}
END_TEST

/* Weights that are finite, and logits that are not: an error, not an answer. */
START_TEST(logits_that_are_no_numbers)
{
    published p;
    spae_error err;
    spae_answer answer;
    put_folder(&p, false);
    real *value = spae_arena_take(&p.arena, p.due.parameters.elements, sizeof *value);
    for (size_t i = 0; i < p.due.parameters.elements; i++)
        value[i] = p.due.values[i] * (real)1e37;
    p.due.values = value;
    put_weights(&p, "model.safetensors", 0, p.due.parameters.count, NULL, 0);
    ck_ok(open_folder(&p, &err));
    const spae_request r = request_of_ids(1, 1);
    ck_assert_int_eq(p.model.sample(&p.model, &r, 1, &p.arena, &answer, &err), SPAE_ERR_NOT_FINITE);
    finish(&p, "model.safetensors", NULL);
}
END_TEST

/* The vocabulary of another model. */
START_TEST(tokenizer_of_another)
{
    published p;
    spae_error err;
    put_folder(&p, false);
    put_text(&p.f, "config.json",
             "{\"model_type\":\"gpt2\",\"n_layer\":2,\"n_head\":2,\"n_embd\":8,\"vocab_size\":12,\"n_positions\":40}");
    put_weights(&p, "model.safetensors", 0, p.due.parameters.count, NULL, 0);
    const size_t used = p.arena.used;
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "the tokenizer has 13 tokens, the weights 12") != NULL, "%s", err.text);
    ck_assert_uint_eq(p.arena.used, used);
    ck_assert(remove(in_folder(&p.f, "config.json")) == 0);
    ck_assert_int_eq(open_folder(&p, &err), SPAE_ERR_IO);
    put_text(&p.f, "config.json", GPT2_CONFIG);
    finish(&p, "model.safetensors", NULL);
}
END_TEST

SUITE(suite_io_language_transformer, "io/language_transformer", answers, prompts, stops, scores, windows, several_files,
      wrong_weights, logits_that_are_no_numbers, tokenizer_of_another)
