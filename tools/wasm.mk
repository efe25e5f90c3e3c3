# SPDX-License-Identifier: AGPL-3.0-or-later
#
# wasm.mk - the whole program but its doors as build/wasm/cobijo.wasm, with
# Debian's clang, lld and wasi-libc. A list of folders: everything except
# cli/, http/, sys/, form/read/ and store/postgres*.c.

WASM := build/wasm
WASM_SRC := $(filter-out src/form/read/% src/store/postgres%.c \
    src/wasm/form_page.c src/wasm/form_memory.c, \
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

# form.wasm: core and form alone, for pages with a form (doc/page.md). Of form/
# only what checks answers; what reads spreadsheets stays on the server.
FORM_WASM := build/form-wasm
FORM_WASM_MOST := 81920
FORM_SRC := $(addprefix src/core/,arena.c base64.c buf.c date.c err.c host.c str.c \
    translate.c utf8.c utf8_latin.c value.c value_json.c) \
    $(addprefix src/form/,answers.c check.c check_load.c clean.c display.c \
    form.c graph.c live.c live_tell.c names.c unpack.c) \
    $(filter-out src/form/expr/sql%,$(wildcard src/form/expr/*.c)) \
    src/wasm/form_page.c src/wasm/form_memory.c
FORM_WASM_FLAGS := $(BASE) -Oz -flto -Wall -Wextra -Wno-unused-parameter \
    -Wno-sign-compare -Wno-missing-field-initializers
form-wasm: $(FORM_WASM)/form.wasm
$(shell mkdir -p $(FORM_WASM); echo '$(FORM_SRC) $(FORM_WASM_FLAGS)' | \
    cmp -s - $(FORM_WASM)/sources || \
    echo '$(FORM_SRC) $(FORM_WASM_FLAGS)' > $(FORM_WASM)/sources)
$(FORM_WASM)/sources: ;
$(FORM_WASM)/obj/%.o: src/%.c $(FORM_WASM)/sources
	@mkdir -p $(@D)
	$(call say,WASM)$(WASM_CC) $(FORM_WASM_FLAGS) -MMD -MP -c -o $@ $<
# Too big is an error: the page of a phone pays for it.
$(FORM_WASM)/form.wasm: $(FORM_SRC:src/%.c=$(FORM_WASM)/obj/%.o)
	$(call say,LINK)$(WASM_CC) -mexec-model=reactor -Oz -flto -Wl,--gc-sections \
	    -Wl,--strip-all -Wl,-z,stack-size=262144 -Wl,--stack-first \
	    -o $@.new $^
	@size=$$(gzip -9 -c $@.new | wc -c); echo "  $$size bytes gzipped"; \
	    [ $$size -le $(FORM_WASM_MOST) ] || \
	    { echo "form.wasm is above $(FORM_WASM_MOST) bytes gzipped"; exit 1; }
	@mv $@.new $@
-include $(shell find $(FORM_WASM)/obj -name '*.d' 2>/dev/null)

# The native side of test/form_page.t.
$(OUT)/form_verify: test/form_verify.c $(call lib,form) $(call lib,core) $(OUT)/flags
	$(call say,CC)$(CC) $(CFLAGS) $(POSIX) $(LDOPT) -o $@ $< $(call lib,form) \
	    $(call lib,core) -lm


# The native side of test/wasm.t: the same program behind its HTTP door, with
# a host whose clock and randomness are fixed.
$(OUT)/wasm_server: test/wasm_server.c $(ALL_LIBS) $(OUT)/flags
	$(call say,CC)$(CC) $(CFLAGS) $(POSIX) $(LDOPT) -o $@ $< src/wasm/shim_open.c \
	    -Wl,--start-group $(filter %.a %.o,$(ALL_LIBS)) -Wl,--end-group $(LIBS)

-include $(shell find $(WASM)/obj -name '*.d' 2>/dev/null)
