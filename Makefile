# Everything below sets itself up: a fresh machine needs Python 3.11, Java 21 or later, Maven, git and make.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

.venv/.done: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: apt install python3, or make PYTHON=/path/to/python3.11" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	echo "Installing Python packages, pinned with hashes (about a minute the first time) …"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

setup: .venv/.done ## Set up .venv and fetch the services, once
	@$(BIN)/python -m deploy.fetch

demo: setup ## Run the main job on a fictional case of seven agencies, and leave it serving
	@$(BIN)/gabung demo

check: setup ## Lint, types, import rules
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check ## Every test, on real services
	@$(BIN)/python -m pytest

bench-setup: setup ## What `gabung bench records`, `weights` and `engine` need beside, and nothing else does
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'bytewax[kafka]==0.21.1' 'duckdb==2.0.0' 'pandas==2.3.3' 'recordlinkage==0.16' 'splink==5.0.0'
	# Quix Streams asks for older packages than ours, so it has an environment of its own.
	test -x .venv/quix/bin/python || $(BIN)/python -m venv .venv/quix
	.venv/quix/bin/python -m pip install --quiet --disable-pip-version-check 'quixstreams[avro]==3.28.1'

clean: ## Take .venv and caches of tools away
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help setup demo check test bench-setup clean
