# Every target works from a clean clone: it makes .venv from the hash-pinned lock first.
SHELL := bash
PYTHON ?= python3
BIN := .venv/bin
PART ?= all
N ?= 0

.PHONY: install demo test lint docs bench campaign lock

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@echo "installing into .venv (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install
	@$(BIN)/hiring demo

test: install
	@$(BIN)/python -m pytest tests --numprocesses 2 --max-worker-restart 0

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: install
	@$(BIN)/python -m docs.build

bench: install
	@$(BIN)/python -m benchmarks.run

# Long fault and fuzz runs: resumable, appended to a ledger. make campaign PART=kill N=200
campaign: install
	@$(BIN)/python -m benchmarks.campaign $(PART) $(N)

# Resolve pyproject.toml anew: pinned by hash, for every platform, without index URLs.
lock:
	uv pip compile --quiet --generate-hashes --no-header --no-annotate --universal --extra dev \
		pyproject.toml -o requirements.lock
