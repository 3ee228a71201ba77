"""Visible qualities: colours, and scales whose poles exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.edits.lexicon.objects import Noun


@dataclass(frozen=True, slots=True)
class Colours:
    """Colour words.

    Attributes:
        put: Colours that may be put in, the usual ones first.
        words: Every colour word.
        alike: Sets of colours that look too alike to be exchanged.
        palettes: Noun → the only colours that it may be given.
        class_palettes: The same for groups and classes of nouns.
        shades: Words that may stand before a colour.
        no_shade: Colours that take no shade.
        compound: Words that make one colour name with the next one.
        shaded: Shade → colours that it may stand before.
        not_of: Nouns before which a colour is a name, a kind or a figure of speech.
    """

    put: tuple[str, ...]
    words: frozenset[str]
    alike: tuple[frozenset[str], ...]
    palettes: Mapping[str, tuple[str, ...]]
    class_palettes: Mapping[str, tuple[str, ...]]
    shades: frozenset[str]
    no_shade: frozenset[str]
    compound: frozenset[str]
    shaded: Mapping[str, frozenset[str]]
    not_of: frozenset[str]

    def palette(self, noun: Noun | str) -> tuple[str, ...]:
        """Colours that a thing may be given; none for people and their skin.

        A noun given as a word, because the lexicon does not know it, takes any colour.
        """
        if isinstance(noun, str):
            return self.palettes.get(noun, self.put)
        own = self.palettes.get(noun.lemma)
        if own is not None:
            return own
        of_group = self.class_palettes.get(noun.group.name)
        return of_group if of_group is not None else self.class_palettes.get(noun.cls, self.put)

    def exchanges(self, colour: str, noun: Noun | str, *, shaded: bool) -> Iterator[str]:
        """Colours that `noun` may have instead of `colour`."""
        for other in self.palette(noun):
            if other == colour or (shaded and other in self.no_shade):
                continue
            if not self.look_alike(colour, other):
                yield other

    def suits_shade(self, shade: str, colour: str) -> bool:
        """Whether people say `shade colour`: "light blue", never "bright grey"."""
        allowed = self.shaded.get(shade)
        return allowed is None or colour in allowed

    def look_alike(self, one: str, other: str) -> bool:
        """Whether two colours are too near to contradict each other."""
        return one == other or any(one in line and other in line for line in self.alike)


@dataclass(frozen=True, slots=True)
class Scale:
    """One quality with poles that exclude each other.

    Attributes:
        name: Name of the scale.
        subkind: Label of its edits: "size", "material", "state", "shape" and so on.
        poles: Words of each pole.
        put: Words of each pole that may be put in.
        fits: Classes and groups of nouns that have this quality.
        nouns: Single nouns that have it.
        unless: Nouns of those that do not.
        never: New word → nouns that it does not suit.
        never_source: Words that are not replaced, though they show the pole.
    """

    name: str
    subkind: str
    poles: tuple[frozenset[str], ...]
    put: tuple[tuple[str, ...], ...]
    fits: frozenset[str]
    nouns: frozenset[str]
    unless: frozenset[str]
    never: Mapping[str, frozenset[str]]
    never_source: frozenset[str]

    def exchanges(self, word: str, noun: str) -> Iterator[str]:
        """Words of the other poles that suit `noun`, and what its last word names."""
        last = noun.rpartition(" ")[2]
        for pole, put in zip(self.poles, self.put, strict=True):
            if word in pole:
                continue
            for other in put:
                if self.never.get(other, frozenset()).isdisjoint((noun, last)):
                    yield other


@dataclass(frozen=True, slots=True)
class Qualities:
    """Everything that adjectives may change.

    Attributes:
        colours: Colour words.
        scales: All scales.
        by_word: Adjective → scales that hold it.
        general: Adjectives that can be said of nearly anything.
        anywhere: Those of them that can, although a scale names only some things.
    """

    colours: Colours
    scales: tuple[Scale, ...]
    by_word: Mapping[str, tuple[Scale, ...]]
    general: frozenset[str]
    anywhere: frozenset[str]

    def scale_of(self, word: str, noun: Noun | str) -> Scale | None:
        """The scale on which `word` says something about `noun`.

        A noun given as a word, because the lexicon does not know it as a thing, is found
        only where a scale names it.
        """
        lemma = noun if isinstance(noun, str) else noun.lemma
        kinds = frozenset() if isinstance(noun, str) else {noun.cls, noun.group.name}
        scales = self.by_word.get(word, ())
        for scale in scales:
            if lemma not in scale.unless and (lemma in scale.nouns or kinds & scale.fits):
                return scale
        # "a traditional sailing boat": what is said of a boat can be said of this one.
        last = lemma.rpartition(" ")[2]
        if last == lemma:
            return None
        return next((s for s in scales if last in s.nouns and not {last, lemma} & s.unless), None)


def read_qualities(table: Mapping[str, object]) -> Qualities:
    """Build the qualities from attributes.toml.

    Raises:
        ValueError: A word stands at two poles of one scale, or a put word at none.
    """
    scales = tuple(_scale(name, entry) for name, entry in _table(table["scale"]).items())
    by_word: dict[str, tuple[Scale, ...]] = {}
    for scale in scales:
        for pole in scale.poles:
            for word in pole - scale.never_source:
                by_word[word] = (*by_word.get(word, ()), scale)
    general = frozenset(str(table["general"]).split())
    anywhere = frozenset(str(table["anywhere"]).split())
    if not anywhere <= general:
        raise ValueError(f"attributes.toml: not in general: {sorted(anywhere - general)}")
    return Qualities(_colours(_table(table["colours"])), scales, by_word, general, anywhere)


def _colours(entry: Mapping[str, object]) -> Colours:
    put = _words(entry["members"])
    return Colours(
        put=put,
        words=frozenset(put) | frozenset(_words(entry["sources"])) | {"blonde", "blond"},
        alike=tuple(frozenset(_words(line)) for line in _list(entry["alike"])),
        palettes={noun: _words(value) for noun, value in _table(entry["palettes"]).items()},
        class_palettes={
            cls: _words(value) for cls, value in _table(entry["class_palettes"]).items()
        },
        shades=frozenset(_words(entry["shades"])),
        no_shade=frozenset(_words(entry["no_shade"])),
        compound=frozenset(_words(entry["compound"])),
        shaded={
            shade: frozenset(_words(value)) for shade, value in _table(entry["shaded"]).items()
        },
        not_of=frozenset(_words(entry["not_of"])),
    )


def _scale(name: str, value: object) -> Scale:
    entry = _table(value)
    if "words" in entry:
        poles, put = _material_poles(entry)
    else:
        poles = tuple(frozenset(_words(line)) for line in _list(entry["poles"]))
        put = tuple(_words(line) for line in _list(entry["put"]))
    if len(poles) != len(put) or any(set(p) - pole for p, pole in zip(put, poles, strict=True)):
        raise ValueError(f"attributes.toml [scale.{name}]: `put` does not match `poles`")
    if sum(map(len, poles)) != len(frozenset().union(*poles)):
        raise ValueError(f"attributes.toml [scale.{name}]: a word stands at two poles")
    return Scale(
        name=name,
        subkind=str(entry["subkind"]),
        poles=poles,
        put=put,
        fits=frozenset(_words(entry.get("fits", []))),
        nouns=frozenset(_words(entry.get("nouns", []))),
        unless=frozenset(_words(entry.get("unless", []))),
        never={
            word: frozenset(_words(nouns)) for word, nouns in _table(entry.get("never", {})).items()
        },
        never_source=frozenset(_words(entry.get("never_source", []))),
    )


def _material_poles(
    entry: Mapping[str, object],
) -> tuple[tuple[frozenset[str], ...], tuple[tuple[str, ...], ...]]:
    """Poles of a list of words in which only those named `alike` resemble each other.

    A word that resembles two kinds at once is put with the first; that only makes fewer
    exchanges possible.
    """
    words = _words(entry["words"])
    everything = (*words, *_words(entry.get("sources", [])))
    pole_of = {word: {word} for word in everything}
    for line in _list(entry.get("alike", [])):
        merged = set().union(*(pole_of[word] for word in _words(line)))
        for word in merged:
            pole_of[word] = merged
    poles = {id(pole): frozenset(pole) for pole in pole_of.values()}
    put = tuple(tuple(word for word in words if word in pole) for pole in poles.values())
    return tuple(poles.values()), put


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a table, got {value!r}")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {value!r}")
    return value


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in _list(value))
