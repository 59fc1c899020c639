/* Decompression of deflate data.
 *
 * Source    RFC 1951 (deflate), RFC 1950 (zlib), RFC 1952 (gzip).
 * Method    Bits are taken from the low end of a 64-bit reservoir. A Huffman code of at most FAST
 *           bits is one look into a table; a longer one is found by counting, length after length
 *           (canonical codes of one length are consecutive numbers).
 * Open      not settled by the RFCs; we do as zlib does:
 *             over-subscribed code         refused
 *             incomplete code              refused, unless it is a literal or distance code of one
 *                                          symbol of one bit; its unused bit is refused when it
 *                                          occurs
 *             no distance code at all      allowed, while no match occurs
 *             more than 286 or 30 lengths  refused, though the fields could say 288 and 32
 *             window size of zlib          a distance up to 32768 is taken whatever the header
 *                                          declares
 *             after a gzip member          another, if 1F 8B follows; else the stream has ended
 *             reserved gzip flags          refused; FHCRC is verified; XFL, OS and time are ignored
 * Limits    no allocation; every loop consumes input or produces output, so time is linear in both.
 */
#include "inflate.h"

#include <stdbool.h>
#include <string.h>

#include "checksum.h"
#include "deflate_tables.h"

#define LONGEST 15 /* bits in a code */
#define FAST    10 /* bits that one look into a table decodes */

/* The fixed codes have two symbols more than there are, which only fill them. */
#define FIXED_LITERALS  (LITERAL_SYMBOLS + 2)
#define FIXED_DISTANCES (DISTANCE_SYMBOLS + 2)

/* One canonical Huffman code. */
typedef struct {
    uint16_t fast[1 << FAST];        /* by the next FAST bits: symbol << 4 | length; 0: longer */
    uint16_t count[LONGEST + 1];     /* codes of each length; count[0] is 0 */
    uint16_t symbol[FIXED_LITERALS]; /* by length, then by number */
} huffman;

/* Everything a step needs. Functions that return bool give false after they have set `mistake`. */
typedef struct {
    const uint8_t *in;
    size_t in_bytes, in_at; /* in_at counts the bytes that are in the reservoir already */
    uint64_t hold;          /* the next `held` bits, the first lowest; zeros above them */
    unsigned held;
    uint8_t *out;
    size_t out_capacity, out_at;
    size_t out_start; /* of this gzip member: no distance reaches before it */
    const char *mistake;
    size_t mistake_at; /* byte offset */
    huffman literal, distance;
    bool fixed; /* the two are the fixed codes; saves making them again */
} stream;

/* The byte that holds the next unread bit. */
static size_t position(const stream *s)
{
    return s->in_at - (s->held + 7) / 8;
}

static bool refuse(stream *s, const char *mistake)
{
    s->mistake = mistake;
    s->mistake_at = position(s);
    return false;
}

/* ---- bits ------------------------------------------------------------------------------------ */

/* After this held >= 56, or the whole input is in the reservoir. */
static void refill(stream *s)
{
    while (s->held <= 56 && s->in_at < s->in_bytes) {
        s->hold |= (uint64_t)s->in[s->in_at++] << s->held;
        s->held += 8;
    }
}

static void drop(stream *s, unsigned n)
{
    s->hold >>= n;
    s->held -= n;
}

/* The next n <= 32 bits as a number. */
static bool take(stream *s, unsigned n, uint32_t *value)
{
    refill(s);
    if (s->held < n)
        return refuse(s, "the stream is cut off");
    *value = (uint32_t)(s->hold & (((uint64_t)1 << n) - 1));
    drop(s, n);
    return true;
}

/* Skips to a byte boundary and gives the bytes of the reservoir back. */
static void align(stream *s)
{
    s->in_at -= s->held / 8;
    s->hold = 0;
    s->held = 0;
}

/* ---- Huffman codes --------------------------------------------------------------------------- */

static uint32_t reversed(uint32_t code, unsigned bits)
{
    uint32_t r = 0;
    for (unsigned i = 0; i < bits; i++)
        r |= (code >> i & 1) << (bits - 1 - i);
    return r;
}

/* All table entries whose low `bits` bits are the code, which arrives with its highest bit
 * first. */
static void fill_fast(huffman *h, uint32_t code, unsigned bits, unsigned symbol)
{
    for (uint32_t i = reversed(code, bits); i < 1U << FAST; i += 1U << bits)
        h->fast[i] = (uint16_t)(symbol << 4 | bits);
}

/* Makes the code of which lengths[0 .. n-1] are the lengths, 0 for unused symbols. Returns how many
 * codes of LONGEST bits are missing to make it complete; negative when it is over-subscribed, and
 * *h is unusable. */
static int build(huffman *h, const uint8_t *lengths, unsigned n)
{
    uint16_t at[LONGEST + 2] = {0}; /* where in h->symbol each length begins */
    uint32_t code[LONGEST + 2] = {0};
    int left = 1;
    memset(h, 0, sizeof *h);
    for (unsigned i = 0; i < n; i++)
        h->count[lengths[i]]++;
    h->count[0] = 0;
    for (unsigned bits = 1; bits <= LONGEST; bits++) {
        left = 2 * left - h->count[bits];
        if (left < 0)
            return left;
        at[bits + 1] = (uint16_t)(at[bits] + h->count[bits]);
        code[bits + 1] = (code[bits] + h->count[bits]) << 1;
    }
    for (unsigned i = 0; i < n; i++) {
        const unsigned bits = lengths[i];
        if (bits == 0)
            continue;
        h->symbol[at[bits]++] = (uint16_t)i;
        if (bits <= FAST)
            fill_fast(h, code[bits], bits, i);
        code[bits]++;
    }
    return left;
}

/* The one kind of incomplete code that is allowed: nothing, or one code of one bit. */
static bool at_most_one_bit(const huffman *h)
{
    for (unsigned bits = 2; bits <= LONGEST; bits++)
        if (h->count[bits] != 0)
            return false;
    return true;
}

/* The next symbol by counting: codes of length `bits` are first .. first + count - 1. The reservoir
 * is full. */
static bool decode_slow(stream *s, const huffman *h, unsigned *symbol)
{
    uint32_t code = 0, first = 0, index = 0;
    for (unsigned bits = 1; bits <= LONGEST; bits++) {
        if (bits > s->held)
            return refuse(s, "the stream is cut off");
        code = code << 1 | (uint32_t)(s->hold >> (bits - 1) & 1);
        const uint32_t count = h->count[bits];
        if (code - first < count) { /* code >= first: the codes below it were shorter ones */
            *symbol = h->symbol[index + code - first];
            drop(s, bits);
            return true;
        }
        index += count;
        first = (first + count) << 1;
    }
    return refuse(s, "no symbol has this code");
}

/* The next symbol. The reservoir is full, or holds at least LONGEST bits. */
static bool decode(stream *s, const huffman *h, unsigned *symbol)
{
    const unsigned entry = h->fast[s->hold & ((1U << FAST) - 1)];
    const unsigned bits = entry & 15;
    if (bits == 0 || bits > s->held)
        return decode_slow(s, h, symbol);
    *symbol = entry >> 4;
    drop(s, bits);
    return true;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* distance >= 1 bytes back, length bytes, which may be bytes that this very copy writes. */
static bool copy_match(stream *s, unsigned distance, unsigned length)
{
    if (distance > s->out_at - s->out_start)
        return refuse(s, "a distance reaches before the start of the data");
    if (length > s->out_capacity - s->out_at)
        return refuse(s, "the data are longer than expected");
    uint8_t *to = s->out + s->out_at;
    if (distance >= length) {
        memcpy(to, to - distance, length);
    } else {
        for (unsigned i = 0; i < length; i++)
            to[i] = to[(ptrdiff_t)i - (ptrdiff_t)distance];
    }
    s->out_at += length;
    return true;
}

/* The rest of a match whose length symbol has been read. One refill of 56 bits covers 15 for that
 * symbol and 5 + 15 + 13 more. */
static bool match(stream *s, unsigned symbol)
{
    unsigned code;
    uint32_t more = 0;
    if (symbol >= LITERAL_SYMBOLS)
        return refuse(s, "no length has this symbol");
    symbol -= END_OF_BLOCK + 1;
    if (!take(s, length_bits[symbol], &more))
        return false;
    const unsigned length = length_base[symbol] + more;
    if (!decode(s, &s->distance, &code))
        return false;
    if (code >= DISTANCE_SYMBOLS)
        return refuse(s, "no distance has this symbol");
    if (!take(s, distance_bits[code], &more))
        return false;
    return copy_match(s, distance_base[code] + more, length);
}

static bool compressed_data(stream *s)
{
    for (;;) {
        unsigned symbol;
        refill(s);
        if (!decode(s, &s->literal, &symbol))
            return false;
        if (symbol < END_OF_BLOCK) {
            if (s->out_at == s->out_capacity)
                return refuse(s, "the data are longer than expected");
            s->out[s->out_at++] = (uint8_t)symbol;
        } else if (symbol == END_OF_BLOCK) {
            return true;
        } else if (!match(s, symbol)) {
            return false;
        }
    }
}

static bool stored_block(stream *s)
{
    align(s);
    if (s->in_bytes - s->in_at < 4)
        return refuse(s, "the stream is cut off");
    const uint8_t *const p = s->in + s->in_at;
    const unsigned length = p[0] | (unsigned)p[1] << 8, inverse = p[2] | (unsigned)p[3] << 8;
    if (length != (inverse ^ 0xffff))
        return refuse(s, "the length of a stored block and its complement disagree");
    if (length > s->in_bytes - s->in_at - 4)
        return refuse(s, "the stream is cut off");
    if (length > s->out_capacity - s->out_at)
        return refuse(s, "the data are longer than expected");
    if (length > 0)
        memcpy(s->out + s->out_at, p + 4, length);
    s->in_at += 4 + length;
    s->out_at += length;
    return true;
}

static void make_fixed_codes(stream *s)
{
    uint8_t lengths[FIXED_LITERALS];
    for (unsigned i = 0; i < FIXED_LITERALS; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    (void)build(&s->literal, lengths, FIXED_LITERALS); /* both codes are complete */
    memset(lengths, 5, FIXED_DISTANCES);
    (void)build(&s->distance, lengths, FIXED_DISTANCES);
    s->fixed = true;
}

static bool fixed_block(stream *s)
{
    if (!s->fixed)
        make_fixed_codes(s);
    return compressed_data(s);
}

/* The lengths of the code that the lengths of the other two codes are written in. */
static bool read_length_code(stream *s, uint32_t lengths_given)
{
    uint8_t lengths[CODE_LENGTH_SYMBOLS] = {0};
    for (uint32_t i = 0; i < lengths_given; i++) {
        uint32_t length;
        if (!take(s, 3, &length))
            return false;
        lengths[code_length_order[i]] = (uint8_t)length;
    }
    if (build(&s->literal, lengths, CODE_LENGTH_SYMBOLS) != 0)
        return refuse(s, "the code of the code lengths is over-subscribed or incomplete");
    return true;
}

/* One symbol of the code-length alphabet: a length, or a run that repeats the last length or 0. */
static bool read_run(stream *s, const uint8_t *lengths, unsigned at, uint8_t *value,
                     uint32_t *repeats)
{
    unsigned symbol;
    refill(s);
    if (!decode(s, &s->literal, &symbol))
        return false;
    *value = 0;
    *repeats = 1;
    if (symbol < 16) {
        *value = (uint8_t)symbol;
        return true;
    }
    if (symbol == 16) {
        if (at == 0)
            return refuse(s, "a length is repeated before there is one");
        *value = lengths[at - 1];
    }
    const unsigned least = symbol == 18 ? 11 : 3, bits = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (!take(s, bits, repeats))
        return false;
    *repeats += least;
    return true;
}

/* The lengths of literal and distance code follow each other without a border: a run may cross
 * it. */
static bool read_lengths(stream *s, uint8_t *lengths, unsigned n)
{
    for (unsigned at = 0; at < n;) {
        uint8_t value;
        uint32_t repeats;
        if (!read_run(s, lengths, at, &value, &repeats))
            return false;
        if (repeats > n - at)
            return refuse(s, "more code lengths than announced");
        memset(lengths + at, value, repeats);
        at += repeats;
    }
    return true;
}

static bool dynamic_block(stream *s)
{
    uint8_t lengths[LITERAL_SYMBOLS + DISTANCE_SYMBOLS];
    uint32_t literals, distances, given;
    if (!take(s, 5, &literals) || !take(s, 5, &distances) || !take(s, 4, &given))
        return false;
    s->fixed = false;
    literals += 257;
    distances += 1;
    if (literals > LITERAL_SYMBOLS || distances > DISTANCE_SYMBOLS)
        return refuse(s, "more than 286 literal or 30 distance codes");
    if (!read_length_code(s, given + 4) || !read_lengths(s, lengths, literals + distances))
        return false;
    if (lengths[END_OF_BLOCK] == 0)
        return refuse(s, "the block has no code for its end");
    const int literal_left = build(&s->literal, lengths, literals);
    if (literal_left < 0 || (literal_left > 0 && !at_most_one_bit(&s->literal)))
        return refuse(s, "the literal code is over-subscribed or incomplete");
    const int distance_left = build(&s->distance, lengths + literals, distances);
    if (distance_left < 0 || (distance_left > 0 && !at_most_one_bit(&s->distance)))
        return refuse(s, "the distance code is over-subscribed or incomplete");
    return compressed_data(s);
}

/* All blocks; afterwards the reservoir is empty and in_at is the first byte that is not theirs. */
static bool deflate_data(stream *s)
{
    uint32_t last = 0;
    while (last == 0) {
        uint32_t type;
        if (!take(s, 1, &last) || !take(s, 2, &type))
            return false;
        if (type == 3)
            return refuse(s, "a block is of the reserved type 3");
        if (!(type == 0 ? stored_block(s) : type == 1 ? fixed_block(s) : dynamic_block(s)))
            return false;
    }
    align(s);
    return true;
}

/* ---- wrappers -------------------------------------------------------------------------------- */

static bool zlib_stream(stream *s)
{
    uint32_t method, flags, sum = 0;
    if (!take(s, 8, &method) || !take(s, 8, &flags))
        return false;
    if ((method << 8 | flags) % 31 != 0)
        return refuse(s, "the zlib header fails its check");
    if ((method & 15) != 8 || method >> 4 > 7)
        return refuse(s,
                      "the zlib header names another method than deflate, or a window over 32 KiB");
    if ((flags & 0x20) != 0)
        return refuse(s, "the zlib stream needs a preset dictionary");
    if (!deflate_data(s))
        return false;
    for (unsigned i = 0; i < 4; i++) { /* the only number here with its highest byte first */
        uint32_t byte;
        if (!take(s, 8, &byte))
            return false;
        sum = sum << 8 | byte;
    }
    if (sum != spae_adler32(1, s->out, s->out_at))
        return refuse(s, "the Adler-32 of the data is another");
    return true;
}

/* n bytes of a gzip header that say nothing about the data. */
static bool skip(stream *s, uint32_t n)
{
    align(s);
    if (n > s->in_bytes - s->in_at)
        return refuse(s, "the stream is cut off");
    s->in_at += n;
    return true;
}

/* A name or comment and its terminator. */
static bool skip_text(stream *s)
{
    uint32_t byte = 1;
    while (byte != 0)
        if (!take(s, 8, &byte))
            return false;
    return true;
}

static bool gzip_header(stream *s)
{
    enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, RESERVED = 0xe0 };
    const size_t start = s->in_at;
    uint32_t magic, method, flags, n;
    if (!take(s, 16, &magic))
        return false;
    if (magic != 0x8b1f)
        return refuse(s, "this is no gzip member: it does not begin with 1F 8B");
    if (!take(s, 8, &method) || !take(s, 8, &flags) || !skip(s, 6)) /* 4 of time, XFL, OS */
        return false;
    if (method != 8 || (flags & RESERVED) != 0)
        return refuse(s,
                      "the gzip header names another method than deflate, or has reserved flags");
    if ((flags & FEXTRA) != 0 && (!take(s, 16, &n) || !skip(s, n)))
        return false;
    if ((flags & FNAME) != 0 && !skip_text(s))
        return false;
    if ((flags & FCOMMENT) != 0 && !skip_text(s))
        return false;
    align(s);
    const uint32_t sum = spae_crc32(0, s->in + start, s->in_at - start);
    if ((flags & FHCRC) != 0) {
        if (!take(s, 16, &n))
            return false;
        if (n != (sum & 0xffff))
            return refuse(s, "the CRC-16 of the gzip header is another");
    }
    return true;
}

static bool gzip_member(stream *s)
{
    uint32_t sum, length;
    s->out_start = s->out_at;
    if (!gzip_header(s) || !deflate_data(s) || !take(s, 32, &sum) || !take(s, 32, &length))
        return false;
    const size_t made = s->out_at - s->out_start;
    if (made > 0 ? sum != spae_crc32(0, s->out + s->out_start, made) : sum != 0)
        return refuse(s, "the CRC-32 of the data is another");
    if (length != (uint32_t)(made & 0xffffffff))
        return refuse(s, "the length of the data is another");
    align(s);
    return true;
}

static bool gzip_stream(stream *s)
{
    do {
        if (!gzip_member(s))
            return false;
    } while (s->in_bytes - s->in_at >= 2 && s->in[s->in_at] == 0x1f && s->in[s->in_at + 1] == 0x8b);
    return true;
}

spae_status spae_inflate(spae_deflate_format format, const uint8_t *in, size_t in_bytes,
                         uint8_t *out, size_t out_capacity, size_t *in_used, size_t *out_used,
                         spae_error *err)
{
    stream s;
    bool good;
    s.in = in;
    s.in_bytes = in_bytes;
    s.in_at = 0;
    s.hold = 0;
    s.held = 0;
    s.out = out;
    s.out_capacity = out_capacity;
    s.out_at = 0;
    s.out_start = 0;
    s.mistake = NULL;
    s.mistake_at = 0;
    s.fixed = false;
    if (format == SPAE_DEFLATE_RAW)
        good = deflate_data(&s);
    else if (format == SPAE_DEFLATE_ZLIB)
        good = zlib_stream(&s);
    else if (format == SPAE_DEFLATE_GZIP)
        good = gzip_stream(&s);
    else
        return spae_fail(err, SPAE_ERR_ARGUMENT, "inflate: there is no format %d", (int)format);
    if (!good)
        return spae_fail(err, SPAE_ERR_FORMAT, "inflate: byte %zu: %s", s.mistake_at, s.mistake);
    align(&s);
    if (in_used != NULL)
        *in_used = s.in_at;
    if (out_used != NULL)
        *out_used = s.out_at;
    return SPAE_OK;
}
