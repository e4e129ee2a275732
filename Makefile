# One line per target. PORT=8001, TORCH=cpu (the small PyTorch) and DATA=<folder of DICOM> are for `make demo`.
PORT ?= 8000
RUN = .venv/bin/python -m backend.config
SYSTEM_PYTHON := $(shell for p in python3.11 python3 python; do $$p -c '' 2>/dev/null && echo $$p && break; done)
SETUP = $(or $(SYSTEM_PYTHON),echo 'Ninefold needs Python 3.11: https://www.python.org/downloads/' >&2; false) -m backend.config.setup --torch '$(TORCH)'
.PHONY: demo test check e2e bench pictures fuzz chaos fmt types setup setup-dev

demo: setup ; @exec $(RUN).supervisor --seed --port $(PORT) $(if $(DATA),--import "$(DATA)")
test: setup-dev ; @$(RUN).checks && npm --prefix frontend test && .venv/bin/pytest -n 3 --dist loadfile --ignore tests/e2e && .venv/bin/pytest tests/e2e
check: setup-dev ; @$(RUN).checks
e2e: setup-dev ; @.venv/bin/pytest tests/e2e
pictures: setup-dev ; @.venv/bin/pytest tests/e2e/pictures.py -q
bench: setup-dev ; @.venv/bin/pytest tests/bench -o python_files='bench_*.py' -s
fuzz: setup-dev ; @.venv/bin/pytest tests/hostile -o python_files='fuzz_*.py' -s
chaos: setup-dev ; @.venv/bin/pytest tests/chaos -o python_files='chaos_*.py' -s
fmt: setup-dev ; @.venv/bin/ruff check --fix . ; .venv/bin/ruff format . && npm --prefix frontend run fmt
types: setup-dev ; @.venv/bin/python manage.py spectacular --format openapi-json --file openapi.json && npm --prefix frontend run types
setup: ; @$(SETUP)
setup-dev: ; @$(SETUP) --dev --browser
