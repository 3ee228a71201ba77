"""Which captions get a complete counterfactual at all, and how long it may be."""

from __future__ import annotations

from pipeline.edits.parse.caption_type import is_list
from pipeline.edits.parse.parsed_caption import ParsedCaption

FEWEST_WORDS, MOST_WORDS = 8, 60

SIGHTS = frozenset(
    {"view", "views", "pattern", "patterns", "texture", "panorama", "abstract", "abstraction",
     "collage", "map", "wallpaper", "design"}
)  # fmt: skip
"""Main nouns of captions that show no scene which could be set elsewhere."""

UNSUITABLE = frozenset(
    {"?", "fire", "copulating", "copulate", "mating", "mate", "slaughter", "slaughtered", "kill",
     "killed", "killing", "dead", "corpse", "nude", "naked", "blood", "bomb", "attack",
     "funeral", "crash", "tattoo", "tattoos",
     "blow", "blows", "blowing"}
)  # fmt: skip
"""Captions that no scene is made of."""


def allows_another_scene(reading: ParsedCaption) -> bool:
    """Whether the caption describes one scene, which another may contradict."""
    if not reading.is_description or reading.is_conversational or is_list(reading.lower):
        return False
    return UNSUITABLE.isdisjoint(reading.lower) and not _lacks_scene(reading)


def _lacks_scene(reading: ParsedCaption) -> bool:
    """Whether the caption is of a view or a pattern, or lost a date in the middle of it."""
    main = next((t for t, dep in enumerate(reading.deps) if dep == "ROOT"), 0)
    if reading.lower[main] in SIGHTS:
        return True
    return ("at", "time") in zip(reading.lower, reading.lower[1:], strict=False)
