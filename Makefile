# kv: build, demo, test. `make help` lists the targets.
#
#   make CC=clang BUILD=build/clang    with another compiler, in a directory of its own

CC ?= cc
CFLAGS ?= -O2 -g
BUILD = build

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
# clang takes a text in two parts inside of a list for a forgotten comma; clang-format makes such parts.
WARNINGS += $(if $(findstring clang,$(CC)),-Wno-string-concatenation)
HARDENING = -fstack-protector-strong -D_FORTIFY_SOURCE=2
INCLUDES = -Iext -I$(BUILD)
KV_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -fPIC -fvisibility=hidden -pthread $(WARNINGS) \
            $(HARDENING) $(INCLUDES) $(CFLAGS)
KV_LDFLAGS = -shared -pthread -Wl,-z,relro,-z,now -Wl,-z,defs $(LDFLAGS) -Wl,--as-needed -lm

# A path made absolute. ($(abspath) takes one with a blank in it for two.)
absolute = $(if $(filter /%,$(1)),$(1),$(CURDIR)/$(1))

SOURCES = $(wildcard ext/*.c ext/*/*.c)
SQL = $(wildcard sql/*.sql)
OBJECTS = $(SOURCES:ext/%.c=$(BUILD)/%.o)

##@ Use it
all: $(BUILD)/kv.so ## the extension: build/kv.so

$(BUILD)/kv.so: $(OBJECTS)
	$(CC) -o $@ $(OBJECTS) $(KV_LDFLAGS)

$(BUILD)/%.o: ext/%.c | $(BUILD)/tools $(BUILD)/kv_sql.h
	@mkdir -p $(@D)
	$(CC) $(KV_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/kv_sql.h: sql/embed.awk $(SQL)
	@mkdir -p $(@D)
	awk -f sql/embed.awk $(SQL) > $@

# What the build needs is looked for before the first file is made, so that what is missing has a name.
$(BUILD)/tools:
	@CC='$(CC)' CFLAGS='$(CFLAGS)' test/packages.sh --check build
	@mkdir -p $(@D) && touch $@

# Linked into a program in place of loaded, for hosts that do so.
STATIC_OBJECTS = $(SOURCES:ext/%.c=$(BUILD)/static/%.o)

$(BUILD)/libkv.a: $(STATIC_OBJECTS)
	rm -f $@ && ar rcs $@ $(STATIC_OBJECTS)

$(BUILD)/static/%.o: ext/%.c | $(BUILD)/tools $(BUILD)/kv_sql.h
	@mkdir -p $(@D)
	$(CC) $(KV_CFLAGS) -DSQLITE_CORE -MMD -MP -c -o $@ $<

# ---- tests ----

TESTS = $(patsubst test/c/%.c,$(BUILD)/test/%,$(wildcard test/c/*_test.c)) \
        $(BUILD)/test/interface_static_test
TEST_ENVIRONMENT = KV_LIBRARY='$(call absolute,$(BUILD))/kv'

BUILD_TEST = $(CC) $(KV_CFLAGS) -D_DEFAULT_SOURCE -Itest/c -o $@ $(filter %.c %.a,$^) -lsqlite3 -ldl -lm $(LDFLAGS)

$(TESTS): $(wildcard test/c/*.h) ext/kv.h
$(BUILD)/test/static_test $(BUILD)/test/ledger_test: $(BUILD)/libkv.a
$(BUILD)/test/%: test/c/%.c
	@mkdir -p $(@D)
	$(BUILD_TEST)

$(BUILD)/test/interface_static_test: test/c/interface_test.c $(BUILD)/libkv.a
	@mkdir -p $(@D)
	$(BUILD_TEST) -DSTATIC

-include $(OBJECTS:.o=.d) $(STATIC_OBJECTS:.o=.d)

# A folder of tests may bring a .mk of its own: targets, parts of `make test` in TEST_PARTS, a quoted command each (in
# SYSTEM_PARTS if another SQLite makes no difference to it), and programs that the sanitizers are to see in OTHER_TESTS.
-include $(sort $(wildcard test/*/*.mk bench/*.mk packages/*.mk))

demo: demo-tools ## the README's quick start in the sqlite3 shell; installs what is missing
	@echo 'building $(BUILD)/kv.so'
	@$(MAKE) -s all
	@test/quickstart.sh $(BUILD)
	@printf '%s\n' '' 'That was the quick start of README.md. Its store is in $(BUILD)/quickstart.db, to go on with:' '' \
	  "  sqlite3 $(BUILD)/quickstart.db -cmd '.load $(BUILD)/kv'" '' \
	  'README.md says how your language loads $(BUILD)/kv; `make test` runs all tests; `make help` lists the rest.'

##@ Test it
tests: all $(TESTS) ## builds the C tests

##@ Use it
# Each part ends with a line "N passed, N failed"; the last line is their sum.
test: test-tools ## all tests; installs what is missing
	@echo 'building $(BUILD)/kv.so and the tests'
	@$(MAKE) -s tests
	@$(TEST_ENVIRONMENT) test/tally.sh \
	  'tclsh test/all.tcl --program $(TESTS)' \
	  'test/quickstart_test.sh $(BUILD)' \
	  $(TEST_PARTS) $(SYSTEM_PARTS)

# ---- checks ----

##@ Check it
FORMATTED = $(wildcard ext/*.[ch] ext/*/*.[ch] test/*/*.[ch] bench/*.[ch] packages/*.[ch] packages/*/*.[ch])

lint: lint-tools ## clang-format, clang-tidy, cppcheck, and that data goes one way through ext/
	@$(MAKE) --no-print-directory all
	@test/tally.sh \
	  'test/rooms/rooms.sh $(BUILD)' \
	  'clang-format --dry-run -Werror $(FORMATTED)' \
	  'clang-tidy --quiet $(SOURCES) -- -std=c11 -D_POSIX_C_SOURCE=200809L $(INCLUDES)' \
	  'cppcheck -q --error-exitcode=1 --std=c11 --inline-suppr --enable=warning,performance,portability \
	     $(INCLUDES) $(SOURCES)'

library-check: all ## what build/kv.so exports, and what it is linked with
	@test/library.sh $(BUILD)/kv.so

# tclsh knows nothing of ASan, so that is loaded before it, and its own leaks at exit are not looked at.
SANITIZED = $(BUILD)/sanitize
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
ASAN_LIBRARY = $(shell gcc -print-file-name=libasan.so)

SANITIZED_BUILD = CC=gcc BUILD=$(SANITIZED) HARDENING= CFLAGS="$(SANITIZE)" LDFLAGS=-fsanitize=address,undefined

sanitize: test-tools ## all tests under ASan, UBSan and (in C) LSan
	@$(MAKE) --no-print-directory $(SANITIZED_BUILD) tests
	@KV_LIBRARY='$(call absolute,$(SANITIZED))/kv' test/tally.sh \
	  'ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD=$(ASAN_LIBRARY) tclsh test/all.tcl' \
	  '$(MAKE) -s $(SANITIZED_BUILD) test-template' '$(MAKE) -s $(SANITIZED_BUILD) fuzz-replay' \
	  $(foreach test,$(patsubst $(BUILD)/%,$(SANITIZED)/%,$(TESTS) $(OTHER_TESTS)),'$(test)')

VALGRIND = valgrind -q --error-exitcode=9 --keep-debuginfo=yes
VALGRIND_C = $(VALGRIND) --leak-check=full --show-leak-kinds=definite,possible

valgrind: valgrind-tools ## all tests under valgrind; takes long
	@$(MAKE) --no-print-directory tests
	@$(TEST_ENVIRONMENT) KV_TEST_QUICK=1 test/tally.sh \
	  $(foreach test,$(TESTS) $(OTHER_TESTS),'$(VALGRIND_C) $(test)') \
	  $(foreach script,$(wildcard test/slt/*.slt),'$(VALGRIND) tclsh test/slt.tcl $(script)') \
	  $(foreach script,$(wildcard test/*.test),'$(VALGRIND) tclsh $(script)')

memory: tests ## each allocation fails in turn; ten minutes
	@$(TEST_ENVIRONMENT) KV_TEST_FULL=1 $(BUILD)/test/memory_test

demo-tools test-tools lint-tools valgrind-tools:
	@test/packages.sh $(@:-tools=)

##@ Use it
clean: ## removes build/
	rm -rf $(BUILD)

# A line "##@ …" names the group of the targets after it, here and in the .mk files; users' groups come first.
help: ## this list
	@awk -F ':.*## ' -f test/help.awk $(MAKEFILE_LIST)

.PHONY: all demo tests test lint library-check sanitize valgrind memory clean help \
        demo-tools test-tools lint-tools valgrind-tools
.DELETE_ON_ERROR:
