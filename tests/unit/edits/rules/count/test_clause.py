"""Verbs and complements in the clause of a noun."""

from __future__ import annotations

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.count.clause import complements, is_subject_of_any, noun_and_its_verbs


def test_a_noun_is_the_subject_of_its_verb_and_of_the_participle_behind_it(parse) -> None:
    parsed = parsed_caption(parse("a woman holding a cup sits on a bench"))
    noun = parsed.lower.index("woman")
    assert {parsed.lower[i] for i in noun_and_its_verbs(parsed, noun)} == {
        "woman", "holding", "sits",
    }  # fmt: skip
    assert is_subject_of_any(parsed, noun, frozenset({"sit"}))
    assert not is_subject_of_any(parsed, noun, frozenset({"run"}))


def test_complements_are_objects_and_objects_of_prepositions(parse) -> None:
    parsed = parsed_caption(parse("a woman holding a cup sits on a bench"))
    found = complements(parsed, parsed.lower.index("woman"))
    assert {parsed.lower[i] for i in found} == {"cup", "bench"}
