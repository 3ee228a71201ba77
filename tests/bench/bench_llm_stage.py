"""Requests per second of CPU: our chat adapter against a bare `httpx` loop.

Both ask the same questions of the same server on loopback, which answers each after a
fixed latency, with the same number of requests under way. The server runs in a process of
its own; the CPU time is the client's alone. Ours does all it does in a run: the SDK with
its retries, the cache on disk, the ledger, the reading of answers.

Run: `python tests/bench/bench_llm_stage.py --requests 2000 --concurrency 16`.
Nothing passes or fails; the ratios are the result.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from statistics import median

from pipeline.adapters.llm.opening import open_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.prompts import load_prompt
from pipeline.core.protocols import ChatRequest
from pipeline.core.records import EditKind
from pipeline.edits.llm.answers import captions_schema

MOST_REQUESTS = 20_000
MOST_CONCURRENCY = 64

EDIT = {"kind": "attribute", "old": "red", "new": "blue", "repairs": []}
ANSWER = json.dumps({"captions": [{"id": 1, "edits": [EDIT] * 5, "complete": [], "causal": []}]})
BODY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": ANSWER, "refusal": None},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 700, "completion_tokens": 90, "total_tokens": 790},
    }
).encode()
RESPONSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)
) + BODY


class Loopback(asyncio.Protocol):
    """The cheapest server that waits: reads a request by its length, answers later."""

    latency_s = 0.2

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.data = b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, mark, body = self.data.partition(b"\r\n\r\n")
        if not mark:
            return
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < size:
            return
        self.data = b""
        loop = asyncio.get_running_loop()
        loop.call_later(self.latency_s, self.transport.write, RESPONSE)  # type: ignore[attr-defined]


def serve(latency_s: float, pipe: Connection) -> None:
    Loopback.latency_s = latency_s

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Loopback, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def questions(count: int) -> list[ChatRequest]:
    """Real prompts of the open form, all different."""
    kinds = tuple(kind for kind in EditKind if kind is not EditKind.CAUSAL_ORDER)
    prompt = load_prompt("counterfactuals.v1")
    schema = captions_schema(kinds, edits=True, complete=True, causal=True)
    made = []
    for i in range(count):
        caption = f"a red dog and {i} cats on a mat in front of a house"
        system, user = prompt.render(
            captions=[{"id": 1, "caption": caption}],
            kinds=[kind.value for kind in kinds],
            most_edits=7,
            most_complete=1,
            most_pairs=1,
            people="balanced",
        )
        version = prompt.cache_version
        made.append(ChatRequest(f"r{i}", system, user, "captions", schema, version, 512))
    return made


def body(request: ChatRequest) -> dict[str, object]:
    return {
        "model": "m",
        "messages": [
            {"role": "system", "content": request.system},
            {"role": "user", "content": request.user},
        ],
        "temperature": 0.0,
        "max_tokens": request.max_tokens,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "captions", "strict": True, "schema": request.schema},
        },
    }


def bare(module_name: str) -> Callable[[str, Sequence[ChatRequest], int], int]:
    """A loop over `httpx`: post, parse, take the text. No retry, cache, limit or ledger."""
    module = __import__(module_name)

    def ask(url: str, requests: Sequence[ChatRequest], concurrency: int) -> int:
        async def run() -> int:
            limits = module.Limits(
                max_connections=concurrency, max_keepalive_connections=concurrency
            )
            queue, done = iter(requests), 0
            async with module.AsyncClient(limits=limits, timeout=60.0) as client:

                async def work() -> None:
                    nonlocal done
                    for request in queue:
                        reply = await client.post(f"{url}/chat/completions", json=body(request))
                        reply.raise_for_status()
                        done += bool(reply.json()["choices"][0]["message"]["content"])

                await asyncio.gather(*[work() for _ in range(concurrency)])
            return done

        return asyncio.run(run())

    return ask


def ours(url: str, requests: Sequence[ChatRequest], concurrency: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        config = LlmConfig(
            provider="openai", model="m", base_url=url, concurrency=concurrency, cache_dir=folder
        )
        chat = open_chat(config, {})
        try:
            replies = chat.complete(requests)
        finally:
            chat.close()
    return sum(hasattr(reply, "text") for reply in replies)


def measure(
    ask: Callable[[str, Sequence[ChatRequest], int], int],
    url: str,
    requests: Sequence[ChatRequest],
    concurrency: int,
) -> tuple[float, float]:
    """Requests per second of CPU, and per second."""
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    done = ask(url, requests, concurrency)
    after, seconds = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - start
    if done != len(requests):
        raise SystemExit(f"only {done} of {len(requests)} requests were answered")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done / cpu_s, done / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if not (0 < args.requests <= MOST_REQUESTS and 0 < args.concurrency <= MOST_CONCURRENCY):
        parser.error(f"at most {MOST_REQUESTS} requests and concurrency {MOST_CONCURRENCY}")

    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=serve, args=(args.latency_ms / 1000, there), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/v1"
    requests = questions(args.requests)
    allowed = args.concurrency / (args.latency_ms / 1000)
    askers = {"httpx": bare("httpx"), "httpx2": bare("httpx2"), "adapter": ours}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in askers}
    try:
        for ask in askers.values():
            ask(url, requests[: 2 * args.concurrency], args.concurrency)  # imports, first use
        for _ in range(args.rounds):
            for name, ask in askers.items():
                seen[name].append(measure(ask, url, requests, args.concurrency))
    finally:
        server.terminate()
        server.join()

    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"machine      {platform.machine()}, {os.cpu_count()} CPUs, load {load:.1f}")
    print(f"python       {platform.python_version()}")
    size_bytes = len(json.dumps(body(requests[0])))
    print(
        f"work         {args.requests} requests of {size_bytes} bytes, {args.concurrency} at "
        f"once, latency {args.latency_ms:g} ms, {args.rounds} rounds, medians"
    )
    for name, runs in seen.items():
        per_cpu, per_s = median(r[0] for r in runs), median(r[1] for r in runs)
        part = per_s / allowed
        print(f"{name:12} {per_cpu:7.0f} requests/CPU-s  {per_s:6.1f}/s = {part:.0%} of allowed")
    for name in ("httpx", "httpx2"):
        ratios = [a[0] / b[0] for a, b in zip(seen["adapter"], seen[name], strict=True)]
        print(f"ratio        adapter / {name}: {median(ratios):.2f} (goal at least 0.6 of httpx)")


if __name__ == "__main__":
    main()
