"""A claim is asked before what is written below its run, and nothing else."""

from __future__ import annotations

import pytest

from pipeline.core.errors import PermanentError
from pipeline.stores.fence import before_write, fenced, raise_if_lost


class Lost:
    """A claim that another took; whether it is known is `known`."""

    def __init__(self, *, known: bool) -> None:
        self.known = known

    def check(self, *, asks: bool) -> None:
        if asks or self.known:
            raise PermanentError("lost")


def test_what_is_below_a_lost_run_is_not_written() -> None:
    with fenced("s3://b/run", Lost(known=False)):
        for address in ("s3://b/run/manifest.json", "s3://b/run/shards/000000.tar"):
            with pytest.raises(PermanentError):
                before_write(address)
        for address in ("s3://b/run/.claim-0-of-1", "s3://b/run-2/manifest.json", "s3://b/x"):
            before_write(address)
        raise_if_lost("s3://b/run")
    before_write("s3://b/run/manifest.json")


def test_one_of_two_claims_that_is_lost_is_enough() -> None:
    with fenced("s3://b/run", Lost(known=True)):
        with fenced("s3://b/run", Lost(known=False)), pytest.raises(PermanentError):
            raise_if_lost("s3://b/run")
        with pytest.raises(PermanentError):
            raise_if_lost("s3://b/run")
    raise_if_lost("s3://b/run")
