# What people type. `make help` lists it; dev/setup.py installs what a target needs.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check audit sbom format screens spec lock bench psql stop clean
# The system's own if it is new enough; where there is none, dev/setup.py says so.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do $$python -c \
  'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && exit; done; echo python3)
BIN := .venv/bin
CLUSTERS := PYTHONPATH=. $(PYTHON) dev/clusters.py
T ?= tests

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: ## install everything that the other targets need
	@$(PYTHON) dev/setup.py test

demo: ## the product on three demo counties, at http://127.0.0.1:8000 (YEFANG_PORT changes the port)
	@$(PYTHON) dev/setup.py demo
	@$(BIN)/yefang demo

serve: ## the API and the page on the database of YEFANG_DATABASE_URL, or on the private cluster
	@$(PYTHON) dev/setup.py demo
	@$(BIN)/yefang migrate
	@$(BIN)/yefang serve

# Byte code is kept even where the environment says no: tests start many processes, and each would compile the code anew.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup ## the test suite (T=tests/unit for a part)
	$(BIN)/pytest $(T)

check: setup ## style, types, arrows, migrations, what is written from the code, page, Dockerfile
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python dev/check_migrations.py
	$(BIN)/yefang openapi --check
	$(BIN)/openapi-spec-validator mobile_api_spec/openapi.yaml
	$(BIN)/python dev/contract_changes.py
	PYTHONPATH=. $(BIN)/python dev/words.py --check
	PYTHONPATH=. $(BIN)/python dev/database.py --check
	PYTHONPATH=. $(BIN)/python dev/page_types.py --check
	PYTHONPATH=. $(BIN)/python dev/settings.py --check
	PYTHONPATH=. $(BIN)/python dev/circular.py --check
	PYTHONPATH=. $(BIN)/python dev/personal_data.py --check
	$(PYTHON) dev/node.py run check
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/python dev/check_compose.py

audit: setup ## known weaknesses of locked packages, and secrets among our files
	PYTHONPATH=. $(BIN)/python dev/audit.py

sbom: setup ## what the service is made of, as CycloneDX, in var/sbom/
	PYTHONPATH=. $(BIN)/python dev/sbom.py

screens: setup ## pictures of every page of the phone app, small and large, by day and by night, in var/screens/
	mkdir -p var/screens
	YEFANG_PICTURES=var/screens $(BIN)/pytest -n 0 tests/e2e/phone/test_screens.py tests/e2e/phone/test_old_browsers.py

format: setup ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

spec: setup ## write from the code: the phone's contract, the glossary, the page's words and types, the database's page
	$(BIN)/yefang openapi
	PYTHONPATH=. $(BIN)/python dev/words.py
	PYTHONPATH=. $(BIN)/python dev/database.py
	PYTHONPATH=. $(BIN)/python dev/page_types.py
	PYTHONPATH=. $(BIN)/python dev/settings.py
	PYTHONPATH=. $(BIN)/python dev/circular.py
	PYTHONPATH=. $(BIN)/python dev/personal_data.py

lock: setup ## lock the newest Python packages that pyproject.toml admits
	@$(BIN)/python dev/lock.py

bench: setup ## measure, beside pgbench on the same machine (ARGS="--seconds 5"); results in bench/results/
	@$(BIN)/python -m bench $(ARGS)

psql: ## look into the database of the demo, or the one of YEFANG_DATABASE_URL
	@$(CLUSTERS) psql

stop: ## stop the private database servers
	@$(CLUSTERS) stop

clean: ## stop them and delete everything that was made here: data, packages, builds
	@$(CLUSTERS) destroy
	rm -rf var .venv web/node_modules app/console/static app/phone/static .hypothesis .import_linter_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
