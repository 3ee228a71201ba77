"""Who holds a run directory on a store: one process alone, or the ranks of one launch."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest

import pipeline.runs.store_claim as store_claim
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.progress import Silent, Stopped
from pipeline.runs.rank import ALONE, Rank
from pipeline.runs.store_claim import claimed_on_store
from pipeline.stores.fence import raise_if_lost
from pipeline.stores.path import StorePath
from tests.integration.stores.s3_server import Bucket

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_claim, "BEAT_S", 0.05)
    monkeypatch.setattr(store_claim, "LEASE_S", 0.4)
    monkeypatch.setattr(store_claim, "LOOK_S", 0.02)


def names(root: StorePath) -> set[str]:
    return set(root.sizes())


def elsewhere(root: StorePath, name: str = ".claim-0-of-1", beat: int = 3) -> None:
    """A claim of a process on another machine."""
    said = {"token": "t", "host": "other", "process": 1, "lock": "other:/l:1:2", "beat": beat}
    (root / name).write_bytes(json.dumps(said).encode())


def test_it_is_made_by_a_conditional_request_and_removed_at_the_end(s3: Bucket) -> None:
    with claimed_on_store(s3.root, ALONE, Silent()):
        assert names(s3.root) == {".claim-0-of-1"}
        assert ("PUT", "run/.claim-0-of-1", "*") in s3.server.seen
    assert names(s3.root) == set()


@pytest.mark.parametrize("second", [ALONE, Rank(0, 2, 0), Rank(1, 2, 1)])
def test_a_second_process_of_this_machine_is_refused(s3: Bucket, second: Rank) -> None:
    with (
        claimed_on_store(s3.root, ALONE, Silent()),
        pytest.raises(ConfigError, match="working on s3://"),
        claimed_on_store(s3.root, second, Silent()),
    ):
        raise AssertionError("both hold it")
    assert names(s3.root) == set()


def test_ranks_of_one_launch_hold_it_together_and_keep_others_out(s3: Bucket) -> None:
    with (
        claimed_on_store(s3.root, Rank(0, 2, 0), Silent()),
        claimed_on_store(s3.root, Rank(1, 2, 1), Silent()),
    ):
        for other in (ALONE, Rank(2, 3, 0), Rank(1, 2, 1)):
            with (
                pytest.raises(ConfigError, match="working on"),
                claimed_on_store(s3.root, other, Silent()),
            ):
                raise AssertionError("a stranger holds it, too")


def test_a_claim_of_another_machine_holds_as_long_as_it_gives_signs_of_life(s3: Bucket) -> None:
    elsewhere(s3.root)
    real = store_claim._read
    looks = []

    def read(path: StorePath) -> object:
        looks.append(path)
        if len(looks) == 4:
            elsewhere(s3.root, beat=4)
        return real(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_claim, "_read", read)
        with (
            pytest.raises(ConfigError, match="process 1 on other"),
            claimed_on_store(s3.root, ALONE, Silent()),
        ):
            raise AssertionError("both hold it")
    assert names(s3.root) == {".claim-0-of-1"}, "the living one's claim stays"


@pytest.mark.parametrize("name", [".claim-0-of-1", ".claim-1-of-2"])
def test_a_dead_claim_of_another_machine_is_taken_over(s3: Bucket, name: str) -> None:
    elsewhere(s3.root, name)
    with claimed_on_store(s3.root, ALONE, Silent()):
        assert names(s3.root) == {".claim-0-of-1"}
        assert b'"host": "other"' not in (s3.root / ".claim-0-of-1").read_bytes()


def test_a_dead_process_of_this_machine_is_not_waited_for(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with claimed_on_store(s3.root, ALONE, Silent()):
        left = (s3.root / ".claim-0-of-1").read_bytes()
    (s3.root / ".claim-0-of-1").write_bytes(left)
    monkeypatch.setattr(store_claim, "LEASE_S", 1e6)
    with claimed_on_store(s3.root, ALONE, Silent()):
        assert (s3.root / ".claim-0-of-1").read_bytes() != left


def test_waiting_ends_where_the_user_wants_to_stop(s3: Bucket) -> None:
    class Stopping(Silent):
        stopping = True

    elsewhere(s3.root)
    with pytest.raises(Stopped), claimed_on_store(s3.root, ALONE, Stopping()):
        raise AssertionError("it was not waited for")


def test_a_lost_claim_is_noticed_and_not_taken_back(s3: Bucket) -> None:
    with claimed_on_store(s3.root, ALONE, Silent()):
        (s3.root / "before.txt").write_bytes(b"fine")
        elsewhere(s3.root)
        for _ in range(500):
            time.sleep(0.02)
            with suppress(PermanentError):
                raise_if_lost(str(s3.root))
                continue
            break
        with pytest.raises(PermanentError, match="taken over by process 1 on other"):
            raise_if_lost(str(s3.root))
        for change in (lambda path: path.write_bytes(b"x"), lambda path: path.unlink()):
            with pytest.raises(PermanentError, match="writes nothing more"):
                change(s3.root / "before.txt")
        (s3.root.parent / "another-run.txt").write_bytes(b"fine")
    assert (s3.root / "before.txt").read_bytes() == b"fine"
    assert b'"host": "other"' in (s3.root / ".claim-0-of-1").read_bytes()
    raise_if_lost(str(s3.root))  # a claim that is no longer held forbids nothing


def test_a_process_that_was_suspended_and_not_replaced_goes_on(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_claim, "BEAT_S", 1e6)
    with claimed_on_store(s3.root, ALONE, Silent()):
        first = (s3.root / ".claim-0-of-1").read_bytes()
        time.sleep(0.3)  # more than half of the lease
        (s3.root / "a.txt").write_bytes(b"fine")
        assert (s3.root / ".claim-0-of-1").read_bytes() != first, "a sign of life came first"


@pytest.mark.parametrize("request_", ["GET", "PUT"])
def test_a_process_that_was_suspended_while_it_gave_a_sign_of_life_notices_it(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch, request_: str
) -> None:
    suspended_s = [0.0]
    monkeypatch.setattr(store_claim, "_clock_s", lambda: time.monotonic() + suspended_s[0])
    monkeypatch.setattr(store_claim, "BEAT_S", 1e6)
    with claimed_on_store(s3.root, ALONE, Silent()):
        s3.server.seen.clear()
        real = StorePath._asked

        def asked(path: StorePath, what: Any, tries: int = 1) -> Any:
            answer = real(path, what, tries)
            done = (request_, "run/.claim-0-of-1") in {seen[:2] for seen in s3.server.seen}
            if done and suspended_s[0] < 2:
                suspended_s[0] += 1.0  # longer than the lease; meanwhile another takes over
                elsewhere(s3.root)
            return answer

        monkeypatch.setattr(StorePath, "_asked", asked)
        suspended_s[0] = 0.3
        with pytest.raises(PermanentError, match="writes nothing more"):
            (s3.root / "a.txt").write_bytes(b"x")
    assert names(s3.root) == {".claim-0-of-1"}
    assert b'"host": "other"' in (s3.root / ".claim-0-of-1").read_bytes()


def test_it_gives_signs_of_life(s3: Bucket) -> None:
    with claimed_on_store(s3.root, ALONE, Silent()):
        first = (s3.root / ".claim-0-of-1").read_bytes()
        for _ in range(200):
            time.sleep(0.02)
            if (s3.root / ".claim-0-of-1").read_bytes() != first:
                break
        assert (s3.root / ".claim-0-of-1").read_bytes() != first
