# Paths are relative and quoted by need: make cannot name a target in a folder with spaces.

.DEFAULT_GOAL := help
.PHONY: help run demo test test-recounts test-faults test-pages test-clients test-dates sdks bench drill fuzz lint fmt packages pins clean

PY := .venv/bin/python
# Exits 0 in a whole .venv, and not in one half made or whose Python is gone.
WHOLE := $(PY) -c 'import pip, sys; sys.exit(sys.prefix == sys.base_prefix)' 2>/dev/null
PIP := $(PY) -m pip --disable-pip-version-check -qq install

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1 /p' Makefile | while read -r name what; do \
		printf '  make %-10s %s\n' "$$name" "$$what"; done

run: .venv/runtime.stamp ## serve on http://localhost:5000 (PORT=... for another); Ctrl-C stops it
	@exec $(PY) -m gunicorn app:app

demo: .venv/runtime.stamp ## a full dashboard: 90 days of made-up traffic in a database of its own
	@exec $(PY) -m tools.demo

# Sixty servers load 450 modules: if nothing may be kept, half the time goes into compiling them.
test test-recounts test-faults test-pages test-clients test-dates sdks: export PYTHONDONTWRITEBYTECODE =

# Each of them starts servers and takes them away again.
FAULT_TESTS := tests/tools/test_drill_short.py tests/operation/test_replica.py tests/operation/test_backup.py \
	tests/operation/test_postgresql_15.py tests/operation/test_upgrade.py tests/operation/test_migrations.py \
	tests/operation/test_local_postgres.py tests/web/test_startup.py tests/web/test_two_workers.py \
	tests/images/test_workers.py tests/rollups/test_fold_under_fire.py tests/intake/test_real_input.py \
	tests/symbols/test_holding.py tests/symbols/test_limits.py tests/symbols/test_upload_form.py \
	tests/symbols/test_upload_sentry_cli.py

# They make a fold of each made-up example, or count all anew time and again.
RANDOM_TESTS := tests/rollups/test_count_back.py tests/rollups/test_facets.py tests/rollups/test_present_people.py \
	tests/rollups/test_active_gaps.py tests/rollups/test_segments.py tests/crashes/test_issue_properties.py \
	tests/reports/test_proportions.py tests/web/test_limits.py tests/storage/test_compression.py \
	tests/crashes/test_issue_recount.py tests/crashes/test_moving_counts.py tests/rollups/test_rebuild_and_check.py \
	tests/storage/test_expiry.py tests/storage/test_left_sessions.py

test: .venv/dev.stamp ## the tests, on a database of their own (ARGS="-k funnel" or ARGS=tests/intake for some)
	@exec $(PY) -m pytest -n 3 --dist loadfile \
		$(if $(findstring tests/,$(ARGS)),,tests --ignore=tests/dashboard --ignore=tests/sdks \
			--ignore-glob='tests/reports/*_recount.py' $(addprefix --ignore=,$(FAULT_TESTS) $(RANDOM_TESTS))) $(ARGS)

test-recounts: .venv/dev.stamp ## every report against a brute-force reading of made-up traffic, and random tests, some minutes more
	@exec $(PY) -m pytest -n 3 --dist loadfile tests/reports/*_recount.py $(RANDOM_TESTS) $(ARGS)

test-faults: .venv/dev.stamp ## starts, kills, standbys, backups and other releases, some minutes more
	@exec $(PY) -m pytest -n 3 --dist loadfile $(FAULT_TESTS) $(ARGS)

test-pages: .venv/dev.stamp ## the dashboard's pages in Chromium, some minutes more (ARGS="-k dark" for some)
	@exec $(PY) -m pytest -n 2 --dist loadfile tests/dashboard $(ARGS)

test-clients: .venv/dev.stamp ## the client packages, in Python, Node and Chromium, against a real server
	@exec $(PY) -m pytest -n 2 --dist loadfile clients $(ARGS)

test-dates: .venv/dev.stamp ## the tests that know days, at twelve dates (needs Debian's faketime)
	@exec $(PY) -m tools.dates

sdks: .venv/dev.stamp .sdks/.stamp ## SDKs of others as they are published, against a real server (ARGS="-k sentry" for some)
	@exec $(PY) -m pytest -n 2 --dist loadfile tests/sdks $(ARGS)

bench: .venv/runtime.stamp ## docs/BENCHMARKS.md anew, an hour and 10 GB (ARGS=--quick to try)
	@exec $(PY) -m tools.benchmarks $(ARGS)

drill: .venv/runtime.stamp ## docs/DRILLS.md anew: faults under load, a quarter of an hour (ARGS="kills hang" for some)
	@exec $(PY) -m tools.drills $(ARGS)

fuzz: .venv/fuzz.stamp ## 100,000 hostile inputs, some minutes (ARGS="--inputs 1000 --only requests" for some)
	@exec $(PY) -m tools.fuzz $(ARGS)

lint: .venv/dev.stamp node_modules/.stamp ## ruff, mypy and biome; dist/ of the JavaScript client is what its src/ makes
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy .
	@if [ -e node_modules/.stamp ]; then \
		node_modules/.bin/biome check && npm --prefix clients/javascript run --silent build -- --check; \
	fi

fmt: .venv/dev.stamp node_modules/.stamp ## format, and fix what ruff and biome can
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .
	@if [ -e node_modules/.stamp ]; then node_modules/.bin/biome check --write; fi

packages: .venv/packages.stamp node_modules/.stamp ## build both client packages and use them in empty folders
	@exec clients/packages.sh $(PY)

pins: .venv/dev.stamp ## write requirements.txt and the other pins anew from their *.in, all at its newest
	@$(PIP) uv
	@for pair in requirements/server:requirements.txt requirements/symbols:requirements/symbols.txt \
			requirements/dev:requirements/dev.txt \
			requirements/fuzz:requirements/fuzz.txt requirements/packages:requirements/packages.txt \
			tests/sdks/requirements:tests/sdks/requirements.txt; do \
		$(PY) -m uv pip compile --no-config --quiet --upgrade --universal --python-version 3.11 \
			--fork-strategy fewest --generate-hashes --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links "$${pair%%:*}.in" \
			--output-file "$${pair#*:}" || exit 1; \
	done

clean: ## remove .venv and caches; the data in .data stays
	rm -rf .venv .sdks node_modules clients/javascript/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ifneq ($(shell $(WHOLE) && echo whole),whole)
.PHONY: .venv/runtime.stamp
endif

.venv/runtime.stamp: requirements.txt requirements/symbols.txt
	@if ! $(WHOLE); then \
		found=; \
		for python in python3.13 python3.12 python3.11 python3; do \
			"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
			found=$${found:-$$python}; \
			"$$python" -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null && break; \
			python=; \
		done; \
		if [ -z "$$found" ]; then \
			echo "error: Python 3.11 or newer is needed and was not found." >&2; exit 1; \
		elif ! "$${python:-false}" -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null; then \
			echo "error: $$found has no venv module (Debian: apt install python3-venv)." >&2; exit 1; \
		fi; \
		echo "Making .venv with $$("$$python" --version)"; \
		"$$python" -m venv --clear .venv; \
	fi
	@echo "Installing what the server needs into .venv"
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --require-hashes -r requirements/symbols.txt || { [ -z "$$CI" ] && \
		echo "Going on without symbolic: positions of crashes get names, native crashes do not."; }
	@touch $@

.venv/dev.stamp: .venv/runtime.stamp requirements/dev.txt
	@echo "Installing what tests and checks need into .venv"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

.venv/fuzz.stamp: .venv/dev.stamp requirements/fuzz.txt
	@echo "Installing what hostile input needs into .venv"
	@$(PIP) --require-hashes -r requirements/fuzz.txt
	@touch $@

.venv/packages.stamp: .venv/dev.stamp requirements/packages.txt
	@echo "Installing what builds and tries the client packages into .venv"
	@$(PIP) --require-hashes -r requirements/packages.txt
	@touch $@

# They stay apart from what is ours: in a folder with a Python environment and node_modules of its own.
.sdks/.stamp: tests/sdks/requirements.txt tests/sdks/package-lock.json
	@echo "Installing the SDKs of others into .sdks"
	@mkdir -p .sdks && cp tests/sdks/package.json tests/sdks/package-lock.json tests/sdks/.npmrc .sdks/
	@npm ci --silent --no-fund --no-audit --ignore-scripts --prefix .sdks
	@$(PY) -m venv --clear .sdks/venv
	@.sdks/venv/bin/python -m pip --disable-pip-version-check -qq install \
		--require-hashes -r tests/sdks/requirements.txt
	@touch $@

# Without npm the JavaScript checks are left out aloud; under CI that is an error.
ifneq ($(shell command -v npm),)
node_modules/.stamp: package-lock.json clients/javascript/package-lock.json
	@echo "Installing what the JavaScript checks need into node_modules"
	@npm ci --silent --no-fund --no-audit
	@npm ci --silent --no-fund --no-audit --prefix clients/javascript
	@touch $@
else
.PHONY: node_modules/.stamp
node_modules/.stamp:
	@if [ "$$CI" = true ]; then echo "error: npm is needed (Debian: apt install npm)." >&2; exit 1; fi
	@echo "No npm here (Debian: apt install npm): JavaScript is not checked" >&2
endif
