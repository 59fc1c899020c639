/* A port held against the vectors, output by output, and the verdict written down: as a table, as
 * JSON, as JUnit's XML, as a page.
 *
 * Source    SPEC 9.9. An output that is given is judged and passes when it reaches the weakest
 * level of its comparison, or the level asked for. Given twice, unreadable, of the wrong type or
 *           shape: it fails. Missing: it only fails a complete verdict. In a case where tokens took
 * a near-tie, its other outputs that would fail follow it and are not judged.
 */
#ifndef SPAE_IO_VERDICT_H
#define SPAE_IO_VERDICT_H

#include "io/page.h"
#include "io/port.h"

typedef enum {
    SPAE_VERDICT_MISSING,
    SPAE_VERDICT_JUDGED,  /* `judgement` tells */
    SPAE_VERDICT_FOLLOWS, /* not judged: follows a near-tie of its case */
    SPAE_VERDICT_REFUSED  /* `remark` tells: twice, unreadable, wrong type, wrong shape */
} spae_verdict_state;

typedef struct {
    const spae_manifest_case *item;
    const spae_manifest_output *output;
    spae_verdict_state state;
    bool passes;              /* false where missing */
    spae_judgement judgement; /* of the states JUDGED and FOLLOWS; of a status only level, judged */
    const char *remark;       /* what is wrong or unusual, or "" */
    const char *diagnosis;    /* what the mistake may be, or "" */
    const char *status;       /* of a refusal: what the port gave, or "" */
    double tie_margin, tie_distance; /* of the first near-tie, when there is one */
} spae_verdict_output;

typedef struct {
    size_t outputs;  /* of the MANIFEST */
    size_t given;    /* of them, in any state but MISSING */
    size_t judged;   /* given and not following a near-tie */
    size_t level[4]; /* of the judged by spae_level; refused ones are at SPAE_LEVEL_NONE */
    size_t failed;   /* of the judged */
    size_t follow, near_ties;
    size_t cases, cases_judged; /* cases of which an output was judged */
} spae_verdict_count;

typedef struct {
    const spae_manifest *manifest;
    const spae_port *port;
    const char *directory, *vectors;
    spae_level level;                  /* asked for; SPAE_LEVEL_NONE: each output's own */
    bool complete;                     /* asked for: missing outputs fail */
    const spae_verdict_output *output; /* (all.outputs) in the order of the MANIFEST */
    const spae_verdict_count *stage;   /* (manifest->stages) */
    spae_verdict_count all;
    size_t first_short; /* the first stage that falls short; manifest->stages: none */
    bool passes;
} spae_verdict;

/*   in   level, complete  as in spae_verdict
 *   err  of a damaged vectors directory, as spae_vectors_open; of `directory`, as spae_port_open;
 *        SPAE_ERR_NO_MEMORY. Nothing that a port's arrays hold is an error here.
 *   mem  the verdict is in the arena, and borrows all arguments; close port after use */
spae_status spae_verdict_make(spae_arena *arena, const spae_vectors *vectors, const spae_port *port,
                              const char *directory, spae_level level, bool complete,
                              spae_verdict *verdict, spae_error *err);

/* The table for people. One line a stage; where something is below level A, one line an output. */
void spae_verdict_text(const spae_verdict *verdict, spae_page *page);

/* One JSON object. err as spae_json_write_finish; SPAE_ERR_NO_MEMORY */
spae_status spae_verdict_json(const spae_verdict *verdict, spae_arena *arena, const uint8_t **bytes,
                              size_t *size, spae_error *err);

/* JUnit's XML: a testsuite a stage, a testcase an output; missing outputs are skipped, or failures
 * of a complete verdict. */
void spae_verdict_junit(const spae_verdict *verdict, spae_page *page);

/* One HTML page that needs nothing else. */
void spae_verdict_html(const spae_verdict *verdict, spae_page *page);

/* ---- pieces that these share ----------------------------------------------------------------- */

#define SPAE_VERDICT_ROOM 256

/* The first differing value, expected or got: shortest decimal that reads back, and the bits of
 * floats in hexadecimal, "0.1 3dcccccd"; of integers the decimal. "" when there is none. */
const char *spae_verdict_value(const spae_verdict_output *o, bool got,
                               char text[SPAE_VERDICT_ROOM]);

/* Where it is: "(0,3,2)", inside a layout "encoder/Conv_0/kernel (0,1,2,3)". "" when there is none.
 */
const char *spae_verdict_place(const spae_verdict_output *o, char text[SPAE_VERDICT_ROOM]);

/* What one line says of an output that does not pass or that wants a remark; "" when there is
 * nothing to say. */
const char *spae_verdict_reason(const spae_verdict_output *o, char text[3 * SPAE_VERDICT_ROOM]);

/* The summary, and the sentence on the first stage that falls short; one line each, without its
 * end. */
void spae_verdict_summary(const spae_verdict *verdict, spae_page *page);
void spae_verdict_first_short(const spae_verdict *verdict, spae_page *page);

#endif
