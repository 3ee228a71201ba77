"""The captions file: any text comes back, and every change is found at its line."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import ConfigError, ShardCorruptError, StageContractError
from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    NeutralCaption,
    Replacement,
    Role,
)
from pipeline.core.stage import Rejected
from pipeline.shards.captions import check_captions, find_captions, read_captions, write_captions
from pipeline.shards.layout import RunLayout
from tests.unit.shards.shard_records import make_reject, make_set, own_image

HOSTILE = st.one_of(
    st.text(min_size=1, max_size=20),
    st.sampled_from(
        [
            '"', "\\", "\\u0000", "'", "{}", "</script>", "\u2028", "\u2029", "\x85", "\x00",
            "\ufeff", "e\u0301", "\u0301", "مرحبا", "\u202e\u202c", "👩‍👩‍👧", "🇺🇳",
            "\U0010ffff", "\t",
        ]
    ),
)  # fmt: skip


@st.composite
def hostile_sets(draw: st.DrawFn) -> CounterfactualSet:
    before, old, new, after = (draw(HOSTILE) for _ in range(4))
    if old == new:
        new = old + "!"
    factual = f"a{before}{old}{after}"
    start = 1 + len(before)
    edit = CaptionEdit(
        kind=draw(st.sampled_from(EditKind)),
        subkind=draw(HOSTILE),
        factual=factual,
        replacements=(
            Replacement(0, 1, "a", "an", Role.REPAIR),
            Replacement(start, start + len(old), old, new),
        ),
        old=old,
        new=new,
        proposer=draw(HOSTILE),
        rule=draw(HOSTILE),
    )
    anchor = Anchor(
        anchor_id="00ff",
        caption="x" + draw(HOSTILE),
        original_caption=draw(HOSTILE),
        source=draw(HOSTILE),
        origin=draw(HOSTILE),
        url=draw(st.none() | HOSTILE),
    )
    full = FullCaption("y" + draw(HOSTILE), draw(HOSTILE), contradicts=(draw(HOSTILE),))
    refused = Rejected("00ff", "a.b", draw(HOSTILE), item="edit", caption=draw(HOSTILE))
    return CounterfactualSet(anchor, (edit,), (full,), (refused,), draw(st.integers(0, 2**40)), 2)


@given(st.lists(st.one_of(hostile_sets(), st.builds(Rejected, HOSTILE, HOSTILE, HOSTILE))))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_it_was(results: list[CounterfactualSet | Rejected]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        layout = RunLayout(Path(folder))
        written = write_captions(layout, 3, results)
        assert list(read_captions(layout, 3)) == results
        assert check_captions(layout, 3) == written
        assert written.rows == len(results) == written.sets + written.rejected
        # One line each, with a header and an end, for every reader of JSON lines.
        assert layout.captions(3).read_bytes().count(b"\n") == len(results) + 2


def test_the_picture_is_left_out(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    cfset = make_set(0, own_image())
    write_captions(layout, 0, [cfset])
    assert list(read_captions(layout, 0)) == [
        replace(cfset, anchor=replace(cfset.anchor, image=None))
    ]


def test_lone_surrogates_are_escaped_in_rejects_and_refused_in_sets(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    refused = Rejected("a", "text.odd", item="edit", caption="half \ud83d")
    cfset = replace(make_set(0), refused=(refused,))
    write_captions(layout, 0, [cfset, Rejected("", "source.encoding", origin="\udcff.tsv:1")])
    kept, rejected = read_captions(layout, 0)
    assert rejected.origin == "\\udcff.tsv:1"
    assert kept.refused[0].caption == "half \\ud83d"
    bad = replace(make_set(1), full=(FullCaption("half \ud83d", "llm:x"),))
    with pytest.raises(StageContractError, match=rf"{bad.anchor.anchor_id} .*captions\.tsv:2"):
        write_captions(layout, 1, [bad])
    assert not layout.captions(1).exists()


@pytest.fixture
def written(tmp_path: Path) -> RunLayout:
    layout = RunLayout(tmp_path)
    write_captions(layout, 0, [make_set(0), make_reject(1), make_set(2)])
    return layout


def test_every_truncation_is_found(written: RunLayout) -> None:
    path = written.captions(0)
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, whole.rindex(b"\n", 0, -1) + 1, len(whole) - 1):
        path.write_bytes(whole[:length])
        lines = whole[:length].count(b"\n") + 1
        with pytest.raises(ShardCorruptError, match=rf"000000\.jsonl: line {lines}:"):
            check_captions(written, 0)


@pytest.mark.parametrize("line", [1, 2, 3, 4, 5])
def test_every_change_is_found_and_its_line_named(written: RunLayout, line: int) -> None:
    path = written.captions(0)
    lines = path.read_bytes().splitlines(keepends=True)
    changed = bytearray(lines[line - 1])
    changed[len(changed) // 2] ^= 1
    path.write_bytes(b"".join([*lines[: line - 1], bytes(changed), *lines[line:]]))
    with pytest.raises(ShardCorruptError, match=rf"000000\.jsonl: line {line}:"):
        list(read_captions(written, 0))


@pytest.mark.parametrize(
    ("order", "line"),
    [([0, 2, 3, 4], 2), ([0, 2, 1, 3, 4], 2), ([0, 1, 1, 2, 3, 4], 3), ([0, 1, 2, 3, 4, 4], 6)],
    ids=["lost", "moved", "doubled", "added behind the end"],
)
def test_lines_out_of_place_are_found(written: RunLayout, order: list[int], line: int) -> None:
    path = written.captions(0)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[i] for i in order))
    with pytest.raises(ShardCorruptError, match=rf"line {line}:"):
        check_captions(written, 0)


def test_a_file_of_another_shard_is_refused(written: RunLayout) -> None:
    written.captions(0).rename(written.captions(1))
    assert check_captions(written, 0) is None
    with pytest.raises(ShardCorruptError, match="belongs to counterfactory.captions shard 000000"):
        list(read_captions(written, 1))
    with pytest.raises(ShardCorruptError, match="missing"):
        list(read_captions(written, 2))


def test_a_newer_schema_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = RunLayout(tmp_path)
    monkeypatch.setattr("pipeline.shards.captions.SCHEMA_VERSION", 99)
    write_captions(layout, 0, [make_set(0)])
    with pytest.raises(ConfigError, match="schema version 99"):
        check_captions(layout, 0)


def test_a_failing_stream_leaves_no_file(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)

    def results():
        yield make_set(0)
        raise RuntimeError("the model went away")

    with pytest.raises(RuntimeError, match="went away"):
        write_captions(layout, 0, results())
    assert list(layout.captions_dir.iterdir()) == []


def test_sets_are_found_by_anchor_and_none_where_the_file_is_gone(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    written = [make_set(number) for number in range(4)]
    write_captions(layout, 0, [make_reject(9), *written])
    wanted = [written[1].anchor.anchor_id, written[3].anchor.anchor_id]
    found = find_captions(layout, 0, {*wanted, "unknown"})
    assert list(found) == wanted
    assert found[wanted[1]].minimal == written[3].minimal
    assert find_captions(layout, 0, set()) == {}
    assert find_captions(layout, 7, set(wanted)) == {}


def test_neutral_variants_come_back_and_leave_no_trace_where_there_are_none(
    tmp_path: Path,
) -> None:
    layout = RunLayout(tmp_path)
    cfset = replace(make_set(0), neutral=(NeutralCaption("a dog, and red", "order.x"),))
    write_captions(layout, 0, [make_set(1)])
    assert b"neutral" not in layout.captions(0).read_bytes()
    write_captions(layout, 0, [cfset])
    (found,) = read_captions(layout, 0)
    assert isinstance(found, CounterfactualSet)
    assert found.neutral == cfset.neutral
