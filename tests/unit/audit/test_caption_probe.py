"""A trained probe finds what tells, and nothing where nothing does."""

from __future__ import annotations

import builtins
import random
from dataclasses import replace

import pytest

from pipeline.audit.caption_probe import characters, probe_captions, words_and_pairs
from pipeline.audit.text import TextPair
from pipeline.core.errors import ConfigError

THINGS = ("dog", "cat", "horse", "cow", "bird", "sheep")
PLACES = ("lawn", "street", "beach", "hill", "bridge", "roof", "field", "pier")


def pairs(new: tuple[str, ...], number: int = 300, seed: int = 1) -> list[TextPair]:
    """Things become others; with all of THINGS, each about as often false as true."""
    chance = random.Random(seed)
    found = []
    for i in range(number):
        old = chance.choice(THINGS)
        other = chance.choice([thing for thing in new if thing != old])
        place = chance.choice(PLACES)
        found.append(
            TextPair(f"a{i}", "object", f"a {old} on a {place}", f"a {other} on a {place}", "pets")
        )
    return found


def test_words_that_come_both_ways_tell_nothing() -> None:
    (line,) = probe_captions(pairs(THINGS))
    assert (line.kind, line.subkind, line.pairs) == ("object", "", 300)
    assert line.low <= 0.55
    assert not line.is_marked


def test_a_word_that_only_comes_in_is_found_and_named() -> None:
    (line,) = probe_captions(pairs(("zebra",)))
    assert line.accuracy > 0.95
    assert line.is_marked
    assert line.low <= line.accuracy <= line.high
    assert any("zebra" in name and weight > 0 for name, weight in line.telling)


def test_a_pair_of_words_is_found_where_no_single_word_tells() -> None:
    chance = random.Random(2)
    found = []
    for i in range(300):
        both = chance.sample(("red", "blue"), 2)
        natural = {"red": "rose", "blue": "sky"}[both[0]]
        found.append(TextPair(f"a{i}", "attribute", f"{both[0]} {natural}", f"{both[1]} {natural}"))
    (line,) = probe_captions(found)
    assert line.accuracy == 1
    assert line.is_marked


def test_kinds_subkinds_and_all_have_lines_of_their_own() -> None:
    told = [
        TextPair(f"b{i}", "negation", "a man sits", "a man does not sit", f"s{i % 2}")
        for i in range(120)
    ]
    lines = probe_captions([*pairs(THINGS), *told])
    assert [(line.kind, line.subkind) for line in lines] == [
        ("negation", ""), ("negation", "s0"), ("negation", "s1"), ("object", ""), ("all", ""),
    ]  # fmt: skip
    assert lines[0].accuracy == 1


def test_few_sets_and_equal_captions_are_no_finding() -> None:
    assert probe_captions(pairs(("zebra",), number=19)) == []
    assert probe_captions([]) == []
    same = [TextPair(f"a{i}", "object", "a dog", "a dog") for i in range(60)]
    (line,) = probe_captions(same)
    assert line.accuracy == 0.5


def test_the_same_pairs_give_the_same_lines() -> None:
    found = pairs(THINGS)
    assert probe_captions(found, characters) == probe_captions(found, characters)


def test_what_a_probe_reads() -> None:
    assert words_and_pairs("A dog!") == ["a", "dog", "^ a", "a dog", "dog $"]
    assert "Do" in characters("Dog")
    assert " Dog " in characters("Dog")


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"counterfactory\[audit\]"):
        probe_captions(pairs(THINGS))


def test_by_weight_a_word_that_is_weighed_up_tells_nothing() -> None:
    """Zebras come in nine times for each that goes, and count a ninth."""
    there = [replace(pair, weight=1 / 9) for pair in pairs(("zebra",), 450)]
    back = [
        replace(pair, anchor_id=f"b{i}", factual=pair.caption, caption=pair.factual, weight=1.0)
        for i, pair in enumerate(there[:50])
    ]
    plain, weighted = probe_captions(there + back)
    assert plain.features == "words, word pairs, length"
    assert weighted.features == f"{plain.features}, by weight"
    assert plain.accuracy > 0.8
    assert plain.is_marked
    assert weighted.accuracy < 0.6
    assert not weighted.is_marked
    assert weighted.low <= weighted.accuracy <= weighted.high
