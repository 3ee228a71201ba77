"""The coordinator by itself: who may begin what, what is counted, and one limit for all."""

from __future__ import annotations

import pickle

import pytest

from pipeline.adapters.llm.budget import Usage
from pipeline.adapters.ray_data.coordinator import MOST_TRIES, Coordinator
from pipeline.core.errors import PermanentError
from pipeline.core.progress import Step


@pytest.fixture
def coordinator() -> Coordinator:
    return Coordinator([("captions", 2), ("images", None)])


def test_a_pool_does_not_run_far_ahead_of_the_next(coordinator: Coordinator) -> None:
    assert [coordinator.begin("a", "captions", n) for n in range(3)] == ["go", "go", "wait"]
    assert coordinator.begin("b", "images", 0) == "go"
    assert coordinator.begin("a", "captions", 2) == "go"
    assert coordinator.begin("a", "captions", 3) == "wait"
    assert [coordinator.begin("b", "images", n) for n in range(1, 9)] == ["go"] * 8


def test_what_was_begun_may_be_begun_again_however_far_ahead(coordinator: Coordinator) -> None:
    assert [coordinator.begin("a", "captions", n) for n in (0, 1)] == ["go", "go"]
    assert coordinator.begin("a2", "captions", 0) == "go"


def test_a_second_try_is_counted_once(coordinator: Coordinator) -> None:
    coordinator.begin("a", "images", 0)
    coordinator.tell(("images", 0), [("advance", (Step.IMAGES, 3))])
    coordinator.begin("b", "images", 0)
    coordinator.tell(("images", 0), [("advance", (Step.IMAGES, 5))])
    news, error = coordinator.take()
    assert error is None
    assert sum(amount for _, (_, amount) in news) == 5
    assert coordinator.take() == ([], None)


def test_a_shard_that_kills_every_process_ends_the_run(coordinator: Coordinator) -> None:
    answers = [coordinator.begin(str(n), "images", 7) for n in range(MOST_TRIES + 1)]
    assert answers == ["go"] * MOST_TRIES + ["skip"]
    _, error = coordinator.take()
    assert error is not None
    with pytest.raises(PermanentError, match="images of shard 7"):
        raise pickle.loads(error)  # noqa: S301


def test_after_an_error_or_a_stop_nothing_new_is_begun(coordinator: Coordinator) -> None:
    coordinator.fail(b"first")
    coordinator.fail(b"second")
    assert coordinator.begin("a", "images", 0) == "skip"
    assert coordinator.take() == ([], b"first")
    other = Coordinator([("images", None)])
    assert other.tell(None, []) is False
    other.stop()
    assert other.tell(None, []) is True
    assert other.begin("a", "images", 0) == "skip"


def test_all_keep_one_limit_and_the_dead_do_not_free_theirs(coordinator: Coordinator) -> None:
    coordinator.begin("a", "captions", 0)
    assert coordinator.reserve("a", 0.0, 60, None, 100)
    assert not coordinator.reserve("b", 0.0, 60, None, 100)
    # Its process died; the request may have been answered and billed.
    coordinator.begin("b", "captions", 0)
    assert coordinator.reserved_tokens() == 0
    assert not coordinator.reserve("b", 0.0, 60, None, 100)
    assert coordinator.reserve("b", 0.0, 40, None, 100)
    coordinator.book(("captions", "v1"), Usage(requests=1, tokens_in=10))
    coordinator.release("b", 0.0, 40)
    assert sum(usage.tokens for usage in coordinator.usage().values()) == 70
