# The whole suite on other versions of SQLite than the system's, the oldest that is supported to the newest that there
# is, fetched when asked for.
#
#   make versions VERSIONS='3.34.0 latest'

VERSIONS ?= $(shell awk '/^[0-9]/ { print $$1 }' test/versions/known.txt) latest

##@ Test it for longer, or elsewhere
versions: test-tools ## the whole suite on SQLite 3.34 to the newest, or on VERSIONS
	@$(MAKE) -s tests
	@$(TEST_ENVIRONMENT) test/versions/versions.sh $(BUILD)/versions $(VERSIONS) -- \
	  'tclsh test/all.tcl --program $(TESTS)' $(TEST_PARTS)

.PHONY: versions
