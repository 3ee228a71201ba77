"""The chat port over any backend: a cache in front, and a ledger of every token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.adapters.llm.answers import worth_of
from pipeline.adapters.llm.budget import Spend, Usage
from pipeline.adapters.llm.response_cache import ResponseCache, request_key
from pipeline.config.prices import Price
from pipeline.core.ids import fingerprint as fingerprint_of
from pipeline.core.protocols import ChatFailure, ChatReply, ChatRequest, Judge, Worth

Answer = ChatReply | ChatFailure
OnAnswer = Callable[[ChatRequest, Answer], Worth]
"""Takes an answer and says what it is good for."""


def model_fingerprint(model: str, temperature: float, revision: str = "") -> str:
    """Name of all about a model that decides its answers.

    Args:
        model: Model name.
        temperature: Sampling temperature.
        revision: Of the weights and the engine, where the name alone does not fix them.
    """
    return fingerprint_of([model, revision, temperature])


class ChatBackend(Protocol):
    """Gets answers from a server; :class:`CachedChat` adds what all backends share."""

    def ask(
        self, requests: Sequence[ChatRequest], on_answer: OnAnswer, /, *, remembered: int = 0
    ) -> None:
        """Answer every request through `on_answer`, each as soon as it is there.

        Args:
            requests: What the cache does not hold.
            on_answer: Takes the answers.
            remembered: Requests of the same call whose answers the cache holds.

        Raises:
            TransientError, PermanentError: As the port says; what was kept stays kept.
        """
        ...

    def close(self) -> None:
        """Close connections."""
        ...


class CachedChat:
    """The port: answers from the cache, asks the rest once, and books every token."""

    def __init__(
        self,
        backend: ChatBackend,
        *,
        model: str,
        fingerprint: str,
        cache: ResponseCache,
        spend: Spend,
        price: Price,
    ) -> None:
        """Join the parts.

        Args:
            backend: Gets answers that are not in the cache.
            model: Model name.
            fingerprint: See :func:`model_fingerprint`.
            cache: Where good answers are kept.
            spend: The ledger that is written.
            price: What an answer costs.
        """
        self._backend = backend
        self._model = model
        self._cache = cache
        self._price = price
        self.spend = spend
        self._fingerprint = fingerprint
        # Several engines may answer at once, and what judges need not know.
        self._judging = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Name of the model and of the parameters that decide its answers."""
        return self._fingerprint

    @property
    def model(self) -> str:
        """Model name, for provenance."""
        return self._model

    def complete(
        self, requests: Sequence[ChatRequest], /, *, judge: Judge | None = None
    ) -> Sequence[Answer]:
        """Answer every request, in order; equal requests are asked, and paid, once."""
        keys = [request_key(self._fingerprint, request) for request in requests]
        answers: dict[bytes, Answer] = dict(self._cache.get(list(dict.fromkeys(keys))))
        missing = {k: r for k, r in zip(keys, requests, strict=True) if k not in answers}
        key_of = {id(request): key for key, request in missing.items()}

        def on_answer(request: ChatRequest, answer: Answer) -> Worth:
            key = key_of[id(request)]
            answers[key] = answer
            with self._judging:
                worth = worth_of(request, answer, judge)
            self._book(key, request, answer, worth)
            return worth

        if missing:
            remembered = len(set(keys)) - len(missing)
            self._backend.ask(list(missing.values()), on_answer, remembered=remembered)
        results: list[Answer] = []
        for key, request in zip(keys, requests, strict=True):
            answer = answers[key]
            paid = missing.pop(key, None) is not None
            if not paid:
                self.spend.add(request, Usage(cached=1))
                if isinstance(answer, ChatReply) and not answer.cached:
                    answer = replace(answer, cached=True)
            results.append(answer)
        return results

    def _book(self, key: bytes, request: ChatRequest, answer: Answer, worth: Worth) -> None:
        """Count an answer, and keep it only if it is of use: a rerun asks for the others."""
        usd = self._price.cost_usd(answer.tokens_in, answer.tokens_out)
        failures = int(not worth.useful)
        self.spend.add(request, Usage(1, 0, failures, answer.tokens_in, answer.tokens_out, usd))
        if worth.is_kept and isinstance(answer, ChatReply):
            self._cache.put(key, request, answer)

    def close(self) -> None:
        """Close connections and the cache. Safe to call twice."""
        self._backend.close()
        self._cache.close()
