"""Writing what was drawn, in the background, while the next batch is being drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Full, Queue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

LOOK_S = 0.2
"""How long a full queue is waited for before it is asked whether the writer is still there."""


@dataclass(frozen=True, slots=True)
class _End:
    """No more items; with an error, that one ended them."""

    error: BaseException | None = None


def write_in_background(
    items: Iterable[Item], write: Callable[[Iterator[Item]], Result], *, ahead: int
) -> Result:
    """Return `write(items)`, where the writer works in a thread of its own.

    Items are made in this thread, in which a model may have its state, and reach the writer
    in their order: its result is the same as without the thread. An error while making an
    item is raised inside the writer at that item's place, so that it tidies up as it would
    have, and then here. When the writer fails, no further item is made.

    Args:
        items: What is made, one after the other.
        write: Takes all items; PIL's encoder and the disk let this thread run meanwhile.
        ahead: Most items that wait for the writer: what bounds the memory.

    Raises:
        BaseException: What making an item, or the writer, raised.
    """
    queue: Queue[Item | _End] = Queue(ahead)
    with ThreadPoolExecutor(1, thread_name_prefix="shard-writer") as pool:
        writer = pool.submit(write, _taken(queue))
        end = _End()
        try:
            for item in items:
                if not _handed(queue, item, writer):
                    break
        except BaseException as error:
            # Also an interrupt: the writer must remove its half-written file.
            end = _End(error)
        _handed(queue, end, writer)
        return writer.result()


def _handed(queue: Queue[Item | _End], item: Item | _End, writer: Future[Result]) -> bool:
    """Wait for room and put the item there; False where the writer has ended."""
    while not writer.done():
        try:
            queue.put(item, timeout=LOOK_S)
        except Full:
            continue
        return True
    return False


def _taken(queue: Queue[Item | _End]) -> Iterator[Item]:
    while True:
        item = queue.get()
        if not isinstance(item, _End):
            yield item
        elif item.error is not None:
            raise item.error
        else:
            return
