from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.benchmark.groups import (
    ABOUT,
    GROUPS,
    About,
    Group,
    about_to_json,
    group_to_line,
    read_about,
    read_groups,
)  # fmt: skip

PAIR = Group("k-min0", "k", "swap", "", "b", "a", "images/1.jpg", "images/0.jpg", 1, 0.5)
SINGLE = Group("k-min1", "k", "causal_order", "", "b", "a", None, "images/0.jpg", 1)
ABOUT_IT = About("run", "test", 100, 0.2, 0, {"swap": 3}, {"swap": 1}, {"swap": 2}, "clip")


def write(folder: Path, text: str) -> Path:
    (folder / GROUPS).write_text(text, "utf-8")
    return folder


def test_groups_come_back_as_questions(tmp_path: Path) -> None:
    pair, single = read_groups(write(tmp_path, group_to_line(PAIR) + group_to_line(SINGLE)))
    assert (pair.captions, pair.factual) == (("b", "a"), 1)
    assert [picture.path.name for picture in pair.pictures] == ["1.jpg", "0.jpg"]
    # With one picture the true caption comes first.
    assert (single.captions, single.factual) == (("a", "b"), None)
    assert [picture.path.name for picture in single.pictures] == ["0.jpg"]
    assert pair.group == single.group == "k"


def test_damage_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"groups\.jsonl is not there"):
        read_groups(tmp_path)
    write(tmp_path, group_to_line(PAIR) + '{"id": "x"}\n')
    with pytest.raises(ConfigError, match=r"groups\.jsonl:2 is no group: \w+"):
        read_groups(tmp_path)


def test_about_comes_back(tmp_path: Path) -> None:
    (tmp_path / ABOUT).write_text(about_to_json(ABOUT_IT), "utf-8")
    assert read_about(tmp_path) == ABOUT_IT


@pytest.mark.parametrize(("text", "message"), [("{}", "damaged: source"), (None, "make one with")])
def test_what_is_no_benchmark_is_said(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / ABOUT).write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        read_about(tmp_path)


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    newer = about_to_json(ABOUT_IT).replace('"version": 1', '"version": 2')
    (tmp_path / ABOUT).write_text(newer, "utf-8")
    with pytest.raises(ConfigError, match="update counterfactory"):
        read_about(tmp_path)


def test_other_words_stay_with_the_caption_that_was_not_edited(tmp_path: Path) -> None:
    told = [replace(group, neutral="c", neutral_kind="order") for group in (PAIR, SINGLE)]
    pair, single = read_groups(write(tmp_path, "".join(map(group_to_line, told))))
    assert pair.texts == ("b", "a", "c")
    assert single.texts == ("a", "b", "c")
    assert pair.neutral_kind == single.neutral_kind == "order"
    plain = group_to_line(PAIR).replace(', "neutral": null, "neutral_kind": null', "")
    assert read_groups(write(tmp_path, plain))[0].texts == ("b", "a"), "made by an older version"
