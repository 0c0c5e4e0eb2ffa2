# Every target creates what it needs. PYTHON may name any Python from 3.11 on.
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
# Nothing is installed that is not the very file that was pinned.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --upgrade --quiet

# Side by side what shares most (tests/conftest.py), in the order of the files.
# A test waits about as long as it works, so that four of them fill two cores.
TESTS := $(BIN)/python -m pytest -n 4 --dist loadscope --no-loadscope-reorder

.PHONY: run test test-all check format lint types contracts bench load reliability simulate sandbox lock licences \
	settings release screenshots audit clean

run: $(RUNTIME)  ## The dashboard on http://localhost:8501
	$(BIN)/python -m dashboard

sandbox: $(RUNTIME)  ## The sandbox alone on http://127.0.0.1:9000
	$(BIN)/python -m services.sandbox --port 9000 $(ARGS)

test: $(DEV)  ## What a few minutes can tell, a real browser included
	$(BIN)/python -m tests.browser.chromium
	$(TESTS) -m "not slow" $(ARGS)

test-all: $(DEV)  ## Every test there is, slow ones too, with many examples
	$(BIN)/python -m tests.browser.chromium
	$(TESTS) --hypothesis-profile many $(ARGS)

check: lint types contracts test  ## What CI runs

reliability: $(DEV)  ## Every fault on every screen; writes docs/reliability.md
	$(BIN)/python -m tests.faults

simulate: $(DEV)  ## Histories drawn from seeds, as docs/reliability.md tells; ARGS="--seed N --steps N" replays one
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

bench: $(DEV)  ## Speed, as docs/performance.md tells; writes bench.json
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.benchmarks $(ARGS)

load: $(DEV)  ## Fifty people at once, as docs/load.md tells; writes load.json
	$(BIN)/python -m tests.load $(ARGS)

lock: $(DEV)  ## Resolve pyproject.toml anew into the two requirements files, with hashes
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra postgres --constraint requirements-dev.txt --generate-hashes --universal --python-version 3.12 --no-header --no-annotate --quiet -o docs/deployment/requirements.txt
	$(MAKE) licences

screenshots: $(DEV)  ## The pictures of the documents, in docs/pictures
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.screenshots $(ARGS)

settings: $(DEV)  ## The list of settings, in docs/settings.md
	$(BIN)/python -m tests.docs.settings

release: $(DEV)  ## Whether version, changelog and documents agree and all is committed; publishes nothing
	$(BIN)/python -m tests.docs.release

licences: $(DEV)  ## The licence of every dependency, in docs/licences.md
	$(BIN)/python -m tests.supply.licences

audit: $(DEV)  ## Ask PyPI for known vulnerabilities of what is pinned; needs the network
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		-r requirements-dev.txt 2>.venv/audit.log \
		|| { tail -n 1 .venv/audit.log >&2; echo "The audit did not pass: there are vulnerabilities above, or PyPI could not be asked about every package (.venv/audit.log)." >&2; exit 1; }

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
