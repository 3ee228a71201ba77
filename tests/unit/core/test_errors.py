"""Errors cross the border of a worker process, and are told apart by what may be done."""

from __future__ import annotations

import pickle

import pytest

from pipeline.core import errors


def test_a_transient_error_keeps_how_long_to_wait() -> None:
    error = pickle.loads(pickle.dumps(errors.TransientError("try later", retry_after_s=2.5)))  # noqa: S301
    assert str(error) == "try later"
    assert error.retry_after_s == 2.5
    assert errors.TransientError("try later").retry_after_s is None


@pytest.mark.parametrize(
    "kind",
    [
        errors.ConfigError,
        errors.StageContractError,
        errors.TransientError,
        errors.PermanentError,
        errors.BudgetReached,
        errors.ShardCorruptError,
    ],
)
def test_every_error_of_ours_is_caught_as_one(kind: type[Exception]) -> None:
    with pytest.raises(errors.PipelineError, match="what to do"):
        raise kind("what to do")


def test_no_retry_helps_a_spent_budget() -> None:
    assert issubclass(errors.BudgetReached, errors.PermanentError)
    assert not issubclass(errors.PermanentError, errors.TransientError)
