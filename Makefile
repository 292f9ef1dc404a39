# Cauda: `make help` lists the targets.
MODE   ?= release
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30
BUILD  := build/$(MODE)

# ---- packages of Debian 12 ------------------------------------------------------------------------------------
PACKAGES := build-essential pkg-config petsc-dev libopenmpi-dev libhdf5-openmpi-dev libgmsh-dev libtet1.5-dev \
            libnifti-dev libxml2-dev zlib1g-dev libcyaml-dev libyaml-dev libjson-c-dev libmd-dev libnlopt-dev
PACKAGES_TEST   := libcmocka-dev
# References that a test compares with; the test is skipped without them.
PACKAGES_VERIFY := python3-vtk9 python3-numpy python3-h5py python3-dolfinx python3-scipy python3-neuron neuron-dev chromium
# References that a benchmark compares with.
PACKAGES_BENCH  := libcgal-dev libtbb-dev
missing = $(shell command -v dpkg-query >/dev/null && for p in $(1); do \
            dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || echo $$p; done)

# ---- flags ------------------------------------------------------------------------------------------------------
PKGS   := petsc ompi-c libxml-2.0 libcyaml json-c zlib hdf5-openmpi nlopt
WARN   := -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow
ifeq ($(CI),true)
WARN   += -Werror
endif
# Libraries' headers are system headers: their warnings are not ours. A machine without pkg-config gets it by `deps`.
INC    := -Iinclude $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null)) \
          -isystem /usr/include/nifti
# TetGen before Gmsh, which exports the symbols of a TetGen of its own.
LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -ltet -lgmsh -lnifti2 -lznz -lmd -lm -lpthread
OPT_release := -O2 -g
OPT_debug   := -O0 -g3
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer
OPT_cov     := -O0 -g --coverage
ifeq ($(OPT_$(MODE)),)
$(error MODE=$(MODE): expected release, debug, asan or cov)
endif
CFLAGS_ALL   = -std=c11 -D_GNU_SOURCE $(WARN) -Wstrict-prototypes $(INC) $(OPT_$(MODE)) -MMD -MP $(CFLAGS)
CXXFLAGS_ALL = -std=c++17 $(WARN) $(INC) $(OPT_$(MODE)) -MMD -MP $(CXXFLAGS)

# ---- files ------------------------------------------------------------------------------------------------------
SRC_C  := $(wildcard seg/*.c mesh/*.c fem/*.c src/*/*.c)
SRC_CC := $(wildcard mesh/*.cc)
OBJ    := $(SRC_C:%.c=$(BUILD)/%.o) $(SRC_CC:%.cc=$(BUILD)/%.o)
LIBOBJ := $(filter-out $(BUILD)/src/cli/%,$(OBJ))
TESTS  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
VERIFY := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/verify/*.c))
BENCH  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
FUZZ   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
FORMATTED := $(wildcard include/cauda/*.h seg/*.[ch] mesh/*.[ch] mesh/*.cc fem/*.[ch] src/*/*.[ch] tests/*/*.[ch])
# In parallel, unless the caller has said how.
PARALLEL = $(MAKE) $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc)) --no-print-directory

# What is done is told in a word; V=1 shows the commands.
ifneq ($(V),1)
say = @printf '  %-5s %s\n' $(1) $@;
endif

# ---- building ---------------------------------------------------------------------------------------------------
all: $(BUILD)/cauda
$(BUILD)/cauda: $(OBJ)
	$(call say,link) $(CXX) $(OPT_$(MODE)) $(LDFLAGS) $^ $(LIBS) -o $@
$(BUILD)/libcauda.a: $(LIBOBJ)
	$(call say,ar) rm -f $@ && ar rcs $@ $^
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc) $(CC) $(CFLAGS_ALL) -c $< -o $@
# The loops of the block solver and of bubbles may fuse products with sums; each kind of machine has its own.
$(BUILD)/fem/block_%.o $(BUILD)/fem/bubbles_kernel.o: CFLAGS_ALL += -ffp-contract=fast
# Elements' matrices are made by loops of three and four: all laid out straight, and numbers one by one (what two stores
# have written, one load gets late).
ifeq ($(MODE),release)
$(BUILD)/fem/element_%.o: CFLAGS_ALL += -O3 -fno-tree-vectorize -fno-tree-slp-vectorize
endif
ifeq ($(shell uname -m),x86_64)
$(BUILD)/fem/block_avx2_%.o: CFLAGS_ALL += -mavx2 -mfma
$(BUILD)/fem/block_avx512_%.o: CFLAGS_ALL += -mavx512f -mavx2 -mfma
endif
$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(call say,c++) $(CXX) $(CXXFLAGS_ALL) -c $< -o $@
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libcauda.a
	$(call say,link) $(CXX) $(OPT_$(MODE)) $(LDFLAGS) $^ $(LIBS) -lcmocka -o $@
$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/libcauda.a
	$(call say,link) $(CXX) $(OPT_$(MODE)) $(LDFLAGS) $^ $(LIBS) -o $@
$(BUILD)/tests/verify/%: $(BUILD)/tests/verify/%.o $(BUILD)/libcauda.a
	$(call say,link) $(CXX) $(OPT_$(MODE)) $(LDFLAGS) $^ $(LIBS) -o $@
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/libcauda.a
	$(call say,link) $(CXX) $(OPT_$(MODE)) -fsanitize=fuzzer $(LDFLAGS) $^ $(LIBS) -o $@
# CGAL's Mesh_3 in threads: a benchmark only.
$(BUILD)/tests/bench/mesh_cgal: tests/bench/mesh_cgal.cpp $(BUILD)/libcauda.a
	@mkdir -p $(@D)
	$(call say,c++) $(CXX) -std=c++17 -O2 -frounding-math -DNDEBUG -DCGAL_LINKED_WITH_TBB $(INC) $(LDFLAGS) $^ $(LIBS) \
	  -ltbb -ltbbmalloc -lgmp -lmpfr -o $@
# cmocka's macros turn what they are given into other types.
$(BUILD)/tests/%.o: WARN += -Wno-conversion -Wno-float-conversion
tests-build: $(TESTS)

# ---- what users and developers call -----------------------------------------------------------------------------
demo: deps-run
	@$(PARALLEL) all
	$(BUILD)/cauda run cases/demo/case.yaml

test: deps-test
	@$(PARALLEL) all tests-build
	@BUILD=$(BUILD) tests/run.sh unit pipeline

unit: deps-test
	@$(PARALLEL) tests-build
	@BUILD=$(BUILD) tests/run.sh unit

# The scene of report.html. A build without it makes pages without the scene; verify needs it where there is npm.
viewer: viewer/dist/scene.js
viewer/dist/scene.js: viewer/package.json viewer/package-lock.json viewer/build.mjs $(wildcard viewer/src/*.js)
	$(if $(shell command -v npm),,$(call install_packages,nodejs npm))
	cd viewer && npm ci --ignore-scripts --no-audit --no-fund && npm run build
	@touch $@

verify: deps-test $(if $(shell command -v npm),viewer)
	@$(PARALLEL) all $(VERIFY)
	@BUILD=$(BUILD) tests/run.sh verify

verify-neuron: deps-verify
	@$(PARALLEL) all $(BUILD)/tests/verify/axon_dump $(BUILD)/tests/bench/bench_mrg
	@BUILD=$(BUILD) CAUDA=$(CURDIR)/$(BUILD)/cauda CAUDA_SHARED=$(CURDIR)/../shared bash tests/verify/test_neuron.sh

bench: deps-bench
	@$(PARALLEL) all $(BENCH) $(BUILD)/tests/bench/mesh_cgal
	@set -e; for b in $(filter $(BUILD)/tests/bench/bench_%,$(BENCH)); do echo "$$b"; $$b; done
	@set -e; for b in tests/bench/*.sh; do echo "$$b"; BUILD=$(BUILD) $$b; done

# All of it is compiled for the fuzzer, by clang, in a folder of its own.
fuzz: deps-run
	@$(PARALLEL) MODE=asan BUILD=build/fuzz CC=clang CXX=clang++ CFLAGS=-fsanitize=fuzzer-no-link \
	  CXXFLAGS=-fsanitize=fuzzer-no-link fuzz-build
	@set -e; for f in $(FUZZ:$(BUILD)/%=build/fuzz/%); do echo "$$f"; mkdir -p $$f.corpus; \
	  ASAN_OPTIONS=detect_leaks=0 $$f -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=$$f. $$f.corpus; done
fuzz-build: $(FUZZ)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/cauda
	install $(BUILD)/cauda $(DESTDIR)$(PREFIX)/bin/cauda
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	$(BUILD)/cauda --man >$(DESTDIR)$(PREFIX)/share/man/man1/cauda.1
	cp -R cases $(DESTDIR)$(PREFIX)/share/cauda/
	install -d $(DESTDIR)$(PREFIX)/share/cauda/viewer
	install -m 644 viewer/page.css viewer/page.js $(DESTDIR)$(PREFIX)/share/cauda/viewer/
	[ ! -e viewer/dist/scene.js ] || install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/cauda/viewer/dist viewer/dist/scene.js

format:
	clang-format -i $(FORMATTED)
lint:
	clang-format --dry-run -Werror $(FORMATTED)
	@$(PARALLEL) BUILD=build/lint-gcc CI=true all
	@$(PARALLEL) BUILD=build/lint-clang CI=true CC=clang CXX=clang++ all

clean:
	rm -rf build viewer/dist viewer/node_modules

# ---- packages ---------------------------------------------------------------------------------------------------
APT = $(if $(filter 0,$(shell id -u)),,sudo )env DEBIAN_FRONTEND=noninteractive apt-get
# $(call install_packages,NAMES): a machine that never ran `apt-get update` has no lists, or old ones.
define install_packages
	@echo "Debian packages to be installed: $(1)"
	@ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || $(APT) update -q
	@$(APT) install -y -q --no-install-recommends $(1) || \
	  { $(APT) update -q && $(APT) install -y -q --no-install-recommends $(1); }
endef
NEEDED = $(call missing,$(PACKAGES))
deps: deps-test
deps-run:
	$(if $(NEEDED),$(call install_packages,$(NEEDED)))
deps-test:
	$(if $(NEEDED)$(call missing,$(PACKAGES_TEST)),$(call install_packages,$(NEEDED) $(call missing,$(PACKAGES_TEST))))
deps-bench: deps-run
	$(if $(call missing,$(PACKAGES_BENCH)),$(call install_packages,$(call missing,$(PACKAGES_BENCH))))
deps-verify: deps-test
	$(if $(call missing,$(PACKAGES_VERIFY)),$(call install_packages,$(call missing,$(PACKAGES_VERIFY))))

help:
	@echo "make               the program, build/release/cauda"
	@echo "make demo          run the built-in phantom; results in out/demo"
	@echo "make test          unit and pipeline tests"
	@echo "make unit          unit tests only"
	@echo "make verify        comparisons with exact solutions and other codes"
	@echo "make viewer        the 3-D scene of report.html (node, npm)"
	@echo "make verify-neuron the cable model beside NEURON: thresholds, action potentials, speed"
	@echo "make bench, fuzz   benchmarks; fuzzing (clang), FUZZ_SECONDS=$(FUZZ_SECONDS) each"
	@echo "make install       PREFIX=$(PREFIX), DESTDIR"
	@echo "make deps          install the Debian packages (demo and test do so where one is missing)"
	@echo "make deps-verify   and those that only comparisons use"
	@echo "make format, lint  clang-format; format and warnings under gcc and clang"
	@echo "make clean         remove build/"
	@echo "MODE=release|debug|asan|cov   CC=clang CXX=clang++   CFLAGS=..."

.PHONY: all tests-build demo test unit viewer verify verify-neuron bench fuzz fuzz-build install format lint clean deps deps-run \
        deps-test deps-bench deps-verify help
.SECONDARY:
-include $(OBJ:.o=.d) $(TESTS:=.d) $(VERIFY:=.d) $(BENCH:=.d) $(FUZZ:=.d)
