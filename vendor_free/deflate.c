/* Compression to deflate data.
 *
 * Source    RFC 1951 (deflate), RFC 1950 (zlib), RFC 1952 (gzip).
 * Method    Matches are found through chains of earlier positions with the same hash of three
 *           bytes, and a match gives way to a longer one that begins a byte later. Literals and
 *           matches are gathered to blocks of BLOCK tokens; each block is stored, or coded with the
 *           fixed or with its own Huffman codes, whichever is shortest (at equal length in this
 *           order).
 * Order     Everything that could differ between machines is fixed: hash, search depth, order of
 *           symbols of equal frequency, choice between equal candidates (the nearest).
 * Limits    at most DEPTH candidates a position, so time is linear in the input.
 */
#include "deflate.h"

#include <stdbool.h>
#include <string.h>

#include "checksum.h"
#include "deflate_tables.h"

#define WINDOW             32768u /* greatest distance */
#define LEAST              3u     /* length of a match */
#define MOST               258u
#define HASHES             32768u
#define BLOCK              32768u /* tokens in a block */
#define DEPTH              128    /* candidates that are tried, as zlib's level 6 does */
#define LAZY               32u /* a match of this length is taken without a look at the next byte */
#define FAR                4096u /* a match of length 3 from farther gains nothing */
#define LONGEST            15u   /* bits in a code */
#define LONGEST_OF_LENGTHS 7u
#define STORED             65535u /* bytes in a stored block */

/* A Huffman code: bits[s] of the code of symbol s, which leaves with its lowest bit first. */
typedef struct {
    uint32_t frequency[LITERAL_SYMBOLS];
    uint16_t code[LITERAL_SYMBOLS + 2];
    uint8_t bits[LITERAL_SYMBOLS + 2]; /* 2: symbols that only fill the fixed code */
} huffman;

/* One literal, or one match. */
typedef struct {
    uint16_t value;    /* the byte, or the length of the match */
    uint16_t distance; /* 0 for a literal */
} token;

/* The caller's work memory. */
typedef struct {
    uint32_t head[HASHES];   /* 1 + newest position with this hash, modulo 2^32; 0 for none */
    uint32_t before[WINDOW]; /* by position modulo WINDOW: the one before it in its chain */
    token tokens[BLOCK];
    size_t count; /* tokens */
    huffman literal, distance, lengths;
    /* code lengths as they are sent: symbol of the code-length code | more bits << 8 */
    uint16_t runs[LITERAL_SYMBOLS + DISTANCE_SYMBOLS];
    size_t run_count;
    unsigned literals_sent, distances_sent, lengths_sent;
} workspace;

typedef struct {
    const uint8_t *in;
    size_t n;
    uint8_t *out;
    size_t room, used;
    bool full;     /* something did not fit */
    uint64_t hold; /* `held` < 8 bits between two calls of put */
    unsigned held;
    workspace *work;
} encoder;

/* ---- bits ------------------------------------------------------------------------------------ */

static void put_byte(encoder *e, unsigned byte)
{
    if (e->used < e->room)
        e->out[e->used++] = (uint8_t)byte;
    else
        e->full = true;
}

/* The low n <= 32 bits of value, lowest first. */
static void put(encoder *e, uint32_t value, unsigned n)
{
    e->hold |= (uint64_t)value << e->held;
    for (e->held += n; e->held >= 8; e->held -= 8) {
        put_byte(e, (unsigned)(e->hold & 0xff));
        e->hold >>= 8;
    }
}

static void align(encoder *e)
{
    if (e->held > 0)
        put(e, 0, 8 - e->held);
}

/* ---- Huffman codes --------------------------------------------------------------------------- */

/* The used symbols in the order of frequency, then of number. */
static unsigned sorted_symbols(const huffman *h, unsigned n, uint16_t *order)
{
    unsigned used = 0;
    for (unsigned s = 0; s < n; s++) {
        if (h->frequency[s] == 0)
            continue;
        unsigned at = used++;
        for (; at > 0 && h->frequency[order[at - 1]] > h->frequency[s]; at--)
            order[at] = order[at - 1];
        order[at] = (uint16_t)s;
    }
    return used;
}

/* The number of leaves at each depth of the tree of Huffman over the `used` >= 2 symbols; deeper
 * than `longest` counts as `longest`. Two queues: leaves as sorted, inner nodes as made, are both
 * in order of weight. At equal weight the leaf comes first, which keeps the tree flat. */
static void count_depths(const huffman *h, const uint16_t *order, unsigned used, unsigned longest,
                         uint16_t *count)
{
    uint32_t weight[2 * LITERAL_SYMBOLS];
    uint16_t parent[2 * LITERAL_SYMBOLS], depth[2 * LITERAL_SYMBOLS];
    unsigned leaf = 0, inner = used, made = used;
    for (unsigned i = 0; i < used; i++)
        weight[i] = h->frequency[order[i]];
    for (; made < 2 * used - 1; made++) {
        weight[made] = 0;
        for (int side = 0; side < 2; side++) {
            const bool take_leaf = leaf < used && (inner == made || weight[leaf] <= weight[inner]);
            const unsigned child = take_leaf ? leaf++ : inner++;
            weight[made] += weight[child];
            parent[child] = (uint16_t)made;
        }
    }
    depth[made - 1] = 0;
    for (unsigned i = made - 1; i-- > 0;) {
        depth[i] = (uint16_t)(depth[parent[i]] + 1);
        if (i < used)
            count[depth[i] < longest ? depth[i] : longest]++;
    }
}

/* Moving leaves up to `longest` has over-subscribed the code. Each step here takes one leaf from
 * the lowest level and puts it beside the deepest leaf above it, which goes down a level: one code
 * of `longest` bits less in the sum, until the code is complete. */
static void limit_depths(uint16_t *count, unsigned longest)
{
    uint32_t sum = 0;
    for (unsigned d = 1; d <= longest; d++)
        sum += (uint32_t)count[d] << (longest - d);
    for (; sum > 1u << longest; sum--) {
        unsigned d = longest - 1;
        while (count[d] == 0)
            d--;
        count[longest]--;
        count[d]--;
        count[d + 1] = (uint16_t)(count[d + 1] + 2);
    }
}

/* Canonical codes from h->bits (RFC 1951, 3.2.2), with their bits reversed for sending. */
static void assign_codes(huffman *h, unsigned n)
{
    uint32_t next[LONGEST + 2] = {0}, count[LONGEST + 1] = {0};
    for (unsigned s = 0; s < n; s++)
        count[h->bits[s]]++;
    count[0] = 0;
    for (unsigned b = 1; b <= LONGEST; b++)
        next[b + 1] = (next[b] + count[b]) << 1;
    for (unsigned s = 0; s < n; s++) {
        const uint32_t code = next[h->bits[s]]++;
        uint32_t reversed = 0;
        for (unsigned b = 0; b < h->bits[s]; b++)
            reversed |= (code >> b & 1) << (h->bits[s] - 1 - b);
        h->code[s] = (uint16_t)reversed;
    }
}

/* The code of least total length under `longest` bits a symbol (next to it, where that bound is
 * met). With fewer than two symbols it gets others that never occur: a code of one symbol is one
 * that some decoders refuse. */
static void make_code(huffman *h, unsigned n, unsigned longest)
{
    uint16_t order[LITERAL_SYMBOLS] = {0}, count[LONGEST + 1] = {0};
    unsigned used = sorted_symbols(h, n, order);
    for (unsigned s = 0; used < 2; s++) {
        if (h->frequency[s] != 0)
            continue;
        order[1] = order[0]; /* frequency 0 sorts first */
        order[0] = (uint16_t)s;
        used++;
    }
    count_depths(h, order, used, longest, count);
    limit_depths(count, longest);
    memset(h->bits, 0, sizeof h->bits);
    for (unsigned bits = longest, at = 0; bits > 0; bits--)
        for (unsigned i = 0; i < count[bits]; i++)
            h->bits[order[at++]] = (uint8_t)bits;
    assign_codes(h, n);
}

static void make_fixed_codes(workspace *w)
{
    for (unsigned s = 0; s < LITERAL_SYMBOLS + 2; s++)
        w->literal.bits[s] = s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8;
    memset(w->distance.bits, 5, DISTANCE_SYMBOLS);
    assign_codes(&w->literal, LITERAL_SYMBOLS + 2);
    assign_codes(&w->distance, DISTANCE_SYMBOLS);
}

/* ---- the code of the code lengths (RFC 1951, 3.2.7) ------------------------------------------ */

static void add_run(workspace *w, unsigned symbol, unsigned more)
{
    w->runs[w->run_count++] = (uint16_t)(symbol | more << 8);
    w->lengths.frequency[symbol]++;
}

/* `repeats` times the length `value`, in as few symbols as greed finds. */
static void add_runs(workspace *w, unsigned value, unsigned repeats)
{
    if (value != 0) {
        add_run(w, value, 0);
        repeats--;
    }
    while (repeats >= 3) {
        const unsigned most = value != 0 ? 6 : 138, part = repeats < most ? repeats : most;
        if (value != 0)
            add_run(w, 16, part - 3);
        else if (part <= 10)
            add_run(w, 17, part - 3);
        else
            add_run(w, 18, part - 11);
        repeats -= part;
    }
    for (; repeats > 0; repeats--)
        add_run(w, value, 0);
}

static unsigned without_trailing_zeros(const uint8_t *bits, unsigned n, unsigned least)
{
    while (n > least && bits[n - 1] == 0)
        n--;
    return n;
}

/* Writes the two codes as runs, and makes the code for those. */
static void make_length_code(workspace *w)
{
    uint8_t bits[LITERAL_SYMBOLS + DISTANCE_SYMBOLS];
    w->literals_sent = without_trailing_zeros(w->literal.bits, LITERAL_SYMBOLS, END_OF_BLOCK + 1);
    w->distances_sent = without_trailing_zeros(w->distance.bits, DISTANCE_SYMBOLS, 1);
    memcpy(bits, w->literal.bits, w->literals_sent);
    memcpy(bits + w->literals_sent, w->distance.bits, w->distances_sent);
    memset(w->lengths.frequency, 0, sizeof w->lengths.frequency);
    w->run_count = 0;
    const unsigned n = w->literals_sent + w->distances_sent;
    for (unsigned at = 0, end; at < n; at = end) {
        for (end = at + 1; end < n && bits[end] == bits[at];)
            end++;
        add_runs(w, bits[at], end - at);
    }
    make_code(&w->lengths, CODE_LENGTH_SYMBOLS, LONGEST_OF_LENGTHS);
    w->lengths_sent = CODE_LENGTH_SYMBOLS;
    while (w->lengths_sent > 4 && w->lengths.bits[code_length_order[w->lengths_sent - 1]] == 0)
        w->lengths_sent--;
}

static unsigned run_bits(unsigned symbol)
{
    return symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
}

static size_t header_cost(const workspace *w)
{
    size_t bits = 5 + 5 + 4 + 3 * (size_t)w->lengths_sent;
    for (size_t i = 0; i < w->run_count; i++) {
        const unsigned symbol = w->runs[i] & 0xff;
        bits += w->lengths.bits[symbol] + run_bits(symbol);
    }
    return bits;
}

static void put_header(encoder *e)
{
    const workspace *const w = e->work;
    put(e, w->literals_sent - (END_OF_BLOCK + 1), 5);
    put(e, w->distances_sent - 1, 5);
    put(e, w->lengths_sent - 4, 4);
    for (unsigned i = 0; i < w->lengths_sent; i++)
        put(e, w->lengths.bits[code_length_order[i]], 3);
    for (size_t i = 0; i < w->run_count; i++) {
        const unsigned symbol = w->runs[i] & 0xff;
        put(e, w->lengths.code[symbol], w->lengths.bits[symbol]);
        put(e, (uint32_t)w->runs[i] >> 8, run_bits(symbol));
    }
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* The last i with base[i] <= value, base rising and base[0] <= value. */
static unsigned symbol_of(const uint16_t *base, unsigned n, unsigned value)
{
    unsigned i = 0;
    while (i + 1 < n && base[i + 1] <= value)
        i++;
    return i;
}

static void count_symbols(workspace *w)
{
    memset(w->literal.frequency, 0, sizeof w->literal.frequency);
    memset(w->distance.frequency, 0, sizeof w->distance.frequency);
    for (size_t i = 0; i < w->count; i++) {
        const token t = w->tokens[i];
        if (t.distance == 0) {
            w->literal.frequency[t.value]++;
        } else {
            const unsigned l = symbol_of(length_base, LENGTH_SYMBOLS, t.value);
            const unsigned d = symbol_of(distance_base, DISTANCE_SYMBOLS, t.distance);
            w->literal.frequency[END_OF_BLOCK + 1 + l]++;
            w->distance.frequency[d]++;
        }
    }
    w->literal.frequency[END_OF_BLOCK] = 1;
}

/* Bits of all tokens and the end under the present codes. */
static size_t tokens_cost(const workspace *w)
{
    size_t bits = 0;
    for (unsigned s = 0; s < LITERAL_SYMBOLS; s++) {
        const unsigned more = s > END_OF_BLOCK ? length_bits[s - (END_OF_BLOCK + 1)] : 0;
        bits += (size_t)w->literal.frequency[s] * (w->literal.bits[s] + more);
    }
    for (unsigned s = 0; s < DISTANCE_SYMBOLS; s++)
        bits +=
            (size_t)w->distance.frequency[s] * (w->distance.bits[s] + (unsigned)distance_bits[s]);
    return bits;
}

static void put_tokens(encoder *e)
{
    const workspace *const w = e->work;
    for (size_t i = 0; i < w->count; i++) {
        const token t = w->tokens[i];
        if (t.distance == 0) {
            put(e, w->literal.code[t.value], w->literal.bits[t.value]);
            continue;
        }
        const unsigned l = symbol_of(length_base, LENGTH_SYMBOLS, t.value);
        const unsigned d = symbol_of(distance_base, DISTANCE_SYMBOLS, t.distance);
        put(e, w->literal.code[END_OF_BLOCK + 1 + l], w->literal.bits[END_OF_BLOCK + 1 + l]);
        put(e, (uint32_t)t.value - length_base[l], length_bits[l]);
        put(e, w->distance.code[d], w->distance.bits[d]);
        put(e, (uint32_t)t.distance - distance_base[d], distance_bits[d]);
    }
    put(e, w->literal.code[END_OF_BLOCK], w->literal.bits[END_OF_BLOCK]);
}

/* Bits of n stored bytes from here: in the first block the padding depends on where we stand. */
static size_t stored_cost(const encoder *e, size_t n)
{
    const size_t further = n > STORED ? (n - 1) / STORED : 0;
    return 3 + (16 - e->held - 3) % 8 + 32 + further * (8 + 32) + 8 * n;
}

static void put_stored(encoder *e, const uint8_t *p, size_t n, bool last)
{
    do {
        const uint32_t part = n < STORED ? (uint32_t)n : STORED;
        n -= part;
        put(e, last && n == 0, 1);
        put(e, 0, 2);
        align(e);
        put(e, part | (part ^ 0xffff) << 16, 32);
        if (part <= e->room - e->used) {
            if (part > 0)
                memcpy(e->out + e->used, p, part);
            e->used += part;
            p += part;
        } else {
            e->full = true;
        }
    } while (n > 0 && !e->full);
}

/* The tokens stand for the n bytes at p. */
static void put_block(encoder *e, const uint8_t *p, size_t n, bool last)
{
    workspace *const w = e->work;
    count_symbols(w);
    make_fixed_codes(w);
    const size_t fixed = 3 + tokens_cost(w), stored = stored_cost(e, n);
    make_code(&w->literal, LITERAL_SYMBOLS, LONGEST);
    make_code(&w->distance, DISTANCE_SYMBOLS, LONGEST);
    make_length_code(w);
    const size_t dynamic = 3 + header_cost(w) + tokens_cost(w);
    if (stored <= fixed && stored <= dynamic) {
        put_stored(e, p, n, last);
    } else if (fixed <= dynamic) {
        make_fixed_codes(w);
        put(e, last, 1);
        put(e, 1, 2);
        put_tokens(e);
    } else {
        put(e, last, 1);
        put(e, 2, 2);
        put_header(e);
        put_tokens(e);
    }
    w->count = 0;
}

/* ---- matches --------------------------------------------------------------------------------- */

typedef struct {
    unsigned length; /* 0, or LEAST .. MOST */
    unsigned distance;
} match;

static uint32_t hash_at(const uint8_t *p)
{
    const uint32_t three = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
    return (three * 0x9e3779b1u & 0xffffffff) >> 17; /* a prime near 2^32 / golden ratio; 15 bits */
}

static unsigned common_length(const uint8_t *a, const uint8_t *b, unsigned most)
{
    unsigned n = 0;
    while (n < most && a[n] == b[n])
        n++;
    return n;
}

/* Enters a position in its chain. The last two bytes begin no match. */
static void enter(encoder *e, size_t at)
{
    if (e->n - at < LEAST)
        return;
    uint32_t *const head = &e->work->head[hash_at(e->in + at)];
    e->work->before[at % WINDOW] = *head;
    *head = (uint32_t)((at + 1) & 0xffffffff);
}

/* The longest match at a position, the nearest of equals; enters the position. What a chain holds
 * may be of another hash or long overwritten: distances must rise within the window, and every
 * match is compared. */
static match find(encoder *e, size_t at)
{
    match best = {0, 0};
    if (e->n - at < LEAST)
        return best;
    const uint8_t *const p = e->in + at;
    const unsigned most = e->n - at < MOST ? (unsigned)(e->n - at) : MOST;
    const uint32_t here = (uint32_t)((at + 1) & 0xffffffff);
    uint32_t candidate = e->work->head[hash_at(p)];
    unsigned reached = 0; /* distance of the last candidate */
    enter(e, at);
    for (int i = 0; i < DEPTH && candidate != 0 && best.length < most; i++) {
        const uint32_t distance = (uint32_t)((here - candidate) & 0xffffffff);
        if (distance <= reached || distance > WINDOW || distance > at)
            break;
        reached = distance;
        if (p[best.length] == p[(ptrdiff_t)best.length - (ptrdiff_t)distance]) {
            const unsigned length = common_length(p, p - distance, most);
            if (length > best.length) {
                best.length = length;
                best.distance = distance;
            }
        }
        candidate = e->work->before[(at - distance) % WINDOW];
    }
    if (best.length < LEAST || (best.length == LEAST && best.distance > FAR))
        best.length = 0;
    return best;
}

static void add_token(workspace *w, unsigned value, unsigned distance)
{
    const token t = {(uint16_t)value, (uint16_t)distance};
    w->tokens[w->count++] = t;
}

static void compress(encoder *e)
{
    size_t at = 0, block = 0; /* tokens stand for the bytes block .. at - 1 */
    match here = find(e, 0);
    while (at < e->n && !e->full) {
        const bool look = here.length != 0 && here.length < LAZY;
        const match next = here.length == 0 || look ? find(e, at + 1) : here;
        if (here.length == 0 || (look && next.length > here.length)) {
            add_token(e->work, e->in[at], 0);
            at++;
            here = next;
        } else {
            add_token(e->work, here.length, here.distance);
            for (size_t i = look ? 2 : 1; i < here.length; i++)
                enter(e, at + i);
            at += here.length;
            here = find(e, at);
        }
        if (e->work->count == BLOCK && at < e->n) {
            put_block(e, e->in + block, at - block, false);
            block = at;
        }
    }
    if (!e->full)
        put_block(e, e->n > 0 ? e->in + block : NULL, e->n - block, true);
    align(e);
}

/* ---- the interface --------------------------------------------------------------------------- */

size_t spae_deflate_work(void)
{
    return sizeof(workspace);
}

/* No block is longer than stored. Before its bytes a stored part has at most 42 bits, so less than
 * 6 bytes; there is one for each block, of which all but the last stand for at least BLOCK bytes,
 * and one more for each STORED bytes. 32 bytes are enough for both wrappers and the last bits. */
size_t spae_deflate_bound(spae_deflate_format format, size_t in_bytes)
{
    (void)format;
    const size_t more = 6 * (in_bytes / BLOCK + in_bytes / STORED + 2) + 32;
    return in_bytes > SIZE_MAX - more ? 0 : in_bytes + more;
}

static void put_wrapper_start(encoder *e, spae_deflate_format format)
{
    static const uint8_t gzip[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    if (format == SPAE_DEFLATE_ZLIB) {
        put(e, 0x78, 8); /* deflate, window of 32 KiB */
        put(e, 0x9c, 8); /* default effort; makes the header a multiple of 31 */
    } else if (format == SPAE_DEFLATE_GZIP) {
        for (size_t i = 0; i < sizeof gzip; i++)
            put(e, gzip[i], 8);
    }
}

static void put_wrapper_end(encoder *e, spae_deflate_format format)
{
    if (format == SPAE_DEFLATE_ZLIB) {
        const uint32_t sum = spae_adler32(1, e->in, e->n);
        for (int shift = 24; shift >= 0; shift -= 8)
            put(e, sum >> shift & 0xff, 8);
    } else if (format == SPAE_DEFLATE_GZIP) {
        put(e, spae_crc32(0, e->in, e->n), 32);
        put(e, (uint32_t)(e->n & 0xffffffff), 32);
    }
}

spae_status spae_deflate(spae_deflate_format format, const uint8_t *in, size_t in_bytes,
                         uint8_t *out, size_t out_capacity, size_t *out_used, void *work,
                         spae_error *err)
{
    encoder e;
    if (format != SPAE_DEFLATE_RAW && format != SPAE_DEFLATE_ZLIB && format != SPAE_DEFLATE_GZIP)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "deflate: there is no format %d", (int)format);
    e.in = in;
    e.n = in_bytes;
    e.out = out;
    e.room = out_capacity;
    e.used = 0;
    e.full = false;
    e.hold = 0;
    e.held = 0;
    e.work = work;
    memset(e.work->head, 0, sizeof e.work->head);
    e.work->count = 0;
    put_wrapper_start(&e, format);
    compress(&e);
    put_wrapper_end(&e, format);
    if (e.full)
        return spae_fail(err, SPAE_ERR_NO_MEMORY,
                         "deflate: %zu bytes do not fit %zu after compression", in_bytes,
                         out_capacity);
    *out_used = e.used;
    return SPAE_OK;
}
