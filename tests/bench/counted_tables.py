"""Tables of the lexicon that are counted on captions: which captions, and where a table lies."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench_rule_stage import read_anchors

import pipeline.edits.lexicon
from pipeline.edits.apply.case import plain_text
from pipeline.edits.parse.spacy_pipeline import Parser

if TYPE_CHECKING:
    from spacy.tokens import Doc


def named_captions(description: str | None) -> Iterator[Doc]:
    """The parsed captions that the command line names, each file with its number of captions."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("inputs", nargs="+", help="file:number of captions")
    captions = []
    for named in parser.parse_args().inputs:
        path, _, limit = named.rpartition(":")
        captions += [plain_text(anchor.caption) for anchor in read_anchors(path, int(limit))]
    return Parser().parse(captions)


def write_table(name: str, text: str, counted: str) -> None:
    """Write a file of the lexicon, and say what it holds."""
    path = Path(pipeline.edits.lexicon.__file__).parent / name
    path.write_text(text, encoding="utf-8")
    print(f"{path}: {counted}")
