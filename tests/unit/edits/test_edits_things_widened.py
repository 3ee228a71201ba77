"""Things and people that the rules left alone although something else may stand there."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon


def test_only_paintings_are_put_before_of() -> None:
    nouns = load_lexicon().nouns
    assert nouns.groups["statues"].of_only == {"painting"}
    assert not nouns.groups["statues"].of
