"""The words of the world, as a vocabulary for `edits.vocabulary`."""

from __future__ import annotations

import json
import random

from pipeline.training.world.captions import describe
from pipeline.training.world.scene import CRATE, STATES, THINGS, draw_scene
from pipeline.training.world.wording import SETTING_PHRASES, draw_wording, noun

UNSAID = ("not", "no", "isn't", "aren't", "without")
"""Words of negations that edits word in their own way."""


_SEVERAL = r"\b(two|three|four)\b"
_BESIDE = (
    r"\b(and|with|beside|near|by|next to|left of|right of|side of|above|over|below|under|beneath|"
    r"underneath|inside|within|in an?|in one|in it|wearing|because|due)\b"
)
_PLURALS = "|".join(sorted({noun(name, 2) for name in (*THINGS, CRATE, *STATES)} - {*THINGS}))
_DRY = r"^(?!.*\b(?:rain|raining|sun)\b)"
NEVER = (
    rf"^(?!.*\b(?:two|three|four)\b).*\b({_PLURALS})\b",
    f"{_SEVERAL}.*{_BESIDE}",
    f"{_BESIDE}.*{_SEVERAL}",
    rf"\b(hat)\b.*{_BESIDE}",
    rf"{_DRY}(?=.*\b(umbrellas?|wilted|closed)\b).*{_BESIDE}",
    r"^(?!.*\b(?:box|boxes|hat)\b).*\b(inside|within|sitting in|in an?|in one)\b",
)
"""What no scene shows: a plural without its number, several of a thing beside another, a hat, an
umbrella or a wilted flower where two things are, and one thing in another than a box."""


def vocabulary_toml(captions: int = 30_000, seed: int = 0) -> str:
    """A TOML file with every word of the world's captions and its settings by place."""
    state = random.Random(f"{seed} words")
    words = set(UNSAID)
    for _ in range(captions):
        caption = describe(draw_scene(state), draw_wording(state)).text
        words.update(caption.replace(",", "").split())
    settings = [json.dumps(list(phrases)) for phrases in SETTING_PHRASES.values()]
    lines = ["# The words and places that the model beside this file can draw.", "words = ["]
    lines += [f"  {json.dumps(word)}," for word in sorted(words)]
    lines += ["]", "settings = [", *(f"  {line}," for line in settings), "]"]
    lines += ["# What no scene shows, as expressions that are looked for without the settings."]
    lines += ["never = [", *(f"  '{pattern}'," for pattern in NEVER), "]"]
    return "\n".join(lines) + "\n"
