"""The provider's side of batch files, with every created batch and its requests on record."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any

from tests.integration.adapters.llm.chat_server import Answer, Seen, completion, fault


def upload_text(body: bytes) -> str:
    """The file within a multipart upload."""
    boundary = body.split(b"\r\n", 1)[0]
    for part in body.split(boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        if b"filename=" in head:
            return content.removesuffix(b"\r\n").decode()
    raise AssertionError("the upload holds no file")


class BatchProvider:
    """A script for ChatServer. Batches run until `finish` is called or `at_once` is set."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.at_once = True
        self.hang_on_create = False
        self.waiting = threading.Event()
        self.release = threading.Event()
        self.answer = lambda line: (200, completion('{"ok": true}'))
        self.reach = 10**9
        self.end_status = "completed"
        self.errors: list[dict[str, str]] = []

    def paid(self) -> Counter[str]:
        """User text → in how many created batches it stood."""
        counts: Counter[str] = Counter()
        for batch in self.batches.values():
            for line in self.files[batch["input_file_id"]].splitlines():
                counts[json.loads(line)["body"]["messages"][1]["content"]] += 1
        return counts

    def finish(self) -> None:
        """End every running batch."""
        for batch in self.batches.values():
            if batch["status"] == "in_progress":
                self._end(batch)

    def _end(self, batch: dict[str, Any]) -> None:
        good, bad = [], []
        lines = [json.loads(text) for text in self.files[batch["input_file_id"]].splitlines()]
        for index, line in enumerate(lines):
            if index >= self.reach:
                error = {"code": "batch_expired", "message": "not reached"}
                bad.append({"custom_id": line["custom_id"], "response": None, "error": error})
                continue
            status, body = self.answer(line)
            response = {"status_code": status, "request_id": "x", "body": body}
            row = {"custom_id": line["custom_id"], "response": response, "error": None}
            (good if status == 200 else bad).append(row)
        for name, rows in (("output_file_id", good), ("error_file_id", bad)):
            if rows:
                # The provider promises no order.
                text = "\n".join(json.dumps(row) for row in reversed(rows))
                batch[name] = f"file-{batch['id']}-{name}"
                self.files[batch[name]] = text
        batch["status"] = self.end_status
        if self.errors:
            batch["errors"] = {"object": "list", "data": self.errors}

    def __call__(self, seen: Seen, number: int) -> Answer:
        path = seen.path.partition("?")[0].removeprefix("/v1/")
        match seen.method, path.split("/"):
            case "POST", ["files"]:
                name = f"file-{len(self.files)}"
                self.files[name] = upload_text(seen.body)
                return Answer(
                    {
                        "id": name,
                        "object": "file",
                        "bytes": 1,
                        "created_at": 1,
                        "filename": "requests.jsonl",
                        "purpose": "batch",
                        "status": "processed",
                    }
                )
            case "POST", ["batches"]:
                return self._create(seen.body)
            case "GET", ["batches"]:
                data = list(reversed(self.batches.values()))
                return Answer({"object": "list", "data": data, "has_more": False})
            case "GET", ["batches", name]:
                if name not in self.batches:
                    return Answer(fault("no such batch"), 404)
                self.waiting.set()
                return Answer(self.batches[name])
            case "GET", ["files", name, "content"]:
                return Answer(self.files[name].encode())
        return Answer(fault(f"no such address {path}"), 404)

    def _create(self, body: dict[str, Any]) -> Answer:
        name = f"batch-{len(self.batches)}"
        batch = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": body["completion_window"],
            "created_at": 1,
            "status": "in_progress",
        }
        self.batches[name] = batch
        if self.at_once:
            self._end(batch)
        if self.hang_on_create:
            self.waiting.set()
            self.release.wait(60)
        return Answer(batch)
