# `make` alone lists the commands. PYTHON=... chooses the interpreter, ARGS=... is handed to the command that runs.

VENV ?= .venv
UV ?= .venv-lock/bin/uv
BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest -n auto --dist worksteal
LOCKED = pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.PHONY: help serve test check check-static coverage mutate prove report format faults bench golden clinical conformance audit lock container stack test-pythons dev clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

serve: $(VENV)/.runtime $(VENV)/.linked ## run the service, installing it first where needed
	$(BIN)/cds serve $(ARGS)

test: dev ## run every test: make test ARGS="-k overuse"
	$(PYTEST) $(ARGS)

check: check-static test ## everything a change has to pass

check-static: dev ## format, lint, types, layers, house rules, rulesets; no test suite
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python -m pytest -q tests/test_house_rules.py
	$(BIN)/cds check

coverage: dev ## run every test and list the lines and branches none of them reached
	$(PYTEST) --cov --cov-report=term-missing $(ARGS)

mutate: dev ## put small mistakes into the rulesets and list those that no case notices: ARGS="rulesets/spine"
	$(BIN)/cds mutate $(ARGS)

format: dev ## rewrite the code as `make check` wants it
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

prove: dev ## prove the rulesets: every case, goal and seeded mistake, the recorded results, the deep checks, the pins
	$(BIN)/cds report --check
	$(BIN)/cds check --deep
	$(BIN)/cds pin --check

report: dev ## measure the rulesets that have changed, and record it in rulesets/results.json for their pages
	$(BIN)/cds report $(ARGS)

faults: dev ## put faults into the running service and tell what becomes of each: ARGS="--small --only F10 L1"
	$(BIN)/python -m faults $(ARGS)

bench: dev .venv-bench/.ready ## measure the service
	$(BIN)/python -m bench $(ARGS)

golden: dev ## rewrite the golden files; read the difference before committing it
	$(PYTEST) --golden $(ARGS)

clinical: dev ## write docs/clinical-coverage.md from the rulesets and their cases
	$(BIN)/python -m tests.clinical

conformance: dev ## write docs/conformance.md from the marks of the tests
	$(BIN)/python -m tests.conformance

audit: .venv-audit/.ready ## ask for advisories about every pinned release; fails too where none can be asked for
	@for lock in requirements/*.lock; do \
		echo "== $$lock"; \
		.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r $$lock || exit 1; \
	done

lock: .venv-lock/.ready ## pin the dependencies again; UPGRADE=1 moves them to their newest releases
	$(UV) $(LOCKED) --group build -o requirements/build.lock
	$(UV) $(LOCKED) --group image -o requirements/image.lock
	$(UV) $(LOCKED) --group stack -o requirements/stack.lock
	$(UV) $(LOCKED) --group lock -o requirements/lock.lock
	$(UV) $(LOCKED) --group bench -o requirements/bench.lock
	$(UV) $(LOCKED) --group audit -o requirements/audit.lock
	$(UV) $(LOCKED) pyproject.toml -o requirements/runtime.lock
	$(UV) $(LOCKED) pyproject.toml --extra otel -c requirements/runtime.lock -o requirements/otel.lock
	$(UV) $(LOCKED) pyproject.toml --extra otel --group dev -c requirements/otel.lock -o requirements/dev.lock

container: ## build the image without a registry and hold it to its promises; root, and packages of Debian
	python3 docker/prove.py $(ARGS)

stack: .venv-stack/.ready ## build the image and run docker/compose.yaml with it, without Docker or a registry; as `make container`
	python3 docker/prove.py --rounds 0 --stack .venv-stack/bin/podman-compose $(ARGS)

test-pythons: ## run every test on each of Python 3.11, 3.12 and 3.13 that is here
	@absent=; for version in 3.11 3.12 3.13; do \
		if python=$$(scripts/find-python $$version); then \
			echo "== Python $$version"; \
			$(MAKE) --no-print-directory test VENV=.venv-$$version PYTHON="$$python" || exit 1; \
		else absent="$$absent $$version"; fi; \
	done; \
	[ -z "$$absent" ] || echo "Not tested, because not installed here: Python$$absent"

dev: $(VENV)/.dev $(VENV)/.linked ## install what development needs (the other commands do it themselves)

clean: ## remove the environments and everything generated
	rm -rf .venv .venv-* build dist *.egg-info .coverage .coverage.* htmlcov .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find cds tests -name __pycache__ -prune -exec rm -rf {} +

# Each stamp is as new as the installation it stands for.

$(VENV)/.made:
	@python=$$(PYTHON="$(PYTHON)" scripts/find-python) && echo "Making $(VENV) with $$python" && "$$python" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements/build.lock requirements/runtime.lock
	scripts/install $(VENV) requirements/runtime.lock
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements/build.lock requirements/dev.lock
	scripts/install $(VENV) requirements/dev.lock
	@touch $@ $(VENV)/.runtime

$(VENV)/.linked: pyproject.toml | $(VENV)/.runtime
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Tools that share no library with the service: each has an environment of its own.
.venv-lock/.ready .venv-audit/.ready .venv-bench/.ready .venv-stack/.ready: .venv-%/.ready: requirements/%.lock
	@python=$$(PYTHON="$(PYTHON)" scripts/find-python) && "$$python" -m venv --clear $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary=:all: -r $<
	@touch $@
