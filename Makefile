# make demo    see it work: a host, the tap and a client, all on loopback
# make test    the test suite
# make lint    ruff, mypy, the floors, the generated files
# make bench   the measurements, as ratios side by side
# make bench-tui   the screens over a million calls, on a terminal
# make soak    two hundred taps killed under load, and every answered call found
# make explore   the properties with other examples than the suite's
# make fuzz    broken bytes against invariants in words, FUZZ_SECONDS=60
# make screenshots   the pictures in docs, from the shipped captures
# make docs    rewrite what is generated: the CLI reference, the shipped captures
# Needs nothing but Python >= 3.12, which it looks for itself (.ci/find-python).

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST_WORKERS ?= auto
FUZZ_SECONDS ?= 60

.PHONY: help venv demo test lint bench bench-tui explore fuzz screenshots docs soak clean

help:
	@sed -n 's/^# make/make/p' Makefile

venv: $(STAMP)

$(STAMP): pyproject.toml .ci/constraints.txt
	@test -x $(BIN)/python || { python=$$(PYTHON="$(PYTHON)" .ci/find-python) && echo "making $(VENV) with $$python" && "$$python" -m venv $(VENV); }
	@echo "installing xraytap into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt hatchling editables
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt \
		--no-build-isolation --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	@$(BIN)/xraytap demo

test: $(STAMP)
	@$(BIN)/python -m pytest -q -n $(PYTEST_WORKERS) --dist worksteal

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python docs/tools/make_cli.py --check
	@$(BIN)/python docs/tools/make_lint.py --check
	@$(BIN)/python docs/tools/make_keys.py --check
	@$(BIN)/python docs/tools/make_screenshots.py --check
	@$(BIN)/python captures/build.py --check

bench: $(STAMP)
	@$(BIN)/python -m tests.bench.bench_decode
	@$(BIN)/python -m tests.bench.bench_golden
	@$(BIN)/python -m tests.bench.bench_tap
	@$(BIN)/python -m tests.bench.bench_replay
	@$(BIN)/python -m tests.bench.bench_playback
	@$(BIN)/python -m tests.bench.bench_lint
	@$(BIN)/python -m tests.bench.bench_knowledge

bench-tui: $(STAMP)
	@$(BIN)/python -m tests.bench.bench_tui

screenshots: $(STAMP)
	@$(BIN)/python docs/tools/make_screenshots.py

docs: $(STAMP)
	@$(BIN)/python docs/tools/make_cli.py
	@$(BIN)/python docs/tools/make_lint.py
	@$(BIN)/python docs/tools/make_keys.py
	@$(BIN)/python captures/build.py

fuzz: $(STAMP)
	@$(BIN)/python -m tests.fuzz $(FUZZ_SECONDS)

explore: $(STAMP)
	@XRAYTAP_EXAMPLES=explore $(BIN)/python -m pytest -q -n $(PYTEST_WORKERS) -m hypothesis --dist worksteal

soak: $(STAMP)
	@XRAYTAP_KILLS=200 $(BIN)/python -m pytest -q tests/tap/test_kill.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache
