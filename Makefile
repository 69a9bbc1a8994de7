# The commands that people use. `make help` lists them.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv

# Where Python is told to keep no bytecode, each of the hundreds of processes that tests start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

# Most tests wait for processes, so that two cores do three at a time. A module's tests stay together.
THREE_AT_A_TIME := --numprocesses 3 --dist loadscope

.DEFAULT_GOAL := help
.PHONY: help run reset test test-full crash bench bench-large coverage check format lock proto events screenshots check-infra clean

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: $(VENV)/.stack ## Start the whole system on this machine, book seats, stay up until Ctrl-C
	@$(BIN)/python -m local.stack

reset: ## Drop the local state (databases, logs, event hubs)
	@rm -rf .local && echo "Dropped .local/"

test: $(VENV)/.dev ## Every test that needs no server beyond the embedded ones
	@$(BIN)/python -m pytest -q -m "not full" $(THREE_AT_A_TIME)

test-full: $(VENV)/.dev ## The tests that want real servers; says at the end which could not be had
	@$(BIN)/python -m pytest -q -m full

coverage: $(VENV)/.dev ## Every branch of the domain is run by its unit tests
	@$(BIN)/coverage run -m pytest -q tests/unit/domain
	@$(BIN)/coverage report

crash: $(VENV)/.dev ## Kill everything again and again, and look at what is left; writes docs/reliability.md (half an hour)
	@$(BIN)/python -m tests.crash.matrix

bench: $(VENV)/.dev ## Measure, as ratios taken in one run; writes benchmarks/results/
	@$(BIN)/python -m benchmarks.write_side
	@$(BIN)/python -m benchmarks.drain
	@$(BIN)/python -m benchmarks.rebuild
	@$(BIN)/python -m benchmarks.read_side
	@$(BIN)/python -m benchmarks.watch
	@$(BIN)/python -m benchmarks.start_up
	@$(BIN)/python -m benchmarks.pages
	@$(BIN)/python -m benchmarks.telemetry

bench-large: $(VENV)/.dev ## The drain over a million processed events, and its memory with a million pending
	@$(BIN)/python -m benchmarks.drain --large

check: $(VENV)/.dev check-infra ## ruff, pyright (strict), import-linter, buf, and check-infra
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --warnings
	@$(BIN)/lint-imports
	@$(BIN)/python -m readsvc.protos.contract

check-infra: $(VENV)/.dev ## Template, policies, compose, images, scripts and workflows, as far as that needs no Azure
	@$(BIN)/python -m infra.checks

format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format .

lock: $(UV) ## Pin every requirements file anew, with hashes
	@for f in requirements-dev local/requirements requirements readsvc/requirements \
	    readsvc/requirements-azure-monitor infra/checks/requirements; do \
	  $(UV) pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 --no-annotate \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    $$(case $$f in requirements-dev|infra/*) ;; *) echo -c requirements-dev.txt;; esac) $$f.in -o $$f.txt || exit 1; done

proto: $(VENV)/.dev ## Generate the gRPC code and the gateway's descriptor set from readsvc/protos, if no client would break
	@$(BIN)/python -m readsvc.protos.contract --approve
	@$(BIN)/python -m readsvc.protos.generate

screenshots: $(VENV)/.dev ## Take the pictures in docs/images, by Chromium
	@$(BIN)/python -m tests.e2e.pages.screenshots
	@$(BIN)/python -m tests.e2e.pages.operations_pictures

events: $(VENV)/.dev ## Generate the event schemas and the AsyncAPI document in docs/events
	@$(BIN)/python -m shared.contracts.generate

clean: reset ## Also drop the virtual environments
	@rm -rf $(VENV) .venv-infra

# The `cinema` command, running from this folder; its packages are those just installed.
INSTALL_COMMAND = VIRTUAL_ENV=$(VENV) $(UV) pip install -q --no-deps --no-build-isolation --editable .

# Set-up: done once, and again only when a requirements file has changed.
$(UV):
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: '$(PYTHON)' is not on PATH (set PYTHON=…)" >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check "uv==0.13.9"

$(VENV)/.stack: local/requirements.txt | $(UV)
	@echo "Installing the packages of the local stack (about 150 MB the first time)"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install -q --compile-bytecode --require-hashes -r local/requirements.txt
	@$(INSTALL_COMMAND)
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(UV)
	@echo "Installing the packages of the stack, the tests and the checks"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install -q --compile-bytecode --require-hashes -r requirements-dev.txt
	@$(INSTALL_COMMAND)
	@touch $@ $(VENV)/.stack

# Checkov, in an environment of its own: it pins half of what the product uses. `make check-infra` says if it is missing.
.venv-infra/.done: infra/checks/requirements.txt | $(UV)
	@echo "Installing checkov (about 220 MB)"
	@$(PYTHON) -m venv .venv-infra
	@VIRTUAL_ENV=.venv-infra $(UV) pip install -q --require-hashes -r infra/checks/requirements.txt
	@touch $@
