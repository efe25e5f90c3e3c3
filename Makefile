# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Makefile - GNU make, written by hand.
#
#   make                     the release binary: build/release/cobijo
#   make V=1                 … showing each command
#   make SANITIZE=1          the same with ASan and UBSan: build/sanitize/cobijo
#   make SANITIZE=thread     … with ThreadSanitizer: build/thread/cobijo
#   make BUILD=build/NAME    somewhere else (builds do not collide)
#   make libcore …           one layer: core form read store domain web sys
#                            http cli
#   make test-programs       every test/t_*.c
#   make unit                … and runs them under prove   (T='t_str t_buf')
#   make lint                layering, nm, raw list, long functions, po, cppcheck
#   make race                the server under load with ThreadSanitizer
#   make form-wasm           form.wasm for pages, at most 80 KB gzipped
#   make sbom                what it is made of: build/sbom.cdx.json
#   make reproduce           two builds in two folders are the same bytes
#   make wasm fuzz bench     as they say
#
# Sources are found by wildcard: a new .c file in a layer's folder is built. A
# test program links the layers whose headers it includes and those below, so
# one layer that does not compile does not stop the tests of another.

SANITIZE ?=
CC = gcc
say = $(if $(V),,@echo "  $(1) $@";)
AR = gcc-ar
CLANG = clang
ifeq ($(SANITIZE),thread)
BUILD ?= build/thread
OUT := $(BUILD)
else ifdef SANITIZE
BUILD ?= build/sanitize
OUT := $(if $(filter build/sanitize,$(BUILD)),$(BUILD),$(BUILD)-sanitize)
else
BUILD ?= build/release
OUT := $(BUILD)
endif
DEPS := build/deps

VERSION := 0.1.0
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
        -Wmissing-prototypes -Wstrict-prototypes -Werror
BASE := -std=c17 -Isrc -I. -include core/banned.h -fno-strict-overflow \
        -ffile-prefix-map=$(CURDIR)=.
MC := node_modules/better-sqlite3-multiple-ciphers/deps/sqlite3
BARE := node_modules/better-sqlite3/deps/sqlite3
PQ := $(shell pg_config --includedir 2>/dev/null || echo /usr/include/postgresql)

# A hundred test programs are linked: lld takes a third of the time.
LLD := $(if $(shell command -v ld.lld),-fuse-ld=lld)
ifeq ($(SANITIZE),thread)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LDOPT := -fsanitize=thread $(LLD)
else ifdef SANITIZE
# -g1: reports name functions and lines, nobody steps through a hundred programs.
OPT := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
       -fno-sanitize-recover=undefined
LDOPT := -fsanitize=address,undefined $(LLD)
else
OPT := -O2 -g1 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
LDOPT := -pie -Wl,-z,relro,-z,now -Wl,--gc-sections,--compress-debug-sections=zlib
OPT += -ffunction-sections
endif
CFLAGS := $(BASE) $(WARN) $(OPT) $(EXTRA_CFLAGS)
POSIX := -D_POSIX_C_SOURCE=200809L

# --- the layers --------------------------------------------------------------

# read is src/form/read, the readers of .xlsx and .xls: native only.
LAYERS := core form read store domain web sys http cli
folder_read := form/read
folder = $(or $(folder_$(1)),$(1))
src = $(filter-out $(if $(folder_$(1)),,src/form/read/%),\
    $(wildcard src/$(call folder,$(1))/*.c src/$(call folder,$(1))/*/*.c))
obj = $(patsubst src/%.c,$(OUT)/obj/%.o,$(call src,$(1)))
lib = $(OUT)/lib/lib$(1).a

below_core := core
below_form := form core
below_read := read form core
below_store := store form core
below_sys := sys read store form core
below_domain := domain store form core
below_web := web domain store form core
below_http := http sys read web domain store form core
below_cli := cli http sys read web domain store form core

flags_store := $(POSIX) -isystem $(MC) -isystem $(PQ)
flags_sys := $(POSIX) -D_DEFAULT_SOURCE
flags_http := $(POSIX)
flags_cli := $(POSIX)

system_read := -lzip -lexpat -lm
system_sys := -lsodium -lqrencode -lcrypto -lcurl -lseccomp -lgfshare -lcmark \
    -lzxcvbn -lm
system_http := -lmicrohttpd -lgnutls -lz
system_store := -lpq -lm -ldl
system_web := -lm
LIBS := $(system_http) $(system_sys) $(system_read) $(system_store) -lpthread

.PHONY: all release sbom reproduce test-programs unit race lint lint-flags wasm form-wasm fuzz fuzz-short bench clean \
        assets deps $(LAYERS:%=lib%)
all: $(OUT)/cobijo
release: all
deps: $(DEPS)/sqlite3.o

define layer
lib$(1): $(call lib,$(1))
$(call lib,$(1)): $(call obj,$(1)) $(OUT)/sources-$(1)
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR)$(AR) rcs $$@ $$(filter %.o,$$^)
$(OUT)/obj/$(call folder,$(1))/%.o: src/$(call folder,$(1))/%.c $(OUT)/flags
	@mkdir -p $$(@D)
	$$(call say,CC)$(CC) $(CFLAGS) $$(flags_$(1)) -DCOBIJO_VERSION='"$(VERSION)"' -MMD -MP -c -o $$@ $$<
endef
$(foreach l,$(LAYERS),$(eval $(call layer,$(l))))

# A library is made anew when the list of its sources changes, an object when
# the flags do.
stamp = $(shell mkdir -p $(dir $(1)); echo '$(2)' | cmp -s - $(1) || \
          echo '$(2)' > $(1))
$(foreach l,$(LAYERS),$(call stamp,$(OUT)/sources-$(l),$(call src,$(l))))
$(call stamp,$(OUT)/flags,$(CC) $(CFLAGS))
$(OUT)/flags $(LAYERS:%=$(OUT)/sources-%): ;

$(call obj,store): | $(MC)/sqlite3.h $(OUT)/gen/sql.done
$(OUT)/obj/store/%.o: flags_store += -I$(OUT)/gen

# --- what others wrote -------------------------------------------------------

$(MC)/sqlite3.h $(MC)/sqlite3.c $(BARE)/sqlite3.c: | node_modules/.package-lock.json
node_modules/.package-lock.json:
	npm ci --ignore-scripts

SQLITE_FLAGS := -DSQLITE_THREADSAFE=2 -DSQLITE_DQS=0 -DSQLITE_OMIT_DEPRECATED \
    -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_LIKE_DOESNT_MATCH_BLOBS \
    -DSQLITE_DEFAULT_FOREIGN_KEYS=1 -DSQLITE_OMIT_SHARED_CACHE \
    -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_TEMP_STORE=2 -DSQLITE_MAX_MMAP_SIZE=0 \
    -DSQLITE_OMIT_DECLTYPE -DSQLITE_MAX_COLUMN=2000 -DSQLITE_USE_URI=1 \
    -DHAVE_FDATASYNC=1 -DHAVE_USLEEP=1
# Once for all builds: sanitizers have nothing to find in it that its authors
# have not, and it takes a minute.
$(call stamp,$(DEPS)/sqlite-flags,$(SQLITE_FLAGS))
$(DEPS)/sqlite-flags: ;
$(DEPS)/sqlite3.o: $(DEPS)/sqlite-flags | $(MC)/sqlite3.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) -O2 -fPIE -w $(SQLITE_FLAGS) -c -o $@.$$$$ $(MC)/sqlite3.c && mv $@.$$$$ $@

# --- generated ---------------------------------------------------------------

TOOL := build/tools
$(TOOL)/embed: tools/embed.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) -std=c17 -O2 $(WARN) $(POSIX) -o $@.$$$$ $< -lz -lbrotlienc -lsodium && mv $@.$$$$ $@

# src/store/sql/NAME.sql is the text sql_NAME in gen/sql/NAME.h.
SQL := $(wildcard src/store/sql/*.sql)
$(OUT)/gen/sql.done: $(SQL) $(TOOL)/embed
	@mkdir -p $(OUT)/gen/sql
	$(call say,EMBED)$(TOOL)/embed sql $(OUT)/gen/sql $(SQL)
	@touch $@
$(SQL:src/store/sql/%.sql=$(OUT)/gen/sql/%.h): $(OUT)/gen/sql.done ;

EMBEDDED := $(shell find ui forms catalog po -type f ! -name '*~' 2>/dev/null)
# Without clang's linker for WebAssembly pages ask the server while one types.
ifneq ($(shell command -v wasm-ld),)
EMBEDDED += build/form-wasm/form.wasm
endif
$(call stamp,$(OUT)/sources-assets,$(EMBEDDED))
$(OUT)/sources-assets: ;
assets: $(OUT)/lib/libassets.a
$(OUT)/gen/assets.c: $(EMBEDDED) $(OUT)/sources-assets $(TOOL)/embed \
                     | node_modules/.package-lock.json
	@mkdir -p $(@D)
	$(call say,EMBED)$(TOOL)/embed assets $@ $(EMBEDDED)
$(OUT)/obj/assets.o: $(OUT)/gen/assets.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) -std=c17 -Isrc -O1 $(if $(SANITIZE),,-fPIE) -c -o $@ $<
$(OUT)/lib/libassets.a: $(OUT)/obj/assets.o
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

# --- the program -------------------------------------------------------------

$(OUT)/obj/main.o: src/main.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CFLAGS) $(POSIX) -DCOBIJO_VERSION='"$(VERSION)"' -MMD -MP -c -o $@ $<
ALL_LIBS := $(foreach l,cli http sys web domain store read form core,$(call lib,$(l))) \
            $(OUT)/lib/libassets.a $(DEPS)/sqlite3.o
$(OUT)/cobijo: $(OUT)/obj/main.o $(ALL_LIBS)
	$(call say,CC)$(CC) $(LDOPT) -o $@ $< -Wl,--start-group $(filter %.a %.o,$(ALL_LIBS)) \
	    -Wl,--end-group $(LIBS)

# --- tests -------------------------------------------------------------------

# XPath and XML are read by these tests only.
system_test_t_xform_cases := -lxml2
system_test_t_xform_examples := -lxml2
TESTS := $(patsubst test/%.c,%,$(wildcard test/t_*.c))
# libfreexl reads along in this one only.
system_test_t_read_xls := -lfreexl
# test_layers_NAME := the layers it includes
$(OUT)/tests.mk: $(wildcard test/*.c test/*.h) tools/test-layers
	@mkdir -p $(@D)
	@sh tools/test-layers > $@
ifneq ($(filter test-programs unit $(TESTS:%=$(OUT)/test/%),$(MAKECMDGOALS)),)
include $(OUT)/tests.mk
endif
test_need = $(filter $(foreach l,$(test_layers_$(1)),$(below_$(l))),$(LAYERS))
test_libs = $(foreach l,$(call test_need,$(1)),$(call lib,$(l))) \
    $(if $(filter store,$(call test_need,$(1))),$(DEPS)/sqlite3.o) \
    $(if $(filter web,$(call test_need,$(1))),$(OUT)/lib/libassets.a)
test_helper = $(test_helpers_$(1):%=$(OUT)/obj/test/%.o)
test_system = $(sort $(foreach l,$(call test_need,$(1)),$(system_$(l)))) $(system_test_$(1))
define test_program
$(OUT)/test/$(1): $(OUT)/obj/test/$(1).o $(call test_libs,$(1)) $(call test_helper,$(1))
	@mkdir -p $$(@D)
	$$(call say,CC)$(CC) $(LDOPT) -o $$@ $$< $(call test_helper,$(1)) -Wl,--start-group $(call test_libs,$(1)) \
	    -Wl,--end-group $(call test_system,$(1)) -lpthread -lm
endef
$(foreach t,$(TESTS),$(eval $(call test_program,$(t))))
$(OUT)/obj/test/%.o: test/%.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CFLAGS) $(POSIX) -Itest -isystem $(MC) -isystem /usr/include/libxml2 -MMD -MP -c -o $@ $<

T ?= $(TESTS)
test-programs: $(TESTS:%=$(OUT)/test/%)
unit: $(T:%=$(OUT)/test/%)
	@prove --failures $(T:%=$(OUT)/test/%)

sbom: $(OUT)/cobijo
	node tools/sbom.mjs $< > build/sbom.cdx.json

reproduce:
	sh tools/reproduce

# Threads under ThreadSanitizer: sqlite, and PostgreSQL when COBIJO_TEST_PG
# names an empty database.
race:
	@$(MAKE) -s SANITIZE=thread all
	@node tools/race.mjs build/thread/cobijo $(RACE_SECONDS)
	@[ -z "$$COBIJO_TEST_PG" ] || \
	    node tools/race.mjs build/thread/cobijo $(RACE_SECONDS) "$$COBIJO_TEST_PG"
RACE_SECONDS ?= 30

# --- rules of the house ------------------------------------------------------

lint-flags: $(OUT)/gen/sql.done
	@echo "LINT_FLAGS=-isystem $(MC) -isystem $(PQ) -I$(OUT)/gen $(POSIX) -DCOBIJO_VERSION=0" > $(OUT)/lint-flags
lint: lint-flags
	@sh tools/lint $(OUT)

# --- the browser -------------------------------------------------------------

include tools/wasm.mk

# --- fuzzing and measuring ---------------------------------------------------

include tools/fuzz.mk

BENCHES := $(patsubst bench/%.c,$(OUT)/bench/%,$(wildcard bench/b_*.c))
bench: $(BENCHES) $(OUT)/cobijo
	@sh bench/run $(OUT)
$(OUT)/bench/%: bench/%.c $(ALL_LIBS) $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CFLAGS) $(POSIX) -Ibench -isystem $(MC) -isystem $(PQ) $(LDOPT) -o $@ $< -Wl,--start-group \
	    $(filter %.a %.o,$(ALL_LIBS)) -Wl,--end-group $(LIBS)

clean:
	rm -rf $(OUT)

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)
