"""Complete counterfactuals by several edits of the anchor's own caption."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.place_phrases import RULE as OTHER_PLACE
from pipeline.edits.complete.place_phrases import PlaceIndex, place_phrases
from pipeline.edits.complete.several_edits import RULE, Judge, compose_several
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


def judge_of(odds: Callable[[Proposal], float | None], bad: Sequence[Proposal] = ()) -> Judge:
    return Judge(lambda group, _: list(group), odds, lambda one: one not in bad)


def compose(
    parse,
    proposals: Iterable[Proposal],
    bad: Sequence[Proposal] = (),
    wanted: int = 1,
    odds: Callable[[Proposal], float | None] = lambda _: 0.0,
    anchor_id: str = "a0",
) -> list[FullCaption]:
    doc = parse(TEXT)
    return compose_several(
        anchor_id,
        doc,
        parsed_caption(doc),
        list(proposals),
        judge_of(odds, bad),
        wanted,
        run_seed=0,
    )


def test_what_decides_the_scene_is_changed_first(parse) -> None:
    (made,) = compose(parse, [BLUE, LIES, STREET, CAT])
    assert made.caption == "a cat lies near a red car on the street"
    assert made.contradicts == ("setting", "object", "action")
    assert (made.proposer, made.rule) == ("rules", RULE)


def test_two_changes_of_different_things_are_the_least(parse) -> None:
    assert compose(parse, [CAT]) == []
    assert compose(parse, [BLUE, GREEN]) == []
    assert len(compose(parse, [CAT, BLUE])) == 1


def test_how_a_scene_is_shown_is_no_change_of_it(parse) -> None:
    assert compose(parse, [CAT, PAINTED]) == []


def test_an_edit_that_is_not_sound_is_left_out(parse) -> None:
    assert compose(parse, [CAT, BLUE], [BLUE]) == []
    # Another for the same words may come instead.
    (made,) = compose(parse, [CAT, BLUE, GREEN], [BLUE])
    assert made.caption == "a cat sits near a green car on the beach"


def test_edits_are_balanced_by_what_comes_of_them_together(parse) -> None:
    odds = {"cat": 40.0, "blue": -40.0, "green": 0.0}
    assert compose(parse, [CAT, GREEN], odds=lambda one: odds[one.new]) == []
    assert compose(parse, [CAT, BLUE], odds=lambda one: odds[one.new])
    assert compose(parse, [CAT, BLUE], odds=lambda one: None if one is BLUE else 0.0) == []
    # Twice as often as the reverse, it is made by a share of the anchors.
    made = [compose(parse, [CAT, GREEN], odds=lambda _: 1.0, anchor_id=f"a{n}") for n in range(40)]
    assert 0 < sum(map(bool, made)) < 40


def test_a_number_that_captions_hardly_say_is_left_out(parse) -> None:
    one = Proposal(EditKind.COUNT, "number", (TokenPiece(4, 5, "one"),), "a car", "one car", "t")
    assert compose(parse, [CAT, one]) == []


def test_a_place_of_another_caption_counts_as_a_setting(parse) -> None:
    doc = parse("a small dog sits on the beach")
    parsed = parsed_caption(doc)
    index = PlaceIndex(
        place
        for text in ("a cat sits in the snow", "a dog with a ball sits in the snow")
        for place, _, _ in place_phrases(parsed_caption(parse(text)))
    )
    exchanges = index.exchanges(parsed, random.Random(0))
    assert exchanges
    cat = Proposal(EditKind.OBJECT, "pets", (TokenPiece(2, 3, "cat"),), "dog", "cat", "r")
    (made,) = compose_several(
        "a0", doc, parsed, [cat], judge_of(lambda _: 0.0), 1, run_seed=0, exchanges=exchanges
    )
    assert made.caption == "a small cat sits in the snow"
    assert (made.rule, made.contradicts) == (OTHER_PLACE, ("setting", "object"))


def test_more_are_other_ones_and_the_same_every_time(parse) -> None:
    edits = [CAT, LIES, BLUE, GREEN, STREET, proposal(EditKind.OBJECT, 6, "bus")]
    made = compose(parse, edits, wanted=3)
    assert len({one.caption for one in made}) == len(made) >= 2
    assert compose(parse, edits, wanted=3) == made
