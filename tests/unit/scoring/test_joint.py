"""Margins and directions, from vectors that can be written down."""

from __future__ import annotations

import math

import pytest

from pipeline.core.errors import StageContractError
from pipeline.core.records import RenderedImage, RenderedSet
from pipeline.scoring.joint import joint_scores
from pipeline.scoring.subjects import subjects_of
from tests.unit.scoring.records import BLUE, GREEN, RED, ColourEncoder, make_set, picture


def scores(*images: RenderedImage, encoder: ColourEncoder | None = None) -> list[dict[str, float]]:
    first = tuple(image for image in images if image.candidate == 0)
    subjects = list(subjects_of(RenderedSet(make_set(), first, images)))
    return joint_scores(encoder or ColourEncoder(), subjects, batch_size=2)


def test_a_right_edit_has_every_margin() -> None:
    control, edit, full = scores(
        picture("control", RED), picture("min0", BLUE), picture("full0", GREEN)
    )
    assert control == {"image_text": pytest.approx(1, abs=1e-4)}
    assert edit == {
        "image_text": pytest.approx(1, abs=1e-4),
        "margin": pytest.approx(1, abs=1e-4),
        "factual_margin": pytest.approx(1, abs=1e-4),
        "directional": pytest.approx(1, abs=1e-4),
        "image_image": pytest.approx(0, abs=1e-4),
    }
    assert full["margin"] == pytest.approx(1, abs=1e-4)


def test_an_unchanged_picture_has_a_negative_margin_and_no_direction() -> None:
    _, edit = scores(picture("control", RED), picture("min0", RED))
    assert edit["margin"] == pytest.approx(-1, abs=1e-4)
    assert edit["factual_margin"] == pytest.approx(1, abs=1e-4)
    assert edit["directional"] == 0
    assert edit["image_image"] == pytest.approx(1, abs=1e-4)


def test_a_half_way_edit_is_in_between() -> None:
    _, edit = scores(picture("control", RED), picture("min0", (125, 0, 125)))
    assert edit["image_text"] == pytest.approx(math.sqrt(0.5), abs=1e-3)
    assert edit["margin"] == pytest.approx(0, abs=1e-3)
    assert 0 < edit["directional"] < 1


def test_each_distinct_picture_and_text_is_embedded_once_in_batches() -> None:
    encoder = ColourEncoder()
    scores(
        picture("control", RED),
        *(picture("min0", BLUE, candidate=n) for n in range(3)),
        picture("full0", GREEN),
        encoder=encoder,
    )
    # Five pictures, then the three texts "a red car", "a blue car", "grass".
    assert encoder.calls == [2, 2, 1, 2, 1]


def test_an_encoder_that_loses_an_item_is_caught() -> None:
    with pytest.raises(StageContractError, match="ColourEncoder gave 1 vectors for 2 items"):
        scores(picture("control", RED), picture("min0", BLUE), encoder=ColourEncoder(lost=1))
