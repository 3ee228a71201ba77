from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.loading import build_config, load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, StageContractError
from pipeline.core.records import EditKind
from pipeline.core.scores import SCORES, Group, group_of
from pipeline.selection.bands import find_fault, resolve_all, resolve_bands
from tests.unit.checks.checks_records import make_set

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


def test_every_picture_of_a_set_has_a_group() -> None:
    edits = ("red", "blue", EditKind.ATTRIBUTE), ("dog", "cat", EditKind.OBJECT)
    cfset = make_set("a red dog on the grass", *edits, full=["a cat in a kitchen"])
    assert group_of(cfset, "control") == Group("control")
    assert group_of(cfset, "full0") == Group("full")
    assert len(cfset.minimal) == 2
    for index, edit in enumerate(cfset.minimal):
        assert group_of(cfset, f"min{index}") == Group(str(edit.kind), edit.subkind)
    with pytest.raises(StageContractError, match="no variant 'min9'"):
        group_of(cfset, "min9")


def test_all_groups_are_resolved_for_the_record() -> None:
    found = resolve_all(TABLE)
    assert set(found) == {"control", "full", "attribute.colour", *map(str, EditKind)}
    assert found["attribute.colour"]["margin"] == (0.03, 1.0)


def test_a_file_of_bands_stands_in_the_config_with_its_content(tmp_path: Path) -> None:
    path = tmp_path / "bands.toml"
    path.write_text(
        "[default]\ncontrast = [3, inf]\n[attribute.colour]\nchange = [0.01, 0.5]\n"
        '["attribute.size"]\nchange = [-inf, 0.2]\n[count]\ndetail = [1, 9]\n'
    )
    config = load_config({"selection.bands": str(path)}, environ={})
    assert config.selection.bands == {
        "default": {"contrast": (3, None)},
        "attribute.colour": {"change": (0.01, 0.5)},
        "attribute.size": {"change": (None, 0.2)},
        "count": {"detail": (1, 9)},
    }
    assert str(tmp_path) not in str(config.product())
    again = build_config({"selection": {"bands": config.product()["selection.bands"]}})
    assert again.fingerprint == config.fingerprint
    assert config.fingerprint != RunConfig().fingerprint


def test_bands_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bands.toml"
    with pytest.raises(ConfigError, match="file of bands .*bands.toml does not exist"):
        load_config({"selection.bands": str(path)}, environ={})
    path.write_text("[count\n")
    with pytest.raises(ConfigError, match="bands.toml cannot be read"):
        load_config({"selection.bands": str(path)}, environ={})


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"bands": {"colour": {"change": [0, 1]}}}, "'colour' is no kind"),
        ({"bands": {"full.x": {"change": [0, 1]}}}, "'full.x' is no kind"),
        ({"bands": {"count": {"blur": [0, 1]}}}, "no score 'blur'"),
        ({"bands": {"count": {"change": [2, 1]}}}, "2.0 is above 1.0"),
        ({"bands": {"count": {"change": [float("nan"), 1]}}}, "nan is no bound"),
        ({"bands": {"control": {"change": [0, 1]}}}, "'control' have no such score"),
        ({"bands": {"full": {"question_edit": [0, 1]}}}, "'full' have no such score"),
        ({"bands": {"count": {"margin": [0, 1]}}}, "scores.clip is 'none'"),
        ({"rank": "image_text"}, "selection.rank is image_text, but scores.clip is 'none'"),
    ],
)
def test_bands_that_bound_nothing_are_refused(selection: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_config({"selection": selection})


def test_only_a_run_that_draws_and_chooses_measures() -> None:
    assert not build_config({"selection": {"bands": {"count": {"change": [0, 1]}}}}).selects
    assert not build_config({"images": {"renderer": "sdxl"}}).selects
    chosen = build_config({"images": {"renderer": "sdxl", "candidates": 2}})
    assert chosen.selects
    assert chosen.measured == ("contrast", "detail", "change", "hash_distance")
    assert build_config({"images": {"renderer": "sdxl"}, "scores": {"nsfw": "builtin"}}).selects
