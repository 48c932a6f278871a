# Many writers at once.

SECONDS ?= 120

TEST_PARTS += '$(BUILD)/test/soak_test'

OTHER_TESTS += $(BUILD)/test/soak_test
tests: $(BUILD)/test/soak_test

$(BUILD)/test/soak_test: test/soak/soak_test.c $(wildcard test/c/*.h)
	@mkdir -p $(@D)
	$(BUILD_TEST)

##@ Test it for longer, or elsewhere
soak: tests ## 8 processes, then 8 threads, on one file for SECONDS each, from SEED
	@$(TEST_ENVIRONMENT) $(BUILD)/test/soak_test $(SECONDS) $(SEED)

THREAD_SANITIZED = $(BUILD)/tsan
THREAD_SANITIZE = -O1 -g -fsanitize=thread

tsan: test-tools ## what has threads, under ThreadSanitizer
	@$(MAKE) --no-print-directory CC=gcc BUILD=$(THREAD_SANITIZED) HARDENING= CFLAGS='$(THREAD_SANITIZE)' \
	  LDFLAGS=-fsanitize=thread tests
	@KV_LIBRARY='$(call absolute,$(THREAD_SANITIZED))/kv' TSAN_OPTIONS=halt_on_error=1 test/tally.sh \
	  $(THREAD_SANITIZED)/test/threads_test $(THREAD_SANITIZED)/test/purger_test \
	  '$(THREAD_SANITIZED)/test/soak_test 10 1 threads'

.PHONY: soak tsan
