"""WordNet's files, read from a small dictionary in the real format that the test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from pipeline.adapters import wordnet
from pipeline.adapters.wordnet import WordNet, describe_wordnet, find_wordnet, open_wordnet
from pipeline.core.errors import ConfigError

PREAMBLE = "".join(
    f"  {line} This stands for the licence at the top of each file.  \n" for line in (1, 2)
)

# Name → its words, and its pointers: symbol and name.
Synsets = dict[str, tuple[list[str], list[tuple[str, str]]]]

NOUNS: Synsets = {
    "animal": (["animal", "beast"], []),
    "canine": (["canine"], [("@", "animal")]),
    "dog": (["dog", "domestic_dog"], [("@", "canine"), ("~", "puppy")]),
    "puppy": (["puppy"], [("@", "dog")]),
    "cat": (["cat"], [("@", "animal")]),
    "fellow": (["fellow", "dog"], []),
    "sofa": (["sofa", "couch"], []),
    "bus": (["bus"], []),
    "ice cream": (["ice_cream"], []),
    "rider": (["rider"], []),
    "cyclist": (["cyclist"], [("@", "rider")]),
    "man": (["man"], []),
}
VERBS: Synsets = {
    "go": (["go"], []),
    "move": (["move"], [("@", "go")]),
    "walk": (["walk"], [("@", "move")]),
    "stroll": (["stroll", "saunter"], [("@", "walk")]),
}
ADJECTIVES: Synsets = {
    "large": (["large", "big"], [("&", "huge")]),
    "huge": (["huge"], [("&", "large")]),
    "small": (["small"], [("!", "large")]),
}


def write_part(folder: Path, part: str, letter: str, synsets: Synsets) -> None:
    """data.<part> and index.<part> as wndb(5) describes them, offsets in bytes."""
    offsets = dict.fromkeys(synsets, 0)
    for _ in range(2):  # the first round finds where each line starts
        data = PREAMBLE
        for name, (words, pointers) in synsets.items():
            offsets[name] = len(data.encode())
            listed = " ".join(f"{word} 0" for word in words)
            pointed = "".join(
                f" {symbol} {offsets[to]:08d} {letter} 0000" for symbol, to in pointers
            )
            data += (
                f"{offsets[name]:08d} 05 {letter} {len(words):02x} {listed} "
                f"{len(pointers):03d}{pointed} | a gloss ; with @ 1 n  \n"
            )
    (folder / f"data.{part}").write_text(data, "utf-8")
    senses: dict[str, list[int]] = {}
    for name, (words, _) in synsets.items():
        for word in words:
            senses.setdefault(word, []).append(offsets[name])
    lines = []
    for word, found in sorted(senses.items()):
        places = " ".join(f"{offset:08d}" for offset in found)
        lines.append(f"{word} {letter} {len(found)} 1 @ {len(found)} 0 {places}  \n")
    (folder / f"index.{part}").write_text(PREAMBLE + "".join(lines), "utf-8")


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    write_part(tmp_path, "noun", "n", NOUNS)
    write_part(tmp_path, "verb", "v", VERBS)
    write_part(tmp_path, "adj", "a", ADJECTIVES)
    (tmp_path / "noun.exc").write_text("men man\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "part", "relation"),
    [
        ("dog", "cat", "noun", None),
        ("dog", "puppy", "noun", "hyponym"),
        ("puppies", "Dog", "noun", "hypernym"),
        ("dogs", "animals", "noun", "hypernym"),
        ("animal", "puppy", "noun", "hyponym"),
        ("sofa", "couches", "noun", "synonym"),
        ("dog", "fellow", "noun", None),  # a rare sense of dog makes no kin
        ("ice cream", "ice creams", "noun", "synonym"),
        ("men", "man", "noun", "synonym"),
        ("buses", "bus", "noun", "synonym"),
        ("cyclist", "rider", "noun", "hypernym"),
        ("cyclist", "horse rider", "noun", None),  # more than its last word
        ("dog", "velociraptor", "noun", None),
        ("walking", "strolled", "verb", "hyponym"),
        ("strolls", "go", "verb", None),  # too far up to say anything
        ("big", "large", "adj", "synonym"),
        ("larger", "huge", "adj", "synonym"),
        ("small", "large", "adj", None),
        ("dog", "puppy", "verb", None),
        ("", "dog", "noun", None),
    ],
)
def test_kin_and_strangers(
    dictionary: Path,
    old: str,
    new: str,
    part: Literal["noun", "verb", "adj"],
    relation: str | None,
) -> None:
    assert WordNet(dictionary).relation(old, new, part) == relation


def test_every_word_of_the_index_is_found(dictionary: Path) -> None:
    """Also the first and the last line, and those beside the licence."""
    found = WordNet(dictionary)
    for words, _ in NOUNS.values():
        for word in words:
            assert found.relation(word, word, "noun") == "synonym"


def test_the_fingerprint_follows_the_content(dictionary: Path) -> None:
    before = WordNet(dictionary).fingerprint
    assert WordNet(dictionary).fingerprint == before
    with (dictionary / "data.verb").open("a") as file:
        file.write("  \n")
    assert WordNet(dictionary).fingerprint != before


def test_a_named_folder_must_hold_the_dictionaries(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="apt-get install wordnet-base"):
        open_wordnet(str(tmp_path))


def test_off_is_off_and_auto_takes_what_is_there(
    dictionary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_wordnet("off") is None
    monkeypatch.setattr(wordnet, "FOLDERS", (str(tmp_path / "none"), str(dictionary)))
    opened = open_wordnet("auto")
    assert opened is not None
    assert opened.folder == find_wordnet() == dictionary
    assert describe_wordnet("auto") == str(dictionary)


def test_an_absent_wordnet_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordnet, "FOLDERS", ("/no/such/folder",))
    assert open_wordnet("auto") is None
    assert "apt-get install wordnet-base" in describe_wordnet("auto")


@pytest.mark.skipif(find_wordnet() is None, reason="WordNet is not installed")
def test_the_installed_wordnet_knows_what_it_should() -> None:
    installed = open_wordnet("auto")
    assert installed is not None
    assert installed.relation("dog", "puppy", "noun") == "hyponym"
    assert installed.relation("dog", "cat", "noun") is None
    assert installed.relation("sofa", "couch", "noun") == "synonym"
    assert installed.relation("huge", "large", "adj") == "synonym"
