"""One instead of several: "some horses in a field", "a group of horses" → "a single horse"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import agree, article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.agreement import change_number
from pipeline.edits.rules.count.context import allows_other_number
from pipeline.edits.rules.count.wording import ONE, decisive_words, with_noun
from pipeline.edits.rules.count.words import (
    DOWN,
    MANY,
    NEVER_ALONE,
    OPENING,
    PICTURES,
    PRENOMINAL,
    UNCOUNTED,
)

GROUPS = frozenset(
    {"group", "crowd", "herd", "flock", "bunch", "pack", "swarm", "gang", "row", "number", "lot",
     "lots", "couple", "pair"}
)  # fmt: skip
"""Words whose "of …" shows many of one sort."""

TWO = frozenset({"couple", "pair"})
MORE_THAN_TWO = ("four", "five")
BEHIND_SEVERAL = {("and",), ("of",), ("or",), ("around",)}
"""What follows several that one cannot stand for: "people around a table"."""

SORTS = frozenset(
    {"person", "animal", "vehicle", "building", "furniture", "toy", "plant", "thing", "container"}
)
BEFORE = frozenset(
    {"a", "the", "large", "small", "big", "huge", "diverse", "mixed", "little", "whole"}
)


def other_than_several(
    parsed: ParsedCaption, mention: NounMention, rule: str
) -> Iterator[Proposal]:
    """Yield one in the place of several; and more in that of a couple."""
    found = _quantity(parsed, mention)
    if found is None or not _comes_one_by_one(mention):
        return
    start, end = found
    group = end - 2 if parsed.lower[end - 1] == "of" else None
    if not _may_change(parsed, mention, start, group):
        return
    old = " ".join((*parsed.lower[start:end], mention.noun.plural))
    if group is not None and parsed.lower[group] in TWO:
        for number in MORE_THAN_TWO:
            piece = TokenPiece(start, end, number)
            new = f"{number} {mention.noun.plural}"
            yield Proposal(EditKind.COUNT, "number", (piece,), old, new, rule)
    repairs = change_number(parsed, mention, plural=False, said=range(start, end))
    if repairs is None:
        return
    if group is not None:
        repairs += [p for p in agree(parsed, group, plural=False) if p.start > mention.head]
    person = mention.noun.lemma == "people"
    name = "person" if person else mention.noun.lemma
    between = parsed.lower[end : mention.start]
    for single in ("a single", ONE, article_for(between[0] if between else name)):
        piece, kept = TokenPiece(start, end, single), repairs
        if person:
            piece, kept = with_noun(parsed, mention, piece, name, repairs)
        said = single if single in {"a single", ONE} else article_for(name)
        yield Proposal(
            EditKind.COUNT, "number", (piece, *kept), old, f"{said} {name}", rule, weight=DOWN
        )


def few_of_many(parsed: ParsedCaption, mention: NounMention, rule: str) -> Iterator[Proposal]:
    """Yield a number in the place of a word for many: "several cars" → "two cars"."""
    token = parsed.child(mention.head, "amod")
    if token is None or token in parsed.protected or parsed.lower[token] not in MANY:
        return
    if token and parsed.lower[token - 1] in {"how", "so", "the", "too", "as", "of"}:
        return
    for number in ("two", "three"):
        piece = TokenPiece(token, token + 1, number)
        old, new = decisive_words(mention, parsed.lower[token], number, True)
        yield Proposal(EditKind.COUNT, "number", (piece,), old, new, rule, weight=DOWN)


def _quantity(parsed: ParsedCaption, mention: NounMention) -> tuple[int, int] | None:
    """Half-open tokens that say that there are several of the noun."""
    first = mention.phrase_start
    while first and parsed.tags[first - 1] in PRENOMINAL and parsed.lower[first - 1] not in MANY:
        first -= 1
    before = parsed.lower[first - 1] if first else ""
    if before == "some" or before in MANY:
        return first - 1, first
    if before == "few" and parsed.lower[first - 2 : first - 1] == ("a",):
        return first - 2, first
    if before != "of" or first < 2 or parsed.lower[first - 2] not in GROUPS:
        return None
    start = first - 2
    while start and parsed.lower[start - 1] in BEFORE:
        start -= 1
    return start, first


def _comes_one_by_one(mention: NounMention) -> bool:
    noun = mention.noun
    if noun.cls not in SORTS or noun.cls in UNCOUNTED or noun.lemma in NEVER_ALONE:
        return False
    return noun.plural != noun.lemma or noun.lemma == "people"


def _may_change(parsed: ParsedCaption, mention: NounMention, start: int, group: int | None) -> bool:
    """Whether the phrase stands where another number of the thing makes sense."""
    if parsed.lower[mention.head + 1 : mention.head + 2] in BEHIND_SEVERAL:
        return False
    if start and parsed.lower[start - 1] == "of":
        return start > 1 and parsed.lower[start - 2] in PICTURES
    if group is not None:
        return start == 0
    opens = not start or parsed.tags[start - 1] in OPENING
    return opens and allows_other_number(parsed, mention)
