/* Stage files, videos: Y4M (SPEC 8.23, 8.24). */
#include "io/y4m.h"
#include "raw.h"
#include "test/vectors/tokens.h"

enum { MOST = 4 * 6 * 6 * 3 };

static void y4m_case(vectors *v, const char *name, const char *bytes, size_t size, spae_status due, const char *why)
{
    float x[MOST];
    spae_y4m y4m;
    if (!vectors_begin(v, name, "8.23", "read_video", "{}", why))
        return;
    vectors_file file = vectors_file_of(v);
    vectors_file_add(&file, bytes, size);
    const spae_source source = vectors_file_given(&file);
    if (vectors_goes_on(v)) {
        spae_status status = spae_y4m_open(&source, NULL, &y4m, v->err);
        if (status == SPAE_OK)
            status = spae_y4m_read(v->arena, &y4m, 0, y4m.frames, x, v->err);
        if (vectors_returned(v, due, status))
            vectors_floats(v, "x", 4, (const size_t[]){y4m.frames, y4m.height, y4m.width, 3}, x);
    }
    vectors_end(v);
}

/* Every pair of chroma from a grid of six values, each with one luma. */
static void all_colours(vectors *v)
{
    static const uint8_t value[6] = {0, 16, 90, 128, 200, 255};
    float x[MOST];
    spae_y4m y4m;
    if (!vectors_begin(v, "files/y4m_colours", "8.23", "read_video", "{}",
                       "colours within and beyond the range: each is limited to 0..1"))
        return;
    vectors_file file = vectors_file_of(v);
    vectors_file_text(&file, "YUV4MPEG2 W6 H6 C444\n");
    for (int frame = 0; frame < 3; frame++) {
        vectors_file_text(&file, "FRAME\n");
        for (int plane = 0; plane < 3; plane++)
            for (int i = 0; i < 36; i++)
                vectors_file_low(
                    &file,
                    plane == 0 ? 16u + 100u * (unsigned)frame + (unsigned)i / 3 : value[plane == 1 ? i / 6 : i % 6], 1);
    }
    const spae_source source = vectors_file_given(&file);
    if (vectors_goes_on(v)) {
        vectors_expect(v, spae_y4m_open(&source, NULL, &y4m, v->err));
        vectors_expect(v, spae_y4m_read(v->arena, &y4m, 0, 3, x, v->err));
        vectors_floats(v, "x", 4, (const size_t[]){3, 6, 6, 3}, x);
    }
    vectors_end(v);
}

static void written(vectors *v, const char *name, double offset, double scale, const char *why)
{
    const size_t shape[] = {2, 2, 3, 3};
    float x[36];
    if (!vectors_begin(v, name, "8.24", "write_video", "{}", why))
        return;
    const spae_real *given = vectors_reals(v, "x", 4, shape, offset, scale);
    vectors_file file = vectors_file_of(v);
    spae_sink sink = spae_sink_buffer(&file.buffer);
    for (size_t i = 0; i < 36 && given != NULL; i++)
        x[i] = (float)given[i];
    if (vectors_goes_on(v))
        vectors_expect(v, spae_y4m_write(v->arena, &sink, x, 2, 2, 3, v->err));
    vectors_octets(v, "file", VECTORS_BITS, 1, &file.buffer.size, file.buffer.bytes);
    vectors_end(v);
}

/* Three pixels whose Cb lies on a whole number if the product comes before the quotient. */
static void written_on_an_edge(vectors *v)
{
    static const spae_real given[] = {0x1.a0384p-6f,   0x1.e32e3ep-1f, 0x1.520a8p-3f, 0x1.229d4cp-26f, 0x1.fcf5c8p-2f,
                                      0x1.8ae2ccp-1f, 0x1.f80d8p-7f,  0x1.fa4e0ep-1f, 0x1.886588p-3f};
    float x[9];
    if (!vectors_begin(v, "files/y4m_written_on_an_edge", "8.24", "write_video", "{}",
                       "224 (B - E) first, then by 1.772: from the quotient another byte follows"))
        return;
    vectors_file file = vectors_file_of(v);
    spae_sink sink = spae_sink_buffer(&file.buffer);
    for (size_t i = 0; i < 9; i++)
        x[i] = (float)given[i];
    vectors_numbers(v, "x", VECTORS_INPUT, 4, (const size_t[]){1, 1, 3, 3}, given);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_y4m_write(v->arena, &sink, x, 1, 1, 3, v->err));
    vectors_octets(v, "file", VECTORS_BITS, 1, &file.buffer.size, file.buffer.bytes);
    vectors_end(v);
}

#define D(text) VECTORS_TEXT(text)
#define F       SPAE_ERR_FORMAT
#define NINE    "\x10\x20\x30\x40\x50\x60\x70\x80\x90"

void vectors_videos(vectors *v)
{
    y4m_case(v, "files/y4m_444",
             D("YUV4MPEG2 W2 H1 F30000:1001 Ip A1:1 C444 XYSCSS=444\nFRAME\n\x10\xEB\x80\x80\x80\x80"
               "FRAME Ip\n\x51\x91\x5A\x36\xF0\x22"),
             SPAE_OK, "black and white; the red and green of colour bars; parameters that are left alone");
    y4m_case(v, "files/y4m_420", D("YUV4MPEG2 W3 H3 C420jpeg\nFRAME\n" NINE "\x70\x80\x90\xA0\x88\x78\x98\x68"),
             SPAE_OK, "half planes of an odd size: a chroma sample holds for one, two or four pixels");
    y4m_case(v, "files/y4m_without_c", D("YUV4MPEG2 W3 H3\nFRAME\n" NINE "\x70\x80\x90\xA0\x88\x78\x98\x68"), SPAE_OK,
             "without C chroma has half planes too");
    all_colours(v);
    y4m_case(v, "files/y4m_refused_magic", D("YUV4MPEG W1 H1 C444\nFRAME\n123"), F, "another magic");
    y4m_case(v, "files/y4m_refused_space", D("YUV4MPEG2 W2 H2 C422\nFRAME\n12345678"), F, "4:2:2");
    y4m_case(v, "files/y4m_refused_deep", D("YUV4MPEG2 W1 H1 C444p10\nFRAME\n123456"), F, "ten bits a sample");
    y4m_case(v, "files/y4m_refused_interlaced", D("YUV4MPEG2 W1 H1 It C444\nFRAME\n123"), F, "interlaced video");
    y4m_case(v, "files/y4m_refused_full_range", D("YUV4MPEG2 W1 H1 C444 XCOLORRANGE=FULL\nFRAME\n123"), F,
             "full range");
    y4m_case(v, "files/y4m_refused_no_width", D("YUV4MPEG2 H1 C444\nFRAME\n123"), F, "no width");
    y4m_case(v, "files/y4m_refused_width_0", D("YUV4MPEG2 W0 H1 C444\nFRAME\n"), F, "no columns");
    y4m_case(v, "files/y4m_refused_claim", D("YUV4MPEG2 W99999999 H99999999 C444\nFRAME\n123"), F,
             "a picture beyond the limits");
    y4m_case(v, "files/y4m_refused_no_frame", D("YUV4MPEG2 W1 H1 C444\n"), F, "no frame");
    y4m_case(v, "files/y4m_refused_truncated", D("YUV4MPEG2 W1 H1 C444\nFRAME\n123FRAME\n12"), F,
             "a frame that ends early");
    y4m_case(v, "files/y4m_refused_frame", D("YUV4MPEG2 W1 H1 C444\nFRAMES\n123"), F, "a line that is not FRAME");
    written(v, "files/y4m_written", 0.5, 0.5, "two frames of colours");
    written(v, "files/y4m_written_clamped", 0.5, 1.5, "colours beyond 0..1 are limited first");
    written_on_an_edge(v);
}
