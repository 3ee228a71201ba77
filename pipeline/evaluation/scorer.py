"""How well a joint encoder tells captions one fact apart, on pictures whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.core.ids import JsonValue
from pipeline.evaluation.renderer import Shares, draw_pairs, evaluate_pairs
from pipeline.training.world.captions import WorldCaption
from pipeline.training.world.judge import Pair, judge
from pipeline.training.world.painter import paint
from pipeline.training.world.reader import read
from pipeline.training.world.scene import Scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.config.images import ImagesConfig
    from pipeline.core.protocols import JointEncoder, Renderer

SCORER_GOALS: Final = {"colour": 0.95, "object": 0.95, "count": 0.95, "relation": 0.90}
"""What is asked of the joint encoder that the package ships, on painted pairs."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What an encoder preferred, for pictures of which one of two captions is true.

    Attributes:
        right: Pictures nearer to the true caption than to the other.
        both: Pairs of which that is so of both pictures; only pairs that have two such.
        margin: Mean of cosine with the true caption less cosine with the other.
    """

    right: Shares
    both: Shares
    margin: float

    def to_json(self) -> dict[str, JsonValue]:
        """For a report."""
        return {
            "right": self.right.to_json(),
            "both": self.both.to_json(),
            "margin": round(self.margin, 4),
        }


def prefer_painted(encoder: JointEncoder, kind: str, count: int, *, seed: int = 0) -> Preferences:
    """Ask about `count` pairs of a kind, painted; the edited scenes are held out of training."""
    pairs = draw_pairs(kind, count, seed)
    pictures = [paint(scene) for pair in pairs for scene in (pair.scene, pair.edited_scene)]
    return _compare(encoder, pairs, pictures, [True, False] * count)


def prefer_drawn(
    encoder: JointEncoder,
    renderer: Renderer,
    config: ImagesConfig,
    kind: str,
    count: int,
    *,
    seed: int = 0,
    advance: Callable[[int], None] = lambda _: None,
) -> Preferences:
    """Ask about pictures that an image model drew for `count` pairs of a kind.

    Which caption is true of a picture, the world's reader says; a picture that shows both or
    neither of them is left out, and one that shows the other's caption counts as that one.
    """
    pairs = draw_pairs(kind, count, seed)
    (drawn,) = evaluate_pairs(
        renderer, config, kind, count, strategies=(config.strategy,), seed=seed, advance=advance
    )
    pictures = [picture for both in drawn.pictures for picture in both]
    truths = [
        _shows_first(pair, read(picture).scene)
        for pair, both in zip(pairs, drawn.pictures, strict=True)
        for picture in both
    ]
    return _compare(encoder, pairs, pictures, truths)


def _shows_first(pair: Pair, scene: Scene) -> bool | None:
    """Whether the first of a pair's captions is true rather than the second; None if neither."""

    def is_true(caption: WorldCaption) -> bool:
        return all(judge(caption, scene).values())

    first, second = is_true(pair.caption), is_true(pair.edited)
    return None if first == second else first


def _compare(
    encoder: JointEncoder,
    pairs: Sequence[Pair],
    pictures: Sequence[NDArray[np.uint8]],
    truths: Sequence[bool | None],
) -> Preferences:
    """Compare pictures 2n and 2n + 1 with both captions of pair n."""
    texts = encoder.embed_texts([c.text for pair in pairs for c in (pair.caption, pair.edited)])
    vectors = encoder.embed_pictures(pictures).reshape(len(pairs), 2, -1)
    # (pairs, pictures, captions)
    scores = np.einsum("npd,ncd->npc", vectors, texts.reshape(len(pairs), 2, -1))
    toward_first = scores[:, :, 0] - scores[:, :, 1]
    sign = np.array([0 if t is None else 1 if t else -1 for t in truths]).reshape(-1, 2)
    margins = toward_first * sign
    known = sign != 0
    right = (margins > 0) & known
    whole = known.all(axis=1)
    return Preferences(
        Shares(int(right.sum()), int(known.sum())),
        Shares(int((right.all(axis=1) & whole).sum()), int(whole.sum())),
        float(margins[known].mean()) if known.any() else 0.0,
    )


__all__ = ["SCORER_GOALS", "Preferences", "prefer_drawn", "prefer_painted"]
