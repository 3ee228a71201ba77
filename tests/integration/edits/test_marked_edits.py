"""The rules against 1,800 edits that were read and marked one by one: good ones stay, misses go."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.edits.apply.proposal import apply
from pipeline.edits.stage import EditStage

MARKS = ("grammatical", "single", "contradicts", "visible")
DATA = Path(__file__).parents[2] / "data"
FILES = (
    "caption_marks.jsonl",
    "caption_marks_later.jsonl",
    "caption_marks_blind.jsonl",
    "caption_marks_blind_again.jsonl",
)


def read_rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


ROWS = [row for name in FILES for row in read_rows(name)]
MINIMAL = [row for row in ROWS if row["kind"] != "full"]
STILL_MADE = json.loads((DATA / "caption_misses_left.json").read_text("utf-8"))
"""Ids of misses that the rules still make; a list that may only become shorter."""
DROPPED = frozenset(json.loads((DATA / "caption_goods_dropped.json").read_text("utf-8")))
"""Ids of edits marked good that went when readers who had not seen the rules found too many of
their like silly ("sleeps on stage", "throws a bouquet"); a list that may only become shorter. It
grew once, by 237: relations (157), numbers and exchanges of places are offered only where captions
have such things at such places, because readers refused 28 of 100 relations that lists allowed. It
grew again, by 24, by what the balance kept of next to nothing: colours denied as "rather than a red
one" (now "white, not red,"), denied places and participles, "with no", and "the" as a number. And
by 49: groups of things whose long lists of words let a handful of edits through, the
styles of pictures and a few constructions are no longer exchanged."""
LISTED = "image may contain:"
"""How lists by machines begin, whose items no rule exchanges any more: they repeat each other."""


@pytest.fixture(scope="module")
def possible() -> dict[str, set[tuple[str, str]]]:
    """Anchor → every (factual wording, counterfactual) that the rules stand behind.

    With many choices, because which of several things a contrast denies is drawn.
    """
    stage = EditStage(EditsConfig(demographics="allow"), choices=9)
    anchors = sorted({row["anchor"] for row in MINIMAL})
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for anchor, doc in zip(anchors, stage.parser.parse(anchors), strict=True):
        for proposal in stage.propose(doc):
            try:
                edit = apply(doc, proposal)
            except ValueError:
                continue
            found[anchor].add((edit.factual, edit.caption))
    return found


def is_good(row: dict[str, Any]) -> bool:
    return all(row[mark] for mark in MARKS)


@pytest.mark.integration
def test_the_files_are_what_their_readme_says() -> None:
    readme = (DATA / "README.md").read_text("utf-8")
    files = [read_rows(name) for name in FILES]
    kinds = {row["kind"] for row in ROWS}
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    for rows in files:
        assert len(rows) == 450
        assert all(sum(row["kind"] == kind for row in rows) == 50 for kind in kinds)
    for kind in kinds:
        good = [sum(is_good(row) for row in rows if row["kind"] == kind) for rows in files]
        assert f"| {kind} | {' | '.join(map(str, good))} |" in readme


@pytest.mark.integration
def test_misses_do_not_come_back(possible: dict[str, set[tuple[str, str]]]) -> None:
    made = {
        row["id"]
        for row in MINIMAL
        if not is_good(row) and (row["factual"], row["caption"]) in possible[row["anchor"]]
    }
    assert made <= set(STILL_MADE), f"misses that were gone are made again: {made}"


@pytest.mark.integration
@pytest.mark.parametrize("name", FILES)
def test_good_edits_stay_possible(name: str, possible: dict[str, set[tuple[str, str]]]) -> None:
    """Quality must not be bought by refusing what was right."""
    good = [row for row in read_rows(name) if row["kind"] != "full" and is_good(row)]
    lost = [
        row["id"]
        for row in good
        if (row["factual"], row["caption"]) not in possible[row["anchor"]]
        and row["id"] not in DROPPED
        and not row["anchor"].startswith(LISTED)
    ]
    assert len(lost) <= len(good) // 50, f"{len(lost)} of {len(good)} good edits are lost: {lost}"
