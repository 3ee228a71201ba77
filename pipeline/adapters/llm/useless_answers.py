"""Whether a server's answers say that the set-up is wrong, and not the single request."""

from __future__ import annotations

from collections import deque
from typing import Final

from pipeline.adapters.llm.answers import shown
from pipeline.core.errors import PermanentError
from pipeline.core.protocols import ChatFailure, ChatReply, ChatRequest, Worth
from pipeline.core.wilson import wilson_interval

FEWEST_ANSWERS: Final = 8
"""Answers before which nothing is said."""

WINDOW: Final = 256
"""Answers, the latest ones, that are judged together: a server may turn bad in the middle."""

Z_99: Final = 2.575829
"""So sure it must be: it is looked at again and again."""


class UselessAnswers:
    """Stops what would only cost money: a server of whose answers too few are of any use.

    Judged on completed answers, in the order of the requests: errors come faster than answers,
    so the requests that were sent before are all waited for, and a few quick errors never hide
    the good answers behind them. What was remembered from earlier runs counts as good, since
    only good answers are; else a rerun that asks again only for the bad ones would see nothing
    but those.
    """

    def __init__(self, server: str, *, at_once: int = 1, least: float = 0.5) -> None:
        """Know nothing yet.

        Args:
            server: Where the answers come from.
            at_once: Requests that are under way at the same time.
            least: Smallest share of the captions that must get something; 0 lets all pass.
        """
        self._server = server
        self._step = max(FEWEST_ANSWERS, at_once)
        self._least = least
        self._sent = 0
        self._next = 1
        self._under_way: set[int] = set()
        self._waiting: dict[int, tuple[int, int]] = {}
        self._latest: deque[tuple[int, int]] = deque(maxlen=WINDOW)
        self._answered = 0
        self._looked_at = 0
        self._first = ""

    def remember(self, requests: int, parts: int) -> None:
        """Count requests that needed not be sent, with about so many captions each."""
        self._latest.extend([(parts, parts)] * min(requests, WINDOW))

    def send(self) -> int:
        """Count a request; its number."""
        self._sent += 1
        self._under_way.add(self._sent)
        return self._sent

    def take(
        self, number: int, request: ChatRequest, answer: ChatReply | ChatFailure, worth: Worth
    ) -> None:
        """Count the answer to a request.

        Raises:
            PermanentError: Too few of the latest answers are of any use.
        """
        self._under_way.discard(number)
        if not worth.useful and not self._first:
            why = f" ({worth.why})" if worth.why else ""
            self._first = f"{shown(answer)}{why}"
        self._waiting[number] = request.parts, worth.useful
        self._settle()
        if self._answered >= self._looked_at + self._step:
            self._looked_at = self._answered
            self.check()

    def drop(self, number: int) -> None:
        """Forget a request that gets no answer."""
        self._under_way.discard(number)

    def check(self) -> None:
        """Judge what has been answered so far.

        Raises:
            PermanentError: It is enough, and too little of it is of any use.
        """
        self._settle()
        if self._answered < FEWEST_ANSWERS or not self._least:
            return
        parts = sum(number for number, _ in self._latest)
        useful = sum(number for _, number in self._latest)
        share = wilson_interval([1.0] * useful + [0.0] * (parts - useful), Z_99)
        if share.high >= self._least:
            return
        raise PermanentError(
            f"llm: of the last {parts} captions that {self._server} was asked about, {useful} got "
            f"anything usable; the first useless answer: {self._first}. Check llm.base_url, "
            "llm.model and the chat template of the server; no useless answer is kept, so the "
            "same command goes on and asks for these again. Where so little is to be expected, "
            "lower llm.min_useful_share"
        )

    def _settle(self) -> None:
        """Count the answers before which nothing is waited for any more."""
        first_open = min(self._under_way, default=self._sent + 1)
        for number in range(self._next, first_open):
            found = self._waiting.pop(number, None)
            if found is not None:
                self._latest.append(found)
                self._answered += 1
        self._next = max(self._next, first_open)
