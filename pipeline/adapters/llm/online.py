"""Asks a server request by request, many at once.

Requests go out through the official SDK, which does the retries and honours `retry-after`;
what is added is bounded concurrency, rate limits and a budget.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from pipeline.adapters.llm.answers import AnswerForm, read_completion
from pipeline.adapters.llm.budget import Budget, estimate_tokens
from pipeline.adapters.llm.cached_chat import Answer, OnAnswer
from pipeline.adapters.llm.endpoint import Endpoint, Manner
from pipeline.adapters.llm.event_loop import LoopThread
from pipeline.adapters.llm.rate_limit import RateLimit
from pipeline.adapters.llm.server_errors import classify_error, explanation
from pipeline.adapters.llm.useless_answers import UselessAnswers
from pipeline.core.errors import BudgetReached, PermanentError, PipelineError, TransientError
from pipeline.core.ids import canonical_json
from pipeline.core.progress import Stopped, StopSignal
from pipeline.core.protocols import ChatFailure, ChatRequest

if TYPE_CHECKING:
    import openai

log = logging.getLogger(__name__)

SHARED_BUDGET_POLL_S = 0.2

STOP_POLL_S = 0.2
STOP_GRACE_S = 2.0
"""How long answers under way are still waited for when the user asks to stop."""


class _Stop:
    """The error that ends a call, seen by all of its workers; None while there is none."""

    def __init__(self) -> None:
        self.error: PipelineError | None = None

    def is_set(self) -> bool:
        """Whether there is one."""
        return self.error is not None

    def report(self, error: PipelineError) -> None:
        """Note an error; a permanent one comes first, as a retry must not hide a bad key."""
        if self.error is None or isinstance(error, PermanentError):
            self.error = error


class OnlineBackend:
    """Sends single requests, `concurrency` at a time."""

    def __init__(
        self,
        endpoint: Endpoint,
        budget: Budget,
        *,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        stop: StopSignal | None = None,
    ) -> None:
        """Connect nothing yet."""
        self._stop = stop or StopSignal()
        self._endpoint = endpoint
        self._budget = budget
        self._per_minute = (requests_per_minute, tokens_per_minute)
        self._loop = LoopThread()
        self._client: openai.AsyncOpenAI | None = None
        self._client_pid = 0
        self._rates = RateLimit(*self._per_minute)
        self._schema_bytes: dict[str, int] = {}
        self._manner = endpoint.manner
        self._useless = UselessAnswers(
            endpoint.server, at_once=endpoint.concurrency, least=endpoint.min_useful_share
        )
        self._settled = asyncio.Event()

    def ask(
        self, requests: Sequence[ChatRequest], on_answer: OnAnswer, /, *, remembered: int = 0
    ) -> None:
        """Answer every request; on a stop, what is under way is finished and kept."""
        self.remember(remembered, requests[0].parts if requests else 1)
        self._loop.run(self._ask_all(requests, on_answer))

    def remember(self, requests: int, parts: int = 1) -> None:
        """Count requests whose answers the cache holds: they were of use."""
        self._useless.remember(requests, parts)

    async def _ask_all(self, requests: Sequence[ChatRequest], on_answer: OnAnswer) -> None:
        if self._client is None or self._client_pid != os.getpid():
            self._client, self._client_pid = self._endpoint.client(), os.getpid()
            self._rates = RateLimit(*self._per_minute)
            self._settled = asyncio.Event()
        stop = _Stop()
        queue = iter(requests)
        count = min(self._endpoint.concurrency, len(requests))
        workers = [asyncio.create_task(self._work(queue, on_answer, stop)) for _ in range(count)]
        watcher = asyncio.create_task(self._end_when_stopping(workers, stop))
        try:
            for finished in asyncio.as_completed(workers):
                with suppress(asyncio.CancelledError):
                    await finished
                if stop.error is not None and _fails_for_all(stop.error):
                    break
        finally:
            for task in (watcher, *workers):
                task.cancel()
            await asyncio.gather(watcher, *workers, return_exceptions=True)
        if stop.error is not None:
            raise stop.error
        self._useless.check()

    async def _end_when_stopping(self, workers: Sequence[asyncio.Task[None]], stop: _Stop) -> None:
        """Once the user asks to stop, begin nothing more, and soon wait for nothing more."""
        while not self._stop.stopping:
            await asyncio.sleep(STOP_POLL_S)
        stop.report(
            Stopped("stopped on request; every answer that was there is kept, and the same command "
                    "goes on from there")
        )  # fmt: skip
        await asyncio.sleep(STOP_GRACE_S)
        for worker in workers:
            worker.cancel()

    async def _work(
        self,
        queue: Iterator[ChatRequest],
        on_answer: OnAnswer,
        stop: _Stop,
    ) -> None:
        """Take requests from the common queue until it is empty or something stops all."""
        for request in queue:
            if stop.is_set():
                return
            try:
                tokens_in = estimate_tokens(request, self._schema_size(request))
                async with self._reserved(tokens_in, request.max_tokens):
                    await self._rates.admit(tokens_in + request.max_tokens)
                    if stop.is_set():
                        return
                    number = self._useless.send()
                    try:
                        answer = await self._ask(request)
                    except BaseException:
                        self._useless.drop(number)
                        raise
                    worth = on_answer(request, answer)
                self._useless.take(number, request, answer, worth)
            except (PermanentError, TransientError) as error:
                stop.report(error)
                return

    def _schema_size(self, request: ChatRequest) -> int:
        """Bytes of the schema; remembered for one prompt version, as it hardly changes."""
        size = self._schema_bytes.get(request.prompt_version)
        if size is None:
            size = len(canonical_json(request.schema).encode())
            self._schema_bytes[request.prompt_version] = size
        return size

    @asynccontextmanager
    async def _reserved(self, tokens_in: int, tokens_out: int) -> AsyncIterator[None]:
        """Hold the worst case of a request against the budget while it is under way.

        Raises:
            BudgetReached: It does not fit although nothing else is under way.
        """
        budget = self._budget
        if not budget.limited:
            yield
            return
        while not budget.reserve(tokens_in, tokens_out):
            if budget.idle:
                raise BudgetReached(
                    f"llm: the budget is reached: {budget.describe()}. {self._endpoint.stop_hint}"
                )
            # Also look now and then: a budget may be shared with other loops.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), SHARED_BUDGET_POLL_S)
        try:
            yield
        finally:
            budget.release(tokens_in, tokens_out)
            self._settled.set()
            self._settled = asyncio.Event()

    async def _ask(self, request: ChatRequest) -> Answer:
        import openai

        if self._client is None:
            raise PermanentError("llm: asked after close()")
        while True:
            manner = self._manner
            try:
                body = await self._post(self._client, request, manner)
            except openai.APIStatusError as error:
                said = await _body_of(error)
                instead = manner.instead(error.status_code, said)
                if instead is None:
                    return self._failure_of(error, said)
                self._learn(manner, instead, f"{error.status_code} {explanation(said)}")
            except openai.OpenAIError as error:
                return self._failure_of(error)
            else:
                return read_completion(body, request.schema)

    async def _post(
        self, client: openai.AsyncOpenAI, request: ChatRequest, manner: Manner
    ) -> bytes:
        """Send one request through the SDK, with its retries, and return the raw body.

        `chat.completions.create` would build typed objects that nobody here reads, at
        about the CPU cost of the whole HTTP exchange; `post` is the SDK's public way
        around them.
        """
        import httpx2

        response = await client.post(
            "/chat/completions",
            cast_to=httpx2.Response,
            body=self._endpoint.body(request, manner),
        )
        return response.content

    def _failure_of(self, error: openai.OpenAIError, body: str = "") -> ChatFailure:
        endpoint = self._endpoint
        verdict = classify_error(error, model=endpoint.model, server=endpoint.server, body=body)
        if isinstance(verdict, ChatFailure):
            return verdict
        raise verdict from error

    def _learn(self, refused: Manner, instead: Manner, why: str) -> None:
        """Ask otherwise from now on; requests under way may learn the same."""
        if self._manner != refused:
            return
        self._manner = instead
        if instead.form is not refused.form:
            log.warning(
                "%s does not know answers of the form %s (%s): asking for %s from now on, with the "
                "schema in the instructions; expect more unusable answers",
                self._endpoint.server,
                refused.form,
                why,
                "plain JSON objects" if instead.form is AnswerForm.OBJECT else "plain text",
            )

    def close(self) -> None:
        """Close connections and the loop. Safe to call twice."""
        client, self._client = self._client, None
        if client is not None and self._client_pid == os.getpid():
            self._loop.run(client.close())
        self._loop.close()


async def _body_of(error: openai.APIStatusError) -> str:
    """What the server sent with its error; empty where that was cut."""
    import httpx2

    with suppress(httpx2.HTTPError, httpx2.StreamError):
        await error.response.aread()
        return error.response.text
    return ""


def _fails_for_all(error: PipelineError) -> bool:
    """Whether waiting for requests under way is pointless: they fail the same way."""
    return isinstance(error, PermanentError) and not isinstance(error, BudgetReached)
