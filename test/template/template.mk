# The template library against Go's own. What Go answered is recorded in test/template/golden/, so that
# `make test` needs no Go; only these targets do.

TEMPLATE_TEST = $(BUILD)/test/template_test
TEMPLATE_SOURCES = $(wildcard ext/template/*.c)
ORACLE = $(BUILD)/oracle
SEED ?= 1
CASES ?= 100000
TIME ?= 60

SYSTEM_PARTS += '$(MAKE) -s test-template'

test-template: $(TEMPLATE_TEST) ## templates, replayed against the recorded answers of Go
	@$(TEMPLATE_TEST) $(wildcard test/template/golden/*.txt)

$(TEMPLATE_TEST): test/template/template_test.c $(TEMPLATE_SOURCES) $(wildcard ext/template/*.h)
	@mkdir -p $(@D)
	$(CC) $(KV_CFLAGS) -Iext/template -DSQLITE_CORE -o $@ $< $(TEMPLATE_SOURCES) -lsqlite3 -lm $(LDFLAGS)

$(ORACLE): $(wildcard test/template/oracle/*.go)
	@command -v go >/dev/null || { echo "SKIPPED: there is no Go here (package golang-go)"; exit 1; }
	cd test/template/oracle && go build -o $(abspath $@) .

##@ Test it for longer, or elsewhere
golden-template: $(ORACLE) ## records Go's answers anew, after a change of the cases
	@for cases in test/template/cases/*.txt; do \
	    $(ORACLE) answer < $$cases > test/template/golden/$$(basename $$cases); done
	@$(ORACLE) generate 20261123 3000 | $(ORACLE) answer > test/template/golden/generated.txt

fuzz-template: $(TEMPLATE_TEST) $(ORACLE) ## CASES new templates from SEED, ours against Go's
	@$(ORACLE) generate $(SEED) $(CASES) | $(ORACLE) answer | $(TEMPLATE_TEST) -

libfuzzer-template: ## parser and executor under libFuzzer and sanitizers, for TIME seconds
	@mkdir -p $(BUILD)/corpus
	clang -std=c11 -D_POSIX_C_SOURCE=200809L -g -O1 -fsanitize=fuzzer,address,undefined -Iext \
	  -Iext/template -DSQLITE_CORE -o $(BUILD)/fuzz_template test/template/fuzz.c $(TEMPLATE_SOURCES) \
	  -lsqlite3 -lm
	$(BUILD)/fuzz_template -max_total_time=$(TIME) -max_len=2000 -timeout=20 -rss_limit_mb=2000 \
	  $(BUILD)/corpus test/template/corpus

.PHONY: test-template golden-template fuzz-template libfuzzer-template
