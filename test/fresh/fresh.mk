# The README's two commands where nothing is installed.

RELEASES ?= 12

##@ Test it for longer, or elsewhere
test-fresh: ## make demo and make test in bare Debian systems, RELEASES='11 12 13 sid' (12); needs root
	@test/fresh/fresh.sh $(BUILD)/fresh $(RELEASES)

.PHONY: test-fresh
