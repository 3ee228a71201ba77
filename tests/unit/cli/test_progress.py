"""What a run says while it goes on, and how a signal asks it to stop."""

from __future__ import annotations

import io
import signal
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.cli import progress
from pipeline.cli.progress import ConsoleObserver
from pipeline.core.progress import Step
from pipeline.shards.timings import TimingsLog


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_stop_and_handlers_are_put_back(
    console: Console, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    observer = ConsoleObserver(console)
    with observer.watching():
        assert not observer.stopping
        signal.raise_signal(number)
        assert observer.stopping
    assert signal.getsignal(number) is before
    assert "stopping after this batch" in printed(console)


def test_a_log_gets_a_line_now_and_then(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_EVERY_S", 0.0)
    observer = ConsoleObserver(console)
    observer.total(Step.ANCHORS, 2000)
    observer.advance(Step.ANCHORS, 1500)
    observer.advance(Step.IMAGES, 3)
    assert printed(console).splitlines() == [
        "anchors 1,500 of 2,000",
        "anchors 1,500 of 2,000, images 3",
    ]


def test_quiet_says_nothing(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_EVERY_S", 0.0)
    observer = ConsoleObserver(console, quiet=True)
    with observer.watching():
        observer.advance(Step.ANCHORS, 5)
    assert printed(console) == ""


def test_times_that_cannot_be_kept_cost_one_line(console: Console, tmp_path: Path) -> None:
    observer = ConsoleObserver(console, timings=TimingsLog(tmp_path / "missing" / "x.jsonl"))
    for shard_id in range(3):
        observer.measured(shard_id, "captions", 1.0, {"rows": 3})
    assert printed(console).count("timings are not kept") == 1


def on_a_terminal(*, fails: bool = False, stops: bool = False) -> str:
    """What is left on a terminal of a run that did not know how many pictures there would be."""
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None)
    observer = ConsoleObserver(console)
    try:
        with observer.watching():
            observer.total(Step.ANCHORS, 4)
            observer.advance(Step.ANCHORS, 4)
            observer.advance(Step.IMAGES, 32)
            observer.stopping = stops
            if fails:
                raise RuntimeError
    except RuntimeError:
        pass
    return next(line for line in reversed(printed(console).splitlines()) if "images" in line)


def test_a_finished_bar_is_full_and_does_not_wait_for_more() -> None:
    assert "32/32" in on_a_terminal()
    assert "32/?" in on_a_terminal(fails=True)
    assert "32/?" in on_a_terminal(stops=True)
