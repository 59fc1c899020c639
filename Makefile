# make              the library and ./spae             make test       every fast test; exit status is the verdict
# make demo         the main job on real digits        make check-all  the long tests too
# make install      PREFIX=/usr/local DESTDIR=         make oracle     DIR=../shared/oracle: outside cases
# make matrix       every platform: vectors/MATRIX.txt  make mutants   wrong changes that the vectors must notice
# make vectors      FULL=-full: all of vectors/ again    make vectors-check   .. and compared; make example: a numpy port
# make fuzz         SECONDS=30: every reader           make proof      elementary functions, all 2^32 arguments
# make bench        AGAINST=FILE: how fast it is here   make bench-peer beside PyTorch; make bench-growth
# make browser      its pages in a real browser           make language-study, photo-study   DATA=: what vectors/NAME/ keeps
# May be set:       make CC=clang OPT='-O1 -g' PORTABLE=1 OPENMP=1 ORACLE=1 SANITIZE=1   (GNU make)

CC      ?= cc
OPT     ?= -O3
PREFIX  ?= /usr/local
DIR     ?= ../shared/oracle
SECONDS ?= 30
# A flag, if the compiler takes it. (Not into the null device: tcc, run by root, would replace it by a file.)
accepted = $(shell mkdir -p build; echo 'int x;' | $(CC) -Werror $(1) -x c -c -o build/accepted.o - 2>/dev/null && echo yes)
flag     = $(if $(call accepted,$(1)),$(1))
STD     := -std=c99 $(call flag,-ffp-contract=off) $(call flag,-fno-math-errno) $(call flag,-fexcess-precision=fast)
ifeq ($(findstring 86,$(shell $(CC) -dumpmachine 2>/dev/null)),) # gcc 12 drops calls that it takes for pure (seen: aarch64, sparc64, hppa)
STD     += $(call flag,-fno-ipa-pure-const) $(call flag,-fno-ipa-modref)
endif
WARN     = -pedantic -Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla

CONFIG  := $(notdir $(firstword $(CC)))
ifneq ($(PORTABLE),1)
ARCH    := $(call flag,-march=native)
else
CONFIG  := $(CONFIG)-portable
endif
ifeq ($(OPENMP),1)
EXTRA   += -fopenmp
CONFIG  := $(CONFIG)-openmp
endif
ifeq ($(ORACLE),1)
EXTRA   += -DSPAE_ORACLE
CONFIG  := $(CONFIG)-oracle
endif
ifeq ($(SANITIZE),1)
EXTRA   += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g
CONFIG  := $(CONFIG)-sanitize
endif
B       := build/$(CONFIG)$(subst $() ,,$(filter-out -O3,$(OPT)))
CFLAGS  := $(STD) $(WARN) $(OPT) $(ARCH) $(EXTRA)

CORE    := $(wildcard spae.c nn/*.c vendor_free/*.c)
IO      := $(wildcard io/*.c)
CLI     := $(wildcard io/cli/*.c)
TESTS   := $(sort $(filter-out %_program.c,\
           $(wildcard test/vendor_free/*.c test/nn/*.c test/io/*.c test/io/cli/*.c test/spae/*.c)))
ifeq ($(ORACLE),1) # differences need binary64; the suites of files and functions speak of binary32
TESTS   := $(sort $(wildcard test/*/gradients*.c test/nn/*.c test/spae/*.c))
endif
HEADERS := $(wildcard *.h nn/*.h io/*.h io/cli/*.h vendor_free/*.h test/*.h test/*/*.h test/*/*/*.h)
LIBRARY := $B/libspae.a
object   = $(patsubst %.c,$B/%.o,$(1))
FUZZED   = $(patsubst test/fuzz/%.c,%,$(filter-out %/driver.c,$(wildcard test/fuzz/*.c)))
UNDER_VALGRIND = nn/arena nn/tape nn/rows nn/network nn/recompute spae/pyramid spae/quantize spae/model spae/train
CHECK    = $(shell pkg-config --cflags --libs check)

.PHONY: all browser language-study photo-study vectors vectors-check example mutants test need-check check-all matrix valgrind where demo oracle fuzz fuzz-run proof bench bench-conv bench-growth bench-nearest bench-peer install clean
all: spae

spae: $B/spae
	cp $< $@
$B/spae: $(call object,$(CLI)) $(LIBRARY)
	$(CC) $(CFLAGS) -o $@ $^ -lm
$(LIBRARY): $(call object,$(CORE) $(IO))
	rm -f $@ && $(AR) rcs $@ $^
$B/%.o: %.c $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -I. -I$B -c -o $@ $<

# gcc would take two steps of a chain at once, which does not fit the registers: half the speed. And of 128-bit vectors it
# would unroll the lanes before it makes vectors of them: a fifth.
$B/nn/conv_tile.o: CFLAGS += $(call flag,-fno-loop-unroll-and-jam) $(call flag,--param=max-completely-peel-times=8)

# One program runs every suite: test/a/b.c holds `Suite *suite_a_b(void)`.
$B/suites.h: $(TESTS) Makefile
	@mkdir -p $(@D)
	for f in $(TESTS); do echo "X($$(echo $$f | sed 's,^test/,suite_,;s,\.c$$,,;s,/,_,g'))"; done >$@
$B/test/main.o: $B/suites.h
$B/test/main: $(call object,test/main.c $(TESTS) $(filter-out %/main.c,$(CLI))) $(LIBRARY) | $B/test/http_server
	$(CC) $(CFLAGS) -o $@ $^ $(CHECK) -lm
# The README's program as a user builds it: one header, one library.
$B/test/readme_program: test/io/readme_program.c $B/include/spae.h $(LIBRARY)
	$(CC) $(CFLAGS) -I$B/include -o $@ $< $(LIBRARY) -lm
# What the adapter of HTTP servers is tried against, and where its test finds it.
$B/test/http_server: test/io/http_server_program.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $<
$B/test/io/language_server.o: CFLAGS += -DHTTP_SERVER='"$B/test/http_server"'
$B/test/proof/elementary: $(call object,test/proof/elementary.c) $(LIBRARY)
	$(CC) $(CFLAGS) -o $@ $^ -lmpfr -lgmp -lm
$B/vectors: $(call object,$(wildcard test/vectors/*.c test/vectors/hosted/*.c)) $(LIBRARY)
	$(CC) $(CFLAGS) -o $@ $^ -lm
# The study of the language model without weights: the judge of digits, and the experiments.
$B/language-classifier: $(call object,test/language/classifier.c test/language/digits_network.c) $(LIBRARY)
	$(CC) $(CFLAGS) -o $@ $^ -lm
$B/language-study: $(call object,$(filter-out %/classifier.c,$(wildcard test/language/*.c))) $(LIBRARY)
	$(CC) $(CFLAGS) -o $@ $^ -lm
$B/oracle: $(call object,$(wildcard test/oracle/*.c)) $(LIBRARY)
	$(CC) $(CFLAGS) -o $@ $^ -lm

test: $B/test/main $B/test/readme_program $(if $(filter 1,$(ORACLE)),,$B/vectors)
	$(if $(filter 1,$(SANITIZE)),CK_FORK=no) $B/test/main # one process: leaks are looked for once, not per test
ifneq ($(ORACLE),1) # every vector but full size; training also with examples side by side
	$B/vectors check vectors/MANIFEST
	$B/vectors -n 3 check vectors/MANIFEST training
endif
ifeq ($(filter 1,$(ORACLE) $(OPENMP)),) # differences say nothing of threads, and tiny networks only start them
	$(MAKE) ORACLE=1 test
endif
oracle: $B/oracle
	$B/oracle $(DIR)
# Every vector again, in place; read the diff before you commit it. The binary64 values come first: the MANIFEST names them.
VECTORS ?= vectors
FULL    ?= -full
# (with FULL= or -full those that are not computed stay as they are)
SMALL_STAGES = numbers convolution operations networks quantizer guidance objective training metrics language files
ALL_STAGES   = $(SMALL_STAGES) full
STAGES       = $(SMALL_STAGES) $(if $(filter -fuller,$(FULL)),full)
vectors: $B/vectors
	$(MAKE) ORACLE=1 $$($(MAKE) -s ORACLE=1 where)/vectors
	rm -rf $(STAGES:%=$(VECTORS)/%)
	@mkdir -p $(VECTORS)
	$$($(MAKE) -s ORACLE=1 where)/vectors $(FULL) write $(VECTORS)
	$B/vectors $(FULL) write $(VECTORS)
# Every vector made again beside the tree and compared byte for byte; then our own outputs judged as a port's.
vectors-check: $B/vectors spae
	rm -rf build/again build/port && mkdir -p build/again build/port
	cp -R vectors/MANIFEST vectors/full build/again/
	$(MAKE) vectors VECTORS=build/again
	for d in MANIFEST $(ALL_STAGES); do diff -r vectors/$$d build/again/$$d || exit 1; done
	$B/vectors port build/port
	./spae verify build/port --level A
	rm -rf build/again build/port
# The README's worked example: a port in numpy, and one with a mistake.
example: spae
	test/cross/example.sh
mutants: # small wrong changes that the vectors must notice
	test/mutants/run.sh
proof: $B/test/proof/elementary
	for f in exp expm1 log log1p tanh sin cos erf; do $< $$f || exit 1; done
bench-conv: $(call object,test/bench/conv.c) $(LIBRARY) # GFLOP/s of the convolutions, and the machine's peak
	$(CC) $(CFLAGS) -o $B/$@ $^ -lm && $B/$@
bench-nearest: $(call object,test/bench/nearest.c) $(LIBRARY) # the search for tokens, beside searches of every number
	$(CC) $(CFLAGS) -o $B/$@ $^ -lm && $B/$@
bench: spae # every stage's seconds and shares, kept in build/bench.json; AGAINST=an earlier one: ratios
	test/bench/table.sh $(AGAINST)
bench-growth: spae # over resolution, vocabulary and batch
	test/bench/growth.py
bench-peer: # ours and PyTorch's in alternation
	test/bench/peer.sh
# Clang's libFuzzer where it links; elsewhere test/fuzz/driver.c mutates the seeds itself.
fuzz:
	@mkdir -p build
	if echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' | \
	    clang -fsanitize=fuzzer,address,undefined -x c -o build/probe - 2>/dev/null; \
	then $(MAKE) fuzz-run B=build/fuzz CC=clang OPT=-O1 LIBFUZZER=-fsanitize=fuzzer \
	    EXTRA='-g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	    FLAGS='-max_total_time=$(SECONDS) -timeout=20 -verbosity=0 -print_final_stats=1'; \
	else $(MAKE) fuzz-run DRIVER=test/fuzz/driver.c FLAGS='-seconds $(SECONDS)'; fi
fuzz-run: $(FUZZED:%=$B/test/fuzz/%)
	@mkdir -p $(FUZZED:%=$B/corpus/%)
	printf '%s\n' $(FUZZED) | xargs -P 2 -I@ sh -c '$B/test/fuzz/@ $(FLAGS) $B/corpus/@ test/fuzz/seeds/@ \
	    >$B/corpus/@.log 2>&1 && echo "@: no input breaks it" || { tail -40 $B/corpus/@.log; exit 1; }'
$(FUZZED:%=$B/test/fuzz/%): %: %.o $(call object,$(DRIVER)) $(LIBRARY)
	$(CC) $(CFLAGS) $(LIBFUZZER) -o $@ $^ -lm
where: # this configuration's objects and programs
	@echo $B
browser: spae # the pages in a real browser; where there is none it says that it was not run
	test/browser/check.sh ./spae || test $$? -eq 77
check-all: test
	$(MAKE) matrix
	$(MAKE) SANITIZE=1 test
	$(MAKE) PORTABLE=1 OPT='-O1 -g' valgrind
matrix: # installs nothing: test/cross/matrix.sh packages names what it can use
	test/cross/matrix.sh
valgrind: $B/test/main # it knows no AVX-512: PORTABLE=1
	for s in $(UNDER_VALGRIND); do CK_FORK=no valgrind -q --error-exitcode=1 --leak-check=full $< $$s || exit 1; done
language-study: $B/language-classifier $B/language-study # what vectors/language-study/ keeps, again; DATA=../shared/data
	test/language/study.sh $B $(or $(DATA),../shared/data)
photo-study: $B/spae # what vectors/photo-study/ keeps, again: half an hour and more; DATA=../shared/data
	test/photos/study.sh $B $(or $(DATA),../shared/data)
demo: spae
	./spae demo
	./spae generate --model vectors/demo/mnist-small.npz --data vectors/demo/context-images-idx3-ubyte.gz --pad \
	    --condition 7 --temperature 0.5 --seed 1 -o demo/generated.png

# What is installed stands alone: the two headers that spae.h includes are put in their places.
$B/include/spae.h: spae.h nn/arena.h vendor_free/status.h
	@mkdir -p $(@D)
	sed -e '/^#include "nn\/arena.h"/{r nn/arena.h' -e 'd' -e '}' \
	    -e '/^#include "vendor_free\/status.h"/{r vendor_free/status.h' -e 'd' -e '}' spae.h >$@
install: $B/spae $(LIBRARY) $B/include/spae.h
	mkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig
	cp $B/spae $(DESTDIR)$(PREFIX)/bin/
	mkdir -p $(DESTDIR)$(PREFIX)/share/spae
	cp io/adapters/openai.sh $(DESTDIR)$(PREFIX)/share/spae/
	cp $B/include/spae.h $(DESTDIR)$(PREFIX)/include/
	cp $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: spae' 'Description: Semantic Pyramid AutoEncoder' \
	    "Version: $$(sed -n 's/.*SPAE_VERSION "\(.*\)"/\1/p' spae.h)" 'Cflags: -I$${prefix}/include' \
	    'Libs: -L$${prefix}/lib -lspae -lm $(filter -fopenmp -fsanitize=%,$(EXTRA))' \
	    >$(DESTDIR)$(PREFIX)/lib/pkgconfig/spae.pc

clean:
	rm -rf build spae
