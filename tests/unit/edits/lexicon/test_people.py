"""Exchanges of people."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.people import People, load_people


def test_the_more_common_direction_of_a_pair_is_thinned() -> None:
    lists = {key: [] for key in ("cues", "said", "owned", "paired", "close")}
    table = {
        "gender": {**lists, "pairs": [["groom", "bride", 0.5]]},
        "age_group": {"cues": [], "pairs": [["man", "boy", 4.0]]},
        "pronouns": {"he": "she"},
    }
    assert read_table("people", table, People).exchanges == {
        "groom": (("gender", "bride", 1.0),),
        "bride": (("gender", "groom", 0.5),),
        "man": (("age_group", "boy", 0.25),),
        "boy": (("age_group", "man", 1.0),),
    }


def test_pairs_are_known_people() -> None:
    by_lemma = load_lexicon().nouns.by_lemma
    exchanges = load_people().exchanges
    assert len(exchanges) > 20
    for noun, found in exchanges.items():
        assert by_lemma[noun].cls == "person"
        for _, new, rate in found:
            assert by_lemma[new].cls == "person"
            assert 0 < rate <= 1
