# Every target does its own set-up in .venv; make clean removes it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.runtime
SETUP_DEV := $(VENV)/.dev
# What CI sets up beside .venv lies here, named by what it is made of, so that another clone can use it, too.
ENVIRONMENTS ?= $(CURDIR)/.cache/environments
INPUTS := $(shell cat pyproject.toml constraints.txt Makefile | sha256sum | cut -c 1-12)
AWS := .cache/awscli/bin/aws
TOOLS := .cache/tools/.made
PYTHONS ?= $(wildcard /usr/bin/python3.1[1-9] $(HOME)/.pyenv/versions/3.1[3-9].*/bin/python3)
# What Python's own modules do may differ: codecs, regular expressions, JSON, numbers, dates, archives, recursion, threads.
# The engine does the same on each, and so does what tells which column or key of decoded text means what. A Python of
# the same minor version as ours differs in corrections alone: it reads the damaged files.
CORE_TESTS := tests/test_case.py $(patsubst %,tests/ingest/test_%.py,cut_text damaged_archives damaged_gzip \
  damaged_json encodings framing hard_input hostile_archives odd_objects odd_times scan streams text windows) \
  $(patsubst %,tests/ingest/containers/test_%.py,amended_cells broken mixed no_text results tables text times)
# What each Python runs, one of the same minor version as ours, too.
ALSO := tests/ingest/test_fuzz.py

# What is never imported need not be compiled.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

# What Python compiles it keeps here, wherever that is switched off: tests start it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/python

.PHONY: help demo lab test test-all test-deep check static core pythons trino spark hostile bench sample docs pictures format clean

help:
	@echo "make demo    run the main job on sample_logs/ and show the result"
	@echo "make lab     open JupyterLab on the sample incident"
	@echo "make test    run the tests of what a change of the package can break"
	@echo "make test-all  run also those with real engines, browser, JupyterLab and S3 server"
	@echo "make test-deep  run the full matrices, the damaged files, and all with other tools and Pythons: before a release"
	@echo "make check   format, lint, types, layers, core-only import, and make test-all"
	@echo "make pythons run the core tests on each other Python that is installed; with -j2 on two at once"
	@echo "make trino   extract the sample by a real Trino"
	@echo "make spark   extract the sample by a real Spark"
	@echo "make hostile  load ten thousand damaged files on each Python that is installed"
	@echo "make core    import every module with the core dependencies alone"
	@echo "make bench   measure speed and memory, and write docs/reference/benchmarks.md"
	@echo "make sample  write sample_logs/ anew from its plan"
	@echo "make docs    write the generated pages of docs/ anew, and the site in .cache/site"
	@echo "make pictures  draw the pictures in docs/pictures/ anew"
	@echo "make format  format the code"
	@echo "make clean   remove the virtual environment and everything that was made"

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(SETUP): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python $(INSTALL) -e .
	@touch $@

$(SETUP_DEV): $(SETUP)
	$(BIN)/python $(INSTALL) -e ".[notebook,geoip,pdf,docx,xlsx,stix,trino,prompt,dev]"
	@touch $@

demo: $(SETUP)
	rm -rf demo
	$(BIN)/rootforensics triage sample_logs --public-keys docs/examples/public-keys.json --out demo
	@echo
	@echo "Open demo/report.html in a browser, or go on with:"
	@echo "  $(BIN)/rootforensics query demo/case.duckdb root-signins"

lab: $(SETUP)
	$(BIN)/python $(INSTALL) -e ".[notebook]"
	$(BIN)/rootforensics lab --out lab

# Of the third ring a random tenth runs, too, if TENTH gives the number that draws it.
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal

test: $(SETUP_DEV)
	$(PYTEST) -m "not heavy and not deep"

test-all: $(SETUP_DEV)
	$(PYTEST) $(if $(TENTH),--tenth $(TENTH),-m "not deep")

test-deep: $(SETUP_DEV) $(AWS) $(TOOLS)
	$(PYTEST) -m deep
	$(MAKE) hostile
	$(MAKE) pythons CORE_TESTS= ALSO=tests/test_doc_commands.py

check:
	$(MAKE) --jobs=2 static core
	$(MAKE) test-all

# A deep test compares the AWS CLI's verdicts with ours; it pins other versions of what we use, so it lies apart.
$(AWS):
	$(PYTHON) -m venv .cache/awscli
	.cache/awscli/bin/python -m pip install --quiet --disable-pip-version-check --no-compile awscli==1.46.3

# The tools of the how-to pages (1 GB): msticpy needs pandas 2 and has libraries for Azure.
$(TOOLS): pyproject.toml
	$(PYTHON) -m venv .cache/tools
	.cache/tools/bin/python -m pip install --quiet --disable-pip-version-check --no-compile . pytest \
	  msticpy==3.0.2 "ibis-framework[duckdb]==12.0.0" polars==2.1.0 altair==6.3.0 pandas==2.3.3 duckdb==2.0.1
	@touch $@

# That generated pages are fresh is one of the tests.
static: $(SETUP_DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The package imports with its core dependencies alone: every module.
core: $(SETUP_DEV)
	$(BIN)/python -W error -m tools.core_only

# What reads evidence and asks it, on each Python that is here: a Debian 12 has 3.11.2, pyenv keeps several.
pythons: $(PYTHONS:%=on%)

# Its packages; the tested files are those of this folder, whichever clone has set it up.
ENVIRONMENT = $(ENVIRONMENTS)/$(shell $* -c 'import platform; print("python" + platform.python_version())')-$(INPUTS)

$(PYTHONS:%=for%): for%:
	@at=$(ENVIRONMENT) && if ! [ -e "$$at/.made" ]; then \
	$* -m venv $$at && $$at/bin/python $(INSTALL) -e ".[docx,xlsx,stix]" pytest zstandard && touch $$at/.made; fi

$(PYTHONS:%=on%): export PYTHONPATH := $(CURDIR)
$(PYTHONS:%=on%): on%: for%
	@at=$(ENVIRONMENT) && echo "$$at" && minor='import sys; print(sys.version_info[:2])' && \
	{ [ -z "$(CORE_TESTS)" ] || [ "$$($* -c "$$minor")" = "$$($(PYTHON) -c "$$minor")" ] || \
	$$at/bin/python -m pytest -q -m "not heavy and not deep" -p no:cacheprovider $(CORE_TESTS); } && \
	$$at/bin/python -m pytest -q -p no:cacheprovider $(ALSO)

# A real Trino, from Maven Central (821 MB); of its plugins those that are needed, or its start takes a minute more.
TRINO_VERSION := 476
TRINO := $(ENVIRONMENTS)/trino-server-$(TRINO_VERSION)
TRINO_JAVA ?= $(firstword $(foreach java,$(wildcard /usr/lib/jvm/*),$(if $(wildcard $(java)/lib/modules),$(shell \
  grep -qE '^JAVA_VERSION="(2[4-9]|[3-9][0-9])' $(java)/release 2>/dev/null && echo $(java)))))
TRINO_PLUGINS := hive functions-python exchange-filesystem spooling-filesystem

$(TRINO)/.made:
	mkdir -p $(ENVIRONMENTS)
	mvn --quiet --batch-mode dependency:copy -Dartifact=io.trino:trino-server:$(TRINO_VERSION):tar.gz \
	  -DoutputDirectory=$(ENVIRONMENTS)
	tar --extract --gzip --file $(TRINO).tar.gz --directory $(ENVIRONMENTS)
	rm $(TRINO).tar.gz
	cd $(TRINO)/plugin && ls | grep -vxE "$$(echo $(TRINO_PLUGINS) | tr ' ' '|')" | xargs rm -rf
	touch $@

trino: $(SETUP_DEV)
	@if command -v mvn >/dev/null && [ -n "$(TRINO_JAVA)" ] && $(MAKE) $(TRINO)/.made; then \
	  ROOTFORENSICS_TRINO=$(TRINO) ROOTFORENSICS_JAVA=$(TRINO_JAVA) \
	  $(BIN)/python -m pytest -q tests/extraction/test_trino.py; \
	else echo "make trino: SKIPPED, for it needs Maven, Java 24 or later and the archive of Trino, and one is not to be had here"; fi

# A real Spark in this process and in one beside it, from the Python index (some 400 MB); it runs on Java 17 or 21.
SPARK := $(ENVIRONMENTS)/pyspark-4.0.1-$(INPUTS)
SPARK_JAVA ?= $(firstword $(foreach java,$(wildcard /usr/lib/jvm/*),$(if $(wildcard $(java)/lib/modules),$(shell \
  grep -qE '^JAVA_VERSION="(17|21)' $(java)/release 2>/dev/null && echo $(java)))))

$(SPARK)/.made: | $(SETUP_DEV)
	$(BIN)/python $(INSTALL) --target $(SPARK) pyspark==4.0.1 grpcio grpcio-status googleapis-common-protos
	touch $@

spark: $(SETUP_DEV)
	@if [ -n "$(SPARK_JAVA)" ] && $(MAKE) $(SPARK)/.made; then \
	  ROOTFORENSICS_SPARK_JAVA=$(SPARK_JAVA) PYTHONPATH=$(SPARK) $(BIN)/python -m pytest -q tests/extraction/test_spark.py; \
	else echo "make spark: SKIPPED, for it needs Java 17 or 21 and PySpark, and one is not to be had here"; fi

# Ten thousand damaged files on each Python that is here, ours included; each time others, from a seed that is printed.
HOSTILE_SEED := $(shell date +%s)
HOSTILE_FILES ?= 5000
hostile: export ROOTFORENSICS_FUZZ_FILES := $(HOSTILE_FILES)
hostile: export ROOTFORENSICS_FUZZ_SEED := $(HOSTILE_SEED)
hostile: $(SETUP_DEV)
	@echo "seeds from $(HOSTILE_SEED) on: make hostile HOSTILE_SEED=$(HOSTILE_SEED) repeats them"
	$(BIN)/python -m pytest -q tests/ingest/test_fuzz.py
	$(MAKE) pythons CORE_TESTS=

bench: $(SETUP_DEV)
	$(BIN)/python $(INSTALL) -e ".[bench]"
	$(BIN)/python benchmarks/run.py --write docs/reference/benchmarks.md $(BENCH)

sample: $(SETUP_DEV)
	$(BIN)/python -m tools.sample_incident --out sample_logs

docs: $(SETUP_DEV)
	$(BIN)/python -m tools.docs
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c tools/site -d .cache/doctrees docs .cache/site

pictures: $(SETUP_DEV)
	rm -rf .cache/pictures
	mkdir -p .cache/pictures
	$(BIN)/rootforensics load .cache/pictures/case.duckdb sample_logs
	$(BIN)/rootforensics posture .cache/pictures/case.duckdb --from docs/examples/posture > .cache/pictures/posture.txt || [ $$? -eq 3 ]
	$(BIN)/rootforensics chart .cache/pictures/case.duckdb all --out docs/pictures --format png \
	  --approvals docs/examples/approvals.yaml
	$(BIN)/python -m tools.report_picture .cache/pictures/case.duckdb docs/pictures/brief.png
	$(BIN)/python -m tools.lab_picture .cache/pictures/case.duckdb docs/pictures/lab.png

format: $(SETUP_DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) demo build dist .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
