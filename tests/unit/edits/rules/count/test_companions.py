"""What stands beside a thing and goes with its number."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.count.companions import companions_of, count_companions


@pytest.mark.parametrize(
    ("text", "noun", "expected"),
    [
        ("a man on a skateboard", "man", {"on", "on skateboard", "on @pedal_and_board"}),
        ("people riding horses", "people", {"ride", "ride > horse +", "ride > @farm_animals +"}),
        ("a group of dogs in a park", "dog", {"in", "in park", "in @land_outdoors"}),
        ("a girl is holding kites", "kite", {"at: hold > kite", "at: hold > @toys"}),
    ],
)
def test_companions_are_named_with_what_joins_them(
    parse, text: str, noun: str, expected: set[str]
) -> None:
    parsed = parsed_caption(parse(text))
    (mention,) = (one for one in parsed.mentions.values() if one.noun.lemma == noun)
    assert set(companions_of(parsed, mention)) == expected


def test_numbers_are_counted_where_a_companion_comes_often(parse) -> None:
    one, several = (parsed_caption(parse(text)) for text in ("a man runs", "men run"))
    assert count_companions([one] * 6 + [several] * 3) == {"run": (6, 3)}
    assert count_companions([one, several]) == {}
