# Cauda: `make help` lists the targets.
MODE   ?= release
CC     ?= gcc
CXX    ?= g++
PKGS   := petsc ompi-c libxml-2.0 libcyaml json-c zlib hdf5-openmpi
BUILD  := build/$(MODE)

WARN   := -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wstrict-prototypes
INC    := -Iinclude $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS))) -isystem /usr/include/nifti
LIBS   := $(shell pkg-config --libs $(PKGS)) -lgmsh -ltet -lniftiio -lnifti2 -lznz -lmd -lm -lpthread
OPT_release := -O2 -g
OPT_debug   := -O0 -g3
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer
OPT_cov     := -O0 -g --coverage
CFLAGS_ALL  := -std=c11 -D_GNU_SOURCE $(WARN) $(INC) $(OPT_$(MODE)) -MMD -MP $(CFLAGS)
CXXFLAGS_ALL := -std=c++17 -Wall -Wextra $(INC) $(OPT_$(MODE)) -MMD -MP $(CXXFLAGS)

SRC_C  := $(wildcard seg/*.c mesh/*.c fem/*.c src/*/*.c)
SRC_CC := $(wildcard mesh/*.cc)
OBJ    := $(SRC_C:%.c=$(BUILD)/%.o) $(SRC_CC:%.cc=$(BUILD)/%.o)
LIBOBJ := $(filter-out $(BUILD)/src/cli/%,$(OBJ))
TESTS  := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))

all: $(BUILD)/cauda
$(BUILD)/cauda: $(OBJ)
	$(CXX) $(OPT_$(MODE)) $(LDFLAGS) $^ $(LIBS) -o $@
$(BUILD)/libcauda.a: $(LIBOBJ)
	rm -f $@; ar rcs $@ $^
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c $< -o $@
$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS_ALL) -c $< -o $@
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libcauda.a
	$(CXX) $(OPT_$(MODE)) $< $(BUILD)/libcauda.a $(LIBS) -lcmocka -o $@
unit: $(TESTS)
	@set -e; for t in $(TESTS); do $$t; done

.PHONY: all unit
.SECONDARY:
-include $(OBJ:.o=.d)
