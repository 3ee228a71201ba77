"""Swaps of qualities: colours, opposite qualities and numbers of two different nouns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.edits.grammar import article_for
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.phrases import is_a, is_thing, lemma, load_relations, wordset
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import read
from pipeline.records import EditKind, Role

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

NUMBERS = wordset("two three four five six seven eight nine ten 2 3 4 5 6 7 8 9 10")
BACKDROPS = wordset("background wall backdrop floor")
SHADES = wordset("light dark bright pale deep")
COMPOUND = wordset("navy royal sky off baby hot lime mint olive electric dusty rose blush -")
NO_COLOUR = wordset(
    "carpet bullet market paper power hole friday wine flag cross card light tea velvet cheese"
)
GREEN = wordset("forest meadow lawn jungle tea light salad pepper")


class QualitySwaps:
    """Finds two qualities of one sort that belong to different nouns."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._lexicon = load_lexicon()
        self._people = load_relations().nouns["people"]

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield swaps of colours, of opposite qualities and of numbers."""
        colours = [
            t
            for t in doc
            if t.lower_ in self._lexicon.qualities.colours.words and self._stands_alone(t)
        ]
        for one, two in combinations(colours, 2):
            if self._colours_swap(one, two):
                yield self._exchange_words("colour", one, two)
        scaled = [
            t for t in doc if t.lower_ in self._lexicon.qualities.by_word and self._stands_alone(t)
        ]
        for one, two in combinations(scaled, 2):
            if self._scales_swap(one, two):
                yield self._exchange_words("quality", one, two)
        numbers = [
            t for t in doc if t.lower_ in NUMBERS and t.dep_ == "nummod" and t.i + 1 < len(doc)
        ]
        for one, two in combinations(numbers, 2):
            heads = (one.head, two.head)
            if one.lower_ == two.lower_ or lemma(heads[0]) == lemma(heads[1]):
                continue
            if all(h.tag_ == "NNS" and not is_a(lemma(h), "time") for h in heads):
                yield self._exchange_words("count", one, two)

    def _stands_alone(self, token: Token) -> bool:
        """Whether an adjective is the only one of its sort right before a visible noun."""
        noun = token.head
        if token.dep_ not in {"amod", "compound"} or noun.i < token.i or noun.i - token.i > 5:
            return False
        doc = token.doc
        if not read(doc).protected.isdisjoint(range(token.i, noun.i + 1)):
            return False
        before = doc[token.i - 1].lower_ if token.i else ""
        after = doc[token.i + 1].lower_
        if before in COMPOUND | self._lexicon.qualities.colours.words or after in {
            "-",
            "and",
            ",",
            "&",
            "or",
        }:
            return False
        if before in {"and", "&", ",", "or"} and token.i > 1 and doc[token.i - 2].head == noun:
            return False
        if any(child.dep_ == "conj" for child in token.children):
            return False
        return not any(t.tag_ in {"CC", ",", "HYPH", "IN"} for t in doc[token.i : noun.i + 1])

    def _colours_swap(self, one: Token, two: Token) -> bool:
        """Whether two coloured nouns can take each other's colour, visibly."""
        a, b = one.lower_, two.lower_
        first, second = one.head, two.head
        if (
            a == b
            or self._lexicon.qualities.colours.look_alike(a, b)
            or lemma(first) == lemma(second)
        ):
            return False
        unknown = 0
        for noun, colour, adjective in ((first, b, one), (second, a, two)):
            word = lemma(noun)
            unknown += not (word in BACKDROPS or is_thing(word))
            shaded = adjective.i and adjective.nbor(-1).lower_ in SHADES
            if shaded and colour in {"black", "white"}:
                return False
            palette = self._lexicon.qualities.colours.palettes.get(word)
            if unknown > 1 or (palette is not None and colour not in palette):
                return False
            if palette is None and is_a(word, "body"):
                return False
            if word in GREEN | NO_COLOUR or lemma(noun.doc[noun.i - 1]) in GREEN:
                return False
            if self._is_person(noun) or is_a(word, "time"):
                return False
        return True

    def _scales_swap(self, one: Token, two: Token) -> bool:
        """Whether two qualities are opposite, and each fits the other's noun."""
        first, second = lemma(one.head), lemma(two.head)
        if first == second or self._is_person(one.head) or self._is_person(two.head):
            return False
        nouns = self._lexicon.nouns
        owners = (nouns.by_lemma.get(first), nouns.by_lemma.get(second))
        if owners[0] is None or owners[1] is None:
            return False
        qualities = self._lexicon.qualities
        scale = qualities.scale_of(two.lower_, owners[0], nouns)
        other = qualities.scale_of(one.lower_, owners[1], nouns)
        if scale is None or scale is not other:
            return False
        same = any(one.lower_ in pole and two.lower_ in pole for pole in scale.poles)
        never = first in scale.never.get(two.lower_, ()) or second in scale.never.get(
            one.lower_, ()
        )
        return not same and not never

    def _is_person(self, noun: Token) -> bool:
        """Whether a noun is a person, whose colour and size are left alone."""
        return lemma(noun) in self._people or is_a(lemma(noun), "person")

    def _exchange_words(self, subkind: str, one: Token, two: Token) -> Proposal:
        """Two qualities change places; articles before them are repaired."""
        doc = one.doc
        pieces = [TokenPiece(one.i, one.i + 1, two.text), TokenPiece(two.i, two.i + 1, one.text)]
        for token, new in ((one, two.text), (two, one.text)):
            if token.i and doc[token.i - 1].lower_ in {"a", "an"}:
                article = doc[token.i - 1]
                wanted = article_for(new)
                if article.lower_ != wanted:
                    wanted = wanted.capitalize() if article.text[0].isupper() else wanted
                    pieces.append(TokenPiece(article.i, article.i + 1, wanted, Role.REPAIR))
        return Proposal(
            EditKind.SWAP,
            subkind,
            tuple(sorted(pieces, key=lambda piece: piece.start)),
            old=f"{one.lower_} {lemma(one.head)} … {two.lower_} {lemma(two.head)}",
            new=f"{two.lower_} {lemma(one.head)} … {one.lower_} {lemma(two.head)}",
            rule=self._rule,
        )
