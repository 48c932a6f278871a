# Events against a copy that is kept by them alone.

TEST_PARTS += '$(BUILD)/test/events_random_test'

OTHER_TESTS += $(BUILD)/test/events_random_test
tests: $(BUILD)/test/events_random_test

$(BUILD)/test/events_random_test: test/events/random_test.c $(wildcard test/c/*.h)
	@mkdir -p $(@D)
	$(BUILD_TEST)

events: tests ## STEPS random steps from SEED, events replayed onto a copy
	@$(TEST_ENVIRONMENT) $(BUILD)/test/events_random_test $(or $(STEPS),1000000) $(SEED)

.PHONY: events
