"""What is it worth that counterfactuals stand beside their anchors? An ablation in miniature.

Painted scenes of the packaged world, a small two-tower network, and the group score (Winoground's)
by kind on scenes that none of them has seen. Every variant has a pool of equally many different
pictures and sees equally many of them in equally many steps:

* `factual`: captions and pictures of factual scenes alone;
* `random`: cf_vlm, with pictures of unrelated scenes in the place of the counterfactuals;
* `shuffled`: the pairs of `both`, contrasted, never beside their own counterparts;
* `text`: counterfactual captions beside their anchors, no counterfactual picture (NegCLIP);
* `image`: counterfactual pictures beside their anchors, no counterfactual caption;
* `both`: either beside its anchor (TripletCLIP);
* `cf_vlm`: the exact loss of arXiv 2506.17267, with minimal edits and whole scenes;
* `cf_vlm, no L_csd`: the same pictures and steps without its term for whole scenes.

What `shuffled` gains over `factual` is the data, what `both` gains over `shuffled` the pairing;
what `cf_vlm` gains over `random` is that its scenes are counterfactual. Which scene of a pair is
the factual one is drawn by a coin: else one of its words would tell.

The variants are trained twice: from nothing, and for half as many steps from the weights of the
`factual` one, as one fine-tunes a model that is trained already.

    python tests/bench/bench_ablation.py [--seeds N] [--steps N] [--pictures N] [--processes N]

A training takes about 20 CPU-seconds. `--only` names variants; `--output` keeps the numbers of
every training in a folder once it is done, and a further call with the same settings does the rest.
"""

from __future__ import annotations

import argparse
import itertools
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
from safetensors.torch import load_file, save_file
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
TEST_PAIRS = 200
STARTS = ("nothing", "factual")


@dataclass(frozen=True, slots=True)
class Examples:
    """Pictures with captions: (n, 3, side, side) uint8 and (n, words) int64."""

    pictures: Tensor
    words: Tensor

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        return self.pictures[rows].float() / 127.5 - 1, self.words[rows]


@dataclass(frozen=True, slots=True)
class Pool:
    """What all variants are trained on, and what they are judged on.

    `anchors` and `edits` have a row a set, `fulls` one for every third; `tests` has for each
    kind the factual and the edited examples. A variant takes of it as many sets as make
    `len(anchors)` different pictures.
    """

    anchors: Examples
    edits: Examples
    fulls: Examples
    tests: dict[str, tuple[Examples, Examples]]
    vocabulary: dict[str, int]


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
        for text in texts:
            for word in words_of(text):
                self.numbers.setdefault(word, len(self.numbers))
        return Examples(torch.from_numpy(np.stack(pictures)), numbered(texts, self.numbers))

    @staticmethod
    def _picture(scene: Scene) -> np.ndarray:
        return small_picture(Image.fromarray(paint(scene)))


def words_of(text: str) -> list[str]:
    return text.replace(",", " ,").split()[:MOST_WORDS]


def numbered(texts: Sequence[str], numbers: dict[str, int]) -> Tensor:
    """Words as numbers: (texts, words) int64; 0 behind the last one, and for an unknown word."""
    rows = np.zeros((len(texts), MOST_WORDS), np.int64)
    for row, text in zip(rows, texts, strict=True):
        words = words_of(text)
        row[: len(words)] = [numbers.get(word, 0) for word in words]
    return torch.from_numpy(rows)


def small_picture(picture: Image.Image) -> np.ndarray:
    """(3, side, side) uint8."""
    small = picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    return np.asarray(small).transpose(2, 0, 1)


def draw_training_pair(state: random.Random, kind: str) -> Pair:
    """A pair of which no scene is held out; either of the two may be called the factual one.

    An edit is drawn evenly among the other values, a scene is not: without the coin the state of
    a thing, say, would tell in 65 of 100 pairs which caption is the edited one.
    """
    while True:
        pair = draw_pair(state, kind, lambda scene: not is_held_out(scene))
        if not is_held_out(pair.scene):
            break
    if state.random() < 0.5:
        return pair
    return Pair(kind, pair.edited_scene, pair.edited, pair.scene, pair.caption)


def draw_full(state: random.Random, scene: Scene) -> Scene:
    """A scene that differs from the anchor's in at least two facts."""
    while True:
        changed: Scene | None = scene
        for kind in state.sample(PAIR_KINDS, 3):
            changed = EDITS[kind](state, changed or scene) or changed
        if changed is not None and changed != scene and not is_held_out(changed):
            return changed


def make_pool(pictures: int, seed: int) -> Pool:
    """Paint everything; under 1 ms a picture."""
    state = random.Random(f"ablation {seed}")
    writer = Writer()
    pairs = [draw_training_pair(state, PAIR_KINDS[n % len(PAIR_KINDS)]) for n in range(pictures)]
    fulls = [draw_full(state, pair.scene) for pair in pairs[: pictures // 3]]
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
        tests=tests,
        vocabulary=writer.numbers,
    )


class Towers(nn.Module):
    """A small network that can see what stands where, and read who stands where.

    Its picture side ends in one weight a place. Its text side looks for word groups by two
    convolutions of five words: of a recurrent network in its place, as long trained on pairs of
    the kinds `relation` and `swap` alone, the group score was 0.01 and 0.07, of this one 0.73
    and 0.77.
    """

    def __init__(self, vocabulary: int) -> None:
        super().__init__()

        def layer(wide: int, out: int) -> list[nn.Module]:
            return [nn.Conv2d(wide, out, 3, 2, 1), nn.BatchNorm2d(out), nn.ReLU()]

        self.picture = nn.Sequential(
            *layer(3, 24), *layer(24, 48), *layer(48, 96), nn.Flatten(),
            nn.Linear(96 * (SIDE_PX // 8) ** 2, 256), nn.ReLU(), nn.Linear(256, WIDTH),
        )  # fmt: skip
        self.embedding = nn.Embedding(vocabulary, 64, padding_idx=0)
        self.reader = nn.Sequential(
            nn.Conv1d(64, 96, 5, padding=2), nn.ReLU(), nn.Conv1d(96, 192, 5, padding=2), nn.ReLU()
        )
        self.text = nn.Linear(192, WIDTH)
        self.scale = nn.Parameter(torch.tensor(2.66))

    def encode_text(self, words: Tensor) -> Tensor:
        words = words[:, : int((words > 0).sum(1).max())]
        read = self.reader(self.embedding(words).transpose(1, 2))
        found: Tensor = self.text(read.masked_fill((words == 0)[:, None], 0).amax(-1))
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
    full: tuple[Tensor, Tensor] | None, scene_weight: float = 1.0,
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
        logit_scale=model.logit_scale, scene_weight=scene_weight,
    )["loss"]  # fmt: skip


def factual(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    return _contrast(model, {"anchor": pool.anchors[draw(len(pool.anchors))[:PICTURES_A_STEP]]})


def _contrast(model: Towers, parts: dict[str, tuple[Tensor, Tensor]]) -> Tensor:
    found = list(encoded(model, **parts).values())
    image, text = (torch.cat([pair[side] for pair in found]) for side in (0, 1))
    return compute_loss(
        "contrastive", {"image": image, "text": text}, logit_scale=model.logit_scale
    )["loss"]


def random_negatives(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    third = len(pool.fulls)
    own, edit, full = (draw(third)[: PICTURES_A_STEP // 3] + start * third for start in range(3))
    return _cf_vlm(model, pool.anchors[own], pool.anchors[edit], pool.anchors[full])


def shuffled(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    # Different sets, of each one member: no counterfactual meets its anchor.
    first, second = draw(len(pool.anchors) // 2)[:PICTURES_A_STEP].chunk(2)
    return _contrast(model, {"anchor": pool.anchors[first], "edit": pool.edits[second]})


def text_only(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.anchors))[:PICTURES_A_STEP]
    pictures, words = pool.anchors[rows]
    image = model.picture(pictures)
    text, edit_text = model.encode_text(torch.cat([words, pool.edits.words[rows]])).chunk(2)
    return compute_loss(
        "neg_clip", {"image": image, "text": text, "edit_text": edit_text[:, None]},
        logit_scale=model.logit_scale,
    )["loss"]  # fmt: skip


def image_only(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.anchors) // 2)[: PICTURES_A_STEP // 2]
    return _cf_vlm(model, pool.anchors[rows], pool.edits[rows], None)


def both(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.anchors) // 2)[: PICTURES_A_STEP // 2]
    return contrast_pairs(model, pool.anchors[rows], pool.edits[rows])


def contrast_pairs(
    model: Towers, anchor: tuple[Tensor, Tensor], edit: tuple[Tensor, Tensor]
) -> Tensor:
    """TripletCLIP's loss of anchors and one edit of each."""
    found = encoded(model, anchor=anchor, edit=edit)
    (image, text), (edit_image, edit_text) = found["anchor"], found["edit"]
    return compute_loss(
        "triplet_clip",
        {
            "image": image, "text": text, "edit_image": edit_image[:, None],
            "edit_text": edit_text[:, None],
            "edit_image_is_negative": torch.ones(len(image), 1, dtype=torch.bool),
        },
        logit_scale=model.logit_scale,
    )["loss"]  # fmt: skip


def cf_vlm(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.fulls))[: PICTURES_A_STEP // 3]
    return _cf_vlm(model, pool.anchors[rows], pool.edits[rows], pool.fulls[rows])


def without_csd(model: Towers, pool: Pool, draw: Draw) -> Tensor:
    rows = draw(len(pool.fulls))[: PICTURES_A_STEP // 3]
    return _cf_vlm(model, pool.anchors[rows], pool.edits[rows], pool.fulls[rows], scene_weight=0)


VARIANTS: dict[str, Callable[[Towers, Pool, Draw], Tensor]] = {
    "factual": factual,
    "random": random_negatives,
    "shuffled": shuffled,
    "text": text_only,
    "image": image_only,
    "both": both,
    "cf_vlm": cf_vlm,
    "cf_vlm, no L_csd": without_csd,
}


def train(
    model: Towers, loss_of: Callable[[Towers, Draw], Tensor], seed: int, schedule: Schedule
) -> None:
    """Train a network; equal arguments give equal weights."""
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=schedule.weight_decay)
    generator = torch.Generator().manual_seed(seed)
    model.train()
    for step in range(schedule.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, schedule)  # type: ignore[arg-type]
        loss = loss_of(model, lambda n: torch.randperm(n, generator=generator))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()


def factual_weights(folder: Path, seed: int, steps: int, pictures: int) -> Path:
    """Where the weights lie that `factual` has come to."""
    return folder / f"factual-{seed}-{steps}-{pictures}.safetensors"


def going_on(steps: int) -> Schedule:
    """A gentler schedule, for weights that are trained already."""
    return Schedule(steps, warmup_steps=steps // 10, learning_rate=3e-4)


@dataclass(frozen=True, slots=True)
class Job:
    """One training.

    Attributes:
        start: "nothing" or "factual", what it starts from.
        variant: A name of `VARIANTS`.
        seed: Of the weights and the order.
        steps: Of the training from nothing; the other one takes half of them.
        pictures: Different pictures of the pool.
    """

    start: str
    variant: str
    seed: int
    steps: int
    pictures: int

    @property
    def name(self) -> str:
        return f"{self.start} {self.variant} {self.seed} {self.steps} {self.pictures}"

    def schedule(self) -> Schedule:
        if self.start == "nothing":
            return Schedule(self.steps, warmup_steps=min(100, self.steps // 2))
        return going_on(self.steps // 2)

    def run(self, pool: Pool, folder: Path) -> dict[str, float]:
        """Train it; its group score by kind."""
        torch.set_num_threads(1)
        torch.manual_seed(self.seed)
        model = Towers(len(pool.vocabulary))
        weights = factual_weights(folder, self.seed, self.steps, self.pictures)
        if self.start == "factual":
            model.load_state_dict(load_file(weights))
        loss = VARIANTS[self.variant]
        train(model, lambda net, draw: loss(net, pool, draw), self.seed, self.schedule())
        if (self.start, self.variant) == ("nothing", "factual"):
            save_file(model.state_dict(), weights)
        return group_scores(model, pool.tests)


def group_scores(model: Towers, tests: dict[str, tuple[Examples, Examples]]) -> dict[str, float]:
    """Share of the pairs of which either picture and either text finds its own partner."""
    model.eval()
    found = {}
    every = torch.arange(TEST_PAIRS)
    with torch.no_grad():
        for kind, (true, edited) in tests.items():
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


def table(scores: dict[str, list[dict[str, float]]], beside: str = "factual") -> str:
    """Mean of the seeds by kind; then the mean of kinds, and how much more it is than that of
    the variant `beside` with the same seed, with their standard deviations over the seeds."""
    head = ["variant", *PAIR_KINDS, "mean of kinds", f"more than {beside}"]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    means = {name: [statistics.mean(run.values()) for run in runs] for name, runs in scores.items()}
    for variant, runs in scores.items():
        more = [a - b for a, b in zip(means[variant], means[beside], strict=True)]
        cells = [f"{statistics.mean(run[kind] for run in runs):.2f}" for kind in PAIR_KINDS]
        cells += [_mean_and_spread(means[variant]), _mean_and_spread(more, "+")]
        lines.append(f"| {variant} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _mean_and_spread(values: list[float], sign: str = "") -> str:
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):{sign}.3f}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--pictures", type=int, default=6000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--output", type=Path, default=Path("outputs/ablation"))
    asked = parser.parse_args()
    print(describe_machine("torch"))
    began = time.monotonic()
    torch.set_num_threads(1)
    asked.output.mkdir(parents=True, exist_ok=True)
    pool = make_pool(asked.pictures, 0)
    print(
        f"{asked.pictures:,} different pictures for each variant, all painted in "
        f"{time.monotonic() - began:.0f} s; {asked.steps:,} steps of {PICTURES_A_STEP} from "
        f"nothing, {asked.steps // 2:,} from the weights of factual, {asked.seeds} seeds, "
        f"{TEST_PAIRS} unseen pairs a kind",
        flush=True,
    )
    done = _read(asked.output / "scores.json")
    context = multiprocessing.get_context("spawn")
    with context.Pool(asked.processes, _take_pool, (pool, asked.output)) as workers:
        # Seed after seed, so that a call that is stopped has whole rows; `factual` comes first,
        # as the second start takes its weights.
        for seed, start in itertools.product(range(asked.seeds), STARTS):
            jobs = [
                Job(start, variant, seed, asked.steps, asked.pictures)
                for variant in dict.fromkeys(["factual", *asked.only])
            ]
            left = [job for job in jobs if job.name not in done]
            for job, found in zip(left, workers.imap(_run, left), strict=True):
                done[job.name] = found
                mean, elapsed = statistics.mean(found.values()), time.monotonic() - began
                print(f"  {job.name}: {mean:.3f} ({elapsed:.0f} s)", flush=True)
                text = json.dumps(done, indent=1) + "\n"
                (asked.output / "scores.json").write_text(text, "utf-8")
    for start in STARTS:
        print(f"\nfrom {start}:")
        rows = {
            variant: [
                done[Job(start, variant, seed, asked.steps, asked.pictures).name]
                for seed in range(asked.seeds)
            ]
            for variant in dict.fromkeys(["factual", *asked.only])
        }
        print(table(rows))
    print(f"{time.monotonic() - began:.0f} s in all")


def _read(path: Path) -> dict[str, dict[str, float]]:
    """What earlier calls have finished, by job."""
    if not path.exists():
        return {}
    found: dict[str, dict[str, float]] = json.loads(path.read_text("utf-8"))
    return found


_given: tuple[Pool, Path]


def _take_pool(pool: Pool, folder: Path) -> None:
    global _given
    _given = (pool, folder)


def _run(job: Job) -> dict[str, float]:
    return job.run(*_given)


if __name__ == "__main__":
    main()
