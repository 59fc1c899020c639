/* Fuzz target: a transcript. What is read is written again, line by line, and reads back to the same. */
#include "../../io/transcript.h"
#include "memory.h"

static void use_answer(const spae_answer *a)
{
    fuzz_use(a->text, a->length + 1);
    fuzz_use(a->id, a->ids * sizeof *a->id);
    if (a->end > SPAE_ANSWER_FULL || a->text[a->length] != '\0')
        abort();
}

/* The record's line, behind a head, is read to a record that is written to the same line. */
static void check_again(const spae_record *r, spae_arena *arena)
{
    const uint8_t *head = NULL, *line = NULL, *again = NULL;
    size_t size = 0, n = 0, m = 0;
    spae_transcript t;
    const bool score = r->answer == NULL;
    if (spae_transcript_head("x", 0, arena, &head, &size, NULL) != SPAE_OK ||
        (score ? spae_transcript_score(&r->request, &r->continuation, r->log_probability, arena, &line, &n, NULL)
               : spae_transcript_samples(&r->request, r->answer, arena, &line, &n, NULL)) != SPAE_OK)
        abort();
    char *text = spae_arena_take(arena, size + n, 1);
    memcpy(text, head, size);
    memcpy(text + size, line, n);
    if (spae_transcript_parse("again", text, size + n, arena, &t, NULL) != SPAE_OK || t.count != 1 ||
        (t.record->answer == NULL) != score)
        abort();
    const spae_record *b = t.record;
    if ((score ? spae_transcript_score(&b->request, &b->continuation, b->log_probability, arena, &again, &m, NULL)
               : spae_transcript_samples(&b->request, b->answer, arena, &again, &m, NULL)) != SPAE_OK ||
        m != n || memcmp(line, again, n) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_transcript t;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_transcript_parse("fuzz", (const char *)data, size, &arena, &t, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    for (size_t i = 0; status == SPAE_OK && i < t.count; i++) {
        const spae_record *r = &t.record[i];
        const spae_arena_mark mark = spae_arena_here(&arena);
        fuzz_use(r->request.text, r->request.length + 1);
        for (size_t k = 0; r->answer != NULL && k < r->request.samples; k++)
            use_answer(&r->answer[k]);
        if (r->answer == NULL)
            use_answer(&r->continuation);
        if (r->choice < SPAE_CHOICE_UNKNOWN && r->choice >= r->request.samples)
            abort();
        check_again(r, &arena);
        spae_arena_reset(&arena, mark);
    }
    spae_arena_free(&arena);
    return 0;
}
