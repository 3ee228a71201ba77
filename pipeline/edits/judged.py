"""What the checks said of an anchor's candidates, so that nothing is checked twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.core.records import Anchor, FullCaption
from pipeline.core.stage import Fault
from pipeline.edits.apply.choose import EditChooser, Made
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.checks import CaptionChecks

if TYPE_CHECKING:
    from spacy.tokens import Doc


class JudgedCandidates:
    """Judges what a language model answers for one anchor as it comes in, and remembers it.

    Attributes:
        made: What each proposal makes that was asked about, by its `id`.
        scenes: What is wrong with each scene that was asked about, by its text.
    """

    def __init__(
        self,
        anchor: Anchor,
        doc: Doc,
        offered: Sequence[Proposal],
        *,
        chooser: EditChooser,
        checks: CaptionChecks,
        proposer: str,
    ) -> None:
        """Judge nothing yet.

        Args:
            anchor: The anchor.
            doc: Its parsed caption.
            offered: What the rules found; all else was worded by the model.
            chooser: Makes and checks edits.
            checks: Checks scenes.
            proposer: Provenance of what the model proposes.
        """
        self.made: dict[int, Made] = {}
        self.scenes: dict[str, Fault | None] = {}
        self._anchor, self._doc = anchor, doc
        self._by_rules = {id(proposal) for proposal in offered}
        self._chooser, self._checks, self._proposer = chooser, checks, proposer
        self._alive: list[Proposal] = []  # or an id would be used again

    def fault_of(self, one: Proposal | FullCaption) -> Fault | None:
        """What is wrong with a proposal or another scene; None where nothing is."""
        if isinstance(one, FullCaption):
            if one.caption not in self.scenes:
                self.scenes[one.caption] = self._checks.scene_fault(
                    one.caption, self._anchor.caption, self._doc
                )
            return self.scenes[one.caption]
        if id(one) not in self.made:
            self._alive.append(one)
            self.made[id(one)] = self._chooser.make(
                self._doc, one, self._proposer, worded=id(one) not in self._by_rules
            )
        edit, fault = self.made[id(one)]
        if edit is None and fault is None:
            return Fault("text.cannot_apply", "it cannot be applied")
        return fault
