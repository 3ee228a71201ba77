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
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from ablation_pool import TEST_PAIRS, Examples, Pool, make_pool
from ablation_variants import PICTURES_A_STEP, VARIANTS, Draw, Towers
from machine import describe_machine
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pipeline.training.loop.optimiser import learning_rate
from pipeline.training.world.judge import PAIR_KINDS

STARTS = ("nothing", "factual")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Settings of the optimiser."""

    steps: int
    warmup_steps: int = 100
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    weight_decay: float = 0.05


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
