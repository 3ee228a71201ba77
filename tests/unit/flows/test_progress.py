"""What the flows count and say of their progress; what is sent is tested on a real server."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx
import pytest

from flows import progress as module
from flows.progress import RunProgress, TrainingProgress
from pipeline.core.progress import Step
from pipeline.runs.job import Job, Pending
from pipeline.shards.layout import RunLayout


@pytest.fixture
def progress() -> RunProgress:
    return RunProgress(logging.getLogger("test"))


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    """Times are kept beside a run, and this one is nowhere."""
    return RunLayout(tmp_path / "x")


def job_of(layout: RunLayout, *rows: int) -> Job:
    """As much of a job as progress looks at: shards of so many rows."""
    spans = tuple(SimpleNamespace(rows=n) for n in rows)
    return cast(Job, SimpleNamespace(spans=spans, layout=layout))


class TestRun:
    def test_a_fresh_run_counts_from_zero(self, progress: RunProgress, layout: RunLayout) -> None:
        progress.begin(job_of(layout, 10, 10), Pending((0, 1), (0, 1)))
        assert progress.percent == 0.0
        progress.advance(Step.ANCHORS, 10)
        assert progress.percent == 25.0
        progress.measured(0, "images", 1.0, {"images": 0})
        progress.advance(Step.SHARDS, 1)
        assert progress.percent == 50.0
        assert "10 of 20 rows" in progress.line
        assert "1 of 2 shards" in progress.line

    def test_a_resumed_run_counts_what_is_there(
        self, progress: RunProgress, layout: RunLayout
    ) -> None:
        progress.begin(job_of(layout, 10, 10, 20), Pending(captions=(2,), shards=(1, 2)))
        assert progress.percent == pytest.approx(100 * (20 / 40 + 10 / 40) / 2)
        assert "1 of 3 shards" in progress.line

    def test_a_half_that_is_tried_again_does_not_pass_the_end(
        self, progress: RunProgress, layout: RunLayout
    ) -> None:
        progress.begin(job_of(layout, 10), Pending((0,), (0,)))
        progress.advance(Step.ANCHORS, 25)
        assert progress.percent == 50.0

    def test_an_empty_run_is_done(self, progress: RunProgress, layout: RunLayout) -> None:
        progress.begin(job_of(layout), Pending((), ()))
        assert progress.percent == 100.0

    def test_counting_from_many_threads_loses_nothing(
        self, progress: RunProgress, layout: RunLayout
    ) -> None:
        progress.begin(job_of(layout, 100_000), Pending((0,), (0,)))
        threads = [
            threading.Thread(target=lambda: [progress.advance(Step.EDITS, 1) for _ in range(5000)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert "20,000 edits" in progress.line

    def test_times_are_kept_beside_the_run_for_the_report(
        self, progress: RunProgress, layout: RunLayout
    ) -> None:
        progress.begin(job_of(layout), Pending((), ()))
        progress.measured(3, "captions", 1.5, {"rows": 10})
        line = (layout.root.parent / "x.timings.jsonl").read_text("utf-8")
        assert json.loads(line) == {"shard": 3, "stage": "captions", "seconds": 1.5, "rows": 10}

    def test_times_that_cannot_be_kept_cost_one_line(
        self, progress: RunProgress, layout: RunLayout, caplog: pytest.LogCaptureFixture
    ) -> None:
        (layout.root.parent / "x.timings.jsonl").mkdir()
        progress.begin(job_of(layout), Pending((), ()))
        for shard_id in range(3):
            progress.measured(shard_id, "captions", 1.5, {"rows": 10})
        assert caplog.text.count("timings are not kept") == 1


class TestTraining:
    def test_it_counts_steps(self) -> None:
        progress = TrainingProgress(logging.getLogger("test"), 10)
        progress.total(Step.TRAINED, 20)
        progress.advance(Step.ENCODED, 3)
        progress.advance(Step.TRAINED, 5)
        assert progress.percent == 25.0
        assert progress.line == "3 pictures encoded, 5 of 20 steps"


class TestSending:
    """`Progress` as a context. Prefect's two calls are replaced where a server must misbehave."""

    @pytest.fixture(autouse=True)
    def _alone(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Each test's thread ends with it, before Prefect's calls are put back."""
        yield
        for thread in threading.enumerate():
            if thread.name == "progress":
                thread.join(60)
                assert not thread.is_alive()

    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        sent: list[str] = []

        def create(progress: float, description: str) -> None:
            sent.append(description)

        monkeypatch.setattr(module, "create_progress_artifact", create)
        return sent

    def test_the_last_state_and_the_summary_are_sent_before_it_ends(self, sent: list[str]) -> None:
        with TrainingProgress(logging.getLogger("test"), 2) as progress:
            progress.advance(Step.TRAINED, 2)
            progress.send("the summary", lambda: sent.append("summary"))
        assert sent[-1] == "summary"
        assert sent[-2] == "0 pictures encoded, 2 of 2 steps"

    def test_what_did_not_change_is_not_sent_again(self, sent: list[str]) -> None:
        with TrainingProgress(logging.getLogger("test"), 2) as progress:
            for number in range(5):
                passed = threading.Event()
                progress.send(str(number), passed.set)
                assert passed.wait(60)
        assert sent == ["0 pictures encoded, 0 of 2 steps"]

    def test_a_call_that_hangs_holds_nothing_up(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(module, "LAST_WAIT_S", 0.05)
        called, let_go = threading.Event(), threading.Event()

        def hang(progress: float, description: str) -> None:
            called.set()
            let_go.wait(60)

        monkeypatch.setattr(module, "create_progress_artifact", hang)
        try:
            with TrainingProgress(logging.getLogger("test"), 2) as progress:
                progress.send("the grid", lambda: None)
                assert called.wait(60)
                progress.advance(Step.TRAINED, 2)  # the call still hangs, and this goes on
            assert "the server does not answer" in caplog.text
        finally:
            let_go.set()

    def test_an_error_waits_for_no_news(self, monkeypatch: pytest.MonkeyPatch) -> None:
        let_go = threading.Event()

        def hang(progress: float, description: str) -> None:
            let_go.wait(60)

        monkeypatch.setattr(module, "create_progress_artifact", hang)
        progress = TrainingProgress(logging.getLogger("test"), 2)
        with pytest.raises(ZeroDivisionError), progress:
            raise ZeroDivisionError
        assert not let_go.is_set()
        let_go.set()

    def test_a_server_that_is_away_costs_one_line(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def refuse(progress: float, description: str) -> None:
            raise httpx.ConnectError("refused")

        monkeypatch.setattr(module, "create_progress_artifact", refuse)
        with TrainingProgress(logging.getLogger("test"), 9) as progress:
            for number in range(4):
                tried = threading.Event()

                def refused(tried: threading.Event = tried) -> None:
                    tried.set()
                    raise httpx.ConnectError("refused")

                progress.advance(Step.TRAINED, 1)
                progress.send(str(number), refused)
                assert tried.wait(60)
        assert caplog.text.count("is not shown") == 1
