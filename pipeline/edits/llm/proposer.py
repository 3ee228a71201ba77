"""The seam for a language model: it chooses among proposals, and may word its own.

The stage hands over every proposal that the rules stand behind (the rails). A proposer
answers with those it would keep, best first. In the open form it may also build proposals
of its own (code finds the span and makes the :class:`~pipeline.edits.apply.proposal.Proposal`)
and complete captions. Nothing it returns is trusted: the stage applies, repairs and
verifies every proposal exactly as it does those of the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pipeline.core.records import Anchor, FullCaption
from pipeline.core.stage import Fault, Rejected, TokenShare
from pipeline.edits.apply.proposal import Proposal

if TYPE_CHECKING:
    from spacy.tokens import Doc


@dataclass(frozen=True, slots=True)
class ProposerItem:
    """One anchor, as a proposer sees it.

    Attributes:
        anchor: The anchor; its caption is untrusted data.
        doc: The parsed caption; `doc.text == anchor.caption`. Holds tags, lemmas and the
            dependency parse, no named entities.
        proposals: What the rules found, in the order of the text; may be empty.
        fault_of: What the checks have against a proposal or another scene that is to be answered;
            None where they have nothing.
    """

    anchor: Anchor
    doc: Doc
    proposals: Sequence[Proposal]
    fault_of: Callable[[Proposal | FullCaption], Fault | None] = field(
        default=lambda _: None, compare=False
    )


@dataclass(frozen=True, slots=True)
class ProposerResult:
    """A proposer's answer for one anchor.

    Attributes:
        chosen: Proposals to try, best first: items of `ProposerItem.proposals`, or new ones
            (with their own `wording` doc where the factual wording is composed).
        full: Complete counterfactual captions, best first.
        refused: What was answered and cannot be used, with slugs `llm.*`.
        tokens_in: Tokens read for this anchor, when its answers were first asked for.
        tokens_out: Tokens written for this anchor, likewise.
        shares: The same by stage and kind.
        answers: For each answer of a language model about it "read", or why nothing of it could
            be; the last one decides.
    """

    chosen: tuple[Proposal, ...] = ()
    full: tuple[FullCaption, ...] = ()
    refused: tuple[Rejected, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    shares: tuple[TokenShare, ...] = ()
    answers: tuple[str, ...] = ()


class Proposer(Protocol):
    """Chooses edits for a batch of anchors."""

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the answers: model, parameters, prompt versions."""
        ...

    @property
    def name(self) -> str:
        """Provenance of what it chose, `llm:<model>`."""
        ...

    def choose(self, batch: Sequence[ProposerItem], /) -> Sequence[ProposerResult]:
        """Answer every item once, in order; a bad answer is a `refused` entry.

        Where it returns fewer usable edits than wanted, the stage fills up from the rules.

        Raises:
            TransientError: The whole batch may be tried again later.
            PermanentError: It cannot work: wrong model, refused key, budget reached.
        """
        ...

    def close(self) -> None:
        """Release connections and child processes. Safe to call twice."""
        ...
