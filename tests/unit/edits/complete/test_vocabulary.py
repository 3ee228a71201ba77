"""Edits that keep to a list of words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.complete.vocabulary import Vocabulary, load_vocabulary

FILE = """
words = ["dog", "dogs", "red", "blue"]
settings = [["on the beach", "by the sea"], ["in a room", "indoors"]]
"""


def write(folder: Path, text: str) -> str:
    file = folder / "words.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_words_of_settings_are_known_too(tmp_path: Path) -> None:
    vocabulary = load_vocabulary(write(tmp_path, FILE))
    assert vocabulary.unknown_word("red dogs by the sea", "") is None
    assert vocabulary.unknown_word("a red cat by the sea", "") == "cat"


def test_a_captions_own_words_are_never_strange(tmp_path: Path) -> None:
    vocabulary = load_vocabulary(write(tmp_path, FILE))
    assert vocabulary.unknown_word("a blue walrus", "a red walrus") is None


def test_a_scene_is_not_moved_to_where_it_is(tmp_path: Path) -> None:
    vocabulary = load_vocabulary(write(tmp_path, FILE))
    assert vocabulary.elsewhere("a red dog by the sea") == ["in a room", "indoors"]


def test_the_order_of_the_words_does_not_change_its_name() -> None:
    some = Vocabulary(frozenset({"a", "b"}), (("x",),))
    assert some.fingerprint == Vocabulary(frozenset({"b", "a"}), (("x",),)).fingerprint
    assert some.fingerprint != Vocabulary(frozenset({"b", "a"}), (("y",),)).fingerprint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("words = 3", "write words"),
        ("words = []", "write words"),
        ('words = ["a"]\nsettings = ["x"]', "write words"),
        ('words = ["a"]\nword = ["a"]', "write words"),
        ("words = [", "no TOML file"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ConfigError, match=says) as caught:
        load_vocabulary(file)
    assert file in str(caught.value)


def test_unknown_names_and_missing_files_are_named() -> None:
    with pytest.raises(ConfigError, match="builtin:moon"):
        load_vocabulary("builtin:moon")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_vocabulary("nowhere/words.toml")


WORLD = load_vocabulary("builtin:world")


@pytest.mark.parametrize(
    "text",
    [
        "two blue fish underneath a large red cat",
        "three small fish beside a tree",
        "a dog and four cats on the beach",
        "on the street, three tiny orange flowers above a big book",
        "there are two cats in a box",
        "a cat in a hat beside a tree",
        "the two umbrellas are open because it is raining",
        "in a room, an umbrella under a green bus",
        "a tiny blue umbrella with one black fish inside on the snow",
        "a wilted flower beside a dog",
        "a dog in a red bus",
        "green dogs over one blue book",
    ],
)
def test_what_the_small_world_never_shows_is_not_offered(text: str) -> None:
    assert WORLD.unknown_word(text, "a red cat") is not None
    assert WORLD.unknown_word(text, text) is None, "the source's own caption is not judged"


@pytest.mark.parametrize(
    "text",
    [
        "four red cats under the stars",
        "there are three tiny houses in winter",
        "two green boats by the sea",
        "a cat in a hat on a wooden floor",
        "a blue fish underneath a large red cat in a room",
        "the red umbrella is open because it is raining",
        "on a city street, two dogs",
        "a dog in a red box on the grass",
        "a huge box with a fish inside",
        "a wilted flower in the dark",
        "an open umbrella under a rain cloud",
        "three umbrellas by the sea",
        "the red flower is wilted because of the sun",
    ],
)
def test_what_it_shows_is(text: str) -> None:
    assert WORLD.unknown_word(text, "a red cat") is None


def test_an_expression_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="write words"):
        load_vocabulary(write(tmp_path, 'words = ["a"]\nnever = ["("]'))
