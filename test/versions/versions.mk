# The whole suite on other versions of SQLite than the system's, the oldest that is supported to the newest that there
# is. They are named by the version of the npm package better-sqlite3 that brings them, and fetched when asked for.
#
#   make versions VERSIONS='7.1.2 latest'

#           3.34.0 3.35.2 3.39.1 3.42.0 3.44.0 3.46.0 3.50.4
VERSIONS ?= 7.1.2  7.4.0  7.6.2  8.4.0  9.1.1  11.1.2 12.4.1 latest

versions: test-tools ## the whole suite on SQLite 3.34 to the newest
	@$(MAKE) -s tests $(TEMPLATE_TEST)
	@$(TEST_ENVIRONMENT) test/versions/versions.sh $(abspath $(BUILD)) $(VERSIONS) -- \
	  'tclsh test/all.tcl --program $(TESTS)' 'test/quickstart_test.sh $(BUILD)' $(TEST_PARTS)

.PHONY: versions
