"""How long a stage waits before it is tried again."""

from __future__ import annotations

from pipeline.core.errors import TransientError
from pipeline.runs.retry import LONGEST_WAIT_S, RETRIES, retry_wait_s


def test_waits_are_doubled_unless_the_other_side_asks() -> None:
    waits = [retry_wait_s(TransientError("x"), tries=tries) for tries in range(1, RETRIES + 1)]
    assert waits == [10.0, 20.0, 40.0]
    assert retry_wait_s(TransientError("x", retry_after_s=3.0), tries=3) == 3.0
    assert retry_wait_s(TransientError("x", retry_after_s=1e9), tries=1) == LONGEST_WAIT_S
