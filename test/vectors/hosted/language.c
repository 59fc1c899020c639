/* Stage files, what language models are asked and answer: SPEC 8.36 to 8.39. */
#include <string.h>

#include "io/language_answers.h"
#include "io/language_http.h"
#include "io/transcript.h"
#include "raw.h"

/* The request of every case; its texts are the case's. */
#define REQUEST "\"number\":3,\"n\":2,\"temperature\":0.5,\"max_tokens\":4,\"stop\":\"\\n\",\"seed\":7"
#define PLAIN   "\"number\":4294967295,\"n\":1,\"temperature\":0,\"max_tokens\":9,\"stop\":null,\"seed\":4294967295"

static const spae_request request = {
    .samples = 2, .temperature = 0.5, .max_tokens = 4, .stop = "\n", .seed = 7, .number = 3};
static const spae_request plain = {.samples = 1, .max_tokens = 9, .seed = 4294967295, .number = 4294967295};

/* ---- requests, SPEC 8.36 and 8.38 ---- */

enum { IDS = 3 };
static const int32_t id[IDS] = {0, 7, 50256};

/* Gives the prompt, and ids if there are any. */
static spae_request with_prompt(vectors *v, const spae_request *base, const char *prompt, size_t length, bool ids)
{
    spae_request r = *base;
    vectors_octets(v, "prompt", VECTORS_INPUT, 1, &length, prompt);
    r.text = prompt;
    r.length = length;
    if (ids) {
        vectors_integers(v, "ids", VECTORS_INPUT, 1, (const size_t[]){IDS}, id);
        r.id = id;
        r.ids = IDS;
    }
    return r;
}

static void given_back(vectors *v, spae_status due, spae_status returned, const uint8_t *const *file,
                       const size_t *size)
{
    if (vectors_returned(v, due, returned))
        vectors_octets(v, "file", VECTORS_BITS, 1, size, *file);
}

static void asked(vectors *v, const char *name, const char *with, const spae_request *base, const char *prompt,
                  size_t length, bool ids, spae_status due, const char *why)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    if (!vectors_begin(v, name, "8.36", "write_requests", with, why))
        return;
    const spae_request r = with_prompt(v, base, prompt, length, ids);
    given_back(v, due, spae_requests_write(&r, 1, v->arena, &file, &size, v->err), &file, &size);
    vectors_end(v);
}

static void score_asked(vectors *v)
{
    const spae_answer c = {"e\xC3\xA9", 3, NULL, 0, SPAE_ANSWER_ENDED};
    const uint8_t *file = NULL;
    size_t size = 0;
    if (!vectors_begin(v, "files/request_score", "8.36", "write_requests", "{\"number\":3}",
                       "ids of the prompt, none of the continuation"))
        return;
    const spae_request r = with_prompt(v, &request, "a", 1, true);
    vectors_octets(v, "continuation", VECTORS_INPUT, 1, &c.length, c.text);
    given_back(v, SPAE_OK, spae_score_request_write(&r, &c, v->arena, &file, &size, v->err), &file, &size);
    vectors_end(v);
}

static void sent(vectors *v, const char *name, const char *with, const spae_request *base, size_t had, bool chat,
                 const char *model, bool ids, const char *why)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    if (!vectors_begin(v, name, "8.38", "write_body", with, why))
        return;
    const spae_request r = with_prompt(v, base, "say \"a\"\n", 8, ids);
    given_back(v, SPAE_OK, spae_http_body_write(&r, had, chat, model, v->arena, &file, &size, v->err), &file, &size);
    vectors_end(v);
}

#define D(text) VECTORS_TEXT(text)
#define F       SPAE_ERR_FORMAT

static void requests(vectors *v)
{
    asked(v, "files/request", "{" REQUEST "}", &request, D("say \"a\"\\\n\xC3\xA9\x01"), false, SPAE_OK,
          "escapes, no ids");
    asked(v, "files/request_ids", "{" PLAIN "}", &plain, D("a"), true, SPAE_OK,
          "ids, nothing to stop at, temperature 0");
    asked(v, "files/request_bytes", "{" REQUEST "}", &request, D("a\xFF"), true, SPAE_OK,
          "ids alone can say the prompt");
    asked(v, "files/request_refused_bytes", "{" REQUEST "}", &request, D("a\xFF"), false, SPAE_ERR_ARGUMENT,
          "not UTF-8, and no ids");
    score_asked(v);
    sent(v, "files/body", "{" REQUEST ",\"had\":0,\"chat\":false,\"model\":null}", &request, 0, false, NULL, false,
         "a text to complete");
    sent(v, "files/body_rest", "{" REQUEST ",\"had\":1,\"chat\":false,\"model\":\"m/1\"}", &request, 1, false, "m/1",
         true, "ids, and one sample is there already: another seed");
    sent(v, "files/body_chat", "{" PLAIN ",\"had\":0,\"chat\":true,\"model\":\"m/1\"}", &plain, 0, true, "m/1", false,
         "a message; the seed wraps at 2^31");
}

/* ---- answers, SPEC 8.37 and 8.38 ---- */

static void samples(vectors *v, const spae_answer *answer, size_t count)
{
    const char **text = vectors_room(v, count, sizeof *text);
    int32_t *end = vectors_room(v, count, sizeof *end);
    if (text == NULL || end == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        text[i] = answer[i].text;
        end[i] = (int32_t)answer[i].end;
    }
    vectors_texts(v, "text", VECTORS_BITS, text, count);
    vectors_integers(v, "end", VECTORS_BITS, 1, &count, end);
}

static void answered(vectors *v, const char *name, const char *file, size_t size, spae_status due, const char *why)
{
    spae_answer answer[2];
    if (!vectors_begin(v, name, "8.6 8.37", "read_answers", "{" REQUEST "}", why))
        return;
    vectors_octets(v, "file", VECTORS_INPUT, 1, &size, file);
    if (vectors_returned(v, due, spae_answers_read("file", file, size, &request, 1, NULL, v->arena, answer, v->err)))
        samples(v, answer, 2);
    vectors_end(v);
}

static void scored(vectors *v, const char *name, const char *file, size_t size, spae_status due, const char *why)
{
    double value = 0;
    if (!vectors_begin(v, name, "8.6 8.37", "read_score", "{\"number\":3}", why))
        return;
    vectors_octets(v, "file", VECTORS_INPUT, 1, &size, file);
    if (vectors_returned(v, due, spae_score_answer_read("file", file, size, 3, v->arena, &value, v->err)))
        vectors_wides(v, "log_probability", VECTORS_BITS, 0, NULL, &value);
    vectors_end(v);
}

static void chosen(vectors *v, const char *name, bool chat, const char *file, size_t size, spae_status due,
                   const char *why)
{
    spae_answer answer[2];
    size_t had = 0;
    if (!vectors_begin(v, name, "8.6 8.38", "read_choices",
                       chat ? "{" REQUEST ",\"chat\":true}" : "{" REQUEST ",\"chat\":false}", why))
        return;
    vectors_octets(v, "file", VECTORS_INPUT, 1, &size, file);
    if (vectors_returned(
            v, due, spae_http_answer_read("file", file, size, &request, chat, NULL, v->arena, answer, &had, v->err)))
        samples(v, answer, had);
    vectors_end(v);
}

#define A(samples) "{\"answers\":[{\"number\":3,\"samples\":[" samples "]}]}"
#define S(text)    "{\"text\":\"" text "\",\"end\":\"length\"}"

static void answers(vectors *v)
{
    answered(v, "files/answers",
             D("{\"by\":1,"
               "\"answers\":[{\"samples\":[{\"end\":\"end\",\"text\":\"\",\"ids\":[1]}," S(
                   "\\ud83d\\ude00") "],"
                                     "\"number\":3}]}\n"),
             SPAE_OK, "an empty text; members that nobody knows");
    answered(v, "files/answers_stop", D(A(S("one\\ntwo\\n") "," S("\\n"))), SPAE_OK, "both are cut, and have stopped");
    answered(v, "files/answers_refused_number", D("{\"answers\":[{\"number\":4,\"samples\":[" S("") "," S("") "]}]}"),
             F, "the answer to another request");
    answered(v, "files/answers_refused_few", D(A(S("a"))), F, "one sample of two");
    answered(v, "files/answers_refused_many", D(A(S("a") "," S("b") "," S("c"))), F, "three samples of two");
    answered(v, "files/answers_refused_more", D("{\"answers\":[{\"number\":3,\"samples\":[" S("") "," S("") "]},{}]}"),
             F, "an answer that nobody asked for");
    answered(v, "files/answers_refused_end", D(A(S("a") ",{\"text\":\"b\",\"end\":\"eos\"}")), F,
             "an end of another name");
    answered(v, "files/answers_refused_no_text", D(A(S("a") ",{\"ids\":[1],\"end\":\"end\"}")), F,
             "ids alone, without a vocabulary");
    answered(v, "files/answers_refused_zero", D(A(S("a") "," S("\\u0000"))), F, "U+0000");
    scored(v, "files/answers_score", D("{\"answers\":[{\"number\":3,\"log_probability\":-1.25e1}]}"), SPAE_OK,
           "a logarithm");
    scored(v, "files/answers_refused_score", D("{\"answers\":[{\"number\":3,\"log_probability\":0.5}]}"), F,
           "a probability above 1");
    chosen(v, "files/choices", false,
           D("{\"choices\":[{\"text\":\" one\\ntwo\",\"index\":0,\"finish_reason\":\"length\"}]}"), SPAE_OK,
           "one of two; it is cut");
    chosen(
        v, "files/choices_ends", false,
        D("{\"choices\":[{\"text\":\"a\",\"finish_reason\":\"length\"},{\"text\":\"b\",\"finish_reason\":\"eos\"}]}"),
        SPAE_OK, "at full length, and for a reason of the server's own");
    chosen(v, "files/choices_chat", true,
           D("{\"error\":null,\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"},"
             "{\"message\":{\"content\":null},\"finish_reason\":null}]}"),
           SPAE_OK, "of messages; one says nothing");
    chosen(v, "files/choices_refused_none", false, D("{\"choices\":[]}"), F, "no choice");
    chosen(v, "files/choices_refused_many", false, D("{\"choices\":[{\"text\":\"\"},{\"text\":\"\"},{\"text\":\"\"}]}"),
           F, "three of two");
    chosen(v, "files/choices_refused_type", false, D("{\"choices\":[{\"text\":7}]}"), F, "a number for a text");
    chosen(v, "files/choices_refused_form", true, D("{\"choices\":[{\"text\":\"a\"}]}"), F,
           "a text where a message is due");
    chosen(v, "files/choices_refused_error", false, D("{\"error\":{\"message\":\"busy\"}}"), F,
           "an error of the server's");
}

/* ---- transcripts, SPEC 8.39 ---- */

static void line(vectors *v, spae_buffer *all, spae_status status, const uint8_t *bytes, size_t size)
{
    spae_sink sink = spae_sink_buffer(all);
    vectors_expect(v, status == SPAE_OK ? spae_sink_write(&sink, bytes, size, v->err) : status);
}

/* The transcript as it is written, each choice behind its request. */
static void written_again(vectors *v, const spae_transcript *t)
{
    spae_buffer all = {v->arena, NULL, 0, 0};
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = spae_transcript_head(t->model, t->window, v->arena, &bytes, &size, v->err);
    line(v, &all, status, bytes, size);
    for (size_t i = 0; i < t->count && vectors_goes_on(v); i++) {
        const spae_record *r = &t->record[i];
        char choice[SPAE_TRANSCRIPT_CHOICE_ROOM];
        status = r->answer == NULL ? spae_transcript_score(&r->request, &r->continuation, r->log_probability, v->arena,
                                                           &bytes, &size, v->err)
                                   : spae_transcript_samples(&r->request, r->answer, v->arena, &bytes, &size, v->err);
        line(v, &all, status, bytes, size);
        if (r->choice != SPAE_CHOICE_UNKNOWN)
            line(v, &all, SPAE_OK, (const uint8_t *)choice,
                 spae_transcript_choice(r->request.number, r->choice, choice));
    }
    vectors_octets(v, "written", VECTORS_BITS, 1, &all.size, all.bytes);
}

static void transcript(vectors *v, const char *name, const char *file, size_t size, spae_status due, const char *why)
{
    spae_transcript t;
    if (!vectors_begin(v, name, "8.6 8.39", "read_transcript", "{}", why))
        return;
    vectors_octets(v, "file", VECTORS_INPUT, 1, &size, file);
    if (vectors_returned(v, due, spae_transcript_parse("file", file, size, v->arena, &t, v->err))) {
        const int32_t torn = (int32_t)t.torn;
        written_again(v, &t);
        vectors_integers(v, "torn", VECTORS_BITS, 0, NULL, &torn);
    }
    vectors_end(v);
}

#define HEAD   "{\"transcript\":1,\"model\":\"m\",\"window\":100}\n"
#define SAMPLE "{\"text\":\"x\",\"ids\":null,\"end\":\"end\"}"
#define LINE   "{\"number\":3,\"prompt\":\"a\",\"ids\":null," N2 ",\"samples\":[" SAMPLE "," SAMPLE "]}\n"
#define N2     "\"n\":2,\"temperature\":0.5,\"max_tokens\":4,\"stop\":\"\\n\",\"seed\":7"

static void transcripts(vectors *v)
{
    transcript(
        v, "files/transcript",
        D(HEAD LINE
          "{\"choice\":1,\"number\":3}\n"
          "{\"number\":4,\"prompt\":{\"bytes\":[97,0,255]},\"ids\":[5,6],\"n\":1,\"temperature\":0,\"max_tokens\":9,"
          "\"seed\":0,\"samples\":[{\"text\":\"\",\"end\":\"length\",\"ids\":[]}],\"more\":{}}\n"
          "{\"number\":5,\"prompt\":\"\",\"continuation\":\"b\",\"log_probability\":-1}\n"
          "{\"number\":5,\"prompt\":\"\",\"continuation\":\"c\",\"log_probability\":null}\n"),
        SPAE_OK, "samples, a choice, bytes that are not UTF-8, two scores");
    transcript(v, "files/transcript_choices", D(HEAD LINE LINE "{\"number\":3,\"choice\":null}\n"), SPAE_OK,
               "of two requests of a number the last one is meant");
    transcript(v, "files/transcript_torn", D(HEAD LINE "{\"number\":3,\"choice\":1}"), SPAE_OK,
               "a last line without its newline does not count");
    transcript(v, "files/transcript_refused_empty", D(""), F, "no line");
    transcript(v, "files/transcript_refused_head", D(LINE), F, "no head");
    transcript(v, "files/transcript_refused_version", D("{\"transcript\":2,\"model\":\"m\",\"window\":100}\n"), F,
               "a later version");
    transcript(v, "files/transcript_refused_blank", D(HEAD "\n" LINE), F, "an empty line");
    transcript(v, "files/transcript_refused_samples",
               D(HEAD "{\"number\":3,\"prompt\":\"a\"," N2 ",\"samples\":[" SAMPLE "]}\n"), F, "one sample of two");
    transcript(v, "files/transcript_refused_byte",
               D(HEAD "{\"number\":3,\"prompt\":{\"bytes\":[256]}," N2 ",\"samples\":[]}\n"), F, "a byte of 256");
    transcript(v, "files/transcript_refused_choice", D(HEAD "{\"number\":3,\"choice\":0}\n" LINE), F,
               "a choice before its request");
    transcript(v, "files/transcript_refused_sample", D(HEAD LINE "{\"number\":3,\"choice\":2}\n"), F,
               "a choice of the third sample of two");
    transcript(v, "files/transcript_refused_twice",
               D(HEAD LINE "{\"number\":3,\"choice\":0}\n{\"number\":3,\"choice\":0}\n"), F,
               "two choices of one request");
}

void vectors_language_files(vectors *v)
{
    requests(v);
    answers(v);
    transcripts(v);
}
