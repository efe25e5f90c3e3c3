# SPDX-License-Identifier: AGPL-3.0-or-later
#
# fuzz.mk - libFuzzer targets (clang) and the replay of what they once found.
#
#   make fuzz                 build/fuzz/NAME for every fuzz/fuzz_NAME.c
#   make fuzz-short           each for 60 seconds (FUZZ_SECONDS=…)
#   make SANITIZE=1 fuzz-replay    plain programs that run files through a
#                             target: fuzz/replay.t does so with
#                             fuzz/regress/NAME/*

FUZZ := build/fuzz
FUZZ_NAMES := $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
FUZZ_SRC := $(call src,core) $(call src,form) $(call src,read) \
    src/web/request.c src/wasm/message.c src/domain/record/media.c \
    src/domain/grant/grant_text.c src/domain/grant/grant_answer_text.c \
    src/store/seal_class.c \
    src/domain/account/cbor.c src/domain/account/passkey_read.c \
    $(wildcard src/domain/alert/cap_*.c) src/domain/alert/feed_read.c
FUZZ_FLAGS := $(BASE) -O1 -g -w -fno-omit-frame-pointer \
    -fsanitize=fuzzer-no-link,address,undefined \
    -fno-sanitize-recover=undefined -DCOBIJO_VERSION='"$(VERSION)"'
FUZZ_SECONDS ?= 60

fuzz: $(FUZZ_NAMES:%=$(FUZZ)/%)
$(FUZZ)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,FUZZ)$(CLANG) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(FUZZ)/obj/fuzz_%.o: fuzz/fuzz_%.c
	@mkdir -p $(@D)
	$(call say,FUZZ)$(CLANG) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(FUZZ)/lib.a: $(FUZZ_SRC:src/%.c=$(FUZZ)/obj/%.o)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^
$(FUZZ)/%: $(FUZZ)/obj/fuzz_%.o $(FUZZ)/lib.a
	$(call say,LINK)$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ -lm \
	    $(system_read)

# New finds go to fuzz/regress/NAME by hand, with a word on what they were.
fuzz-short: fuzz
	@for name in $(FUZZ_NAMES); do \
	    mkdir -p $(FUZZ)/corpus/$$name $(FUZZ)/found; \
	    seeds=; for folder in fuzz/seed/$$name fuzz/regress/$$name; do \
	        [ -d $$folder ] && seeds="$$seeds $$folder"; done; \
	    echo "== $$name"; \
	    $(FUZZ)/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
	        -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
	        -artifact_prefix=$(FUZZ)/found/$$name- \
	        $(FUZZ)/corpus/$$name $$seeds 2>&1 | tail -n 12; \
	done

fuzz-replay: $(FUZZ_NAMES:%=$(OUT)/fuzz/%)
FUZZ_LIBS := $(foreach l,web domain store read form core,$(call lib,$(l))) \
    $(OUT)/lib/libassets.a $(DEPS)/sqlite3.o
$(OUT)/fuzz/%: fuzz/fuzz_%.c fuzz/replay.c src/wasm/message.c $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CFLAGS) $(POSIX) $(LDOPT) -o $@ $< fuzz/replay.c \
	    src/wasm/message.c -Wl,--start-group $(FUZZ_LIBS) -Wl,--end-group \
	    $(system_store) $(system_read)

.PHONY: fuzz-replay
-include $(shell find $(FUZZ)/obj -name '*.d' 2>/dev/null)
