"""The pictures of a set, each with what it is measured against."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.core.errors import StageContractError
from pipeline.core.records import AnchorImage, CounterfactualSet, RenderedImage, RenderedSet
from pipeline.core.scores import CONTROL, Group, group_of
from pipeline.core.strategies import IMG2IMG, INPAINT

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Subject:
    """One picture to measure.

    Attributes:
        image: The picture.
        group: What it was drawn for.
        pixels: Its own.
        control: Pixels of what it is compared with; None for a control.
        text: Its own caption.
        factual: The wording that was edited; of a control its caption.
        words: Decisive words of a minimal edit, before and after; empty for others.
    """

    image: RenderedImage
    group: Group
    pixels: NDArray[np.uint8]
    control: NDArray[np.uint8] | None
    text: str
    factual: str
    words: tuple[str, str] = ("", "")


def subjects_of(rendered: RenderedSet) -> Iterator[Subject]:
    """The pictures of a set, each with what it is compared with."""
    cfset = rendered.cfset
    images = rendered.candidates or rendered.images
    controls = {image.seed: image for image in images if image.variant == CONTROL}
    own: NDArray[np.uint8] | None = None
    wordings = {f"min{index}": edit.factual for index, edit in enumerate(cfset.minimal)}
    words = {f"min{index}": (edit.old, edit.new) for index, edit in enumerate(cfset.minimal)}
    captions = cfset.captions()
    for image in images:
        variant = image.variant
        control: NDArray[np.uint8] | None = None
        if variant != CONTROL:
            takes_own = image.strategy in {INPAINT, IMG2IMG} or not controls
            if takes_own and own is None and cfset.anchor.image is not None:
                own = _decode(cfset.anchor.image)
            control = own if takes_own and own is not None else _control_of(image, controls, cfset)
        yield Subject(
            image,
            group_of(cfset, variant),
            image.pixels,
            control,
            captions.get(variant, cfset.anchor.caption),
            wordings.get(variant, cfset.anchor.caption),
            words.get(variant, ("", "")),
        )


def _control_of(
    image: RenderedImage, controls: Mapping[int, RenderedImage], cfset: CounterfactualSet
) -> NDArray[np.uint8]:
    """The control of the same take, else the first: that of candidate 0."""
    found = controls.get(image.seed) or next(iter(controls.values()), None)
    if found is None:
        raise StageContractError(
            f"set {cfset.anchor.anchor_id}: {image.variant} has no control to be compared with"
        )
    return found.pixels


def _decode(anchor_image: AnchorImage) -> NDArray[np.uint8]:
    """The anchor's own picture."""
    from PIL import Image

    with Image.open(io.BytesIO(anchor_image.data)) as picture:
        return np.asarray(picture.convert("RGB"))


def distinct_pictures(subjects: Sequence[Subject]) -> list[NDArray[np.uint8]]:
    """Every picture and control of the subjects, once each, in order."""
    pictures = [p for s in subjects for p in (s.pixels, s.control) if p is not None]
    return list({id(picture): picture for picture in pictures}.values())
