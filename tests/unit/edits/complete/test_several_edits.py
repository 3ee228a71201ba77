"""Complete counterfactuals by several edits of the anchor's own caption."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.several_edits import RULE, Judge, compose_several
from pipeline.edits.lexicon.apart import load_apart
from pipeline.edits.parse.parsed_caption import parsed_caption

TEXT = "a dog stands near a red car on the beach"


def proposal(kind: EditKind, token: int, new: str, subkind: str = "x") -> Proposal:
    old = TEXT.split()[token]
    return Proposal(kind, subkind, (TokenPiece(token, token + 1, new),), old, new, "test")


HORSE = proposal(EditKind.OBJECT, 1, "horse")
WALKS = proposal(EditKind.ACTION, 2, "walks")
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


def test_two_or_three_edits_are_made_and_what_decides_the_scene_is_named_first(parse) -> None:
    made = [
        one
        for n in range(40)
        for one in compose(parse, [BLUE, WALKS, STREET, HORSE], anchor_id=f"a{n}")
    ]
    by_caption = {one.caption: one for one in made}
    whole = by_caption["a horse walks near a red car on the street"]
    assert whole.contradicts == ("setting", "object", "action")
    assert (whole.proposer, whole.rule) == ("rules", RULE)
    assert {len(one.contradicts) for one in made} == {2, 3}


def test_words_that_captions_keep_apart_do_not_come_together(parse) -> None:
    zebra = proposal(EditKind.OBJECT, 1, "zebra")
    sofa = proposal(EditKind.OBJECT, 6, "sofa")
    assert load_apart().keeps_apart(["zebra"], ["car"])
    assert load_apart().keeps_apart(["sofa", "@seats"], ["beach", "@seaside_and_ground"])
    assert compose(parse, [zebra, WALKS]) == []
    assert compose(parse, [HORSE, sofa]) == []
    assert compose(parse, [HORSE, WALKS])


def test_two_changes_of_different_things_are_the_least(parse) -> None:
    assert compose(parse, [HORSE]) == []
    assert compose(parse, [BLUE, GREEN]) == []
    assert len(compose(parse, [HORSE, BLUE])) == 1


def test_how_a_scene_is_shown_is_no_change_of_it(parse) -> None:
    assert compose(parse, [HORSE, PAINTED]) == []


def test_an_edit_that_is_not_sound_is_left_out(parse) -> None:
    assert compose(parse, [HORSE, BLUE], [BLUE]) == []
    # Another for the same words may come instead.
    (made,) = compose(parse, [HORSE, BLUE, GREEN], [BLUE])
    assert made.caption == "a horse stands near a green car on the beach"


def test_edits_are_balanced_by_what_comes_of_them_together(parse) -> None:
    odds = {"horse": 60.0, "blue": -60.0, "green": 0.0}
    assert compose(parse, [HORSE, GREEN], odds=lambda one: odds[one.new]) == []
    assert compose(parse, [HORSE, BLUE], odds=lambda one: odds[one.new])
    assert compose(parse, [HORSE, BLUE], odds=lambda one: None if one is BLUE else 0.0) == []
    # Twice as often as the reverse, it is made by a share of the anchors.
    made = [
        compose(parse, [HORSE, GREEN], odds=lambda _: 1.0, anchor_id=f"a{n}") for n in range(40)
    ]
    assert 0 < sum(map(bool, made)) < 40


def test_a_number_that_captions_hardly_say_is_left_out(parse) -> None:
    one = Proposal(EditKind.COUNT, "number", (TokenPiece(4, 5, "one"),), "a car", "one car", "t")
    assert compose(parse, [HORSE, one]) == []


def test_more_are_other_ones_and_the_same_every_time(parse) -> None:
    edits = [HORSE, WALKS, BLUE, GREEN, STREET, proposal(EditKind.OBJECT, 6, "bus")]
    made = compose(parse, edits, wanted=3)
    assert len({one.caption for one in made}) == len(made) >= 2
    assert compose(parse, edits, wanted=3) == made
