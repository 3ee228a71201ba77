"""A candidate is judged as the stage will judge it, and only once."""

from __future__ import annotations

from pipeline.config.edits import EditsConfig
from pipeline.core.records import Anchor, EditKind, FullCaption
from pipeline.edits.apply.choose import EditChooser
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.balance.table import BalanceTable
from pipeline.edits.checks import CaptionChecks
from pipeline.edits.judged import JudgedCandidates

CAPTION = "a dog on a beach"
ANCHOR = Anchor("a0", CAPTION, CAPTION, "cc_tsv", "t:1")


def offer(new: str) -> Proposal:
    return Proposal(EditKind.OBJECT, "x", (TokenPiece(1, 2, new),), old="dog", new=new, rule="r")


def judged(parser, parse, *offered: Proposal) -> JudgedCandidates:
    checks = CaptionChecks("allow", parser)
    chooser = EditChooser(
        EditsConfig(),
        parser.nlp.make_doc,
        run_seed=0,
        balance=BalanceTable(),
        extra_check=checks.edit_fault,
    )
    return JudgedCandidates(
        ANCHOR, parse(CAPTION), offered, chooser=chooser, checks=checks, proposer="llm:m"
    )


def test_what_a_model_worded_goes_through_the_gate(parser, parse) -> None:
    hound, cat = offer("hound"), offer("cat")
    candidates = judged(parser, parse)
    fault = candidates.fault_of(hound)
    assert fault is not None
    assert fault.reason == "text.synonym"
    assert candidates.fault_of(cat) is None
    edit, _ = candidates.made[id(cat)]
    assert edit is not None
    assert (edit.caption, edit.proposer) == ("a cat on a beach", "llm:m")


def test_what_the_rules_offered_was_not_worded_by_the_model(parser, parse) -> None:
    hound = offer("hound")
    assert judged(parser, parse, hound).fault_of(hound) is None


def test_scenes_are_judged_and_remembered(parser, parse) -> None:
    candidates = judged(parser, parse)
    near = FullCaption("a dog on the beach", "llm:m")
    fault = candidates.fault_of(near)
    assert fault is not None
    assert fault.reason == "text.too_near"
    assert candidates.scenes == {near.caption: fault}
    assert candidates.fault_of(near) is fault
