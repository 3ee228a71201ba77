"""Visible nouns in groups whose members exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.edits.lexicon.inflection import plural_of


@dataclass(frozen=True, slots=True)
class NounGroup:
    """Things that contradict each other visibly and stand in each other's place.

    Attributes:
        name: Name of the group.
        cls: Class, such as "animal"; what other rules may do with its nouns.
        put: Nouns that may be put in.
        nouns: Every noun of the group.
        kin: Sets of nouns that are too alike to be exchanged.
        preps: Prepositions behind which its nouns may be exchanged; empty for any.
        after: Words one of which must govern the noun; empty for any.
        unless: Words whose presence in the caption forbids an exchange.
        open: Nouns that nothing can be inside of.
        closed: Nouns that nothing stands on.
        path: Nouns that nothing is "at".
        low: Nouns that nothing is "under".
        beside: Nouns of other groups that may be put in behind "by", "near", "along".
        of: Whether "X of …" may be exchanged too.
        of_only: Nouns that alone may be put before "of …".
        singly: Nouns that are not put in the plural.
        bars: Noun put in → words of captions that it does not go with.
    """

    name: str
    cls: str
    put: tuple[str, ...]
    nouns: frozenset[str]
    kin: tuple[frozenset[str], ...]
    preps: frozenset[str]
    after: frozenset[str]
    unless: frozenset[str]
    open: frozenset[str]
    closed: frozenset[str]
    path: frozenset[str]
    low: frozenset[str]
    beside: tuple[str, ...]
    of: bool
    of_only: frozenset[str]
    singly: frozenset[str]
    bars: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Noun:
    """One visible noun.

    Attributes:
        lemma: Singular (plural for those without one), several words allowed.
        group: Its group.
        mass: Without a plural.
        plural_only: Without a singular.
        editable: Whether it may be replaced by another of its group.
        plural: Plural form.
    """

    lemma: str
    group: NounGroup
    mass: bool
    plural_only: bool
    editable: bool
    plural: str

    @property
    def cls(self) -> str:
        """Class of the group."""
        return self.group.cls

    @property
    def countable(self) -> bool:
        """Whether it can be counted one by one."""
        return not self.mass and not self.plural_only


@dataclass(frozen=True, slots=True)
class Nouns:
    """All visible nouns.

    Attributes:
        by_lemma: Noun by lemma.
        forms: Surface form → (noun, whether the form is plural); a form that is both
            (sheep) is listed as singular.
        groups: Group by name.
        longest: Words in the longest form.
    """

    by_lemma: Mapping[str, Noun]
    forms: Mapping[str, tuple[Noun, bool]]
    groups: Mapping[str, NounGroup]
    longest: int
    _kin: Mapping[str, frozenset[str]] = field(repr=False)

    def exchanges(self, noun: Noun) -> Iterator[Noun]:
        """Nouns that may be put in the place of `noun`, before any look at the sentence."""
        if not noun.editable:
            return
        akin = self.akin(noun.lemma)
        for lemma in (*noun.group.put, *noun.group.beside):
            other = self.by_lemma[lemma]
            fits = other.mass == noun.mass and (other.plural_only == noun.plural_only or noun.mass)
            if fits and lemma != noun.lemma and lemma not in akin:
                yield other

    def akin(self, lemma: str) -> frozenset[str]:
        """Nouns that resemble, include or mean the same as `lemma`, itself included."""
        return self._kin.get(lemma, frozenset({lemma}))

    def fits_any(self, noun: Noun, names: frozenset[str]) -> bool:
        """Whether one of `names` is the noun, its group or its class."""
        return noun.lemma in names or noun.group.name in names or noun.cls in names


def read_nouns(table: Mapping[str, Mapping[str, object]]) -> Nouns:
    """Build the nouns from objects.toml.

    Raises:
        ValueError: A noun stands in two groups, or a list names an unknown noun.
    """
    by_lemma: dict[str, Noun] = {}
    groups: dict[str, NounGroup] = {}
    for name, entry in table.items():
        put, sources, fixed = (_words(entry, key) for key in ("members", "sources", "fixed"))
        words = (*put, *sources, *fixed)
        kin = tuple(frozenset(map(str, _list(line))) for line in _list(entry.get("kin", [])))
        group = NounGroup(
            name=name,
            cls=str(entry["class"]),
            put=(*put, *_words(entry, "also")),
            nouns=frozenset(words),
            kin=kin,
            preps=frozenset(_words(entry, "preps")),
            after=frozenset(_words(entry, "after")),
            unless=frozenset(_words(entry, "unless")),
            open=frozenset(_words(entry, "open")),
            closed=frozenset(_words(entry, "closed")),
            path=frozenset(_words(entry, "path")),
            low=frozenset(_words(entry, "low")),
            beside=_words(entry, "beside"),
            of=bool(entry.get("of", False)),
            of_only=frozenset(_words(entry, "of_only")),
            singly=frozenset(_words(entry, "singly")),
            bars=_bars(entry),
        )
        groups[name] = group
        mass, plural_only = (
            frozenset(_words(entry, "mass")),
            frozenset(_words(entry, "plural_only")),
        )
        unknown = (mass | plural_only) - group.nouns
        if unknown:
            raise ValueError(f"objects.toml [{name}]: not in the group: {sorted(unknown)}")
        for word in words:
            if word in by_lemma:
                raise ValueError(
                    f"objects.toml: {word!r} is in [{by_lemma[word].group.name}] and [{name}]"
                )
            plural = word if word in mass or word in plural_only else plural_of(word)
            by_lemma[word] = Noun(
                word, group, word in mass, word in plural_only, word not in fixed, plural
            )
    for group in groups.values():
        unknown = frozenset({*group.put, *group.beside}.union(*group.kin) - by_lemma.keys())
        unknown |= {*group.singly, *group.bars} - {*group.put, *group.beside}
        if unknown:
            raise ValueError(f"objects.toml [{group.name}]: unknown nouns {sorted(unknown)}")
    forms: dict[str, tuple[Noun, bool]] = {n.plural: (n, True) for n in by_lemma.values()}
    forms |= {n.lemma: (n, n.plural_only) for n in by_lemma.values()}
    longest = max(form.count(" ") + 1 for form in forms)
    return Nouns(by_lemma, forms, groups, longest, _kin_of(groups))


def _kin_of(groups: Mapping[str, NounGroup]) -> dict[str, frozenset[str]]:
    """Noun → all nouns that share a kin line with it."""
    kin: dict[str, set[str]] = {}
    for group in groups.values():
        for line in group.kin:
            for word in line:
                kin.setdefault(word, {word}).update(line)
    return {word: frozenset(others) for word, others in kin.items()}


def _bars(entry: Mapping[str, object]) -> dict[str, frozenset[str]]:
    """Noun put in → words that it does not go with."""
    table = entry.get("bars", {})
    if not isinstance(table, dict):
        raise ValueError(f"expected a table, got {table!r}")
    return {str(noun): frozenset(map(str, _list(words))) for noun, words in table.items()}


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {value!r}")
    return value


def _words(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    return tuple(str(word) for word in _list(entry.get(key, [])))
