"""What each picture of a set is measured against."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import StageContractError
from pipeline.core.records import AnchorImage, RenderedSet
from pipeline.core.strategies import INPAINT
from pipeline.scoring.subjects import distinct_pictures, subjects_of
from tests.unit.scoring.records import BLUE, GREEN, RED, make_set, picture


def test_edits_are_compared_with_the_control_of_their_noise() -> None:
    controls = [picture("control", RED, seed=1), picture("control", GREEN, 2, 1)]
    edits = [picture("min0", BLUE, seed=1), picture("min0", BLUE, 2, 1)]
    full = picture("full0", GREEN, seed=9)
    rendered = RenderedSet(make_set(), (), (*controls, *edits, full))
    first, second, one, other, complete = subjects_of(rendered)
    assert (first.control, second.control) == (None, None)
    assert one.control is controls[0].pixels
    assert other.control is controls[1].pixels
    assert complete.control is controls[0].pixels  # a noise of its own: the first control
    assert (one.text, one.factual, one.words) == ("a blue car", "a red car", ("red", "blue"))
    assert (complete.text, complete.factual, complete.words) == ("grass", "a red car", ("", ""))
    assert (first.text, first.factual) == ("a red car", "a red car")
    assert one.group.kind == "attribute"


def test_an_edit_with_a_wording_of_its_own_is_compared_with_that_wording() -> None:
    cfset = make_set(factual="the car is red")
    _, edit = subjects_of(RenderedSet(cfset, (picture("control", RED), picture("min0", BLUE))))
    assert (edit.text, edit.factual) == ("the car is blue", "the car is red")


def test_an_edit_of_a_real_picture_is_compared_with_that_picture() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (6, 4), GREEN).save(buffer, "PNG")
    cfset = make_set(own=AnchorImage(buffer.getvalue(), "png", 6, 4))
    images = (picture("control", RED), picture("min0", BLUE, strategy=INPAINT))
    _, edit = subjects_of(RenderedSet(cfset, images))
    assert edit.control is not None
    assert edit.control.shape == (4, 6, 3)
    assert (edit.control == np.array(GREEN)).all()


def test_without_control_and_picture_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(StageContractError, match="min0 has no control"):
        list(subjects_of(RenderedSet(make_set(), (picture("min0", BLUE),))))


def test_a_picture_that_serves_twice_is_one() -> None:
    control, edit = picture("control", RED), picture("min0", BLUE)
    subjects = list(subjects_of(RenderedSet(make_set(), (control, edit))))
    assert [id(p) for p in distinct_pictures(subjects)] == [id(control.pixels), id(edit.pixels)]
