"""Asks through the provider's batch files: half the price, an answer within a day.

A batch is written down before it is created and forgotten after its answers are saved, so
a run that is killed at any point finds it again and nothing is paid twice: the uploaded
file's name, known before the batch exists, leads back to the batch.

Longer than 300 lines because sending, waiting, reading and adopting share one state.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pipeline.adapters.llm.answers import one_line, read_completion
from pipeline.adapters.llm.budget import Budget, estimate_tokens
from pipeline.adapters.llm.cached_chat import Answer, OnAnswer
from pipeline.adapters.llm.endpoint import Endpoint
from pipeline.adapters.llm.event_loop import LoopThread
from pipeline.adapters.llm.response_cache import OpenBatch, ResponseCache
from pipeline.adapters.llm.server_errors import classify_error, classify_status
from pipeline.adapters.llm.useless_answers import UselessAnswers
from pipeline.core.errors import BudgetReached, PermanentError, TransientError
from pipeline.core.ids import JsonValue, canonical_json
from pipeline.core.progress import Stopped, StopSignal
from pipeline.core.protocols import ChatFailure, ChatReply, ChatRequest

if TYPE_CHECKING:
    import openai
    from openai.types import Batch

log = logging.getLogger(__name__)

MAX_REQUESTS = 50_000
MAX_FILE_BYTES = 190_000_000
"""The provider's limits for one file: 50,000 requests and 200 MB."""

MAX_ROUNDS = 3
"""How often a request that a batch did not reach is sent again before its item is given up."""

FIRST_POLL_S, LONGEST_POLL_S = 5.0, 60.0
"""Wait before the state of a batch is asked again: at first, and at most after doubling."""

STOP_POLL_S = 0.5

WINDOW: Literal["24h"] = "24h"
MAX_SEARCHED_BATCHES = 1000
RUNNING = frozenset({"validating", "in_progress", "finalizing", "cancelling"})

RequestKey = Callable[[ChatRequest], bytes]


class BatchBackend:
    """Sends batch files and waits for them."""

    def __init__(
        self,
        endpoint: Endpoint,
        budget: Budget,
        cache: ResponseCache,
        key_of: RequestKey,
        stop: StopSignal | None = None,
    ) -> None:
        """Connect nothing yet.

        Args:
            endpoint: Where to ask.
            budget: Limits; a batch is cut to what fits.
            cache: Where batches under way are noted.
            key_of: Names a request by its content, also across runs.
            stop: Asked while a batch is waited for.
        """
        self.stop = stop or StopSignal()
        self.endpoint = endpoint
        self.budget = budget
        self.cache = cache
        self.key_of = key_of

    def ask(
        self, requests: Sequence[ChatRequest], on_answer: OnAnswer, /, *, remembered: int = 0
    ) -> None:
        """Answer every request through `on_answer`, adopting batches of an earlier run first."""
        loop = LoopThread()
        try:
            loop.run(self._ask(requests, on_answer, remembered))
        finally:
            loop.close()

    async def _ask(
        self, requests: Sequence[ChatRequest], on_answer: OnAnswer, remembered: int
    ) -> None:
        import openai

        async with self.endpoint.client() as client:
            try:
                await _BatchCall(self, client, requests, on_answer, remembered).run()
            except openai.OpenAIError as error:
                verdict = classify_error(
                    error, model=self.endpoint.model, server=self.endpoint.server
                )
                if isinstance(verdict, ChatFailure):
                    raise PermanentError(
                        f"llm: {self.endpoint.server} refuses the batch: {verdict.detail}. Does "
                        "it offer the Batch API? If not, use llm.mode = online"
                    ) from error
                raise verdict from error

    def close(self) -> None:
        """Nothing stays open between batches."""


class _BatchCall:
    """One call of `ask`: what is still wanted, and how it is got."""

    def __init__(
        self,
        backend: BatchBackend,
        client: openai.AsyncOpenAI,
        requests: Sequence[ChatRequest],
        on_answer: OnAnswer,
        remembered: int,
    ) -> None:
        self._endpoint = backend.endpoint
        self._budget = backend.budget
        self._cache = backend.cache
        self._client = client
        self._stop = backend.stop
        self._on_answer = on_answer
        self._wanted = {backend.key_of(request): request for request in requests}
        self._last_failure: dict[bytes, ChatFailure] = {}
        self._times_sent: Counter[bytes] = Counter()
        # All of a batch is paid by the time that any of it is seen: judged when it is read.
        self._useless = UselessAnswers(
            self._endpoint.server,
            at_once=len(requests) + 1,
            least=self._endpoint.min_useful_share,
        )
        self._useless.remember(remembered, requests[0].parts if requests else 1)

    async def run(self) -> None:
        """Adopt, then send what is left until everything has an answer."""
        adopted = self._cache.open_batches(self._endpoint.server, list(self._wanted))
        for batch in adopted:
            await self._finish(batch)
        while self._wanted:
            sent = [await self._send(part) for part in self._parts()]
            if not sent:
                raise BudgetReached(
                    f"llm: the budget is reached: {self._budget.describe()}; {len(self._wanted)} "
                    f"requests were not sent. {self._endpoint.stop_hint}"
                )
            for batch in sent:
                await self._finish(batch)
            for key in [k for k in self._wanted if self._times_sent[k] >= MAX_ROUNDS]:
                lost = ChatFailure("llm.no_answer", f"no answer in {MAX_ROUNDS} batches")
                self._answer(key, self._last_failure.get(key, lost))
        self._useless.check()

    def _answer(self, key: bytes, answer: Answer) -> None:
        request = self._wanted.pop(key, None)
        if request is not None:
            worth = self._on_answer(request, answer)
            self._useless.take(self._useless.send(), request, answer, worth)

    def _parts(self) -> list[dict[bytes, str]]:
        """Lines for one or more files: within the provider's limits and the budget."""
        parts: list[dict[bytes, str]] = []
        size_bytes = MAX_FILE_BYTES
        reserved: list[tuple[int, int]] = []
        for key, request in self._wanted.items():
            tokens_in = estimate_tokens(request, len(canonical_json(request.schema).encode()))
            if not self._budget.reserve(tokens_in, request.max_tokens):
                break
            reserved.append((tokens_in, request.max_tokens))
            line = canonical_json(
                {
                    "custom_id": key.hex(),
                    "method": "POST",
                    "url": "/v1/chat/completions",
                    "body": self._endpoint.body(request),  # type: ignore[dict-item]
                }
            )
            if size_bytes + len(line.encode()) > MAX_FILE_BYTES or len(parts[-1]) >= MAX_REQUESTS:
                parts.append({})
                size_bytes = 0
            parts[-1][key] = line
            size_bytes += len(line.encode()) + 1
        # All parts are finished before the next call, so nothing else competes for these.
        for tokens in reserved:
            self._budget.release(*tokens)
        return parts

    async def _send(self, lines: Mapping[bytes, str]) -> OpenBatch:
        """Upload a file, note it, create the batch, note its name: in this order."""
        self._times_sent.update(list(lines))
        text = "".join(line + "\n" for line in lines.values())
        file = await self._client.files.create(
            file=("requests.jsonl", text.encode()), purpose="batch"
        )
        self._cache.begin_batch(self._endpoint.server, file.id, list(lines))
        return await self._create(file.id)

    async def _create(self, input_file: str) -> OpenBatch:
        # Without the SDK's retries: a lost answer to a created batch would make a second one.
        # What was created in spite of an error is found again by its file.
        batch = await self._client.with_options(max_retries=0).batches.create(
            input_file_id=input_file, endpoint="/v1/chat/completions", completion_window=WINDOW
        )
        self._cache.name_batch(input_file, batch.id)
        log.info("batch %s is under way", batch.id)
        return OpenBatch(input_file, batch.id)

    async def _find(self, input_file: str) -> Batch | None:
        """The batch of an uploaded file, if it was created."""
        searched = 0
        async for batch in self._client.batches.list(limit=100):
            if batch.input_file_id == input_file:
                return batch
            searched += 1
            if searched >= MAX_SEARCHED_BATCHES:
                break
        return None

    async def _finish(self, noted: OpenBatch) -> None:
        """Wait for a batch, keep its answers, then forget it."""
        import openai

        name = noted.batch
        if name is None:
            found = await self._find(noted.input_file)
            if found is None:
                # It was never created: its requests are still wanted and go out anew.
                self._cache.end_batch(noted.input_file)
                return
            name = found.id
            self._cache.name_batch(noted.input_file, name)
        try:
            batch = await self._wait(name)
        except openai.NotFoundError:
            log.warning("batch %s is unknown to %s: asking anew", name, self._endpoint.server)
            self._cache.end_batch(noted.input_file)
            return
        statuses: list[PermanentError] = []
        answered = 0
        for file_id in (batch.output_file_id, batch.error_file_id):
            if file_id:
                answered += self._read((await self._client.files.content(file_id)).text, statuses)
        self._cache.end_batch(noted.input_file)
        if statuses and not answered:
            raise statuses[0]
        if batch.status == "failed":
            self._raise_failed(batch)
        if batch.status == "cancelled" and self._wanted:
            raise PermanentError(
                f"llm: batch {batch.id} was cancelled; its finished answers are kept. Run the same "
                "command again to send the rest"
            )
        if batch.status == "expired":
            log.warning("batch %s expired: %s requests go again", batch.id, len(self._wanted))

    async def _wait(self, name: str) -> Batch:
        wait_s = FIRST_POLL_S
        while True:
            batch = await self._client.batches.retrieve(name)
            if batch.status not in RUNNING:
                return batch
            for _ in range(round(wait_s / STOP_POLL_S)):
                if self._stop.stopping:
                    raise Stopped(
                        f"stopped on request while batch {name} is under way; the same command "
                        "waits for it again, and pays nothing twice"
                    )
                await asyncio.sleep(STOP_POLL_S)
            wait_s = min(2 * wait_s, LONGEST_POLL_S)

    def _raise_failed(self, batch: Batch) -> None:
        faults = (batch.errors.data if batch.errors else None) or []
        details = one_line("; ".join(f"{fault.code}: {fault.message}" for fault in faults))
        message = f"llm: batch {batch.id} of model {self._endpoint.model!r} failed: {details}"
        if any(fault.code == "token_limit_exceeded" for fault in faults):
            raise TransientError(
                f"{message}. Too many tokens wait in batches: wait for others to end or lower "
                "source.shard_size",
                retry_after_s=600.0,
            )
        raise PermanentError(f"{message}. Check llm.model and the account's batch limits")

    def _read(self, text: str, statuses: list[PermanentError]) -> int:
        """Keep the answers of one result file; returns how many requests it settled."""
        settled = 0
        for line in text.splitlines():
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                key = bytes.fromhex(row["custom_id"])
                request = self._wanted.get(key)
                verdict = self._read_row(row, request.schema if request else {})
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                log.warning("a line of a batch result cannot be read (%s): %s", error, line[:200])
                continue
            if isinstance(verdict, ChatReply | ChatFailure):
                self._answer(key, verdict)
                settled += 1
                continue
            if isinstance(verdict, PermanentError):
                statuses.append(verdict)
            self._last_failure[key] = ChatFailure("llm.server_error", str(verdict))
        return settled

    def _read_row(
        self, row: Mapping[str, Any], schema: Mapping[str, JsonValue]
    ) -> Answer | PermanentError | TransientError:
        response = row.get("response") or {}
        status = int(response.get("status_code") or 0)
        body = response.get("body") or {}
        if status == 200:
            return read_completion(body, schema)
        fault = row.get("error") or body.get("error") or {}
        return classify_status(
            status or 500,
            fault.get("code"),
            fault.get("param"),
            fault.get("message"),
            model=self._endpoint.model,
            server=self._endpoint.server,
        )
