"""Printed commands and settings are such as counterfactory takes."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from pipeline.config.base import flatten
from pipeline.config.run import RunConfig
from pipeline.edits.lexicon.objects import NounGroups
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.vlm.finetune.config import VlmConfig
from tests.unit.docs.doc_pages import PAGES, ROOT, code_blocks, commands, generate, name, spans

COMMANDS = generate.cli_commands()
RUN_KEYS = set(flatten(RunConfig().model_dump(mode="json")))
FINETUNE_KEYS = set(flatten(FinetuneConfig().model_dump(mode="json")))
VLM_KEYS = set(flatten(VlmConfig().model_dump(mode="json")))
KEYS = RUN_KEYS | FINETUNE_KEYS | VLM_KEYS
KEYS_OF = {"finetune": FINETUNE_KEYS, "train-vlm": VLM_KEYS}
SECTIONS = {key.partition(".")[0] for key in KEYS if "." in key}

PRINTED = [
    pytest.param(words, id=f"{name(page)}: {' '.join(words)}")
    for page in PAGES
    for words in commands(page.read_text("utf-8"))
]


def test_commands_are_printed() -> None:
    assert len(PRINTED) > 30


@pytest.mark.parametrize("words", PRINTED)
def test_a_printed_command_can_be_given(words: list[str]) -> None:
    name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
    command, words = COMMANDS[name], words[name.count(" ") :]
    options = {option: p for p in command.params for option in (*p.opts, *p.secondary_opts)}
    unknown = [word for word in words[1:] if word.startswith("-") and word not in options]
    assert unknown == []
    arguments = [word.replace("…", "x") for word in words[1:]]
    # Parses types, ranges and required arguments; files need not be there.
    command.make_context(words[0], arguments, resilient_parsing=False)


@pytest.mark.parametrize("words", PRINTED)
def test_a_printed_setting_exists(words: list[str]) -> None:
    keys = KEYS_OF.get(words[0], RUN_KEYS)
    for flag, given in zip(words, words[1:], strict=False):
        if flag == "--set":
            key, is_set, value = given.partition("=")
            assert is_set
            assert key in keys or (words[0] == "train-vlm" and key.startswith("weights."))
            if value.startswith(("[", "{")):
                json.loads(value)


@pytest.fixture(scope="module")
def code() -> str:
    return "".join(path.read_text("utf-8") for path in sorted((ROOT / "pipeline").rglob("*.py")))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_settings_and_reasons_named_in_text_exist(page: Path, code: str) -> None:
    """`section.key` in a code span, alone or with its value, or a reason of a reject."""
    unknown = []
    for span in spans(page.read_text("utf-8")):
        found = re.fullmatch(r"(\w+\.\w+)(?:=.+)?", span)
        if not found or found[1].partition(".")[0] not in SECTIONS:
            continue
        if found[1] not in KEYS and f'"{found[1]}"' not in code:
            unknown.append(span)
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_toml_is_a_config_or_a_table_of_bands_or_of_nouns(page: Path) -> None:
    for block in code_blocks(page.read_text("utf-8"), "toml"):
        tree = tomllib.loads(block)
        if all(isinstance(entry, dict) and "members" in entry for entry in tree.values()):
            NounGroups.model_validate(tree)
            continue
        is_config = set(tree) <= set(RunConfig.model_fields)
        RunConfig.model_validate(
            tree
            if is_config
            else {
                "selection": {"bands": tree},
                "scores": {"clip": "builtin:world"},
                "images": {"renderer": "sdxl"},
            }
        )


def test_commands_are_found_however_they_are_started() -> None:
    page = (
        "```bash\nA=1 counterfactory run --limit 3 \\\n    --quiet  # why\n"
        "accelerate launch --module counterfactory run --input x\nmake demo\n```\n"
    )
    assert list(commands(page)) == [["run", "--limit", "3", "--quiet"], ["run", "--input", "x"]]
