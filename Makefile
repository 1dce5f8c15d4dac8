# make run      opens the app        make test     passes every test
# make install  prepares .venv       make bench    measures speed and memory (bench-lab: of the lab)
# make ready    prepares the tests      make engine-test passes those that may differ between Pythons
# make lint     reads the code       make format   tidies it
# make lock     pins versions anew   make clean    removes what the others made
# make baselines  accepts results that moved on purpose
# make docs     draws the tables and curves of docs/model.md anew
# make schemas  writes what editors read beside scenarios and lessons

VENV   ?= .venv
PYTHON ?=
PORT   ?= 5006
PYTEST_ARGS ?= -n 2 --dist loadgroup
LOCK_FOR ?= python3.11 python3.12 python3.13

BIN   := $(VENV)/bin
READY := $(VENV)/.crmsim-installed
TESTS := $(VENV)/.crmsim-test-installed
# What pip would translate ahead takes as long as installing it; Python translates what it needs when it needs it.
PIP   := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt

# The stamp names this folder. Without it the environment was half made, or moved here, and is made anew.
STALE := $(shell test "$$(cat $(READY) 2>/dev/null)" = "$(CURDIR)" && $(BIN)/python -c '' >/dev/null 2>&1 && { \
	test -z "$(PYTHON)" || test "$$($(PYTHON) -V 2>&1)" = "$$($(BIN)/python -V)"; } || echo stale)

# The tests start hundreds of processes; where this is set, each would translate every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install run test ready engine-test lint format bench bench-lab baselines docs schemas lock clean stale
.NOTPARALLEL:  # One environment, one pip: with -j everything still happens in order.
.DELETE_ON_ERROR:

install: $(READY)
	@:

# Makes the environment where there is none, and says what is being installed.
define MAKE_VENV
	@if test -n "$(STALE)"; then \
	  for python in $(or $(PYTHON),python3.11 python3.12 python3.13 python3); do \
	    if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      echo "Making $(VENV) with $$($$python -V)."; exec $$python -m venv --clear $(VENV); \
	    fi; \
	  done; \
	  echo "crmsim needs Python 3.11 or newer with its venv module; $(or $(PYTHON),the python3 here) is not that." \
	    "Please install one (on Debian and Ubuntu: apt-get install python3-venv)" \
	    "or name yours: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; \
	fi
	@rm -f $(READY) $(TESTS)
	@echo "Installing $(1) into $(VENV). The first time takes a minute or two."
endef

$(READY): pyproject.toml constraints.txt $(STALE)
	$(call MAKE_VENV,crmsim)
	@$(PIP) --editable .
	@echo "$(CURDIR)" > $@

$(TESTS): pyproject.toml constraints.txt $(STALE)
	$(call MAKE_VENV,crmsim and what its tests need)
	@$(PIP) --editable '.[test]'
	@echo "$(CURDIR)" > $(READY)
	@touch $@

stale:

run: install
	@$(BIN)/crmsim serve --port $(PORT)

# Sets $chromium in the shell that runs the tests, or ends it with the one sentence that helps.
FIND_CHROMIUM = find_chromium() { \
	  for name in "$$CHROMIUM" chromium chromium-browser google-chrome; do \
	    if test -n "$$name" && command -v "$$name"; then return; fi; \
	  done; return 1; \
	}; \
	if ! chromium=$$(find_chromium) && command -v apt-get >/dev/null; then \
	  echo "No Chromium was found, so Debian's is being installed for the browser tests."; \
	  as_root=; if test "$$(id -u)" != 0 && command -v sudo >/dev/null; then as_root=sudo; fi; \
	  $$as_root apt-get update -qq && \
	    $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; \
	fi; \
	chromium=$$(find_chromium) || { \
	  echo "The browser tests need Chromium: please install it, or name yours with CHROMIUM=/path/to/chrome." >&2; \
	  exit 1; }

# An environment for the tests, with the simulator compiled, which takes a minute on one core.
COMPILE = $(BIN)/python -c 'from sim import run; run("_baseline", customers=20, weeks=2)'

ready: $(TESTS)
	@$(COMPILE)

# While one core compiles, the other reads the code.
test: $(TESTS)
	@$(COMPILE) & compiling=$$!; $(MAKE) --no-print-directory lint && wait $$compiling
	@$(FIND_CHROMIUM); echo "The browser tests use $$chromium."; \
	CHROMIUM="$$chromium" $(BIN)/python -m pytest $(PYTEST_ARGS)

# What may differ from Python to Python: the numbers, files, commands, and what Mesa and Panel of another version do.
# (That the numbers are right, and not only the same, is asked once: see test_two_engines.)
ENGINE_TESTS = $(patsubst %,tests/test_%.py,baselines engine market cli batch) \
  $(patsubst %,tests/ui/test_%.py,charts lab_state report_file)

engine-test: ready
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not browser" $(ENGINE_TESTS)

lint: $(TESTS)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(TESTS)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: install
	$(BIN)/python -m benchmarks.engine

# The lab alone: from a lever to the charts in Chromium; a class on one process. On a quiet machine, ten minutes.
bench-lab: $(TESTS)
	$(BIN)/python -m benchmarks.lab_live
	$(BIN)/python -m benchmarks.lab_load

# What editors read, after levers, outcomes or entries have changed.
schemas: install
	@for kind in scenario lesson; do $(BIN)/crmsim schema $$kind > $${kind}s/$$kind.schema.json; done

# Accept the results of the shipped scenarios as they now are; CHANGELOG.md then says why they changed.
baselines: $(TESTS)
	$(BIN)/python -m tests.test_baselines

# The tables and pictures of the page about the model, from its parameter files and rules.
docs: install
	@$(BIN)/python -m sim.model_page

lock:
	@new=$$(.ci/lock $(LOCK_FOR)) && echo "$$new" > constraints.txt

clean:
	rm -rf .venv .venv-* build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
