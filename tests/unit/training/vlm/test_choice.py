"""What is chosen of a set, for every wish."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.truth import derive_truth
from pipeline.training.vlm.choice import Choice, Chooser, Wishes
from pipeline.training.vlm.loader import CounterfactualDataset
from pipeline.training.vlm.sample import Described, Entry, NeutralText, RawSample

FILES = {"factual": "png", "control": "control.jpg", "min0": "min0.jpg", "min2": "min2.jpg"}


def described(
    *kinds: str, files: dict[str, str] | None = None, fulls: int = 0, split: str = "train"
) -> Described:
    there = FILES if files is None else files

    def entry(variant: str, kind: str) -> Entry:
        truth = derive_truth(
            variant=variant, kind=kind, caption="c", factual="c", image_files=there
        )
        return Entry(variant, kind, "", f"{variant} text", truth, there.get(variant))

    return Described(
        RawSample("a.tar", "key", {}), split, "c", there,
        tuple(entry(f"min{number}", kind) for number, kind in enumerate(kinds)),
        tuple(entry(f"full{number}", "") for number in range(fulls)),
    )  # fmt: skip


def choose(one: Described, seed: int = 0, **wishes: Any) -> Choice | None:
    return Chooser(Wishes(**wishes)).choose(one, random.Random(seed))


def variants(choice: Choice | None) -> list[str]:
    assert choice is not None
    return [entry.variant for entry, _, _ in choice.edits]


def test_all_is_in_order_and_some_is_a_fair_draw_in_order() -> None:
    one = described("object", "count", "swap", fulls=2)
    assert variants(choose(one)) == ["min0", "min1", "min2"]
    drawn = Counter(tuple(variants(choose(one, seed, max_edits=2))) for seed in range(300))
    assert set(drawn) == {("min0", "min1"), ("min0", "min2"), ("min1", "min2")}
    assert min(drawn.values()) > 70
    choice = choose(one, max_full=1)
    assert choice is not None
    assert len(choice.fulls) == 1


def test_kinds_and_split_leave_the_rest_out() -> None:
    one = described("object", "count", "swap")
    assert variants(choose(one, kinds=frozenset({"count", "swap"}))) == ["min1", "min2"]
    assert choose(one, kinds=frozenset({"negation"})) is None
    assert choose(one, split="test") is None
    assert choose(described("swap", split="test"), split="test") is not None
    assert choose(one, max_edits=0, max_full=0) is not None, "only factual pairs are asked for"
    assert choose(one, max_edits=0) is None, "complete ones are asked for, and there is none"
    assert choose(described(fulls=1), max_edits=0) is not None


def test_required_needs_pictures_that_are_negatives() -> None:
    one = described("object", "count", "causal_order", fulls=1)
    choice = choose(one, pictures="required")
    assert variants(choice) == ["min0"], "min1 was not drawn, min2 shows the factual scene"
    assert choice is not None
    assert not choice.fulls
    assert choose(one, pictures="required", anchor="factual") is None
    assert choose(described("object", files={}), pictures="required") is None


def test_the_anchor_s_picture_decides_what_is_a_negative() -> None:
    one = described("object", "count", "swap")

    def seen(seed: int, anchor: str) -> tuple[str | None, list[bool]]:
        choice = choose(one, seed, anchor=anchor)
        assert choice is not None
        return choice.image_file, [negative for _, negative, _ in choice.edits]

    assert seen(0, "control") == ("control.jpg", [True, False, True])
    assert seen(0, "factual") == ("png", [False, False, False])
    assert {seen(seed, "either")[0] for seed in range(20)} == {"png", "control.jpg"}
    drawn = described("object", files={"factual": "jpg", "control": "jpg", "min0": "min0.jpg"})
    choice = choose(drawn, anchor="factual")
    assert choice is not None
    assert choice.edits[0][1], "without a photograph the factual picture is the control"
    nothing = choose(one, pictures="none")
    assert nothing is not None
    assert nothing.image_file is None


def test_top_up_repeats_in_turn() -> None:
    choice = choose(described("object", "count"), max_edits=5, top_up=True)
    assert choice is not None
    assert variants(choice) == ["min0", "min1", "min0", "min1", "min0"]
    assert [repeat for _, _, repeat in choice.edits] == [False, False, True, True, True]
    assert choose(described(fulls=1), max_edits=5, top_up=True) is None


def test_balance_takes_the_kind_given_least() -> None:
    sets = [described("negation", "count"), described("negation", "swap"), described("negation")]

    def shares(balance: Any) -> Counter[str]:
        chooser = Chooser(Wishes(max_edits=1, balance=balance))
        counts: Counter[str] = Counter()
        for seed in range(300):
            choice = chooser.choose(sets[seed % 3], random.Random(seed))
            assert choice is not None
            counts.update(entry.kind for entry, _, _ in choice.edits)
        return counts

    assert shares(None)["negation"] == pytest.approx(200, abs=25)
    assert all(count == pytest.approx(100, abs=3) for count in shares("kind").values())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"anchor": "photo"}, "anchor must be one of"),
        ({"pictures": "some"}, "pictures must be one of"),
        ({"kinds": ["colour"]}, "no kinds of edits: colour; there are object"),
        ({"balance": "kind"}, "give it"),
        ({"top_up": True}, "give it"),
        ({"split": "dev"}, "split must be one of"),
    ],
)
def test_a_wrong_wish_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CounterfactualDataset("nowhere.tar", **wrong)


def test_neutral_variants_are_given_where_they_are_asked_for() -> None:
    texts = tuple(NeutralText(f"neutral{n}", "order", f"c {n}") for n in range(3))
    one = replace(described("object"), neutral=texts)
    for most, sizes in ((0, {0}), (2, {2}), (None, {3})):
        drawn = [choose(one, seed, max_neutral=most) for seed in range(40)]
        assert {len(choice.neutral) for choice in drawn if choice} == sizes
    seen = {choice.neutral for seed in range(40) if (choice := choose(one, seed, max_neutral=2))}
    assert seen == {texts[:2], texts[1:], texts[::2]}, "any, in order"
    assert choose(one) is not None
    assert choose(one).neutral == ()  # type: ignore[union-attr]
