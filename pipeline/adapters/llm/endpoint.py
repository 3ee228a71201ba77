"""Where and how an OpenAI-compatible server is asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipeline.adapters.llm.answers import AnswerForm, chat_body
from pipeline.adapters.llm.server_errors import names_other_limit, rejects_format
from pipeline.core.protocols import ChatRequest

if TYPE_CHECKING:
    import httpx2
    import openai

DEFAULT_SERVER = "https://api.openai.com/v1"


LIMIT_NAMES = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class Manner:
    """What a server takes.

    Attributes:
        form: How the answer's form is asked for.
        limit_name: How it calls the longest answer.
    """

    form: AnswerForm
    limit_name: str

    def instead(self, status: int, body: str) -> Manner | None:
        """How to ask instead, where an error explains it; None where it does not."""
        if names_other_limit(status, body, self.limit_name):
            (other,) = (name for name in LIMIT_NAMES if name != self.limit_name)
            return replace(self, limit_name=other)
        forms = list(AnswerForm)
        left = forms[forms.index(self.form) + 1 :]
        if left and rejects_format(status, body):
            return replace(self, form=left[0])
        return None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to ask.

    Attributes:
        model: Model name.
        temperature: Sampling temperature.
        base_url: Address of the API; None is OpenAI's own.
        key: API key; never printed.
        concurrency: Requests under way at once.
        timeout_s: Longest wait for one answer, to its last byte.
        max_retries: Retries of one request by the SDK.
        stop_hint: How to go on after a budget stop.
        min_useful_share: Share of captions that must get something usable, or asking stops.
    """

    model: str
    temperature: float
    base_url: str | None
    key: str
    concurrency: int
    timeout_s: float
    max_retries: int
    stop_hint: str = ""
    min_useful_share: float = 0.5

    def __repr__(self) -> str:
        return f"Endpoint({self.model!r} at {self.server!r})"

    @property
    def server(self) -> str:
        """Address for messages and for telling servers apart, without any password."""
        parts = urlsplit(self.base_url or DEFAULT_SERVER)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"

    @property
    def manner(self) -> Manner:
        """How it is asked at first; what it refuses is learned."""
        # OpenAI's newer models refuse `max_tokens`; some other servers know only that.
        limit = "max_completion_tokens" if self.base_url is None else "max_tokens"
        return Manner(AnswerForm.SCHEMA, limit)

    def body(self, request: ChatRequest, manner: Manner | None = None) -> dict[str, object]:
        """Body of the request."""
        manner = manner or self.manner
        return chat_body(
            request,
            model=self.model,
            temperature=self.temperature,
            limit_name=manner.limit_name,
            form=manner.form,
        )

    def client(self) -> openai.AsyncOpenAI:
        """Connect; belongs to the event loop that uses it first."""
        import httpx2
        import openai

        limits = httpx2.Limits(
            max_connections=self.concurrency, max_keepalive_connections=self.concurrency
        )
        host = urlsplit(self.base_url or DEFAULT_SERVER).hostname

        class TimedClient(openai.DefaultAsyncHttpxClient):
            """Ends a request that drips: the client's own time-out begins anew at every byte."""

            async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
                try:
                    async with asyncio.timeout(timeout_s):
                        return await super().send(request, **options)
                except TimeoutError as error:
                    raise httpx2.ReadTimeout(
                        f"no whole answer within {timeout_s:g} s", request=request
                    ) from error

        timeout_s = self.timeout_s
        http_client = TimedClient(
            limits=limits,
            timeout=httpx2.Timeout(self.timeout_s, connect=min(10.0, self.timeout_s)),
            event_hooks={"response": [_no_retry_without_credit]},
            # A proxy for the internet must not catch a server on this machine.
            trust_env=host not in {"127.0.0.1", "localhost", "::1"},
        )
        return openai.AsyncOpenAI(
            api_key=self.key,
            base_url=self.base_url or DEFAULT_SERVER,
            timeout=httpx2.Timeout(self.timeout_s, connect=min(10.0, self.timeout_s)),
            max_retries=self.max_retries,
            http_client=http_client,
        )


async def _no_retry_without_credit(response: httpx2.Response) -> None:
    """Keep the SDK from retrying a 429 that means "no credit" and never passes."""
    if response.status_code == 429:
        await response.aread()
        if b"insufficient_quota" in response.content:
            response.headers["x-should-retry"] = "false"
