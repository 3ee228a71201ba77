"""Errors on their way from an actor to the driver."""

from __future__ import annotations

import pickle

from pipeline.adapters.ray_data.worker import pickled
from pipeline.core.errors import PermanentError, TransientError


def test_an_error_arrives_as_it_was() -> None:
    error = pickle.loads(pickled(TransientError("full queue", retry_after_s=7.0)))  # noqa: S301
    assert isinstance(error, TransientError)
    assert (str(error), error.retry_after_s) == ("full queue", 7.0)


def test_an_error_that_does_not_pickle_arrives_as_what_it_says() -> None:
    class OfAModule(Exception):
        pass

    error = pickle.loads(pickled(OfAModule("no such thing")))  # noqa: S301
    assert isinstance(error, PermanentError)
    assert str(error) == "OfAModule: no such thing"
