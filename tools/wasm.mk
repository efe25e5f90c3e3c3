# SPDX-License-Identifier: AGPL-3.0-or-later
#
# wasm.mk - the whole program but its doors as build/wasm/cobijo.wasm, with
# Debian's clang, lld and wasi-libc. A list of folders: everything except
# cli/, http/, sys/, form/read/ and store/postgres.c.

WASM := build/wasm
WASM_SRC := $(filter-out src/form/read/% src/store/postgres.c, \
    $(foreach l,core form store domain web wasm,$(call src,$(l))))
WASM_CC := $(CLANG) --target=wasm32-wasi
WASM_SQLITE := -DSQLITE_THREADSAFE=0 -DSQLITE_OS_OTHER=1 -DSQLITE_TEMP_STORE=3 \
    -DSQLITE_OMIT_WAL -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_LOAD_EXTENSION \
    -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_SHARED_CACHE \
    -DSQLITE_OMIT_UTF16 -DSQLITE_OMIT_EXPLAIN -DSQLITE_OMIT_TCL_VARIABLE \
    -DSQLITE_OMIT_AUTOVACUUM -DSQLITE_OMIT_DECLTYPE -DSQLITE_DQS=0 \
    -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_USE_URI=1 \
    -DSQLITE_DEFAULT_FOREIGN_KEYS=1 -DSQLITE_DEFAULT_MEMSTATUS=0 \
    -DSQLITE_MAX_MMAP_SIZE=0
WASM_FLAGS := $(BASE) -Os -Wall -Wextra -Wno-unused-parameter \
    -Wno-sign-compare -Wno-missing-field-initializers \
    -DCOBIJO_NO_POSTGRES -DCOBIJO_VERSION='"$(VERSION)"' -isystem $(BARE) \
    -I$(WASM)/gen -D_POSIX_C_SOURCE=200809L

wasm: $(WASM)/cobijo.wasm $(WASM)/t_expr_same.wasm
$(shell mkdir -p $(WASM); echo '$(WASM_SRC) $(WASM_FLAGS)' | \
    cmp -s - $(WASM)/sources || echo '$(WASM_SRC) $(WASM_FLAGS)' > $(WASM)/sources)
$(WASM)/sources: ;

$(DEPS)/sqlite3.wasm.o: tools/wasm.mk | $(BARE)/sqlite3.c
	@mkdir -p $(@D)
	$(call say,WASM)$(WASM_CC) -Oz -w $(WASM_SQLITE) -c -o $@ $(BARE)/sqlite3.c
$(WASM)/obj/%.o: src/%.c $(WASM)/sources | $(WASM)/gen/sql.done $(BARE)/sqlite3.c
	@mkdir -p $(@D)
	$(call say,WASM)$(WASM_CC) $(WASM_FLAGS) -MMD -MP -c -o $@ $<
$(WASM)/gen/sql.done: $(SQL) $(TOOL)/embed
	@mkdir -p $(WASM)/gen/sql
	$(TOOL)/embed sql $(WASM)/gen/sql $(SQL)
	@touch $@
$(WASM)/gen/assets.c: $(EMBEDDED) $(TOOL)/embed | node_modules/.package-lock.json
	@mkdir -p $(@D)
	$(call say,EMBED)$(TOOL)/embed assets $@ $(EMBEDDED)
$(WASM)/obj/assets.o: $(WASM)/gen/assets.c
	@mkdir -p $(@D)
	$(call say,WASM)$(WASM_CC) -std=c17 -Isrc -O0 -c -o $@ $<
$(WASM)/cobijo.wasm: $(WASM_SRC:src/%.c=$(WASM)/obj/%.o) $(WASM)/obj/assets.o \
                     $(DEPS)/sqlite3.wasm.o
	$(call say,LINK)$(WASM_CC) -mexec-model=reactor -Os -Wl,--gc-sections -Wl,--strip-all \
	    -Wl,-z,stack-size=1048576 -Wl,--stack-first -o $@ $^
	@gzip -9 -c $@ | wc -c | awk '{printf "  %s bytes gzipped\n", $$1}'

# A test that is a program of its own: test/expr_same.t.
$(WASM)/t_expr_same.wasm: test/t_expr_same.c \
    $(filter $(WASM)/obj/core/% $(WASM)/obj/form/%,$(WASM_SRC:src/%.c=$(WASM)/obj/%.o))
	$(call say,LINK)$(WASM_CC) $(WASM_FLAGS) -Itest -o $@ $^

# The native side of test/wasm.t: the same program behind its HTTP door, with
# a host whose clock and randomness are fixed.
$(OUT)/wasm_server: test/wasm_server.c $(ALL_LIBS) $(OUT)/flags
	$(call say,CC)$(CC) $(CFLAGS) $(POSIX) $(LDOPT) -o $@ $< src/wasm/shim_open.c \
	    -Wl,--start-group $(filter %.a %.o,$(ALL_LIBS)) -Wl,--end-group $(LIBS)

-include $(shell find $(WASM)/obj -name '*.d' 2>/dev/null)
