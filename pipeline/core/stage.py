"""The stage: a batch of items in, one result per item out, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pipeline.core.errors import StageContractError

In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)
In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class TokenShare:
    """What a language model read and wrote for one kind of caption.

    The tokens of an answer are shared equally among all that it proposed, kept or not; an
    answer of which nothing could be read counts under the kind "none".

    Attributes:
        stage: Stage that asked.
        kind: Edit kind, "full" for complete counterfactuals, or "none".
        tokens_in: Tokens read.
        tokens_out: Tokens written.
    """

    stage: str
    kind: str
    tokens_in: int = 0
    tokens_out: int = 0


MODEL = "llm:"
"""What the provenance of a language model's captions begins with."""

READ = "read"
"""What is noted of an answer of which something could be read."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is refused, before it is known which item that rejects.

    Attributes:
        reason: A slug `<area>.<what>`; see :class:`Rejected`.
        detail: What was found and, where there is a remedy, what to do.
    """

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Work refused for one item; `reason` is a counted slug such as "text.not_single_edit".

    Attributes:
        anchor_id: The anchor that the item belongs to; empty only where a source row is
            so broken that it has no identity.
        reason: A slug `<area>.<what>` in lower case; reports count by it.
        detail: One line for a person: what was found, where, and what to do about it.
        origin: Where the item came from, `file:line` or `archive:key`.
        item: What was refused: "anchor", "edit", "full" or "image".
        kind: The edit kind, where the item is an edit.
        caption: The text that was refused, where there is one.
        variant: For a picture, what it was drawn for: "control", "min0", …
        candidate: For a picture, which of the variant's candidates the refusal speaks of.
        scores: For a picture, what was measured of it, by name.
        refused: For an anchor of which nothing was left: its candidates, each with its reason.
        proposer: Who proposed what was refused, where that was a language model.
        tokens_in: Language-model tokens read in vain.
        tokens_out: Language-model tokens written in vain.
        shares: The same by stage and kind.
        answers: For each answer of a language model about it "read", or why nothing of it could
            be; the last one decides.
    """

    anchor_id: str
    reason: str
    detail: str = ""
    origin: str = ""
    item: str = "anchor"
    kind: str = ""
    caption: str = ""
    variant: str = ""
    candidate: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)
    refused: tuple[Rejected, ...] = ()
    proposer: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    shares: tuple[TokenShare, ...] = ()
    answers: tuple[str, ...] = ()


class Stage(Protocol[In_contra, Out_co]):
    """Map each item to one result, in order: a bad item is a value, a broken world an error."""

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the results: code version, config, prompts, models."""
        ...

    def run(self, batch: Sequence[In_contra], /) -> Sequence[Out_co | Rejected]:
        """Process one batch.

        Raises:
            TransientError: The world may mend itself; the whole batch may be tried again.
            PermanentError: It will not.
        """
        ...


def run_stage(stage: Stage[In, Out], batch: Sequence[In], /) -> Sequence[Out | Rejected]:
    """Run `stage` and hold it to its contract: exactly one result for each item.

    Raises:
        StageContractError: The stage returned another number of results.
    """
    results = stage.run(batch)
    if len(results) != len(batch):
        raise StageContractError(
            f"{type(stage).__name__} returned {len(results)} results for {len(batch)} items; "
            "a stage must answer each item once, with a result or a Rejected"
        )
    return results
