/* Tokens by their texts: sorted, so that look-ups take the same time whatever the texts are.
 *
 * Most texts differ within their first 8 bytes, which are compared as one number; the rest is looked at only between those
 * that agree there.
 */
#include <string.h>

#include "io/tokenizer_parts.h"

/* Merge sort, from runs of one entry upwards. */
void spae_token_sort(spae_token_entry *entry, spae_token_entry *spare, size_t count,
                     bool comes_before(const void *context, uint32_t a, uint32_t b), const void *context)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t start = 0; start < count; start += 2 * run) {
            const size_t middle = count - start > run ? start + run : count;
            const size_t end = count - start > 2 * run ? start + 2 * run : count;
            size_t a = start, b = middle;
            for (size_t i = start; i < end; i++) {
                const bool second = b < end && (a == middle || entry[b].key < entry[a].key ||
                                                (entry[b].key == entry[a].key && comes_before != NULL &&
                                                 comes_before(context, entry[b].value, entry[a].value)));
                spare[i] = second ? entry[b++] : entry[a++];
            }
        }
        memcpy(entry, spare, count * sizeof *entry);
    }
}

static uint64_t head_of(const char *text, size_t length)
{
    uint64_t head = 0;
    for (size_t i = 0; i < 8; i++)
        head = head << 8 | (i < length ? (unsigned char)text[i] : 0);
    return head;
}

/* The order of bytes; a text comes before its continuations. */
static int compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const size_t common = a_length < b_length ? a_length : b_length;
    const int order = common > 0 ? memcmp(a, b, common) : 0;
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static bool text_before(const void *context, uint32_t a, uint32_t b)
{
    const spae_token_table *t = context;
    return compare(t->text[a], t->length[a], t->text[b], t->length[b]) < 0;
}

spae_status spae_token_table_start(spae_token_table *table, size_t V, spae_arena *arena, spae_error *err)
{
    *table = (spae_token_table){.V = V};
    table->text = spae_arena_take(arena, V, sizeof *table->text);
    table->length = spae_arena_take_zeroed(arena, V, sizeof *table->length);
    table->head = spae_arena_take(arena, V, sizeof *table->head);
    table->token = spae_arena_take(arena, V, sizeof *table->token);
    if (table->text == NULL || table->length == NULL || table->head == NULL || table->token == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu tokens", V);
    for (size_t i = 0; i < V; i++)
        table->text[i] = NULL;
    return SPAE_OK;
}

spae_status spae_token_table_sort(spae_token_table *table, spae_arena *arena, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_token_entry *entry = spae_arena_take(arena, table->V, sizeof *entry);
    spae_token_entry *spare = spae_arena_take(arena, table->V, sizeof *spare);
    if (entry == NULL || spare == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory to sort %zu tokens", table->V);
    table->sorted = 0;
    for (size_t i = 0; i < table->V; i++)
        if (table->text[i] != NULL)
            entry[table->sorted++] = (spae_token_entry){head_of(table->text[i], table->length[i]), (uint32_t)i};
    spae_token_sort(entry, spare, table->sorted, text_before, table);
    for (size_t i = 0; i < table->sorted; i++) {
        table->head[i] = entry[i].key;
        table->token[i] = entry[i].value;
    }
    spae_arena_reset(arena, mark);
    return SPAE_OK;
}

int32_t spae_token_table_find(const spae_token_table *t, const char *text, size_t length)
{
    const uint64_t head = head_of(text, length);
    size_t low = 0, high = t->sorted;
    while (low < high) { /* here: all before low come before the text, none from high on do */
        const size_t middle = low + (high - low) / 2;
        const uint32_t token = t->token[middle];
        const bool before = t->head[middle] != head ? t->head[middle] < head
                                                    : compare(t->text[token], t->length[token], text, length) < 0;
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == t->sorted || t->head[low] != head)
        return -1;
    const uint32_t token = t->token[low];
    return compare(t->text[token], t->length[token], text, length) == 0 ? (int32_t)token : -1;
}
