"""Which proposals become an anchor's edits: drawn in order, applied, checked, up to a number."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal

from pipeline.config.edits import EditsConfig
from pipeline.core.records import Anchor, CaptionEdit, EditKind
from pipeline.core.stage import Fault, Rejected
from pipeline.edits.apply.case import LetterCase
from pipeline.edits.apply.proposal import Proposal, apply
from pipeline.edits.apply.select import PlaceLimit, Selector
from pipeline.edits.apply.verify import Verifier
from pipeline.edits.balance.table import BalanceTable

if TYPE_CHECKING:
    from spacy.tokens import Doc

TRIES_PER_EDIT = 6
"""Proposals tried for each edit wanted; more would only hide a rule that is often refused."""

RULES = "rules"
"""Proposer of what no language model chose."""

Made = tuple[CaptionEdit | None, Fault | None]
"""What a proposal makes, and what is wrong with it; without an edit it cannot be applied."""


NOTHING_MADE: Mapping[int, Made] = {}

SMALLEST_WEIGHT = 0.0001
LIGHT = 0.1
"""Weight below which an edit of a language model takes a place only where nothing else does."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one proposal.

    Attributes:
        proposal: The proposal.
        edit: The edit that it makes; None where it was not tried or cannot be applied.
        outcome: "kept"; "refused", where it is unsound; "unbalanced", where it is sound and
            comes oftener than its reverse; or "passed over", where it is not needed, which
            says nothing against it.
        fault: Why it was not kept; None where it was.
        proposer: Who proposed it.
    """

    proposal: Proposal
    edit: CaptionEdit | None
    outcome: Literal["kept", "refused", "unbalanced", "passed over"]
    fault: Fault | None = None
    proposer: str = RULES

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
            proposer=self.proposer if self.proposer != RULES else "",
        )


class EditChooser:
    """Decides on proposals; what it keeps depends on anchor id, caption, config and seed alone."""

    def __init__(
        self,
        config: EditsConfig,
        tokenise: Callable[[str], Doc],
        *,
        run_seed: int,
        balance: BalanceTable,
        choices: int = 1,
        extra_check: Callable[[CaptionEdit, Doc, bool], Fault | None] = lambda *_: None,
    ) -> None:
        """Remember what decides.

        Args:
            config: Number of edits, weights of their kinds, and what the balance does.
            tokenise: The parser's tokeniser.
            run_seed: Seed of every draw.
            balance: How often words and edits come.
            choices: Edits written for each one kept, where later checks choose among them.
            extra_check: What else can be wrong with an edit; given the parsed caption, and
                whether a language model worded it.
        """
        self._wanted = config.max_minimal * choices
        self._choices = choices
        self._run_seed = run_seed
        self._balance = balance
        self._balances = config.balance
        self._left_alone = frozenset(config.balance_except)
        self._selector = Selector(run_seed, config.kind_weights, balance.frequency)
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
        made: Mapping[int, Made] = NOTHING_MADE,
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
            made: What :meth:`make` gave for proposals, by `id`, where that is known.
        """
        kept: set[str] = set()
        places = PlaceLimit(self._choices)
        by_kind: Counter[EditKind] = Counter()
        by_rules = {id(proposal) for proposal in offered}
        tried = 0
        light: list[tuple[str, Proposal]] = []
        scarce: list[tuple[str, Proposal]] = []
        known: dict[int, tuple[CaptionEdit, float]] = {}
        candidates = self._candidates(anchor_id, offered, preferred, preferred_by, by_kind)
        for proposer, proposal in chain(candidates, scarce, light):
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
            worded = id(proposal) not in by_rules
            is_known = id(proposal) in made
            edit, weight = known.get(id(proposal), (None, 1.0))
            fault = None
            if edit is None:
                edit, fault = made[id(proposal)] if is_known else _applied(doc, proposal, proposer)
                weight = 1.0 if edit is None or fault is not None else self._weight(edit)
            if edit is not None and fault is None:
                draws = self._balances == "select" and not worded and weight < 1
                if draws and id(proposal) not in known:
                    # Whether it is accepted depends on what else the anchor has.
                    known[id(proposal)] = edit, weight
                    scarce.append((proposer, proposal))
                    continue
                edit, unbalanced = self._balanced(
                    anchor_id, edit, weight, worded=worded, is_alone=not kept
                )
                if unbalanced is not None:
                    yield Decision(proposal, edit, "unbalanced", unbalanced, proposer)
                    continue
                # Last, as it costs the most.
                fault = None if is_known else self._fault(doc, proposal, edit, worded=worded)
            if edit is None or fault is not None:
                tried += 1
                yield Decision(proposal, edit, "refused", fault, proposer)
                continue
            if self._hardly_counts(edit, worded=worded) and (proposer, proposal) not in light:
                light.append((proposer, proposal))
                continue
            tried += 1
            places.keep(proposal)
            if edit.caption in kept:
                yield _passed_over(proposal, "text.same_caption", "another edit says the same")
                continue
            kept.add(edit.caption)
            by_kind[proposal.kind] += 1
            edit = case.edit(edit) if case is not None else edit
            yield Decision(proposal, edit, "kept")
        if to_the_end:
            detail = "only a share of its kind, or of what its rule finds, is wanted"
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

    def _weight(self, edit: CaptionEdit) -> float:
        """The share of such edits that is balanced; 1 where the balance leaves them alone."""
        if self._balances == "off" or self._is_left_alone(edit):
            return 1.0
        return self._balance.weight(edit)

    def _is_left_alone(self, edit: CaptionEdit) -> bool:
        """Whether the config leaves edits of this sort unbalanced."""
        return not self._left_alone.isdisjoint((str(edit.kind), f"{edit.kind}.{edit.subkind}"))

    def _balanced(
        self, anchor_id: str, edit: CaptionEdit, weight: float, *, worded: bool, is_alone: bool
    ) -> tuple[CaptionEdit, Fault | None]:
        """The edit with its weight, and why it is left out if it is.

        Drawn before the limits of a place are counted: an edit that is left out takes nobody's
        place, and another of the same word may come. What a language model worded was paid for
        and is never left out: it is weighted, which balances it as well.
        """
        if self._balances == "off" or self._is_left_alone(edit):
            return edit, None
        if self._balances == "weights" or worded:
            return replace(edit, weight=max(SMALLEST_WEIGHT, round(weight, 4))), None
        if self._balance.accepts(edit, self._run_seed, anchor_id, is_alone=is_alone, weight=weight):
            return edit, None
        return edit, Fault("text.unbalanced", f"its reverse comes {weight:.2f} times as often")

    def _hardly_counts(self, edit: CaptionEdit, *, worded: bool) -> bool:
        """Whether an edit gives way to others, as training would hardly ever see it."""
        selects = self._balances == "select" and worded
        return selects and edit.weight is not None and edit.weight < LIGHT

    def odds(self, doc: Doc, proposal: Proposal) -> float | None:
        """How much oftener a proposal is made than its reverse, as a logarithm.

        0 where the balance is off, and None where the proposal cannot be applied. Where edits
        are weighted it is asked all the same: several edits together have no weight.
        """
        edit, _ = _applied(doc, proposal, RULES)
        if edit is None:
            return None
        return 0.0 if self._balances == "off" else self._balance.odds(edit)

    def is_sound(self, doc: Doc, proposal: Proposal) -> bool:
        """Whether a proposal of a rule can be applied and passes every check."""
        edit, fault = self.make(doc, proposal)
        return edit is not None and fault is None

    def drawn(self, proposals: Sequence[Proposal], draw: random.Random) -> list[Proposal]:
        """Proposals for one place, those first whose new words captions hold oftener."""
        return self._selector.drawn(proposals, draw)

    def make(
        self, doc: Doc, proposal: Proposal, proposer: str = RULES, *, worded: bool = False
    ) -> Made:
        """Apply a proposal and check the result."""
        edit, fault = _applied(doc, proposal, proposer)
        if edit is None:
            return None, fault
        return edit, self._fault(doc, proposal, edit, worded=worded)

    def _fault(
        self, doc: Doc, proposal: Proposal, edit: CaptionEdit, *, worded: bool
    ) -> Fault | None:
        """What is wrong with an edit."""
        own = proposal.wording
        fault = self._verifier.verify(
            edit, doc if own is None else own, tokenised=own is None, worded=worded
        )
        return fault or self._extra_check(edit, doc, worded)


def _applied(doc: Doc, proposal: Proposal, proposer: str) -> Made:
    """The edit that a proposal makes; a fault where it cannot be applied."""
    try:
        return apply(doc, proposal, proposer=proposer), None
    except ValueError as error:
        return None, Fault("text.cannot_apply", str(error))


def _passed_over(proposal: Proposal, reason: str, detail: str) -> Decision:
    return Decision(proposal, None, "passed over", Fault(reason, detail))
