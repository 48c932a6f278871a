# What is built for every system, and packed for every language.
#
#   make release RELEASE='linux-amd64 linux-arm64'     some of the targets of packages/targets.txt
#   make packages PACKAGES='python npm'                some of the packages

RELEASE ?=
PACKAGES ?= python npm cargo go gem maven debian wasm
QUICK_RELEASE = linux-amd64
QUICK_PACKAGES = python npm

##@ Install and pack it
release: release-tools ## the libraries of a release for fourteen systems, looked at and run: build/release, build/dist
	@$(MAKE) --no-print-directory dist
	@packages/release.sh $(BUILD) $(RELEASE) && test/tally.sh 'packages/release_test.sh $(BUILD) $(RELEASE)'

# They have what was released; if nothing was, that comes first.
packages: packages-tools ## the packages of each language, of what make release built: build/packages
	@test -d $(BUILD)/release || $(MAKE) --no-print-directory release
	@$(foreach kind,$(PACKAGES),packages/$(kind)/build.sh $(BUILD) &&) true

##@ Test it for longer, or elsewhere
test-packages: packages-tools ## each package, installed in a clean environment and run
	@test -d $(BUILD)/packages || $(MAKE) --no-print-directory packages
	@test/tally.sh 'packages/version_test.sh $(BUILD)' $(foreach kind,$(PACKAGES),'packages/$(kind)/test.sh $(BUILD)')

test-packages-quick: packages-quick-tools ## the same for this platform, in a folder of its own: Python and npm
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/quick dist
	@test/tally.sh 'packages/quick_test.sh $(BUILD)/quick $(QUICK_RELEASE) -- $(QUICK_PACKAGES)'

release-tools packages-tools packages-quick-tools:
	@test/packages.sh $(@:-tools=)

.PHONY: release packages test-packages test-packages-quick release-tools packages-tools packages-quick-tools
