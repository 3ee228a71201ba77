"""What a store held at one moment, so that it need not be asked for each file."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The objects below an address.

    Attributes:
        root: The address.
        sizes: Address of each object → its size in bytes.
        contents: Address → bytes, of those that were read.
    """

    root: str
    sizes: Mapping[str, int]
    contents: Mapping[str, bytes] = field(default_factory=dict)

    def covers(self, address: str) -> bool:
        """Whether it knows what is at an address."""
        return address == self.root or address.startswith(f"{self.root}/")


CURRENT: ContextVar[Snapshot | None] = ContextVar("CURRENT", default=None)
"""The snapshot that is answered from; None where the store is asked."""


def snapshot_of(address: str) -> Snapshot | None:
    """The current snapshot where it knows an address."""
    found = CURRENT.get()
    return found if found is not None and found.covers(address) else None
