# SPDX-License-Identifier: Apache-2.0
# The work is done by the scripts in .ci/.

.PHONY: demo test soak fuzz bench install uninstall guest-kernel build release lint deps clean

# From a legacy host's tree to a container in a virtual machine.
demo:
	@.ci/demo

# Every test that this machine can run, and the totals.
test:
	@.ci/test

# The endurance tests with long counts, after `make test`; an hour or two under emulation.
soak:
	@.ci/soak

# Every parser of foreign bytes under libFuzzer, FUZZ_SECONDS (120) each.
fuzz:
	@.ci/fuzz

# How fast files are translated and edited.
bench:
	@.ci/bench

# The tuned guest kernel into the cache; some ten minutes.
guest-kernel:
	@.ci/guest-kernel

# Debug build of everything.
build:
	@swift build

# Static binaries in .build/release.
release:
	@.ci/release

# Programs, man pages, completions and guest assets below PREFIX (/usr/local), after `make release`; DESTDIR goes before.
install:
	@.ci/install

uninstall:
	@.ci/install remove

lint:
	@.ci/lint

# Debian packages that build and run need.
deps:
	@.ci/deps

# What was built here; kernels in the cache stay.
clean:
	@rm -rf .build
