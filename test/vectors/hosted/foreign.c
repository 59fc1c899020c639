/* Stage files, other programs' embeddings and weights: torch.save in both forms (SPEC 8.41 to 8.43), word vectors (8.44).
 *
 * Source    the two files were written by PyTorch 1.13: torch.save({"state_dict": {"w": w.t(), "h": h}, "epoch": 3}, F), w =
 *           arange(6).reshape(2,3) / 2 - 1 and h three binary16 numbers; a test holds what they must give.
 */
#include "io/torch_file.h"
#include "io/word_source.h"
#include "raw.h"

static const char zip_form[] =
    "PK\003\004\000\000\010\010\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\020\000\022\000archive/data.pklFB\016\000ZZZZZZZZZZZZZZ\200\002}q\000(X\012\000\000\000state_dictq"
    "\001}q\002(X\001\000\000\000wq\003ctorch._utils\012_rebuild_tensor_v2\012q\004((X\007\000\000\000sto"
    "rageq\005ctorch\012FloatStorage\012q\006X\001\000\000\0000q\007X\003\000\000\000cpuq\010K\006tq\011Q"
    "K\000K\003K\002\206q\012K\001K\003\206q\013\211ccollections\012OrderedDict\012q\014)Rq\015tq\016Rq"
    "\017X\001\000\000\000hq\020h\004((h\005ctorch\012HalfStorage\012q\021X\001\000\000\0001q\022h\010K"
    "\003tq\023QK\000K\003\205q\024K\001\205q\025\211h\014)Rq\026tq\027Rq\030uX\005\000\000\000epochq\031"
    "K\003u.PK\007\010\235\322\320w\027\001\000\000\027\001\000\000PK\003\004\000\000\010\010\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\016\000-\000archive/data/0FB)\000ZZZZZZ"
    "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ\000\000\200\277\000\000\000\277\000\000\000\000\000\000\000\077"
    "\000\000\200\077\000\000\300\077PK\007\010\0233\217\272\030\000\000\000\030\000\000\000PK\003\004"
    "\000\000\010\010\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\016\000,"
    "\000archive/data/1FB(\000ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ\000<\000\301\377{PK\007\010\225]"
    "\215\021\006\000\000\000\006\000\000\000PK\003\004\000\000\010\010\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\017\000=\000archive/versionFB9\000ZZZZZZZZZZZZZZZZZZZZZZZZZ"
    "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ3\012PK\007\010\321\236gU\002\000\000\000\002\000\000\000PK\001\002"
    "\000\000\000\000\010\010\000\000\000\000\000\000\235\322\320w\027\001\000\000\027\001\000\000\020"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000archive/data.pklPK\001\002\000"
    "\000\000\000\010\010\000\000\000\000\000\000\0233\217\272\030\000\000\000\030\000\000\000\016\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000g\001\000\000archive/data/0PK\001\002\000\000\000"
    "\000\010\010\000\000\000\000\000\000\225]\215\021\006\000\000\000\006\000\000\000\016\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\350\001\000\000archive/data/1PK\001\002\000\000\000\000\010"
    "\010\000\000\000\000\000\000\321\236gU\002\000\000\000\002\000\000\000\017\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000V\002\000\000archive/versionPK\006\006,\000\000\000\000\000\000\000\036"
    "\003-\000\000\000\000\000\000\000\000\000\004\000\000\000\000\000\000\000\004\000\000\000\000\000"
    "\000\000\363\000\000\000\000\000\000\000\322\002\000\000\000\000\000\000PK\006\007\000\000\000\000"
    "\305\003\000\000\000\000\000\000\001\000\000\000PK\005\006\000\000\000\000\004\000\004\000\363\000"
    "\000\000\322\002\000\000\000\000";

static const char old_form[] =
    "\200\002\212\012l\374\234F\371 j\250P\031.\200\002M\351\003.\200\002}q\000(X\020\000\000\000protocol"
    "_versionq\001M\351\003X\015\000\000\000little_endianq\002\210X\012\000\000\000type_sizesq\003}q\004("
    "X\005\000\000\000shortq\005K\002X\003\000\000\000intq\006K\004X\004\000\000\000longq\007K\004uu.\200"
    "\002}q\000(X\012\000\000\000state_dictq\001}q\002(X\001\000\000\000wq\003ctorch._utils\012_rebuild_t"
    "ensor_v2\012q\004((X\007\000\000\000storageq\005ctorch\012FloatStorage\012q\006X\011\000\000\0009355"
    "14192q\007X\003\000\000\000cpuq\010K\006Ntq\011QK\000K\003K\002\206q\012K\001K\003\206q\013\211ccoll"
    "ections\012OrderedDict\012q\014)Rq\015tq\016Rq\017X\001\000\000\000hq\020h\004((h\005ctorch\012HalfS"
    "torage\012q\021X\011\000\000\000873584976q\022h\010K\003Ntq\023QK\000K\003\205q\024K\001\205q\025"
    "\211h\014)Rq\026tq\027Rq\030uX\005\000\000\000epochq\031K\003u.\200\002]q\000(X\011\000\000\00087358"
    "4976q\001X\011\000\000\000935514192q\002e.\003\000\000\000\000\000\000\000\000<\000\301\377{\006\000"
    "\000\000\000\000\000\000\000\000\200\277\000\000\000\277\000\000\000\000\000\000\000\077\000\000\200"
    "\077\000\000\300\077";

static void read_torch(vectors *v, const char *name, const char *with, const char *array, const char *bytes, size_t size,
                       const char *from, const char *to, spae_status due, const char *why)
{
    spae_torch_file file;
    spae_torch_items items;
    spae_npz zip;
    spae_real x[8];
    const spae_torch_array *found = NULL;
    if (!vectors_begin(v, name, "8.41 8.42 8.43", "read_torch", with, why))
        return;
    vectors_file f = vectors_file_of(v);
    vectors_file_add(&f, bytes, size);
    if (from != NULL)
        vectors_file_replace(&f, from, to);
    const spae_source source = vectors_file_given(&f);
    if (vectors_goes_on(v)) {
        const bool is_old = spae_torch_is_old((const uint8_t *)bytes, size);
        spae_status status = is_old ? SPAE_OK : spae_npz_open(v->arena, &source, NULL, &zip, v->err);
        if (status == SPAE_OK)
            status = spae_torch_open(v->arena, &source, is_old ? NULL : &zip, NULL, &file, v->err);
        if (status == SPAE_OK && (found = spae_torch_find(&file, array)) == NULL)
            status = spae_fail(v->err, SPAE_ERR_ARGUMENT, "no %s", array);
        if (status == SPAE_OK)
            status = spae_torch_items_open(v->arena, &file, found, &items, v->err);
        if (status == SPAE_OK)
            status = spae_torch_items_read(&file, &items, 0, found->count, x, v->err);
        if (vectors_returned(v, due, status))
            vectors_numbers(v, "x", VECTORS_BITS, found->rank, found->shape, x);
    }
    vectors_end(v);
}

#define ZIP zip_form, sizeof zip_form - 1
#define OLD old_form, sizeof old_form - 1
#define W   "{\"array\":\"w\"}", "w"
#define H   "{\"array\":\"h\"}", "h"

static void torch(vectors *v)
{
    read_torch(v, "files/torch_zip", W, ZIP, NULL, NULL, SPAE_OK, "a transposed view, below state_dict");
    read_torch(v, "files/torch_zip_half", H, ZIP, NULL, NULL, SPAE_OK, "binary16");
    read_torch(v, "files/torch_old", W, OLD, NULL, NULL, SPAE_OK, "the old form, the same view");
    read_torch(v, "files/torch_old_half", H, OLD, NULL, NULL, SPAE_OK, "the old form, binary16");
    read_torch(v, "files/torch_refused_global", W, OLD, "_rebuild_tensor_v2", "_rebuild_tensor_v9", SPAE_ERR_FORMAT,
               "a global that is not on the list");
    read_torch(v, "files/torch_refused_module", W, OLD, "torch._utils", "posix_utils_", SPAE_ERR_FORMAT,
               "a global of another module");
    read_torch(v, "files/torch_refused_short", W, old_form, sizeof old_form - 2, NULL, NULL, SPAE_ERR_FORMAT,
               "the last storage ends early");
    read_torch(v, "files/torch_refused_more", W, old_form, sizeof old_form, NULL, NULL, SPAE_ERR_FORMAT,
               "a byte behind the last storage");
}

static void read_vectors(vectors *v, const char *name, const char *bytes, size_t size, spae_status due, const char *why)
{
    spae_word_source words;
    if (!vectors_begin(v, name, "8.44", "read_word_vectors", "{}", why))
        return;
    vectors_file f = vectors_file_of(v);
    vectors_file_add(&f, bytes, size);
    const spae_source source = vectors_file_given(&f);
    if (vectors_goes_on(v) && vectors_returned(v, due, spae_word_source_vectors_of(v->arena, &source, &words, v->err))) {
        spae_real *e = vectors_room(v, words.V * words.c, sizeof *e);
        for (size_t k = 0; vectors_goes_on(v) && k < words.V; k++)
            vectors_expect(v, words.row(&words, k, e + k * words.c, v->err));
        if (vectors_goes_on(v))
            vectors_numbers(v, "e", VECTORS_BITS, 2, (const size_t[]){words.V, words.c}, e);
        words.close(&words);
    }
    vectors_end(v);
}

static void word_vectors(vectors *v)
{
    read_vectors(v, "files/vectors_glove", VECTORS_TEXT("the 0.1 -2.5 1e-3\nof 3 0.333333333 -0\n"), SPAE_OK,
                 "GloVe: no first line; numbers are rounded to real once");
    read_vectors(v, "files/vectors_blank_in_word", VECTORS_TEXT("2 2\na b 0.5 1\nc 2 3\n"), SPAE_OK,
                 "what stands before the last numbers is the word");
    read_vectors(v, "files/vectors_text", VECTORS_TEXT("2 3\nthe 1 2 3\nof 4 5 6\n"), SPAE_OK,
                 "word2vec's text: words and width first");
    read_vectors(v, "files/vectors_binary",
                 VECTORS_TEXT("2 2\nthe \0\0\200\077\0\0\0\300\nof \333\017\111\100\0\0\0\0\n"), SPAE_OK,
                 "word2vec's binary form: the low byte first");
    read_vectors(v, "files/vectors_refused_short", VECTORS_TEXT("3 2\na 1 2\nb 3 4\n"), SPAE_ERR_FORMAT,
                 "a word less than is said");
    read_vectors(v, "files/vectors_refused_width", VECTORS_TEXT("2 3\nthe 1 2 3\nof 4 5\n"), SPAE_ERR_FORMAT,
                 "a number less than is said");
}

void vectors_foreign(vectors *v)
{
    torch(v);
    word_vectors(v);
}
