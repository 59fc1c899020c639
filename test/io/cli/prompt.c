/* spae prompt: each task's prompt to the byte, from pictures, token files and data sets; wrong use ends with one line. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/base64.h"
#include "../../../io/cli/commands.h"
#include "../../../io/episode.h"
#include "../../../io/tokens.h"
#include "run.h"

/* Three pictures of two layers; words 0 seven, 5 cafe, 7 twice, 8 9, 11 [x]. */
static void put_tokens(void)
{
    static const char three[] = "0\n7 7 8 8\n\n5\n0 0 0 0\n\n8\n11 11 11 7\n";
    put_file("t.txt", three, sizeof three - 1);
}

static void printed(const char *line, const char *due)
{
    ck_assert_msg(run(spae_cli_prompt, line) == 0, "%s", run_err);
    ck_assert_msg(strcmp(run_out, due) == 0, "%s:\nis\n%s\ndue\n%s", line, run_out, due);
    ck_assert_str_eq(run_err, "");
}

#define MODEL "prompt --model m.npz --join plain --tokens t.txt "

START_TEST(classification)
{
    enter();
    put_tokens();
    printed(MODEL "--task classify --label lion --label vase",
            "For each of the following input output pairs, output is one of ['lion', 'vase']\n"
            "###\nInput: seven twice twice 9 9\nOutput: lion\n"
            "###\nInput: caf\xC3\xA9 seven seven seven seven\nOutput: vase\n"
            "###\nInput: 9 [x] [x] [x] twice\nOutput:");
    printed(MODEL "--task classify --label lion --label vase --layers 1 --repeats 1 --no-induction --template palm2",
            "seven\nThis is a lion\ncaf\xC3\xA9\nThis is a vase\nseven\nThis is a lion\ncaf\xC3\xA9\nThis is a vase\n9\nThis is a");
    printed(MODEL "--task classify --label lion --ways 1 --shots 2 --layers 1",
            "For each of the following input output pairs, output is one of ['lion']\n"
            "###\nInput: seven\nOutput: lion\n###\nInput: caf\xC3\xA9\nOutput: lion\n###\nInput: 9\nOutput:");
    printed(MODEL "--task classify --label a --label b --layers 1 --no-induction -o p.txt", "");
    printed("prompt --model m.npz --tokens t.txt --task classify --label a --label b --layers 1 --no-induction --json",
            "{\"text\":\"###\\nInput: seven\\nOutput: a\\n###\\nInput: caf\xC3\xA9\\nOutput: b\\n###\\nInput: 9\\nOutput:\","
            "\"ids\":null,\"samples\":1,\"temperature\":0.0,\"max_tokens\":7,\"stop\":null,\"labels\":[\"a\",\"b\"],"
            "\"answer\":null}\n");
    leave();
}
END_TEST

START_TEST(descriptions)
{
    enter();
    put_tokens();
    printed(MODEL "--task caption --text one --text two --layers 1",
            "Generate a caption sentence based on words describing an image.\n"
            "Q: seven\nA: one\nQ: caf\xC3\xA9\nA: two\nQ: 9\nA:");
    printed(MODEL "--task vqa --layers 1 --text red --text blue --question what? --question who? --question why?",
            "Answer with a single word.\n"
            "C: seven\nQ: what?\nA: red\nC: caf\xC3\xA9\nQ: who?\nA: blue\nC: 9\nQ: why?\nA:");
    leave();
}
END_TEST

START_TEST(generation)
{
    enter();
    put_tokens();
    printed(MODEL "--task par --stride 2 --step 2 --condition 1 --condition 2 --condition 3",
            "Learn a new language and predict the 2 tokens following the examples.\n"
            "C: 1\nQ: seven twice\nA: twice 9\n"
            "C: 2\nQ: caf\xC3\xA9 seven\nA: seven seven\n"
            "C: 3\nQ: 9 [x]\nA:");
    printed(MODEL "--task par --layers 2 --condition 1 --condition 2 --condition 3 --condition 4",
            "Learn a new language and predict the 4 tokens following the examples.\n"
            "C: 1\nQ: \nA: seven twice twice 9\n"
            "C: 2\nQ: \nA: caf\xC3\xA9 seven seven seven\n"
            "C: 3\nQ: \nA: 9 [x] [x] [x]\n"
            "C: 4\nQ: \nA:");
    printed(MODEL "--task par --layers 2 --stride 1",
            "Learn a new language and predict the 1 tokens following the examples.\n"
            "C: seven twice twice 9 9\nQ: \nA: caf\xC3\xA9\n"
            "C: 9 [x] [x] [x] twice\nQ: \nA:");
    printed("prompt --model m.npz --join plain --tokens t.txt t.txt --task par --layers 2 --step 2",
            "Learn a new language and predict the 1 tokens following the examples.\n"
            "C: seven twice twice 9 9\nQ: caf\xC3\xA9 seven seven seven\nA: seven\n"
            "C: 9 [x] [x] [x] twice\nQ: seven twice twice 9\nA: 9\n"
            "C: caf\xC3\xA9 seven seven seven seven\nQ: 9 [x] [x] [x]\nA:");
    printed(MODEL "--task pnar --layers 1 --stride 3 --step 2",
            "Predict the outputs following the examples.\n"
            "Q: seven\nA: 9\nQ: caf\xC3\xA9\nA: seven\nQ: 9\nA:");
    printed(MODEL "--task pnar --layers 0",
            "Predict the outputs following the examples.\nQ: \nA: seven\nQ: \nA: caf\xC3\xA9\nQ: \nA:");
    leave();
}
END_TEST

/* Pictures are encoded as spae encode does. */
START_TEST(pictures)
{
    char due[4096];
    enter();
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz in.npy -o t.txt"), 0);
    ck_assert_int_eq(run(spae_cli_prompt, MODEL "--task caption"), 0);
    strcpy(due, run_out);
    ck_assert(strncmp(due, "Generate a caption", 18) == 0);
    printed("prompt --model m.npz --join plain --task caption in.npy", due);
    leave();
}
END_TEST

/* v.tiktoken: the bytes, then " seven" 256, " twice" 257 and "9" in its byte; pattern.json beside it. */
static void put_vocabulary(void)
{
    static const char pattern[] = "{\"pat_str\":\" ?[a-zA-Z]+|.|\\\\s\",\"special_tokens\":{}}";
    static const char *const word[] = {" seven", " twice"};
    static char file[8192];
    size_t n = 0;
    for (size_t i = 0; i < 258; i++) {
        const uint8_t byte = (uint8_t)i;
        const uint8_t *text = i < 256 ? &byte : (const uint8_t *)word[i - 256];
        const size_t count = i < 256 ? 1 : strlen(word[i - 256]);
        spae_base64_write(text, count, file + n);
        n += spae_base64_size(count);
        n += (size_t)sprintf(file + n, " %d\n", (int)i);
    }
    put_file("v.tiktoken", file, n);
    put_file("pattern.json", pattern, sizeof pattern - 1);
}

/* " seven" says its space, "9" does not; cafe and [x] are no tokens. */
START_TEST(ids)
{
    static const char some[] = "0\n7 7 8 8\n\n7\n0 0 0 0\n";
    enter();
    put_tokens();
    put_vocabulary();
    put_file("s.txt", some, sizeof some - 1);
#define SOME "prompt --model m.npz --join plain --tokens s.txt --tokenizer v.tiktoken "
    printed(SOME "--task classify --no-induction --ways 1 --label a --template palm2 --ids",
            "256 257 257 57 57 10 84 104 105 115 32 105 115 32 97 32 97 10 " /* .. \nThis is a a\n */
            "257 256 256 256 256 10 84 104 105 115 32 105 115 32 97\n");
    printed(SOME "--task par --condition c --condition d --layers 1 --json",
            "{\"text\":\"Learn a new language and predict the 1 tokens following the examples.\\nC: c\\nQ: \\nA: seven\\n"
            "C: d\\nQ: \\nA:\",\"ids\":[76,101,97,114,110,32,97,32,110,101,119,32,108,97,110,103,117,97,103,101,32,97,110,100,32,"
            "112,114,101,100,105,99,116,32,116,104,101,32,49,32,116,111,107,101,110,115,32,102,111,108,108,111,119,105,110,103,32,"
            "116,104,101,32,101,120,97,109,112,108,101,115,46,10,67,58,32,99,10,81,58,32,10,65,58,256,10,67,58,32,100,10,81,58,32,"
            "10,65,58],\"samples\":8,\"temperature\":0.0,\"max_tokens\":1,\"stop\":null,\"labels\":[],\"answer\":null}\n");
    refused(spae_cli_prompt, SOME "--task classify --ways 1 --label a --window 50", 1,
            "beyond the window of 50");
    refused(spae_cli_prompt, SOME "--task caption --text a --window 100", 1,
            "prompt: 87 tokens and 20 to come are 7 beyond the window of 100; layers 1 would fit");
    refused(spae_cli_prompt, MODEL "--task caption --text a --text b --tokenizer v.tiktoken", 1,
            "of 5 words in use the language model's vocabulary lacks 2: \"caf??\", \"[x]\"");
    refused(spae_cli_prompt, SOME "--task caption --text a --ids --json", 2, "--ids and --json exclude each other");
    refused(spae_cli_prompt, MODEL "--task caption --text a --text b --tokenizer none.json", 1, "none.json");
    leave();
}
END_TEST

/* ---- data -------------------------------------------------------------------------------------------- */

enum { DATA = 12, DATA_CLASSES = 3 };

/* i-images-idx3-ubyte: twelve pictures 8x8 of labels 0, 1, 2, 0, .. */
static void put_data(void)
{
    uint8_t images[16 + DATA * TINY_SIDE * TINY_SIDE] = {0, 0, 8, 3, 0, 0, 0, DATA, 0, 0, 0, TINY_SIDE, 0, 0, 0, TINY_SIDE};
    uint8_t labels[8 + DATA] = {0, 0, 8, 1, 0, 0, 0, DATA};
    for (size_t i = 16; i < sizeof images; i++)
        images[i] = (uint8_t)(i * i / 7 % 256);
    for (size_t i = 0; i < DATA; i++)
        labels[8 + i] = (uint8_t)(i % DATA_CLASSES);
    put_file("i-images-idx3-ubyte", images, sizeof images);
    put_file("i-labels-idx1-ubyte", labels, sizeof labels);
}

/* The episode as the library draws it. */
static spae_episode episode_of(spae_arena *arena, uint32_t seed, uint32_t number)
{
    spae_dataset dataset;
    spae_classes classes;
    spae_episode e;
    const size_t size[3] = {1, TINY_SIDE, TINY_SIDE};
    ck_assert_int_eq(spae_dataset_open(arena, "i-images-idx3-ubyte", SPAE_DATASET_TEST, size, &dataset, NULL), SPAE_OK);
    ck_assert_int_eq(spae_classes_of(&dataset, spae_dataset_digits, 10, arena, &classes, NULL), SPAE_OK);
    ck_assert_int_eq(spae_episode_sample(&classes, seed, number, 2, 1, arena, &e, NULL), SPAE_OK);
    return e;
}

START_TEST(data)
{
    char part[400];
    spae_arena arena = new_arena();
    enter();
    put_data();
    const spae_episode e = episode_of(&arena, 5, 9);
    ck_assert_int_eq(run(spae_cli_prompt, "prompt --model m.npz --join plain --task classify --data i-images-idx3-ubyte --seed 5 "
                                          "--episode 9 --layers 1 --json"),
                     0);
    snprintf(part, sizeof part, "output is one of ['%s', '%s']\\n###\\nInput: ", e.label[0], e.label[1]);
    ck_assert_msg(strstr(run_out, part) != NULL, "%s lacks %s", run_out, part);
    snprintf(part, sizeof part, "\"labels\":[\"%s\",\"%s\"],\"answer\":\"%s\"}\n", e.label[0], e.label[1], e.label[e.asked[2]]);
    ck_assert_msg(strstr(run_out, part) != NULL, "%s lacks %s", run_out, part);
    ck_assert_int_eq(run(spae_cli_prompt, "prompt --model m.npz --join plain --task par --data i-images-idx3-ubyte --seed 5 "
                                          "--episode 9 --ways 2 --shots 1"),
                     0);
    snprintf(part, sizeof part, "examples.\nC: an image of %d\nQ: \nA: ", (int)e.class_of[0]);
    ck_assert_msg(strstr(run_out, part) != NULL, "%s lacks %s", run_out, part);
    snprintf(part, sizeof part, "\nC: an image of %d\nQ: \nA:", (int)e.class_of[e.asked[2]]);
    ck_assert_msg(strlen(run_out) > strlen(part) && strcmp(run_out + strlen(run_out) - strlen(part), part) == 0,
                  "%s does not end with %s", run_out, part);
    refused(spae_cli_prompt, "prompt --model m.npz --task pnar --data i-images-idx3-ubyte --ways 4", 1,
            "episode: 0 of 10 classes have 6 pictures of their own, 4 ways need 4");
    refused(spae_cli_prompt, "prompt --model m.npz --task classify --data in.npy", 1, "have no classes");
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_tokens();
    refused(spae_cli_prompt, "prompt --task classify", 2, "--model M is needed");
    refused(spae_cli_prompt, "prompt --model m.npz", 2, "--task T is needed");
    refused(spae_cli_prompt, MODEL "--task draw", 2, "--task: draw is none of classify, caption, vqa, par, pnar");
    refused(spae_cli_prompt, MODEL "--task classify --label a", 2, "--label: given 1 times, expected 2");
    refused(spae_cli_prompt, MODEL "--task classify --label a --label b --shots 2", 2, "3 pictures, expected 5");
    refused(spae_cli_prompt, MODEL "--task caption --text a", 2, "--text: given 1 times, expected 2");
    refused(spae_cli_prompt, MODEL "--task vqa --text a --text b --question c", 2, "--question: given 1 times, expected 3");
    refused(spae_cli_prompt, MODEL "--task caption --label a", 2, "--label: only classify without --data has it");
    refused(spae_cli_prompt, MODEL "--task caption --ways 2", 2, "--ways: only classify or --data has it");
    refused(spae_cli_prompt, MODEL "--task caption --stride 2", 2, "--stride: only par or pnar has it");
    refused(spae_cli_prompt, MODEL "--task caption --data d", 2, "--data: only classify, par and pnar take it");
    refused(spae_cli_prompt, MODEL "--task classify --data d", 2, "--data: then no files are given");
    refused(spae_cli_prompt, MODEL "--task classify --seed 1", 2, "--seed: only --data has it");
    refused(spae_cli_prompt, MODEL "--task par --layers 5", 2, "--layers: 5 is not a whole number from 1 to 4");
    refused(spae_cli_prompt, MODEL "--task pnar --layers 4", 2, "--layers: 4 is not a whole number from 0 to 3");
    refused(spae_cli_prompt, MODEL "--task par --layers 2 --step 3", 2, "5 tokens in steps of 4 are 2 steps");
    refused(spae_cli_prompt, MODEL "--task par --step 2", 2, "the query's target is missing, of which step 2 is given 4 tokens");
    refused(spae_cli_prompt, MODEL "--task par --condition a --condition b", 2, "3 pictures, expected 2");
    refused(spae_cli_prompt, MODEL "--task pnar", 2, "picture 1 has 5 tokens, step 1 needs 37");
    refused(spae_cli_prompt, "prompt --model m.npz --task par", 2, "0 pictures, expected 1");
    refused(spae_cli_prompt, "prompt --model m.npz --task caption", 2, "0 pictures, expected 1");
    refused(spae_cli_prompt, MODEL "--task caption --text a --text b --ids", 2, "--ids: needs --tokenizer");
    refused(spae_cli_prompt, MODEL "--task caption --text a --text b --window 9", 2, "--window: needs --tokenizer");
    refused(spae_cli_prompt, "prompt --model m.npz --task caption none.png", 1, "none.png: ");
    refused(spae_cli_prompt, "prompt --model m.npz --task caption --tokens none.txt", 1, "none.txt: ");
    refused(spae_cli_prompt, "prompt --model m.npz --task caption --tokens in.npy", 1, "in.npy: ");
    refused(spae_cli_prompt, "prompt --model none.npz --task caption in.npy", 1, "none.npz: ");
    refused(spae_cli_prompt, MODEL "--task caption --text a --text b -o no/where.txt", 1, "no/where.txt");
    leave();
}
END_TEST

SUITE(suite_io_cli_prompt, "io/cli/prompt", classification, descriptions, generation, pictures, ids, data, wrong_use)
