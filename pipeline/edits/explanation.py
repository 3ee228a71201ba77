"""Why a caption gets the edits that it gets, as plain records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.core.records import EditKind, FullCaption, NeutralCaption


@dataclass(frozen=True, slots=True)
class TokenExplanation:
    """How the parser reads one token.

    Attributes:
        text: The token.
        lemma: Dictionary form.
        tag: Penn part of speech, such as "NNS".
        dep: Label of the dependency on its head, such as "nsubj".
        head: Index of its head; the root is its own.
    """

    text: str
    lemma: str
    tag: str
    dep: str
    head: int


@dataclass(frozen=True, slots=True)
class ProposalExplanation:
    """One proposal of a rule and what became of it.

    Attributes:
        rule: Name of the rule, or of the pattern of it.
        kind: What it changes.
        subkind: Finer label, such as "colour".
        factual: The wording that it edits: the caption, or the rule's own.
        span: Half-open characters of `factual` that the decisive change replaces, from the
            first of its pieces to the last; None where it cannot be applied.
        old: The decisive words.
        new: Their counterpart.
        caption: The counterfactual; "" where it cannot be applied.
        outcome: "kept"; "refused", where it is unsound; "unbalanced", where it comes oftener
            than its reverse; or "passed over", where it is not
            needed, which says nothing against it.
        reason: Slug of why it was not kept, such as "text.synonym"; "" where it was.
        detail: The same in words.
    """

    rule: str
    kind: EditKind
    subkind: str
    factual: str
    span: tuple[int, int] | None
    old: str
    new: str
    caption: str
    outcome: Literal["kept", "refused", "unbalanced", "passed over"]
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """What one rule proposes for a caption; it found nothing where `proposals` is empty."""

    rule: str
    kind: EditKind
    proposals: tuple[ProposalExplanation, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a caption gets the edits that it gets.

    Attributes:
        caption: The factual caption.
        tokens: The parse.
        rules: What each rule that the config asks for proposes, in the order of the rules.
        full: Complete counterfactuals.
        reason: Slug of why the anchor is left out, "text.no_edit"; "" where it is not.
        detail: The same in words.
        neutral: The caption in other words.
    """

    caption: str
    tokens: tuple[TokenExplanation, ...]
    rules: tuple[RuleExplanation, ...]
    full: tuple[FullCaption, ...]
    reason: str
    detail: str
    neutral: tuple[NeutralCaption, ...] = ()

    @property
    def kept(self) -> tuple[ProposalExplanation, ...]:
        """The proposals that become edits."""
        return tuple(p for rule in self.rules for p in rule.proposals if p.outcome == "kept")
