# SPDX-License-Identifier: MIT
# The short names for what one does here; CMake (see CMakePresets.json) and tools/ do the work.
# Knows nothing of sources, flags or libraries.

FUZZ_SECONDS ?= 60
PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

MAKEFLAGS += --no-print-directory

configure = cmake --preset $(1) --log-level=NOTICE >/dev/null
build = $(call configure,$(1)) && cmake --build --preset $(1) --parallel $(JOBS)

.PHONY: help run test test-all bench bench-engine bench-client bench-fetch size size-update firmware-run coverage fuzz fuzz-update fuzz-corpus lint format amalgamation figures install deps clean

help:
	@echo 'make run            the NetX sample application, then the command, fetch mail from the built-in server'
	@echo 'make test           all tests, at most 10 minutes (test-all: the long ones too)'
	@echo 'make bench          the performance tables (bench-engine: body decoding; bench-client: round trips, work; bench-fetch: beside mpop)'
	@echo 'make size           code size, control block and stack on Cortex-M and RV32, compared with SIZES'
	@echo 'make size-update    write SIZES and the tables in README.md, docs/netx.md and docs/porting.md'
	@echo 'make firmware-run   images for Cortex-M3 and RV32 fetch mail over a UART in QEMU; stack and heap are checked'
	@echo 'make coverage       which lines and branches the tests run: build/coverage/index.html, and a bar for each room'
	@echo 'make fuzz           every fuzzer for FUZZ_SECONDS ($(FUZZ_SECONDS)); fuzz-update: figures into docs/proof.md'
	@echo 'make fuzz-corpus    tests/fuzz/corpus anew, with what the fuzzers found, as small as can be'
	@echo 'make lint           all that static analysis can tell, see tools/lint.py (format: apply the format)'
	@echo 'make amalgamation   dist/netx and dist/engine: the services and the engine, each as two files to drop in'
	@echo 'make figures        measures everything again and writes the figures into the documents'
	@echo 'make install        libraries, headers, command and manual pages to DESTDIR and PREFIX ($(PREFIX))'
	@echo 'make deps           the Debian packages for all of the above'

run:
	@tools/deps.sh run
	@$(call build,release)
	@tools/run-demo.sh build/release

test:
	@tools/deps.sh test
	@tools/test.sh $(JOBS) -LE long

test-all:
	@tools/deps.sh test
	@tools/test.sh $(JOBS)

bench: bench-engine bench-client bench-fetch

bench-engine:
	@tools/deps.sh run
	@$(call build,release) --target bench_engine
	@build/release/bench/bench_engine

bench-client:
	@tools/deps.sh bench
	@$(call build,release) --target benches
	@python3 -B bench/round_trips.py build/release
	@python3 -B bench/client_cpu.py build/release

bench-fetch:
	@tools/deps.sh bench
	@$(call build,release) --target benches
	@python3 -B bench/fetchers.py build/release

size:
	@tools/deps.sh size
	@tools/size.py check
	@tools/costs.py check

size-update:
	@tools/deps.sh size
	@tools/size.py update
	@tools/costs.py update

firmware-run:
	@tools/deps.sh firmware
	@$(call build,release) --target satchel
	@tools/firmware_run.py check build/release/src/cli/satchel

coverage:
	@tools/deps.sh coverage
	@tools/coverage.py --jobs $(JOBS)

fuzz:
	@tools/deps.sh fuzz
	@$(call build,fuzz) --target fuzzers
	@tools/fuzz.py run build/fuzz $(FUZZ_SECONDS) $(JOBS)

fuzz-update:
	@tools/deps.sh fuzz
	@$(call build,fuzz) --target fuzzers
	@tools/fuzz.py run build/fuzz $(FUZZ_SECONDS) $(JOBS) --update

fuzz-corpus:
	@tools/deps.sh fuzz
	@$(call build,fuzz) --target fuzzers
	@tools/fuzz.py corpus build/fuzz

lint:
	@tools/deps.sh lint
	@$(call configure,dev)
	@cmake --build --preset dev --target amalgamation >/dev/null
	@tools/lint.py build/dev -j $(JOBS)

format:
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

amalgamation:
	@tools/deps.sh amalgamation
	@tools/amalgamate.py pair dist/netx
	@tools/amalgamate.py engine dist/engine

figures: size-update fuzz-update
	@tools/verbs.py update build/fuzz/tools/verbs/verbs
	@tools/deps.sh test coverage firmware bench
	@$(call build,dev) --target verbs satchel killer
	@tools/verbs.py update build/dev/tools/verbs/verbs
	@tools/matrices.py build/dev --update
	@tools/coverage.py --jobs $(JOBS) --update
	@$(call build,release) --target satchel
	@tools/firmware_run.py update build/release/src/cli/satchel
	@$(call build,release) --target benches
	@python3 -B bench/round_trips.py build/release --update
	@python3 -B bench/client_cpu.py build/release --update
	@python3 -B bench/fetchers.py build/release --update

install:
	@tools/deps.sh run
	@$(call configure,release) -DCMAKE_INSTALL_PREFIX='$(PREFIX)'
	@cmake --build --preset release --parallel $(JOBS)
	@cmake --install build/release

deps:
	@tools/deps.sh run test size firmware coverage lint fuzz

clean:
	@rm -rf build dist
