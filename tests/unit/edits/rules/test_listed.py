"""Items of captions that list what is in the picture."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind
from pipeline.edits.complete.scene_facts import scene_facts
from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.listed import SUBKINDS, ListedRule

LIST = "image may contain: person, on stage, playing a musical instrument, guitar, night and indoor"


def test_nature_is_not_indoors(replacements) -> None:
    rule = ListedRule(EditKind.ATTRIBUTE)
    text = "image may contain: person, riding on a horse, outdoor"
    assert replacements(rule, text, "outdoor") == {"indoor"}
    assert not replacements(rule, f"{text} and nature", "outdoor")


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        (EditKind.COUNT, "person,", "2 people,"),
        (EditKind.ATTRIBUTE, "indoor", "outdoor"),
        (EditKind.OBJECT, "night", "daytime"),
        (EditKind.OBJECT, "guitar,", "violin,"),
    ],
)
def test_an_item_is_exchanged(rewrite, kind: EditKind, old: str, new: str) -> None:
    assert LIST.replace(old, new) in rewrite(ListedRule(kind), LIST)


def test_a_posture_is_exchanged(rewrite) -> None:
    made = rewrite(ListedRule(EditKind.ACTION), "image may contain: person, sitting and outdoor")
    assert "image may contain: person, standing and outdoor" in made


def test_what_is_listed_already_is_not_put_in(rewrite) -> None:
    text = "image may contain: person, sitting, standing and outdoor"
    assert rewrite(ListedRule(EditKind.ACTION), text) == [
        "image may contain: person, dancing, standing and outdoor",
        "image may contain: person, sitting, dancing and outdoor",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "image may contain: person, riding on a horse, horse and outdoor",
        "a person sitting in the night",
        "image may contain:",
    ],
)
def test_others_are_left_to_the_other_rules(rewrite, text: str) -> None:
    assert rewrite(ListedRule(EditKind.COUNT), text) == []


def test_there_is_a_rule_for_each_kind_and_it_shows_no_scene(parse) -> None:
    doc = parse(LIST)
    proposals = [p for kind in SUBKINDS for p in ListedRule(kind).propose(doc)]
    assert {p.kind for p in proposals} >= {EditKind.COUNT, EditKind.ATTRIBUTE, EditKind.OBJECT}
    assert scene_facts(parsed_caption(doc)) == "it is a list"
