"""Writing in the background: the same order and errors as without a thread, bounded memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from pipeline.runs.background_writer import write_in_background


def test_the_writer_gets_every_item_in_order_and_its_result_comes_back() -> None:
    assert write_in_background(iter(range(100)), list, ahead=3) == list(range(100))


def test_items_are_made_in_this_thread_and_written_in_another() -> None:
    made: set[str] = set()

    def items() -> Iterator[int]:
        for number in range(3):
            made.add(threading.current_thread().name)
            yield number

    def write(taken: Iterator[int]) -> str:
        list(taken)
        return threading.current_thread().name

    writer = write_in_background(items(), write, ahead=1)
    assert made == {threading.current_thread().name}
    assert writer not in made


def test_no_more_items_wait_than_allowed() -> None:
    made: list[int] = []
    slow = threading.Event()
    seen: list[int] = []

    def items() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            if number == 5:
                slow.set()  # one taken, three waiting, the fifth in hand: the next one blocks
            yield number

    def write(taken: Iterator[int]) -> None:
        seen.append(next(taken))
        slow.wait(10)
        seen.append(len(made))
        seen.extend(taken)

    write_in_background(items(), write, ahead=4)
    assert seen[1] <= 1 + 4 + 1
    assert [seen[0], *seen[2:]] == list(range(50))


def test_an_error_while_making_reaches_the_writer_at_its_place_and_then_the_caller() -> None:
    written: list[int] = []
    tidied: list[str] = []

    def items() -> Iterator[int]:
        yield from (1, 2)
        raise KeyError("the third")

    def write(taken: Iterator[int]) -> None:
        try:
            while True:
                written.append(next(taken))
        except KeyError:
            tidied.append("removed the partial file")
            raise

    with pytest.raises(KeyError, match="the third"):
        write_in_background(items(), write, ahead=8)
    assert written == [1, 2]
    assert tidied == ["removed the partial file"]


def test_an_interrupt_ends_the_writer_too() -> None:
    tidied: list[bool] = []

    def items() -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    def write(taken: Iterator[int]) -> None:
        try:
            list(taken)
        finally:
            tidied.append(True)

    with pytest.raises(KeyboardInterrupt):
        write_in_background(items(), write, ahead=1)
    assert tidied == [True]


@pytest.mark.parametrize("ahead", [1, 4])
def test_when_the_writer_fails_no_further_item_is_made(ahead: int) -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    def write(taken: Iterator[int]) -> None:
        next(taken)
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        write_in_background(items(), write, ahead=ahead)
    assert len(made) < 1000
