from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import StageContractError
from pipeline.core.records import EditKind
from pipeline.core.scores import SCORES, Group
from pipeline.selection.bands import find_fault, resolve_all, resolve_bands

COLOUR = Group("attribute", "colour")


TABLE = {
    "default": {"margin": (0.0, None), "contrast": (3.0, None), "change": (0.01, 0.5)},
    "attribute": {"margin": (0.02, None)},
    "attribute.colour": {"change": (None, None), "margin": (0.03, 1.0)},
    "control": {"contrast": (5.0, 100.0)},
}


def test_the_narrower_entry_wins_score_by_score() -> None:
    assert resolve_bands(TABLE, COLOUR) == {
        "margin": (0.03, 1.0),
        "contrast": (3.0, None),
        "change": (None, None),
    }
    assert resolve_bands(TABLE, Group("attribute", "size"))["margin"] == (0.02, None)
    assert resolve_bands(TABLE, Group("count"))["margin"] == (0.0, None)


def test_scores_that_a_picture_never_has_are_left_out() -> None:
    assert resolve_bands(TABLE, Group("control")) == {"contrast": (5.0, 100.0)}
    table = {"default": {"question_edit": (1.0, None), "questions": (0.5, None)}}
    assert list(resolve_bands(table, Group("full"))) == ["questions"]
    assert list(resolve_bands(table, Group("count"))) == ["questions", "question_edit"]


@given(
    table=st.dictionaries(
        st.sampled_from(["default", "count", "count.more", "full", "control"]),
        st.dictionaries(
            st.sampled_from(list(SCORES)),
            st.tuples(st.none() | st.floats(-2, 0), st.none() | st.floats(0, 2)),
        ),
    ),
    group=st.sampled_from(
        [Group("count", "more"), Group("count"), Group("full"), Group("control")]
    ),
    scores=st.fixed_dictionaries({name: st.floats(-3, 3) for name in SCORES}),
)
def test_a_picture_passes_exactly_where_no_bound_is_broken(
    table: dict[str, dict[str, tuple[float | None, float | None]]],
    group: Group,
    scores: dict[str, float],
) -> None:
    bands = resolve_bands(table, group)
    broken = [
        f"image.{name}_{'low' if least is not None and scores[name] < least else 'high'}"
        for name, (least, most) in bands.items()
        if (least is not None and scores[name] < least)
        or (most is not None and scores[name] > most)
    ]
    fault = find_fault(bands, scores, "min0")
    assert (fault.reason if fault else None) == (broken[0] if broken else None)
    assert set(bands) <= {name for name in SCORES if group.has(name)}


def test_both_ends_belong_to_the_band_and_the_message_says_what_was_seen() -> None:
    bands = {"margin": (0.02, 0.5)}
    assert find_fault(bands, {"margin": 0.02}, "min0") is None
    assert find_fault(bands, {"margin": 0.5}, "min0") is None
    fault = find_fault(bands, {"margin": 0.0123}, "min0")
    assert fault is not None
    assert (fault.reason, fault.detail) == ("image.margin_low", "margin 0.0123 is below 0.02")


def test_a_bounded_score_that_was_not_measured_is_an_error_and_no_pass() -> None:
    with pytest.raises(StageContractError, match="min0: the band of 'nsfw' .* not measured"):
        find_fault({"nsfw": (None, 0.5)}, {"margin": 0.3}, "min0")


def test_all_groups_are_resolved_for_the_record() -> None:
    found = resolve_all(TABLE)
    assert set(found) == {"control", "full", "attribute.colour", *map(str, EditKind)}
    assert found["attribute.colour"]["margin"] == (0.03, 1.0)
