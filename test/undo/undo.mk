# All or nothing: every call that writes, in every place where it can stand, fails at every moment.

TEST_PARTS += '$(BUILD)/test/undo_test'

OTHER_TESTS += $(BUILD)/test/undo_test
tests: $(BUILD)/test/undo_test

$(BUILD)/test/undo_test: test/undo/undo_test.c test/undo/inject.c test/faults/fault_vfs.c test/faults/shim_vfs.c
$(BUILD)/test/undo_test: $(wildcard test/undo/*.h test/faults/*.h test/c/*.h)
	@mkdir -p $(@D)
	$(BUILD_TEST) -Itest/faults

undo: tests ## every call that writes fails at every instruction, allocation, … in every place
	@$(TEST_ENVIRONMENT) KV_UNDO_LONG=1 $(BUILD)/test/undo_test

.PHONY: undo
