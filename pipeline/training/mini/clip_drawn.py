"""What the small SDXL makes of captions, as lessons for the miniature CLIP.

`python -m pipeline.training.mini.clip_drawn BUILD` draws pairs of seen scenes and reads what each
picture shows. A picture that shows its caption is one more picture of it; one that does not, or
not clearly, is a picture that its caption must like less than a painted one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pipeline.training.mini.clip_lessons import draw_seen_pair
from pipeline.training.world.captions import WorldCaption
from pipeline.training.world.judge import Pair, judge
from pipeline.training.world.reader import UNCLEAR
from pipeline.training.world.scene import Scene, Thing

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAIRS_A_FILE: Final = 128

SETTINGS: Final[dict[str, object]] = {"images.steps": 6, "images.batch_size": 32}
"""Half of the usual steps: twice the pictures, and more of them unclear."""


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture with what was asked for and what came of it.

    Attributes:
        pixels: (128, 128, 3) uint8.
        caption: What it was drawn from.
        asked: The scene of that caption.
        seen: What the world's reader sees.
    """

    pixels: NDArray[np.uint8]
    caption: WorldCaption
    asked: Scene
    seen: Scene

    @property
    def is_right(self) -> bool:
        """Whether it shows all that its caption says."""
        return all(judge(self.caption, self.seen).values())

    @property
    def is_clear(self) -> bool:
        """Whether everything in it is one of the world's things, and no two are alike."""
        names = [thing.name for thing in self.seen.things]
        return UNCLEAR not in names and len(set(names)) == len(names)


def draw_files(folder: Path, renderer: Path, files: int, seed: int = 0) -> None:
    """Draw until `folder` holds `files` files; those that are there are kept."""
    from pipeline.adapters.sdxl import open_renderer
    from pipeline.config import load_config
    from pipeline.evaluation import as_set
    from pipeline.evaluation_cli import WORLD_SETTINGS
    from pipeline.render.plan import plan_set
    from pipeline.training.world.reader import read

    flat = {**WORLD_SETTINGS, **SETTINGS, "images.renderer": "sdxl", "images.model": str(renderer)}
    images = load_config(flat, environ={}).images
    opened = open_renderer(images)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        target = folder / f"{number:04d}.npz"
        if target.exists():
            continue
        pairs = _pairs(seed, number)
        draws = [draw for n, pair in enumerate(pairs) for draw in
                 plan_set(as_set(pair, n), seed + number, images)]  # fmt: skip
        pictures = np.stack(opened.draw(draws))
        scenes = json.dumps([asdict(read(picture).scene) for picture in pictures])
        scratch = folder / "part"
        with scratch.open("wb") as file:
            np.savez(file, pictures=pictures, scenes=np.array(scenes), seed=seed)
        scratch.replace(target)
        sys.stdout.write(f"{number + 1} of {files} files\n")
        sys.stdout.flush()
    opened.close()


def _pairs(seed: int, number: int) -> list[Pair]:
    state = random.Random(f"{seed} drawn {number}")  # noqa: S311  not for secrets
    return [draw_seen_pair(state) for _ in range(PAIRS_A_FILE)]


def read_files(folder: Path) -> Iterator[tuple[DrawnPicture, DrawnPicture]]:
    """The two pictures of every pair, in order."""
    for file in sorted(folder.glob("*.npz")):
        with np.load(file) as stored:
            pictures, seed = stored["pictures"], int(stored["seed"])
            scenes = [_scene(tree) for tree in json.loads(str(stored["scenes"]))]
        for index, pair in enumerate(_pairs(seed, int(file.stem))):
            first, second = 2 * index, 2 * index + 1
            yield (
                DrawnPicture(pictures[first], pair.caption, pair.scene, scenes[first]),
                DrawnPicture(pictures[second], pair.edited, pair.edited_scene, scenes[second]),
            )


def _scene(tree: dict[str, Any]) -> Scene:
    return Scene(**{**tree, "things": tuple(Thing(**thing) for thing in tree["things"])})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--renderer", type=Path, default=Path("pipeline/models/world_sdxl"))
    parser.add_argument("--files", type=int, default=20)
    options = parser.parse_args()
    draw_files(options.folder / "drawn", options.renderer, options.files)
