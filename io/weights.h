/* Weights from elsewhere: the parameters of a network (nn/network.h) filled from files that other
 * programs wrote, .npz, .safetensors or PyTorch's .pt, .pth and .bin, one or several together, under the names and layouts that those programs use.
 *
 *     const char *const path[] = {"vgg16.safetensors", "lpips-vgg.safetensors"};
 *     spae_weights_report report;
 *     status = spae_weights_load(path, 2, parameters, values, scratch, &report, err);
 *
 * Names and layouts are schemes, tables of rules in weights_schemes.c from a parameter's path to a
 * name in a file. For each file that scheme is taken under which the file gives most of the
 * parameters; of equals the first:
 *
 *     "spae"            the path itself, kernels (kh,kw,ci,co) and (ci,co): head/kernel; and
 *                       language models, whose paths are Hugging Face's names
 *     "spae, dotted"    the same with . for /: head.kernel
 *     "flax"            under params/, means and variances under batch_stats/: params/head/kernel,
 *                       batch_stats/init_bn/mean
 *     "flax, dotted"    the same with . for /
 *     "torchvision"     state dicts of torchvision's ResNets with bottleneck blocks and VGGs, and
 *                       of LPIPS's linear layers: convolutions (co,ci,kh,kw), linear (co,ci);
 *                       fc.weight, layer1.0.bn1.running_mean, features.0.weight,
 *                       lin0.model.1.weight
 *     "fid, i3d"        state dicts of the Inception-v3 of FID and of I3D: Mixed_5b.branch1x1.conv.weight,
 *                       Conv3d_1a_7x7.conv3d.weight (co,ci,kt,kh,kw)
 *     "OpenAI's CLIP"   the encoders of nn/clip.h: visual.transformer.resblocks.0.attn.in_proj_weight,
 *     "OpenCLIP"        the same, the text encoder's under text.,
 *     "Hugging Face's CLIP"  vision_model.encoder.layers.0.self_attn.q_proj.weight
 *
 * Numbers are taken as they are, rounded to spae_real; nothing is folded or scaled.
 */
#ifndef SPAE_IO_WEIGHTS_H
#define SPAE_IO_WEIGHTS_H

#include "io/npz.h"
#include "io/safetensors.h"
#include "io/torch_file.h"
#include "nn/network.h"

/* ---- one door to all formats ----------------------------------------------------------------- */

typedef enum { SPAE_WEIGHTS_NPZ, SPAE_WEIGHTS_SAFETENSORS, SPAE_WEIGHTS_TORCH } spae_weights_format;

/* An open archive of named arrays. */
typedef struct {
    const spae_source *source; /* borrowed */
    size_t count;              /* arrays */
    spae_weights_format format; /* which of the next three is open */
    spae_npz npz;
    spae_safetensors safetensors;
    spae_torch_file torch;
} spae_weights;

/* Opens an archive, by its content: a zip file with a data.pkl in it is PyTorch's, another an .npz; '{' at byte 8 is a
 * .safetensors file; what begins as a pickle is PyTorch's old form.
 *   err  SPAE_ERR_FORMAT  none of them (a pickle in an .npy, HDF5 and GGUF are told), or broken
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 */
spae_status spae_weights_open(spae_arena *arena, const spae_source *source,
                              const spae_limits *limits, spae_weights *weights, spae_error *err);

/* The name of array 0 .. count - 1. */
const char *spae_weights_name(const spae_weights *weights, size_t index);

/* Which array has this name? weights->count when none has. */
size_t spae_weights_find(const spae_weights *weights, const char *name);

/* An array ready to be read. */
typedef struct {
    const char *name;
    unsigned rank;
    size_t shape[SPAE_NPY_RANK];               /* 1 beyond rank */
    size_t count;                              /* product of shape */
    spae_npz_array npz;                        /* of an .npz */
    const spae_safetensors_array *safetensors; /* of a .safetensors file */
    spae_torch_items torch;                    /* of a file of PyTorch's */
} spae_weights_array;

/* Takes an array's shape. A deflated array, and the span of a tensor of PyTorch's that does not lie in C order, stay in the
 * arena until the caller resets it.
 *   err  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 */
spae_status spae_weights_array_open(spae_arena *arena, const spae_weights *weights, size_t index,
                                    spae_weights_array *array, spae_error *err);

/* Reads all numbers in C order, rounded to nearest. From .npz and from PyTorch's files whole numbers are
 * taken too, from .safetensors only F16, BF16, F32 and F64.
 *   out  out  (count)  unspecified after a failure
 *   err  SPAE_ERR_FORMAT      its items are no such numbers    SPAE_ERR_IO
 *        SPAE_ERR_NOT_FINITE  NaN, infinity, or beyond the range
 */
spae_status spae_weights_array_read(const spae_weights *weights, const spae_weights_array *array,
                                    spae_real *out, spae_error *err);

/* Rows from .. from + count - 1 of the first axis alone, as above, so that a large matrix need not be in memory.
 *   in   array  rank >= 1; from + count <= shape[0]
 *   out  out    (count, the other axes)
 *   err  as spae_weights_array_read; SPAE_ERR_FORMAT  an .npz array in Fortran order, whose rows lie apart */
spae_status spae_weights_rows_read(const spae_weights *weights, const spae_weights_array *array, size_t from, size_t count,
                                   spae_real *out, spae_error *err);

/* ---- the parameters of a network ------------------------------------------------------------- */

#define SPAE_WEIGHTS_FILES 64

typedef struct {
    const char *scheme[SPAE_WEIGHTS_FILES]; /* of each file; static */
    size_t ignored;                         /* arrays of all files that are known and not needed */
    char hash[65];                          /* spae_weights_hash of what was loaded */
} spae_weights_report;

/* Fills all parameters from the files of all paths together, SPAE_WEIGHTS_FILES at most; a path may
 * stand for several (weights_files.h). Known and not needed, so ignored and counted, are num_batches_tracked, classifier.*, what transformers keep beside their
 * parameters (attn.bias, attn.masked_bias, rotary_emb.inv_freq), what CLIP's files
 * have beside its encoders (logit_scale, position_ids, attn_mask, input_resolution, ..), and the arrays of head/ (fc.*),
 * features/, lin/, lm_head and of CLIP's visual/ and text/ where the network has no parameters there.
 *   in   path    (paths)  borrowed until return
 *   out  values  (parameters->elements)  unspecified after a failure
 *        report  1        may be NULL; untouched after a failure
 *   err  SPAE_ERR_FORMAT    arrays are missing, are given by two files, or are left over that no
 *                           parameter takes: their number, and the first ten by name as far as the
 *                           text has room; a broken file
 *        SPAE_ERR_SHAPE     arrays of other shapes than the parameters: their number, and the first
 *                           ten with both shapes as far as the text has room
 *        SPAE_ERR_ARGUMENT  no path; of spae_weights_fill no files, or too many
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  scratch is as it was on return; it holds the directories, and one array at a time
 */
spae_status spae_weights_load(const char *const *path, size_t paths,
                              const spae_parameters *parameters, spae_real *values,
                              spae_arena *scratch, spae_weights_report *report, spae_error *err);

/* The same from archives that are open. */
spae_status spae_weights_fill(const spae_weights *file, size_t files,
                              const spae_parameters *parameters, spae_real *values,
                              spae_arena *scratch, spae_weights_report *report, spae_error *err);

/* SHA-256 of the values, whatever file they came from: for each parameter in the order of
 * declaration its path, a zero byte and its values as little-endian binary32 (ORACLE: binary64). */
void spae_weights_hash(const spae_parameters *parameters, const spae_real *values, char text[65]);

#endif
