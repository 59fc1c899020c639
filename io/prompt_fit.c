/* Does a prompt fit the language model's window, and what would: prompt.h. SPEC 10.17 */
#include "io/prompt.h"

size_t spae_prompt_beyond(const spae_request *request, size_t window)
{
    const size_t all = request->ids + request->max_tokens;
    return window > 0 && request->id != NULL && all > window ? all - window : 0;
}

/* Does the prompt fit with these values? One that cannot be built does not. */
static bool fits_with(const spae_prompt_maker *maker, const size_t *value, size_t window, spae_arena *arena)
{
    const spae_arena_mark here = spae_arena_here(arena);
    spae_request request;
    spae_error why;
    const bool yes =
        maker->build(maker->context, value, arena, &request, &why) == SPAE_OK && spae_prompt_beyond(&request, window) == 0;
    spae_arena_reset(arena, here);
    return yes;
}

/* The largest value below the knob's own with which the prompt fits, the others as they are: longer prompts come with larger
 * values, so the place where they begin to fit is looked for by halving. False: not even the least does. */
static bool largest(const spae_prompt_maker *maker, size_t which, size_t window, spae_arena *arena, size_t *found)
{
    size_t value[SPAE_PROMPT_KNOBS];
    for (size_t i = 0; i < maker->knobs; i++)
        value[i] = maker->knob[i].value;
    size_t low = value[which] = maker->knob[which].least, high = maker->knob[which].value; /* high does not fit */
    if (low >= high || !fits_with(maker, value, window, arena))
        return false;
    while (high - low > 1) {
        value[which] = low + (high - low) / 2;
        if (fits_with(maker, value, window, arena))
            low = value[which];
        else
            high = value[which];
    }
    *found = low;
    return true;
}

static bool least_fits(const spae_prompt_maker *maker, size_t window, spae_arena *arena)
{
    size_t value[SPAE_PROMPT_KNOBS];
    for (size_t i = 0; i < maker->knobs; i++)
        value[i] = maker->knob[i].least;
    return fits_with(maker, value, window, arena);
}

/* "; repeats 3, or shots 2 would fit" */
static void advise(const spae_prompt_maker *maker, size_t window, spae_arena *arena, spae_page *page)
{
    size_t found = 0, said = 0;
    for (size_t i = 0; i < maker->knobs; i++)
        if (largest(maker, i, window, arena, &found))
            spae_page_format(page, "%s%s %zu", said++ > 0 ? ", or " : "; ", maker->knob[i].name, found);
    if (said > 0) {
        spae_page_text(page, " would fit");
        return;
    }
    const bool together = least_fits(maker, window, arena);
    spae_page_text(page, together ? "; only together would fit" : "; nor would");
    for (size_t i = 0; i < maker->knobs; i++)
        spae_page_format(page, "%s %s %zu", i > 0 ? "," : "", maker->knob[i].name, maker->knob[i].least);
    spae_page_text(page, together ? "" : " fit");
}

spae_status spae_prompt_fits(const spae_request *request, size_t window, const spae_prompt_maker *maker, spae_arena *arena,
                             spae_error *err)
{
    const size_t beyond = spae_prompt_beyond(request, window);
    if (beyond == 0)
        return SPAE_OK;
    const spae_arena_mark here = spae_arena_here(arena);
    spae_page page = spae_page_start(arena);
    const uint8_t *advice = NULL;
    size_t size = 0;
    if (maker->knobs > 0)
        advise(maker, window, arena, &page);
    spae_page_bytes(&page, "", 1);
    spae_status status = spae_page_end(&page, &advice, &size, err);
    if (status == SPAE_OK)
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "prompt: %zu tokens and %zu to come are %zu beyond the window of %zu%s",
                           request->ids, request->max_tokens, beyond, window,
                           (const char *)advice);
    spae_arena_reset(arena, here);
    return status;
}
