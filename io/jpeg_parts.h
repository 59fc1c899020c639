/* What the files of the JPEG reader share: the picture while it is read, its codes, its scans.
 *
 * A block is 8 x 8 samples or coefficients, in rows. Files list coefficients in the zigzag order (T.81 figure A.6);
 * here they stand in rows: coefficient k of the file is at spae_jpeg_zigzag[k].
 */
#ifndef SPAE_JPEG_PARTS_H
#define SPAE_JPEG_PARTS_H

#include "io/image.h"

enum {
    SPAE_JPEG_SIDE = 8,       /* of a block */
    SPAE_JPEG_BLOCK = 64,     /* coefficients of one */
    SPAE_JPEG_COMPONENTS = 3, /* most of a picture that is taken */
    SPAE_JPEG_TABLES = 4,     /* of each kind: quantization, codes of DC, codes of AC */
    SPAE_JPEG_LOOK = 9        /* bits of a code that are looked up at once */
};

extern const uint8_t spae_jpeg_zigzag[SPAE_JPEG_BLOCK];

/* ---- codes ----------------------------------------------------------------------------------- */

/* Huffman's codes, T.81 annex C: those of one length are consecutive numbers. */
typedef struct {
    bool defined;
    uint8_t symbol[256];                  /* in the order of the codes */
    uint32_t first[17], count[17];        /* of length l: the first code, how many */
    uint32_t index[17];                   /* .. and the place of its symbol */
    uint16_t look[1 << SPAE_JPEG_LOOK];   /* length << 8 | symbol by the next bits; 0: the code is longer, or none */
} spae_jpeg_codes;

/* From the numbers of codes of length 1 .. 16 and their symbols.
 *   in   symbols  (sum of counts) at most 256
 *   out  codes    defined; untouched when false is returned: there are more codes of a length than fit, or one is all
 *                 ones, which T.81 C.2 keeps free */
bool spae_jpeg_codes_make(const uint8_t counts[16], const uint8_t *symbols, spae_jpeg_codes *codes);

/* ---- the picture ----------------------------------------------------------------------------- */

typedef struct {
    unsigned id, h, v;             /* sampling factors 1 .. 4 */
    unsigned table;                /* of quantization */
    size_t width, height;          /* in samples: ceil(W h / H), ceil(H v / V) of the picture's and largest factors */
    size_t own_columns, own_rows;  /* in blocks: what covers these; a scan of this component alone has so many */
    size_t columns, rows;          /* in blocks, whole MCUs; what is kept */
    int16_t *blocks;               /* (rows,columns,64) coefficients, in the arena */
    bool has_steps;                /* its first scan was there, from when on ... */
    uint16_t step[SPAE_JPEG_BLOCK]; /* ... these are its quantization's steps, in rows */
    int8_t low[SPAE_JPEG_BLOCK];   /* of coefficient k of the file: its lowest bit that was sent; -1: none was */
    uint8_t *samples;              /* (8 rows, 8 columns), in the arena */
} spae_jpeg_component;

typedef struct {
    const char *name; /* of the file */
    size_t width, height;
    bool progressive;
    unsigned count; /* components: 1 or 3 */
    spae_jpeg_component component[SPAE_JPEG_COMPONENTS];
    unsigned most_h, most_v;
    size_t mcu_columns, mcu_rows;
    bool rgb; /* the three components are red, green, blue */
} spae_jpeg_picture;

spae_status spae_jpeg_broken(const char *name, uint64_t offset, const char *what, spae_error *err);

/* ---- scans ----------------------------------------------------------------------------------- */

typedef struct {
    unsigned count;
    spae_jpeg_component *component[SPAE_JPEG_COMPONENTS];
    const spae_jpeg_codes *dc[SPAE_JPEG_COMPONENTS], *ac[SPAE_JPEG_COMPONENTS]; /* borrowed; defined where needed */
    unsigned first, last; /* coefficients of the file's order: T.81's Ss and Se */
    unsigned high, low;   /* bits sent before and now: T.81's Ah and Al; high 0: the first time */
    size_t restart;       /* MCUs between restart markers; 0: there are none */
} spae_jpeg_scan;

/* The coded data of a scan into the blocks of its components (T.81 F.2, G.1.2, G.2).
 *   in   data  (size) the whole file; *at is the first byte behind the scan's header
 *   out  *at   the marker behind the data
 *   err  SPAE_ERR_FORMAT */
spae_status spae_jpeg_read_scan(const spae_jpeg_picture *p, const spae_jpeg_scan *s, const uint8_t *data, size_t size,
                                size_t *at, spae_error *err);

/* ---- samples --------------------------------------------------------------------------------- */

/* Every block's coefficients times its steps through the inverse transform, into the component's samples. SPEC 8.51 */
void spae_jpeg_transform(spae_jpeg_component *c);

/* The components' samples to the picture's size and colours. SPEC 8.52
 *   in   row  (3 x picture's width), of scratch
 *   out  image  (height, width, 1 or 3) samples as of 8 bits, value / 255 */
void spae_jpeg_colours(const spae_jpeg_picture *p, uint8_t *row, spae_image *image);

#endif
