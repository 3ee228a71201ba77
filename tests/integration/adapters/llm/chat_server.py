"""A real HTTP server on loopback that answers as a script says and counts what it is asked."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def completion(
    text: str | None, *, finish: str = "stop", refusal: str | None = None, usage=(100, 20)
) -> dict[str, Any]:
    """Body of a chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": refusal},
                "finish_reason": finish,
            }
        ],
        "usage": {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": sum(usage),
        },
    }


def fault(message: str, *, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """Body of an error, as OpenAI writes it."""
    return {"error": {"message": message, "type": "x", "code": code, "param": param}}


@dataclass
class Answer:
    """What the server does with one request."""

    body: Any = field(default_factory=lambda: completion('{"ok": true}'))
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    reset: bool = False
    cut: bool = False
    drip_s: float = 0.0
    """Wait before each byte of the body."""


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    @property
    def user(self) -> str:
        return self.body["messages"][1]["content"]


Script = Callable[[Seen, int], Answer]


class ChatServer:
    """Serves `script(request, number of requests so far)` until it is closed."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self.under_way = 0
        self.most_under_way = 0
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                raw = self.rfile.read(size)
                kind = self.headers.get("content-type", "")
                body = json.loads(raw) if raw and "json" in kind else raw
                seen = Seen(self.command, self.path, dict(self.headers.items()), body)
                with server._lock:
                    server.seen.append(seen)
                    number = len(server.seen)
                    server.under_way += 1
                    server.most_under_way = max(server.most_under_way, server.under_way)
                try:
                    self.answer(server.script(seen, number))
                finally:
                    with server._lock:
                        server.under_way -= 1

            do_GET = do_POST = handle_one

            def answer(self, answer: Answer) -> None:
                time.sleep(answer.delay_s)
                if answer.reset:
                    linger = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.connection.close()
                    self.close_connection = True
                    return
                is_raw = isinstance(answer.body, bytes)
                data = answer.body if is_raw else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if answer.cut:
                    data = data[: len(data) // 2]
                    self.close_connection = True
                if answer.drip_s:
                    for byte in data:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(answer.drip_s)
                    return
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Clients that give up waiting are part of the tests."""

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def count(self) -> int:
        """Requests so far."""
        return len(self.seen)

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
