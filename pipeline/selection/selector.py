"""Chooses which drawn pictures a set keeps, from their scores alone.

Pure but for one thing: a shard remembers what it has kept, to find near-duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pipeline.config.scores import Band, SelectionConfig
from pipeline.core.errors import StageContractError
from pipeline.core.ids import JsonValue, fingerprint
from pipeline.core.records import RejectedSet, RenderedImage, RenderedSet
from pipeline.core.scores import CONTROL, Group, group_of
from pipeline.core.stage import Fault, Rejected
from pipeline.core.strategies import PROMPT_TO_PROMPT, SAME_NOISE
from pipeline.selection.bands import DUPLICATE, find_fault, resolve_all, resolve_bands

SELECTION_VERSION: Final = 1
"""Raised when the same scores and settings would keep other pictures."""

SHARED_NOISE = frozenset({SAME_NOISE, PROMPT_TO_PROMPT})
"""Strategies whose minimal edits share their noise with one control, and go only with it."""

ImageKey = tuple[str, int]
"""Variant and candidate."""


class KeptHashes:
    """Perceptual hashes of the pictures that a shard has kept so far, to find near-duplicates."""

    def __init__(self) -> None:
        self._hashes = np.zeros(64, np.uint64)
        self._number = 0

    def add(self, images: Iterable[RenderedImage]) -> None:
        """Remember pictures that were kept."""
        for image in images:
            if self._number == len(self._hashes):
                self._hashes = np.concatenate([self._hashes, np.zeros_like(self._hashes)])
            self._hashes[self._number] = _hash(image)
            self._number += 1

    def distance(self, image: RenderedImage) -> int:
        """Bits by which it differs from the nearest of them; more than there are if none."""
        if not self._number:
            return 65
        apart = np.bitwise_count(self._hashes[: self._number] ^ np.uint64(_hash(image)))
        return int(apart.min())


@dataclass(frozen=True, slots=True)
class _NoiseGroup:
    """What one control and the pictures that may go with it come to.

    Attributes:
        control: The control; None where the set was drawn without one.
        images: The best picture of each variant that has one, with the control.
        rank: Mean rank score of its counterfactuals.
    """

    control: RenderedImage | None
    images: tuple[RenderedImage, ...]
    rank: float

    @property
    def counterfactuals(self) -> int:
        return sum(image.variant != CONTROL for image in self.images)


class Selector:
    """Keeps the best picture of each caption of a set, or none where all are bad.

    Of each noise group (a control and the edits that share its noise) the pictures within their
    bands are ranked, and the first of each caption is kept; the group that keeps the most
    counterfactuals wins, then the one of the higher mean rank, then the lower number. Edits
    with a noise of their own, and complete counterfactuals, go with any group.

    What a set keeps depends on its scores and, through near-duplicates, on the sets of the
    shard before it; never on batches.

    Attributes:
        config: Bands, rank and thresholds.
        keep_candidates: Whether the results hold all candidates.
    """

    def __init__(self, config: SelectionConfig, *, keep_candidates: bool = False) -> None:
        self.config = config
        self.keep_candidates = keep_candidates
        self._kept = KeptHashes()
        self._bands: dict[Group, Mapping[str, Band]] = {}

    @property
    def fingerprint(self) -> str:
        """Name of the code that chooses; the config says the rest."""
        return fingerprint({"selection": SELECTION_VERSION})

    def description(self) -> dict[str, JsonValue]:
        """How pictures are chosen, for run.json: the bands as they apply to each group."""
        bands: dict[str, JsonValue] = {
            group: {name: list(band) for name, band in bands.items()}
            for group, bands in resolve_all(self.config.bands).items()
        }
        return {**self.config.model_dump(mode="json", exclude={"bands"}), "bands": bands}

    def select_sets(
        self, sets: Iterable[RenderedSet | Rejected]
    ) -> Iterator[RenderedSet | Rejected]:
        """Choose for a stream of measured sets, in the order of the shard; one at a time."""
        for item in sets:
            yield self.select(item) if isinstance(item, RenderedSet) else item

    def select(self, rendered: RenderedSet) -> RenderedSet | Rejected:
        """Choose for one set; call it once for each set of a shard, in order.

        Raises:
            StageContractError: A bounded score was not measured.
        """
        drawn = rendered.candidates or rendered.images
        if not drawn:
            return rendered
        faults = self._faults(rendered, drawn)
        refused = tuple(
            _refusal(rendered, image, faults[_key(image)])
            for image in drawn
            if _key(image) in faults
        )
        groups = [
            self._best_of_group(drawn, control, faults)
            for control in _controls(drawn)
            if control is None or _key(control) not in faults
        ]
        if not groups:
            first = next(image for image in drawn if image.variant == CONTROL)
            fault = Fault("image.control", f"no control passed: {faults[_key(first)].detail}")
            return self._rejected(rendered, fault, refused)
        best = max(groups, key=lambda group: (group.counterfactuals, group.rank))
        if best.counterfactuals < self.config.min_kept and rendered.cfset.is_drawn:
            what = f"{best.counterfactuals} counterfactual pictures passed"
            fault = Fault("image.too_few", f"{what}, selection.min_kept is {self.config.min_kept}")
            return self._rejected(rendered, fault, refused)
        if self.config.min_hash_distance:
            self._kept.add(best.images)
        return replace(
            rendered,
            images=best.images,
            candidates=tuple(drawn) if self.keep_candidates else (),
            missing=_not_drawn(rendered, best) | self._missing(drawn, best, faults),
            refused=rendered.refused + refused,
        )

    def _faults(
        self, rendered: RenderedSet, drawn: Sequence[RenderedImage]
    ) -> dict[ImageKey, Fault]:
        """Why pictures are refused; those without an entry pass."""
        found: dict[ImageKey, Fault] = {}
        for image in drawn:
            bands = self._bands_of(group_of(rendered.cfset, image.variant))
            what = f"set {rendered.cfset.anchor.anchor_id}, {image.variant}"
            fault = find_fault(bands, image.scores, what) or self._duplicate(image)
            if fault is not None:
                found[_key(image)] = fault
        return found

    def _bands_of(self, group: Group) -> Mapping[str, Band]:
        """The bands of a group, resolved once."""
        if group not in self._bands:
            self._bands[group] = resolve_bands(self.config.bands, group)
        return self._bands[group]

    def _duplicate(self, image: RenderedImage) -> Fault | None:
        """Whether a counterfactual looks like a picture of another set of the shard."""
        least = self.config.min_hash_distance
        if not least or image.variant == CONTROL:
            return None
        distance = self._kept.distance(image)
        if distance >= least:
            return None
        return Fault(
            DUPLICATE, f"{distance} bits from a picture of another set, at least {least} are asked"
        )

    def _best_of_group(
        self,
        drawn: Sequence[RenderedImage],
        control: RenderedImage | None,
        faults: Mapping[ImageKey, Fault],
    ) -> _NoiseGroup:
        """The best picture of each caption among those that may go with a control."""
        best: dict[str, RenderedImage] = {} if control is None else {CONTROL: control}
        for image in _candidates_beside(drawn, control):
            if _key(image) not in faults:
                other = best.get(image.variant)
                if other is None or self._order(image) > self._order(other):
                    best[image.variant] = image
        variants = dict.fromkeys(image.variant for image in drawn)
        images = tuple(best[variant] for variant in variants if variant in best)
        ranks = [self._rank(image) for image in images if self.config.rank in image.scores]
        return _NoiseGroup(control, images, sum(ranks) / len(ranks) if ranks else 0.0)

    def _rank(self, image: RenderedImage) -> float:
        """The score that it is ranked by; the same for all where it was not measured."""
        return image.scores.get(self.config.rank, 0.0)

    def _order(self, image: RenderedImage) -> tuple[float, int]:
        return self._rank(image), -image.candidate

    def _missing(
        self, drawn: Sequence[RenderedImage], best: _NoiseGroup, faults: Mapping[ImageKey, Fault]
    ) -> dict[str, str]:
        """Variants without a picture, each with the reason of the best that was refused."""
        kept = {image.variant for image in best.images}
        missing: dict[str, RenderedImage] = {}
        for image in _candidates_beside(drawn, best.control):
            if image.variant not in kept:
                other = missing.get(image.variant)
                if other is None or self._order(image) > self._order(other):
                    missing[image.variant] = image
        return {variant: faults[_key(image)].reason for variant, image in missing.items()}

    def _rejected(
        self, rendered: RenderedSet, fault: Fault, refused: tuple[Rejected, ...]
    ) -> RejectedSet:
        """The anchor without its set; what was refused and spent stays on record."""
        cfset = rendered.cfset
        return RejectedSet(
            cfset.anchor.anchor_id,
            fault.reason,
            fault.detail,
            origin=cfset.anchor.origin,
            caption=cfset.anchor.caption,
            refused=(*cfset.refused, *rendered.refused, *refused),
            tokens_in=cfset.tokens_in,
            tokens_out=cfset.tokens_out,
            shares=cfset.shares,
            answers=cfset.answers,
            candidates=(rendered.candidates or rendered.images) if self.keep_candidates else (),
        )


def _controls(drawn: Sequence[RenderedImage]) -> Sequence[RenderedImage | None]:
    """The controls, one for each group; a single None where none was drawn."""
    return [image for image in drawn if image.variant == CONTROL] or [None]


def _candidates_beside(
    drawn: Sequence[RenderedImage], control: RenderedImage | None
) -> Iterator[RenderedImage]:
    """The counterfactuals that may be kept beside a control."""
    for image in drawn:
        is_free = (
            control is None or image.strategy not in SHARED_NOISE or image.seed == control.seed
        )
        if image.variant != CONTROL and is_free:
            yield image


def _not_drawn(rendered: RenderedSet, best: _NoiseGroup) -> dict[str, str]:
    """Variants without a picture of which one did not come out, each with the reason."""
    left = set(rendered.cfset.captions()) - {image.variant for image in best.images}
    return {one.variant: one.reason for one in rendered.refused if one.variant in left}


def _refusal(rendered: RenderedSet, image: RenderedImage, fault: Fault) -> Rejected:
    """The record of a refused picture."""
    return Rejected(
        rendered.cfset.anchor.anchor_id,
        fault.reason,
        fault.detail,
        origin=rendered.cfset.anchor.origin,
        item="image",
        kind=group_of(rendered.cfset, image.variant).kind,
        caption=image.prompt,
        variant=image.variant,
        candidate=image.candidate,
        scores=image.scores,
    )


def _key(image: RenderedImage) -> ImageKey:
    return image.variant, image.candidate


def _hash(image: RenderedImage) -> int:
    """Its perceptual hash.

    Raises:
        StageContractError: It was not taken.
    """
    if image.perceptual_hash is None:
        raise StageContractError(
            f"{image.variant}: selection.min_hash_distance is set, but the picture's hash was "
            "not taken"
        )
    return image.perceptual_hash
