"""Complete counterfactuals by rules: several edits at once and another setting."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from pipeline.edits.lexicon import load_lexicon
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
MOST_EDITS = 3
PLACE_PREPOSITIONS = frozenset({"in", "on", "at", "near", "by", "beside", "inside", "outside"})
SETTING_CLASSES = frozenset({"place", "scenery", "building", "event"})
STILL_LIFE = frozenset({"background", "backdrop"})
SCENE_WORDS = frozenset(
    {"background", "backdrop", "room", "home", "house", "outside", "inside", "indoors", "sky",
     "outdoors", "underwater", "downtown", "stage", "pattern", "logo", "map", "icon", "text",
     "card", "menu", "wallpaper", "design", "close", "closeup", "recipe", "graphic", "vector"}
)  # fmt: skip
"""Words of captions that have a setting of their own, or none at all."""

SWIMMING = frozenset(
    {"swim", "swims", "swimming", "sail", "sailing", "floating", "diving", "surfing", "skiing",
     "driving", "flying", "flies", "floats", "skating", "surf"}
)  # fmt: skip
"""Actions that only some settings allow."""


class FullComposer:
    """Writes complete counterfactuals from proposals that passed their checks."""

    name = "full.compose"

    def __init__(self, run_seed: int) -> None:
        self._run_seed = run_seed

    def compose(
        self, anchor_id: str, doc: Doc, proposals: Sequence[Proposal], wanted: int
    ) -> list[FullCaption]:
        """Up to `wanted` captions, each from two or more edits and a new setting."""
        usable = [p for p in proposals if p.wording is None and p.kind in COMBINED]
        if len(usable) < 2:
            return []
        reading = read(doc)
        if SWIMMING & reading.words or "?" in reading.words:
            return []
        captions: dict[str, FullCaption] = {}
        for number in range(wanted):
            # Not for secrets: a reproducible draw.
            seed = derive_seed(self._run_seed, anchor_id, f"full{number}")
            caption = self._one(doc, reading, usable, random.Random(seed))  # noqa: S311
            if caption is not None:
                captions.setdefault(caption.caption, caption)
        return list(captions.values())

    def _one(
        self, doc: Doc, reading: Reading, proposals: Sequence[Proposal], draw: random.Random
    ) -> FullCaption | None:
        place = _setting_span(reading)
        blocked = set(range(*place)) if place else set()
        chosen = _compatible(proposals, blocked, draw)
        if len(chosen) < 2:
            return None
        end = _end_of_sentence(reading)
        pieces = [piece for proposal in chosen for piece in proposal.pieces]
        if place is not None or _may_append(reading, end):
            new_setting = _new_setting(reading, chosen, draw)
            if new_setting is None:
                return None
            pieces.append(TokenPiece(*(place or (end, end)), new_setting))
        elif not any(proposal.subkind in _setting_groups() for proposal in chosen):
            # Neither the sentence nor any of its edits can take it elsewhere.
            return None
        caption = _write(doc, pieces)
        if not FEWEST_WORDS <= len(caption.split()) <= MOST_WORDS:
            return None
        contradicts = (*dict.fromkeys(str(proposal.kind) for proposal in chosen), "setting")
        return FullCaption(caption, "rules", self.name, contradicts)


@cache
def _setting_groups() -> frozenset[str]:
    """Groups of the lexicon whose exchange takes the scene elsewhere."""
    groups = load_lexicon().nouns.groups.values()
    return frozenset(
        group.name
        for group in groups
        if group.cls in SETTING_CLASSES or group.name in {"waters", "seasons", "weather_things"}
    )


def _compatible(
    proposals: Sequence[Proposal], blocked: set[int], draw: random.Random
) -> list[Proposal]:
    """Proposals that touch different tokens, other kinds first."""
    shuffled = list(proposals)
    draw.shuffle(shuffled)
    taken = set(blocked)
    chosen: list[Proposal] = []
    for fresh_kinds in (True, False):
        for proposal in shuffled:
            if len(chosen) == (MOST_EDITS if fresh_kinds else 2):
                break
            known = proposal.kind in {other.kind for other in chosen}
            touched = {t for p in proposal.pieces for t in range(p.start, max(p.end, p.start + 1))}
            said = {other.new for other in chosen} | {other.old for other in chosen}
            if known == fresh_kinds or touched & taken or proposal.new in said:
                continue
            chosen.append(proposal)
            taken |= touched
    return chosen


def _setting_span(reading: Reading) -> tuple[int, int] | None:
    """Tokens of the last phrase that says where: "on the beach", "on a white background"."""
    for token in range(len(reading) - 1, -1, -1):
        if reading.deps[token] != "prep" or reading.lower[token] not in PLACE_PREPOSITIONS:
            continue
        thing = reading.child(token, "pobj")
        if thing is None:
            continue
        mention = reading.mentions.get(thing)
        is_place = mention is not None and (
            mention.noun.cls in SETTING_CLASSES or mention.noun.group.name in {"waters", "seasons"}
        )
        if not is_place and reading.lower[thing] not in STILL_LIFE:
            continue
        span = sorted(reading.subtree(token))
        if span[-1] - span[0] + 1 != len(span) or span[0] == 0:
            continue
        start = span[0]
        if reading.lower[start - 1] == "isolated":
            start -= 1
        return start, span[-1] + 1
    return None


def _new_setting(reading: Reading, chosen: Sequence[Proposal], draw: random.Random) -> str | None:
    """A setting that neither the caption nor the edits mention."""
    said = set(reading.words).union(*(proposal.new.split() for proposal in chosen))
    fitting = [phrase for phrase, words in SETTINGS if not words & said]
    return draw.choice(fitting) if fitting else None


def _end_of_sentence(reading: Reading) -> int:
    """Token behind the last word, before closing punctuation."""
    end = len(reading)
    while end and reading.tags[end - 1] in {".", ",", ":", "''", "-RRB-"}:
        end -= 1
    return end


def _may_append(reading: Reading, end: int) -> bool:
    """Whether the caption names no place yet and ends in a phrase that can be placed."""
    if not 0 < end <= 20 or reading.tags[end - 1] not in {"NN", "NNS"}:
        return False
    if SCENE_WORDS & reading.words or "," in reading.lower or ":" in reading.lower:
        return False
    nouns = load_lexicon().nouns.by_lemma
    return not any(
        word in nouns and nouns[word].cls in SETTING_CLASSES | {"nature", "structure", "time"}
        for word in reading.words
    )


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
