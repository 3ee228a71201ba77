"""How well an image model draws the procedural world, judged by the world's own reader."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pipeline.core.draws import Draw
from pipeline.core.errors import PermanentError
from pipeline.core.ids import JsonValue, derive_seed
from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    Replacement,
    Role,
)
from pipeline.core.stage import Fault
from pipeline.core.strategies import INDEPENDENT, PROMPT_TO_PROMPT, SAME_NOISE
from pipeline.render.plan import plan_set
from pipeline.training.world.captions import Fact, WorldCaption, describe
from pipeline.training.world.judge import (
    PAIR_KINDS,
    Pair,
    draw_pair,
    is_visible,
    judge,
    keeps_rest,
)
from pipeline.training.world.reader import read
from pipeline.training.world.scene import draw_scene, is_held_out
from pipeline.training.world.spans import replacements
from pipeline.training.world.wording import draw_wording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.config.images import ImagesConfig
    from pipeline.core.protocols import Renderer

STRATEGIES: Final = (INDEPENDENT, SAME_NOISE, PROMPT_TO_PROMPT)

GOALS: Final = {
    "background": 0.98,
    "colour": 0.95,
    "count": 0.90,
    "object": 0.90,
    "relation": 0.85,
    "every fact": 0.75,
}
"""What is asked of the model that the package ships."""

_FACT_NAMES: Final = {"setting": "background", "name": "object"}

_KINDS: Final = {
    "colour": EditKind.ATTRIBUTE,
    "size": EditKind.ATTRIBUTE,
    "state": EditKind.ATTRIBUTE,
    "setting": EditKind.OBJECT,
    "cause": EditKind.OBJECT,
}
"""Kinds of the world that the pipeline calls otherwise."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How often something was right.

    Attributes:
        right: Times that it was.
        asked: Times that it was asked for.
    """

    right: int
    asked: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 where nothing was asked for."""
        return self.right / self.asked if self.asked else 0.0

    def to_json(self) -> dict[str, JsonValue]:
        """For the report."""
        return {"right": self.right, "asked": self.asked, "share": round(self.share, 4)}


@dataclass(frozen=True, slots=True)
class FactReport:
    """How well captions of scenes that no model was trained on are drawn.

    Attributes:
        facts: Right facts by what they are about, and "every fact" by caption.
        seconds_an_image: Time to draw one, in batches.
        pictures: What was drawn, each (height_px, width_px, 3) uint8.
        captions: Its captions.
        wrong: For each picture the facts that it does not show.
    """

    facts: dict[str, Shares]
    seconds_an_image: float
    pictures: list[NDArray[np.uint8]] = field(repr=False)
    captions: list[str] = field(repr=False)
    wrong: list[tuple[Fact, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PairReport:
    """How well pairs of one kind are drawn by one strategy.

    Attributes:
        kind: One of the world's kinds of edits.
        strategy: How the second picture keeps to the first.
        visible: Pairs whose second picture shows the edit.
        kept: Pairs that differ by no more than the edit, whether it is to be seen or not.
        both: Pairs of which both are true.
        pictures: First and second picture of each pair.
        captions: Their captions.
    """

    kind: str
    strategy: str
    visible: Shares
    kept: Shares
    both: Shares
    pictures: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]] = field(repr=False)
    captions: list[tuple[str, str]] = field(repr=False)


def evaluate_facts(
    renderer: Renderer,
    count: int,
    *,
    batch_size: int,
    seed: int = 0,
    advance: Callable[[int], None] = lambda _: None,
) -> FactReport:
    """Draw `count` captions of held-out scenes and read what the pictures show."""
    captions = list(_held_out_captions(count, seed))
    draws = [
        Draw(f"fact{number}", "control", caption.text, derive_seed(seed, "fact", str(number)),
             INDEPENDENT)
        for number, caption in enumerate(captions)
    ]  # fmt: skip
    pictures: list[NDArray[np.uint8]] = []
    renderer.draw(draws[:1])  # the model is loaded by its first draw
    began = time.perf_counter()
    for start in range(0, count, batch_size):
        pictures += _draw_all(renderer, draws[start : start + batch_size])
        advance(len(pictures) - start)
    seconds = time.perf_counter() - began
    right: dict[str, list[bool]] = defaultdict(list)
    wrong: list[tuple[Fact, ...]] = []
    for caption, picture in zip(captions, pictures, strict=True):
        judged = judge(caption, read(picture).scene)
        for fact, holds in judged.items():
            right[_fact_name(fact)].append(holds)
        right["every fact"].append(all(judged.values()))
        wrong.append(tuple(fact for fact, holds in judged.items() if not holds))
    facts = {name: Shares(sum(hits), len(hits)) for name, hits in sorted(right.items())}
    texts = [caption.text for caption in captions]
    return FactReport(facts, seconds / count, pictures, texts, wrong)


def _draw_all(renderer: Renderer, draws: Sequence[Draw]) -> list[NDArray[np.uint8]]:
    """Every picture; one that does not come out ends an evaluation."""
    pictures: list[NDArray[np.uint8]] = []
    for draw, result in zip(draws, renderer.draw(draws), strict=True):
        if isinstance(result, Fault):
            raise PermanentError(f"{draw.prompt!r} was not drawn: {result.detail}")
        pictures.append(result)
    return pictures


def _held_out_captions(count: int, seed: int) -> Iterator[WorldCaption]:
    state = random.Random(f"{seed} unseen captions")  # noqa: S311  not for secrets
    while count:
        scene = draw_scene(state)
        if is_held_out(scene):
            count -= 1
            yield describe(scene, draw_wording(state))


def _fact_name(fact: Fact) -> str:
    name = fact.of.rstrip("01")
    if not fact.holds:
        return "negation"
    return _FACT_NAMES.get(name, name)


def evaluate_pairs(
    renderer: Renderer,
    config: ImagesConfig,
    kind: str,
    count: int,
    *,
    strategies: Sequence[str] = STRATEGIES,
    seed: int = 0,
    advance: Callable[[int], None] = lambda _: None,
) -> list[PairReport]:
    """Draw `count` pairs of a kind by each of the strategies, as a run draws its sets.

    The edited scenes are held out from training; the factual ones need not be, because of
    some kinds there are too few. Each pair's factual picture is the same for all strategies.
    """
    pairs = draw_pairs(kind, count, seed)
    configs = [config.model_copy(update={"strategy": strategy}) for strategy in strategies]
    drawn: list[Sequence[NDArray[np.uint8]]] = []
    at_once = max(1, config.batch_size // (1 + len(strategies)))
    for start in range(0, count, at_once):
        draws: list[Draw] = []
        for number, pair in enumerate(pairs[start : start + at_once], start):
            plans = [plan_set(as_set(pair, number), seed, one) for one in configs]
            draws += [plans[0][0], *(edited for _, edited in plans)]
        pictures = _draw_all(renderer, draws)
        width = 1 + len(strategies)
        drawn += [pictures[at : at + width] for at in range(0, len(pictures), width)]
        advance(len(draws) // width)
    sources = [read(of_pair[0]).scene for of_pair in drawn]
    captions = [(pair.caption.text, pair.edited.text) for pair in pairs]
    reports = []
    for column, strategy in enumerate(strategies, 1):
        visible, kept = [], []
        for pair, source, of_pair in zip(pairs, sources, drawn, strict=True):
            edited = read(of_pair[column]).scene
            visible.append(is_visible(pair, edited))
            kept.append(keeps_rest(pair, source, edited))
        both = [one and other for one, other in zip(visible, kept, strict=True)]
        reports.append(
            PairReport(
                kind,
                strategy,
                visible=Shares(sum(visible), count),
                kept=Shares(sum(kept), count),
                both=Shares(sum(both), count),
                pictures=[(of_pair[0], of_pair[column]) for of_pair in drawn],
                captions=captions,
            )
        )
    return reports


def draw_pairs(kind: str, count: int, seed: int = 0) -> list[Pair]:
    """Pairs of a kind whose edited scene is held out from training."""
    state = random.Random(f"{seed} unseen pairs {kind}")  # noqa: S311  not for secrets
    return [draw_pair(state, kind, is_held_out) for _ in range(count)]


def as_set(pair: Pair, number: int) -> CounterfactualSet:
    """The pair as the set of one anchor with one minimal edit."""
    text = pair.caption.text
    anchor = Anchor(f"{pair.kind}{number}", text, text, "world", f"{pair.kind} {number}")
    kind = _KINDS.get(pair.kind) or EditKind(pair.kind)
    pieces = replacements(pair.caption, pair.edited)
    decisive = {0, 1} if kind is EditKind.SWAP else {0}
    marked = tuple(
        Replacement(p.start, p.end, p.old, p.new, Role.EDIT if i in decisive else Role.REPAIR)
        for i, p in enumerate(pieces)
    )
    old, new = marked[min(decisive)].old, marked[min(decisive)].new
    edit = CaptionEdit(kind, pair.kind, text, marked, old, new, rule="world")
    return CounterfactualSet(anchor, (edit,))


__all__ = [
    "GOALS",
    "PAIR_KINDS",
    "STRATEGIES",
    "FactReport",
    "PairReport",
    "Shares",
    "as_set",
    "draw_pairs",
    "evaluate_facts",
    "evaluate_pairs",
]
