# Two commands: `make run` starts the house, `make test` checks it. The others are parts of these two.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help
help: ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## ?/  make \1\t/' | expand -t 24

.PHONY: run
run: ## set up what is missing, start everything, print the pages and the log-ins
	@./setup.sh run
	@exec $(BIN)/briefbrug run

.PHONY: setup
setup: ## set up what is missing, start nothing
	@./setup.sh run

.PHONY: test
test: ## set up what the tests need, then every check and every test
	@./setup.sh test
	@$(MAKE) --keep-going checks

# One after the other, and all of them: a failing one does not hide the next.
.PHONY: checks
checks: lint test-fast test-slow test-browser test-rasa
.NOTPARALLEL:

.PHONY: lint
lint: ## style, types, and which room may import which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/pyright --warnings
	@$(BIN)/yamllint --strict .
	@$(BIN)/shellcheck setup.sh .ci/run

.PHONY: test-fast
test-fast: ## the tests of seconds
	@$(PYTEST) -m "not slow and not browser and not rasa and not crash"

.PHONY: test-slow
test-slow: ## real reading, both databases, kill -9 (the short run)
	@$(PYTEST) -m "slow and not browser and not rasa and not crash"

.PHONY: test-browser
test-browser: ## the pages in Debian's Chromium
	@$(PYTEST) -m "browser and not crash"

.PHONY: test-rasa
test-rasa: ## the trained model and the real Rasa server
	@$(PYTEST) -m "rasa and not browser and not crash"

.PHONY: test-crash
test-crash: ## the long kill -9 run
	@$(PYTEST) -m crash

.PHONY: bench
bench: ## ratios against named peers, on an idle machine
	@$(BIN)/python -m tests.bench

.PHONY: bench-reading
bench-reading: ## how well and how fast letters are read
	@$(BIN)/python -m tests.bench.reading

.PHONY: texts
texts: ## every sentence that a resident can meet, with its measures
	@$(BIN)/python -m tests.texts

# --- the supply of packages ---

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-emit-package opencv-python --custom-compile-command "make requirements"

.PHONY: requirements
requirements: ## pin again after a change of pyproject.toml (make requirements UPGRADE=--upgrade renews all)
	@$(COMPILE) $(UPGRADE) pyproject.toml -o requirements/run.txt
	@$(COMPILE) $(UPGRADE) pyproject.toml --group dev -c requirements/run.txt -o requirements/test.txt
	@$(COMPILE) $(UPGRADE) --group build -c requirements/run.txt -o requirements/build.txt
	@$(COMPILE) $(UPGRADE) --group uv -o requirements/uv.txt
	@$(COMPILE) $(UPGRADE) --group node -c requirements/test.txt -o requirements/node.txt
	@$(COMPILE) $(UPGRADE) --group audit -o requirements/audit.txt

.PHONY: audit
audit: ## known vulnerabilities and the list of parts (needs internet)
	@./audit.sh

.PHONY: clean
clean: ## remove everything that set-up made; data/ stays
	@rm -rf .venv .venv-rasa .venv-audit .make node_modules bot/static/vendor inbox/static/vendor nlu_data/models nlu_data/.rasa \
		build briefbrug.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
