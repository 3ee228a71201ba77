"""A set on its way through the checks on text: what is left of it, and what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.core.records import CaptionEdit, CounterfactualSet, FullCaption
from pipeline.core.stage import MODEL, Fault, Rejected

Made = CaptionEdit | FullCaption
"""Any counterfactual caption."""


@dataclass(slots=True)
class Examined:
    """A set on its way through the checks.

    Attributes:
        cfset: As it came.
        minimal: Edits that are left.
        full: Complete counterfactuals that are left.
        refused: Refusals of this stage.
        fault: Why the anchor itself is refused.
    """

    cfset: CounterfactualSet
    minimal: list[CaptionEdit]
    full: list[FullCaption]
    refused: list[Rejected] = field(default_factory=list)
    fault: Fault | None = None

    def refuse(self, made: Made, fault: Fault) -> None:
        """Record why a caption is refused; the caller takes it out."""
        minimal = isinstance(made, CaptionEdit)
        self.refused.append(
            Rejected(
                anchor_id=self.cfset.anchor.anchor_id,
                reason=fault.reason,
                detail=fault.detail,
                origin=self.cfset.anchor.origin,
                item="edit" if minimal else "full",
                kind=str(made.kind) if isinstance(made, CaptionEdit) else "",
                caption=made.caption,
                proposer=made.proposer if made.proposer.startswith(MODEL) else "",
            )
        )

    def result(self) -> CounterfactualSet | Rejected:
        """The set with what is left of it; a rejected anchor keeps its refusals."""
        anchor, refused = self.cfset.anchor, (*self.cfset.refused, *self.refused)
        if self.fault is None and (self.minimal or self.full):
            return replace(
                self.cfset, minimal=tuple(self.minimal), full=tuple(self.full), refused=refused
            )
        fault = self.fault or Fault("text.no_edit", "the checks refused every counterfactual")
        return Rejected(
            anchor.anchor_id,
            fault.reason,
            fault.detail,
            origin=anchor.origin,
            caption=anchor.caption,
            refused=refused,
            tokens_in=self.cfset.tokens_in,
            tokens_out=self.cfset.tokens_out,
            shares=self.cfset.shares,
            answers=self.cfset.answers,
        )

    def left(self) -> list[Made]:
        """Every caption that is left."""
        return [*self.minimal, *self.full]

    def drop(self, bad: set[int]) -> None:
        """Take out the captions with these object ids."""
        self.minimal = [edit for edit in self.minimal if id(edit) not in bad]
        self.full = [full for full in self.full if id(full) not in bad]

    def texts(self) -> Iterator[str]:
        """Every text that is left: captions and the wordings that the edits carry."""
        for edit in self.minimal:
            yield edit.factual
            yield edit.caption
        for full in self.full:
            yield full.caption


def leave_out_long(
    sets: Sequence[Examined], too_long: Callable[[Sequence[str]], Sequence[Fault | None]]
) -> None:
    """Leave out neutral variants that are too long, by themselves: the caption was not."""
    texts = list({one.caption for examined in sets for one in examined.cfset.neutral})
    long = dict(zip(texts, too_long(texts), strict=True)) if texts else {}
    for examined in sets:
        neutral = examined.cfset.neutral
        kept = tuple(one for one in neutral if long[one.caption] is None)
        if len(kept) < len(neutral):
            examined.cfset = replace(examined.cfset, neutral=kept)
