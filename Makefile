# Everything a person or CI runs. `make demo` and `make test` are all that a newcomer needs.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test coverage check format soak clean-demo docs

$(STAMP): constraints.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing locked versions into .venv (once) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

demo: $(STAMP)  ## Migrate sample_data/ into an embedded CRM, check a customer against it, and let a night go over it.
	@$(BIN)/crmetl run
	@echo && echo '$$ crmetl index build'
	@$(BIN)/crmetl index build
	@echo && echo '$$ crmetl check account name=杭州荻铭物流 phone=0571-55502138'
	@$(BIN)/crmetl check account name=杭州荻铭物流 phone=0571-55502138
	@echo && echo '$$ python sample_data/dirt.py     # what people do to a CRM in a day'
	@$(BIN)/python sample_data/dirt.py
	@echo && echo '$$ crmetl nightly'
	@$(BIN)/crmetl nightly

test: $(STAMP)  ## The whole suite.
	$(BIN)/python -m pytest -n 2 --dist worksteal

coverage: $(STAMP)  ## The whole suite with branch coverage, which takes half as long again.
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term

check: $(STAMP)  ## Exactly what CI runs beside the tests: lint, format, types, walls.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: $(STAMP)  ## Long forms of the heavy tests.
	CRMETL_TEST_EXAMPLES=10 $(BIN)/python -m pytest -n 2 --dist worksteal -m "soak or heavy"

clean-demo:  ## Forget the demo's CRM and runs.
	rm -rf runs crm.db*

docs: $(STAMP)  ## Write the pages that are made from the code.
	$(BIN)/python -c "from pathlib import Path; from crmetl.clean import page as rules; from crmetl.faults import page as faults; [Path('docs', f'{name}{end}').write_text(one.page(lang), 'utf-8') for name, one in (('faults', faults), ('rules', rules)) for lang, end in (('en', '.md'), ('zh', '.zh-CN.md'))]"
