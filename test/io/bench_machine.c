/* io/bench_machine: clocks that go forward, speeds that are numbers. No time is asserted. */
#include "../check.h"

#include "io/bench_machine.h"

START_TEST(clocks_go_forward)
{
    const double wall = spae_bench_wall(), processor = spae_bench_processor();
    ck_assert(spae_bench_peak(1, 0.001) > 0);
    ck_assert(spae_bench_wall() >= wall);
    ck_assert(spae_bench_processor() >= processor);
    ck_assert(spae_bench_clock(1) >= processor);
    ck_assert(spae_bench_clock(2) >= wall);
}
END_TEST

START_TEST(bandwidth)
{
    double read = 0, copy = 0;
    spae_error err;
    ck_assert_int_eq(spae_bench_bandwidth(1, 0.001, 1 << 20, &read, &copy, &err), SPAE_OK);
    ck_assert(read > 0 && copy > 0);
}
END_TEST

START_TEST(bandwidth_without_memory)
{
    double read = 7, copy = 8;
    spae_error err;
    ck_assert_int_eq(spae_bench_bandwidth(1, 0.001, SIZE_MAX, &read, &copy, &err), SPAE_ERR_NO_MEMORY);
    ck_assert_str_ne(err.text, "");
    ck_assert(read == 7 && copy == 8);
}
END_TEST

START_TEST(threads)
{
    spae_error err = {SPAE_OK, ""};
    ck_assert_int_eq(spae_bench_use_threads(1, &err), SPAE_OK);
#ifdef _OPENMP
    double read = 0, copy = 0;
    ck_assert_int_eq(spae_bench_use_threads(2, &err), SPAE_OK);
    ck_assert(spae_bench_peak(2, 0.001) > 0);
    ck_assert_int_eq(spae_bench_bandwidth(2, 0.001, 1 << 20, &read, &copy, &err), SPAE_OK);
    ck_assert(read > 0 && copy > 0);
#else
    ck_assert_int_eq(spae_bench_use_threads(2, &err), SPAE_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(err.text, "2 threads"));
    ck_assert_ptr_nonnull(strstr(err.text, "OPENMP=1"));
#endif
}
END_TEST

SUITE(suite_io_bench_machine, "io/bench_machine", clocks_go_forward, bandwidth, bandwidth_without_memory, threads)
