from __future__ import annotations

from pipeline.identity import derive_seed
from pipeline.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    Replacement,
)
from pipeline.render.plan import plan_set
from pipeline.strategy import INDEPENDENT, PROMPT_TO_PROMPT, SAME_NOISE

ANCHOR = Anchor("a1", "a red car", "a red car", "cc_tsv", "x.tsv:1")


def recolour(new: str, factual: str = "a red car") -> CaptionEdit:
    start = factual.index("red")
    piece = Replacement(start, start + 3, "red", new)
    return CaptionEdit(EditKind.ATTRIBUTE, "colour", factual, (piece,), "red", new)


def test_the_control_and_the_minimal_edits_share_one_seed_and_each_full_has_its_own() -> None:
    fulls = (FullCaption("a boat at sea", "rules"), FullCaption("a cat in bed", "rules"))
    draws = plan_set(CounterfactualSet(ANCHOR, (recolour("blue"), recolour("green")), fulls), 7)

    assert [(d.variant, d.prompt) for d in draws] == [
        ("control", "a red car"),
        ("min0", "a blue car"),
        ("min1", "a green car"),
        ("full0", "a boat at sea"),
        ("full1", "a cat in bed"),
    ]
    assert [d.seed for d in draws] == [
        *[derive_seed(7, "a1", "factual")] * 3,
        derive_seed(7, "a1", "full0"),
        derive_seed(7, "a1", "full1"),
    ]
    assert [d.strategy for d in draws] == [
        SAME_NOISE,
        *[PROMPT_TO_PROMPT] * 2,
        *[INDEPENDENT] * 2,
    ]
    assert {d.anchor_id for d in draws} == {"a1"}


def test_a_set_of_full_counterfactuals_alone_still_has_its_control() -> None:
    draws = plan_set(CounterfactualSet(ANCHOR, full=(FullCaption("a boat", "rules"),)), 7)
    assert [d.variant for d in draws] == ["control", "full0"]


def test_no_member_of_the_set_changes_the_seed_of_another() -> None:
    small = plan_set(CounterfactualSet(ANCHOR, (recolour("blue"),)), 7)
    full = (FullCaption("a boat", "rules"),)
    large = plan_set(CounterfactualSet(ANCHOR, (recolour("green"), recolour("blue")), full), 7)
    assert small[0] == large[0]
    assert small[1].seed == large[2].seed


def test_run_seed_and_anchor_change_every_seed() -> None:
    full = (FullCaption("a boat", "rules"),)
    other = Anchor("a2", "a red car", "a red car", "cc_tsv", "x.tsv:2")
    plans = [
        plan_set(CounterfactualSet(anchor, (recolour("blue"),), full), seed)
        for anchor, seed in ((ANCHOR, 0), (ANCHOR, 1), (other, 0))
    ]
    assert len({draw.seed for draws in plans for draw in draws}) == 6


def test_the_anchors_control_serves_an_edit_with_its_own_factual_wording() -> None:
    own = recolour("blue", factual="there is a red car")
    draws = plan_set(CounterfactualSet(ANCHOR, (own,)), 7)
    assert [d.prompt for d in draws] == ["a red car", "there is a blue car"]
    assert draws[0].seed == draws[1].seed
