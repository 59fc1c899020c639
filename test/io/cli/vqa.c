/* spae vqa: the question that is asked, the word that is taken of the answer, wrong use. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "asked.h"

#define MODEL "vqa --model m.npz --join plain --tokens t.txt --layers 1 --text red --text blue "
#define ASKED MODEL "--question what? --question who? --question why? "

START_TEST(an_answer)
{
    enter();
    put_tokens();
    put_program(" because \\\\nof");
    ck_assert_msg(run(spae_cli_vqa, ASKED "--llm command:./p") == 0, "%s", run_err);
    ck_assert_str_eq(run_out, "because\n");
    was_asked("\"prompt\":\"Answer with a single word.\\nC: seven\\nQ: what?\\nA: red\\nC: "
              "caf\xC3\xA9\\nQ: who?\\nA: blue\\nC: 9\\nQ: why?"
              "\\nA:\"");
    was_asked("\"max_tokens\":4");
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_tokens();
    put_program(" ");
    refused(spae_cli_vqa, ASKED "--llm command:./p", 1,
            "spae vqa: the language model answered \" \", expected a single word");
    refused(spae_cli_vqa, MODEL "--question what? --question who?", 2, "--question");
    refused(spae_cli_vqa,
            "vqa --model m.npz --tokens t.txt --text red --question a --question b --question c", 2,
            "--text");
    refused(spae_cli_vqa,
            "vqa --model none.npz --tokens t.txt --text a --text b --question a --question b "
            "--question c",
            1, "none.npz");
    leave();
}
END_TEST

SUITE(suite_io_cli_vqa, "io/cli/vqa", an_answer, wrong_use)
