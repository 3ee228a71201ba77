"""Where a caption says that its scene is, and where it can be said to be elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.edits.complete.places import has_fixed_place, has_other_location, has_settlement
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.parsed_caption import ParsedCaption

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
     "recipe", "indoor", "outdoor", "carpet", "runway", "catwalk", "here", "where",
     "wetlands", "wetland", "boxes", "buckets", "just"}
)  # fmt: skip
"""Words of captions that have a setting of their own, or none at all."""

TIED_TO_SETTING = frozenset(
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

STARTS = frozenset({"DT", "NN", "NNS", "JJ", "CD", "VBG", "PRP$"})
"""Tags of first words that a phrase may be put before."""


@dataclass(frozen=True, slots=True)
class SettingSlot:
    """Where a caption can say that the scene is elsewhere.

    Attributes:
        replaced: Tokens that say where it is now; None to add a phrase.
        end: Token that an added phrase stands before; None for before the whole caption.
    """

    replaced: tuple[int, int] | None
    end: int | None


def find_slot(reading: ParsedCaption, place: tuple[int, int] | None) -> SettingSlot | None:
    """Where a new setting can stand if the phrase `place` may go; None where nothing allows one."""
    bound = TIED_TO_SETTING if place else TIED_TO_SETTING | STORMS
    if _has_place_noun(reading, place) or not bound.isdisjoint(reading.words):
        return None
    if place is None and SCENE_WORDS & reading.words:
        return None
    if has_settlement(reading, place) or has_fixed_place(reading, place):
        return None
    if has_other_location(reading, place):
        return None
    if place is not None:
        return SettingSlot(place, None)
    end = _end_of_sentence(reading)
    if _ends_in_phrase(reading, end):
        return SettingSlot(None, end)
    if reading.tags[:1] and reading.tags[0] in STARTS and {"-", ":"}.isdisjoint(reading.lower):
        return SettingSlot(None, None)
    return None


@cache
def setting_groups() -> frozenset[str]:
    """Groups of the lexicon whose exchange takes the scene elsewhere."""
    groups = load_lexicon().nouns.groups.values()
    return frozenset(
        group.name
        for group in groups
        if group.cls in SETTING_CLASSES
        or group.name in {"waters", "seasons", "weather_things", "daytimes"}
    )


def find_setting(reading: ParsedCaption) -> tuple[int, int] | None:
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


def _ends_in_phrase(reading: ParsedCaption, end: int) -> bool:
    """Whether the caption ends in a phrase behind which a place may be named."""
    if not 0 < end <= LONGEST_APPENDED or {",", ":", "that", "who", "which"} & set(reading.lower):
        return False
    return reading.tags[end - 1] in {"NN", "NNS", "VBG"}


def _has_place_noun(reading: ParsedCaption, place: tuple[int, int] | None) -> bool:
    """Whether a place is named outside of the replaced phrase."""
    replaced = range(*place) if place else range(0)
    return any(
        mention.noun.cls in SCENE_CLASSES
        or mention.noun.group.name in INDOOR_GROUPS
        or mention.noun.lemma in OTHER_PLACES
        for head, mention in reading.mentions.items()
        if head not in replaced
    )
