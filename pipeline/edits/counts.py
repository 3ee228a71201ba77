"""Rule `count`: another number of a visible thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.edits.count_words import (
    GATHERING,
    MANY,
    NEVER_ALONE,
    NEVER_COUNTED,
    NOT_BARE,
    NUMBERS,
    ONE_HELD,
    OPENING,
    ORDINALS,
    PARTITIVE,
    PARTS,
    PICTURES,
    PRENOMINAL,
    SEEN_SINGLY,
    SUBJECT_ROLES,
    TOGETHER,
    UNCOUNTED,
    WORDS,
)
from pipeline.edits.grammar import agree
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import PRONOUNS, NounMention, Reading, read
from pipeline.records import EditKind, Role

if TYPE_CHECKING:
    from spacy.tokens import Doc


class CountRule:
    """Changes numerals, `a`, and `many`, with all the agreement that this demands."""

    name = "count.number"
    kind = EditKind.COUNT

    def __init__(self) -> None:
        self._lexicon: Lexicon = load_lexicon()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield other numbers for every counted noun."""
        reading = read(doc)
        if reading.chats or not reading.describes:
            return
        for mention in reading.mentions.values():
            if reading.is_unreal(mention.head, self._lexicon.protected.unreal):
                continue
            if mention.noun.lemma in NEVER_COUNTED or reading.deps[mention.head] == "appos":
                continue
            if mention.noun.lemma == "people":
                yield from self._bare_plural(reading, mention)
            if not mention.noun.countable:
                continue
            yield from self._numerals(reading, mention)
            yield from self._many(reading, mention)
            yield from self._articles(reading, mention)
            yield from self._bare_plural(reading, mention)

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
        if mention.plural:
            return
        if article is None:
            yield from self._bare_singular(reading, mention)
            return
        old = reading.lower[article]
        if old not in {"a", "an", "the"}:
            return
        if old == "the" and not _opens(reading, article, mention):
            return
        if mention.noun.cls in UNCOUNTED or _of_follows(reading, mention.head):
            return
        if not self._stands_free(reading, mention):
            return
        repairs = _change_number(reading, mention, plural=True)
        if repairs is None:
            return
        if any(reading.lower[child] in ORDINALS for child in reading.children[mention.head]):
            return
        prefix = "the " if old == "the" else ""
        for number in ("two", "three", "four"):
            yield self._proposal(article, article + 1, old, prefix + number, repairs)

    def _bare_singular(self, reading: Reading, mention: NounMention) -> Iterator[Proposal]:
        """Telegraphic captions: "young woman on a beach" → "two young women on a beach"."""
        before = reading.children[mention.head]
        follower = reading.lower[mention.head + 1 : mention.head + 2]
        if _of_follows(reading, mention.head) or follower == ("and",):
            return
        if any(reading.deps[child] in NOT_BARE for child in before):
            return
        first = min(
            (child for child in before if child < mention.phrase_start),
            default=mention.phrase_start,
        )
        if not _opens(reading, first, mention):
            return
        span = range(first, mention.head + 1)
        if reading.protected.intersection(span) or any(
            reading.tags[token] not in PRENOMINAL for token in range(first, mention.start)
        ):
            return
        if reading.role(mention.head) not in {"ROOT", "nsubj", "nsubjpass", "pobj"}:
            return
        repairs = _change_number(reading, mention, plural=True)
        if repairs is None:
            return
        old = reading.lower[first]
        if first == mention.start:
            # The noun itself comes first: number and noun are one decisive piece.
            old = " ".join(reading.lower[first : mention.head + 1])
            repairs = [piece for piece in repairs if piece.start > mention.head]
            for number in ("two", "three", "four"):
                new = f"{number} {mention.noun.plural}"
                yield self._proposal(first, mention.head + 1, old, new, repairs)
            return
        for number in ("two", "three", "four"):
            yield self._proposal(first, first + 1, old, f"{number} {old}", repairs)

    def _bare_plural(self, reading: Reading, mention: NounMention) -> Iterator[Proposal]:
        """One instead of some: "dogs on a beach" → "a single dog on a beach"."""
        noun = mention.noun
        if not mention.plural or noun.cls in UNCOUNTED or noun.cls in NEVER_ALONE:
            return
        if noun.lemma in NEVER_ALONE or GATHERING.intersection(reading.lower):
            return
        before = reading.children[mention.head]
        if any(reading.deps[child] in NOT_BARE for child in before):
            return
        first = min(
            (child for child in before if child < mention.phrase_start),
            default=mention.phrase_start,
        )
        words = reading.lower[first : mention.start]
        if reading.protected.intersection(range(first, mention.head + 1)) or any(
            reading.tags[token] not in PRENOMINAL for token in range(first, mention.start)
        ):
            return
        if _of_follows(reading, mention.head) or not self._stands_free(reading, mention):
            return
        if first and reading.tags[first - 1] not in OPENING:
            return
        pictured = first > 1 and reading.lower[first - 2] in PICTURES
        if first and reading.lower[first - 1] in PARTITIVE and not pictured:
            return
        repairs = _change_number(reading, mention, plural=False)
        if repairs is None:
            return
        # The noun's own form is part of the decisive piece here.
        repairs = [
            piece for piece in repairs if piece.start >= mention.head + 1 or piece.end <= first
        ]
        old = " ".join((*words, *reading.lower[mention.start : mention.head + 1]))
        new = " ".join(("a single", *words, _singular(noun)))
        yield self._proposal(first, mention.head + 1, old, new, repairs)

    def _stands_free(self, reading: Reading, mention: NounMention) -> bool:
        """Whether several of the thing make sense here: not "sitting on two benches"."""
        role, governor = reading.role(mention.head), reading.governor(mention.head)
        if reading.lower[mention.head + 1 : mention.head + 2] == ("and",) and not mention.plural:
            # "a bride and groom": the article is that of both.
            return False
        if role == "attr":
            return reading.child(governor, "expl") is not None
        if role in SUBJECT_ROLES:
            return True
        if role == "dobj":
            from pipeline.edits.lexicon.inflection import verb_lemma

            return verb_lemma(reading.lower[governor], reading.tags[governor]) in ONE_HELD
        if role != "pobj":
            return False
        whole = reading.lower[reading.heads[governor]]
        if reading.lower[governor] == "of":
            return whole in PICTURES
        return reading.lower[governor] in {"with", "near", "beside"} and whole not in PARTS

    def _proposal(
        self, start: int, end: int, old: str, new: str, repairs: list[TokenPiece]
    ) -> Proposal:
        pieces = (TokenPiece(start, end, new), *repairs)
        return Proposal(self.kind, "number", pieces, old, new, self.name)


def _opens(reading: Reading, first: int, mention: NounMention) -> bool:
    """Whether the noun phrase is what the caption, or the picture it speaks of, shows."""
    if mention.noun.cls not in SEEN_SINGLY:
        return False
    pictured = first > 1 and reading.lower[first - 1] == "of"
    return first == 0 or (pictured and reading.lower[first - 2] in PICTURES)


def _other_numbers(number: int) -> tuple[int, ...]:
    """Numbers that a person sees to differ at a glance."""
    if number <= 4:
        return tuple(other for other in (1, 2, 3, 4, 5) if other != number)
    if number <= 6:
        return (1, 2, 3, 10)
    return (1, 2, 3, 4)


def _singular(noun: Noun) -> str:
    return "person" if noun.lemma == "people" else noun.lemma


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
    form = noun.plural if plural else _singular(noun)
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
