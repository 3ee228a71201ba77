"""Rule `count`: another number of a visible thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.edits.grammar import agree
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import PRONOUNS, NounMention, Reading, read
from pipeline.records import EditKind, Role

if TYPE_CHECKING:
    from spacy.tokens import Doc

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "twenty": 20,
}  # fmt: skip
WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 8: "eight", 10: "ten"}
MANY = frozenset({"many", "several", "numerous", "countless"})
UNCOUNTED = frozenset({"place", "nature", "time", "body", "structure"})
SUBJECT_ROLES = frozenset({"nsubj", "nsubjpass", "ROOT", "attr"})
TOGETHER = frozenset(
    {"both", "each", "other", "together", "them", "between", "all", "pair", "same"}
)
ONE_HELD = frozenset({"hold", "carry", "eat", "buy", "sell", "catch", "feed", "feature", "show"})


class CountRule:
    """Changes numerals, `a`, and `many`, with all the agreement that this demands."""

    name = "count.number"
    kind = EditKind.COUNT

    def __init__(self) -> None:
        self._lexicon: Lexicon = load_lexicon()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield other numbers for every counted noun."""
        reading = read(doc)
        for mention in reading.mentions.values():
            if not mention.noun.countable or reading.is_unreal(
                mention.head, self._lexicon.protected.unreal
            ):
                continue
            yield from self._numerals(reading, mention)
            yield from self._many(reading, mention)
            yield from self._articles(reading, mention)

    def _numerals(self, reading: Reading, mention: NounMention) -> Iterator[Proposal]:
        token = reading.child(mention.head, "nummod")
        if token is None or token in reading.protected or token > mention.head:
            return
        word = reading.lower[token]
        digits = word.isascii() and word.isdigit() and len(word) <= 2
        number = int(word) if digits else NUMBERS.get(word, 0)
        if not 1 <= number <= 20 or (number == 1) == mention.plural or reading.children[token]:
            return
        if _of_follows(reading, mention.head):
            return
        for other in _other_numbers(number):
            new = str(other) if digits else WORDS[other]
            if (other == 1) != (number == 1):
                repairs = _change_number(reading, mention, plural=other != 1)
                if repairs is None:
                    continue
            else:
                repairs = []
            yield self._proposal(token, token + 1, word, new, repairs)

    def _many(self, reading: Reading, mention: NounMention) -> Iterator[Proposal]:
        token = reading.child(mention.head, "amod")
        if token is None or not mention.plural or token in reading.protected:
            return
        word = reading.lower[token]
        if word in MANY and not _of_follows(reading, mention.head):
            if token and reading.lower[token - 1] in {"how", "so", "the", "too", "as"}:
                return
            for new in ("two", "three"):
                yield self._proposal(token, token + 1, word, new, [])

    def _articles(self, reading: Reading, mention: NounMention) -> Iterator[Proposal]:
        article = reading.determiner(mention.head)
        if article is None or reading.lower[article] not in {"a", "an"} or mention.plural:
            return
        if mention.noun.cls in UNCOUNTED or _of_follows(reading, mention.head):
            return
        if not self._stands_free(reading, mention):
            return
        repairs = _change_number(reading, mention, plural=True)
        if repairs is None:
            return
        old = reading.lower[article]
        for new in ("two", "three", "four"):
            yield self._proposal(article, article + 1, old, new, repairs)

    def _stands_free(self, reading: Reading, mention: NounMention) -> bool:
        """Whether several of the thing make sense here: not "sitting on two benches"."""
        role, governor = reading.role(mention.head), reading.governor(mention.head)
        if role in SUBJECT_ROLES:
            return True
        if role == "dobj":
            from pipeline.edits.lexicon.inflection import verb_lemma

            return verb_lemma(reading.lower[governor], reading.tags[governor]) in ONE_HELD
        return role == "pobj" and reading.lower[governor] in {"with", "of", "near", "beside", "by"}

    def _proposal(
        self, start: int, end: int, old: str, new: str, repairs: list[TokenPiece]
    ) -> Proposal:
        pieces = (TokenPiece(start, end, new), *repairs)
        return Proposal(self.kind, "number", pieces, old, new, self.name)


def _other_numbers(number: int) -> tuple[int, ...]:
    """Numbers that a person sees to differ at a glance."""
    if number <= 4:
        return tuple(other for other in (1, 2, 3, 4, 5) if other != number)
    if number <= 6:
        return (1, 2, 3, 10)
    return (1, 2, 3, 4)


def _of_follows(reading: Reading, head: int) -> bool:
    after = head + 1
    return after < len(reading) and reading.lower[after] in {"of", "'s", "'", "old", "per"}


def _change_number(
    reading: Reading, mention: NounMention, *, plural: bool
) -> list[TokenPiece] | None:
    """Repairs that change the noun's number, or None where the caption would need more."""
    if any(word in PRONOUNS or word in TOGETHER for word in reading.lower):
        return None
    if not plural and any(
        reading.deps[child] in {"conj", "appos"} for child in reading.children[mention.head]
    ):
        return None
    if _has_own_singular(reading, mention, plural=plural):
        return None
    noun = mention.noun
    form = noun.plural if plural else noun.lemma
    old = " ".join(reading.lower[mention.start : mention.head + 1])
    repairs = (
        [] if form == old else [TokenPiece(mention.start, mention.head + 1, form, Role.REPAIR)]
    )
    joined = reading.deps[mention.head] == "conj" or any(
        reading.deps[child] == "conj" for child in reading.children[mention.head]
    )
    if not joined:
        repairs += agree(reading, mention.head, plural=plural)
    if not plural:
        determiner = reading.determiner(mention.head)
        if determiner is not None and reading.lower[determiner] in {"these", "those"}:
            new = {"these": "this", "those": "that"}[reading.lower[determiner]]
            repairs.append(TokenPiece(determiner, determiner + 1, new, Role.REPAIR))
    return repairs


def _has_own_singular(reading: Reading, mention: NounMention, *, plural: bool) -> bool:
    """Whether something said of the noun holds for one only: its dress, its face, an apposition.

    "a woman in a red dress" cannot become "two women in a red dress".
    """
    for token in reading.subtree(mention.head):
        if token == mention.head:
            continue
        if reading.deps[token] in {"appos", "attr"}:
            return True
        other = reading.mentions.get(token)
        if other is not None and other.noun.cls in {"clothing", "body"} and other.plural != plural:
            return True
    predicate = reading.heads[mention.head]
    for child in reading.children[predicate]:
        other = reading.mentions.get(child)
        if reading.deps[child] in {"attr", "dobj"} and child != mention.head:
            if (
                reading.deps[mention.head] in {"nsubj", "nsubjpass"}
                and reading.deps[child] == "attr"
            ):
                return True
            if other is not None and other.noun.cls in {"clothing", "body"}:
                return True
    return False
