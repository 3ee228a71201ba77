"""The group of nouns that docs/extending.md adds makes the edit that the page prints."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.unit.docs.doc_pages import ROOT, code_blocks, commands

PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")
CLI = "from pipeline.cli.app import app; app()"


def link(source: Path, target: Path, copied: Sequence[str]) -> None:
    """Make `target` a copy of a folder in which all is linked but the folders of one path."""
    target.mkdir()
    for entry in source.iterdir():
        if copied and entry.name == copied[0]:
            link(entry, target / entry.name, copied[1:])
        elif entry.name != "__pycache__":
            (target / entry.name).symlink_to(entry)


def test_the_new_group_of_the_page_gives_the_edit_that_the_page_prints(tmp_path: Path) -> None:
    (group,) = code_blocks(PAGE, "toml")
    assert len(group.splitlines()) <= 12
    (printed,) = (block for block in code_blocks(PAGE, "text") if "worktop_machines" in block)
    caption = next(words[1] for words in commands(PAGE) if words[0] == "explain")
    link(ROOT / "pipeline", tmp_path / "pipeline", ["edits", "lexicon"])
    nouns = tmp_path / "pipeline" / "edits" / "lexicon" / "objects.toml"
    before = nouns.read_text("utf-8")
    assert tomllib.loads(group).keys().isdisjoint(tomllib.loads(before))
    nouns.unlink()
    nouns.write_text(f"{before}\n{group}", "utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", CLI, "explain", caption],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed in ran.stdout
