/* What the suites of classify, caption and vqa share: tokens to ask about, and a program that
 * answers and keeps what it was asked. */
#ifndef SPAE_TEST_IO_CLI_ASKED_H
#define SPAE_TEST_IO_CLI_ASKED_H

#include <sys/stat.h>

#include "run.h"

/* Three pictures' tokens, two layers: words 0 seven, 5 cafe, 7 twice, 8 9, 11 [x]. */
static inline void put_tokens(void)
{
    static const char three[] = "0\n7 7 8 8\n\n5\n0 0 0 0\n\n8\n7 7 8 0\n";
    put_file("t.txt", three, sizeof three - 1);
}

/* The program `p`: one answer, as JSON has it, to everything; the request it was given is kept in
 * `asked`. */
static inline void put_program(const char *answer)
{
    char text[400];
    const int size = snprintf(
        text, sizeof text,
        "cp \"$1\" asked; number=$(sed 's/.*\"number\":\\([0-9]*\\).*/\\1/' \"$1\" | head -n 1)\n"
        "cat >\"$2\" <<END\n"
        "{\"answers\":[{\"number\":$number,\"samples\":[{\"text\":\"%s\",\"end\":\"end\"}]}]}\n"
        "END\n",
        answer);
    ck_assert(size > 0 && (size_t)size < sizeof text);
    put_file("p", text, (size_t)size);
    ck_assert(chmod("p", 0700) == 0);
}

/* The last request has this part. */
static inline void was_asked(const char *part)
{
    static char text[8000];
    FILE *file = fopen("asked", "rb");
    ck_assert(file != NULL);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    ck_assert_msg(strstr(text, part) != NULL, "%s\nlacks\n%s", text, part);
}

#endif
