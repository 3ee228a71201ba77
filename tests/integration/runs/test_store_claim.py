"""Who holds a run directory on a store: one process alone, or the ranks of one launch."""

from __future__ import annotations

import json
import time

import pytest

import pipeline.runs.store_claim as store_claim
from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent, Stopped
from pipeline.runs.rank import ALONE, Rank
from pipeline.runs.store_claim import claimed_on_store
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


def test_it_gives_signs_of_life(s3: Bucket) -> None:
    with claimed_on_store(s3.root, ALONE, Silent()):
        first = (s3.root / ".claim-0-of-1").read_bytes()
        for _ in range(200):
            time.sleep(0.02)
            if (s3.root / ".claim-0-of-1").read_bytes() != first:
                break
        assert (s3.root / ".claim-0-of-1").read_bytes() != first
