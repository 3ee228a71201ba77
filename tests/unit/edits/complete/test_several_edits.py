"""Complete counterfactuals by several edits of the anchor's own caption."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.several_edits import RULE, compose_several
from pipeline.edits.parse.parsed_caption import parsed_caption

TEXT = "a dog sits near a red car on the beach"


def proposal(kind: EditKind, token: int, new: str, subkind: str = "x") -> Proposal:
    old = TEXT.split()[token]
    return Proposal(kind, subkind, (TokenPiece(token, token + 1, new),), old, new, "test")


CAT = proposal(EditKind.OBJECT, 1, "cat")
LIES = proposal(EditKind.ACTION, 2, "lies")
BLUE = proposal(EditKind.ATTRIBUTE, 5, "blue")
GREEN = proposal(EditKind.ATTRIBUTE, 5, "green")
STREET = proposal(EditKind.OBJECT, 9, "street", "seaside_and_ground")
PAINTED = proposal(EditKind.ATTRIBUTE, 2, "painted", "technique")


def compose(
    parse,
    proposals: Iterable[Proposal],
    is_usable: Callable[[Proposal], bool] = lambda _: True,
    wanted: int = 1,
) -> list[FullCaption]:
    doc = parse(TEXT)
    return compose_several(
        "a0", doc, parsed_caption(doc), list(proposals), is_usable, wanted, run_seed=0
    )


def test_what_decides_the_scene_is_changed_first(parse) -> None:
    (made,) = compose(parse, [BLUE, LIES, STREET, CAT])
    assert made.caption == "a dog lies near a blue car on the street"
    assert made.contradicts == ("setting", "action", "attribute")
    assert (made.proposer, made.rule) == ("rules", RULE)


def test_two_changes_of_which_one_decides_are_the_least(parse) -> None:
    assert compose(parse, [CAT]) == []
    assert compose(parse, [BLUE, proposal(EditKind.COUNT, 0, "one")]) == []
    assert len(compose(parse, [CAT, BLUE])) == 1


def test_how_a_scene_is_shown_is_no_change_of_it(parse) -> None:
    assert compose(parse, [CAT, PAINTED]) == []


def test_an_edit_that_gives_itself_away_is_left_out(parse) -> None:
    assert compose(parse, [CAT, BLUE], lambda one: one is not BLUE) == []
    # Another for the same words may come instead.
    (made,) = compose(parse, [CAT, BLUE, GREEN], lambda one: one is not BLUE)
    assert made.caption == "a cat sits near a green car on the beach"


def test_more_are_other_ones_and_the_same_every_time(parse) -> None:
    edits = [CAT, LIES, BLUE, GREEN, STREET, proposal(EditKind.OBJECT, 6, "bus")]
    made = compose(parse, edits, wanted=3)
    assert len({one.caption for one in made}) == len(made) >= 2
    assert compose(parse, edits, wanted=3) == made
