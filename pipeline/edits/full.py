"""Complete counterfactuals by rules: several edits at once and another setting."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import Reading, read
from pipeline.edits.settings import SETTINGS
from pipeline.identity import derive_seed
from pipeline.records import EditKind, FullCaption

if TYPE_CHECKING:
    from spacy.tokens import Doc

COMBINED = (EditKind.OBJECT, EditKind.ACTION, EditKind.ATTRIBUTE, EditKind.COUNT)
"""Kinds that can be changed together without losing the sentence."""

FEWEST_WORDS, MOST_WORDS = 8, 60
PLACE_PREPOSITIONS = frozenset({"in", "on", "at", "near", "by", "beside", "inside", "outside"})
STILL_LIFE = frozenset({"background", "backdrop"})


class FullComposer:
    """Writes complete counterfactuals from proposals that passed their checks."""

    name = "full.compose"

    def __init__(self, run_seed: int) -> None:
        self._run_seed = run_seed

    def compose(
        self, anchor_id: str, doc: Doc, proposals: Sequence[Proposal], wanted: int
    ) -> list[FullCaption]:
        """Up to `wanted` captions, each from two or more edits and a new setting."""
        reading = read(doc)
        usable = [p for p in proposals if p.wording is None and p.kind in COMBINED]
        captions: list[FullCaption] = []
        for number in range(wanted):
            # Not for secrets: a reproducible draw.
            seed = derive_seed(self._run_seed, anchor_id, f"full{number}")
            draw = random.Random(seed)  # noqa: S311
            caption = self._one(doc, reading, usable, draw)
            if caption and caption.caption not in {other.caption for other in captions}:
                captions.append(caption)
        return captions

    def _one(
        self, doc: Doc, reading: Reading, proposals: Sequence[Proposal], draw: random.Random
    ) -> FullCaption | None:
        place = _setting_span(reading)
        blocked = set(range(*place)) if place else set()
        chosen = _compatible(proposals, blocked, draw)
        if len({proposal.kind for proposal in chosen}) < 2:
            return None
        new_setting = _new_setting(reading, draw)
        if new_setting is None:
            return None
        pieces = [piece for proposal in chosen for piece in proposal.pieces]
        end = len(reading)
        while end and reading.tags[end - 1] in {".", ",", ":", "''"}:
            end -= 1
        if place is None and not _may_append(reading, end):
            return None
        start, stop = place or (end, end)
        pieces.append(TokenPiece(start, stop, new_setting))
        caption = _write(doc, pieces)
        if not FEWEST_WORDS <= len(caption.split()) <= MOST_WORDS:
            return None
        contradicts = (*dict.fromkeys(str(proposal.kind) for proposal in chosen), "setting")
        return FullCaption(caption, "rules", self.name, contradicts)


def _compatible(
    proposals: Sequence[Proposal], blocked: set[int], draw: random.Random
) -> list[Proposal]:
    """Up to three proposals of different kinds that touch different tokens."""
    shuffled = list(proposals)
    draw.shuffle(shuffled)
    taken: set[int] = set(blocked)
    chosen: list[Proposal] = []
    for proposal in shuffled:
        touched = {t for p in proposal.pieces for t in range(p.start, max(p.end, p.start + 1))}
        if proposal.kind in {other.kind for other in chosen} or touched & taken:
            continue
        chosen.append(proposal)
        taken |= touched
        if len(chosen) == 3:
            break
    return chosen


def _setting_span(reading: Reading) -> tuple[int, int] | None:
    """Tokens of the last phrase that says where: "on the beach", "on a white background"."""
    for token in range(len(reading) - 1, -1, -1):
        if reading.deps[token] != "prep" or reading.lower[token] not in PLACE_PREPOSITIONS:
            continue
        thing = reading.child(token, "pobj")
        mention = reading.mentions.get(thing) if thing is not None else None
        is_place = mention is not None and mention.noun.cls == "place"
        if not is_place and (thing is None or reading.lower[thing] not in STILL_LIFE):
            continue
        span = sorted(reading.subtree(token))
        if span[-1] - span[0] + 1 == len(span):
            start = span[0]
            if start and reading.lower[start - 1] == "isolated":
                start -= 1
            return start, span[-1] + 1
    return None


def _new_setting(reading: Reading, draw: random.Random) -> str | None:
    fitting = [phrase for phrase, words in SETTINGS if not words & reading.words]
    return draw.choice(fitting) if fitting else None


def _may_append(reading: Reading, end: int) -> bool:
    """Whether the caption ends in a phrase behind which a place can be named."""
    return 0 < end <= 25 and reading.tags[end - 1] in {"NN", "NNS"} and "?" not in reading.lower


def _write(doc: Doc, pieces: Sequence[TokenPiece]) -> str:
    """The caption with all pieces in place."""
    text, position, parts = doc.text, 0, []
    for piece in sorted(pieces, key=lambda p: (p.start, p.end)):
        if piece.start == piece.end:
            before = doc[piece.start - 1]
            at = before.idx + len(before.text)
            parts += [text[position:at], " ", piece.text]
            position = at
        else:
            last = doc[piece.end - 1]
            parts += [text[position : doc[piece.start].idx], piece.text]
            position = last.idx + len(last.text)
    return "".join([*parts, text[position:]])
