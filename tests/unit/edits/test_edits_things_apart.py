"""Things that lie within one another, come together or make no sense are not exchanged."""

from __future__ import annotations

import pytest

from pipeline.edits.lexicon.objects import read_nouns


@pytest.mark.parametrize(
    "extra", [{"singly": ["dog"]}, {"bars": {"dog": ["water"]}}, {"bars": ["dog"]}]
)
def test_only_what_is_put_in_is_kept_from_it(extra: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="dog"):
        read_nouns({"pets": {"class": "animal", "members": ["cat"], **extra}})
