"""What the tables say, line by line, and that no caption is taken for markup."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.adapters.llm.budget import Spend, Usage
from pipeline.cli.tables import (
    print_answers,
    print_estimate,
    print_findings,
    print_inspection,
    print_refused,
    print_run,
    print_share,
    print_spend,
)
from pipeline.config.loading import load_config
from pipeline.core.protocols import ChatRequest
from pipeline.runs.rank import Rank
from pipeline.shards.counts import AnswerCounts, MadeRefused, PictureCounts, ShardCounts
from pipeline.tools.doctor import Finding, State
from pipeline.tools.estimate import Estimate, KindEstimate
from pipeline.tools.inspect_run import Inspection, Spent


def lines(show: Callable[[Console], None]) -> list[str]:
    """Printed lines with single spaces."""
    console = Console(width=200, record=True)
    show(console)
    return [" ".join(line.split()) for line in console.export_text().splitlines()]


COUNTS = ShardCounts(
    rows=1400, samples=1200, rejected={"source.empty": 50, "text.no_edit": 150},
    edits={"count": MadeRefused(3000, 4)}, full=MadeRefused(7, 2), images=12,
)  # fmt: skip


def test_a_run_is_told_by_kind_by_reason_and_with_what_to_do_next() -> None:
    root = Path("/data/[run]")
    shown = lines(lambda console: print_run(console, root, COUNTS, resumed=2))
    assert shown[:3] == ["kind captions refused", "count 3,000 4", "full 7 2"]
    assert shown[4:7] == [
        "rows rejected rows share", "text.no_edit 150 10.7%", "source.empty 50 3.6%",
    ]  # fmt: skip
    wanted = "1,400 rows → 1,200 sets, 12 images in /data/[run] (2 shards were there before)"
    assert wanted in shown
    assert shown[-1] == "check it: counterfactory verify /data/[run]"


def test_a_process_that_is_not_the_last_says_who_ends_the_run() -> None:
    (shown,) = lines(lambda console: print_share(console, Path("run"), Rank(1, 4, 1)))
    assert shown.startswith("process 1 of 4: its shards in run are finished; the last process")


def test_what_was_asked_is_told_by_prompt_with_its_sum() -> None:
    spend = Spend()
    for prompt, usd in (("edits.v2+abc", 0.5), ("full.v1", 0.25)):
        request = ChatRequest("r", "s", "u", "n", {}, prompt_version=prompt, max_tokens=1)
        spend.add(request, Usage(10, 2, 1, 3000, 40, usd))
    shown = lines(lambda console: print_spend(console, spend))
    assert shown[-3:] == [
        "edits.v2 10 2 9 1 3,000 40 0.5000",
        "full.v1 10 2 9 1 3,000 40 0.2500",
        "total 20 4 18 2 6,000 80 0.7500",
    ]


def test_why_captions_were_refused_is_told_the_commonest_first() -> None:
    counts = ShardCounts(refused={"llm.span_not_found": 2, "text.synonym": 7, "image.blank": 9})
    shown = lines(lambda console: print_refused(console, counts))
    assert shown[-2:] == ["text.synonym 7", "llm.span_not_found 2"]
    assert not lines(lambda console: print_refused(console, ShardCounts()))


def estimate(**changes: object) -> Estimate:
    values = {
        "rows": 2_000_000, "shards": 2000, "sampled": 200, "anchors": 1_800_000,
        "minimal": 5_000_000, "full": 9, "images": 0, "tokens_in": 0, "tokens_out": 0, "usd": 0.0,
        "llm_requests": 0, "cpu_hours": 1.5, "picture_s": None,
        "gpu_tflops": 160.0, "gpu_hours": 0.0, "disk_bytes": 3_210_000_000,
        "rejects": {"text.no_edit": 0.1}, "kinds": {"count": KindEstimate(40, 0, 0, None)},
    }  # fmt: skip
    return Estimate(**{**values, **changes})  # type: ignore[arg-type]


def test_an_estimate_without_pictures_and_model_speaks_of_neither() -> None:
    config = load_config({}, environ={})
    shown = lines(lambda console: print_estimate(console, config, estimate()))
    for line in (
        "CPU-hours for captions 1.5",
        "source rows 2,000,000",
        "disk 3.21 GB",
        "LLM cost $0.00",
        "count 40",
    ):
        assert line in shown
    assert "text.no_edit 10.0%" in shown
    assert not any("TFLOP/s" in line for line in shown)


@pytest.mark.parametrize(
    ("size_bytes", "said"), [(0, "0 B"), (999, "999 B"), (12_345, "12.3 kB"), (2e12, "2 TB")]
)
def test_sizes_are_in_the_unit_that_fits(size_bytes: float, said: str) -> None:
    config = load_config({}, environ={})
    told = lines(
        lambda console: print_estimate(console, config, estimate(disk_bytes=int(size_bytes)))
    )
    assert f"disk {said}" in told


def test_an_unknown_price_says_what_to_give() -> None:
    config = load_config({"llm.model": "org/model", "images.steps": 7}, environ={})
    asked = estimate(
        usd=None, tokens_in=500, tokens_out=40, images=10, llm_requests=2,
        kinds={"count": KindEstimate(40, 500, 40, None), "full": KindEstimate(4, 0, 0, 0.5)},
    )  # fmt: skip
    shown = lines(lambda console: print_estimate(console, config, asked))
    assert "LLM cost unknown: give llm.prices for org/model" in shown
    assert "LLM requests 2, tokens of one in / out 250 / 20" in shown
    assert "count 40 500 40 unknown" in shown
    assert "full 4 0 0 0.5000" in shown
    assert any("7 steps" in line and "160 TFLOP/s (--gpu-tflops)" in line for line in shown)


def test_a_measured_rate_is_said_instead_of_the_computed_one() -> None:
    config = load_config({}, environ={})
    measured = estimate(images=10, picture_s=2.345)
    shown = lines(lambda console: print_estimate(console, config, measured))
    assert any("2.35 s a kept picture, as measured" in line for line in shown)
    assert not any("TFLOP/s" in line for line in shown)


def test_an_inspection_says_what_is_not_finished_and_what_is_not_known() -> None:
    found = Inspection(
        Path("run"), 3, {"count · two": 1200}, 4, {"rules": 5, "llm:[x]": 1}, 6, None, 0,
        complete=False, tokens={"edits/count": Spent(1000, 20, None)},
    )  # fmt: skip
    shown = lines(lambda console: print_inspection(console, found))
    assert "count · two 1,200" in shown
    assert "edits/count 1,000 20 unknown" in shown
    assert "this run is not finished: only its finished shards are counted" in shown
    assert "3 sets, 6 images; captions by rules 5, llm:[x] 1" in shown
    assert shown[-1] == "no sets to draw a contact sheet of"


def test_findings_have_a_line_each() -> None:
    findings = [Finding("disk", State.OK, "9 GiB at [x]"), Finding("hub", State.NOTE, "away")]
    shown = lines(lambda console: print_findings(console, findings))
    assert shown == ["ok disk 9 GiB at [x]", "note hub away"]


def told(counts: ShardCounts) -> list[list[str]]:
    console = Console(file=io.StringIO(), width=120)
    print_run(console, Path("run"), counts, resumed=0)
    assert isinstance(console.file, io.StringIO)
    return [line.split() for line in console.file.getvalue().splitlines()]


def test_refused_pictures_are_in_the_table_with_their_kind() -> None:
    counts = ShardCounts(
        rows=16,
        samples=8,
        edits={"attribute": MadeRefused(14, 0)},
        full=MadeRefused(3, 1),
        images=32,
        pictures={
            "attribute": PictureCounts(13, 9, {"image.margin_low": 9}),
            "control": PictureCounts(8, 16, {"image.image_text_low": 16}),
            "full": PictureCounts(2, 44, {"image.margin_low": 44}),
        },
    )
    lines = told(counts)
    assert lines[0] == ["kind", "captions", "refused", "pictures", "refused"]
    assert ["attribute", "14", "0", "13", "9"] in lines
    assert ["full", "3", "1", "2", "44"] in lines
    assert ["control", "8", "16"] in lines


def test_a_run_of_captions_alone_has_no_columns_of_pictures() -> None:
    counts = ShardCounts(rows=4, samples=2, edits={"count": MadeRefused(2, 5)})
    lines = told(counts)
    assert lines[0] == ["kind", "captions", "refused"]
    assert ["count", "2", "5"] in lines


def test_inspect_says_what_it_wrote_and_where() -> None:
    console = Console(file=io.StringIO(), width=200)
    sheet = Path("/data/runs/demo.png")
    print_inspection(console, Inspection(Path("demo"), 8, {}, 0, {}, 32, sheet, 8))
    assert isinstance(console.file, io.StringIO)
    assert f"wrote a contact sheet of 8 sets: {sheet} (--sheet" in console.file.getvalue()


def test_it_says_what_became_of_a_models_answers() -> None:
    said = AnswerCounts(90, 4, {"llm.refused": 6}, 300, {"text.synonym": 20, "text.name": 30})
    shown = lines(lambda console: print_answers(console, ShardCounts(answers=said)))
    assert [line.split() for line in shown if line.strip()] == [
        ["language", "model", "captions", "share"],
        ["asked", "about", "100", "100.0%"],
        ["read", "at", "once", "90", "90.0%"],
        ["read", "when", "asked", "again", "4", "4.0%"],
        ["lost:", "llm.refused", "6", "6.0%"],
        ["it", "wrote", "counterfactuals"],
        ["kept", "300"],
        ["refused:", "text.name", "30"],
        ["refused:", "text.synonym", "20"],
    ]
