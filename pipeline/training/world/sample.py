"""The packaged captions of the world: `python -m pipeline.training.world.sample > FILE`."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace

from pipeline.training.world.captions import describe
from pipeline.training.world.scene import draw_scene, is_held_out
from pipeline.training.world.wording import draw_wording

ROWS = 400
FACTS = 4


def sample_captions(count: int = ROWS, seed: int = 0) -> Iterator[str]:
    """Different captions of held-out scenes that state four facts or more.

    None is negated, so that edits can negate, and none exchanges cause and effect.
    """
    state = random.Random(f"{seed} sample")
    seen: set[str] = set()
    while len(seen) < count:
        scene = draw_scene(state)
        caption = describe(scene, replace(draw_wording(state), negation=1.0, hat=False))
        text = caption.text
        if text.startswith(("it is raining because", "the sun is shining because")):
            continue
        if is_held_out(scene) and len(caption.facts) >= FACTS and text not in seen:
            seen.add(text)
            yield text


if __name__ == "__main__":
    for text in sample_captions():
        sys.stdout.write(json.dumps({"caption": text}) + "\n")
