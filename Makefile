# Two commands: `make run` serves the chat page and the API, `make test` checks everything. Both set up .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt
SOURCES := corpus index rag eval ui tests

.PHONY: run test test-llm browser clean

run: $(VENV)/installed
	@exec $(BIN)/judian run

test: $(VENV)/installed-dev browser
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

# Opt-in, as it downloads a chat model (1.1 GB) and keeps the cores busy: passages read and questions answered by a real llama.cpp server.
# JUDIAN_TEST_LLM may name another server's base URL, JUDIAN_TEST_LLM_NAME its model; docs/llm.md lists what else can be set.
test-llm: $(VENV)/installed-dev
	@$(PIP) --editable ".[dev,llm]" xllamacpp
	JUDIAN_TEST_LLM=$${JUDIAN_TEST_LLM:-local} $(BIN)/python -m pytest -m llm

# A stamp is younger than what it was installed from; nothing is installed twice.
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the dependencies into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the dependencies and the development tools into $(VENV) ..."
	@$(PIP) --editable ".[dev]"
	@touch $@ $(VENV)/installed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The browser tests drive Debian's chromium. Without it they are skipped, but never where CI=true.
BROWSER_PACKAGES := chromium fonts-noto-cjk

browser:
	@if command -v chromium >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(BROWSER_PACKAGES) && exit 0; \
	fi; \
	echo "The browser tests need chromium and a Chinese font: sudo apt-get install $(BROWSER_PACKAGES)"; \
	[ "$$CI" != true ]

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -exec rm -rf {} +
