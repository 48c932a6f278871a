# A user's first minutes, on this machine: what is missing has a name, a path may have blanks in it.

SYSTEM_PARTS += 'test/machine/machine_test.sh'

##@ Test it
test-machine: test-tools ## the Makefile and what installs packages, as a new user meets them
	@test/machine/machine_test.sh

.PHONY: test-machine
