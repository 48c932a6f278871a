# The extension under libFuzzer (clang), with ASan and UBSan; and the corpora replayed by any compiler.

FUZZ_TARGETS = duration calls image
FUZZ_FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -DSQLITE_CORE $(INCLUDES) -pthread -g -O1 \
             -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

TEST_PARTS += '$(MAKE) -s fuzz-replay'

##@ Test it for longer, or elsewhere
fuzz: fuzz-tools ## every fuzzer, TIME seconds each
	@$(MAKE) --no-print-directory $(FUZZ_TARGETS:%=fuzz-%) libfuzzer-template

fuzz-tools:
	@test/packages.sh fuzz

$(FUZZ_TARGETS:%=fuzz-%): fuzz-%: $(BUILD)/fuzz/%
	@mkdir -p $(BUILD)/fuzz/new-$*
	$(BUILD)/fuzz/$* -max_total_time=$(TIME) -max_len=12000 -timeout=20 -rss_limit_mb=2000 -print_final_stats=1 \
	  -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/new-$* test/fuzz/corpus/$*

$(BUILD)/fuzz/%: test/fuzz/%.c $(SOURCES) $(wildcard ext/*.h ext/*/*.h) $(BUILD)/kv_sql.h
	@command -v clang >/dev/null || { echo "SKIPPED: there is no clang here (package clang)"; exit 1; }
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -o $@ $< $(SOURCES) -lsqlite3 -lm

fuzz-replay: $(FUZZ_TARGETS:%=$(BUILD)/fuzz/replay-%) ## the corpora of the fuzzers, without them
	@test/tally.sh $(foreach t,$(FUZZ_TARGETS),'$(BUILD)/fuzz/replay-$t test/fuzz/corpus/$t/*')

$(BUILD)/fuzz/replay-%: test/fuzz/%.c test/fuzz/replay.c $(BUILD)/libkv.a
	@mkdir -p $(@D)
	$(CC) $(KV_CFLAGS) -DSQLITE_CORE -o $@ $^ -lsqlite3 -lm $(LDFLAGS)

.PHONY: fuzz fuzz-tools fuzz-replay $(FUZZ_TARGETS:%=fuzz-%)
