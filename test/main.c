/* Runs every suite; the exit status is the verdict. build/.../suites.h is made by the Makefile from the
 * names of the files in test/, so that a new file is a new suite and none can be forgotten.
 *     test/main [SUITE]   only the suite of that name (as printed), e.g. vendor_free/sha256
 */
#include "check.h"

#define X(function) Suite *function(void);
#include "suites.h"
#undef X

int main(int argc, char **argv)
{
    SRunner *runner = srunner_create(NULL);
#define X(function) srunner_add_suite(runner, function());
#include "suites.h"
#undef X
    srunner_run(runner, argc > 1 ? argv[1] : NULL, NULL, CK_NORMAL);
    const int run = srunner_ntests_run(runner), failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    printf("%d passed, %d failed\n", run - failed, failed);
    return run == 0 || failed != 0;
}
