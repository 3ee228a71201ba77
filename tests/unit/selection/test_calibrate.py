"""Bands are fitted by group, and judged on pictures that they did not see."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.scores import Group
from pipeline.selection.calibrate import (
    band_table,
    fit_groups,
    group_key,
    read_labelled,
)
from pipeline.selection.fit_bands import RIGHT, LabelledPicture

COLOUR = Group("attribute", "colour")


def picture(label: str, margin: float, unit: int, group: Group = COLOUR) -> LabelledPicture:
    scores = {"image_text": 0.3, "margin": margin, "contrast": 40.0 + unit % 7}
    return LabelledPicture(group, scores, label, f"anchor{unit}")


def pictures(group: Group = COLOUR, *, is_telling: bool = True) -> list[LabelledPicture]:
    state = random.Random(3)
    found = []
    for unit in range(120):
        shift = 0.3 if is_telling else 0.0
        found.append(picture(RIGHT, state.gauss(0.2 + shift, 0.05), unit, group))
        found.append(picture("wrong edit", state.gauss(0.2, 0.05), unit, group))
    return found


def test_each_group_has_its_own_bounds_and_they_hold_on_unseen_pictures() -> None:
    fitted = fit_groups([*pictures(), *pictures(Group("count", "two"))])
    assert [one.group for one in fitted] == ["attribute.colour", "count"]
    for one in fitted:
        assert one.bounds
        assert one.in_sample.right + one.in_sample.wrong == 240
        assert one.held_out.right + one.held_out.wrong == 240
        assert one.held_out.precision > 0.9 > one.held_out.before
        assert set(one.by_bound) == {bound.reason for bound in one.bounds}
    assert set(band_table(fitted)) == {"attribute.colour", "count"}


def test_a_score_that_tells_nothing_is_not_bounded_by_chance() -> None:
    (fitted,) = fit_groups(pictures(is_telling=False), precision=0.97, min_recall=0.7)
    assert fitted.held_out.precision < 0.7
    assert fitted.held_out.recall >= 0.5


def test_where_an_encoder_looked_texture_is_not_bounded() -> None:
    sharp = [
        LabelledPicture(
            COLOUR,
            {"image_text": 0.3, "contrast": 90.0 if n % 2 else 10.0},
            RIGHT if n % 2 else "blank",
            f"anchor{n}",
        )
        for n in range(200)
    ]
    (with_encoder,) = fit_groups(sharp)
    assert with_encoder.bounds == ()
    alone = [
        LabelledPicture(COLOUR, {"contrast": p.scores["contrast"]}, p.label, p.unit) for p in sharp
    ]
    (without,) = fit_groups(alone)
    assert [bound.score for bound in without.bounds] == ["contrast"]


@pytest.mark.parametrize(
    ("group", "key"),
    [
        (Group("attribute", "colour"), "attribute.colour"),
        (Group("attribute"), "attribute"),
        (Group("count", "two"), "count"),
        (Group("control"), "control"),
    ],
)
def test_attributes_are_fitted_by_subkind(group: Group, key: str) -> None:
    assert group_key(group) == key


def test_a_folder_that_is_no_complete_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no complete run; name a run directory"):
        read_labelled(tmp_path, tmp_path / "labels.csv")


def test_no_bands_file_is_ever_empty_and_the_error_says_what_is_missing() -> None:
    few = [picture(RIGHT if n < 5 else "wrong", 0.1 * n, n) for n in range(9)]
    all_right = [picture(RIGHT, 0.01 * n, n, Group("count", "two")) for n in range(30)]
    blind = [
        LabelledPicture(Group("swap"), {"margin": 0.5}, RIGHT if n % 2 else "wrong", f"anchor{n}")
        for n in range(60)
    ]
    with pytest.raises(PermanentError) as error:
        band_table(fit_groups([*few, *all_right, *blind]))
    text = str(error.value)
    assert "attribute.colour: 5 of its 9 pictures are right, and 12 are needed" in text
    assert "count: all of its 30 pictures are right, and some wrong ones are needed" in text
    assert "swap: no score tells its 30 right pictures from its 30 wrong ones" in text
    fitted = fit_groups([*few, *pictures(Group("relation"))])
    assert set(band_table(fitted)) == {"relation"}
