"""Fitting bands to labelled pictures."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.config.scores import SelectionConfig, read_bands
from pipeline.core.scores import Group
from pipeline.selection.bands import find_fault, resolve_bands
from pipeline.selection.fit_bands import (
    MIN_RIGHT,
    RIGHT,
    Bound,
    LabelledPicture,
    bands_of,
    bands_toml,
    common_scores,
    evaluate_bounds,
    fit_bounds,
)

COLOUR = Group("attribute", "colour")
SCORES = ("margin", "image_image")


def picture(margin: float, likeness: float, label: str, unit: str = "") -> LabelledPicture:
    return LabelledPicture(COLOUR, {"margin": margin, "image_image": likeness}, label, unit)


def labelled(count: int = 200) -> list[LabelledPicture]:
    """Right ones in the middle of both scores; three faults, each beyond one bound."""
    state = random.Random(0)
    found = []
    for _ in range(count):
        found.append(picture(state.uniform(0.2, 0.6), state.uniform(0.6, 0.95), RIGHT))
        found.append(picture(state.uniform(-0.4, 0.05), state.uniform(0.6, 0.95), "wrong edit"))
        found.append(picture(state.uniform(0.2, 0.6), state.uniform(0.98, 1.0), "no edit"))
        found.append(picture(state.uniform(0.2, 0.6), state.uniform(0.1, 0.5), "over-edit"))
    return found


def test_every_fault_gets_its_bound() -> None:
    bounds = fit_bounds(labelled(), SCORES, precision=0.99, min_recall=0.9)
    assert {bound.reason for bound in bounds} == {
        "image.margin_low", "image.image_image_low", "image.image_image_high"
    }  # fmt: skip
    judged = evaluate_bounds(labelled(), bounds)
    assert judged.precision >= 0.99
    assert judged.recall >= 0.9
    assert judged.before == 0.25
    assert judged.kept_by_label["no edit"] == (0, 200)


def test_bounds_lie_between_what_passes_and_what_does_not() -> None:
    bounds = dict.fromkeys(fit_bounds(labelled(), SCORES, precision=0.99, min_recall=0.95))
    margin = next(bound for bound in bounds if bound.score == "margin")
    assert 0.05 < margin.value < 0.2


def test_no_more_right_pictures_are_given_up_than_allowed() -> None:
    """Nothing parts these: any precision would cost nearly all."""
    state = random.Random(1)
    alike = [
        picture(state.random(), state.random(), label)
        for label in (RIGHT, "wrong edit")
        for _ in range(100)
    ]
    bounds = fit_bounds(alike, SCORES, precision=1.0, min_recall=0.7)
    assert evaluate_bounds(alike, bounds).recall >= 0.7


def test_nothing_is_fitted_to_too_little() -> None:
    few = [picture(0.5, 0.8, RIGHT)] * (MIN_RIGHT - 1) + [picture(-0.5, 0.8, "wrong edit")]
    assert fit_bounds(few, SCORES, precision=0.99, min_recall=0.5) == ()
    right = [picture(0.5, 0.8, RIGHT)] * (2 * MIN_RIGHT)
    assert fit_bounds(right, SCORES, precision=0.99, min_recall=0.5) == ()


def test_a_bound_passes_itself() -> None:
    assert not Bound("margin", True, 0.1).refuses(0.1)
    assert Bound("margin", True, 0.1).refuses(0.09)
    assert Bound("margin", False, 0.1).refuses(0.11)


def test_only_scores_that_all_have_are_common() -> None:
    both = [picture(0, 1, RIGHT), LabelledPicture(COLOUR, {"margin": 0.0}, RIGHT)]
    assert common_scores(both) == ("margin",)


def test_a_written_file_bounds_what_was_fitted(tmp_path: Path) -> None:
    bounds = fit_bounds(labelled(), SCORES, precision=0.99, min_recall=0.9)
    file = tmp_path / "bands.toml"
    file.write_text(bands_toml({"attribute.colour": bands_of(bounds)}, ["made by a test"]), "utf-8")
    assert read_bands(str(file)) is not None
    config = SelectionConfig.model_validate({"bands": str(file)})
    bands = resolve_bands(config.bands, COLOUR)
    for one in labelled(50):
        refused = any(bound.refuses(one.scores[bound.score]) for bound in bounds)
        assert (find_fault(bands, one.scores, "a picture") is not None) == refused
    assert resolve_bands(config.bands, Group("count")) == {}


@pytest.mark.parametrize("end", [None, 0.5])
def test_open_ends_are_infinite(end: float | None) -> None:
    text = bands_toml({"count": {"margin": (end, None)}}, [])
    assert f"margin = [{'-inf' if end is None else '0.5'}, inf]" in text
