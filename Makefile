# make setup   everything that is needed, in .venv          make start   the server at http://localhost:4566
# make test    all checks and tests (STORE=postgres make test: on PostgreSQL)

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: setup start test check console screenshots soak bench large coverage stubs clean
.DEFAULT_GOAL := setup

setup: $(VENV)/.done

$(VENV)/.done: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("cumulet needs Python 3.11 or newer: make setup PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@
	@echo 'Ready: make start'

start: setup
	@$(BIN)/cumulet start $(ARGS)

# The checks that need no server; the house check and the contracts of imports are tests (tests/test_house.py).
check: setup
	$(BIN)/ruff check src tests tools bench
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

# Long runs: 500 times kill -9 under load, a million malformed inputs, five generated cases an operation.
soak: setup
	CRASHES=500 FUZZ=1000000 WIRE_CASES=5 $(BIN)/python -m pytest -s tests/crash tests/wire tests/kernel/wire $(ARGS)

# Side by side with peers, in environments of their own under bench/.peers; writes docs/benchmarks.md.
bench: setup
	$(BIN)/python bench/run.py $(ARGS)

# Rates with little and with much state (ten million items, a million messages and keys); writes docs/large.md.
large: setup
	$(BIN)/python bench/large.py $(ARGS)

# Runs the tests and keeps what they really sent over the wire in src/cumulet/coverage.json.
coverage: setup
	rm -rf build/coverage && mkdir -p build/coverage
	CUMULET_COVERAGE=$(CURDIR)/build/coverage $(BIN)/python -m pytest -n 2 --dist loadfile tests/services tests/derived tests/clients
	$(BIN)/python tools/record_coverage.py build/coverage
	$(BIN)/cumulet coverage

# Builds the console's page from console/ into the package, where it is committed; needs Node.js.
console:
	cd console && npm ci --silent --no-audit --no-fund && npm test --silent && npm run --silent build

# Pictures of the console's screens in build/screenshots; needs Chromium.
screenshots: setup
	$(BIN)/python tools/screenshots.py $(ARGS)

# Typing stubs of the services' models, for editors and mypy: make stubs SERVICES="sqs sns"
stubs: setup
	$(BIN)/python tools/stubs.py $(SERVICES)

clean:
	rm -rf build typings .mypy_cache .ruff_cache .pytest_cache .hypothesis bench/.peers
