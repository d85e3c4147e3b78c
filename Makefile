# Two commands do everything on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := $(VENV)/.ready
STAMP := $(VENV)/.developer

.PHONY: demo test long lint bench fuzz matrix lab clean
.DELETE_ON_ERROR:

# Installed again only when pyproject.toml changes, so that a second run starts at once.
$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade "pip>=25.1"
	$(PIP) --editable ".[all]"
	touch $@

$(STAMP): $(READY)
	$(PIP) --group dev
	touch $@

$(VENV)/.lab: $(READY)
	$(PIP) --editable ".[lab]"
	touch $@

demo: $(READY)  ## tables and plots from a sandbox exchange
	$(BIN)/coinex-pandas demo

test: $(STAMP) lint  ## everything: lint, types, all tests with coverage
	@nice -n 10 $(BIN)/python -m pytest -m apart > .apart.log 2>&1 & apart=$$!; \
	$(BIN)/python -m pytest -m "not apart" --cov --cov-report=term; here=$$?; \
	wait $$apart; there=$$?; cat .apart.log; exit $$((here + there))

long: $(STAMP)  ## all tests with ten times as many generated cases, without coverage
	COINEX_CASES=long $(BIN)/python -m pytest -n auto --timeout=6000

lint: $(STAMP)  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)  ## the figures that README names
	$(BIN)/python benchmarks/frames.py
	$(BIN)/python benchmarks/history.py
	$(BIN)/python benchmarks/imports.py
	$(BIN)/python benchmarks/live.py
	$(BIN)/python benchmarks/widget.py
	$(BIN)/python benchmarks/orders.py
	$(BIN)/python benchmarks/limits.py

FUZZ_SECONDS ?= 60
fuzz: $(STAMP)  ## throw odd frames at the decoder of the sockets, guided by coverage
	$(PIP) "atheris>=3"
	$(BIN)/python -m tests.live.protocol.fuzz_messages -max_total_time=$(FUZZ_SECONDS)

matrix: $(STAMP)  ## the live view in JupyterLab with the kernels of other years
	COINEX_LONG=1 $(BIN)/python -m tests.widget.browser.matrix

lab: $(VENV)/.lab  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage demo-plots
