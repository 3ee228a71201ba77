"""Which proposals become an anchor's edits: drawn in order, applied, checked, up to a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipeline.config.edits import EditsConfig
from pipeline.core.records import Anchor, CaptionEdit, EditKind
from pipeline.core.stage import Fault, Rejected
from pipeline.edits.apply.case import LetterCase
from pipeline.edits.apply.proposal import Proposal, apply
from pipeline.edits.apply.select import PlaceLimit, Selector
from pipeline.edits.apply.verify import Verifier

if TYPE_CHECKING:
    from spacy.tokens import Doc

TRIES_PER_EDIT = 6
"""Proposals tried for each edit wanted; more would only hide a rule that is often refused."""

RULES = "rules"
"""Proposer of what no language model chose."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one proposal.

    Attributes:
        proposal: The proposal.
        edit: The edit that it makes; None where it was not tried or cannot be applied.
        outcome: "kept"; "refused", where it is unsound; or "passed over", where it is not
            needed, which says nothing against it.
        fault: Why it was not kept; None where it was.
    """

    proposal: Proposal
    edit: CaptionEdit | None
    outcome: Literal["kept", "refused", "passed over"]
    fault: Fault | None = None

    def rejected(self, anchor: Anchor) -> Rejected:
        """What the set of the anchor says of a refused proposal."""
        return Rejected(
            anchor_id=anchor.anchor_id,
            reason=self.fault.reason if self.fault else "text.cannot_apply",
            detail=self.fault.detail if self.fault else "",
            origin=anchor.origin,
            item="edit",
            kind=str(self.proposal.kind),
            caption=self.edit.caption if self.edit else "",
        )


class EditChooser:
    """Decides on proposals; what it keeps depends on anchor id, caption, config and seed alone."""

    def __init__(
        self,
        config: EditsConfig,
        tokenise: Callable[[str], Doc],
        *,
        run_seed: int,
        choices: int,
        extra_check: Callable[[CaptionEdit, Doc | None], Fault | None],
    ) -> None:
        """Remember what decides.

        Args:
            config: Number of edits, and weights of their kinds.
            tokenise: The parser's tokeniser.
            run_seed: Seed of every draw.
            choices: Edits written for each one kept, where later checks choose among them.
            extra_check: What else can be wrong with an edit; given the parsed caption where a
                language model worded it, else None.
        """
        self._wanted = config.max_minimal * choices
        self._choices = choices
        self._selector = Selector(run_seed, config.kind_weights)
        self._verifier = Verifier(tokenise)
        self._extra_check = extra_check

    def choose(
        self,
        anchor_id: str,
        doc: Doc,
        offered: Sequence[Proposal],
        *,
        preferred: Sequence[Proposal] = (),
        preferred_by: str = RULES,
        case: LetterCase | None = None,
        to_the_end: bool = False,
    ) -> Iterator[Decision]:
        """Decide on proposals, the most wanted first.

        Args:
            anchor_id: Decides the order.
            doc: The parsed caption.
            offered: What the rules found.
            preferred: What a language model chose; tried before the others of their kinds, in
                this order.
            preferred_by: Provenance of these.
            case: How the caption is written, where `doc` is of its plain text.
            to_the_end: Whether to go on when there are as many edits as wanted, and say of
                every proposal why it was not kept.
        """
        kept: set[str] = set()
        places = PlaceLimit(self._choices)
        by_kind: Counter[EditKind] = Counter()
        by_rules = {id(proposal) for proposal in offered}
        candidates = self._candidates(anchor_id, offered, preferred, preferred_by, by_kind)
        for tried, (proposer, proposal) in enumerate(candidates):
            if len(kept) >= self._wanted or tried >= self._wanted * TRIES_PER_EDIT:
                if not to_the_end:
                    return
                detail = f"{len(kept)} edits of {self._wanted} wanted were drawn before it"
                yield _passed_over(proposal, "text.enough_edits", detail)
                continue
            if not places.allows(proposal):
                detail = "its word is edited often enough"
                yield _passed_over(proposal, "text.same_place", detail)
                continue
            edit, fault = self._make(doc, proposal, proposer, worded=id(proposal) not in by_rules)
            if edit is None or fault is not None:
                yield Decision(proposal, edit, "refused", fault)
                continue
            places.keep(proposal)
            if edit.caption in kept:
                yield _passed_over(proposal, "text.same_caption", "another edit says the same")
                continue
            kept.add(edit.caption)
            by_kind[proposal.kind] += 1
            edit = case.edit(edit) if case is not None else edit
            yield Decision(proposal, edit, "kept")
        if to_the_end:
            detail = "edits.kind_weights asks for only a share of its kind"
            for proposal in (*preferred, *offered):
                if not self._selector.wants(anchor_id, proposal):
                    yield _passed_over(proposal, "text.kind_weight", detail)

    def _candidates(
        self,
        anchor_id: str,
        offered: Sequence[Proposal],
        preferred: Sequence[Proposal],
        preferred_by: str,
        kept: Counter[EditKind],
    ) -> Iterator[tuple[str, Proposal]]:
        """One of each kind before the second of any; of a kind, the model's choice first."""
        wants = self._selector.wants
        chosen = {id(proposal) for proposal in preferred}
        first = [p for p in preferred if wants(anchor_id, p)]
        rest = [p for p in offered if id(p) not in chosen and wants(anchor_id, p)]
        order = self._selector.order(
            anchor_id, [*first, *rest], preferred=first, kept=kept if first else None
        )
        for proposal in order:
            yield (preferred_by if id(proposal) in chosen else RULES), proposal

    def _make(
        self, doc: Doc, proposal: Proposal, proposer: str, *, worded: bool
    ) -> tuple[CaptionEdit | None, Fault | None]:
        """Apply a proposal and check the result."""
        try:
            edit = apply(doc, proposal, proposer=proposer)
        except ValueError as error:
            return None, Fault("text.cannot_apply", str(error))
        own = proposal.wording
        fault = self._verifier.verify(
            edit, doc if own is None else own, tokenised=own is None, worded=worded
        )
        return edit, fault or self._extra_check(edit, doc if worded else None)


def _passed_over(proposal: Proposal, reason: str, detail: str) -> Decision:
    return Decision(proposal, None, "passed over", Fault(reason, detail))
