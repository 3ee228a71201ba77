"""The bank of scenes: whole parts, and what of a caption each of them would repeat."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.scene_bank import load_scenes
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma

BANK = load_scenes()
SCENES = [scene for scenes in BANK.scenes.values() for scene in scenes]
GENDERED = frozenset({"man", "woman", "men", "women", "he", "she", "his", "her", "their", "its"})


def test_every_sort_has_scenes_and_something_to_stand_against() -> None:
    assert set(BANK.scenes) == set(BANK.sorts.values())
    nouns = load_lexicon().nouns
    known = {*nouns.by_lemma, *nouns.groups, *(group.cls for group in nouns.groups.values())}
    assert set(BANK.sorts) <= known


def test_parts_are_whole_and_nobody_is_named_by_gender() -> None:
    assert len(SCENES) > 500
    for scene in SCENES:
        assert scene.who
        assert scene.where
        texts = [p.text for p in (*scene.who, scene.doing, *scene.more, *scene.where)]
        words = {word for text in texts for word in text.lower().split()}
        assert not GENDERED & words, texts
        assert all(text == text.strip() and "  " not in text for text in texts)
        assert all(not thing.text.startswith(("a ", "an ", "the ")) for thing in scene.who)


def test_every_doing_can_stand_in_a_sentence() -> None:
    first = {scene.doing.text.partition(" ")[0] for scene in SCENES}
    participles = {word for word in first if word.endswith("ing")}
    assert len(participles) > 50
    for word in participles:
        assert verb_form(verb_lemma(word, "VBG"), "VBG") == word


@pytest.mark.parametrize(
    ("noun", "sort"),
    [("dog", "pets"), ("cow", "farm"), ("woman", "people"), ("car", "road"), ("spider", "insects")],
)
def test_a_noun_has_the_sort_of_itself_its_group_or_its_class(noun: str, sort: str) -> None:
    assert BANK.sort_of(load_lexicon().nouns.by_lemma[noun]) == sort


def test_plurals_of_main_things() -> None:
    assert [BANK.plural(noun) for noun in ("baker", "sheep", "water lily", "zorgblat")] == [
        "bakers", "sheep", "water lilies", "zorgblats",
    ]  # fmt: skip


def test_a_part_repeats_its_words_their_forms_and_what_resembles_them() -> None:
    part = next(s.doing for s in SCENES if s.doing.text == "kneading dough")
    assert {"kneading", "knead", "kneads", "dough"} <= part.repeats
    assert "a" not in part.repeats
