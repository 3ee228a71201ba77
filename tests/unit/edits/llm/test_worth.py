"""An answer is kept where it is useless for none of its captions."""

from __future__ import annotations

import json

import pytest
import spacy

from pipeline.core.protocols import ChatFailure, ChatRequest
from pipeline.core.records import Anchor, EditKind
from pipeline.core.stage import Fault
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.llm.proposer import ProposerItem
from pipeline.edits.llm.questions import Answers, Asked, Heard, Question
from pipeline.edits.llm.worth import NOTHING_WRITTEN, worth_of_reading

CAPTION = "a red dog"
BLUE = Proposal(EditKind.ATTRIBUTE, "x", (TokenPiece(1, 2, "blue"),), "red", "blue", "r")
PINK = Proposal(EditKind.ATTRIBUTE, "x", (TokenPiece(1, 2, "pink"),), "red", "pink", "r")
GOOD = Heard(("attribute",), (BLUE,))
REFUSED = Heard(("attribute",), (PINK,))
MIXED = Heard(("attribute", "attribute"), (PINK, BLUE))
UNREAD = Heard(("attribute",), (), "llm.unclean_text: only plain words")
EMPTY = Heard(("none",))


def no_pink(one: object) -> Fault | None:
    return Fault("text.synonym", "pink") if one is PINK else None


def question(*, rules: bool, parts: int = 1) -> Question:
    anchor = Anchor("a1", CAPTION, CAPTION, "cc_tsv", "x:1")
    item = ProposerItem(anchor, spacy.blank("en")(CAPTION), (BLUE,) if rules else (), no_pink)
    asked = tuple(Asked(item, Answers()) for _ in range(parts))
    request = ChatRequest("r", "", "", "s", {}, "v", parts=parts)
    return Question(asked, request, lambda _, text: json.loads(text))


@pytest.mark.parametrize(
    ("heard", "useful", "why"),
    [(GOOD, 1, ""), (MIXED, 1, ""), (REFUSED, 0, "text.synonym: pink"),
     (UNREAD, 0, "llm.unclean_text: only plain words"), (EMPTY, 0, NOTHING_WRITTEN)],
)  # fmt: skip
def test_what_an_answer_about_one_caption_is_good_for(heard, useful, why) -> None:
    worth = worth_of_reading(question(rules=True), [heard])
    assert (worth.useful, worth.is_kept, worth.why) == (useful, not why, why)


def test_nothing_is_a_good_answer_where_the_rules_find_nothing_either() -> None:
    assert worth_of_reading(question(rules=False), [EMPTY]).is_kept


def test_one_useless_caption_of_several_is_not_remembered() -> None:
    several = question(rules=True, parts=3)
    assert worth_of_reading(several, [GOOD, GOOD, MIXED]).is_kept
    worth = worth_of_reading(several, [GOOD, REFUSED, GOOD])
    assert (worth.useful, worth.is_kept) == (2, False)


def test_what_is_asked_alone_has_an_answer_of_its_own() -> None:
    several = question(rules=True, parts=2)
    assert worth_of_reading(several, [GOOD, None]).is_kept
    assert not worth_of_reading(several, [None, None]).is_kept


def test_what_cannot_be_read_is_useless() -> None:
    worth = worth_of_reading(question(rules=True), ChatFailure("llm.bad_answer", "no JSON"))
    assert (worth.useful, worth.is_kept, worth.why) == (0, False, "llm.bad_answer: no JSON")
