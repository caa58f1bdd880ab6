# Two commands are enough: `make run` and `make test`.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
BIN := .venv/bin
export FLASK_APP := wsgi.py

.PHONY: run setup setup-dev prepare messages catalogs kinds addresses test lint format bench-recsys bench-web clean

run: prepare ## Serve on http://127.0.0.1:$(PORT)
	PORT=$(PORT) WORKERS=$(WORKERS) $(BIN)/gunicorn --config webapp/jobs/gunicorn_hooks.py wsgi:app

prepare: setup ## Migrate, compile catalogs; on an empty database load the sample world and train
	PORT=$(PORT) $(BIN)/flask prepare

setup: .venv/run.stamp

setup-dev: .venv/dev.stamp

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev.stamp: requirements.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch .venv/run.stamp $@

test: setup-dev ## All tests on SQLite; those that use the database on PostgreSQL too; journeys in a browser
	$(BIN)/python -m tests.requirements
	$(BIN)/python -m pytest -n 2 --dist loadgroup
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -n 2 --dist loadgroup tests/webapp tests/contracts

lint: setup-dev ## Style, types, import contracts, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

messages: setup-dev ## Extract every message into webapp/translations/messages.pot
	$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --keywords lazy_gettext --keywords say --no-location --sort-output --omit-header \
		--output-file webapp/translations/messages.pot webapp templates recsys/report/sentences.py recsys/faults.py

addresses: setup-dev ## Write docs/addresses.md from the routes
	$(BIN)/python -m tests.addresses_page

kinds: setup-dev ## Write docs/kinds.md from what the registries declare
	$(BIN)/python -m tests.kinds_page

catalogs: setup ## Compile translations (webapp/translations/LANGUAGE/LC_MESSAGES/messages.po); `prepare` does it too
	$(BIN)/flask catalogs

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-recsys: setup ## Our models against peers, each in an environment of its own; needs WAYMARK_BENCH_DATA or ARGS="--data FILE"
	$(BIN)/python -m benchmarks.recsys $(ARGS)

bench-web: setup ## What pages cost beside a bare page: CPU, throughput, bytes, memory; see python -m benchmarks.web --help
	$(BIN)/python -m benchmarks.web $(ARGS)

clean: ## Remove what a run has written, the environment stays
	rm -rf instance/waymark.db* instance/models instance/mail instance/imports instance/*.lock
