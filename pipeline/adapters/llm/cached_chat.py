"""The chat port over any asker: a cache in front, and a ledger of every token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.adapters.llm.answers import fits_roughly
from pipeline.adapters.llm.budget import Spend, Usage
from pipeline.adapters.llm.response_cache import ResponseCache, request_key
from pipeline.config.prices import Price
from pipeline.core.ids import fingerprint as fingerprint_of
from pipeline.core.protocols import ChatFailure, ChatReply, ChatRequest

Answer = ChatReply | ChatFailure
Keep = Callable[[ChatRequest, Answer], None]


def model_fingerprint(model: str, temperature: float, revision: str = "") -> str:
    """Name of all about a model that decides its answers.

    Args:
        model: Model name.
        temperature: Sampling temperature.
        revision: Of the weights and the engine, where the name alone does not fix them.
    """
    return fingerprint_of([model, revision, temperature])


class Asker(Protocol):
    """Gets answers from a server; :class:`CachedChat` adds what all askers share."""

    def ask(self, requests: Sequence[ChatRequest], keep: Keep, /) -> None:
        """Answer every request through `keep`, each as soon as it is there.

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
        asker: Asker,
        *,
        model: str,
        fingerprint: str,
        cache: ResponseCache,
        spend: Spend,
        price: Price,
    ) -> None:
        """Join the parts.

        Args:
            asker: Gets answers that are not in the cache.
            model: Model name.
            fingerprint: See :func:`model_fingerprint`.
            cache: Where good answers are kept.
            spend: The ledger that is written.
            price: What an answer costs.
        """
        self._asker = asker
        self._model = model
        self._cache = cache
        self._price = price
        self.spend = spend
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> str:
        """Name of the model and of the parameters that decide its answers."""
        return self._fingerprint

    @property
    def model(self) -> str:
        """Model name, for provenance."""
        return self._model

    def complete(self, requests: Sequence[ChatRequest], /) -> Sequence[Answer]:
        """Answer every request, in order; equal requests are asked, and paid, once."""
        keys = [request_key(self._fingerprint, request) for request in requests]
        answers: dict[bytes, Answer] = dict(self._cache.get(list(dict.fromkeys(keys))))
        missing = {k: r for k, r in zip(keys, requests, strict=True) if k not in answers}
        key_of = {id(request): key for key, request in missing.items()}

        def keep(request: ChatRequest, answer: Answer) -> None:
            key = key_of[id(request)]
            answers[key] = answer
            self._book(key, request, answer)

        if missing:
            self._asker.ask(list(missing.values()), keep)
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

    def _book(self, key: bytes, request: ChatRequest, answer: Answer) -> None:
        usd = self._price.cost_usd(answer.tokens_in, answer.tokens_out)
        failed = isinstance(answer, ChatFailure)
        self.spend.add(request, Usage(1, 0, int(failed), answer.tokens_in, answer.tokens_out, usd))
        if isinstance(answer, ChatReply) and fits_roughly(answer.text, request.schema):
            self._cache.put(key, request, answer)

    def close(self) -> None:
        """Close connections and the cache. Safe to call twice."""
        self._asker.close()
        self._cache.close()
