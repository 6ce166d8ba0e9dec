# Two commands do everything: `make dashboard-run` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A file's tests share its servers, so they stay together; what is long begins first
# (tests/conftest.py).
# One more than processors: tests wait for servers and browsers, whose processes want the processors, too.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# Tests start some two hundred Pythons: none is to compile what another has compiled.
unexport PYTHONDONTWRITEBYTECODE
PYTEST = $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
# With `make -j` too: what tests drive is installed before they run.
.NOTPARALLEL:
.PHONY: help setup dashboard-run dashboard-dev dashboard-up dashboard-down test check lint types arrows unit order coverage test-tools test-browser docs screenshots dashboard-build dashboard-assets proto lock sbom audit bench clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.run ## create .venv from the lock file

dashboard-run: $(VENV)/.run ## serve the dashboard on http://localhost:8095 (on a simulated Prism when no source is set)
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $$(sed -n 's/^web: //p' Procfile)

dashboard-dev: $(VENV)/.run ## the same by Dash's own server, reloading when a file changes
	@$(BIN)/python app.py --reload

dashboard-up: ## run it in a container beside a Prism on the network "prism" (needs Docker)
	@docker compose -f docker-compose.dashboard.yml up -d --build
	@echo "Dashboard: http://localhost:8095"

dashboard-down: ## stop that container
	@docker compose -f docker-compose.dashboard.yml down

test: test-tools $(VENV)/.dev test-browser lint types arrows unit ## set up all that tests need, and pass them

check: $(VENV)/.dev lint types arrows ## the inner loop: the same without the tests that need a browser or another process
	@$(PYTEST) -m "not browser and not server" $(PYTEST_ARGS)

unit: $(VENV)/.dev
	@$(PYTEST) --durations=25 $(PYTEST_ARGS)

order: test-tools $(VENV)/.dev test-browser ## all tests again, measuring which files are to begin first
	@$(PYTEST) --junitxml=.pytest_cache/times.xml $(PYTEST_ARGS)
	@$(BIN)/python -m tests.order .pytest_cache/times.xml

coverage: test-tools $(VENV)/.dev test-browser ## all tests again, counting which lines they run (takes twice as long)
	@$(PYTEST) --cov --cov-report=term $(PYTEST_ARGS)

lint: $(VENV)/.dev ## ruff and biome: style and smells of Python, JavaScript and CSS
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@if [ -x $(BIN)/biome ]; then $(BIN)/biome lint --error-on-warnings; else echo "JavaScript and CSS are not linted: there is no biome for this machine"; fi

types: $(VENV)/.dev ## mypy --strict
	@$(BIN)/mypy

arrows: $(VENV)/.dev ## import-linter: which room may know which
	@$(BIN)/lint-imports --no-cache

docs: $(VENV)/.dev ## write the generated parts of docs/ again
	@$(BIN)/python -m docs.generate

screenshots: test-tools $(VENV)/.dev test-browser ## take the pictures in docs/ again, from the running dashboard
	@$(BIN)/python -m docs.screenshots

dashboard-build: ## make bin/prism-dashboard, one executable with Python and all it needs; says its size and start
	@PYTHON="$(PYTHON)" sh .ci/single_file/build

dashboard-assets: ## fetch the browser libraries of assets/vendor again, by package and version (needs npm)
	@$(PYTHON) .ci/dashboard_assets.py

proto: $(VENV)/.dev ## compile proto/*.proto again
	@$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. proto/*.proto

lock: ## resolve pyproject.toml into the lock files again (needs uv)
	@uv pip compile -q pyproject.toml --extra simulator --extra redis --extra postgres --extra notify --universal --python-version 3.11 --generate-hashes \
		--no-strip-extras --no-emit-index-url --custom-compile-command 'make lock' --upgrade -o requirements.lock
	@uv pip compile -q pyproject.toml --extra simulator --extra redis --extra postgres --extra notify --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-strip-extras --no-emit-index-url --custom-compile-command 'make lock' -c requirements.lock -o requirements-dev.lock

sbom: ## write sbom.cdx.json: a bill of materials (CycloneDX) of what the lock file and assets/vendor hold
	@$(PYTHON) .ci/sbom.py > sbom.cdx.json

audit: ## ask OSV for known vulnerabilities of what is locked (passes where it cannot be asked)
	@$(PYTHON) .ci/audit.py

bench: $(VENV)/.dev ## all benches, or one: make bench NAME=freshness
	@$(BIN)/python -m bench $(NAME)

clean: ## remove what the other targets made
	rm -rf $(VENV) .hud-cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov

$(VENV)/bin/pip:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/venv

$(VENV)/.run: requirements.lock | $(VENV)/bin/pip
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

test-tools:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/tools

test-browser: $(VENV)/.dev
	@VENV="$(VENV)" sh .ci/browser
