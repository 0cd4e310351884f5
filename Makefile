# Two commands: `make run` starts the house, `make test` checks it. The others are parts of these two.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# One process for each core. By test: who is done takes over what the other has not begun. By file, in the order they
# stand in: where one started house serves a whole file, and a later test looks at what an earlier one left.
BY_TEST := -n logical --dist worksteal
BY_FILE := -n logical --dist loadfile --no-loadscope-reorder
# Python keeps what it has compiled: else each of our many processes begins with seconds of compiling.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## ?/  make \1\t/' | expand -t 24

# A first start is a demonstration on this machine only. A settings file, or an address, says that it is meant.
.PHONY: run
run: ## set up what is missing, start everything, print the pages and the log-ins
	@./setup.sh run
	@if [ -z "$${BRIEFBRUG_DEMO:-}$${BRIEFBRUG_HOST:-}" ] && [ ! -e .env ]; then export BRIEFBRUG_DEMO=1; fi; exec $(BIN)/briefbrug run

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
	@$(PYTEST) $(BY_TEST) -m "not slow and not browser and not rasa and not crash"

.PHONY: test-slow
test-slow: ## real reading, both databases, kill -9 (the short run)
	@$(PYTEST) $(BY_TEST) -m "slow and not browser and not rasa and not crash"

.PHONY: test-browser
test-browser: ## the pages in Debian's Chromium
	@$(PYTEST) $(BY_FILE) -m "browser and not crash"

.PHONY: test-rasa
test-rasa: ## the trained model and the real Rasa server
	@$(PYTEST) -m "rasa and not browser and not crash and not talk"

.PHONY: test-talk
test-talk: ## the long conversations over both doors, the random walk, one part of the house away
	@$(PYTEST) -m talk

.PHONY: test-crash
test-crash: ## the long kill -9 run
	@$(PYTEST) tests/crash

.venv-bench/bin/ocrmypdf: requirements/bench.txt
	@$(BIN)/python -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

.PHONY: bench
bench: bench-reading bench-chat bench-house ## ratios against named peers in the same run, on an idle machine

.PHONY: bench-reading
bench-reading: .venv-bench/bin/ocrmypdf ## how well and how fast letters are read, beside four peers (BENCH=--quick, BENCH=--help)
	@$(BIN)/python -m tests.bed.bench $(BENCH)

.PHONY: bench-chat
bench-chat: ## how fast a turn of the conversation is, beside stock Rasa
	@$(BIN)/python -m tests.rasa.bench

.PHONY: bench-house
bench-house: ## how long a resident waits at the web door: a turn beside stock Rasa, a photo, a first explanation
	@$(BIN)/python -m tests.scenarios.bench

.PHONY: bench-load
bench-load: ## 200 residents send 5 photos each within a minute, with a restart in the middle
	@$(BIN)/python -m tests.crash.load

.PHONY: texts
texts: ## every sentence that a resident can meet, with its measures (make texts LANGUAGE=pl: beside the Dutch)
	@$(BIN)/python -m briefbrug.plain_language $(LANGUAGE)

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
	@$(COMPILE) $(UPGRADE) --group bench -o requirements/bench.txt

.venv-audit/bin/pip-audit: requirements/audit.txt
	@$(BIN)/python -m venv .venv-audit
	@.venv-audit/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

.PHONY: sbom
sbom: .venv-audit/bin/pip-audit ## the list of parts (CycloneDX) of both environments, in build/
	@mkdir -p build
	@.venv-audit/bin/cyclonedx-py requirements requirements/run.txt -o build/sbom-briefbrug.json
	@.venv-audit/bin/cyclonedx-py requirements nlu_data/requirements.txt -o build/sbom-rasa.json
	@echo "build/sbom-briefbrug.json build/sbom-rasa.json"

# --strict: a package that could not be looked up is a finding too.
.PHONY: audit
audit: sbom ## known vulnerabilities of both environments (needs internet)
	@echo "The Rasa environment (docs/rasa-findings.md says why a finding cannot be reached):"
	@.venv-audit/bin/pip-audit --disable-pip --require-hashes -r nlu_data/requirements.txt || true
	@echo "The modern environment (must be clean):"
	@.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/run.txt

# 10001 is the user inside our images, 999 the one of PostgreSQL's; each reads only its own files.
.PHONY: secrets
secrets: ## random secrets for docker-compose.yml, once; what is there stays
	@umask 077; mkdir -p secrets; cd secrets; random() { head -c "$$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }; \
	[ -e installation-key ] || head -c 32 /dev/urandom | base64 > installation-key; \
	[ -e rasa-token ] || random 32 > rasa-token; \
	[ -e redis-password ] || random 32 > redis-password; \
	[ -e database-password ] || random 32 > database-password; \
	[ -e database-url ] || echo "postgresql+psycopg://briefbrug:$$(cat database-password)@postgres:5432/briefbrug" > database-url; \
	touch telegram-token smtp-url; chmod 0400 -- *; \
	chown 10001:10001 -- * && chown 999:999 database-password || \
	echo "Not root. Run once: sudo chown 10001:10001 secrets/* && sudo chown 999:999 secrets/database-password"

.PHONY: clean
clean: ## remove everything that set-up made; data/ stays
	@rm -rf .venv .venv-rasa .venv-audit .venv-bench .make node_modules bot/static/vendor inbox/static/vendor nlu_data/models nlu_data/.rasa \
		build briefbrug.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
