"""Edits of one caption that are made together."""

from __future__ import annotations

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.combine import combine, noun_after
from pipeline.edits.complete.write_pieces import write_pieces
from pipeline.edits.parse.parsed_caption import parsed_caption

TEXT = "a dog sits near a red car in the park"


def proposal(kind: EditKind, token: int, old: str, new: str) -> Proposal:
    return Proposal(kind, "x", (TokenPiece(token, token + 1, new),), old, new, "test")


CAT = proposal(EditKind.OBJECT, 1, "dog", "cat")
BUS = proposal(EditKind.OBJECT, 6, "car", "bus")
BLUE = proposal(EditKind.ATTRIBUTE, 5, "red", "blue")
LIES = proposal(EditKind.ACTION, 2, "sits", "lies")
THREE = Proposal(
    EditKind.COUNT,
    "number",
    (TokenPiece(0, 1, "three"), TokenPiece(1, 2, "dogs", Role.REPAIR),
     TokenPiece(2, 3, "sit", Role.REPAIR)),
    "a dog",
    "three dogs",
    "test",
)  # fmt: skip


def combined(parse, *proposals: Proposal, blocked: frozenset[int] = frozenset(), most: int = 3):
    doc = parse(TEXT)
    chosen = combine(parsed_caption(doc), proposals, blocked, most)
    pieces = [piece for one in chosen for piece in one.pieces]
    return [one.kind for one in chosen], write_pieces(doc, pieces, "")


def test_other_kinds_come_first_and_no_more_than_asked(parse) -> None:
    kinds, text = combined(parse, CAT, BUS, LIES, most=2)
    assert kinds == [EditKind.OBJECT, EditKind.ACTION]
    assert text == "a cat lies near a red car in the park"
    kinds, text = combined(parse, CAT, BUS, LIES, most=3)
    assert kinds == [EditKind.OBJECT, EditKind.ACTION, EditKind.OBJECT]
    assert text == "a cat lies near a red bus in the park"


def test_a_number_and_a_noun_of_one_phrase_are_not_made_together(parse) -> None:
    for first, second in ((THREE, CAT), (CAT, THREE)):
        assert combined(parse, first, second)[0] == [first.kind]


def test_blocked_tokens_and_words_already_used_stay_out(parse) -> None:
    assert combined(parse, CAT, blocked=frozenset({1}))[0] == []
    twice = proposal(EditKind.ATTRIBUTE, 5, "red", "cat")
    assert combined(parse, CAT, twice)[0] == [EditKind.OBJECT]


def test_a_quality_that_the_new_thing_does_not_have_stays_out(parse) -> None:
    pizza = proposal(EditKind.OBJECT, 6, "car", "pizza")
    assert combined(parse, pizza, BLUE)[0] == [EditKind.OBJECT]
    assert combined(parse, BUS, BLUE)[0] == [EditKind.OBJECT, EditKind.ATTRIBUTE]


def test_the_noun_that_an_exchange_puts_in() -> None:
    several = Proposal(EditKind.OBJECT, "several", (), "dog", "two cats", "test")
    found = noun_after(several)
    assert found is not None
    assert found.lemma == "cat"
    assert noun_after(BLUE) is None
