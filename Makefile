# `make run` and `make test` prepare everything they need; run again, each is quick and changes nothing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON := .venv/bin/python
READY := .venv/.ready
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# With this variable set, nothing is compiled and every start recompiles everything.
unexport PYTHONDONTWRITEBYTECODE

COMPILE := .venv/bin/uv --system-certs pip compile -q --universal --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links --python-version 3.11

.PHONY: help run test check bench sim fuzz api lock package migration clean

help: ## show what can be done here
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(READY) ## open the window on a demo village; without a display run the demo story
	@build_spec/run.sh

test: $(READY) ## the whole test suite
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -n 2 --dist loadfile --max-worker-restart 0

check: $(READY) ## formatting, linting, types, import contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: $(READY) ## the benchmarks, as ratios against a floor measured in the same run
	$(PYTHON) -m bench

SEEDS ?= 1-200
STEPS ?= 1000
sim: $(READY) ## SEEDS=1-200 STEPS=1000: a whole village in one process, played from seeds; tells the shortest story of a failure
	$(PYTHON) -m tests.sim $(SEEDS) $(STEPS)

KILLS ?= 1000
torture: $(READY) ## KILLS=1000: every kind of work killed so many times, the upgrade also at each of its steps; a table, and 1 at the end when anything was lost
	$(PYTHON) -m tests.torture $(KILLS)
	$(PYTHON) -m tests.torture 0 migration --each-step

EXAMPLES ?= 300
api: $(READY) ## EXAMPLES=300: requests of every kind against the county's published description, found by schemathesis
	TIANGENG_API_EXAMPLES=$(EXAMPLES) $(PYTHON) -m pytest -q --timeout 3600 tests/county_server/test_api_description.py

SECONDS ?= 60
fuzz: $(READY) ## SECONDS=60: hostile input at every door where bytes come in, guided by atheris on Linux; findings go to tests/fuzz/corpus
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m tests.fuzz $(SECONDS)

lock: ## write the two locks anew (hashes, no addresses): everything, and what a packaged build needs
	$(COMPILE) --extra dev pyproject.toml -o requirements.lock
	$(COMPILE) --constraint requirements.lock pyproject.toml build_spec/build.in -o build_spec/build.lock
	$(PYTHON) -m build_spec.third_party

sbom: $(READY) ## write dist/sbom.cdx.json: all parts with versions, licences and hashes (CycloneDX)
	$(PYTHON) -m build_spec.sbom

audit: $(READY) ## ask the advisory service about every locked package; needs a network, fails when any was not checked
	$(PYTHON) -m build_spec.audit

package: $(READY) ## build dist/tiangeng, the program in one folder that needs no Python (PyInstaller)
	@SUDO="$(SUDO)" build_spec/build.sh

migration: $(READY) ## N=0002 M="what changed": write the laptop's next migration from the records
	$(PYTHON) -m desktop_app.storage.migrate "$(N)" "$(M)"

clean: ## throw away the virtual environment and all caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

$(READY): requirements.lock pyproject.toml build_spec/system_packages.txt build_spec/prepare.sh
	@SUDO="$(SUDO)" build_spec/prepare.sh
	@touch $(READY)
