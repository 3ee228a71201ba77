"""What scoring and choosing cost beside drawing, per picture, in the same run.

Sets of the packaged world are drawn by the packaged model, four candidates of each edit, then
measured with the packaged scorer, and with a CLIP of the size of ViT-B/32 (random weights:
its speed is that of the real ones), and chosen from. Drawing here is that of a very small
model: beside SDXL of full size, the same scoring costs a far smaller share.

    python tests/bench/bench_scoring.py [--sets 24] [--candidates 4]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent))

from machine import describe_machine

from pipeline.adapters.sdxl.renderer import open_renderer
from pipeline.cli.selection import SELECTION_SETTINGS
from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.records import RenderedSet
from pipeline.evaluation.renderer import as_set, draw_pairs
from pipeline.render.stage import RenderStage
from pipeline.runs.opening import open_score_stage
from pipeline.scoring.stage import ScoreStage
from pipeline.selection.selector import Selector

KINDS = ("colour", "object", "count", "relation")
T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=24)
    parser.add_argument("--candidates", type=int, default=4)
    arguments = parser.parse_args()
    print(describe_machine("torch", "transformers", "pillow"))
    settings = {
        "images.candidates": arguments.candidates,
        "images.keep_candidates": True,
        "selection.bands": "builtin:world",
    }
    config = load_config({**SELECTION_SETTINGS, **settings}, environ=os.environ)
    each = -(-arguments.sets // len(KINDS))
    sets = [as_set(pair, number) for kind in KINDS for number, pair in
            enumerate(draw_pairs(kind, each))]  # fmt: skip
    renderer = open_renderer(config.images)
    stage = RenderStage(
        renderer, run_seed=0, batch_size=config.images.batch_size, config=config.images
    )
    list(stage.render_sets(sets[:1]))  # the model is loaded by its first draw
    drawn, seconds = timed(lambda: list(stage.render_sets(sets)))
    rendered = [one for one in drawn if isinstance(one, RenderedSet)]
    pictures = sum(len(one.candidates) for one in rendered)
    print(f"{len(rendered)} sets, {pictures} pictures of {config.images.width_px} px")
    drawing = seconds / pictures
    print(f"drawing, {config.images.steps} steps guided: {drawing * 1e3:.1f} ms a picture")
    with tempfile.TemporaryDirectory() as folder:
        full_size = Path(folder) / "clip"
        write_clip(full_size)
        for name in ("none", "builtin:world", str(full_size)):
            scores = config.scores.model_copy(update={"clip": name})
            report(config.model_copy(update={"scores": scores}), rendered, pictures, drawing)


def report(config: RunConfig, rendered: list[RenderedSet], pictures: int, drawing: float) -> None:
    """Print what measuring costs with the encoder of the config, and choosing after it."""
    names = {"none": "pixels alone", "builtin:world": "and the packaged CLIP, 128 px"}
    title = names.get(config.scores.clip, "and a CLIP of the size of ViT-B/32, 224 px")
    stage: ScoreStage = open_score_stage(config, os.environ)
    try:
        list(stage.score_sets(rendered[:1]))
        scored, seconds = timed(lambda: list(stage.score_sets(rendered)))
    finally:
        stage.close()
    cost = seconds / pictures
    print(f"scoring, {title}: {cost * 1e3:.1f} ms a picture, {cost / drawing:.1%} of drawing")
    if config.scores.clip == "builtin:world":
        selector = Selector(config.selection)
        sets = [one for one in scored if isinstance(one, RenderedSet)]
        _, seconds = timed(lambda: [selector.select(one) for one in sets])
        share = seconds / pictures / drawing
        print(f"choosing: {seconds / pictures * 1e3:.2f} ms a picture, {share:.2%} of drawing")


def write_clip(folder: Path) -> None:
    """A CLIP of the size of ViT-B/32 with random weights, and the packaged tokenizer."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

    from pipeline.adapters.sdxl.tiny import WORLD, resolve_model

    CLIPModel(CLIPConfig()).save_pretrained(folder)
    CLIPImageProcessor().save_pretrained(folder)
    CLIPTokenizer.from_pretrained(resolve_model(WORLD), subfolder="tokenizer").save_pretrained(
        folder
    )


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """The result, and the seconds that it took."""
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


if __name__ == "__main__":
    main()
