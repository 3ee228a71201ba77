"""The lexicon contradicts itself nowhere."""

from __future__ import annotations

import itertools

import pytest

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.attributes import read_qualities
from pipeline.edits.lexicon.coverage import measure_coverage
from pipeline.edits.lexicon.inflection import plural_of, verb_form, verb_lemma
from pipeline.edits.lexicon.objects import read_nouns
from pipeline.edits.rules.object.people import load_people

LEXICON = load_lexicon()
QUALITIES = LEXICON.qualities


def test_a_noun_in_two_groups_is_an_error() -> None:
    groups = {
        "pets": {"class": "animal", "members": ["dog", "cat"]},
        "beasts": {"class": "animal", "members": ["dog"]},
    }
    with pytest.raises(ValueError, match="'dog' is in"):
        read_nouns(groups)


def test_kin_that_the_lexicon_does_not_know_is_an_error() -> None:
    groups = {"pets": {"class": "animal", "members": ["dog"], "kin": [["dog", "puppyy"]]}}
    with pytest.raises(ValueError, match="puppyy"):
        read_nouns(groups)


def test_a_word_at_two_poles_is_an_error() -> None:
    table = {
        "general": "nice",
        "colours": {
            "members": ["red"], "sources": [], "alike": [], "palettes": {}, "shades": [],
            "no_shade": [], "compound": [], "class_palettes": {},
        },
        "scale": {
            "wet": {"subkind": "state", "poles": [["wet"], ["wet", "dry"]], "put": [["wet"], []]}
        },
    }  # fmt: skip
    with pytest.raises(ValueError, match="two poles"):
        read_qualities(table)


@pytest.mark.parametrize(
    ("one", "other"),
    [("dog", "puppy"), ("car", "taxi"), ("boat", "sailboat"), ("beach", "shore"),
     ("sofa", "couch"), ("fall", "autumn"), ("coffee", "tea"), ("tree", "palm tree")],
)  # fmt: skip
def test_things_that_resemble_or_include_each_other_are_never_exchanged(
    one: str, other: str
) -> None:
    nouns = LEXICON.nouns
    assert other not in {noun.lemma for noun in nouns.exchanges(nouns.by_lemma[one])}
    assert one not in {noun.lemma for noun in nouns.exchanges(nouns.by_lemma[other])}


def test_every_exchange_keeps_number_and_mass() -> None:
    for noun in LEXICON.nouns.by_lemma.values():
        for other in LEXICON.nouns.exchanges(noun):
            assert other.mass == noun.mass
            assert other.lemma != noun.lemma


def test_people_and_bodies_have_no_colours() -> None:
    colours = QUALITIES.colours
    for lemma in ("man", "woman", "child", "hand", "face", "skin"):
        assert list(colours.exchanges("white", LEXICON.nouns.by_lemma[lemma], shaded=False)) == []


def test_colours_that_are_put_in_contradict_the_old_one() -> None:
    colours = QUALITIES.colours
    for old, new in itertools.product(sorted(colours.words), colours.put):
        if new in set(colours.exchanges(old, "car", shaded=False)):
            assert not colours.look_alike(old, new)
    assert "pink" not in set(colours.exchanges("red", "car", shaded=False))


def test_palettes_hold_colours_that_exist() -> None:
    colours = QUALITIES.colours
    for palette in (*colours.palettes.values(), *colours.class_palettes.values()):
        assert set(palette) <= colours.words
    assert set().union(*colours.shaded.values()) <= colours.words


def test_exceptions_of_a_scale_name_words_that_it_puts_in() -> None:
    for scale in QUALITIES.scales:
        put = {word for pole in scale.put for word in pole}
        assert set(scale.never) <= put, scale.name


def test_every_verb_that_is_put_in_can_be_inflected() -> None:
    for frame in LEXICON.actions.frames:
        for verb in {phrase.split()[0] for phrase in frame.put}:
            assert verb_form(verb, "VBG").endswith("ing")
            assert verb_lemma(verb_form(verb, "VBZ"), "VBZ") == verb


def test_demographic_pairs_are_known_people() -> None:
    for noun, exchanges in load_people().exchanges.items():
        assert LEXICON.nouns.by_lemma[noun].cls == "person"
        for _, new, rate in exchanges:
            assert LEXICON.nouns.by_lemma[new].cls == "person"
            assert 0 < rate <= 1


@pytest.mark.parametrize(
    ("singular", "plural"),
    [("child", "children"), ("wolf", "wolves"), ("sheep", "sheep"), ("fire truck", "fire trucks"),
     ("fisherman", "fishermen"), ("bow and arrow", "bows and arrows"), ("bus", "buses"),
     ("ottoman", "ottomans"), ("goose", "geese")],
)  # fmt: skip
def test_plurals(singular: str, plural: str) -> None:
    assert plural_of(singular) == plural


@pytest.mark.parametrize(
    ("verb", "tag", "form"),
    [("lie", "VBG", "lying"), ("sit", "VBG", "sitting"), ("fly", "VBZ", "flies"),
     ("run", "VBD", "ran"), ("ride", "VB", "ride")],
)  # fmt: skip
def test_verb_forms(verb: str, tag: str, form: str) -> None:
    assert verb_form(verb, tag) == form


def test_coverage_counts_known_and_unknown_words(parse) -> None:
    coverage = measure_coverage([parse("a dog and a zorgblat sit on a table")], LEXICON)
    assert 0.5 < coverage.nouns < 1
    assert coverage.verbs == 1
    assert [word for word, _ in coverage.unknown_nouns] == ["zorgblat"]
