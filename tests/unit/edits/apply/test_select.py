from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.apply.select import PlaceLimit, Selector


def proposal(kind: EditKind, place: int, new: str, weight: float = 1.0) -> Proposal:
    return Proposal(kind, "x", (TokenPiece(place, place + 1, new),), "old", new, "t", weight=weight)


PROPOSALS = [
    *(proposal(EditKind.OBJECT, 2, new) for new in ("cat", "rabbit", "parrot")),
    *(proposal(EditKind.OBJECT, 5, new) for new in ("street", "bridge")),
    proposal(EditKind.ATTRIBUTE, 1, "blue"),
    proposal(EditKind.ACTION, 3, "running"),
]


def test_every_proposal_comes_once() -> None:
    ordered = list(Selector(0).order("a", PROPOSALS))
    assert Counter(map(id, ordered)) == Counter(map(id, PROPOSALS))


def test_other_kinds_come_first_then_other_places() -> None:
    for seed in range(20):
        ordered = list(Selector(seed).order("a", PROPOSALS))
        assert len({p.kind for p in ordered[:3]}) == 3
        objects = [p.pieces[0].start for p in ordered if p.kind is EditKind.OBJECT]
        assert set(objects[:2]) == {2, 5}


def test_the_order_depends_on_seed_and_anchor_alone() -> None:
    first = [p.new for p in Selector(7).order("a", PROPOSALS)]
    assert first == [p.new for p in Selector(7).order("a", PROPOSALS)]
    others = [[p.new for p in Selector(7).order(f"a{i}", PROPOSALS)] for i in range(20)]
    assert any(order != first for order in others)


def test_a_common_word_is_drawn_more_often_than_a_rare_one() -> None:
    pair = [proposal(EditKind.ATTRIBUTE, 1, "white"), proposal(EditKind.ATTRIBUTE, 1, "purple")]
    selector = Selector(0, frequency={"attribute": {"white": 160.0, "purple": 12.0}})
    first = Counter(next(iter(selector.order(str(i), pair))).new for i in range(400))
    assert first["white"] > 250
    assert first["purple"] > 10


def test_no_place_takes_more_than_its_share() -> None:
    limit = PlaceLimit()
    for item in PROPOSALS[:2]:
        assert limit.allows(item)
        limit.keep(item)
    assert not limit.allows(PROPOSALS[2])
    assert limit.allows(PROPOSALS[3])


def test_no_word_is_edited_more_than_twice_whatever_the_kinds() -> None:
    limit = PlaceLimit()
    limit.keep(proposal(EditKind.OBJECT, 2, "cat"))
    assert limit.allows(proposal(EditKind.NEGATION, 2, "not a cat"))
    limit.keep(proposal(EditKind.NEGATION, 2, "not a cat"))
    assert not limit.allows(proposal(EditKind.RELATION, 2, "cat"))
    assert limit.allows(proposal(EditKind.OBJECT, 5, "street"))


def test_a_count_at_one_place_is_kept_once() -> None:
    limit = PlaceLimit()
    limit.keep(proposal(EditKind.COUNT, 0, "two"))
    assert not limit.allows(proposal(EditKind.COUNT, 0, "three"))


def test_where_checks_choose_more_are_kept_at_a_place() -> None:
    limit = PlaceLimit(choices=3)
    for _ in range(3):
        assert limit.allows(proposal(EditKind.COUNT, 0, "two"))
        limit.keep(proposal(EditKind.COUNT, 0, "two"))
    assert not limit.allows(proposal(EditKind.COUNT, 0, "two"))


def test_a_kind_with_a_low_weight_is_wanted_in_that_share_of_places() -> None:
    selector = Selector(3, {EditKind.OBJECT: 0.3})
    one, other = PROPOSALS[0], PROPOSALS[5]
    assert sum(selector.wants(f"a{i}", one) for i in range(2000)) == pytest.approx(600, abs=60)
    assert all(selector.wants(f"a{i}", other) for i in range(50))


def test_all_proposals_of_one_place_are_wanted_or_none() -> None:
    selector = Selector(3, {EditKind.OBJECT: 0.5})
    for i in range(50):
        assert len({selector.wants(f"a{i}", p) for p in PROPOSALS[:3]}) == 1


def test_a_kind_with_a_high_weight_goes_first_and_by_turns() -> None:
    selector = Selector(0, {EditKind.OBJECT: 2.0, EditKind.ATTRIBUTE: 0.01})
    for i in range(20):
        ordered = list(selector.order(f"a{i}", PROPOSALS))
        kinds = [p.kind for p in ordered]
        at = kinds.index(EditKind.OBJECT)
        assert kinds[at : at + 2] == [EditKind.OBJECT] * 2
        assert Counter(map(id, ordered)) == Counter(map(id, PROPOSALS))


def test_a_rule_that_would_prevail_is_wanted_for_its_share_whatever_the_kind_wants() -> None:
    one = replace(proposal(EditKind.OBJECT, 2, "cat"), share=0.25)
    plain = sum(Selector(3).wants(f"a{i}", one) for i in range(1000))
    assert 200 < plain < 300
    half = Selector(3, {EditKind.OBJECT: 0.5})
    assert 90 < sum(half.wants(f"a{i}", one) for i in range(1000)) < 160
