# Every target creates what it needs. Set PYTHON to use another Python, 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
# Installs only the pinned files, verified by hash.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
FONTS := $(BIN)/python -m dashboard.streamlit_compat.cut_fonts
COMPILE := $(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --upgrade --quiet

# Tests that share fixtures run on one worker (tests/conftest.py), in the order of the files.
# Tests spend half their time waiting, so four workers fill two cores.
TESTS := $(BIN)/python -m pytest -n 4 --dist loadscope --no-loadscope-reorder

.PHONY: run test test-all check format lint types contracts bench load reliability simulate sandbox lock licences \
	settings release screenshots audit clean

run: $(RUNTIME)  ## Start the dashboard on http://localhost:8501
	$(FONTS)
	$(BIN)/python -m dashboard

sandbox: $(RUNTIME)  ## Start only the sandbox, on http://127.0.0.1:9000
	$(BIN)/python -m services.sandbox --port 9000 $(ARGS)

test: $(DEV)  ## The quick tests, a real browser included; a few minutes
	$(FONTS)
	$(BIN)/python -m tests.browser.chromium
	$(TESTS) -m "not slow" $(ARGS)

test-all: $(DEV)  ## All tests, slow ones too, with many Hypothesis examples
	$(FONTS)
	$(BIN)/python -m tests.browser.chromium
	$(TESTS) --hypothesis-profile many $(ARGS)

check: lint types contracts test  ## Everything CI runs

reliability: $(DEV)  ## Run every fault on every screen; writes docs/reliability.md
	$(BIN)/python -m tests.faults

simulate: $(DEV)  ## Simulate histories from random seeds, see docs/reliability.md; ARGS="--seed N --steps N" replays one
	$(BIN)/python -m tests.simulation $(ARGS)

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy

contracts: $(DEV)
	$(BIN)/lint-imports

bench: $(DEV)  ## Measure speed, see docs/performance.md; writes bench.json
	$(FONTS)
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.benchmarks $(ARGS)

load: $(DEV)  ## Simulate fifty people at once, see docs/load.md; writes load.json
	$(BIN)/python -m tests.load $(ARGS)

lock: $(DEV)  ## Resolve pyproject.toml into the requirements files, with hashes
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra postgres --constraint requirements-dev.txt --generate-hashes --universal --python-version 3.12 --no-header --no-annotate --quiet -o docs/deployment/requirements.txt
	$(MAKE) licences

screenshots: $(DEV)  ## Take the screenshots in docs/pictures
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.screenshots $(ARGS)

settings: $(DEV)  ## Write the list of settings, docs/settings.md
	$(BIN)/python -m tests.docs.settings

release: $(DEV)  ## Check that version, changelog and documents agree and all is committed; publishes nothing
	$(BIN)/python -m tests.docs.release

licences: $(DEV)  ## Write the licence of every dependency, docs/licences.md
	$(BIN)/python -m tests.supply.licences

audit: $(DEV)  ## Ask PyPI for known vulnerabilities of the pinned packages; needs the network
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		-r requirements-dev.txt 2>.venv/audit.log \
		|| { tail -n 1 .venv/audit.log >&2; echo "The audit failed: a package has a known vulnerability, or PyPI could not be asked about every package (see .venv/audit.log)." >&2; exit 1; }

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

.venv/bin/python:
	$(PYTHON) -m venv .venv

$(RUNTIME): requirements.txt pyproject.toml | .venv/bin/python
	$(INSTALL) -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(INSTALL) -r requirements-dev.txt
	touch $@
