"""What a training may conclude from a counterfactual: one rule for the writer and the readers.

A minimal edit is false beside *its own* true wording, which is not always the sample's `txt`;
its picture can be compared with one picture only, the one that it was drawn beside; and a
reversal of cause and effect names the same scene, so that its picture contradicts nothing.
Pure, and without any library: the loader imports it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pipeline.core.strategies import IMG2IMG, INPAINT

Split = Literal["train", "validation", "test"]
Picture = Literal["own", "shared"]

CONTROL: Final = "control"
FACTUAL: Final = "factual"
FULL: Final = "full"
"""Kind of a complete counterfactual."""
_ORDER_ONLY: Final = frozenset({"causal_order"})
"""Kinds that change what is said of a scene and not the scene: no picture can show them."""

_FROM_PHOTOGRAPH: Final = frozenset({INPAINT, IMG2IMG})
"""Strategies that begin with the anchor's own picture and change it."""

_SHARES: Final[tuple[tuple[Split, float], ...]] = (("test", 0.05), ("validation", 0.10))
"""Upper ends of the held-out parts of [0, 1); the rest is for training."""


def has_own_picture(kind: str) -> bool:
    """Whether an edit of this kind is drawn; else it shares the factual picture of its set."""
    return kind not in _ORDER_ONLY


@dataclass(frozen=True, slots=True)
class PairTruth:
    """What may be put against what, for one counterfactual of a set.

    Attributes:
        pair_text: The true wording that the counterfactual caption is false beside: the
            positive of a text pair. Most often the sample's caption.
        pair_image: Variant of the picture that the counterfactual's own picture was drawn
            beside: "control", "factual"; None where the set has no factual picture.
        image: "own": the set holds a picture of the counterfactual; "shared": `pair_image` is
            its picture too, as it names the same scene; None: there is no picture of it.
        image_is_negative: Whether the set holds a picture of the counterfactual that shows
            something else than `pair_image` does. Only then is it a negative for an image loss.
        contradicts_caption: Whether the counterfactual caption is false beside the sample's
            caption also, not only beside `pair_text`.
        visible: Whether a picture can show the difference.
    """

    pair_text: str
    pair_image: str | None
    image: Picture | None
    image_is_negative: bool
    contradicts_caption: bool
    visible: bool


def derive_truth(
    *,
    variant: str,
    kind: str,
    caption: str,
    factual: str,
    image_files: Mapping[str, str],
    strategy: str | None = None,
) -> PairTruth:
    """The flags of a counterfactual, from what every version of a sample holds.

    Args:
        variant: "min0", "full0", …
        kind: What the edit changes; "full" for a complete counterfactual.
        caption: The sample's caption.
        factual: The true wording that was edited; `caption` for a complete counterfactual.
        image_files: Variant → file of every picture in the set.
        strategy: How the counterfactual's own picture was drawn; None without one.
    """
    visible = has_own_picture(kind)
    beside = (FACTUAL, CONTROL) if strategy in _FROM_PHOTOGRAPH else (CONTROL, FACTUAL)
    pair_image = next((name for name in beside if name in image_files), None)
    file = image_files.get(variant)
    differs = file is not None and pair_image is not None and file != image_files[pair_image]
    image: Picture | None = None if file is None else "own"
    if pair_image is not None and not differs and (file is not None or not visible):
        image = "shared"
    return PairTruth(
        pair_text=factual,
        pair_image=pair_image,
        image=image,
        image_is_negative=visible and differs,
        # A composed cause and effect is not in the caption, so that its reversal does not
        # contradict the caption; every other own wording says the caption again, and more.
        contradicts_caption=visible or factual == caption,
        visible=visible,
    )


def assign_split(key: str) -> Split:
    """Part of the data that an anchor belongs to, in every run and for every reader.

    It depends on the anchor's id alone: 90 % train, 5 % validation, 5 % test.
    """
    digest = hashlib.blake2b(key.encode(), digest_size=8, person=b"split").digest()
    place = int.from_bytes(digest, "big") / 2**64
    return next((name for name, end in _SHARES if place < end), "train")
