"""Plurals and verb forms: irregular ones, those by spelling, and lemminflect's."""

from __future__ import annotations

import pytest

from pipeline.edits.lexicon.inflection import plural_of, singular_of, verb_form, verb_lemma


@pytest.mark.parametrize(
    ("singular", "plural"),
    [("child", "children"), ("wolf", "wolves"), ("sheep", "sheep"), ("fire truck", "fire trucks"),
     ("fisherman", "fishermen"), ("bow and arrow", "bows and arrows"), ("bus", "buses"),
     ("ottoman", "ottomans"), ("goose", "geese"), ("berry", "berries"), ("toy", "toys")],
)  # fmt: skip
def test_plurals(singular: str, plural: str) -> None:
    assert plural_of(singular) == plural


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("zorgblats", "zorgblat"), ("berries", "berry"), ("boxes", "box"), ("glass", "glass")],
)
def test_singulars_by_spelling(plural: str, singular: str) -> None:
    assert singular_of(plural) == singular


@pytest.mark.parametrize(
    ("verb", "tag", "form"),
    [("lie", "VBG", "lying"), ("sit", "VBG", "sitting"), ("fly", "VBZ", "flies"),
     ("run", "VBD", "ran"), ("ride", "VB", "ride"), ("be", "VBP", "are"),
     ("zorgle", "VBZ", "zorgles")],
)  # fmt: skip
def test_verb_forms(verb: str, tag: str, form: str) -> None:
    assert verb_form(verb, tag) == form


def test_verb_lemmas() -> None:
    assert verb_lemma("riding", "VBG") == "ride"
    assert verb_lemma("sat", "VBD") == "sit"
