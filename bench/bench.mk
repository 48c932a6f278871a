# What is measured. `make bench` writes bench/results/; no test depends on it. See bench/bench.h, bench/report.tcl.
#
# GO_STORE=FOLDER, with the source of the Go library go-store, has it measured too; GO_STORE_LOG=FOLDER is one with
# that of its logging module, for which there is a stand-in.

BENCH = $(BUILD)/bench
BENCH_SOURCES = $(wildcard bench/*.c)
# Peers that are there: their headers are.
hash = \#
has_header = $(shell echo '$(hash)include <$(1)>' | $(CC) -E -o /dev/null - 2>/dev/null && echo yes)
BENCH_PEERS = $(if $(call has_header,lmdb.h),-DHAS_LMDB -llmdb) \
              $(if $(call has_header,hiredis/hiredis.h),-DHAS_HIREDIS -lhiredis)
BENCH_PROGRAMS = $(MAKE) --no-print-directory all $(BENCH)/bench $(BENCH)/kv-stripped.so

##@ Measure it
bench: bench-tools bench-peer-tools ## measures everything side by side, into bench/results/: about 10 minutes
	@$(BENCH_PROGRAMS)
	@BENCH_COMMAND='make bench' bench/run.sh $(BENCH) bench/results

glance: ## puts the results' first table into the README
	awk -f bench/glance.awk bench/results/results.md README.md > $(BUILD)/README.md && cp $(BUILD)/README.md README.md

bench-quick: bench-tools ## in few rounds, on small stores, into build/bench/results; FAMILIES='draws bulk' for some
	@$(BENCH_PROGRAMS)
	@BENCH_COMMAND='make bench-quick' bench/run.sh $(BENCH) $(BENCH)/results --quick $(FAMILIES)

bench-counts: bench-tools ## counts instructions anew, into bench/results/counts.tsv
	@$(BENCH_PROGRAMS)
	@bench/counts.sh $(BENCH) > $(BENCH)/counts.tsv
	@mkdir -p bench/results && cp $(BENCH)/counts.tsv bench/results/counts.tsv

bench-check: bench-tools ## counts instructions, and says what takes 3 % more than the committed counts
	@$(BENCH_PROGRAMS)
	@bench/counts.sh $(BENCH) $(FAMILIES) > $(BENCH)/counts.tsv
	@tclsh bench/check.tcl bench/results/counts.tsv $(BENCH)/counts.tsv

bench-go: all ## the Go library go-store beside kv in Go, from its source: GO_STORE=FOLDER; Go's text/template
	@command -v go >/dev/null || { echo "there is no Go here (package golang-go)" >&2; exit 1; }
	@$(MAKE) --no-print-directory $(BENCH)/bench
	@{ bench/gostore/run.sh $(BUILD) && $(BENCH)/bench --quick render && bench/render/run.sh; } > $(BENCH)/go.tsv
	@tclsh bench/report.tcl < $(BENCH)/go.tsv

bench-peers: all bench-peer-tools ## Python's diskcache and sqlitedict, Node's @keyv/sqlite, beside kv from there
	@mkdir -p $(BENCH)
	@bench/peers/run.sh $(BENCH) > $(BENCH)/peers.tsv
	@tclsh bench/report.tcl < $(BENCH)/peers.tsv

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

bench-peer-tools:
	@bench/peers/install.sh $(BENCH)

.PHONY: bench bench-quick bench-counts bench-check bench-go bench-peers bench-tools bench-peer-tools glance
