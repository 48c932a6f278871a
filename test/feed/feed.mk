# The feed: a follower's copy is the table, whatever is done, and whoever is killed.

FEED_KILLS ?= 1000

TEST_PARTS += '$(BUILD)/test/feed_random_test' '$(BUILD)/test/feed_crash_test' '$(BUILD)/test/feed_wait_test' '$(BUILD)/test/feed_holes_test'

FEED_TESTS = $(BUILD)/test/feed_random_test $(BUILD)/test/feed_crash_test $(BUILD)/test/feed_wait_test $(BUILD)/test/feed_holes_test
OTHER_TESTS += $(FEED_TESTS)
tests: $(FEED_TESTS)

$(BUILD)/test/feed_%_test: test/feed/%_test.c $(wildcard test/c/*.h)
	@mkdir -p $(@D)
	$(BUILD_TEST)

##@ Test it for longer, or elsewhere
feed: tests ## STEPS random steps from SEED, the log replayed onto a copy
	@$(TEST_ENVIRONMENT) $(BUILD)/test/feed_random_test $(or $(STEPS),1000000) $(SEED)

feed-crashes: tests ## writers and readers of the feed are killed at random moments, FEED_KILLS times, from SEED
	@$(TEST_ENVIRONMENT) $(BUILD)/test/feed_crash_test $(FEED_KILLS) $(SEED)

.PHONY: feed feed-crashes
