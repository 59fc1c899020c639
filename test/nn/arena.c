/* The arena: pieces, marks, reuse, refusals, and every block given back. */
#include <stdbool.h>
#include <stdint.h>

#include "test/check.h"
#include "test/memory.h"

static bool aligned(const void *p)
{
    return (uintptr_t)p % SPAE_ALIGNMENT == 0;
}

/* Pieces lie inside the block, aligned, none over another, wherever the block starts. */
START_TEST(fixed_pieces_are_aligned_and_apart)
{
    static unsigned char memory[4096 + SPAE_ALIGNMENT];
    for (size_t offset = 0; offset < SPAE_ALIGNMENT; offset++) {
        spae_arena arena;
        spae_arena_fixed(&arena, memory + offset, 4096);
        unsigned char *last = memory + offset, *piece;
        size_t pieces = 0;
        for (size_t bytes = 1; (piece = spae_arena_take(&arena, bytes, 1)) != NULL; bytes += 37, pieces++) {
            ck_assert(aligned(piece));
            ck_assert(piece >= last);
            last = piece + bytes;
            ck_assert(last <= memory + offset + 4096);
            memset(piece, 1, bytes);
        }
        ck_assert_uint_ge(pieces, 10);
    }
}
END_TEST

START_TEST(fixed_refuses_one_byte_too_much)
{
    static unsigned char memory[1000];
    spae_arena arena;
    spae_arena_fixed(&arena, memory, sizeof memory);
    size_t room = 0;
    const spae_arena_mark start = spae_arena_here(&arena);
    while (spae_arena_take(&arena, 1, 1) != NULL)
        room += SPAE_ALIGNMENT;
    ck_assert_uint_ge(room, 1000 - 4 * SPAE_ALIGNMENT);
    spae_arena_reset(&arena, start);
    ck_assert_ptr_null(spae_arena_take(&arena, room + 1, 1));
    ck_assert_uint_eq(arena.used, 0);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, room, 1));
    ck_assert_uint_eq(arena.used, room);
    ck_assert_ptr_null(spae_arena_take(&arena, 1, 1));
}
END_TEST

/* Every block that is too small for even a header gives nothing, and nothing is written into it. */
START_TEST(fixed_survives_blocks_too_small)
{
    spae_arena arena;
    spae_arena_fixed(&arena, NULL, 0);
    ck_assert_ptr_null(spae_arena_take(&arena, 1, 1));
    for (size_t bytes = 0; bytes < SPAE_ALIGNMENT; bytes++) {
        unsigned char *memory = malloc(bytes + 1); /* its own block: sanitizers see a write behind it */
        spae_arena_fixed(&arena, memory, bytes);
        ck_assert_ptr_null(spae_arena_take(&arena, 1, 1));
        spae_arena_free(&arena);
        free(memory);
    }
}
END_TEST

START_TEST(a_product_that_overflows_is_refused)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    const size_t most = SIZE_MAX;
    ck_assert_ptr_null(spae_arena_take(&arena, most, 1));
    ck_assert_ptr_null(spae_arena_take(&arena, 1, most));
    ck_assert_ptr_null(spae_arena_take(&arena, most / 2 + 1, 2));
    ck_assert_ptr_null(spae_arena_take(&arena, most / 8, 16));
    ck_assert_ptr_null(spae_arena_take_zeroed(&arena, most / 2 + 2, 2));
    ck_assert_ptr_null(spae_arena_take(&arena, most - SPAE_ALIGNMENT, 1)); /* no overflow; the header would */
    ck_assert_uint_eq(w.calls, 0);
    ck_assert_uint_eq(arena.used, 0);
}
END_TEST

START_TEST(nothing_is_a_piece_too)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 0, 8));
    ck_assert_ptr_nonnull(spae_arena_take(&arena, SIZE_MAX, 0));
    ck_assert_ptr_nonnull(spae_arena_take_zeroed(&arena, 0, 0));
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

START_TEST(growing_asks_when_it_must_and_gives_everything_back)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    ck_assert_uint_eq(w.calls, 0);
    for (size_t i = 0; i < 200; i++) {
        unsigned char *piece = spae_arena_take(&arena, 10000, 1);
        ck_assert(aligned(piece));
        memset(piece, (int)i, 10000);
    }
    ck_assert_uint_gt(w.calls, 1);
    ck_assert_uint_lt(w.calls, 24); /* blocks grow by an eighth: not one call a piece */
    ck_assert_uint_eq(w.live, w.calls);
    ck_assert_uint_eq(arena.used, 200 * 10048);
    ck_assert_uint_ge(arena.held, arena.used);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
    ck_assert_uint_eq(arena.used + arena.held, 0);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 1, 1)); /* free leaves an arena that works */
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

START_TEST(a_piece_larger_than_any_block_is_given)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    const size_t bytes = ((size_t)1 << 24) + 12345;
    unsigned char *piece = spae_arena_take(&arena, bytes, 1);
    ck_assert_ptr_nonnull(piece);
    piece[0] = piece[bytes - 1] = 1;
    ck_assert_uint_eq(w.calls, 1);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

/* What fitted before a reset fits again without asking. */
START_TEST(blocks_are_used_again)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    size_t calls = 0, peak = 0;
    for (int round = 0; round < 5; round++) {
        const spae_arena_mark start = spae_arena_here(&arena);
        for (size_t i = 0; i < 50; i++)
            ck_assert_ptr_nonnull(spae_arena_take(&arena, 1000 * (i + 1), 1));
        if (round == 0) {
            calls = w.calls;
            peak = arena.peak;
        }
        spae_arena_reset(&arena, start);
        ck_assert_uint_eq(arena.used, 0);
    }
    ck_assert_uint_eq(w.calls, calls);
    ck_assert_uint_eq(arena.peak, peak);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

START_TEST(marks_nest_and_keep_what_lies_below)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    unsigned char *low = spae_arena_take(&arena, 40000, 1);
    memset(low, 7, 40000);
    const spae_arena_mark outer = spae_arena_here(&arena);
    unsigned char *middle = spae_arena_take(&arena, 40000, 1); /* in a second block */
    memset(middle, 8, 40000);
    const spae_arena_mark nested = spae_arena_here(&arena);
    memset(spae_arena_take(&arena, 90000, 1), 9, 90000);
    spae_arena_reset(&arena, nested);
    ck_assert_uint_eq(arena.used, 40000 + 40000);
    for (size_t i = 0; i < 40000; i++)
        ck_assert(low[i] == 7 && middle[i] == 8);
    spae_arena_reset(&arena, outer);
    ck_assert_uint_eq(arena.used, 40000);
    ck_assert_uint_eq(middle[0], 8); /* bytes stay until they are taken again */
    ck_assert_ptr_eq(spae_arena_take(&arena, 40000, 1), middle);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(zeroed_pieces_are_zero_when_used_again)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    const spae_arena_mark start = spae_arena_here(&arena);
    memset(spae_arena_take(&arena, 300, 4), 0xff, 1200);
    spae_arena_reset(&arena, start);
    const unsigned char *piece = spae_arena_take_zeroed(&arena, 300, 4);
    for (size_t i = 0; i < 1200; i++)
        ck_assert_uint_eq(piece[i], 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refused_memory_leaves_the_arena_as_it_was)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 2);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 60000, 1));
    const spae_arena before = arena;
    ck_assert_ptr_null(spae_arena_take(&arena, 60000, 1));
    ck_assert_ptr_eq(arena.first, before.first);
    ck_assert_ptr_eq(arena.current, before.current);
    ck_assert_uint_eq(arena.used, before.used);
    ck_assert_uint_eq(arena.peak, before.peak);
    ck_assert_uint_eq(arena.held, before.held);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 60000, 1)); /* the third call is not refused */
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

/* A kept block too small for the next piece is given back, and what is held is what lives. */
START_TEST(kept_blocks_that_are_too_small_are_given_back)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 60000, 1));
    const spae_arena_mark mark = spae_arena_here(&arena);
    const size_t held = arena.held;
    for (size_t i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(spae_arena_take(&arena, 60000, 1));
    ck_assert_uint_eq(w.live, 4);
    spae_arena_reset(&arena, mark);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 500000, 1));
    ck_assert_uint_eq(w.live, 2);
    ck_assert_uint_le(arena.held, held + 500000 + 1024);
    const size_t calls = w.calls;
    for (int again = 0; again < 5; again++) { /* the larger one serves from now on */
        spae_arena_reset(&arena, mark);
        ck_assert_ptr_nonnull(spae_arena_take(&arena, 60000, 1));
        spae_arena_reset(&arena, mark);
        ck_assert_ptr_nonnull(spae_arena_take(&arena, 500000, 1));
    }
    ck_assert_uint_eq(w.calls, calls);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live + arena.held, 0);
}
END_TEST

/* Of all kept blocks the first that has room is taken, wherever it lies. */
START_TEST(kept_blocks_with_room_are_found_behind_smaller_ones)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    const spae_arena_mark start = spae_arena_here(&arena);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 60000, 1));
    const unsigned char *large = spae_arena_take(&arena, 500000, 1);
    spae_arena_reset(&arena, start);
    ck_assert_ptr_eq(spae_arena_take(&arena, 400000, 1), large);
    ck_assert_uint_eq(w.live, 1);
    ck_assert_uint_eq(w.calls, 2);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(blocks_are_multiples_of_the_grain)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    arena.grain = 1 << 20;
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 1, 1));
    ck_assert_uint_eq(arena.held, 1 << 20);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 1 << 20, 1)); /* and a header: over one grain */
    ck_assert_uint_eq(arena.held, 3 << 20);
    ck_assert_ptr_null(spae_arena_take(&arena, SIZE_MAX - (1 << 20), 1));
    ck_assert_uint_eq(w.calls, 2);
    spae_arena_free(&arena);
    ck_assert_uint_eq(arena.grain, 1 << 20); /* a property of the arena, not of what it held */
}
END_TEST

/* What is reserved is given without a further call, in whatever pieces. */
START_TEST(reserved_memory_is_one_block)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 10000, 1));
    const spae_arena_mark mark = spae_arena_here(&arena);
    const size_t held = arena.held, bytes = 300 * SPAE_ALIGNMENT * 130;
    ck_assert(spae_arena_reserve(&arena, bytes));
    ck_assert_uint_eq(w.calls, 2);
    ck_assert_uint_eq(arena.used, 10048);
    ck_assert_uint_le(arena.held - held, bytes + 1024);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < 300; i++)
            ck_assert_ptr_nonnull(spae_arena_take(&arena, SPAE_ALIGNMENT * 130, 1));
        ck_assert(spae_arena_reserve(&arena, 0));
        spae_arena_reset(&arena, mark);
        ck_assert(spae_arena_reserve(&arena, bytes));
    }
    ck_assert_uint_eq(w.calls, 2);
    spae_arena_trim(&arena);
    ck_assert_uint_eq(w.live, 1);
    ck_assert_uint_eq(arena.held, held);
    spae_arena_trim(&arena);
    ck_assert_uint_eq(w.live, 1);
    ck_assert(!spae_arena_reserve(&arena, SIZE_MAX));
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

START_TEST(a_fixed_block_reserves_what_it_has)
{
    static unsigned char memory[4096];
    spae_arena arena;
    spae_arena_fixed(&arena, memory, sizeof memory);
    ck_assert(spae_arena_reserve(&arena, 3000));
    ck_assert(!spae_arena_reserve(&arena, 4096));
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 2000, 1));
    ck_assert(spae_arena_reserve(&arena, 1000) && !spae_arena_reserve(&arena, 3000));
    spae_arena_trim(&arena);
    ck_assert_ptr_nonnull(spae_arena_take(&arena, 1000, 1));
}
END_TEST

/* Accounts count as pieces do, are dropped with marks, and take no memory. */
START_TEST(accounts_are_pieces_without_memory)
{
    watch w;
    spae_arena real_one, plan;
    watched_arena(&real_one, &w, 0);
    ck_assert_ptr_nonnull(spae_arena_take(&real_one, 100, 4));
    ck_assert_ptr_nonnull(spae_arena_take(&real_one, 0, 4));
    ck_assert_ptr_nonnull(spae_arena_take(&real_one, 64, 1));
    const size_t used = real_one.used;
    spae_arena_free(&real_one);
    watched_arena(&plan, &w, 1);
    const spae_arena_mark start = spae_arena_here(&plan);
    ck_assert(spae_arena_account(&plan, 100, 4) && spae_arena_account(&plan, 0, 4) && spae_arena_account(&plan, 64, 1));
    ck_assert_uint_eq(plan.used, used);
    spae_arena_reset(&plan, start);
    ck_assert_uint_eq(plan.used, 0);
    ck_assert_uint_eq(plan.peak, used);
    ck_assert_uint_eq(w.calls, 0);
}
END_TEST

START_TEST(accounts_that_overflow_are_refused)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    const size_t half = SIZE_MAX / 2 / SPAE_ALIGNMENT * SPAE_ALIGNMENT;
    ck_assert(!spae_arena_account(&arena, SIZE_MAX, 1));
    ck_assert(!spae_arena_account(&arena, SIZE_MAX / 2, 3));
    ck_assert(spae_arena_account(&arena, half, 1) && spae_arena_account(&arena, half, 1));
    ck_assert(!spae_arena_account(&arena, half, 1));
    ck_assert_uint_eq(arena.used, 2 * half);
    ck_assert_ptr_null(spae_arena_take(&arena, SIZE_MAX - 2 * half + 1, 1));
    ck_assert_uint_eq(w.calls, 0); /* the sum is what was refused */
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_nn_arena, "nn/arena", fixed_pieces_are_aligned_and_apart, fixed_refuses_one_byte_too_much,
      fixed_survives_blocks_too_small, a_product_that_overflows_is_refused, nothing_is_a_piece_too,
      growing_asks_when_it_must_and_gives_everything_back, a_piece_larger_than_any_block_is_given,
      blocks_are_used_again, marks_nest_and_keep_what_lies_below, zeroed_pieces_are_zero_when_used_again,
      refused_memory_leaves_the_arena_as_it_was, kept_blocks_that_are_too_small_are_given_back,
      kept_blocks_with_room_are_found_behind_smaller_ones, blocks_are_multiples_of_the_grain,
      reserved_memory_is_one_block, a_fixed_block_reserves_what_it_has, accounts_are_pieces_without_memory, accounts_that_overflow_are_refused)
