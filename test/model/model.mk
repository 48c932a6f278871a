# The store against its model, for longer than `make test` does. One that fails names its seed.

##@ Test it for longer, or elsewhere
model: all test-tools ## STEPS random steps from SEED, against the model
	@$(TEST_ENVIRONMENT) KV_STEPS=$(or $(STEPS),1000000) KV_SEED=$(or $(SEED),1) KV_TEST_SECONDS=1000000 \
	  tclsh test/all.tcl model

.PHONY: model
