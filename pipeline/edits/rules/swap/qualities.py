"""Swaps of qualities: colours, opposite qualities and numbers of two different nouns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import is_a, is_thing, wordset
from pipeline.edits.parse.word_tree import Word, WordTree
from pipeline.edits.rules.count.clause import is_part_of_counted

NUMBERS = wordset("two three four five six seven eight nine ten 2 3 4 5 6 7 8 9 10")
BACKDROPS = wordset("background wall backdrop floor")
SHADES = wordset("light dark bright pale deep")
COMPOUND = wordset("navy royal sky off baby hot lime mint olive electric dusty rose blush -")
NO_COLOUR = wordset(
    "carpet bullet market paper power hole friday wine flag cross card light tea velvet cheese"
)
VAGUE = wordset(
    "high low front back left right upper lower side light dark night spring summer fall"
)
"""Words that say something else before another noun."""
PAINTED = frozenset(
    {"clothing", "container", "furniture", "vehicle", "toy", "building", "thing", "device"}
    | {"structure", "symbol", "tool", "instrument"}
)
"""Classes of things that come in any colour."""
GREEN = wordset("forest meadow lawn jungle tea light salad pepper")


class QualitySwaps:
    """Finds two qualities of one sort that belong to different nouns."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._lexicon = load_lexicon()
        self._relations = load_relations()

    def propose(self, words: WordTree) -> Iterator[Proposal]:
        """Yield swaps of colours, of opposite or different qualities and of numbers."""
        colours = [
            t
            for t in words
            if t.lower in self._lexicon.qualities.colours.words and self._is_only_adjective(t)
        ]
        for one, two in combinations(colours, 2):
            if self._colours_swap(one, two):
                yield self._exchange_words("colour", one, two)
        scaled = [
            t
            for t in words
            if t.lower in self._lexicon.qualities.by_word and self._is_only_adjective(t)
        ]
        for one, two in combinations(scaled, 2):
            if self._scales_swap(one, two) or self._sorts_swap(one, two):
                yield self._exchange_words("quality", one, two)
        for one, two in product(colours, scaled):
            if one is not two and self._sorts_swap(one, two):
                first, second = (one, two) if one.i < two.i else (two, one)
                yield self._exchange_words("quality", first, second)
        numbers = [
            t for t in words if t.lower in NUMBERS and t.dep == "nummod" and t.i + 1 < len(words)
        ]
        if any(is_part_of_counted(words.parsed, token.i) for token in words):
            # "three people, one in the water with two boats"
            return
        for one, two in combinations(numbers, 2):
            heads = (one.head, two.head)
            if one.lower == two.lower or heads[0].lemma == heads[1].lemma:
                continue
            if all(h.tag == "NNS" and not is_a(h.lemma, "time") for h in heads):
                yield self._exchange_words("count", one, two)

    def _is_only_adjective(self, token: Word) -> bool:
        """Whether an adjective is the only one of its sort right before a visible noun."""
        noun = token.head
        if token.dep not in {"amod", "compound"} or noun.i < token.i or noun.i - token.i > 5:
            return False
        words = token.words
        if not words.parsed.protected.isdisjoint(range(token.i, noun.i + 1)):
            return False
        before = words[token.i - 1].lower if token.i else ""
        after = words[token.i + 1].lower
        colours = self._lexicon.qualities.colours.words
        if (
            before in COMPOUND | colours
            or after in colours
            or after in {"-", "and", ",", "&", "or"}
        ):
            return False
        if before in {"and", "&", ",", "or"} and token.i > 1 and words[token.i - 2].head == noun:
            return False
        if any(child.dep == "conj" for child in token.children):
            return False
        return not any(t.tag in {"CC", ",", "HYPH", "IN"} for t in words[token.i : noun.i + 1])

    def _colours_swap(self, one: Word, two: Word) -> bool:
        """Whether two coloured nouns can take each other's colour, visibly."""
        a, b = one.lower, two.lower
        first, second = one.head, two.head
        if any(one.words.lower.count(colour) > 1 for colour in (a, b)):
            # "a white rabbit with white paw"
            return False
        if (
            a == b
            or self._lexicon.qualities.colours.look_alike(a, b)
            or first.lemma == second.lemma
        ):
            return False
        unknown = 0
        for noun, colour, adjective in ((first, b, one), (second, a, two)):
            word = noun.lemma
            unknown += not (word in BACKDROPS or is_thing(word))
            shaded = adjective.i and noun.words[adjective.i - 1].lower in SHADES
            if shaded and colour in {"black", "white"}:
                return False
            palette = self._lexicon.qualities.colours.palettes.get(word)
            if unknown > 1 or (palette is not None and colour not in palette):
                return False
            if palette is None and is_a(word, "body"):
                return False
            if word in GREEN | NO_COLOUR or noun.words[noun.i - 1].lemma in GREEN:
                return False
            if self._is_person(noun) or is_a(word, "time"):
                return False
        return True

    def _scales_swap(self, one: Word, two: Word) -> bool:
        """Whether two qualities are opposite, and each fits the other's noun."""
        first, second = one.head.lemma, two.head.lemma
        if first == second or self._is_person(one.head) or self._is_person(two.head):
            return False
        nouns = self._lexicon.nouns
        owners = (nouns.by_lemma.get(first), nouns.by_lemma.get(second))
        if owners[0] is None or owners[1] is None:
            return False
        qualities = self._lexicon.qualities
        scale = qualities.scale_of(two.lower, owners[0])
        other = qualities.scale_of(one.lower, owners[1])
        if scale is None or scale is not other:
            return False
        same = any(one.lower in pole and two.lower in pole for pole in scale.poles)
        never = first in scale.never.get(two.lower, ()) or second in scale.never.get(one.lower, ())
        return not same and not never

    def _sorts_swap(self, one: Word, two: Word) -> bool:
        """Whether a colour and a material each fit the other's noun as well."""
        first, second = one.head, two.head
        if first.lemma == second.lemma or one.lower == two.lower:
            return False
        if {one.lower, two.lower} & VAGUE or any(len(_adjectives(n)) > 1 for n in (first, second)):
            return False
        sorts = [self._sort(one, second), self._sort(two, first)]
        own = [self._sort(one, first), self._sort(two, second)]
        # A yellow shoe may be vintage and a floral one colourful: only what a thing is made of
        # is seen as something else than a colour.
        return set(sorts) == set(own) == {"colour", "material"}

    def _sort(self, adjective: Word, noun: Word) -> str | None:
        """The sort of quality that an adjective would give a noun; None where it fits not."""
        entry = self._lexicon.nouns.by_lemma.get(noun.lemma)
        if entry is None or self._is_person(noun) or entry.cls in {"body", "time", "event"}:
            return None
        qualities, word = self._lexicon.qualities, adjective.lower
        if adjective.i and noun.words[adjective.i - 1].lower in SHADES:
            return None
        if word in qualities.colours.words:
            palette = qualities.colours.palettes.get(noun.lemma)
            fits = word in palette if palette is not None else entry.cls in PAINTED
            fits = fits and entry.cls != "food"
            return "colour" if fits and noun.lemma not in GREEN | NO_COLOUR else None
        scale = qualities.scale_of(word, entry)
        if scale is None or noun.lemma in scale.never.get(word, ()):
            return None
        if noun.lemma in BACKDROPS and scale.subkind not in {"material", "pattern"}:
            # "a big background", "an antique background": nothing that a picture shows.
            return None
        return "material" if scale.subkind == "material" else scale.name

    def _is_person(self, noun: Word) -> bool:
        """Whether a noun is a person, whose colour and size are left alone."""
        return self._relations.is_person(noun.lemma)

    def _exchange_words(self, subkind: str, one: Word, two: Word) -> Proposal:
        """Two qualities change places; articles before them are repaired."""
        words = one.words
        pieces = [
            TokenPiece(one.i, one.i + 1, _in_case_of(one, two)),
            TokenPiece(two.i, two.i + 1, _in_case_of(two, one)),
        ]
        for token, new in ((one, two.text), (two, one.text)):
            if token.i and words[token.i - 1].lower in {"a", "an"}:
                article = words[token.i - 1]
                wanted = article_for(new)
                if article.lower != wanted:
                    wanted = wanted.capitalize() if article.text[0].isupper() else wanted
                    pieces.append(TokenPiece(article.i, article.i + 1, wanted, Role.REPAIR))
        return Proposal(
            EditKind.SWAP,
            subkind,
            tuple(sorted(pieces, key=lambda piece: piece.start)),
            old=f"{one.lower} {one.head.lemma} … {two.lower} {two.head.lemma}",
            new=f"{two.lower} {one.head.lemma} … {one.lower} {two.head.lemma}",
            rule=self._rule,
        )


def _in_case_of(place: Word, new: Word) -> str:
    """A word with the capital of the one whose place it takes."""
    if place.text.isupper() and len(place.text) > 1:
        return new.text.upper()
    if place.text[0].isupper():
        return new.text[0].upper() + new.text[1:]
    return new.text if new.text.isupper() and len(new.text) > 1 else new.text.lower()


def _adjectives(noun: Word) -> list[Word]:
    return [child for child in noun.lefts if child.dep in {"amod", "compound", "nmod"}]
