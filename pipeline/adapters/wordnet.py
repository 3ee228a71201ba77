"""WordNet's own dictionary files, asked one question: do two words mean nearly the same?

The files are plain text, sorted, and have not changed their form since 1998 (the manual
page wndb(5) describes it), so they are searched in place: nothing is loaded or parsed
ahead. Debian and Ubuntu have them as `wordnet-base`; NLTK's `wordnet` corpus is the same.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pipeline.adapters.hub import hash_file
from pipeline.core.errors import ConfigError

VERSION = 1
"""Raise it when the same dictionaries would give another answer."""

FOLDERS = (
    "/usr/share/wordnet",
    "/usr/local/share/wordnet",
    "/usr/share/nltk_data/corpora/wordnet",
    "~/nltk_data/corpora/wordnet",
)
"""Where `auto` looks, in this order."""

REMEDY = "apt-get install wordnet-base, or set checks.wordnet to a folder with data.noun in it"

PartOfSpeech = Literal["noun", "verb", "adj"]

MAX_SENSES: dict[PartOfSpeech, int] = {"noun": 1, "verb": 1, "adj": 2}
"""Senses of a word that count. WordNet lists the commonest first; rare ones relate
words falsely: `dog` is also a kind of man, and `cat` a kind of woman."""

MOST_SENSES = 3
"""Senses that count where two words are known to name like things: "vessel" is first a tube."""

HYPERNYM_LEVELS: dict[PartOfSpeech, int] = {"noun": 8, "verb": 2, "adj": 0}
"""Levels up in which a more general word is looked for. Verbs soon become `move` or `act`."""

_HYPERNYMS = {"@", "@i"}
_SIMILAR = "&"

_ENDINGS: dict[PartOfSpeech, tuple[tuple[str, str], ...]] = {
    "noun": (("ches", "ch"), ("shes", "sh"), ("ses", "s"), ("xes", "x"), ("zes", "z"),
             ("men", "man"), ("ies", "y"), ("s", "")),
    "verb": (("ies", "y"), ("es", "e"), ("es", ""), ("s", ""), ("ed", "e"), ("ed", ""),
             ("ing", "e"), ("ing", "")),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
}  # fmt: skip
"""WordNet's own rules of detachment (morphy)."""

Sense = tuple[PartOfSpeech, int]


Pointer = tuple[str, Sense]


class _SortedLines:
    """A text file with sorted lines, mapped into memory."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def at(self, offset: int) -> str:
        """The line that starts at a byte."""
        end = self._data.find(b"\n", offset)
        return self._data[offset : end if end >= 0 else len(self._data)].decode("utf-8")

    def find(self, word: str) -> str | None:
        """The line whose first field is `word`."""
        wanted = word.encode("utf-8") + b" "
        low, high = 0, len(self._data)
        while low < high:
            start = self._data.rfind(b"\n", 0, (low + high) // 2) + 1
            line = self._data[start : start + len(wanted)]
            if line == wanted:
                return self.at(start)
            if line < wanted:
                end = self._data.find(b"\n", start)
                low = end + 1 if end >= 0 else high
            else:
                high = start
        return None


class WordNet:
    """Answers from the dictionary files in one folder; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Open the files.

        Raises:
            ConfigError: One of them is missing, empty or unreadable.
        """
        parts: tuple[PartOfSpeech, ...] = ("noun", "verb", "adj")
        names = [f"{kind}.{part}" for part in parts for kind in ("index", "data")]
        try:
            files = {name: _SortedLines(folder / name) for name in names}
            digest = "".join(hash_file(folder / name) for name in names)
            self._irregular = {part: _read_irregular(folder / f"{part}.exc") for part in parts}
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"checks.wordnet: {folder} does not hold WordNet's dictionaries ({error}); {REMEDY}"
            ) from error
        self.folder = folder
        self.fingerprint = hashlib.sha256(f"{VERSION} {digest}".encode()).hexdigest()[:16]
        self._files = files
        self._known = lru_cache(maxsize=65_536)(self._relation)

    def relation(
        self, old: str, new: str, part: PartOfSpeech, /, *, any_sense: bool = False
    ) -> str | None:
        """How `new` is related to `old`: "synonym", "hypernym", "hyponym"; None if it is not.

        Words that the dictionary does not hold are related to nothing. With `any_sense` rare
        senses count too: for words that are known to name like things.
        """
        return self._known(old, new, part, any_sense)

    def _relation(self, old: str, new: str, part: PartOfSpeech, any_sense: bool) -> str | None:
        most = MOST_SENSES if any_sense else MAX_SENSES[part]
        olds, old_whole = self._senses(old, part, most)
        news, new_whole = self._senses(new, part, most)
        if (old_whole and new_whole) and (set(olds) & set(news) or self._are_similar(olds, news)):
            return "synonym"
        # "horse rider" is found by its last word alone, and is not above "cyclist" as a
        # bare "rider" is: the more general side must be known as it stands.
        if new_whole and set(news) & set(self._hypernyms(olds, part)):
            return "hypernym"
        if old_whole and set(olds) & set(self._hypernyms(news, part)):
            return "hyponym"
        return None

    def _are_similar(self, olds: list[Sense], news: list[Sense]) -> bool:
        """Adjectives of which one is a shade of the other, such as huge and large."""
        return any(
            symbol == _SIMILAR and target in others
            for ones, others in ((olds, news), (news, olds))
            for sense in ones
            for symbol, target in self._pointers(sense)
        )

    def _hypernyms(self, senses: list[Sense], part: PartOfSpeech) -> Iterator[Sense]:
        """Everything more general, level by level."""
        level = set(senses)
        for _ in range(HYPERNYM_LEVELS[part]):
            level = {
                target
                for sense in level
                for symbol, target in self._pointers(sense)
                if symbol in _HYPERNYMS
            }
            yield from sorted(level)

    def _senses(self, words: str, part: PartOfSpeech, most: int | None) -> tuple[list[Sense], bool]:
        """The commonest senses, and whether they are those of the whole phrase.

        A phrase that is not in WordNet has the senses of its last word.
        """
        phrase = " ".join(words.lower().split())
        if not phrase:
            return [], False
        last = phrase.rpartition(" ")[2]
        for form in (phrase.replace(" ", "_"), phrase.replace(" ", "-"), last):
            for lemma in self._lemmas(form, part):
                line = self._files[f"index.{part}"].find(lemma)
                if line is not None:
                    fields = line.split()
                    offsets = fields[-int(fields[2]) :][:most]
                    return [
                        (part, int(offset)) for offset in offsets
                    ], form != last or form == phrase
        return [], False

    def _lemmas(self, form: str, part: PartOfSpeech) -> Iterator[str]:
        yield form
        yield from self._irregular[part].get(form, ())
        for ending, instead in _ENDINGS[part]:
            if form.endswith(ending) and len(form) > len(ending) + 1:
                yield form.removesuffix(ending) + instead

    def _pointers(self, sense: Sense) -> Iterator[Pointer]:
        """Symbol and target of each pointer to a sense of the same part of speech."""
        part, offset = sense
        fields = self._files[f"data.{part}"].at(offset).split(" | ")[0].split()
        after_words = 4 + 2 * int(fields[3], 16)
        number = int(fields[after_words])
        for start in range(after_words + 1, after_words + 1 + 4 * number, 4):
            symbol, target, kind = fields[start : start + 3]
            if kind in {part[0], "s"}:  # "s" is an adjective too, near to another
                yield symbol, (part, int(target))


def _read_irregular(path: Path) -> dict[str, tuple[str, ...]]:
    """Irregular form → base forms; a folder without the file has none."""
    if not path.is_file():
        return {}
    lines = (line.split() for line in path.read_text("utf-8").split("\n"))
    return {fields[0]: tuple(fields[1:]) for fields in lines if len(fields) > 1}


def find_wordnet() -> Path | None:
    """The first of :data:`FOLDERS` that holds dictionaries."""
    folders = (Path(name).expanduser() for name in FOLDERS)
    return next((folder for folder in folders if (folder / "data.noun").is_file()), None)


def open_wordnet(setting: str) -> WordNet | None:
    """Open what `checks.wordnet` asks for; None where it is off, or `auto` finds nothing.

    Raises:
        ConfigError: A folder was named and holds no dictionaries.
    """
    if setting == "off":
        return None
    if setting != "auto":
        return WordNet(Path(setting).expanduser())
    folder = find_wordnet()
    return WordNet(folder) if folder else None


def describe_wordnet(setting: str) -> str:
    """One line for a person: where WordNet is, or how to get it."""
    if setting == "off":
        return "off: only the lexicon's extract refuses synonyms and kinds of the same thing"
    folder = Path(setting).expanduser() if setting != "auto" else find_wordnet()
    if folder is None:
        return (
            "not found, so only the packaged extract recognises synonyms in what a language model "
            f"writes; {REMEDY}"
        )
    return str(folder)
