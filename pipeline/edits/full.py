"""Complete counterfactuals by rules: several edits at once and another setting."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from pipeline.edits.combine import combine, noun_after
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import Reading, read
from pipeline.edits.recast import STANDING_IN, recast
from pipeline.edits.settings import load_settings
from pipeline.identity import derive_seed
from pipeline.records import EditKind, FullCaption, Role

if TYPE_CHECKING:
    from spacy.tokens import Doc

COMBINED = (EditKind.OBJECT, EditKind.ACTION, EditKind.ATTRIBUTE, EditKind.COUNT)
"""Kinds that can be changed together without losing the sentence."""

FEWEST_WORDS, MOST_WORDS = 8, 60
FEWEST_EDITS, MOST_EDITS = 2, 3
LONGEST_APPENDED = 20
PLACE_PREPOSITIONS = frozenset(
    {"in", "on", "at", "near", "by", "beside", "inside", "outside", "against", "along", "under"}
)
SETTING_CLASSES = frozenset({"place", "scenery", "building", "event"})
OUTDOOR_CLASSES = frozenset({"place", "scenery"})
OUTDOOR_PLACES = frozenset(
    {"mountain", "hill", "cliff", "sky", "cloud", "coast", "harbor", "harbour", "marina", "roof",
     "alley", "courtyard", "sun", "wave", "horizon", "balcony", "terrace", "patio", "porch",
     "cemetery", "airport", "glacier", "iceberg", "volcano", "ridge", "bay"}
)  # fmt: skip
INDOOR_GROUPS = frozenset({"rooms", "shops_and_eateries", "surfaces_of_rooms"})
INDOOR_PLACES = frozenset(
    {"stage", "studio", "gallery", "lobby", "foyer", "corridor", "hall", "theater", "theatre",
     "gym", "interior", "tunnel", "cave", "greenhouse", "staircase", "carpet", "rug", "cage"}
)  # fmt: skip
STILL_LIFE = frozenset({"background", "backdrop"})
PLACES_TOO = frozenset(
    {
        "stage",
        "carpet",
        "home",
        "room",
        "catwalk",
        "runway",
        "studio",
        "outdoors",
        "nature",
        "countryside",
        "downtown",
        "sky",
    }
)
SCENE_WORDS = frozenset(
    {"background", "backdrop", "room", "home", "house", "outside", "inside", "indoors", "sky",
     "outdoors", "underwater", "downtown", "stage", "map", "text", "card", "menu", "collage",
     "recipe", "carpet", "runway", "catwalk", "here", "where"}
)  # fmt: skip
"""Words of captions that have a setting of their own, or none at all."""

BOUND = frozenset(
    {"swim", "swims", "swimming", "sail", "sailing", "floating", "diving", "surfing", "skiing",
     "driving", "floats", "skating", "surf", "climbing", "rowing", "snowboarding", "kayaking",
     "parking", "moored", "docked", "anchored", "match", "game", "goal"}
)  # fmt: skip
"""Actions and occasions that only some settings allow."""

STARTS = frozenset({"DT", "NN", "NNS", "JJ", "CD", "VBG", "PRP$"})
"""Tags of first words that a phrase may be put before."""


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
        if wanted < 1 or not reading.describes or "?" in reading.words:
            return []
        usable = [p for p in proposals if p.wording is None and p.kind in COMBINED]
        usable += recast(reading)
        if len({(proposal.kind, _place(proposal)) for proposal in usable}) < FEWEST_EDITS:
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
        varied = _varied(proposals, draw)
        place = _setting_span(reading)
        for old in (place, None) if place else (None,):
            blocked = frozenset(range(*old)) if old else frozenset()
            chosen = combine(reading, varied, blocked, MOST_EDITS)
            if len(chosen) < FEWEST_EDITS:
                continue
            moved = self._move(reading, chosen, old, draw)
            if moved is not None or _moves_itself(chosen):
                return self._caption(doc, chosen, moved)
        return None

    def _caption(
        self, doc: Doc, chosen: Sequence[Proposal], moved: TokenPiece | None
    ) -> FullCaption | None:
        pieces = [piece for proposal in chosen for piece in proposal.pieces]
        if moved is not None:
            pieces.append(moved)
        caption = _write(doc, pieces)
        if not FEWEST_WORDS <= len(caption.split()) <= MOST_WORDS:
            return None
        contradicts = (*dict.fromkeys(str(proposal.kind) for proposal in chosen), "setting")
        return FullCaption(caption, "rules", self.name, contradicts)

    def _move(
        self,
        reading: Reading,
        chosen: Sequence[Proposal],
        place: tuple[int, int] | None,
        draw: random.Random,
    ) -> TokenPiece | None:
        """The change of setting: in the place of the old one, at the end, or before it all."""
        outdoors = _names_place(reading, place)
        if outdoors is not None or BOUND & reading.words:
            # Another place stays, or the action is bound to one: only weather and light change.
            if outdoors is False:
                return None
            place = None
        if place is None and SCENE_WORDS & reading.words:
            return None
        keeps_place = outdoors is not None or not BOUND.isdisjoint(reading.words)
        phrase = _new_setting(reading, chosen, draw, keeps_place=keeps_place)
        if phrase is None:
            return None
        if place is not None:
            return TokenPiece(*place, phrase)
        end = _end_of_sentence(reading)
        if _may_append(reading, end):
            return TokenPiece(end, end, phrase)
        if reading.tags[0] in STARTS and "-" not in reading.lower and ":" not in reading.lower:
            return TokenPiece(0, 0, f"{phrase},")
        return None


@cache
def _setting_groups() -> frozenset[str]:
    """Groups of the lexicon whose exchange takes the scene elsewhere."""
    groups = load_lexicon().nouns.groups.values()
    return frozenset(
        group.name
        for group in groups
        if group.cls in SETTING_CLASSES
        or group.name in {"waters", "seasons", "weather_things", "daytimes"}
    )


def _moves_itself(chosen: Sequence[Proposal]) -> bool:
    """Whether one of the edits, besides two others, takes the scene elsewhere."""
    movers = sum(proposal.subkind in _setting_groups() for proposal in chosen)
    return movers > 0 and len(chosen) > FEWEST_EDITS


def _place(proposal: Proposal) -> int:
    """Last token of the decisive piece; 0 where another edit's piece holds it."""
    return next((piece.end for piece in proposal.pieces if piece.role is Role.EDIT), 0)


def _varied(proposals: Sequence[Proposal], draw: random.Random) -> list[Proposal]:
    """The proposals in a random order that puts a new kind before one already there."""
    shuffled = list(proposals)
    draw.shuffle(shuffled)
    seen: dict[EditKind, int] = {}
    rank: dict[int, int] = {}
    for proposal in shuffled:
        rank[id(proposal)] = seen.setdefault(proposal.kind, 0)
        seen[proposal.kind] += 1
    return sorted(shuffled, key=lambda proposal: rank[id(proposal)])


def _setting_span(reading: Reading) -> tuple[int, int] | None:
    """Tokens of the last phrase that says where: "on the beach", "on a white background"."""
    for token in range(len(reading) - 1, -1, -1):
        if reading.deps[token] != "prep" or reading.lower[token] not in PLACE_PREPOSITIONS:
            continue
        thing = reading.child(token, "pobj")
        if thing is None:
            continue
        mention = reading.mentions.get(thing)
        is_place = reading.lower[thing] in PLACES_TOO or (
            mention is not None
            and (mention.noun.cls in SETTING_CLASSES or mention.noun.group.name == "waters")
        )
        if not is_place and not _is_blank_background(reading, thing):
            continue
        span = sorted(reading.subtree(token))
        if span[-1] - span[0] + 1 != len(span) or span[0] == 0:
            continue
        start = span[0]
        if reading.lower[start - 1] == "isolated":
            start -= 1
        return start, span[-1] + 1
    return None


def _is_blank_background(reading: Reading, thing: int) -> bool:
    """Whether it is "on a white background", not "in the background"."""
    if reading.lower[thing] not in STILL_LIFE:
        return False
    determiner = reading.determiner(thing)
    return determiner is None or reading.lower[determiner] != "the"


def _new_setting(
    reading: Reading, chosen: Sequence[Proposal], draw: random.Random, *, keeps_place: bool
) -> str | None:
    """A setting that suits what is shown and that neither the caption nor the edits mention."""
    words = set(reading.words).union(*(proposal.new.split() for proposal in chosen))
    fitting = list(load_settings().fitting(_shown(reading, chosen), words, keeps_place=keeps_place))
    return draw.choice(fitting).phrase if fitting else None


def _shown(reading: Reading, chosen: Sequence[Proposal]) -> list[Noun]:
    """Visible nouns in the order of the text, as they are after the edits."""
    nouns = load_lexicon().nouns
    shown = {head: mention.noun for head, mention in reading.mentions.items()}
    for token, word in enumerate(reading.lower):
        if token in reading.protected and word in STANDING_IN:
            shown[token] = nouns.by_lemma["person"]
    for proposal in chosen:
        new = noun_after(proposal)
        if new is not None:
            place = _place(proposal)
            if place:
                shown[place - 1] = new
    return [shown[head] for head in sorted(shown)]


def _end_of_sentence(reading: Reading) -> int:
    """Token behind the last word, before closing punctuation."""
    end = len(reading)
    while end and reading.tags[end - 1] in {".", ",", ":", "''", "-RRB-"}:
        end -= 1
    return end


def _may_append(reading: Reading, end: int) -> bool:
    """Whether the caption ends in a phrase behind which a place may be named."""
    if not 0 < end <= LONGEST_APPENDED or {",", ":", "that", "who", "which"} & set(reading.lower):
        return False
    return reading.tags[end - 1] in {"NN", "NNS", "VBG"}


def _names_place(reading: Reading, place: tuple[int, int] | None) -> bool | None:
    """Whether a place named outside of the replaced phrase lies outdoors; None for no place."""
    replaced = range(*place) if place else range(0)
    found: bool | None = None
    for head, mention in reading.mentions.items():
        if head in replaced:
            continue
        noun = mention.noun
        if noun.group.name in INDOOR_GROUPS or noun.lemma in INDOOR_PLACES:
            return False
        if noun.cls in OUTDOOR_CLASSES or noun.lemma in OUTDOOR_PLACES:
            found = True
    return found


def _write(doc: Doc, pieces: Iterable[TokenPiece]) -> str:
    """The caption with all pieces in place."""
    text, position, parts = doc.text, 0, []
    for piece in sorted(pieces, key=lambda p: (p.start, p.end)):
        if piece.start == piece.end == 0:
            upper = text[:1].isupper()
            parts.append(piece.text[:1].upper() + piece.text[1:] if upper else piece.text)
            parts.append(" ")
            text = text[:1].lower() + text[1:]
        elif piece.start == piece.end:
            before = doc[piece.start - 1]
            at = before.idx + len(before.text)
            parts += [text[position:at], " ", piece.text]
            position = at
        else:
            last = doc[piece.end - 1]
            parts += [text[position : doc[piece.start].idx], piece.text]
            position = last.idx + len(last.text)
    return "".join([*parts, text[position:]])
