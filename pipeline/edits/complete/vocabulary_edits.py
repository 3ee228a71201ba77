"""Complete counterfactuals within a vocabulary: several edits at once and another setting.

For image models that draw few things: the scenes of the bank are of the whole world.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, FullCaption, Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.combine import combine
from pipeline.edits.complete.main_things import SEVERAL, recast
from pipeline.edits.complete.places import (
    names_settlement,
    shows_no_scene,
    stays_placed,
    tells_place,
)
from pipeline.edits.complete.vocabulary import Vocabulary
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.doc_columns import char_spans, text_of
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.rules.listed import is_list

if TYPE_CHECKING:
    from spacy.tokens import Doc

COMBINED = (
    EditKind.OBJECT, EditKind.ACTION, EditKind.ATTRIBUTE, EditKind.COUNT, EditKind.RELATION,
)  # fmt: skip
"""Kinds that can be changed together without losing the sentence."""

FEWEST_WORDS, MOST_WORDS = 8, 60
FEWEST_EDITS, MOST_EDITS = 2, 3
LONGEST_APPENDED = 20
PLACE_PREPOSITIONS = frozenset(
    {"in", "on", "at", "near", "by", "beside", "inside", "outside", "against", "along", "under"}
)
SETTING_CLASSES = frozenset({"place", "scenery", "building", "event"})
PLACE_GROUPS = frozenset(
    {"waters", "ground_cover", "surfaces_of_rooms", "on_buildings", "on_stage", "perches"}
)
SCENE_CLASSES = frozenset({"place", "scenery"})
INDOOR_GROUPS = frozenset({"rooms", "shops_and_eateries", "surfaces_of_rooms"})
OTHER_PLACES = frozenset(
    {"mountain", "hill", "cliff", "sky", "cloud", "coast", "harbor", "harbour", "marina",
     "roof", "alley", "courtyard", "sun", "wave", "horizon", "balcony", "terrace", "patio",
     "porch", "cemetery", "airport", "glacier", "iceberg", "volcano", "ridge", "bay", "stage",
     "studio", "gallery", "lobby", "foyer", "corridor", "hall", "theater", "theatre", "gym",
     "interior", "tunnel", "cave", "greenhouse", "staircase", "carpet", "rug", "cage", "stable",
     "stall", "kennel", "cockpit", "elevator", "shower", "bus", "metro", "bazaar", "salon",
     "warehouse", "garage"}
)  # fmt: skip
"""Nouns of other classes that say where a scene is."""

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
     "recipe", "carpet", "runway", "catwalk", "here", "where",
     "wetlands", "wetland", "boxes", "buckets", "just"}
)  # fmt: skip
"""Words of captions that have a setting of their own, or none at all."""

BOUND = frozenset(
    {"swim", "swims", "swimming", "sail", "sailing", "floating", "diving", "surfing", "skiing",
     "driving", "floats", "skating", "surf", "climbing", "rowing", "snowboarding", "kayaking",
     "parking", "moored", "docked", "anchored", "match", "game", "goal", "touchdown", "quarter",
     "inning", "innings", "tournament", "championship", "playoff", "playoffs", "tackle", "dunk",
     "penalty", "race", "concert", "festival"}
)  # fmt: skip
"""Actions and occasions that only some settings allow."""

STORMS = frozenset(
    {"storm", "snowstorm", "snow", "rain", "fog", "sunshine", "sunlight", "thunderstorm"}
)
"""Weather that is seen outdoors alone."""

UNSEEN_SUBKINDS = frozenset({"events", "seasons"})
"""Edits that change too little of what is seen."""

UNSUITABLE = frozenset(
    {"?", "fire", "copulating", "copulate", "mating", "mate", "slaughter", "slaughtered", "kill",
     "killed", "killing", "dead", "corpse", "nude", "naked", "blood", "bomb", "attack",
     "funeral", "crash", "tattoo", "tattoos",
     "blow", "blows", "blowing"}
)  # fmt: skip
"""Captions that no scene is made of."""

STARTS = frozenset({"DT", "NN", "NNS", "JJ", "CD", "VBG", "PRP$"})
"""Tags of first words that a phrase may be put before."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a caption can say that the scene is elsewhere.

    Attributes:
        replaced: Tokens that say where it is now; None to add a phrase.
        end: Token that an added phrase stands before; None for before the whole caption.
    """

    replaced: tuple[int, int] | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """How the scene is taken elsewhere.

    Attributes:
        pieces: Pieces of the caption that say so; none where an edit does it already.
        before: Phrase that stands before the whole caption.
    """

    pieces: tuple[TokenPiece, ...] = ()
    before: str = ""


class FullComposer:
    """Writes complete counterfactuals from proposals that passed their checks."""

    name = "full.compose"

    def __init__(self, run_seed: int, vocabulary: Vocabulary) -> None:
        """Compose with the words and the settings of a vocabulary."""
        self._run_seed = run_seed
        self._vocabulary = vocabulary

    def compose(
        self, anchor_id: str, doc: Doc, proposals: Sequence[Proposal], wanted: int
    ) -> list[FullCaption]:
        """Up to `wanted` captions, each from two or more edits and a new setting."""
        reading = parsed_caption(doc)
        if (
            wanted < 1
            or not reading.is_description
            or reading.is_conversational
            or is_list(reading)
        ):
            return []
        if not UNSUITABLE.isdisjoint(reading.lower) or shows_no_scene(reading):
            return []
        named = self._vocabulary.setting_span(reading.lower)
        place = named or _setting_span(reading)
        # Beside one of the vocabulary's settings no second is put: "in winter in a room".
        olds = (place,) if named else (place, None) if place else (None,)
        spots = {old: _spot(reading, old) for old in olds}
        usable = [
            p
            for p in proposals
            if p.wording is None and p.kind in COMBINED and p.subkind not in UNSEEN_SUBKINDS
        ]
        usable += self._vocabulary.known(doc.text, list(recast(reading)))
        if len(usable) < FEWEST_EDITS:
            return []
        if not any(spots.values()) and not any(p.subkind in _setting_groups() for p in usable):
            return []
        captions: dict[str, FullCaption] = {}
        for number in range(wanted):
            # Not for secrets: a reproducible draw.
            seed = derive_seed(self._run_seed, anchor_id, f"full{number}")
            caption = self._one(doc, reading, usable, spots, random.Random(seed))  # noqa: S311
            if caption is not None:
                captions.setdefault(caption.caption, caption)
        return list(captions.values())

    def _one(
        self,
        doc: Doc,
        reading: ParsedCaption,
        proposals: Sequence[Proposal],
        spots: Mapping[tuple[int, int] | None, Spot | None],
        draw: random.Random,
    ) -> FullCaption | None:
        varied = _varied(proposals, draw)
        # Where one word is all that can change, its thing and number change at once.
        recast_first = sorted(varied, key=lambda proposal: proposal.subkind != SEVERAL)
        for old, order in product(spots, (varied, recast_first)):
            blocked = frozenset(range(*old)) if old else frozenset()
            chosen = combine(reading, order, blocked, MOST_EDITS)
            if _respects(chosen) < FEWEST_EDITS:
                continue
            move = _move(reading, spots[old], draw, self._vocabulary)
            if move is not None or _moves_itself(chosen):
                return self._caption(doc, chosen, move or Move())
        return None

    def _caption(self, doc: Doc, chosen: Sequence[Proposal], move: Move) -> FullCaption | None:
        pieces = [piece for proposal in chosen for piece in proposal.pieces]
        caption = _write(doc, (*pieces, *move.pieces), move.before)
        if not FEWEST_WORDS <= len(caption.split()) <= MOST_WORDS:
            return None
        kinds = [str(proposal.kind) for proposal in chosen]
        if any(proposal.subkind == SEVERAL for proposal in chosen):
            kinds.append(str(EditKind.COUNT))
        contradicts = (*dict.fromkeys(kinds), "setting")
        return FullCaption(caption, "rules", self.name, contradicts)


def _move(
    reading: ParsedCaption, spot: Spot | None, draw: random.Random, vocabulary: Vocabulary
) -> Move | None:
    """The change of setting: in the place of the old one, at the end, or before it all."""
    if spot is None:
        return None
    elsewhere = vocabulary.elsewhere(" ".join(reading.lower))
    if not elsewhere:
        return None
    place = spot.replaced
    # Short captions need a phrase that says more.
    least = FEWEST_WORDS - len(reading) + (place[1] - place[0] if place else 0)
    phrase = draw.choice([p for p in elsewhere if len(p.split()) >= least] or elsewhere)
    if place is not None:
        return Move((TokenPiece(*place, phrase),))
    if spot.end is not None:
        return Move((TokenPiece(spot.end, spot.end, phrase),))
    return Move(before=phrase)


def _spot(reading: ParsedCaption, place: tuple[int, int] | None) -> Spot | None:
    """Where a new setting can stand if the phrase `place` may go; None where nothing allows one."""
    bound = BOUND if place else BOUND | STORMS
    if _names_place(reading, place) or not bound.isdisjoint(reading.words):
        return None
    if place is None and SCENE_WORDS & reading.words:
        return None
    if names_settlement(reading, place) or stays_placed(reading, place):
        return None
    if tells_place(reading, place):
        return None
    if place is not None:
        return Spot(place, None)
    end = _end_of_sentence(reading)
    if _may_append(reading, end):
        return Spot(None, end)
    if reading.tags[:1] and reading.tags[0] in STARTS and {"-", ":"}.isdisjoint(reading.lower):
        return Spot(None, None)
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
    return movers > 0 and _respects(chosen) > FEWEST_EDITS


def _respects(chosen: Sequence[Proposal]) -> int:
    """In how many respects the edits contradict the caption."""
    return len(chosen) + sum(proposal.subkind == SEVERAL for proposal in chosen)


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
    # A place among other things is the smallest change.
    return sorted(shuffled, key=lambda p: (p.kind is EditKind.RELATION, rank[id(p)]))


def _setting_span(reading: ParsedCaption) -> tuple[int, int] | None:
    """Tokens of the last phrases that say where: "on a lawn in the park"."""
    found: tuple[int, int] | None = None
    for token in range(len(reading) - 1, -1, -1):
        if reading.deps[token] != "prep" or reading.lower[token] not in PLACE_PREPOSITIONS:
            continue
        span = _place_phrase(reading, token)
        if span is None:
            continue
        if found is None:
            found = span
        elif span[1] == found[0] or (span[0] < found[0] and span[1] >= found[1]):
            found = span[0], found[1]
    return found


def _place_phrase(reading: ParsedCaption, preposition: int) -> tuple[int, int] | None:
    """Tokens of the phrase where it says where: "on the beach", "on a white background"."""
    thing = reading.child(preposition, "pobj")
    if thing is None:
        return None
    mention = reading.mentions.get(thing)
    is_place = reading.lower[thing] in PLACES_TOO or (
        mention is not None
        and (mention.noun.cls in SETTING_CLASSES or mention.noun.group.name in PLACE_GROUPS)
    )
    if not is_place and not _is_blank_background(reading, thing):
        return None
    span = sorted(reading.subtree(preposition))
    if span[-1] - span[0] + 1 != len(span) or span[0] == 0:
        return None
    start = span[0]
    if reading.lower[start - 1] == "isolated":
        start -= 1
    return start, span[-1] + 1


def _is_blank_background(reading: ParsedCaption, thing: int) -> bool:
    """Whether it is "on a white background", not "in the background"."""
    if reading.lower[thing] not in STILL_LIFE:
        return False
    if reading.child(thing, "compound") is not None:
        return False
    determiner = reading.determiner(thing)
    return determiner is None or reading.lower[determiner] != "the"


def _end_of_sentence(reading: ParsedCaption) -> int:
    """Token behind the last word, before closing punctuation."""
    end = len(reading)
    while end and reading.tags[end - 1] in {".", ",", ":", "''", "-RRB-"}:
        end -= 1
    return end


def _may_append(reading: ParsedCaption, end: int) -> bool:
    """Whether the caption ends in a phrase behind which a place may be named."""
    if not 0 < end <= LONGEST_APPENDED or {",", ":", "that", "who", "which"} & set(reading.lower):
        return False
    return reading.tags[end - 1] in {"NN", "NNS", "VBG"}


def _names_place(reading: ParsedCaption, place: tuple[int, int] | None) -> bool:
    """Whether a place is named outside of the replaced phrase."""
    replaced = range(*place) if place else range(0)
    return any(
        mention.noun.cls in SCENE_CLASSES
        or mention.noun.group.name in INDOOR_GROUPS
        or mention.noun.lemma in OTHER_PLACES
        for head, mention in reading.mentions.items()
        if head not in replaced
    )


def _write(doc: Doc, pieces: Iterable[TokenPiece], before: str) -> str:
    """The caption with all pieces in place, `before` standing before it all."""
    text, places = text_of(doc), char_spans(doc)
    position, parts = 0, []
    for piece in sorted(pieces, key=lambda p: (p.start, p.end)):
        if piece.start == piece.end:
            at = places[piece.start][0] if piece.start < len(places) else len(text)
            behind = piece.start and text[at - 1 : at] != " "
            new = f" {piece.text}" if behind else f"{piece.text} "
            parts += [text[position:at], new]
            position = at
        else:
            parts += [text[position : places[piece.start][0]], piece.text]
            position = places[piece.end - 1][1]
    caption = "".join([*parts, text[position:]])
    if text[:1].isupper():
        if parts and not parts[0] and len(parts) > 1 and parts[1].endswith(" "):
            # An insertion stands first: the word behind it gives its capital away.
            shift = len(parts[1])
            caption = caption[:shift] + caption[shift : shift + 1].lower() + caption[shift + 1 :]
        caption = caption[:1].upper() + caption[1:]
    if not before:
        return caption
    if caption[:1].isupper() and text[:1].isupper():
        before, caption = before[:1].upper() + before[1:], caption[:1].lower() + caption[1:]
    return f"{before}, {caption}"
