"""What is it worth that counterfactuals stand beside their anchors? An ablation in miniature.

Painted scenes of the packaged world, a small two-tower network trained from nothing, and the group
score (Winoground's) by kind on scenes that none of them has seen. Every variant sees the same
number of pictures in the same number of steps, drawn from pools of the same size:

* `factual`: captions and pictures of factual scenes alone;
* `random`: cf_vlm, with pictures of unrelated scenes in the place of the counterfactuals;
* `shuffled`: the pairs of all counterfactual sets, contrasted, never beside their own anchors;
* `text`: counterfactual captions beside their anchors, no counterfactual picture (NegCLIP);
* `image`: counterfactual pictures beside their anchors, no counterfactual caption;
* `both`: either beside its anchor (TripletCLIP);
* `cf_vlm`: the exact loss of arXiv 2506.17267, with minimal edits and whole scenes.

What `random` gains over `factual` is the loss; what `shuffled` gains is the data; what the last
four gain over `shuffled` is the pairing.

    python tests/bench/bench_ablation.py [--seeds N] [--steps N] [--sets N] [--processes N]

A training takes about 45 CPU-seconds. `--only` names variants; `--output` keeps the numbers of
every training as JSON once it is done, and a further call with the same settings does the rest.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from machine import describe_machine
from PIL import Image
from torch import Tensor, nn

from pipeline.training.loop.optimiser import learning_rate
from pipeline.training.vlm.losses import compute_loss
from pipeline.training.world.captions import describe
from pipeline.training.world.judge import EDITS, PAIR_KINDS, Pair, draw_pair
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene, is_held_out
from pipeline.training.world.wording import draw_wording

SIDE_PX = 32
MOST_WORDS = 24
PICTURES_A_STEP = 96
WIDTH = 96
TEST_PAIRS = 100


@dataclass(frozen=True, slots=True)
class Examples:
    """Pictures with captions: (n, 3, side, side) uint8 and (n, words) int64."""

    pictures: Tensor
    words: Tensor

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        return self.pictures[rows].float() / 127.5 - 1, self.words[rows]


@dataclass(frozen=True, slots=True)
class Pool:
    """What all variants are trained on, and what they are judged on.

    `anchors`, `edits`, `fulls` have a row a set; `others` are twice as many further factual
    scenes; `tests` has for each kind the factual and the edited examples.
    """

    anchors: Examples
    edits: Examples
    fulls: Examples
    others: Examples
    tests: dict[str, tuple[Examples, Examples]]
    vocabulary: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Settings of the optimiser."""

    steps: int
    warmup_steps: int = 100
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    weight_decay: float = 0.05


class Writer:
    """Scenes and their texts as tensors; the vocabulary grows with what it reads."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}

    def examples(self, scenes: Sequence[Scene], texts: Sequence[str]) -> Examples:
        pictures = [self._picture(scene) for scene in scenes]
        rows = np.zeros((len(texts), MOST_WORDS), np.int64)
        for row, text in zip(rows, texts, strict=True):
            words = text.replace(",", " ,").split()[:MOST_WORDS]
            row[: len(words)] = [self.numbers.setdefault(w, len(self.numbers)) for w in words]
        return Examples(torch.from_numpy(np.stack(pictures)), torch.from_numpy(rows))

    @staticmethod
    def _picture(scene: Scene) -> np.ndarray:
        small = Image.fromarray(paint(scene)).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
        return np.asarray(small).transpose(2, 0, 1)


def draw_training_pair(state: random.Random, kind: str) -> Pair:
    """A pair of which no scene is held out."""
    while True:
        pair = draw_pair(state, kind, lambda scene: not is_held_out(scene))
        if not is_held_out(pair.scene):
            return pair


def draw_full(state: random.Random, scene: Scene) -> Scene:
    """A scene that differs from the anchor's in at least two facts."""
    while True:
        changed: Scene | None = scene
        for kind in state.sample(PAIR_KINDS, 3):
            changed = EDITS[kind](state, changed or scene) or changed
        if changed is not None and changed != scene and not is_held_out(changed):
            return changed


def make_pool(sets: int, seed: int) -> Pool:
    """Paint everything; about 2 ms a picture."""
    state = random.Random(f"ablation {seed}")
    writer = Writer()
    pairs = [draw_training_pair(state, PAIR_KINDS[n % len(PAIR_KINDS)]) for n in range(sets)]
    fulls = [draw_full(state, pair.scene) for pair in pairs]
    others = [draw_training_pair(state, PAIR_KINDS[n % len(PAIR_KINDS)]) for n in range(2 * sets)]
    tests = {}
    for kind in PAIR_KINDS:
        # The edited scene is one that nothing was trained on; the factual one may be.
        held = [draw_pair(state, kind, is_held_out) for _ in range(TEST_PAIRS)]
        tests[kind] = (
            writer.examples([p.scene for p in held], [p.caption.text for p in held]),
            writer.examples([p.edited_scene for p in held], [p.edited.text for p in held]),
        )
    return Pool(
        anchors=writer.examples([p.scene for p in pairs], [p.caption.text for p in pairs]),
        edits=writer.examples([p.edited_scene for p in pairs], [p.edited.text for p in pairs]),
        fulls=writer.examples(fulls, [describe(s, draw_wording(state)).text for s in fulls]),
        others=writer.examples([p.scene for p in others], [p.caption.text for p in others]),
        tests=tests,
        vocabulary=len(writer.numbers),
    )


class Towers(nn.Module):
    """A small network that sees places: its picture side ends in one weight a place, its text
    side reads word after word."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()

        def layer(wide: int, out: int) -> list[nn.Module]:
            return [nn.Conv2d(wide, out, 3, 2, 1), nn.BatchNorm2d(out), nn.ReLU()]

        self.picture = nn.Sequential(
            *layer(3, 32), *layer(32, 64), *layer(64, 96), nn.Flatten(),
            nn.Linear(96 * (SIDE_PX // 8) ** 2, 256), nn.ReLU(), nn.Linear(256, WIDTH),
        )  # fmt: skip
        self.embedding = nn.Embedding(vocabulary, 64, padding_idx=0)
        self.reader = nn.GRU(64, 128, batch_first=True)
        self.text = nn.Linear(128, WIDTH)
        self.scale = nn.Parameter(torch.tensor(2.66))

    def encode_text(self, words: Tensor) -> Tensor:
        states, _ = self.reader(self.embedding(words[:, : int((words > 0).sum(1).max())]))
        last = (words > 0).sum(1).clamp(min=1) - 1
        found: Tensor = self.text(states[torch.arange(len(words)), last])
        return found

    @property
    def logit_scale(self) -> Tensor:
        return self.scale.exp().clamp(max=100)


Features = dict[str, Tensor]
Draw = Callable[[int], Tensor]


def encoded(model: Towers, **parts: tuple[Tensor, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    """All pictures in one call, all texts in another: one batch normalisation for all."""
    sizes = [len(pictures) for pictures, _ in parts.values()]
    pictures = model.picture(torch.cat([pictures for pictures, _ in parts.values()]))
    texts = model.encode_text(torch.cat([words for _, words in parts.values()]))
    both = zip(pictures.split(sizes), texts.split(sizes), strict=True)
    return dict(zip(parts, both, strict=True))


def _cf_vlm(
    model: Towers, anchor: tuple[Tensor, Tensor], edit: tuple[Tensor, Tensor],
    full: tuple[Tensor, Tensor] | None,
) -> Tensor:  # fmt: skip
    parts = {"anchor": anchor, "edit": edit} | ({} if full is None else {"full": full})
    found = encoded(model, **parts)
    (image, text), (edit_image, _) = found["anchor"], found["edit"]
    there = torch.ones(len(image), 1, dtype=torch.bool)
    full_image, full_text = found.get("full", (image[:0], text[:0]))
    has_full = full is not None
    return compute_loss(
        "cf_vlm",
        {
            "image": image, "text": text, "edit_image": edit_image[:, None],
            "edit_image_is_negative": there,
            "full_image": full_image[:, None] if has_full else image[:, None][:, :0],
            "full_text": full_text[:, None] if has_full else text[:, None][:, :0],
            "full_has_image": there if has_full else there[:, :0],
        },
        logit_scale=model.logit_scale,
    )["loss"]  # fmt: skip


def factual(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(3 * len(pool.anchors.words))[:PICTURES_A_STEP]
    sets = len(pool.anchors.words)
    first, rest = rows[rows < sets], rows[rows >= sets] - sets
    parts = {"first": pool.anchors[first], "rest": pool.others[rest]}
    return _contrast(model, {name: part for name, part in parts.items() if len(part[1])})


def _contrast(model: Towers, parts: dict[str, tuple[Tensor, Tensor]]) -> Tensor:
    found = list(encoded(model, **parts).values())
    image, text = (torch.cat([pair[side] for pair in found]) for side in (0, 1))
    return compute_loss(
        "contrastive", {"image": image, "text": text}, logit_scale=model.logit_scale
    )["loss"]


def random_negatives(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    third = PICTURES_A_STEP // 3
    rows, others = draw(len(pool.anchors.words))[:third], draw(len(pool.others.words))
    return _cf_vlm(
        model, pool.anchors[rows], pool.others[others[:third]],
        pool.others[others[third : 2 * third]],
    )  # fmt: skip


def shuffled(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    # Different sets, of each one member: no counterfactual meets its anchor.
    rows = draw(len(pool.anchors.words))[:PICTURES_A_STEP].chunk(3)
    named = zip(("anchor", "edit", "full"), (pool.anchors, pool.edits, pool.fulls), rows,
                strict=True)  # fmt: skip
    return _contrast(model, {name: examples[part] for name, examples, part in named})


def text_only(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.anchors.words))[:PICTURES_A_STEP]
    pictures, words = pool.anchors[rows]
    image = model.picture(pictures)
    text, edit_text = model.encode_text(torch.cat([words, pool.edits.words[rows]])).chunk(2)
    return compute_loss(
        "neg_clip", {"image": image, "text": text, "edit_text": edit_text[:, None]},
        logit_scale=model.logit_scale,
    )["loss"]  # fmt: skip


def image_only(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.anchors.words))[: PICTURES_A_STEP // 2]
    return _cf_vlm(model, pool.anchors[rows], pool.edits[rows], None)


def both(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.anchors.words))[: PICTURES_A_STEP // 2]
    found = encoded(model, anchor=pool.anchors[rows], edit=pool.edits[rows])
    (image, text), (edit_image, edit_text) = found["anchor"], found["edit"]
    return compute_loss(
        "triplet_clip",
        {
            "image": image, "text": text, "edit_image": edit_image[:, None],
            "edit_text": edit_text[:, None],
            "edit_image_is_negative": torch.ones(len(rows), 1, dtype=torch.bool),
        },
        logit_scale=model.logit_scale,
    )["loss"]  # fmt: skip


def cf_vlm(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.anchors.words))[: PICTURES_A_STEP // 3]
    return _cf_vlm(model, pool.anchors[rows], pool.edits[rows], pool.fulls[rows])


VARIANTS: dict[str, Callable[[Towers, Pool, Draw], Tensor]] = {
    "factual": factual,
    "random": random_negatives,
    "shuffled": shuffled,
    "text": text_only,
    "image": image_only,
    "both": both,
    "cf_vlm": cf_vlm,
}


def train(pool: Pool, variant: str, seed: int, steps: int) -> dict[str, float]:
    """Train one network; its group score by kind."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    model = Towers(pool.vocabulary)
    schedule = Schedule(steps, warmup_steps=min(100, steps // 2))
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=schedule.weight_decay)
    generator = torch.Generator().manual_seed(seed)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, schedule)  # type: ignore[arg-type]
        loss = VARIANTS[variant](model, pool, lambda n: torch.randperm(n, generator=generator))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return group_scores(model, pool)


def group_scores(model: Towers, pool: Pool) -> dict[str, float]:
    """Share of the pairs of which either picture and either text finds its own partner."""
    model.eval()
    found = {}
    every = torch.arange(TEST_PAIRS)
    with torch.no_grad():
        for kind, (true, edited) in pool.tests.items():
            (i0, t0), (i1, t1) = (
                (model.picture(pictures), model.encode_text(words))
                for pictures, words in (true[every], edited[every])
            )
            i0, t0, i1, t1 = (nn.functional.normalize(f, dim=-1) for f in (i0, t0, i1, t1))
            own0, own1 = (i0 * t0).sum(-1), (i1 * t1).sum(-1)
            cross01, cross10 = (i0 * t1).sum(-1), (i1 * t0).sum(-1)
            lower = torch.minimum(own0, own1) > torch.maximum(cross01, cross10)
            found[kind] = float(lower.float().mean())
    return found


def table(scores: dict[str, list[dict[str, float]]]) -> str:
    """Mean of the seeds by kind; of the mean of kinds the spread as well."""
    head = ["variant", *PAIR_KINDS, "mean of kinds"]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    for variant, runs in scores.items():
        means = [statistics.mean(run.values()) for run in runs]
        spread = f" ± {statistics.stdev(means):.3f}" if len(means) > 1 else ""
        cells = [f"{statistics.mean(run[kind] for run in runs):.2f}" for kind in PAIR_KINDS]
        lines.append(f"| {variant} | {' | '.join(cells)} | {statistics.mean(means):.3f}{spread} |")
    return "\n".join([*lines, f"| chance | {' | '.join(['0.17'] * len(PAIR_KINDS))} | 0.167 |"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--sets", type=int, default=3000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--output", type=Path)
    asked = parser.parse_args()
    print(describe_machine("torch"))
    began = time.monotonic()
    torch.set_num_threads(1)
    pool = make_pool(asked.sets, 0)
    print(
        f"{asked.sets:,} sets of three pictures and {2 * asked.sets:,} further ones painted in "
        f"{time.monotonic() - began:.0f} s; {asked.steps:,} steps of {PICTURES_A_STEP} pictures, "
        f"{asked.seeds} seeds, {TEST_PAIRS} unseen pairs a kind",
        flush=True,
    )
    done = _read(asked.output)
    jobs = [(variant, seed) for seed in range(asked.seeds) for variant in asked.only]
    names = {job: f"{job[0]} {job[1]} {asked.steps} {asked.sets}" for job in jobs}
    left = [job for job in jobs if names[job] not in done]
    context = multiprocessing.get_context("spawn")
    with context.Pool(asked.processes, _take_pool, (pool, asked.steps)) as workers:
        for job, found in zip(left, workers.imap(_job, left), strict=True):
            done[names[job]] = found
            mean = statistics.mean(found.values())
            elapsed = time.monotonic() - began
            print(f"  {job[0]} seed {job[1]}: {mean:.3f} ({elapsed:.0f} s)", flush=True)
            if asked.output:
                asked.output.write_text(json.dumps(done, indent=1) + "\n", "utf-8")
    scores = {
        variant: [done[names[variant, seed]] for seed in range(asked.seeds)]
        for variant in asked.only
    }
    print(table(scores))
    print(f"{time.monotonic() - began:.0f} s in all")


def _read(path: Path | None) -> dict[str, dict[str, float]]:
    """What earlier calls have finished, by variant, seed, steps and sets."""
    if path is None or not path.exists():
        return {}
    found: dict[str, dict[str, float]] = json.loads(path.read_text("utf-8"))
    return found


_given: tuple[Pool, int]


def _take_pool(pool: Pool, steps: int) -> None:
    global _given
    _given = (pool, steps)


def _job(job: tuple[str, int]) -> dict[str, float]:
    pool, steps = _given
    return train(pool, *job, steps)


if __name__ == "__main__":
    main()
