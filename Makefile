# Every target creates what it needs. PYTHON may name any Python from 3.11 on.
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev

.PHONY: run test check format lint types contracts bench sandbox lock clean

run: $(RUNTIME)  ## The dashboard on http://localhost:8501
	$(BIN)/python -m dashboard

sandbox: $(RUNTIME)  ## The sandbox alone on http://127.0.0.1:9000
	$(BIN)/python -m services.sandbox --port 9000 $(ARGS)

test: $(DEV)  ## The whole suite, a real browser included
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: lint types contracts test  ## What CI runs

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

bench: $(DEV)  ## Speed, as ratios measured side by side; writes bench.json
	$(BIN)/python -m tests.benchmarks $(ARGS)

lock:  ## Resolve pyproject.toml anew into the requirements files
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --no-header --no-annotate --upgrade --quiet -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --no-header --no-annotate --upgrade --quiet -o requirements-dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra postgres --constraint requirements-dev.txt --generate-hashes --universal --python-version 3.12 --no-header --no-annotate --quiet -o docs/deployment/requirements.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

.venv/bin/python:
	$(PYTHON) -m venv .venv

$(RUNTIME): requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
