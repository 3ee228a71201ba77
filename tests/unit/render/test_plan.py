from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Guide
from pipeline.core.ids import derive_seed
from pipeline.core.records import (
    Anchor,
    AnchorImage,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    Replacement,
)
from pipeline.core.strategies import INDEPENDENT, PROMPT_TO_PROMPT, SAME_NOISE, StrategyParameters
from pipeline.core.truth import has_own_picture
from pipeline.render.plan import FRACTIONS, count_noises, plan_set

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


def test_an_edit_names_its_source_picture_and_the_stored_spans() -> None:
    edit = recolour("blue", factual="there is a red car")
    draws = plan_set(CounterfactualSet(ANCHOR, (edit,)), 7)
    assert draws[0].guide is None
    assert draws[1].guide == Guide("a red car", "there is a red car", edit.replacements)
    assert draws[1].source == ("a red car", draws[0].seed)


@pytest.mark.parametrize(("strategy", "shared"), [("same_noise", True), ("independent", False)])
def test_other_strategies_have_no_source_and_share_noise_or_not(
    strategy: str, shared: bool
) -> None:
    config = ImagesConfig(strategy=strategy)  # type: ignore[arg-type]
    full = (FullCaption("a boat", "rules"),)
    draws = plan_set(CounterfactualSet(ANCHOR, (recolour("blue"),), full), 7, config)
    assert [d.strategy for d in draws] == [strategy, strategy, INDEPENDENT]
    assert all(d.guide is None and d.parameters == StrategyParameters() for d in draws)
    assert (draws[0].seed == draws[1].seed) is shared
    assert draws[2].seed == derive_seed(7, "a1", "full0")


def test_fractions_come_from_the_kind_then_the_setting_then_the_settings_of_the_kind() -> None:
    def fractions(**settings: object) -> StrategyParameters:
        config = ImagesConfig.model_validate(settings)
        return plan_set(CounterfactualSet(ANCHOR, (recolour("blue"),)), 7, config)[1].parameters

    assert fractions() == StrategyParameters(*FRACTIONS[EditKind.ATTRIBUTE])
    settings = {"self_attention_fraction": 0.0, "appearance_fraction": 1.0}
    cross_attention = FRACTIONS[EditKind.ATTRIBUTE].cross_attention
    assert fractions(**settings) == StrategyParameters(0.0, cross_attention, 1.0)
    by_kind = {"attribute": (0.2, 0.3, 0.4), "count": (0.9, 0.9, 0.9)}
    assert fractions(**settings, fractions=by_kind) == StrategyParameters(0.2, 0.3, 0.4)
    by_kind |= {"attribute.colour": (0.5, 0.6, 0.7), "attribute.size": (0.0, 0.0, 0.0)}
    assert fractions(**settings, fractions=by_kind) == StrategyParameters(0.5, 0.6, 0.7)
    assert fractions(blend=0.4).blend == 0.4
    assert set(FRACTIONS) == {kind for kind in EditKind if has_own_picture(kind)}


def test_candidates_of_what_moves_vary_its_looks_and_not_its_layout() -> None:
    settings = {"fractions": {"attribute": (0.2, 0.3, 0.4)}, "candidates": 4}
    config = ImagesConfig.model_validate({**settings, "candidate_appearance": (0.6, 0.7)})
    draws = plan_set(CounterfactualSet(ANCHOR, (recolour("blue"),)), 7, config)
    drawn = [draw.parameters for draw in draws if draw.variant == "min0" and draw.candidate]
    assert {parameters.self_attention for parameters in drawn} == {0.2}
    looks = {parameters.appearance for parameters in drawn}
    assert len(looks) == 3
    assert all(value is not None and 0.6 <= value <= 0.7 for value in looks)


def test_candidates_come_in_takes_of_one_noise_and_vary_their_fractions() -> None:
    config = ImagesConfig(candidates=5, candidate_seeds=2, candidate_self_attention=(0.3, 0.5))
    cfset = CounterfactualSet(ANCHOR, (recolour("blue"),), (FullCaption("a boat", "rules"),))
    draws = plan_set(cfset, 7, config)
    assert [(d.variant, d.candidate) for d in draws] == [
        *[("control", 0), ("min0", 0), ("min0", 2), ("min0", 4)],
        *[("control", 1), ("min0", 1), ("min0", 3)],
        *[("full0", number) for number in range(5)],
    ]
    controls = {d.candidate: d.seed for d in draws if d.variant == "control"}
    edits = [d for d in draws if d.variant == "min0"]
    assert all(d.seed == controls[d.candidate % 2] for d in edits)
    assert controls[0] != controls[1]
    assert len({d.seed for d in draws if d.variant == "full0"}) == 5
    layouts = [d.parameters.self_attention for d in edits if d.candidate]
    assert len(set(layouts)) == 4
    assert all(value is not None and 0.3 <= value <= 0.5 for value in layouts)
    # The first candidate of each is what a run without candidates draws.
    firsts = tuple(d for d in draws if d.candidate == 0)
    assert firsts == plan_set(cfset, 7)
    # And more candidates change none that were drawn before, with as many noises.
    more = plan_set(cfset, 7, config.model_copy(update={"candidates": 9}))
    assert set(draws) <= set(more)


@pytest.mark.parametrize(
    ("settings", "noises"),
    [
        ({"candidates": 1}, 1),
        ({"candidates": 8}, 3),
        ({"candidates": 9}, 3),
        ({"candidates": 8, "candidate_seeds": 8}, 8),
        ({"candidates": 8, "strategy": "same_noise"}, 8),
    ],
)
def test_noises_among_candidates(settings: dict[str, object], noises: int) -> None:
    assert count_noises(ImagesConfig.model_validate(settings)) == noises


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"candidates": 2, "candidate_seeds": 3}, "3 noises for 2 candidates"),
        ({"candidates": 4, "candidate_seeds": 2, "strategy": "same_noise"}, "same picture twice"),
        ({"candidate_self_attention": (0.9, 0.1)}, "0.9 is above 0.1"),
        ({"candidate_self_attention": (0.1, 1.1)}, "between 0 and 1"),
        ({"fractions": {"count": (0.1, -0.1, 0)}}, "fractions.count: .*between 0 and 1"),
        ({"fractions": {"colour": (0.1, 0.1, 0)}}, "fractions.colour: begin with .*attribute"),
        ({"blend": 1.0}, "less than 1"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        ImagesConfig.model_validate(settings)


def test_edits_of_a_real_picture_start_from_it_where_that_is_asked() -> None:
    own = AnchorImage(b"bytes", "jpg", 64, 48)
    cfset = CounterfactualSet(
        replace(ANCHOR, image=own), (recolour("blue"),), (FullCaption("a boat", "rules"),)
    )
    config = ImagesConfig(real_strategy="inpaint", strength=0.6, mask_threshold=0.4, candidates=2)
    control, first, second, *fulls = plan_set(cfset, 7, config)
    assert (control.variant, control.strategy, control.picture) == ("control", SAME_NOISE, None)
    for number, draw in enumerate((first, second)):
        assert (draw.strategy, draw.candidate) == ("inpaint", number)
        assert draw.picture is own
        assert draw.parameters == StrategyParameters(strength=0.6, mask=0.4)
        assert draw.guide == Guide("a red car", "a red car", recolour("blue").replacements)
        assert draw.source is None
    assert first.seed != second.seed
    assert all(draw.picture is None for draw in fulls)
    # Without a picture of its own an anchor's edits are drawn beside its control.
    plain = plan_set(replace(cfset, anchor=ANCHOR), 7, config)
    assert plain == plan_set(replace(cfset, anchor=ANCHOR), 7, ImagesConfig(candidates=2))
    # And unless it is asked for, real pictures are left alone.
    assert all(draw.picture is None for draw in plan_set(cfset, 7))


CAUSAL = CaptionEdit(
    EditKind.CAUSAL_ORDER,
    "composed",
    "the car is wet due to the rain",
    (
        Replacement(0, 14, "the car is wet", "it is raining"),
        Replacement(22, 30, "the rain", "the wet car"),
    ),
    "the car is wet … the rain",
    "it is raining … the wet car",
)


@pytest.mark.parametrize("strategy", ["prompt_to_prompt", "independent"])
def test_what_no_picture_can_show_is_not_drawn_and_the_others_keep_their_names(
    strategy: str,
) -> None:
    config = ImagesConfig(strategy=strategy, candidates=2)  # type: ignore[arg-type]
    draws = plan_set(CounterfactualSet(ANCHOR, (CAUSAL, recolour("blue"))), 7, config)
    assert {d.variant for d in draws} == {"control", "min1"}
    own = AnchorImage(b"x", "jpg", 8, 8)
    real = ImagesConfig(real_strategy="img2img")
    anchor = replace(ANCHOR, image=own)
    draws = plan_set(CounterfactualSet(anchor, (CAUSAL, recolour("blue"))), 7, real)
    assert {d.variant for d in draws} == {"control", "min1"}
    alone = plan_set(CounterfactualSet(ANCHOR, (CAUSAL,)), 7)
    assert [d.variant for d in alone] == ["control"]
