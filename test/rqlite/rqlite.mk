# Statement replication, in a cluster of rqlite; not in `make test`, for it needs Go and a registry.

RQLITED = '$(call absolute,$(BUILD))/rqlite/rqlited'

##@ Test it for longer, or elsewhere
test-rqlite: rqlite-tools all ## the same rows on three nodes of rqlite; skipped where there is no Go
	@if reason=$$(test/rqlite/rqlited.sh $(RQLITED)); then \
	  $(TEST_ENVIRONMENT) tclsh test/rqlite/rqlite_test.tcl $(RQLITED) $(SEED); \
	else echo "SKIPPED: $$reason"; fi

rqlite-tools:
	@test/packages.sh rqlite

.PHONY: test-rqlite rqlite-tools
