/* Unigram segmentation of one piece (SPEC 8.33): of all ways to cut it into tokens the one whose scores have the largest sum.
 *
 * Order     Ends upwards; the sum of a way is formed in binary64 from the left, from 0. Of equal sums at an end the way whose
 *           last token is longest stays, for it is met first: beginnings go upwards, and only a larger sum replaces.
 * Time      n times the length of the longest token (SPEC 8.2)
 */
#include "io/tokenizer_parts.h"
#include "vendor_free/utf8.h"

static const int32_t UNKNOWN = -1;

/* The best way that ends at a byte. */
typedef struct {
    double sum;
    uint32_t start;
    int32_t id; /* its last token, or UNKNOWN: a character that is none */
    bool reached;
} ending;

void spae_token_first_bytes(spae_token_model *m)
{
    size_t at = 0;
    for (unsigned b = 0; b < 256; b++) {
        while (at < m->key.sorted && (m->key.length[m->key.token[at]] == 0 || m->key.head[at] >> 56 < b))
            at++;
        m->first[b] = at;
    }
    m->first[256] = m->key.sorted;
}

/* Tokens low .. high - 1 agree in their first `depth` bytes: those that go on with `byte`. The ones that end there are first. */
static void narrow(const spae_token_table *t, size_t depth, unsigned char byte, size_t *low, size_t *high)
{
    size_t bound[2];
    for (unsigned k = 0; k < 2; k++) { /* the first that is not below byte, byte + 1 */
        size_t a = *low, b = *high;
        while (a < b) {
            const size_t middle = a + (b - a) / 2;
            const uint32_t token = t->token[middle];
            if (t->length[token] <= depth || (unsigned char)t->text[token][depth] < byte + k)
                a = middle + 1;
            else
                b = middle;
        }
        bound[k] = a;
    }
    *low = bound[0];
    *high = bound[1];
}

static void reach(ending *end, double sum, size_t start, int32_t id)
{
    if (!end->reached || sum > end->sum)
        *end = (ending){sum, (uint32_t)start, id, true};
}

/* All tokens that begin at `at`, and the character there when none is just that. */
static void go_on(const spae_token_model *m, const char *text, size_t length, size_t at, ending *end)
{
    const spae_token_table *t = &m->key;
    const double sum = end[at].sum;
    uint32_t ignored = 0;
    const size_t character = spae_utf8_decode((const uint8_t *)text + at, length - at, &ignored);
    const unsigned char first = (unsigned char)text[at];
    size_t low = m->first[first], high = m->first[first + 1];
    bool single = false;
    for (size_t depth = 1; low < high; depth++) {
        const uint32_t token = t->token[low]; /* the shortest; no two are equal */
        if (t->length[token] == depth && !m->hidden[token]) {
            reach(&end[at + depth], sum + m->score[token], at, (int32_t)token);
            single = single || depth == character;
        }
        if (at + depth == length)
            break;
        narrow(t, depth, (unsigned char)text[at + depth], &low, &high);
    }
    if (!single)
        reach(&end[at + character], sum + m->unknown_score, at, UNKNOWN);
}

/* A run of unknown characters, text[start..stop): the tokens of its bytes when all are there, else one unknown token. */
static spae_status add_unknown(const spae_token_model *m, const char *text, size_t start, size_t stop, size_t base,
                               int32_t *id, size_t *count, spae_error *err)
{
    bool all = true;
    for (size_t i = start; i < stop; i++)
        all = all && m->byte_token[(unsigned char)text[base + i]] >= 0;
    if (!all && m->unknown < 0)
        return spae_token_unknown(text, base + start, base + stop, err);
    if (!all)
        id[(*count)++] = m->unknown;
    for (size_t i = start; i < stop && all; i++)
        id[(*count)++] = m->byte_token[(unsigned char)text[base + i]];
    return SPAE_OK;
}

/* From the end back to the beginning, the way is turned round: end[start].start becomes where that token ends. */
static void turn_round(ending *end, size_t length)
{
    size_t at = length;
    ending token = end[length];
    while (at > 0) {
        const size_t start = token.start;
        const ending before = end[start];
        end[start].start = (uint32_t)at;
        end[start].id = token.id;
        at = start;
        token = before;
    }
}

static spae_status write_down(const spae_token_model *m, const char *text, const spae_token_piece *piece, const ending *end,
                              int32_t *id, size_t *count, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t at = 0; at < piece->length && status == SPAE_OK;) {
        size_t stop = end[at].start;
        if (end[at].id != UNKNOWN) {
            id[(*count)++] = end[at].id;
        } else {
            while (m->fuse_unknown && stop < piece->length && end[stop].id == UNKNOWN)
                stop = end[stop].start;
            status = add_unknown(m, text, at, stop, piece->start, id, count, err);
        }
        at = stop;
    }
    return status;
}

spae_status spae_token_best_path(const spae_token_model *model, const char *text, const spae_token_piece *piece,
                                 spae_arena *arena, int32_t *id, size_t *count, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const char *own = text + piece->start;
    ending *end = spae_arena_take(arena, piece->length + 1, sizeof *end);
    if (end == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the ways through %zu bytes", piece->length);
    for (size_t i = 0; i <= piece->length; i++)
        end[i] = (ending){0, 0, UNKNOWN, i == 0};
    for (size_t at = 0; at < piece->length; at++)
        if (end[at].reached) /* all characters' beginnings are, and tokens may end between bytes of none */
            go_on(model, own, piece->length, at, end);
    turn_round(end, piece->length);
    const spae_status status = write_down(model, text, piece, end, id, count, err);
    spae_arena_reset(arena, mark);
    return status;
}
