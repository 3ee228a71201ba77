"""The gate's words are whole and do not contradict each other."""

from __future__ import annotations

from pipeline.edits.lexicon.gate_words import load_characteristics, load_gate_words


def test_phrases_of_assistants_are_found_as_whole_words() -> None:
    talking = load_gate_words().talking
    assert talking.search("here is a caption for you")
    assert not talking.search("a sure-footed goat measures nothing")


def test_doings_and_relations_are_sets_of_at_least_two() -> None:
    words = load_gate_words()
    assert words.doings
    assert all(len(one) > 1 for one in (*words.doings, *words.same_relations.values()))


def test_nobody_is_of_both_genders() -> None:
    gender = load_characteristics().gender
    assert gender.male
    assert not gender.male & gender.female


def test_a_star_stands_for_an_ending_and_nothing_else() -> None:
    religion = load_characteristics().religion
    assert religion.anywhere.search("two muslims pray")
    assert not religion.anywhere.search("a monkey and a rabbit")
