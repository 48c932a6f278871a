# Writers that are killed.

KILLS ?= 1000

TEST_PARTS += '$(BUILD)/test/crash_test'

OTHER_TESTS += $(BUILD)/test/crash_test
tests: $(BUILD)/test/crash_test

$(BUILD)/test/crash_test: test/crash/crash_test.c $(wildcard test/c/*.h)
	@mkdir -p $(@D)
	$(BUILD_TEST)

##@ Test it for longer, or elsewhere
crashes: tests ## writers are killed at random moments, KILLS times, from SEED
	@$(TEST_ENVIRONMENT) $(BUILD)/test/crash_test $(KILLS) $(SEED)

.PHONY: crashes
