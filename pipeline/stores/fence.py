"""Writes to a store that a process may no longer make: its claim on the run may be another's.

A process that was suspended (a stopped virtual machine, a laptop that slept) goes on where it was
and knows of nothing. So what holds a run is asked before each write, not only from time to time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol


class Claim(Protocol):
    """What says whether this process still holds a run."""

    def check(self, *, asks: bool) -> None:
        """Raise where it does not; `asks` the store where that is not certain."""
        ...


_claims: Final[dict[str, list[Claim]]] = {}
"""Address of a run → this process's claims on it."""


@contextmanager
def fenced(root: str, claim: Claim) -> Iterator[None]:
    """Ask a claim before every write of this process below an address, also before each retry.

    Objects directly below it whose names begin with a dot are this process's own, its claim and
    its spending, and are written all the same.
    """
    _claims.setdefault(root, []).append(claim)
    try:
        yield
    finally:
        _claims[root].remove(claim)


def before_write(address: str) -> None:
    """Raise where an object may not be written or removed any more.

    Raises:
        PermanentError: Another process holds the run.
        TransientError: Whether it does could not be asked.
    """
    for root, claims in list(_claims.items()):
        if address.startswith(f"{root}/") and not address.startswith(f"{root}/."):
            for claim in list(claims):
                claim.check(asks=True)


def raise_if_lost(root: str) -> None:
    """Raise where a run is known to be another process's by now; asks nobody.

    Raises:
        PermanentError: It is.
    """
    for claim in list(_claims.get(root, ())):
        claim.check(asks=False)
