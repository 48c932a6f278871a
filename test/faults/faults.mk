# Faults of the disk: each call fails in turn; the power goes at each moment.

ROUNDS ?= 40

TEST_PARTS += 'KV_TEST_QUICK=1 $(BUILD)/test/io_test' 'KV_TEST_QUICK=1 $(BUILD)/test/power_test'

OTHER_TESTS += $(BUILD)/test/io_test $(BUILD)/test/power_test
tests: $(BUILD)/test/io_test $(BUILD)/test/power_test

$(BUILD)/test/io_test: test/faults/io_test.c test/faults/fault_vfs.c test/faults/shim_vfs.c
$(BUILD)/test/power_test: test/faults/power_test.c test/faults/power_vfs.c test/faults/shim_vfs.c
$(BUILD)/test/io_test $(BUILD)/test/power_test: $(wildcard test/faults/*.h test/c/*.h)
	@mkdir -p $(@D)
	$(BUILD_TEST)

##@ Test it for longer, or elsewhere
io-faults: tests ## every read, write, sync, lock, … fails in turn
	@$(TEST_ENVIRONMENT) $(BUILD)/test/io_test

power-cuts: tests ## the power goes at each write and sync, on ROUNDS disks from SEED
	@$(TEST_ENVIRONMENT) $(BUILD)/test/power_test $(ROUNDS) $(SEED)

.PHONY: io-faults power-cuts
