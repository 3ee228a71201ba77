"""Why a caption gets the edits that it gets, or none: every proposal of every rule, and its fate.

Nothing here decides: the stage's own parts do, and this module puts what they say in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.config.edits import EditsConfig
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor, CaptionEdit, CounterfactualSet, Role
from pipeline.core.stage import Fault, Rejected
from pipeline.edits.apply.case import letter_case, plain_text
from pipeline.edits.apply.choose import Decision
from pipeline.edits.apply.proposal import Rule, apply
from pipeline.edits.checks import OUTSIDE_VOCABULARY
from pipeline.edits.explanation import (
    Explanation,
    ProposalExplanation,
    RuleExplanation,
    TokenExplanation,
)
from pipeline.edits.llm.proposer import ProposerResult
from pipeline.edits.stage import EditStage

if TYPE_CHECKING:
    from spacy.tokens import Doc


@dataclass(frozen=True, slots=True)
class Trace:
    """How the caption stage decided on one anchor.

    Attributes:
        doc: The parsed caption.
        by_rule: Every rule with what became of each of its proposals, in the order of the text.
        result: What the stage returned.
    """

    doc: Doc
    by_rule: tuple[tuple[Rule, tuple[Decision, ...]], ...]
    result: CounterfactualSet | Rejected


def explain(
    caption: str, edits_config: EditsConfig, *, anchor_id: str | None = None, run_seed: int = 0
) -> Explanation:
    """Explain what the rules make of a caption; a language model is not asked.

    Which of more sound edits than are wanted are kept is drawn from anchor id and seed: give
    those of a run's anchor to see its edits.

    Raises:
        ConfigError: The parser's model or the vocabulary cannot be loaded.
    """
    anchor_id = content_id(caption) if anchor_id is None else anchor_id
    stage = EditStage(edits_config, run_seed=run_seed)
    trace = trace_rules(stage, Anchor(anchor_id, caption, caption, "explain", "explain"))
    rejected = trace.result if isinstance(trace.result, Rejected) else None
    return Explanation(
        caption=caption,
        tokens=tuple(
            TokenExplanation(token.text, token.lemma_, token.tag_, token.dep_, token.head.i)
            for token in trace.doc
        ),
        rules=_explain_rules(trace),
        full=() if isinstance(trace.result, Rejected) else trace.result.full,
        neutral=() if isinstance(trace.result, Rejected) else trace.result.neutral,
        reason=rejected.reason if rejected else "",
        detail=rejected.detail if rejected else "",
    )


def explained_rules(stage: EditStage, anchor: Anchor) -> tuple[RuleExplanation, ...]:
    """What each rule of a stage proposes for an anchor, and what becomes of it."""
    return _explain_rules(trace_rules(stage, anchor))


def _explain_rules(trace: Trace) -> tuple[RuleExplanation, ...]:
    return tuple(
        RuleExplanation(
            rule.name,
            rule.kind,
            tuple(_explain_decision(trace.doc, decision) for decision in decisions),
        )
        for rule, decisions in trace.by_rule
    )


def trace_rules(stage: EditStage, anchor: Anchor) -> Trace:
    """How a stage decides on an anchor without a language model, every step kept."""
    (doc,) = stage.parser.parse([plain_text(anchor.caption)])
    by_rule = [(rule, tuple(rule.propose(doc))) for rule in stage.rules]
    found = [proposal for _, proposals in by_rule for proposal in proposals]
    known = stage.known(doc, found)
    case = letter_case(anchor.caption)
    decisions = stage.chooser.choose(anchor.anchor_id, doc, known, case=case, to_the_end=True)
    by_proposal = {id(decision.proposal): decision for decision in decisions}
    if stage.vocabulary is not None:
        for proposal in found:
            word = stage.vocabulary.unknown_word_of(proposal, doc.text)
            if word is not None:
                fault = Fault(OUTSIDE_VOCABULARY, word)
                by_proposal[id(proposal)] = Decision(proposal, None, "refused", fault)
    return Trace(
        doc,
        tuple((rule, tuple(by_proposal[id(p)] for p in found)) for rule, found in by_rule),
        stage.finish(anchor, doc, known, ProposerResult()),
    )


def _explain_decision(doc: Doc, decision: Decision) -> ProposalExplanation:
    proposal, fault = decision.proposal, decision.fault
    wording = proposal.wording if proposal.wording is not None else doc
    edit = decision.edit or _applied(doc, decision)
    return ProposalExplanation(
        rule=proposal.rule,
        kind=proposal.kind,
        subkind=proposal.subkind,
        factual=wording.text,
        span=_span(edit) if edit else None,
        old=proposal.old,
        new=proposal.new,
        caption=edit.caption if edit else "",
        outcome=decision.outcome,
        reason=fault.reason if fault else "",
        detail=fault.detail if fault else "",
    )


def _applied(doc: Doc, decision: Decision) -> CaptionEdit | None:
    """The edit of a proposal that was not tried."""
    try:
        return apply(doc, decision.proposal)
    except ValueError:
        return None


def _span(edit: CaptionEdit) -> tuple[int, int] | None:
    decisive = [piece for piece in edit.replacements if piece.role is Role.EDIT]
    return (decisive[0].start, decisive[-1].end) if decisive else None
