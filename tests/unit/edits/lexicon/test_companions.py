"""With what captions have one of a thing and several of it."""

from __future__ import annotations

import pytest

from pipeline.edits.lexicon.companions import Companions, load_companions

COUNTED = Companions(
    counts={
        "on skateboard": (93, 1), "gather": (1, 38), "stand": (300, 150), "at: hold > kite": (9, 9),
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("companions", "plural", "allowed"),
    [
        (["stand", "on skateboard"], True, False),
        (["stand", "on skateboard"], False, True),
        (["gather"], False, False),
        (["gather"], True, True),
        (["stand", "never counted"], True, True),
        ([], True, True),
    ],
)
def test_a_companion_speaks_against_the_number_that_it_hardly_has(
    companions: list[str], plural: bool, allowed: bool
) -> None:
    assert COUNTED.allow(companions, plural=plural) is allowed


def test_what_is_shipped_knows_of_skateboards_and_gatherings() -> None:
    companions = load_companions()
    assert not companions.allow(["on skateboard"], plural=True)
    assert not companions.allow(["together"], plural=False)
    assert companions.allow(["in field"], plural=True)
