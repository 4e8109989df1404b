# Every target makes the environment that it needs; nothing but make and Python 3.11+ has to be there.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_FLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo run check test lint types imports verify format kill-loop soak bench bench-match \
  bench-stories bench-delivery evaluate evaluate-matching evaluate-stories train screenshots crash-table drain-curve pins clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null || \
	 sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1: \2/p' $(MAKEFILE_LIST)

demo: $(VENV)/.ready ## see the whole bot at work; no token, no internet
	$(BIN)/newsbell demo

run: $(VENV)/.ready ## run the bot; settings come from the environment
	$(BIN)/newsbell run

check: $(VENV)/.ready ## check rules.yaml and run the tests inside it
	$(BIN)/newsbell check

test: $(VENV)/.ready-dev ## run the whole test suite
	$(BIN)/pytest -n 2 --dist worksteal $(PYTEST_FLAGS)

lint: $(VENV)/.ready-dev ## ruff: lint and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-dev ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/.ready-dev ## dependencies point inward
	$(BIN)/lint-imports

verify: lint types imports test ## all that CI checks

format: $(VENV)/.ready-dev ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

kill-loop: $(VENV)/.ready-dev ## kill -9 the running bot 50 times; nothing may be lost
	NEWSBELL_KILLS=50 $(BIN)/pytest tests/acceptance/test_kill_loop.py -n 0 -s --timeout 900

soak: $(VENV)/.ready-dev ## kill -9 the delivery 2,000 times, with and without an audit chat
	NEWSBELL_KILLS=2000 $(BIN)/pytest tests/crash/test_random_kills.py -n 2 -rP --timeout 3600

bench: bench-match bench-stories bench-delivery ## measure matching, folding and delivery against peers and limits

bench-match: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/bench_match.py

bench-stories: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/bench_stories.py

bench-delivery: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/bench_delivery.py

evaluate: evaluate-matching evaluate-stories ## precision and recall over labelled articles (NEWSBELL_DATA)

evaluate-matching: $(VENV)/.ready-dev
	$(BIN)/python evaluation/evaluate_matching.py

evaluate-stories: $(VENV)/.ready-dev
	$(BIN)/python evaluation/evaluate_stories.py

train: $(VENV)/.ready-dev ## learn the weights of folding anew from labelled stories (NEWSBELL_DATA)
	$(BIN)/python evaluation/train_folding.py

screenshots: $(VENV)/.ready-dev ## draw the pictures in docs anew; needs Chromium
	$(BIN)/python tools/screenshots.py

crash-table: $(VENV)/.ready-dev ## crash at each point, and write docs/crash-table.md
	mkdir -p build
	rm -f build/crashes.tsv
	NEWSBELL_CRASH_TABLE=build/crashes.tsv $(BIN)/pytest tests/crash/test_crash_points.py -n 0 -q
	$(BIN)/python tools/crash_table.py build/crashes.tsv

drain-curve: $(VENV)/.ready-dev ## measure how a backlog drains, and draw docs/drain.png
	PIP_CONSTRAINT=constraints.txt $(BIN)/pip install --quiet --disable-pip-version-check -e '.[pictures]'
	mkdir -p build
	$(BIN)/python benchmarks/bench_delivery.py --curve build/drain.json
	$(BIN)/python tools/drain_curve.py build/drain.json

pins: ## resolve the dependencies anew into constraints.txt
	rm -rf build/pins
	$(PYTHON) -m venv build/pins
	build/pins/bin/pip install --quiet --disable-pip-version-check -e '.[dev]' hatchling
	build/pins/bin/pip freeze --exclude-editable --exclude pip --exclude setuptools > constraints.txt
	rm -rf build/pins

clean: ## remove the environment and all that was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	 { echo "Newsbell needs Python 3.11 or newer; name one with make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(VENV)/bin/python pyproject.toml constraints.txt
	PIP_CONSTRAINT=constraints.txt $(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	PIP_CONSTRAINT=constraints.txt $(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@
