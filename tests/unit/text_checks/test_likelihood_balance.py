from __future__ import annotations

import random
from collections import Counter

import pytest

from pipeline.core.records import EditKind
from pipeline.text_checks.likelihood_balance import (
    PLACE_LIMIT,
    Candidate,
    choose_balanced,
    choose_in_order,
)
from tests.unit.text_checks.checks_records import make_edit

WORDS = ["dog", "cat", "horse", "bird", "cow", "goat", "hen", "duck"]
OBJECT, COUNT = EditKind.OBJECT, EditKind.COUNT


def candidate(anchor: int, gap: float, place: int = 0, kind: EditKind = OBJECT) -> Candidate:
    factual = f"anchor {anchor} has " + " ".join(WORDS)
    new = f"thing{abs(hash((gap, place))) % 10**6}"
    return Candidate(anchor, make_edit(factual, WORDS[place], new, kind), gap)


def shard(seed: int, anchors: int, share_less_likely: float) -> list[Candidate]:
    draw = random.Random(seed)
    return [
        candidate(
            anchor,
            draw.uniform(0.1, 9) * (1 if draw.random() < share_less_likely else -1),
            place % len(WORDS),
            draw.choice([OBJECT, COUNT]),
        )
        for anchor in range(anchors)
        for place in range(draw.randrange(12))
    ]


def blind(candidates: list[Candidate], kept: frozenset[int], kind: EditKind) -> float:
    gaps = [candidates[i].gap_nats for i in kept if candidates[i].kind == kind]
    return sum(gap > 0 for gap in gaps) / len(gaps)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.85])
@pytest.mark.parametrize("wanted", [0.5, 0.6])
def test_every_kind_is_balanced(share: float, wanted: float) -> None:
    candidates = shard(1, 120, share)
    choice = choose_balanced(candidates, 5, wanted)
    assert len(choice.kept) > 100
    for kind in (OBJECT, COUNT):
        assert 1 - wanted - 1e-9 <= blind(candidates, choice.kept, kind) <= wanted + 1e-9


def test_the_sizes_of_the_gaps_match_too() -> None:
    """Else large gaps alone would tell: the rarer sign has small ones."""
    candidates = shard(2, 200, 0.8)
    choice = choose_balanced(candidates, 5)
    sizes = {
        sign: sorted(abs(candidates[i].gap_nats) for i in choice.kept if sign(candidates[i]))
        for sign in (lambda one: one.gap_nats > 0, lambda one: one.gap_nats < 0)
    }
    less, more = sizes.values()
    assert len(less) == len(more)
    assert sum(abs(a - b) for a, b in zip(less, more, strict=True)) / len(less) < 1.0


def test_no_anchor_gets_more_than_asked_and_no_place_too_many() -> None:
    candidates = [candidate(0, gap, place=0) for gap in (1, 2, 3, 4)]
    candidates += [candidate(1, gap, place) for place in range(8) for gap in (-1.0, 1.5)]
    candidates += [candidate(i, -1.0 - i) for i in range(2, 9)]
    choice = choose_balanced(candidates, 3)
    per_anchor = Counter(candidates[i].anchor for i in choice.kept)
    assert per_anchor[0] == PLACE_LIMIT
    assert per_anchor[1] == 3


def test_a_kind_of_one_sign_only_is_left_out_as_a_giveaway() -> None:
    candidates = [candidate(i, 2.0, kind=COUNT) for i in range(4)] + [candidate(9, 0.0)]
    choice = choose_balanced(candidates, 5)
    assert choice.kept == {4}  # a tie gives nothing away
    assert choice.giveaway == {0, 1, 2, 3}
    assert not choice.surplus


def test_each_candidate_has_one_fate() -> None:
    candidates = shard(3, 60, 0.7)
    choice = choose_balanced(candidates, 2)
    fates = [*choice.kept, *choice.surplus, *choice.giveaway]
    assert sorted(fates) == list(range(len(candidates)))


def test_an_anchor_without_edits_is_served_before_one_that_has_some() -> None:
    rich = [candidate(0, -2.0, place) for place in range(3)]
    candidates = [*rich, candidate(0, 2.0, 3), candidate(0, 2.0, 4), candidate(1, 3.0, 0)]
    choice = choose_balanced(candidates, 8)
    assert 5 in choice.kept


def test_anchors_keep_different_kinds_where_they_have_them() -> None:
    candidates = [candidate(0, -1.0 - place, place) for place in range(5)]
    candidates += [candidate(0, -1.0, 6, COUNT)]
    candidates += [
        candidate(i, 1.0 + i / 9, 0, kind) for i in range(1, 9) for kind in (OBJECT, COUNT)
    ]
    choice = choose_balanced(candidates, 4)
    kinds = {candidates[i].kind for i in choice.kept if candidates[i].anchor == 0}
    assert kinds == {OBJECT, COUNT}


def test_the_choice_is_the_same_every_time() -> None:
    first, again = (choose_balanced(shard(4, 50, 0.8), 4) for _ in range(2))
    assert first == again


def test_nothing_comes_of_nothing() -> None:
    assert choose_balanced([], 5).kept == frozenset()


def test_a_count_at_one_place_is_kept_once_however_its_factual_is_worded() -> None:
    plain = make_edit("a dog runs", "a", "two", COUNT)
    beside_one = make_edit("one dog runs", "one", "three", COUNT)
    candidates = [Candidate(0, plain, 3.0), Candidate(0, beside_one, -3.0), candidate(1, 3.0)]
    candidates += [candidate(i, -3.0, kind=COUNT) for i in range(2, 5)]
    candidates += [candidate(i, 3.0, kind=COUNT) for i in range(5, 9)]
    kept = choose_balanced(candidates, 5).kept
    assert kept & {0, 1} == {1}


def test_in_order_the_first_stay_and_few_for_the_same_words() -> None:
    made = [candidate(0, float(i), place=0) for i in range(4)]
    made += [candidate(0, 1.0, place=1), candidate(0, 1.0, place=2), candidate(1, 1.0)]
    assert choose_in_order(made, 3) == {0, 1, 4, 6}
