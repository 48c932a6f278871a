# The examples of the host languages, each run as its users would.
#
#   make test-hosts HOSTS='python go'

##@ Test it for longer, or elsewhere
test-hosts: hosts-tools all ## an example in each host language; skips what is not to be had here
	@test/hosts/hosts.sh $(BUILD) $(HOSTS)

hosts-tools:
	@test/packages.sh hosts

.PHONY: test-hosts hosts-tools
