"""The painted pairs of the ablation: what its networks are trained and judged on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pipeline.training.world.captions import describe
from pipeline.training.world.judge import EDITS, PAIR_KINDS, Pair, draw_pair
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene, is_held_out
from pipeline.training.world.wording import draw_wording

SIDE_PX = 32
MOST_WORDS = 24
TEST_PAIRS = 200


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
