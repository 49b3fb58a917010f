# Every command a person types. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup book pdf test test-grading lab data check prose record band verify release student-repo grade address version setup-cell lesson catalogue lock format clean
SHELL := /bin/bash

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
JOBS   ?= 2
OUT    ?= grades
export PYTHONPATH := $(CURDIR)/lessons:$(CURDIR)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "This course needs Python 3.11, 3.12 or 3.13, and %s is %d.%d: run `make PYTHON=python3.12 ...`." % (sys.executable, *v))'
	@test -x $(BIN)/python || { echo "Creating $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing requirements.txt into $(VENV) (3 GB, a few minutes the first time) ..."
	@if command -v uv >/dev/null; then uv pip install --python $(BIN)/python -r requirements.txt; else $(BIN)/python -m pip install --progress-bar on -r requirements.txt | grep --line-buffered -E '^(Collecting|Installing|ERROR|Success)'; exit $${PIPESTATUS[0]}; fi
	@touch $@

setup: $(VENV)/.installed ## create .venv and install what the course needs

book: setup ## build the whole book: _build/html/index.html
	@$(BIN)/python -m grading.release --check && $(BIN)/python -m tools.book

pdf: book ## print the whole book: _build/reading-in-order.pdf (needs Chromium or Chrome)
	@$(BIN)/python -m tools.pdf

test: setup ## run every test (about seven minutes on two cores)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@$(BIN)/python -m pytest -n $(JOBS)

test-grading: setup ## the slow test of the grading: sixty hand-ins on three workers
	@THOROUGH=1 $(BIN)/python -m pytest tests/test_grade_cluster.py

lab: setup ## open JupyterLab in lessons/
	@cd lessons && $(abspath $(BIN))/jupyter lab

data: setup ## fetch every data file ahead and print a table
	@$(BIN)/python -m tools.data

check: setup ## is every lesson (or LESSON=01) a good page? seconds, no run
	@$(BIN)/python -m tools.check $(LESSON) && $(BIN)/python -m grading.release --check

prose: setup ## show changed words of every lesson (or LESSON=01): seconds, no run
	@$(BIN)/python -m tools.prose $(LESSON) && $(BIN)/python -m grading.release

record: setup ## run LESSON=01 in full on the real data and store its outputs
	@$(BIN)/python -m tools.record $(LESSON) && $(BIN)/python -m grading.release

band: setup ## repeat LESSON=01's headline run with SEEDS="1 2 3 4 5" and store the band
	@$(BIN)/python -m tools.band $(LESSON) $(SEEDS)

verify: setup ## run every lesson (or LESSON=01) in full and hold each number to its band
	@$(BIN)/python -m tools.verify $(LESSON)

release: setup ## derive the student's copy and the solution from lessons/homework/
	@$(BIN)/python -m grading.release

student-repo: setup ## what students run, without solutions or checks: OUT=folder URL=https://...
	@$(BIN)/python -m grading.student_repo "$(if $(filter-out grades,$(OUT)),$(OUT))" "$(URL)"

grade: setup ## grade the notebooks in SUBMISSIONS=folder, JOBS=2 at a time, into OUT=grades
	@test -n "$(SUBMISSIONS)" || { echo "Say which folder: make grade SUBMISSIONS=folder"; exit 2; }
	@$(BIN)/python -m grading.grade "$(SUBMISSIONS)" --jobs $(JOBS) --out "$(OUT)" $(if $(DUE),--due "$(DUE)") $(if $(PENALTY),--penalty $(PENALTY)) $(if $(SCHEDULER),--scheduler "$(SCHEDULER)") $(if $(UNSAFE),--without-sandbox)

address: setup ## write the repository's address everywhere: URL=https://github.com/NAME/REPOSITORY
	@$(BIN)/python -m tools.address url "$(URL)"

version: setup ## write the version everywhere before its tag is set: VERSION=v1.2.3
	@$(BIN)/python -m tools.address version "$(VERSION)"

setup-cell: setup ## write lessons/setup_cell.py into every notebook
	@$(BIN)/python -m tools.setup_cell

lesson: setup ## start a lesson from the template: NUMBER=12 NAME=attention
	@$(BIN)/python -m tools.lesson "$(NUMBER)" "$(NAME)"

catalogue: setup ## write titles, minutes and data of the lessons into the tables that list them
	@$(BIN)/python -m tools.catalogue

lock: setup ## resolve requirements.in into requirements.txt (needs uv)
	@uv pip compile --universal --python-version 3.11 requirements.in -o requirements.txt --quiet --no-header --custom-compile-command "make lock"
	@sed -i '1i # Every package of the course, pinned for Python 3.11 to 3.13: made by `make lock` from requirements.in.' requirements.txt

format: setup ## format all code, notebooks included, and tidy what is no notebook
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --extend-exclude "*.ipynb" . && $(BIN)/ruff check .

clean: ## remove what was built (not .venv, not data/cache)
	@rm -rf _build
