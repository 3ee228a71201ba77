"""What is the selection of pictures worth to a training? The ablation with drawn pictures.

The packaged SDXL draws the sets of `sample:world`, one candidate of each picture. The small
network of `bench_ablation.py`, which painted factual scenes have trained, goes on with them, and
is judged on painted pairs whose truth is known and that nothing was trained on:

* `start`: as it was;
* `factual`: the drawn factual pictures alone;
* `unselected`: all pairs that were drawn (TripletCLIP's loss, as `both` there);
* `unselected, fewer`: as many of them, drawn at random, as the selection keeps;
* `selected`: the pairs that the packaged bands keep, with the packaged CLIP's scores.

All see as many pictures in as many steps.

    python tests/bench/bench_ablation.py       # first: it trains what is gone on with
    python tests/bench/drawn_ablation.py [--anchors N] [--seeds N] [--steps N]

Drawing takes about 0.3 CPU-seconds a picture. It is a run like any other, in `--output`: stopped,
it goes on where it was.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from ablation_pool import Examples, Pool, make_pool, numbered, small_picture, words_of
from ablation_variants import PICTURES_A_STEP, Draw, Towers, contrast_pairs
from bench_ablation import factual_weights, going_on, group_scores, table, train
from machine import describe_machine
from safetensors.torch import load_file
from torch import Tensor

from pipeline.tools.reselect import refilter
from pipeline.training.vlm.loader import CounterfactualDataset
from pipeline.training.vlm.losses import compute_loss

DRAWN = (
    "--config", "demo.toml", "--llm", "none", "--no-report", "--set", "edits.max_full=0",
    "--set", "edits.max_minimal=3", "--set", "images.candidates=1",
    "--set", "images.keep_candidates=true", "--set", "selection.bands={}",
    "--set", "checks.fluency_model=none",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pairs:
    """Drawn pairs; several may have one anchor.

    Attributes:
        anchors: Factual pictures and captions, one an anchor.
        edits: Counterfactual ones, one a pair.
        true: Words of the true wording of each pair.
        anchor: (pairs,) int64, whose pair it is.
    """

    anchors: Examples
    edits: Examples
    true: Tensor
    anchor: Tensor

    def some(self, count: int) -> Pairs:
        """As many of them, drawn at random."""
        rows = torch.tensor(random.Random(0).sample(range(len(self.edits)), count))
        edits = Examples(self.edits.pictures[rows], self.edits.words[rows])
        return Pairs(self.anchors, edits, self.true[rows], self.anchor[rows])


def draw_run(folder: Path, anchors: int) -> None:
    """Draw the run, or what is left of it."""
    command = [sys.executable, "-m", "counterfactory", "run", *DRAWN, "--quiet"]
    subprocess.run(
        [*command, "--limit", str(anchors), "--output", str(folder)], check=True
    )  # fmt: skip


def read_pairs(run: Path, vocabulary: dict[str, int]) -> Pairs:
    """The pairs of a run whose pictures contradict each other."""
    sets = [
        one
        for one in CounterfactualDataset(
            run, transform=small_picture, pictures="required", shuffle_buffer=0
        )
        if one.edits
    ]
    edits = [(number, edit) for number, one in enumerate(sets) for edit in one.edits]
    captions, texts = [one.caption for one in sets], [edit.caption for _, edit in edits]
    words = {word for text in (*captions, *texts) for word in words_of(text)}
    print(f"{run}: {len(edits)} pairs of {len(sets)} anchors; unknown words: "
          f"{sorted(words - vocabulary.keys())}", flush=True)  # fmt: skip

    def examples(pictures: list[np.ndarray], texts: list[str]) -> Examples:
        return Examples(torch.from_numpy(np.stack(pictures)), numbered(texts, vocabulary))

    return Pairs(
        examples([one.image for one in sets], captions),
        examples([edit.image for _, edit in edits], texts),
        numbered([edit.pair_text for _, edit in edits], vocabulary),
        torch.tensor([number for number, _ in edits]),
    )


def pairs_loss(model: Towers, pairs: Pairs, draw: Draw) -> Tensor:
    """Half a step's pictures are factual; of one anchor there is one pair."""
    rows = draw(len(pairs.edits))
    anchors = pairs.anchor[rows].tolist()
    first = [place for place, one in enumerate(anchors) if one not in anchors[:place]]
    rows = rows[torch.tensor(first)][: PICTURES_A_STEP // 2]
    pictures, _ = pairs.anchors[pairs.anchor[rows]]
    return contrast_pairs(model, (pictures, pairs.true[rows]), pairs.edits[rows])


def factual_loss(model: Towers, pairs: Pairs, draw: Draw) -> Tensor:
    pictures, words = pairs.anchors[draw(len(pairs.anchors))[:PICTURES_A_STEP]]
    image, text = model.picture(pictures), model.encode_text(words)
    return compute_loss(
        "contrastive", {"image": image, "text": text}, logit_scale=model.logit_scale
    )["loss"]


def trained(start: Path, pool: Pool, pairs: Pairs | None, loss: str, seed: int, steps: int) -> dict[
    str, float
]:  # fmt: skip
    """Go on from the weights with the pairs; the group score by kind."""
    model = Towers(len(pool.vocabulary))
    model.load_state_dict(load_file(start))
    if pairs is not None:
        of = factual_loss if loss == "factual" else pairs_loss
        train(model, lambda net, draw: of(net, pairs, draw), seed, going_on(steps))
    return group_scores(model, pool.tests)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--anchors", type=int, default=120)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--weights", type=Path, default=Path("outputs/ablation"))
    parser.add_argument("--weights-steps", type=int, default=400)
    parser.add_argument("--weights-pictures", type=int, default=6000)
    parser.add_argument("--output", type=Path, default=Path("outputs/ablation/drawn"))
    asked = parser.parse_args()
    print(describe_machine("torch", "diffusers"))
    torch.set_num_threads(1)
    began = time.monotonic()
    draw_run(asked.output / "unselected", asked.anchors)
    refilter(asked.output / "unselected", asked.output / "selected", {"bands": "builtin:world"})
    print(f"drawn and selected in {time.monotonic() - began:.0f} s", flush=True)
    pool = make_pool(asked.weights_pictures, 0)
    unselected, selected = (
        read_pairs(asked.output / name, pool.vocabulary) for name in ("unselected", "selected")
    )
    variants = {
        "start": None,
        "factual": unselected,
        "unselected": unselected,
        "unselected, fewer": unselected.some(len(selected.edits)),
        "selected": selected,
    }
    scores = {
        name: [
            trained(
                factual_weights(asked.weights, seed, asked.weights_steps, asked.weights_pictures),
                pool, pairs, name, seed, asked.steps,
            )
            for seed in range(asked.seeds)
        ]
        for name, pairs in variants.items()
    }  # fmt: skip
    print(table(scores, "start"))
    print(f"{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    main()
