"""Inflected forms of English words, remembered: irregulars, spelling, lemminflect for verbs.

The library inflect would be no better at plurals: of the 1,903 countable nouns of the lexicon
it writes 26 otherwise, and hardly more of these rightly ("gentlemans", "burritoes", "thermoss"
beside "oases"); and it takes two seconds to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file


class Inflections(Table):
    """The content of inflection.toml: what spelling does not give.

    Attributes:
        unchanged: Nouns whose plural is the singular.
        plurals: Plurals of others.
        verbs: Verb → Penn tag → form.
    """

    unchanged: Words
    plurals: Mapping[str, str]
    verbs: Mapping[str, Mapping[str, str]]


@cache
def load_inflections() -> Inflections:
    """Read inflection.toml once."""
    return load_lexicon_file("inflection", Inflections)


@lru_cache(maxsize=8192)
def plural_of(noun: str) -> str:
    """Plural of a singular noun; of a phrase, that of its last word."""
    irregular = load_inflections()
    if noun in irregular.unchanged:
        return noun
    if noun in irregular.plurals:
        return irregular.plurals[noun]
    first, _, last = noun.rpartition(" ")
    if first:
        return f"{first} {plural_of(last)}"
    if noun.endswith("man") and noun not in {"human", "caiman", "shaman", "talisman", "ottoman"}:
        return noun[:-2] + "en"
    return _regular_plural(noun)


def _regular_plural(noun: str) -> str:
    """Plural by spelling; lemminflect would load its tables for seconds to say the same."""
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


@lru_cache(maxsize=8192)
def singular_of(plural: str) -> str:
    """Singular of a regular plural, by spelling; for nouns that no table knows."""
    if plural.endswith("ies") and len(plural) > 4:
        return plural[:-3] + "y"
    if plural.endswith(("ches", "shes", "xes", "sses")):
        return plural[:-2]
    return plural[:-1] if plural.endswith("s") and not plural.endswith("ss") else plural


def load_verbs() -> None:
    """Read lemminflect's tables now, and not at the first verb."""
    verb_form("wander", "VBG")
    verb_lemma("wandering", "VBG")


@lru_cache(maxsize=8192)
def verb_form(lemma: str, tag: str) -> str:
    """Form of a verb for a Penn tag: VB, VBP, VBZ, VBG, VBD or VBN."""
    if tag in {"VB", "VBP"} and lemma != "be":
        return lemma
    irregular = load_inflections().verbs.get(lemma, {}).get(tag)
    if irregular is not None:
        return irregular
    from lemminflect import getInflection

    forms = getInflection(lemma, tag=tag)
    if forms:
        return str(forms[0])
    ending = {"VBZ": "s", "VBG": "ing"}.get(tag, "ed")
    return lemma + ending


@lru_cache(maxsize=8192)
def verb_lemma(form: str, tag: str) -> str:
    """Dictionary form of a verb form."""
    from lemminflect import getLemma

    lemmas = getLemma(form, upos="VERB")
    return str(lemmas[0]) if lemmas else form
