# What is measured; see bench/bench.c.

bench: test-packages ## ratios side by side, into bench/results.md; no test depends on them
	@$(MAKE) --no-print-directory all $(BUILD)/bench
	@$(BUILD)/bench > bench/results.md
	@cat bench/results.md

bench-quick: test-packages ## the same in a few rounds
	@$(MAKE) --no-print-directory all $(BUILD)/bench
	@$(BUILD)/bench 3

bench-go: all ## 10,000 renders of one template: ours, and Go's own engine where there is Go
	@command -v go >/dev/null || { echo "SKIPPED: there is no Go here (package golang-go)"; exit 1; }
	@cd bench/render && go run .
	@sqlite3 -init /dev/null :memory: -cmd '.load $(BUILD)/kv' < bench/render/render.sql

$(BUILD)/bench: bench/bench.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -O2 $(WARNINGS) -o $@ $< -lsqlite3

.PHONY: bench bench-quick bench-go
