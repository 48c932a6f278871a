# The virtual tables: kv_entries and kv_groups answer as plain tables of the same rows would.

DATABASES ?= 10000

DIFFERENTIAL = $(BUILD)/test/differential_test

TEST_PARTS += 'KV_TEST_QUICK=1 $(DIFFERENTIAL)'

tests: $(DIFFERENTIAL)

$(DIFFERENTIAL): test/tables/differential_test.c $(wildcard test/c/*.h)
	@mkdir -p $(@D)
	$(BUILD_TEST)

differential: tests ## random SQL against kv_entries and a plain table, on DATABASES databases from SEED
	@$(TEST_ENVIRONMENT) $(DIFFERENTIAL) $(DATABASES) $(SEED)

.PHONY: differential
