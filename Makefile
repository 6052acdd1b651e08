# Parley, from a fresh clone: `make run` and `make test`. Each command prepares what it needs and does nothing twice.

PYTHON  ?= python3
BROWSER ?= 1

BIN     := .venv/bin
PREPARE := $(PYTHON) -m cli.prepare
NPM     := PATH="$$(cat .make/node):$$PATH" npm --prefix web/frontend --silent
# One line before each stage, one with its time after it.
STAGE    = @stage() { printf '\n=== %s\n' "$$1"; shift; began=$$(date +%s); "$$@" || { printf -- '--- failed after %s s\n' "$$(($$(date +%s)-began))"; exit 1; }; \
             printf -- '--- %s s\n' "$$(($$(date +%s)-began))"; }; stage

# Each side's words in one piece, where this make knows how (4.0 and newer; macOS brings 3.81).
TIDY     = $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.DEFAULT_GOAL := help
.PHONY: help run test lint lint-python lint-frontend format bench screens types doctor clean

help: ## This list
	@echo "make ..."
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do printf '%-9s %s\n' "$$name" "$$what"; done

run: ## Start the whole desk on this machine, with a demo; Ctrl-C stops it, data stays
	@$(PREPARE) python frontend
	@exec $(BIN)/parley up

test: ## Everything that must hold: lint, types, laws, unit, flow, race, front-end and browser tests
	@$(PREPARE) python node frontend $(if $(filter 1,$(BROWSER)),chromium)
	@$(MAKE) --no-print-directory lint
	$(STAGE) "Laws, rules, flows, races, wire" $(BIN)/pytest -n 2 --dist worksteal -m "not browser"
	$(STAGE) "Front end: unit and component tests" sh -c '$(NPM) run test'
	$(STAGE) "Front end: size budgets" sh -c '$(NPM) run budgets'
ifeq ($(BROWSER),1)
	$(STAGE) "Browser: the desk as people see it" $(BIN)/pytest -n 2 --dist loadfile -m browser
endif
	@printf '\nAll of it holds.\n'

lint: ## Style, types and the laws of imports, in both languages
	@$(PREPARE) python node frontend
	@$(MAKE) --no-print-directory --jobs=2 $(TIDY) lint-python lint-frontend

lint-python:
	$(STAGE) "Python: style" $(BIN)/ruff check .
	$(STAGE) "Python: format" $(BIN)/ruff format --check --quiet .
	$(STAGE) "Python: types" $(BIN)/mypy
	$(STAGE) "Python: who may import whom" $(BIN)/lint-imports --no-logo

lint-frontend:
	$(STAGE) "Front end: style" sh -c '$(NPM) run lint'
	$(STAGE) "Front end: types" sh -c '$(NPM) run check'

format: ## Put the Python in order
	@$(PREPARE) python
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: ## Measure: load, latency, the quality and the speed of the bot; prints tables, judges nothing
	@$(PREPARE) python frontend
	@exec $(BIN)/parley bench

screens: ## Take a picture of every screen into docs/screens; the README's are kept
	@$(PREPARE) python frontend chromium
	@PARLEY_SCREENS=docs/screens $(BIN)/pytest tests/browser/test_screens_desktop.py tests/browser/test_screens_phone.py

types: ## Write the TypeScript of the wire from the schemas
	@$(PREPARE) python
	@$(BIN)/parley types

doctor: ## Say what is wrong with this installation
	@$(PREPARE) python
	@exec $(BIN)/parley doctor

clean: ## Remove what was built and installed; the data in .run stays
	@rm -rf .venv .node .make web/frontend/node_modules web/static/dist *.egg-info
	@find . -name __pycache__ -prune -exec rm -rf {} + ; rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
