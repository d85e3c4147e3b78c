# Two commands do everything on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
OLDEST_PYTHON ?= $(shell command -v python3.11 || echo $(PYTHON))
BIN := .venv/bin
CORES := $(shell getconf _NPROCESSORS_ONLN)
# Many tests wait for sockets, so that two a core go on at the same time; `make quick` has none that wait.
WORKERS ?= $(shell expr 2 \* $(CORES))
PYTEST = -m pytest --numprocesses $(WORKERS)

# Where it is set (in many containers), all tests would be compiled anew at each run, by each worker.
unexport PYTHONDONTWRITEBYTECODE

# What is installed is named to the digit by constraints/, what builds a package too; only `make newest` takes what is newest.
VERSIONS := constraints/versions.txt
PIP = -m pip install --quiet --disable-pip-version-check
EXACT = $(PIP) --constraint $(VERSIONS) --build-constraint $(VERSIONS)
ENOUGH = import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")
COMPILE = $(BIN)/python -m uv --quiet pip compile pyproject.toml --no-config --universal --python-version 3.11 --no-python-downloads \
	--upgrade --no-header --no-annotate

.PHONY: demo test quick long newest oldest update lint bench fuzz matrix lab clean
.DELETE_ON_ERROR:

# Installed anew only when pyproject.toml or the versions change, so that a second run starts at once.
.venv/.ready: pyproject.toml $(VERSIONS)
	$(PYTHON) -c '$(ENOUGH)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python $(PIP) --constraint $(VERSIONS) pip
	$(BIN)/python $(EXACT) --editable ".[all]"
	touch $@

.venv/.developer: .venv/.ready
	$(BIN)/python $(EXACT) --group dev
	touch $@

.venv/.lab: .venv/.ready
	$(BIN)/python $(EXACT) --editable ".[lab]"
	touch $@

.venv/.fuzz: .venv/.developer
	$(BIN)/python $(EXACT) --group fuzz
	touch $@

.venv/.update: .venv/.ready
	$(BIN)/python $(EXACT) --group install
	touch $@

demo: .venv/.ready  ## tables and plots from a sandbox exchange
	$(BIN)/coinex-pandas demo

test: .venv/.developer lint  ## everything: lint, types, all tests with coverage
	$(BIN)/python $(PYTEST) --cov --cov-report=term

quick: .venv/.developer  ## tests without sockets, browsers and other processes, a tenth of the generated cases
	COINEX_CASES=quick $(BIN)/python -m pytest --numprocesses $(CORES) -m "not outside"

long: .venv/.developer  ## all tests with ten times as many generated cases, without coverage
	COINEX_CASES=long $(BIN)/python $(PYTEST) --timeout=6000

lint: .venv/.developer  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

newest:  ## the tests with the newest version of everything
	$(PYTHON) -c '$(ENOUGH)'
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python $(PIP) --upgrade pip
	.venv-newest/bin/python $(PIP) --editable ".[all]" --group test
	.venv-newest/bin/python $(PYTEST)

oldest: .venv-oldest/.ready  ## the tests with the lowest versions that pyproject.toml allows
	.venv-oldest/bin/python $(PYTEST)

.venv-oldest/.ready: pyproject.toml constraints/oldest.txt
	$(OLDEST_PYTHON) -c '$(ENOUGH)'
	$(OLDEST_PYTHON) -m venv --clear .venv-oldest
	.venv-oldest/bin/python $(PIP) --constraint constraints/oldest.txt pip
	.venv-oldest/bin/python $(PIP) --constraint constraints/oldest.txt --build-constraint constraints/oldest.txt \
		--editable ".[all]" --group test
	touch $@

update: .venv/.update  ## constraints/ made anew: the newest versions, and the lowest that pyproject.toml allows
	$(COMPILE) --all-extras --group dev --group fuzz --group install --output-file $(VERSIONS)
	$(COMPILE) --all-extras --group test --group install --resolution lowest-direct --output-file constraints/oldest.txt

bench: .venv/.developer  ## the figures that README names
	$(BIN)/python benchmarks/frames.py
	$(BIN)/python benchmarks/history.py
	$(BIN)/python benchmarks/imports.py
	$(BIN)/python benchmarks/live.py
	$(BIN)/python benchmarks/widget.py
	$(BIN)/python benchmarks/orders.py
	$(BIN)/python benchmarks/limits.py

FUZZ_SECONDS ?= 60
fuzz: .venv/.fuzz  ## throw odd frames at the decoder of the sockets, guided by coverage
	$(BIN)/python -m tests.live.protocol.fuzz_messages -max_total_time=$(FUZZ_SECONDS)

matrix: .venv/.developer  ## the live view in JupyterLab with the kernels of other years
	COINEX_LONG=1 $(BIN)/python -m tests.widget.browser.matrix

lab: .venv/.lab  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf .venv .venv-newest .venv-oldest .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage demo-plots
