/* spae caption: the prompt that is asked, the line that is taken of the answer, wrong use. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "asked.h"

#define MODEL "caption --model m.npz --join plain --tokens t.txt --layers 1 --text one --text two "

START_TEST(a_caption)
{
    enter();
    put_tokens();
    put_program("  a house on a hill \\\\nQ: and more");
    ck_assert_msg(run(spae_cli_caption, MODEL "--llm command:./p --transcript t.jsonl") == 0, "%s",
                  run_err);
    ck_assert_str_eq(run_out, "a house on a hill\n");
    was_asked("\"prompt\":\"Generate a caption sentence based on words describing an image.\\nQ: "
              "seven\\nA: one\\nQ: caf\xC3\xA9\\nA: two"
              "\\nQ: 9\\nA:\"");
    was_asked("\"max_tokens\":20");
    ck_assert(remove("p") == 0); /* the transcript has the answer */
    ck_assert_int_eq(run(spae_cli_caption, MODEL "--llm replay:t.jsonl"), 0);
    ck_assert_str_eq(run_out, "a house on a hill\n");
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_tokens();
    put_program("");
    refused(spae_cli_caption, MODEL "--llm command:./p", 1,
            "spae caption: the language model answered \"\", expected a caption");
    put_program(" \\\\n \\\\n");
    refused(spae_cli_caption, MODEL "--llm command:./p", 1, "expected a caption");
    refused(spae_cli_caption,
            "caption --model m.npz --join plain --tokens t.txt --layers 1 --text one", 2, "--text");
    refused(spae_cli_caption, MODEL "--layers 9", 2, "--layers");
    refused(spae_cli_caption, MODEL "--question why?", 2, "--question: no such option");
    refused(spae_cli_caption, "caption --model m.npz", 2, "EXAMPLE");
    refused(spae_cli_caption, "caption --model m.npz none.npy in.npy --text one", 1, "none.npy");
    leave();
}
END_TEST

SUITE(suite_io_cli_caption, "io/cli/caption", a_caption, wrong_use)
