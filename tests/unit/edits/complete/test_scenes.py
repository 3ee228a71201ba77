"""Scenes of the bank: every part fits every other, and each is worded as its caption is."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.scene_bank import load_scenes
from pipeline.edits.complete.scenes import SceneComposer
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma

BANK = load_scenes()
SCENES = [scene for scenes in BANK.scenes.values() for scene in scenes]


def compose(parse, text: str, wanted: int = 1, seed: int = 0, anchor: str = "anchor") -> list[str]:
    made = SceneComposer(seed).compose(anchor, parse(text), wanted)
    return [full.caption for full in made]


@pytest.mark.parametrize(
    ("text", "opening", "closing"),
    [
        ("actor arrives at the premiere of her new film .", ("a ", "an ", "two ", "three "), " ."),
        ("A small dog is sitting on the sandy beach.", ("A ", "An ", "Two ", "Three "), "."),
        ("a painting of a horse standing in a field", ("a painting of ",), ""),
    ],
)
def test_a_scene_opens_and_closes_as_the_caption_does(
    parse, text: str, opening: tuple[str, ...], closing: str
) -> None:
    made = compose(parse, text, wanted=6)
    assert len(made) > 3
    for caption in made:
        assert caption.startswith((*opening, opening[0].replace("a ", "four ")))
        assert caption.endswith(closing)
        assert caption.rstrip(" .")[-1].isalpha()
        assert 8 <= len(caption.split()) <= 60


def test_a_caption_without_articles_gets_a_scene_without_one(parse) -> None:
    made = compose(parse, "young woman riding horse along beach at sunset", wanted=6)
    assert len(made) > 3
    for caption in made:
        assert caption.split()[0] not in {"a", "an", "the"}


def finite(doing: str, tag: str) -> str:
    first, _, rest = doing.partition(" ")
    return f"{verb_form(verb_lemma(first, 'VBG'), tag)} {rest}".strip()


def test_a_sentence_gets_a_sentence(parse) -> None:
    doings = {s.doing.text for s in SCENES if s.doing.text.partition(" ")[0].endswith("ing")}
    told = {finite(doing, tag) for doing in doings for tag in ("VBZ", "VBP")}
    plain = compose(parse, "a chef cooks a meal in the kitchen of the restaurant", 12)
    assert sum(any(f" {form} " in caption for form in told) for caption in plain) > 6
    assert not any(f" {doing} " in caption for doing in doings for caption in plain)
    going_on = compose(parse, "a farmer is feeding a horse behind a small barn", 12)
    said = [(c, d) for c in going_on for d in doings if f" {d} " in c]
    assert len(said) > 6
    assert all(f" is {d} " in c or f" are {d} " in c for c, d in said)


def test_nothing_of_the_caption_comes_back(parse) -> None:
    text = "a brown horse grazing in a green field near the barn"
    made = compose(parse, text, wanted=12)
    assert len(made) > 6
    for caption in made:
        assert not {"horse", "horses", "grazing", "field", "barn"} & set(caption.split())


def test_the_length_follows_the_caption(parse) -> None:
    short = compose(parse, "a red car parked on the street", wanted=12)
    long = compose(
        parse,
        "a shiny red car with white wheels parked on the street in front of an old brick house "
        "beside two trees",
        wanted=12,
    )
    mean = [sum(len(caption.split()) for caption in made) / len(made) for made in (short, long)]
    assert mean[0] + 1 < mean[1]


def test_the_draw_follows_from_seed_and_anchor(parse) -> None:
    text = "two cats sleeping on a wooden table in the kitchen"
    assert compose(parse, text, wanted=4) == compose(parse, text, wanted=4)
    assert compose(parse, text) != compose(parse, text, seed=1)
    assert compose(parse, text) != compose(parse, text, anchor="another")
    assert compose(parse, text, wanted=0) == []


@pytest.mark.parametrize(
    "text",
    [
        "portrait of an old man",  # A baker may be one,
        "the bird is the smartest on earth",  # a robin too,
        "the ridge seen from the top",  # and there may lie a valley.
        "the meaning of life",
        "how to paint a red car",
        "if you could live here",
        "this red car is my new favorite !",
        "view of a dog on a beach",
    ],
)
def test_nothing_is_forced(parse, text: str) -> None:
    assert compose(parse, text) == []
