# Everything runs inside .venv, made here from nothing but Python >= 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
DEV_STAMP := $(VENV)/.ready-dev
PYTEST_WORKERS ?= auto

.PHONY: help demo live-demo test test-newest lock check format lint types goldens golden-check deep bench docs clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

# Every install takes the versions of the lock; `make lock` is the only thing that renews it.
PIP := -m pip --disable-pip-version-check --quiet
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; say which one: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "installing IdeaCard into $(VENV) …"
	$(BIN)/python $(PIP) install --requirement requirements.lock
	$(BIN)/python $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): pyproject.toml requirements-dev.lock | $(VENV)/bin/python
	@echo "installing IdeaCard and its test tools into $(VENV) …"
	$(BIN)/python $(PIP) install --requirement requirements-dev.lock
	$(BIN)/python $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(STAMP)

lock: $(DEV_STAMP) ## renew the exact versions of requirements*.lock within pyproject's ranges
	echo 'setuptools>=77' | $(UV_COMPILE) pyproject.toml - --extra dev --extra solver -o requirements-dev.lock
	echo 'setuptools>=77' | $(UV_COMPILE) pyproject.toml - -c requirements-dev.lock -o requirements.lock

test-newest: ## run the tests with the newest versions pyproject allows, and print what moved
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python $(PIP) install --upgrade --editable '.[dev,solver]' 'setuptools>=77'
	.venv-newest/bin/python -m tools.locked_versions requirements-dev.lock
	.venv-newest/bin/python -m pytest -n $(PYTEST_WORKERS)

demo: $(STAMP) ## back-test a gallery card on a made-up market and write a report
	$(BIN)/ideacard demo

live-demo: $(STAMP) ## a day of a gallery card, live, against a venue on this machine
	$(BIN)/ideacard live demo

test: $(DEV_STAMP) ## run the tests
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS)

check: format lint types test golden-check ## format, lint, types, tests and goldens: all must be clean

format: $(DEV_STAMP) ## fail if a file is not formatted
	$(BIN)/ruff format --check .

lint: $(DEV_STAMP) ## ruff
	$(BIN)/ruff check .

types: $(DEV_STAMP) ## mypy, strict
	$(BIN)/mypy

goldens: $(DEV_STAMP) ## write the golden files anew (review the diff)
	$(BIN)/python -m tools.regenerate

golden-check: $(DEV_STAMP) ## fail if a golden file is not what the code says
	$(BIN)/python -m tools.regenerate --check

deep: $(DEV_STAMP) ## the long property-test profile (half an hour and more)
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -n $(PYTEST_WORKERS) tests/properties tests/parity
	$(BIN)/python -m tools.seeded_faults

bench: $(DEV_STAMP) ## measure against other tools on the same work (PEERS=folder of environments)
	$(BIN)/python -m bench.run --sizes 10000,100000,1000000 $(if $(PEERS),--peers $(PEERS))

docs: $(DEV_STAMP) ## build the site of the documentation into build/site (a broken link fails)
	$(BIN)/python -m tools.docs_site build
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --config-file build/mkdocs.yml

clean: ## remove the environment and everything generated
	rm -rf $(VENV) .venv-newest build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
