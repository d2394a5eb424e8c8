# Every command of the house. Each does its own set-up; its talk goes to a log, not to the screen.

SHELL := /bin/sh
PYTHON ?= $(shell .ci/choose-python)
VENV := .venv/bin
LOG := .make/setup.log
TRAINING ?= no
EDGE_PACKAGES := libgl1 libglib2.0-0
RTSP_PACKAGES := python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
DATABASE_PACKAGES := mariadb-server postgresql
BROWSER := chromium-headless-shell|chromium
TEST_PACKAGES := $(EDGE_PACKAGES) xvfb $(RTSP_PACKAGES) $(DATABASE_PACKAGES) '$(BROWSER)' mosquitto
REQUIREMENTS := requirements-edge.txt requirements-server.txt requirements-test.txt
# Tests share two cores with the programs they start; more workers only wait for one another.
WORKERS ?= 2
# Tests start hundreds of programs: none of them compiles the whole tree anew, whoever calls make.
unexport PYTHONDONTWRITEBYTECODE
# A module of tests/campaigns that is no test is a campaign; __main__ runs them all.
CAMPAIGNS := $(patsubst tests/campaigns/%.py,campaign-%,$(filter-out tests/campaigns/test_% tests/campaigns/__%,$(wildcard tests/campaigns/*.py)))

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo test test-quick check format lock bench soak pictures clean campaign $(CAMPAIGNS) install-edge install-server uninstall-edge uninstall-server

help: ## list the commands
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: ## build .venv from the locked requirements
	@mkdir -p .make
	@[ -n "$(PYTHON)" ] || .ci/system-packages $(LOG) python3-venv
	@.ci/system-packages $(LOG) $(EDGE_PACKAGES)
	@python=$${PYTHON:-$$(.ci/choose-python)}; \
	  [ -n "$$python" ] || { echo "no Python 3.10 to 3.13 with ssl, sqlite3 and venv found; name one: make PYTHON=/path/to/python3" >&2; exit 1; }; \
	  .ci/environment .venv $(LOG) "$$python" $(REQUIREMENTS)

setup-test: setup
	@.ci/system-packages $(LOG) $(TEST_PACKAGES)

demo: setup ## the whole chain on a short clip, then its page; DEMO=once ends by itself
	@$(VENV)/python -m models.demo

test: check test-quick ## every check and test that needs no torch; TRAINING=auto adds training's
ifeq ($(TRAINING),auto)
	@PYTHONDONTWRITEBYTECODE=1 models/training-environment && \
	  .venv-train/bin/python -m pytest -q -m training -p no:cacheprovider $(wildcard tests/*/*/test_training.py) || [ $$? -eq 69 ]
else
	@echo "left out: the tests of training, which need torch (make test TRAINING=auto)"
endif

test-quick: setup-test
	@$(VENV)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not training"

check: setup-test ## ruff, mypy --strict, import-linter, formatting
	@$(VENV)/ruff format --check -q .
	@$(VENV)/ruff check -q .
	@$(VENV)/mypy lot contract edge server gui models benchmarks tests
	@$(VENV)/lint-imports --no-cache > .make/arrows.log || { tail -n 30 .make/arrows.log; exit 1; }

format: setup ## put every file into the house's form
	@$(VENV)/ruff format -q .
	@$(VENV)/ruff check -q --fix .

lock: setup ## renew the requirements files from pyproject.toml, with hashes
	@$(VENV)/python -m pip install -q uv
	@.ci/lock $(VENV)/python

bench: setup ## every figure, one table and benchmarks/figures.json
	@$(VENV)/python -m benchmarks

soak: setup-test ## the gate before two cameras for an hour
	@$(VENV)/python -m benchmarks.soak --full

campaign: setup-test ## the fault and fuzz campaigns at full size; each alone: make campaign-tamper
	@$(VENV)/python -m tests.campaigns

$(CAMPAIGNS): campaign-%: setup-test
	@$(VENV)/python -m tests.campaigns.$*

pictures: setup ## draw the documents' pictures anew
	@$(VENV)/python -m models.pictures
	@.ci/system-packages $(LOG) '$(BROWSER)'
	@$(VENV)/python -m tests.gui.pictures --documents

install-edge: ## (root) gate and share keeper as services; upgrades too
	@systemd/install edge

install-server: ## (root) vault, keyholder and page as services; upgrades too
	@systemd/install server

uninstall-edge: ## (root) take the gate's services away; code and data stay
	@systemd/install remove-edge

uninstall-server: ## (root) take the vault's services away; code and data stay
	@systemd/install remove-server

clean: ## remove what the commands above made
	rm -rf .make .venv .venv-train build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find output -mindepth 1 ! -name .gitkeep -delete
