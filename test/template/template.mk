# The template library against Go's own. What Go answered is recorded in test/template/golden/, so that
# `make test` needs no Go; only these targets do.

TEMPLATE_TEST = $(BUILD)/test/template_test
BOUNDS_TEST = $(BUILD)/test/bounds_test
TEMPLATE_SOURCES = $(wildcard ext/template/*.c)
ORACLE = $(BUILD)/oracle
SEED ?= 1
CASES ?= 1000000
TIME ?= 60

SYSTEM_PARTS += '$(MAKE) -s test-template'

test-template: $(TEMPLATE_TEST) $(BOUNDS_TEST) ## templates: the recorded answers of Go, and what they may take
	@test/tally.sh '$(TEMPLATE_TEST) $(wildcard test/template/golden/*.txt)' '$(BOUNDS_TEST)'

$(TEMPLATE_TEST): test/template/template_test.c $(TEMPLATE_SOURCES) $(wildcard ext/template/*.h)
	@mkdir -p $(@D)
	$(CC) $(KV_CFLAGS) -Iext/template -DSQLITE_CORE -o $@ $< $(TEMPLATE_SOURCES) -lsqlite3 -lm $(LDFLAGS)

# Without optimisation: a frame of C takes the most stack then.
$(BOUNDS_TEST): test/template/bounds_test.c $(TEMPLATE_SOURCES) $(wildcard ext/template/*.h)
	@mkdir -p $(@D)
	$(CC) $(filter-out -D_FORTIFY_SOURCE=2,$(KV_CFLAGS)) -O0 -Iext/template -DSQLITE_CORE -o $@ $< $(TEMPLATE_SOURCES) \
	  -lsqlite3 -lm $(LDFLAGS)

$(ORACLE): $(wildcard test/template/oracle/*.go)
	@command -v go >/dev/null || { echo "SKIPPED: there is no Go here (package golang-go)"; exit 1; }
	cd test/template/oracle && go build -o $(abspath $@) .

##@ Test it for longer, or elsewhere
runes-template: ## ext/template/rune_tables.h against the Unicode of the Go that is here
	@cd test/template/runes && go run . | tr -d ' \n' > $(abspath $(BUILD))/runes
	@tr -d ' \n' < ext/template/rune_tables.h | cmp - $(BUILD)/runes && echo "1 passed, 0 failed"

golden-template: $(ORACLE) ## records Go's answers anew, after a change of the cases
	@for cases in test/template/cases/*.txt; do \
	    $(ORACLE) answer < $$cases > test/template/golden/$$(basename $$cases); done
	@$(ORACLE) generate 20261123 6000 | $(ORACLE) answer > test/template/golden/generated.txt

fuzz-template: $(TEMPLATE_TEST) $(ORACLE) runes-template ## CASES new templates from SEED, ours against Go's
	@$(ORACLE) generate $(SEED) $(CASES) | $(ORACLE) answer | $(TEMPLATE_TEST) -

libfuzzer-template: ## parser and executor under libFuzzer and sanitizers, for TIME seconds
	@mkdir -p $(BUILD)/corpus
	clang -std=c11 -D_POSIX_C_SOURCE=200809L -g -O1 -fsanitize=fuzzer,address,undefined -Iext \
	  -Iext/template -DSQLITE_CORE -o $(BUILD)/fuzz_template test/template/fuzz.c $(TEMPLATE_SOURCES) \
	  -lsqlite3 -lm
	$(BUILD)/fuzz_template -max_total_time=$(TIME) -max_len=4000 -timeout=5 -rss_limit_mb=1000 -malloc_limit_mb=300 \
	  $(BUILD)/corpus test/template/corpus

.PHONY: test-template runes-template golden-template fuzz-template libfuzzer-template
