"""Right answers are kept and wrong ones stopped, from the prompt to the set, over real HTTP.

`right.jsonl` holds answers as a careful person gives them; every one is kept but those that
name why not. Each entry of `wrong.jsonl` names the reason that must stop it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pipeline.core.records import EditKind
from tests.integration.edits.llm.recorded_answers import by_model, read, refused, run_stage, serving

pytestmark = pytest.mark.integration

ALL_KEPT = {"max_minimal": 32, "max_full": 8, "demographics": "allow"}
LEAST_KEPT = 0.95
LEAST_STOPPED = 0.9
ALWAYS = {"characteristic", "demographics", "unsafe"}


def test_right_answers_are_kept_and_every_refusal_is_explained(tmp_path: Path) -> None:
    entries = read("right")
    assert len(entries) == 60
    known = {one["caption"]: one.get("refused", {}) for one in entries}
    with serving({one["caption"]: one for one in entries}) as server:
        results = run_stage(server, list(known), tmp_path, edits=ALL_KEPT)
        assert server.count() == len(entries) // 4, "four captions a request, none asked again"
    lost = 0
    for entry, result in zip(entries, results, strict=True):
        words = {one["new"] for one in entry["edits"]}
        found = refused(result, lambda one: one.kind != EditKind.CAUSAL_ORDER)
        of_model = [
            one for one in found if one.item == "full" or any(word in one.caption for word in words)
        ]
        expected = Counter(known[entry["caption"]].values())
        reasons = Counter(one.reason for one in of_model)
        assert not expected - reasons, (entry["caption"], expected, reasons)
        lost += expected.total()
        assert by_model(result), entry["caption"]
    total = sum(len(one[part]) for one in entries for part in ("edits", "complete", "causal"))
    assert lost <= (1 - LEAST_KEPT) * total


def test_wrong_answers_are_stopped(tmp_path: Path) -> None:
    entries = read("wrong")
    assert len(entries) >= 150
    stopped: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for demographics in ("allow", "off"):
        mine = [
            one
            for one in entries
            if one.get("settings", {}).get("demographics", "allow") == demographics
        ]
        written: dict[str, dict] = defaultdict(lambda: {"edits": [], "complete": [], "causal": []})
        passing: Counter[str] = Counter()
        for one in mine:
            for part in ("edits", "complete", "causal"):
                written[one["caption"]][part] += one.get(part, [])
            passing[one["caption"]] += bool(one.get("passes"))
            asked[one["reason"]] += 1
            stopped[one["reason"]] += not one.get("passes")
        edits = ALL_KEPT | {"demographics": demographics}
        with serving(written) as server:
            results = run_stage(server, list(written), tmp_path / demographics, edits=edits)
        for caption, result in zip(written, results, strict=True):
            kept = by_model(result)
            assert len(kept) <= passing[caption], (caption, kept)
    for reason, number in asked.items():
        if reason in ALWAYS:
            assert stopped[reason] == number, reason
    assert stopped.total() >= LEAST_STOPPED * asked.total()
