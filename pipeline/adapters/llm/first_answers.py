"""Whether a server's first answers say that the set-up is wrong, and not the single request."""

from __future__ import annotations

from pipeline.adapters.llm.answers import shown
from pipeline.core.errors import PermanentError
from pipeline.core.protocols import ChatFailure, ChatReply

MAX_USELESS = 8
"""So many useless answers before any good one mean that the set-up is wrong."""


class FirstAnswers:
    """Stops what would only cost money: a server none of whose first answers is of any use.

    Errors come faster than answers, so the requests that were sent first are all waited for
    before anything is said: a few quick errors never hide the good answers behind them.
    """

    def __init__(self, server: str, at_once: int = 1) -> None:
        """Know nothing yet.

        Args:
            server: Where the answers come from.
            at_once: Requests that are under way at the same time.
        """
        self._server = server
        self._wanted = max(MAX_USELESS, at_once)
        self._sent = 0
        self._under_way: set[int] = set()
        self._useless = 0
        self._first = ""
        self._any_useful = False

    def send(self) -> int:
        """Count a request; its number."""
        self._sent += 1
        self._under_way.add(self._sent)
        return self._sent

    def take(self, number: int, answer: ChatReply | ChatFailure, *, useful: bool) -> None:
        """Count the answer to a request.

        Raises:
            PermanentError: All the first requests have been answered, and none usefully.
        """
        self._under_way.discard(number)
        self._any_useful |= useful
        if self._any_useful:
            return
        self._useless += 1
        self._first = self._first or shown(answer)
        waited_for = min(self._under_way, default=self._sent + 1)
        if min(waited_for - 1, self._sent) >= self._wanted:
            self.check()

    def drop(self, number: int) -> None:
        """Forget a request that gets no answer."""
        self._under_way.discard(number)

    def check(self) -> None:
        """Judge what has been answered so far.

        Raises:
            PermanentError: It is enough, and all of it is useless.
        """
        if self._any_useful or self._useless < MAX_USELESS:
            return
        raise PermanentError(
            f"llm: the first {self._useless} answers of {self._server} are all unusable, the "
            f"first one: {self._first}. Check llm.base_url and llm.model; none of these answers "
            "is kept, so the same command asks again"
        )
