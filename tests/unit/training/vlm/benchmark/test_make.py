from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.records import (
    Anchor,
    CounterfactualSet,
    EditKind,
    RenderedImage,
    RenderedSet,
)  # fmt: skip
from pipeline.core.truth import assign_split
from pipeline.shards.encode import encode_sample
from pipeline.shards.tarball import TarWriter
from pipeline.training.vlm.benchmark.groups import Group, read_groups
from pipeline.training.vlm.benchmark.items import load_picture
from pipeline.training.vlm.benchmark.make import BenchmarkWishes, write_benchmark
from tests.unit.export.exported_run import (
    CAUSE,
    CONTROL,
    EDIT_0,
    EDIT_1,
    NEGATION,
    edit,
    grey,
    write_run,
)  # fmt: skip


def make(run: Path, folder: Path, **wishes: object) -> list[Group]:
    folder.mkdir()
    wished = BenchmarkWishes(**{"split": "all", "drop": 0.0, **wishes})  # type: ignore[arg-type]
    _, groups = write_benchmark(run, folder, wished)
    return groups


def scored_run(root: Path, anchors: int) -> Path:
    """Sets of two edits each; picture `min0` of set n has the score n / 100."""
    (root / "shards").mkdir(parents=True)
    with (root / "shards" / "000000.tar").open("wb") as file:
        writer = TarWriter(file)
        for number in range(anchors):
            caption = f"a red car {number}"
            anchor = Anchor(f"{number:020x}", caption, caption, "cc_tsv", f"c.tsv:{number}")
            edits = (
                edit(EditKind.ATTRIBUTE, caption, f"a blue car {number}"),
                edit(EditKind.OBJECT, caption, f"a red bus {number}"),
            )
            values = {
                "control": (CONTROL, 0.9),
                "min0": (EDIT_0, number / 100),
                "min1": (EDIT_1, 0.5),
            }
            images = tuple(
                RenderedImage(name, grey(value), "p", 1, "s", scores={"image_text": score})
                for name, (value, score) in values.items()
            )  # fmt: skip
            rendered = RenderedSet(CounterfactualSet(anchor, edits, ()), images)
            writer.add(encode_sample(rendered, jpeg_quality=95, provenance={}))
        writer.finish()
    return root


def test_groups_hold_what_belongs_together(tmp_path: Path) -> None:
    groups = make(write_run(tmp_path / "run"), tmp_path / "bench")
    folder = tmp_path / "bench"
    assert {group.kind for group in groups} == {"attribute", "negation", "causal_order"}
    questions = {question.name: question for question in read_groups(folder)}
    found = {}
    for group in groups:
        question = questions[group.id]
        values = [int(round(load_picture(p).mean() / 40)) * 40 for p in question.pictures]
        found[group.kind, question.caption_pairs[0]] = dict(
            zip(question.captions, values, strict=False)
        )
    assert found == {
        ("attribute", ("a red car", "a blue car")): {"a red car": CONTROL, "a blue car": EDIT_0},
        ("attribute", ("a wet street", "a dry street")): {
            "a wet street": CONTROL, "a dry street": EDIT_0,
        },
        ("negation", NEGATION): {NEGATION[0]: CONTROL, NEGATION[1]: EDIT_1},
        ("causal_order", CAUSE): {CAUSE[0]: CONTROL},
    }  # fmt: skip
    # The photograph and the refused picture are in no group, and no picture is there for nothing.
    named = {name for group in groups for name in (group.image_0, group.image_1) if name}
    assert {f"images/{path.name}" for path in (folder / "images").iterdir()} == named


def test_full_counterfactuals_come_when_asked_for(tmp_path: Path) -> None:
    groups = make(write_run(tmp_path / "run"), tmp_path / "bench", kinds=frozenset({"full"}))
    assert [group.kind for group in groups] == ["full"]


def test_kinds_are_balanced_over_anchors(tmp_path: Path) -> None:
    groups = make(scored_run(tmp_path / "run", 30), tmp_path / "bench", per_kind=12)
    assert Counter(group.kind for group in groups) == {"attribute": 12, "object": 12}
    for kind in ("attribute", "object"):
        assert len({group.key for group in groups if group.kind == kind}) == 12
    assert 4 < sum(group.factual for group in groups) < 20


def test_the_worst_scored_pictures_are_left_out(tmp_path: Path) -> None:
    groups = make(scored_run(tmp_path / "run", 20), tmp_path / "bench", drop=0.25)
    kept = {int(group.key, 16) for group in groups if group.kind == "attribute"}
    assert kept == set(range(5, 20))
    assert sum(group.kind == "object" for group in groups) == 15


def test_only_the_split_is_used(tmp_path: Path) -> None:
    run = scored_run(tmp_path / "run", 60)
    keys = {group.key for group in make(run, tmp_path / "bench", split="test")}
    assert keys == {key for key in (f"{n:020x}" for n in range(60)) if assign_split(key) == "test"}
    assert 0 < len(keys) < 15


def test_the_same_again(tmp_path: Path) -> None:
    run = scored_run(tmp_path / "run", 20)
    first = make(run, tmp_path / "a", per_kind=5)
    assert make(run, tmp_path / "b", per_kind=5) == first
    assert make(run, tmp_path / "c", per_kind=5, seed=1) != first
    about = json.loads((tmp_path / "a" / "benchmark.json").read_text("utf-8"))
    assert about["kept"] == {"attribute": 5, "object": 5}
    assert about["considered"] == {"attribute": 20, "object": 20}


def test_without_pictures_it_says_what_is_missing(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", pictures=False)
    with pytest.raises(PermanentError, match="no set in 2 shards has the pictures"):
        make(run, tmp_path / "bench")
    with pytest.raises(ConfigError, match="there are object"):
        BenchmarkWishes(kinds=frozenset({"colour"}))


def test_other_words_are_of_the_caption_and_not_of_an_edits_own_wording(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", neutral={"a red car": "there is a red car"})
    groups = make(run, tmp_path / "bench")
    found = {(group.kind, group.neutral, group.neutral_kind) for group in groups}
    assert found == {
        ("attribute", "there is a red car", "order"), ("attribute", None, None),
        ("negation", None, None), ("causal_order", None, None),
    }  # fmt: skip
    with_words = [question for question in read_groups(tmp_path / "bench") if question.neutral]
    assert [question.captions[question.factual or 0] for question in with_words] == ["a red car"]
