# Line and branch coverage of ext/ by all of `make test`.

COVERED = $(BUILD)/coverage
COVERAGE = CC=gcc BUILD=$(COVERED) HARDENING= CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage
LCOV = lcov --quiet --rc lcov_branch_coverage=1

##@ Check it
coverage: coverage-tools ## lines and branches of ext/ that the tests run; fails below 100 % and 95 %
	@rm -rf $(COVERED)
	@$(MAKE) --no-print-directory $(COVERAGE) test
	@$(LCOV) --capture --directory $(COVERED) --output-file $(COVERED)/all.info
	@$(LCOV) --extract $(COVERED)/all.info '*/ext/*' --output-file $(COVERED)/ext.info
	@tclsh test/coverage/check.tcl $(COVERED)/ext.info test/coverage/exceptions.txt

coverage-tools:
	@test/packages.sh coverage

.PHONY: coverage coverage-tools
