/* io/episode: classes of labelled data, and what an episode must hold: every setting's part of it, no picture twice. */
#include "bytes.h"

#include "../../io/episode.h"
#include "../../vendor_free/philox.h"

/* ---- classes ----------------------------------------------------------------------------------------- */

START_TEST(classes_of_numbers)
{
    static const int32_t label[] = {2, 0, 2, 1, 2, 0};
    static const char *const word[] = {"zero", "one", "two", "three"};
    static const size_t row[] = {0, 1, 2, 4, 5}; /* picture 3 is of the other part */
    const spae_dataset dataset = {.count = 5, .labels = label, .row = row, .name = "d"};
    spae_arena arena = new_arena();
    spae_classes c;
    spae_error err;
    ck_assert_int_eq(spae_classes_of(&dataset, word, 4, &arena, &c, NULL), SPAE_OK);
    static const size_t first[] = {0, 2, 2, 5, 5}, picture[] = {1, 4, 0, 2, 3};
    ck_assert(c.count == 4 && c.pictures == 5);
    ck_assert(memcmp(c.first, first, sizeof first) == 0 && memcmp(c.picture, picture, sizeof picture) == 0);
    ck_assert_str_eq(c.name[2], "two");
    ck_assert_int_eq(spae_classes_of(&dataset, word, 2, &arena, &c, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "d: picture 0 has label 2, words are given for 2");
    const spae_dataset bare = {.count = 5, .name = "d"};
    ck_assert_int_eq(spae_classes_of(&bare, word, 4, &arena, &c, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "d: pictures without labels have no classes");
    spae_arena_free(&arena);
}
END_TEST

/* Pictures of several words are in several classes, once each. */
START_TEST(classes_of_words)
{
    static const int32_t label[] = {0, 1, 2, 1};
    static const size_t ends[] = {0, 2, 4, 7};
    static const char *const word[] = {"dog", "face", "cat", "face", "pet", "dog", "pet"};
    const spae_dataset dataset = {.count = 4, .labels = label, .words = {3, ends, word}, .name = "d"};
    spae_arena arena = new_arena();
    spae_classes c;
    ck_assert_int_eq(spae_classes_of(&dataset, NULL, 0, &arena, &c, NULL), SPAE_OK);
    static const char *const name[] = {"dog", "face", "cat", "pet"};
    static const size_t first[] = {0, 2, 5, 7, 8}, picture[] = {0, 2, 0, 1, 3, 1, 3, 2};
    ck_assert_uint_eq(c.count, 4);
    for (size_t k = 0; k < 4; k++)
        ck_assert_str_eq(c.name[k], name[k]);
    ck_assert(memcmp(c.first, first, sizeof first) == 0 && memcmp(c.picture, picture, sizeof picture) == 0);
    spae_arena_free(&arena);
}
END_TEST

/* ---- episodes ---------------------------------------------------------------------------------------- */

enum { CLASSES = 10, EACH = 9 };

/* Ten classes of nine pictures each: picture p is of class p mod 10. */
static spae_classes ten(void)
{
    static const char *const name[CLASSES] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    static size_t first[CLASSES + 1], picture[CLASSES * EACH];
    for (size_t k = 0; k < CLASSES; k++) {
        first[k + 1] = (k + 1) * EACH;
        for (size_t i = 0; i < EACH; i++)
            picture[k * EACH + i] = i * CLASSES + k;
    }
    return (spae_classes){CLASSES, name, first, picture, CLASSES * EACH};
}

static void check_episode(const spae_classes *c, const spae_episode *e)
{
    bool used[CLASSES * EACH] = {false}, taken[CLASSES] = {false};
    for (size_t w = 0; w < e->ways; w++) {
        ck_assert(e->class_of[w] < CLASSES && !taken[e->class_of[w]] && e->asked[w + 1] <= w);
        ck_assert_ptr_eq(e->label[w], c->name[e->class_of[w]]);
        taken[e->class_of[w]] = true;
        for (size_t s = 0; s <= e->shots; s++) {
            const size_t picture = s == 0 ? e->query[w] : e->support[(s - 1) * e->ways + w];
            ck_assert(picture % CLASSES == e->class_of[w] && !used[picture]);
            used[picture] = true;
        }
    }
}

START_TEST(episodes_hold_what_settings_need)
{
    const spae_classes c = ten();
    spae_arena arena = new_arena();
    spae_episode e;
    size_t asked[5] = {0}, class_at[CLASSES] = {0}, query[CLASSES * EACH] = {0};
    for (uint32_t number = 0; number < 2000; number++) {
        const spae_arena_mark here = spae_arena_here(&arena);
        ck_assert_int_eq(spae_episode_sample(&c, 3, number, 5, 5, &arena, &e, NULL), SPAE_OK);
        check_episode(&c, &e);
        asked[e.asked[5]]++, class_at[e.class_of[1]]++, query[e.query[0]]++;
        spae_arena_reset(&arena, here);
    }
    for (size_t i = 0; i < 5; i++) /* 400 +- 18 */
        ck_assert_msg(asked[i] > 300 && asked[i] < 500, "place %zu asked %zu times", i, asked[i]);
    for (size_t i = 0; i < CLASSES; i++) /* 200 +- 13 */
        ck_assert_msg(class_at[i] > 130 && class_at[i] < 270, "class %zu %zu times", i, class_at[i]);
    for (size_t i = 0; i < CLASSES * EACH; i++) /* 22 +- 5 */
        ck_assert_msg(query[i] > 0 && query[i] < 50, "picture %zu %zu times", i, query[i]);
    spae_arena_free(&arena);
}
END_TEST

/* SPEC 10.19, drawn here by hand. */
START_TEST(draws)
{
    const spae_classes c = ten();
    spae_arena arena = new_arena();
    spae_episode e;
    uint32_t w[4];
    ck_assert_int_eq(spae_episode_sample(&c, 11, 7, 5, 5, &arena, &e, NULL), SPAE_OK);
    spae_philox((const uint32_t[]){7, 0, 0, 0}, (const uint32_t[]){11, 7}, w);
    ck_assert_uint_eq(e.class_of[0], spae_random_below(w[0], w[1], CLASSES));
    spae_philox((const uint32_t[]){7, 0, 0, 1}, (const uint32_t[]){11, 7}, w);
    ck_assert_uint_eq(e.query[0], spae_random_below(w[0], w[1], EACH) * CLASSES + e.class_of[0]);
    spae_philox((const uint32_t[]){7, 0, 3, 1}, (const uint32_t[]){11, 7}, w);
    ck_assert_uint_eq(e.query[3], spae_random_below(w[0], w[1], EACH) * CLASSES + e.class_of[3]);
    spae_philox((const uint32_t[]){7, 2, 0, 2}, (const uint32_t[]){11, 7}, w);
    ck_assert_uint_eq(e.asked[2], spae_random_below(w[0], w[1], 2));
    ck_assert_int_eq(SPAE_RANDOM_EPISODE, 7);
    spae_arena_free(&arena);
}
END_TEST

/* Fewer ways of the same shots are the first classes of the larger episode. */
START_TEST(episodes_nest)
{
    const spae_classes c = ten();
    spae_arena arena = new_arena();
    spae_episode five, two, again;
    for (uint32_t number = 0; number < 50; number++) {
        ck_assert_int_eq(spae_episode_sample(&c, 1, number, 5, 5, &arena, &five, NULL), SPAE_OK);
        ck_assert_int_eq(spae_episode_sample(&c, 1, number, 2, 5, &arena, &two, NULL), SPAE_OK);
        ck_assert_int_eq(spae_episode_sample(&c, 1, number, 5, 5, &arena, &again, NULL), SPAE_OK);
        ck_assert(memcmp(five.support, again.support, 25 * sizeof *five.support) == 0);
        ck_assert(memcmp(five.class_of, two.class_of, 2 * sizeof *two.class_of) == 0);
        ck_assert(memcmp(five.query, two.query, 2 * sizeof *two.query) == 0 && five.asked[2] == two.asked[2]);
        for (size_t s = 0; s < 5; s++)
            ck_assert(memcmp(five.support + s * 5, two.support + s * 2, 2 * sizeof *two.support) == 0);
    }
    spae_arena_free(&arena);
}
END_TEST

/* Two classes share pictures 0 and 1: together they have only 2 and 3 to 6 of their own. */
START_TEST(pictures_of_two_classes)
{
    static const char *const name[] = {"a", "b", "c"};
    static const size_t first[] = {0, 3, 9, 12}, picture[] = {0, 1, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9};
    const spae_classes c = {3, name, first, picture, 10};
    spae_arena arena = new_arena();
    spae_episode e;
    spae_error err;
    for (uint32_t number = 0; number < 40; number++) {
        ck_assert_int_eq(spae_episode_sample(&c, 5, number, 2, 1, &arena, &e, NULL), SPAE_OK);
        ck_assert_msg(e.class_of[0] == 2 || e.class_of[1] == 2, "episode %u has a and b", (unsigned)number);
    }
    ck_assert_int_eq(spae_episode_sample(&c, 5, 0, 3, 1, &arena, &e, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "episode: 2 of 3 classes have 2 pictures of their own, 3 ways need 3");
    ck_assert_int_eq(spae_episode_sample(&c, 5, 0, 3, 0, &arena, &e, NULL), SPAE_OK);
    for (size_t w = 0; w < 3; w++)
        ck_assert(e.query[w] > 1);
    ck_assert_int_eq(spae_episode_sample(&c, 5, 0, 1, 6, &arena, &e, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_episode_sample(&c, 5, 0, 0, 1, &arena, &e, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "episode: 0 ways, expected 1 to 16");
    ck_assert_int_eq(spae_episode_sample(&c, 5, 0, 17, 1, &arena, &e, &err), SPAE_ERR_ARGUMENT);
    spae_arena_free(&arena);
}
END_TEST

static spae_status sample_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_episode e;
    return spae_episode_sample(context, 1, 2, 5, 5, arena, &e, err);
}

static spae_status group_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_classes c;
    static const char *const word[] = {"zero", "one", "two"};
    return spae_classes_of(context, word, 3, arena, &c, err);
}

START_TEST(too_little_memory)
{
    static const int32_t label[] = {2, 0, 2, 1};
    spae_dataset dataset = {.count = 4, .labels = label, .name = "d"};
    spae_classes c = ten();
    starve(sample_in, &c, 64);
    starve(group_in, &dataset, 64);
}
END_TEST

SUITE(suite_io_episode, "io/episode", classes_of_numbers, classes_of_words, episodes_hold_what_settings_need, draws, episodes_nest,
      pictures_of_two_classes, too_little_memory)
