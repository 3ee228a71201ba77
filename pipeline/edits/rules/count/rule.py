"""Rule `count`: another number of a visible thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import agree, article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.counts import load_counts
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.rules.count.agreement import change_number
from pipeline.edits.rules.count.clause import is_part_of_counted
from pipeline.edits.rules.count.context import (
    allows_other_number,
    is_counted,
    rest_requires_one,
)
from pipeline.edits.rules.count.quantity import (
    ONE_SAID,
    Quantity,
    is_main_phrase,
    quantity_of,
    value_of,
)
from pipeline.edits.rules.count.roles import PERSON, role_at_start
from pipeline.edits.rules.count.wording import applied_to_wording_with_one, wording_with_one

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.counts"
DOWN = 3.0
"""Weight of fewer: captions offer about three times as many chances for more."""

OPENING = frozenset({"IN", "VBZ", "VBP", "VBG", "VBD", ":", "EX", "TO"})
"""Tags behind which a noun phrase starts."""

PARTITIVE = frozenset({"of", "between", "among", "from"})
INSTEAD_OF_NAME = ("two", "three", "four", "")
BEHIND_SEVERAL = {("and",), ("of",), ("or",), ("around",)}
"""What follows several that one cannot stand for: "people around a table"."""


class CountRule:
    """Changes numerals, `a`, `many` and bare nouns, with all the agreement that this demands.

    The decisive words of a proposal are number and noun, without the adjectives between
    them: "a man" → "two men", "dogs" → "a single dog", "three cars" → "five cars".
    """

    name = "count.number"
    kind = EditKind.COUNT

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield other numbers for every counted noun.

        They are found once and kept with the doc, because contrasts ask for them too.
        """
        kept = doc.user_data.get(KEY)
        if kept is None:
            kept = doc.user_data[KEY] = tuple(self._all(doc))
        yield from kept

    def _all(self, doc: Doc) -> Iterator[Proposal]:
        parsed = parsed_caption(doc)
        if parsed.is_conversational or not parsed.is_description or "mouth" in parsed.words:
            # "three people with a mouth full of food"
            return
        if not load_counts().fixed_number.isdisjoint(parsed.lower) or any(
            is_part_of_counted(parsed, token) or _is_pronoun(parsed, token)
            for token in range(len(parsed))
        ):
            return
        unreal = load_lexicon().protected.unreal
        for mention in parsed.mentions.values():
            if not is_counted(parsed, mention) or parsed.is_nonreferential(mention.head, unreal):
                continue
            quantity = quantity_of(parsed, mention)
            if quantity is not None and _may_change(parsed, mention, quantity):
                yield from self._others(doc, parsed, mention, quantity)
        role = role_at_start(parsed)
        if role is not None:
            said = parsed.lower[0] if role.phrase_start else ""
            quantity = Quantity(0, role.phrase_start, said, INSTEAD_OF_NAME)
            yield from self._others(doc, parsed, role, quantity)

    def _others(
        self, doc: Doc, parsed: ParsedCaption, mention: NounMention, quantity: Quantity
    ) -> Iterator[Proposal]:
        """Every other number, with the repairs that the caption then needs."""
        said = range(quantity.start, quantity.end)
        numbers = {other not in ONE_SAID for other in quantity.others} - {mention.plural}
        repairs: dict[bool, list[TokenPiece] | None] = {mention.plural: []}
        for plural in numbers:
            repairs[plural] = change_number(parsed, mention, plural=plural, said=said)
        if not mention.plural and rest_requires_one(parsed, mention):
            return
        found = repairs.get(False)
        if found is not None and quantity.group is not None:
            agreeing = agree(parsed, quantity.group, plural=False)
            repairs[False] = found + [piece for piece in agreeing if piece.start > mention.head]
        one = None
        if not (quantity.number or mention.plural or mention.noun.lemma == PERSON):
            one = wording_with_one(parsed, doc.vocab, quantity.start, quantity.end)
        for other in quantity.others:
            plural = other not in ONE_SAID
            needed = repairs[plural]
            if needed is None:
                continue
            made = self._proposal(parsed, mention, quantity, other, needed)
            yield made
            if one is not None and other:
                yield applied_to_wording_with_one(made, one)

    def _proposal(
        self,
        parsed: ParsedCaption,
        mention: NounMention,
        quantity: Quantity,
        other: str,
        repairs: list[TokenPiece],
    ) -> Proposal:
        """One other number: beside the noun, or with it where the noun is another word."""
        plural = other not in ONE_SAID
        noun, old = _form(mention, plural=plural), _form(mention, plural=mention.plural)
        start, end = quantity.start, quantity.end
        between = parsed.lower[end : mention.start]
        said = article_for(between[0] if between else noun) if other == "a" else other
        if PERSON in {noun, old} and noun != old or (not said and start == end):
            # "person" and "people" are two words, and so part of the decisive piece.
            text = " ".join(filter(None, (said, *between, noun)))
            piece = TokenPiece(start, mention.head + 1, text)
            repairs = [repair for repair in repairs if repair.start != mention.start]
        elif not said and mention.start > end:
            # The article goes with the word behind it, which may have to take its capital.
            first, last = parsed.char_spans[end]
            piece = TokenPiece(start, end + 1, parsed.text[first:last])
        elif not said:
            piece = TokenPiece(start, mention.head + 1, noun)
            repairs = [repair for repair in repairs if repair.start != mention.start]
        else:
            piece = TokenPiece(start, end, said)
        before = article_for(old) if quantity.said in {"a", "an"} else quantity.said
        after = article_for(noun) if other == "a" else other
        return Proposal(
            self.kind,
            "number",
            (piece, *repairs),
            f"{before} {old}".strip(),
            f"{after} {noun}".strip(),
            self.name,
            # Of the place of the number, where other numbers compete with it.
            place=(start, end),
            weight=_weight(quantity, other),
        )


def _is_pronoun(parsed: ParsedCaption, token: int) -> bool:
    """Whether "one" stands for a thing: "as one points, the other looks"."""
    return parsed.lower[token] == "one" and parsed.deps[token] in {"nsubj", "pobj", "dobj"}


def _weight(quantity: Quantity, other: str) -> float:
    """How much a draw favours a number: from a numeral up and down equally often."""
    number = quantity.number
    if number == 0:
        return DOWN if other in ONE_SAID else 1.0
    up = value_of(other) > number
    return 1.0 / sum((value_of(one) > number) is up for one in quantity.others)


def _form(mention: NounMention, *, plural: bool) -> str:
    singular = PERSON if mention.noun.lemma == "people" else mention.noun.lemma
    return mention.noun.plural if plural else singular


def _may_change(parsed: ParsedCaption, mention: NounMention, quantity: Quantity) -> bool:
    """Whether the phrase stands where another number of the thing makes sense."""
    start = quantity.start
    if quantity.number:
        return True
    slot = mention.head if quantity.group is None else quantity.group
    if not mention.plural:
        return allows_other_number(parsed, mention, slot)
    behind = parsed.lower[mention.head + 1 : mention.head + 2]
    if quantity.said and behind in BEHIND_SEVERAL:
        return False
    if is_main_phrase(parsed, start):
        return True
    joined = parsed.deps[mention.head] == "conj" and parsed.lower[start - 1] == "and"
    if parsed.tags[start - 1] not in OPENING and not joined:
        return False
    partitive = parsed.lower[start - 1] in PARTITIVE
    return not partitive and allows_other_number(parsed, mention, slot)
