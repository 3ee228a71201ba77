"""Vocabulary, gate and later checks are asked together, in one order."""

from __future__ import annotations

from pipeline.core.records import CaptionEdit, EditKind
from pipeline.core.stage import Fault
from pipeline.edits.apply.proposal import Proposal, TokenPiece, apply
from pipeline.edits.checks import OUTSIDE_VOCABULARY, CaptionChecks
from pipeline.edits.complete.vocabulary import Vocabulary, load_vocabulary

CAPTION = "a dog on a beach"


def edit_of(doc, new: str) -> CaptionEdit:
    piece = TokenPiece(1, 2, new)
    return apply(doc, Proposal(EditKind.OBJECT, "object", (piece,), old="dog", new=new, rule="r"))


def no_boats(caption: str, factual: str, edit: CaptionEdit | None) -> Fault | None:
    return Fault("text.unsafe", "boat") if "boat" in caption else None


def test_what_a_model_worded_is_read_and_what_a_rule_made_is_not(parser, parse) -> None:
    checks = CaptionChecks("allow", parser)
    doc = parse(CAPTION)
    wrong = edit_of(doc, "hound")
    assert checks.edit_fault(wrong, doc, False) is None
    found = checks.edit_fault(wrong, doc, True)
    assert found is not None
    assert found.reason == "text.synonym"
    assert checks.edit_fault(edit_of(doc, "cat"), doc, True) is None


def test_later_checks_have_a_say_of_edits_and_scenes(parser, parse) -> None:
    checks = CaptionChecks("allow", parser, text_check=no_boats)
    doc = parse(CAPTION)
    assert checks.edit_fault(edit_of(doc, "boat"), doc, False) == Fault("text.unsafe", "boat")
    assert checks.scene_fault("two boats on a lake", CAPTION, doc) == Fault("text.unsafe", "boat")
    assert checks.scene_fault("two cats on a sofa", CAPTION, doc) is None


def test_a_scene_like_the_anchor_is_refused(parser, parse) -> None:
    found = CaptionChecks("allow", parser).scene_fault(
        "a dog on the beach", CAPTION, parse(CAPTION)
    )
    assert found is not None
    assert found.reason == "text.too_near"


def test_words_outside_of_a_vocabulary_are_named(parser, parse) -> None:
    world = load_vocabulary("builtin:world")
    checks = CaptionChecks("allow", parser, vocabulary=world)
    doc = parse("a red cube on a table")
    found = checks.scene_fault("two blue zeppelins over a city", doc.text, doc)
    assert found is not None
    assert found.reason == OUTSIDE_VOCABULARY


def test_words_that_only_an_edits_own_wording_names_are_asked_about(parser, parse) -> None:
    checks = CaptionChecks("allow", parser, vocabulary=Vocabulary(frozenset({"not", "dog"})))
    doc, wording = parse("a dog on a beach"), parse("a dog, not a zebra, on a beach")
    pieces = (TokenPiece(1, 2, "zebra"), TokenPiece(5, 6, "dog"))
    proposal = Proposal(
        EditKind.NEGATION, "both_sides", pieces, old="dog", new="zebra", rule="r", wording=wording
    )
    found = checks.edit_fault(apply(doc, proposal), doc, False)
    assert found == Fault(OUTSIDE_VOCABULARY, "zebra")
