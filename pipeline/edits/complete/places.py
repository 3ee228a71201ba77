"""Whether the words of a caption tie its scene to one place."""

from __future__ import annotations

from pipeline.edits.parse.parsed_caption import ParsedCaption

FIXED_PLACES = frozenset(
    {"background", "backdrop", "wall", "walls", "stadium", "dugout", "window", "windows",
     "windowsill", "arena", "court", "pitch", "rink", "ice", "ring", "podium", "location", "area",
     "region", "venue", "site", "scene", "aisle", "pub", "camp", "track", "trail", "shelf",
     "shelves", "platform", "station", "office", "museum", "zoo", "aquarium", "square", "church",
     "mall", "lecture", "ceremony", "exhibition", "premiere", "conference", "marathon", "lot",
     "class", "training", "water", "graveyard", "yard", "farmyard", "trip", "match", "session",
     "event", "launch", "port", "base", "nest"}
)  # fmt: skip
"""Words of captions that go on naming a place, whatever the lexicon of nouns knows."""

NAMED_PLACES = frozenset(
    {"island", "lake", "river", "mountain", "road", "country", "university", "school", "airport",
     "attraction", "college", "hospital", "planet", "park", "facility", "province", "state"}
)  # fmt: skip
"""Places that stand where a name stood, so that the lexicon does not take them for things."""

SETTLEMENTS = frozenset(
    {"village", "town", "city", "suburb", "district", "neighborhood", "neighbourhood"}
)
"""Places whose weather and light may change."""

PLACED_IN = frozenset({"building", "event", "vehicle"})
"""Classes of which one may be inside, besides places and scenery, whose weather may change."""

BOARDED = frozenset({"on", "in", "inside", "aboard", "onboard"})
CARRIERS = frozenset(
    {"train", "bus", "plane", "airplane", "aircraft", "jet", "boat", "ship", "ferry", "yacht",
     "tram", "subway", "metro", "car", "taxi", "van", "truck", "helicopter", "carriage", "cab"}
)  # fmt: skip
"""Vehicles that those who are on board are inside of, wherever these go."""


WITHIN = frozenset(
    {"at", "in", "inside", "into", "outside", "through", "across", "over", "aboard", "amid",
     "during", "within", "around", "throughout"}
)  # fmt: skip
NOWHERE = frozenset(
    {"wind", "sun", "sunlight", "sunshine", "rain", "snow", "fog", "mist", "air", "breeze",
     "action", "motion", "love", "arms", "hand", "hands", "lap", "front", "profile", "shape",
     "form", "style", "colour", "color", "colors", "colours", "black", "white", "red", "blue",
     "pink", "green", "costume", "costumes", "uniform", "uniforms", "gown", "pose", "row", "rows",
     "puddle", "shadow", "shade", "meditation", "captivity", "jeans", "top", "world", "suit",
     "group", "line", "pair", "pairs", "circle", "bloom", "flight", "camera", "night", "sunset",
     "sunrise", "dusk", "dawn", "morning", "evening", "afternoon", "day", "winter", "summer",
     "spring", "autumn", "distance", "middle", "age", "shoulder", "head", "face", "mouth", "beak"}
)  # fmt: skip
"""What stands behind such a word without saying where."""

OCCASIONS = frozenset(
    {
        "awards",
        "premiere",
        "week",
        "show",
        "ceremony",
        "conference",
        "convention",
        "gala",
        "launch",
        "screening",
        "afterparty",
        "event",
        "festival",
        "exhibition",
        "lecture",
        "contest",
    }
)
"""Words of captions whose occasion is bound to its own place."""


def has_other_location(reading: ParsedCaption, place: tuple[int, int] | None) -> bool:
    """Whether a phrase outside of the replaced one goes on saying where, known noun or not."""
    replaced = range(*place) if place else range(0)
    for token, word in enumerate(reading.lower):
        if token in replaced:
            continue
        if word in OCCASIONS:
            return True
        if word not in WITHIN or reading.deps[token] != "prep":
            continue
        thing = reading.child(token, "pobj")
        if thing is None or thing in replaced or reading.lower[thing] in NOWHERE:
            continue
        mention = reading.mentions.get(thing)
        if mention is None or mention.noun.cls in PLACED_IN:
            return True
    return False


def has_fixed_place(reading: ParsedCaption, place: tuple[int, int] | None) -> bool:
    """Whether words outside of the replaced phrase go on saying where: a wall, "on a train"."""
    replaced = range(*place) if place else range(0)
    for token, word in enumerate(reading.lower):
        if token in replaced:
            continue
        mention = reading.mentions.get(token)
        if mention is not None and mention.noun.cls in {"place", "scenery"}:
            # Its weather and light may change.
            continue
        if word in FIXED_PLACES and reading.tags[token] in {"NN", "NNS"}:
            return True
        if word in NAMED_PLACES and token in reading.protected:
            return True
        if word in BOARDED and not CARRIERS.isdisjoint(reading.lower[token + 1 : token + 4]):
            return True
    return False


def has_settlement(reading: ParsedCaption, place: tuple[int, int] | None) -> bool:
    """Whether a town or village stays outside of the replaced phrase."""
    start, end = place or (0, 0)
    return not SETTLEMENTS.isdisjoint((*reading.lower[:start], *reading.lower[end:]))
