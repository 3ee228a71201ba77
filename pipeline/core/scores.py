"""What can be measured of a drawn picture: the names, what each means, and who measures it.

`S(picture, text)` is the cosine of the two embeddings of a CLIP-like model. For a
counterfactual picture `i`, `t` is its own caption, `t0` the factual wording and `i0` the
control of the same take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from pipeline.core.errors import StageContractError
from pipeline.core.records import CounterfactualSet

CONTROL: Final = "control"
"""Variant of the factual caption, drawn by the same model as its counterfactuals."""

OVERFLOW: Final = "image.overflow"
"""Why a picture is refused whose numbers are no numbers; it would come out black."""

FULL: Final = "full"
"""Kind of a complete counterfactual, beside the kinds of minimal edits."""

Scorer = Literal["clip", "nsfw", "pixels", "questions"]
"""Who measures it; `pixels` needs no model and always can."""


@dataclass(frozen=True, slots=True)
class ScoreMeaning:
    """One score.

    Attributes:
        scorer: Who measures it.
        of_control: Whether controls have it too.
        of_full: Whether complete counterfactuals have it too.
        least: Smallest possible value.
        most: Largest possible value.
        meaning: One line for a person.
    """

    scorer: Scorer
    of_control: bool
    of_full: bool
    least: float
    most: float
    meaning: str


SCORES: Final[dict[str, ScoreMeaning]] = {
    "image_text": ScoreMeaning(
        "clip", True, True, -1, 1, "S(i, t): the picture against its own caption"
    ),
    "margin": ScoreMeaning(
        "clip", False, True, -2, 2, "S(i, t) − S(i, t0): own caption against the factual one"
    ),
    "factual_margin": ScoreMeaning(
        "clip", False, True, -2, 2, "S(i0, t0) − S(i0, t): the same, for the control"
    ),
    "directional": ScoreMeaning(
        "clip", False, True, -1, 1,
        "cosine of i − i0 and t − t0: whether the picture changed as the text did "
        "(Gal et al. 2021, arXiv 2108.00946)",
    ),
    "image_image": ScoreMeaning(
        "clip", False, True, -1, 1, "cosine of i and i0; near 1, nothing changed"
    ),
    "nsfw": ScoreMeaning("nsfw", True, True, 0, 1, "how likely the picture is not safe for work"),
    "contrast": ScoreMeaning(
        "pixels", True, True, 0, 128, "deviation of the grey levels; a blank picture has about 0"
    ),
    "detail": ScoreMeaning(
        "pixels", True, True, 0, 255,
        "mean step between neighbouring grey levels; near 0 is blur, far up is noise",
    ),
    "change": ScoreMeaning(
        "pixels", False, True, 0, 1, "mean difference of the pixels of i and i0, as a share of 255"
    ),
    "hash_distance": ScoreMeaning(
        "pixels", False, True, 0, 64,
        "bits in which the perceptual hash differs from the control's; 0 is a duplicate",
    ),
    "questions": ScoreMeaning(
        "questions", True, True, -1, 1,
        "share of the caption's facts that a model sees in it; -1 without a usable answer",
    ),
    "question_edit": ScoreMeaning(
        "questions", False, False, -1, 1,
        "1 where a model sees the edit in it, else 0; -1 without a usable answer",
    ),
}  # fmt: skip
"""Every score by name; a run has those whose scorer its config names."""

SCORE_DIGITS: Final = 6
"""Decimals that are kept, so that stored scores are short and equal runs agree."""


class Group(NamedTuple):
    """What a picture is drawn for, as far as its scores go by it.

    Attributes:
        kind: An edit kind, "full" or "control".
        subkind: Finer label of an edit; empty for the other two.
    """

    kind: str
    subkind: str = ""

    def has(self, score: str) -> bool:
        """Whether pictures of this group have a score; see :data:`SCORES`."""
        if self.kind == CONTROL:
            return SCORES[score].of_control
        return self.kind != FULL or SCORES[score].of_full


def group_of(cfset: CounterfactualSet, variant: str) -> Group:
    """The group of a set's picture.

    Raises:
        StageContractError: The set has no such variant.
    """
    if variant == CONTROL:
        return Group(CONTROL)
    for index, edit in enumerate(cfset.minimal):
        if variant == f"min{index}":
            return Group(str(edit.kind), edit.subkind)
    if variant in {f"full{index}" for index in range(len(cfset.full))}:
        return Group(FULL)
    raise StageContractError(f"set {cfset.anchor.anchor_id} has no variant {variant!r}")
