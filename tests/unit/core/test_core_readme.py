"""The README says what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from pipeline.config.base import flatten
from pipeline.config.run import RunConfig

spec = importlib.util.spec_from_file_location(
    "readme_tables", Path(__file__).with_name("readme_tables.py")
)
assert spec is not None
assert spec.loader is not None
tables = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tables)
README: Path = tables.README


def test_the_settings_table_is_up_to_date() -> None:
    text = README.read_text("utf-8")
    assert text == tables.with_tables(text), "run: python tests/unit/core/readme_tables.py"


def test_every_setting_is_described() -> None:
    rows = tables.settings_table()
    for key in flatten(RunConfig().model_dump(mode="json")):
        assert f"| `{key}`" in rows
    assert not re.search(r"\|\s+\|$", rows, re.MULTILINE), "a setting has no description"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_files_it_names_exist(name: str) -> None:
    text = (README.parent / name).read_text("utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (README.parent / target).exists(), f"{name} links to {target}"
    for path in re.findall(r"`((?:pipeline|tests|flows|prompts|docker)/[\w./]+\w)`", text):
        assert (README.parent / path).exists(), f"{name} names {path}"
