"""Words outside of a replaced phrase that go on naming a place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.edits.complete.places import has_fixed_place, has_other_location, has_settlement
from pipeline.edits.parse.parsed_caption import parsed_caption

Test = Callable[..., bool]


@pytest.mark.parametrize(
    ("test", "text"),
    [
        (has_fixed_place, "a dog on a train"),
        (has_fixed_place, "a dog on the wall"),
        (has_settlement, "people in a village"),
        (has_other_location, "actors at the awards"),
        (has_other_location, "a woman with bags in a laundromat"),
    ],
)
def test_a_place_counts_unless_it_is_in_the_replaced_phrase(parse, test: Test, text: str) -> None:
    reading = parsed_caption(parse(text))
    assert test(reading, None)
    assert not test(reading, (0, len(reading)))


@pytest.mark.parametrize("test", [has_fixed_place, has_settlement, has_other_location])
@pytest.mark.parametrize("text", ["a dog in the snow", "a cat on the sofa", "a woman in a suit"])
def test_weather_furniture_and_clothes_are_no_places(parse, test: Test, text: str) -> None:
    assert not test(parsed_caption(parse(text)), None)
