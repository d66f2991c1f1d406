# Everything here works on a fresh Debian machine: deploy/install puts what is missing into .venv.
# SEED chooses the made-up county; ONCE=1 ends the demo by itself; EVERY=5 tries every fifth mutant only.
SEED ?= 1
ONCE ?=
EVERY ?= 1
TIMES ?= 8
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help install demo test check guards mutate properties chaos onramps bench

help: ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

install: ## .venv with the alertbus command, and the broker's jars
	@deploy/install

demo: ## everything on this machine with a made-up county: make demo [SEED=1] [ONCE=1]
	@deploy/install
	@$(PY) -m deploy.demo --seed $(SEED) $(if $(filter-out 0,$(ONCE)),--once)

test: ## all tests; fails if any is skipped
	@deploy/install test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: ## ruff and mypy --strict
	@deploy/install test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

guards: ## take out one guard after the other: which test turns red? [GUARDS="window_tie case_once"]
	@deploy/install test
	@$(PY) tests/guards/run.py $(GUARDS)

mutate: ## mutation score of what decides, and what no test sees: make mutate [MODULES="case basis"] [EVERY=5]
	@deploy/install test
	@$(PY) -m tests.guards.mutated --every $(EVERY) $(MODULES)

properties: ## what CI tries with 12 000 made-up histories, with TIMES=8 times as many: half an hour and more
	@deploy/install test
	@PROPERTY_TIMES=$(TIMES) $(PY) -m pytest -q -m seeds -o timeout=0

chaos: ## the long fault run: 200 000 events, kills, stops, broker kills
	@deploy/install test
	@$(PY) tests/chaos/run.py

onramps: ## kill -9 of gateway, SDK program and database feed, 55 times under load: make onramps [SEED=1]
	@deploy/install test
	@$(PY) tests/chaos/onramps.py $(SEED)

bench: ## side by side with Faust as documented and Quix Streams
	@deploy/install test bench
	@$(PY) tests/bench/correlate.py
	@$(PY) tests/bench/both.py
	@$(PY) tests/bench/latency.py
	@$(PY) tests/bench/recovery.py
	@$(PY) tests/bench/notify.py
	@$(PY) -m tests.bench.publish
	@$(PY) -m tests.bench.gateway
