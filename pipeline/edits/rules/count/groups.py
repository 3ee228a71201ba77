"""One instead of a group: "a group of horses in a field" → "a single horse in a field"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import agree
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.agreement import change_number
from pipeline.edits.rules.count.words import NEVER_ALONE, PICTURES, PRENOMINAL, UNCOUNTED

GROUPS = frozenset({"group", "crowd", "herd", "flock", "bunch", "pack", "swarm", "gang", "row"})
"""Words whose "of …" shows many of one sort."""

SORTS = frozenset(
    {"person", "animal", "vehicle", "building", "furniture", "toy", "plant", "thing", "container"}
)
BEFORE = frozenset({"a", "the", "large", "small", "big", "huge", "diverse", "mixed", "little"})
SINGLE = "a single"


def single_of_group(parsed: ParsedCaption, rule: str) -> Iterator[Proposal]:
    """Yield one of the group that a caption, or a picture that it mentions, is of."""
    for group, word in enumerate(parsed.lower[:6]):
        if word not in GROUPS or parsed.lower[group + 1 : group + 2] != ("of",):
            continue
        start = group
        while start and parsed.lower[start - 1] in BEFORE:
            start -= 1
        pictured = start > 1 and parsed.lower[start - 1] == "of"
        if start and not (pictured and parsed.lower[start - 2] in PICTURES):
            return
        mention = _members(parsed, group)
        if mention is not None:
            yield from _single(parsed, start, group, mention, rule)
        return


def _members(parsed: ParsedCaption, group: int) -> NounMention | None:
    """The plural noun right behind "of", with nothing but adjectives before it."""
    head = group + 2
    while head < len(parsed) and head not in parsed.mentions:
        if parsed.tags[head] not in PRENOMINAL:
            return None
        head += 1
    mention = parsed.mentions.get(head)
    if mention is None or not mention.plural:
        return None
    noun = mention.noun
    if noun.cls not in SORTS or noun.cls in UNCOUNTED or noun.lemma in NEVER_ALONE:
        return None
    if noun.plural == noun.lemma and noun.lemma != "people":
        return None
    return mention


def _single(
    parsed: ParsedCaption, start: int, group: int, mention: NounMention, rule: str
) -> Iterator[Proposal]:
    repairs = change_number(parsed, mention, plural=False)
    if repairs is None or parsed.lower[mention.head + 1 : mention.head + 2] in {("and",), ("of",)}:
        return
    repairs += [piece for piece in agree(parsed, group, plural=False) if piece.start > mention.head]
    noun = mention.noun
    old = " ".join(parsed.lower[start : mention.head + 1])
    if noun.lemma == "people":
        # "person" is another word, and so part of the decisive piece.
        between = parsed.lower[group + 2 : mention.start]
        text = " ".join((SINGLE, *between, "person"))
        piece = TokenPiece(start, mention.head + 1, text)
        repairs = [repair for repair in repairs if repair.start > mention.head]
        yield Proposal(EditKind.COUNT, "number", (piece, *repairs), old, text, rule)
        return
    piece = TokenPiece(start, group + 2, SINGLE)
    yield Proposal(EditKind.COUNT, "number", (piece, *repairs), old, f"{SINGLE} {noun.lemma}", rule)
