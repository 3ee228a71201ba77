"""Qualities: scales that part their words, and colours that contradict each other."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.attributes import Qualities
from pipeline.edits.lexicon.files import read_table

LEXICON = load_lexicon()
QUALITIES, COLOURS = LEXICON.qualities, LEXICON.qualities.colours


def qualities(**scale: Any) -> Qualities:
    colours: dict[str, Any] = {
        "members": ["red"], "palettes": {}, "class_palettes": {}, "shaded": {},
        **{key: [] for key in ("sources", "alike", "shades", "no_shade", "compound", "not_of")},
    }  # fmt: skip
    scales = {"wet": {"subkind": "state", "nouns": ["road"], **scale}} if scale else {}
    table = {"general": "nice new", "anywhere": "nice", "colours": colours, "scale": scales}
    return read_table("attributes", table, Qualities)


def test_a_word_is_exchanged_for_those_put_in_at_other_poles() -> None:
    found = qualities(poles=[["wooden", "oak"], ["stone"]], put=[["wooden"], ["stone"]])
    scale = found.scales["wet"]
    assert list(scale.exchanges("oak", "road")) == ["stone"]
    assert found.scale_of("oak", "road") is scale
    assert found.scale_of("oak", "cat") is None


@pytest.mark.parametrize(
    ("scale", "says"),
    [
        ({"poles": [["wet"], ["wet", "dry"]], "put": [["wet"], []]}, "at two poles"),
        ({"poles": [["wet"], ["dry"]], "put": [["wet"]]}, "`put` does not match"),
        ({"poles": [["wet"], ["dry"]], "put": [["wet"], ["damp"]]}, "`put` does not match"),
    ],
)
def test_a_scale_that_does_not_part_its_words_is_an_error(scale: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=rf"attributes.toml \[scale.wet\].*{says}"):
        qualities(**scale)


def test_people_and_bodies_have_no_colours() -> None:
    assert list(COLOURS.exchanges("white", LEXICON.nouns.by_lemma["car"], shaded=False))
    for lemma in ("man", "woman", "child", "hand", "face", "skin"):
        assert list(COLOURS.exchanges("white", LEXICON.nouns.by_lemma[lemma], shaded=False)) == []


def test_colours_that_are_put_in_contradict_the_old_one() -> None:
    found = {
        (old, new)
        for old, new in itertools.product(sorted(COLOURS.words), COLOURS.put)
        if new in set(COLOURS.exchanges(old, "car", shaded=False))
    }
    assert ("red", "blue") in found
    assert ("red", "pink") not in found
    assert not any(COLOURS.look_alike(old, new) for old, new in found)


def test_a_shade_stands_only_before_colours_of_which_people_say_it() -> None:
    assert COLOURS.allows_shade("light", "blue")
    assert not COLOURS.allows_shade("bright", "grey")


def test_palettes_hold_colours_that_exist() -> None:
    palettes = (*COLOURS.palettes.values(), *COLOURS.class_palettes.values())
    assert set().union(*palettes) <= COLOURS.words
    assert set().union(*COLOURS.shaded.values()) <= COLOURS.words
    assert any(palettes)


def test_exceptions_of_a_scale_name_words_that_it_puts_in() -> None:
    limited = [scale for scale in QUALITIES.scales.values() if scale.never]
    assert limited
    for scale in limited:
        assert set(scale.never) <= set().union(*scale.put), scale.name


def test_bars_may_be_given_for_several_new_words_at_once() -> None:
    table = qualities().model_dump(by_alias=True, exclude={"bars"})
    table["bars"] = {"dark bright": "night storm", "bright": "soft"}
    bars = read_table("attributes", table, Qualities).bars
    assert bars == {"dark": {"night", "storm"}, "bright": {"night", "storm", "soft"}}


def test_cues_that_a_scale_names_must_be_there() -> None:
    with pytest.raises(ConfigError, match="no table has: \\['rain'\\]"):
        qualities(poles=[["wet"], ["dry"]], put=[["wet"], ["dry"]], cues=["rain"])
