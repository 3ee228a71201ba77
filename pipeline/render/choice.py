"""Which candidate of each picture a set keeps: the hook for selection by scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline.core.errors import StageContractError
from pipeline.core.records import CounterfactualSet, RenderedImage
from pipeline.core.scores import CONTROL
from pipeline.core.strategies import PROMPT_TO_PROMPT, SAME_NOISE


class Chooser(Protocol):
    """Chooses among the candidates of one set."""

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the choice."""
        ...

    def choose(
        self, cfset: CounterfactualSet, drawn: Sequence[RenderedImage], /
    ) -> Sequence[RenderedImage]:
        """One picture of each variant, in the order of `drawn`.

        Minimal edits that share a noise with their control must be kept with that control:
        the control's `seed` says which are of one take.
        """
        ...


class First:
    """Keeps candidate 0 of each picture: what a run without candidates would have drawn."""

    fingerprint = "first"

    def choose(
        self, cfset: CounterfactualSet, drawn: Sequence[RenderedImage], /
    ) -> list[RenderedImage]:
        """One picture of each variant."""
        return [image for image in drawn if image.candidate == 0]


def check_choice(
    cfset: CounterfactualSet, drawn: Sequence[RenderedImage], chosen: Sequence[RenderedImage]
) -> None:
    """Hold a chooser to its contract.

    Raises:
        StageContractError: A variant is missing or there twice, or a minimal edit was kept
            without the control that it shares its noise with.
    """
    anchor_id = cfset.anchor.anchor_id
    wanted = list(dict.fromkeys(image.variant for image in drawn))
    kept = [image.variant for image in chosen]
    if kept != wanted:
        raise StageContractError(
            f"anchor {anchor_id}: of the pictures {', '.join(wanted)} the chooser kept "
            f"{', '.join(kept) or 'none'}; it must keep one of each, in this order"
        )
    seed = next((image.seed for image in chosen if image.variant == CONTROL), None)
    for image in chosen:
        if image.strategy in {SAME_NOISE, PROMPT_TO_PROMPT} and image.seed != seed:
            raise StageContractError(
                f"anchor {anchor_id}: candidate {image.candidate} of {image.variant} was kept "
                "without the control that has the same noise; keep pictures of one take"
            )
