# What is measured. `make bench` writes bench/results/; no test depends on it. See bench/bench.h, bench/report.tcl.

BENCH = $(BUILD)/bench
BENCH_SOURCES = $(wildcard bench/*.c)
BENCH_FIGURES = $(BENCH)/figures.tsv
# Peers that are there: their headers are.
hash = \#
has_header = $(shell echo '$(hash)include <$(1)>' | $(CC) -E -o /dev/null - 2>/dev/null && echo yes)
BENCH_PEERS = $(if $(call has_header,lmdb.h),-DHAS_LMDB -llmdb) \
              $(if $(call has_header,hiredis/hiredis.h),-DHAS_HIREDIS -lhiredis)

##@ Measure it
bench: bench-tools ## measures everything side by side, into bench/results/: about 6 minutes
	@$(MAKE) --no-print-directory all $(BENCH)/bench $(BENCH)/kv-stripped.so
	@BENCH_COMMAND='make bench' bench/run.sh $(BENCH) bench/results

bench-quick: bench-tools ## the same in few rounds, on small stores, into build/bench/results; FAMILIES='operations growth' for some
	@$(MAKE) --no-print-directory all $(BENCH)/bench $(BENCH)/kv-stripped.so
	@BENCH_COMMAND='make bench-quick' bench/run.sh $(BENCH) $(BENCH)/results --quick $(FAMILIES)

bench-go: all ## the Go library go-store itself, and Go's text/template, beside kv
	@command -v go >/dev/null || { echo "SKIPPED: there is no Go here (package golang-go)"; exit 1; }
	@$(MAKE) --no-print-directory $(BENCH)/bench
	@{ $(BENCH)/bench --quick operations listings && bench/gostore/run.sh '$(call absolute,$(BENCH))' && \
	  $(BENCH)/bench render && bench/render/run.sh; } | tclsh bench/report.tcl

$(BENCH)/bench: $(BENCH_SOURCES) $(wildcard bench/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_DEFAULT_SOURCE -O2 -g $(WARNINGS) -DBENCH_DIRECTORY='"$(BENCH)"' -DKV_LIBRARY='"$(BUILD)/kv"' \
	  -o $@ $(BENCH_SOURCES) $(BENCH_PEERS) -lsqlite3

$(BENCH)/kv-stripped.so: $(BUILD)/kv.so
	@mkdir -p $(@D)
	strip -o $@ $<

# Without some of them there are still results, which say what is missing.
bench-tools:
	@test/packages.sh bench || test/packages.sh demo

.PHONY: bench bench-quick bench-go bench-tools
