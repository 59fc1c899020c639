/* Episodes of few-shot classification: episode.h. SPEC 10.19 */
#include "io/episode.h"

#include <string.h>

#include "vendor_free/philox.h"

/* What a draw is for: the last word of its counter. */
enum { DRAW_CLASS, DRAW_PICTURE, DRAW_ASKED };

/* ---- classes ----------------------------------------------------------------------------------------- */

/* Which class each word of the data set's sources is, in the order of first occurrence. */
typedef struct {
    size_t count;      /* of classes so far */
    const char **name; /* (words) */
    size_t *of;        /* (words) the class of word i of the sources */
} naming;

/* Names the classes by a sorted index of the words: equal texts have the same lowest place. */
static spae_status name_classes(const spae_source_words *words, spae_arena *arena, naming *n, spae_error *err)
{
    const size_t all = words->first[words->count];
    const spae_arena_mark here = spae_arena_here(arena);
    spae_words index;
    int32_t lowest = 0;
    const spae_status status = spae_words_index(words->word, all, arena, &index, err);
    if (status != SPAE_OK)
        return status;
    n->count = 0;
    for (size_t i = 0; i < all; i++) {
        spae_words_find(&index, words->word[i], strlen(words->word[i]), &lowest);
        if ((size_t)lowest == i)
            n->name[n->count++] = words->word[i];
        n->of[i] = (size_t)lowest == i ? n->count - 1 : n->of[lowest];
    }
    spae_arena_reset(arena, here);
    return SPAE_OK;
}

/* Is word i of source s one that the source has named before? */
static bool again(const spae_source_words *words, const naming *n, size_t source, size_t i)
{
    for (size_t j = words->first[source]; j < i; j++)
        if (n->of[j] == n->of[i])
            return true;
    return false;
}

/* Goes through the pictures' classes, picture by picture: counts them in first[class + 1], or, with `picture`, puts each
 * picture at the place first[class], which moves on. */
static void go_through(const spae_dataset *dataset, const spae_source_words *words, const naming *n, size_t *first,
                       size_t *picture)
{
    for (size_t p = 0; p < dataset->count; p++) {
        const size_t source = (size_t)spae_dataset_label(dataset, p);
        for (size_t i = words->first[source]; i < words->first[source + 1]; i++) {
            if (again(words, n, source, i))
                continue;
            if (picture == NULL)
                first[n->of[i] + 1]++;
            else
                picture[first[n->of[i]]++] = p;
        }
    }
}

/* Labels that are numbers: source i has word i. */
static spae_status words_of_numbers(const spae_dataset *dataset, const char *const *word, size_t count, spae_arena *arena,
                                    spae_source_words *words, spae_error *err)
{
    size_t *first = spae_arena_take(arena, count + 1, sizeof *first);
    if (first == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu classes", dataset->name, count);
    for (size_t i = 0; i <= count; i++)
        first[i] = i;
    for (size_t p = 0; p < dataset->count; p++)
        if ((size_t)spae_dataset_label(dataset, p) >= count)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: picture %zu has label %lld, words are given for %zu", dataset->name,
                             p, (long long)spae_dataset_label(dataset, p), count);
    *words = (spae_source_words){count, first, word};
    return SPAE_OK;
}

static spae_status group(const spae_dataset *dataset, const spae_source_words *words, spae_arena *arena,
                         spae_classes *classes, spae_error *err)
{
    const size_t all = words->first[words->count];
    naming n = {0, spae_arena_take(arena, all, sizeof *n.name), spae_arena_take(arena, all, sizeof *n.of)};
    if (n.name == NULL || n.of == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu words", dataset->name, all);
    const spae_status status = name_classes(words, arena, &n, err);
    if (status != SPAE_OK)
        return status;
    size_t *first = spae_arena_take_zeroed(arena, n.count + 1, sizeof *first);
    size_t *next = spae_arena_take(arena, n.count + 1, sizeof *next);
    if (first != NULL && next != NULL) {
        go_through(dataset, words, &n, first, NULL);
        for (size_t k = 0; k < n.count; k++)
            first[k + 1] += first[k];
        memcpy(next, first, (n.count + 1) * sizeof *next);
    }
    size_t *picture = first != NULL && next != NULL ? spae_arena_take(arena, first[n.count], sizeof *picture) : NULL;
    if (picture == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the pictures of %zu classes", dataset->name, n.count);
    go_through(dataset, words, &n, next, picture);
    *classes = (spae_classes){n.count, n.name, first, picture, dataset->count};
    return SPAE_OK;
}

spae_status spae_classes_of(const spae_dataset *dataset, const char *const *word, size_t count, spae_arena *arena,
                            spae_classes *classes, spae_error *err)
{
    const spae_arena_mark here = spae_arena_here(arena);
    spae_source_words words = dataset->words;
    spae_status status = SPAE_OK;
    if (dataset->labels == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: pictures without labels have no classes", dataset->name);
    if (words.count == 0)
        status = words_of_numbers(dataset, word, count, arena, &words, err);
    if (status == SPAE_OK)
        status = group(dataset, &words, arena, classes, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, here);
    return status;
}

/* ---- an episode -------------------------------------------------------------------------------------- */

/* An episode being drawn. */
typedef struct {
    const spae_classes *classes;
    uint32_t seed, number;
    size_t shots, ways;     /* wanted */
    size_t chosen;          /* classes so far */
    size_t *class_of;       /* (ways) */
    unsigned char *members; /* (pictures) of how many chosen classes each is */
} drawing;

/* One of 0 .. n-1, n >= 1. */
static size_t draw(const drawing *d, size_t a, size_t b, uint32_t what, size_t n)
{
    uint32_t word[4];
    const uint32_t counter[4] = {d->number, (uint32_t)a, (uint32_t)b, what};
    spae_random_block((spae_random_key){d->seed, SPAE_RANDOM_EPISODE}, counter, word);
    return spae_random_below(word[0], word[1], (uint32_t)n);
}

/* Adds (change 1) or takes back (-1) a class among the chosen. */
static void mark_members(const drawing *d, size_t class_of, int change)
{
    for (size_t i = d->classes->first[class_of]; i < d->classes->first[class_of + 1]; i++)
        d->members[d->classes->picture[i]] = (unsigned char)(d->members[d->classes->picture[i]] + change);
}

/* The class's pictures that are of no other chosen class; `out` may be NULL: they are only counted. */
static size_t own_pictures(const drawing *d, size_t class_of, size_t *out)
{
    size_t count = 0;
    for (size_t i = d->classes->first[class_of]; i < d->classes->first[class_of + 1]; i++) {
        if (d->members[d->classes->picture[i]] != 1)
            continue;
        if (out != NULL)
            out[count] = d->classes->picture[i];
        count++;
    }
    return count;
}

/* The class is chosen if then every chosen one still has pictures of its own for all shots and the query. */
static void try_class(drawing *d, size_t class_of)
{
    bool good = true;
    d->class_of[d->chosen++] = class_of;
    mark_members(d, class_of, 1);
    for (size_t w = 0; good && w < d->chosen; w++)
        good = own_pictures(d, d->class_of[w], NULL) > d->shots;
    if (!good) {
        mark_members(d, class_of, -1);
        d->chosen--;
    }
}

static spae_status choose_classes(drawing *d, spae_arena *arena, spae_error *err)
{
    const size_t C = d->classes->count;
    size_t *order = spae_arena_take(arena, C, sizeof *order);
    d->members = spae_arena_take_zeroed(arena, d->classes->pictures, 1);
    if (order == NULL || d->members == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "episode: no memory for %zu classes", C);
    for (size_t i = 0; i < C; i++)
        order[i] = i;
    for (size_t i = 0; i < C && d->chosen < d->ways; i++) {
        const size_t j = i + draw(d, i, 0, DRAW_CLASS, C - i), k = order[j];
        order[j] = order[i];
        order[i] = k;
        try_class(d, k);
    }
    if (d->chosen < d->ways)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "episode: %zu of %zu classes have %zu pictures of their own, %zu ways need %zu",
                         d->chosen, C, d->shots + 1, d->ways, d->ways);
    return SPAE_OK;
}

/* The pictures at place w: the first drawn is the query, the others the shots. */
static spae_status choose_pictures(const drawing *d, size_t w, spae_arena *arena, size_t *support, size_t *query,
                                   spae_error *err)
{
    const size_t k = d->class_of[w], most = d->classes->first[k + 1] - d->classes->first[k];
    const spae_arena_mark here = spae_arena_here(arena);
    size_t *own = spae_arena_take(arena, most, sizeof *own);
    if (own == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "episode: no memory for %zu pictures", most);
    const size_t count = own_pictures(d, k, own);
    for (size_t i = 0; i <= d->shots; i++) {
        const size_t j = i + draw(d, i, w, DRAW_PICTURE, count - i), picture = own[j];
        own[j] = own[i];
        own[i] = picture;
        *(i == 0 ? &query[w] : &support[(i - 1) * d->ways + w]) = picture;
    }
    spae_arena_reset(arena, here);
    return SPAE_OK;
}

/* Room for an episode, and what of it is known. */
typedef struct {
    size_t *class_of, *support, *query, *asked;
    const char **label;
} room;

static bool take_room(spae_arena *arena, size_t ways, size_t shots, room *r)
{
    if (shots > (size_t)-1 / ways)
        return false;
    r->class_of = spae_arena_take(arena, ways, sizeof *r->class_of);
    r->support = spae_arena_take(arena, shots * ways, sizeof *r->support);
    r->query = spae_arena_take(arena, ways, sizeof *r->query);
    r->asked = spae_arena_take(arena, ways + 1, sizeof *r->asked);
    r->label = spae_arena_take(arena, ways, sizeof *r->label);
    return r->class_of != NULL && r->support != NULL && r->query != NULL && r->asked != NULL && r->label != NULL;
}

static spae_status fill(drawing *d, const room *r, spae_arena *arena, spae_error *err)
{
    spae_status status = choose_classes(d, arena, err);
    for (size_t w = 0; status == SPAE_OK && w < d->ways; w++)
        status = choose_pictures(d, w, arena, r->support, r->query, err);
    r->asked[0] = 0;
    for (size_t w = 0; status == SPAE_OK && w < d->ways; w++) {
        r->label[w] = d->classes->name[d->class_of[w]];
        r->asked[w + 1] = draw(d, w + 1, 0, DRAW_ASKED, w + 1);
    }
    return status;
}

spae_status spae_episode_sample(const spae_classes *classes, uint32_t seed, uint32_t number, size_t ways, size_t shots,
                                spae_arena *arena, spae_episode *episode, spae_error *err)
{
    const spae_arena_mark here = spae_arena_here(arena);
    room r;
    if (ways < 1 || ways > SPAE_EPISODE_WAYS)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "episode: %zu ways, expected 1 to %d", ways, SPAE_EPISODE_WAYS);
    if (!take_room(arena, ways, shots, &r)) {
        spae_arena_reset(arena, here);
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "episode: no memory for %zu ways of %zu shots", ways, shots);
    }
    const spae_arena_mark filled = spae_arena_here(arena);
    drawing d = {.classes = classes, .seed = seed, .number = number, .shots = shots, .ways = ways, .class_of = r.class_of};
    const spae_status status = fill(&d, &r, arena, err);
    spae_arena_reset(arena, status == SPAE_OK ? filled : here);
    if (status == SPAE_OK)
        *episode = (spae_episode){ways, shots, r.class_of, r.label, r.support, r.query, r.asked};
    return status;
}
