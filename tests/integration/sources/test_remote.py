"""Web servers as they are: without ranges, out of breath, and with keys in their addresses."""

from __future__ import annotations

import re
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

import pipeline.stores.asking as asking
from pipeline.config.source import SourceConfig
from pipeline.core.errors import PipelineError, TransientError
from pipeline.core.records import Anchor
from pipeline.sources import open_source
from pipeline.stores.kept_blocks import keep_inputs

pytestmark = pytest.mark.integration

ROWS = b"".join(
    b"a red trolley in the park on day %d\thttp://e.x/%d.jpg\n" % (i, i) for i in range(400)
)


@dataclass
class Behaviour:
    """How the server answers."""

    name: str = "good"
    faults: int = 0
    asked: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    behaviour: ClassVar[Behaviour] = Behaviour()

    def log_message(self, *_: object) -> None: ...

    def do_HEAD(self) -> None:
        if self.behaviour.name == "no_head":  # as presigned addresses of S3
            self.send_error(403)
            return
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        behaviour = self.behaviour
        behaviour.asked.append(self.path)
        if body and behaviour.faults > 0:
            behaviour.faults -= 1
            if behaviour.name == "cut":
                self._send(206, ROWS[: len(ROWS) // 2], promised=len(ROWS))
            elif behaviour.name == "short":
                self._send(206, ROWS[: len(ROWS) // 2])
            else:
                self.send_error(int(behaviour.name))
            return
        if behaviour.name == "redirect" and not self.path.startswith("/other"):
            self.send_response(302)
            self.send_header("Location", f"/other{self.path}&X-Amz-Signature=hidden")
            self.end_headers()
            return
        if behaviour.name == "loop":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
            return
        if self.path.startswith("/missing"):
            self.send_error(404)
            return
        if self.path.startswith("/private"):
            self.send_error(403)
            return
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if asked and behaviour.name != "no_ranges":
            begin, end = int(asked[1]), min(int(asked[2]) + 1, len(ROWS))
            self._send(206, ROWS[begin:end], span=(begin, end), body=body)
        else:
            self._send(200, ROWS, body=body)

    def _send(
        self,
        status: int,
        data: bytes,
        *,
        promised: int | None = None,
        span: tuple[int, int] | None = None,
        body: bool = True,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(promised or len(data)))
        self.send_header("ETag", '"one"')
        if self.behaviour.name != "no_ranges":
            self.send_header("Accept-Ranges", "bytes")
        if span:
            self.send_header("Content-Range", f"bytes {span[0]}-{span[1] - 1}/{len(ROWS)}")
        self.end_headers()
        if body:
            self.wfile.write(data)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Behaviour, str]]:
    monkeypatch.setattr(asking, "FIRST_WAIT_S", 0.01)
    keep_inputs(0)
    Handler.behaviour = Behaviour()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield Handler.behaviour, f"127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def captions(address: str) -> list[str]:
    source = open_source(SourceConfig(input=address, shard_size=150))
    found = [row for span in source.partition() for row in source.read(span)]
    assert all(isinstance(row, Anchor) for row in found)
    return [row.caption for row in found]


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("good", 0), ("no_head", 0), ("no_ranges", 0), ("redirect", 0), ("503", 2), ("500", 1),
        ("429", 2), ("cut", 2), ("short", 2),
    ],
)  # fmt: skip
def test_a_server_that_recovers_gives_the_whole_input(
    server: tuple[Behaviour, str], name: str, faults: int
) -> None:
    behaviour, host = server
    behaviour.name = name
    source = open_source(SourceConfig(input=f"http://{host}/c.tsv?v=1", shard_size=150))
    behaviour.faults = faults

    found = [row for span in source.partition() for row in source.read(span)]

    assert [row.caption for row in found] == [
        f"a red trolley in the park on day {i}" for i in range(400)
    ]
    assert found[0].origin == "c.tsv:1"


@pytest.mark.parametrize("name", ["500", "429", "cut", "short"])
def test_a_server_that_does_not_recover_is_one_transient_sentence(
    server: tuple[Behaviour, str], name: str
) -> None:
    behaviour, host = server
    source = open_source(SourceConfig(input=f"http://{host}/c.tsv?token=abc123"))
    behaviour.name, behaviour.faults = name, 1000

    with pytest.raises(TransientError, match=r"c\.tsv cannot be read") as caught:
        list(source.partition())

    assert "abc123" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "name", "said"),
    [
        ("missing.tsv", "good", "does not exist"),
        ("private.tsv", "good", "answers 403"),
        ("c.tsv", "loop", "in a circle"),
    ],
)
def test_a_refusal_is_one_sentence_at_once(
    server: tuple[Behaviour, str], path: str, name: str, said: str
) -> None:
    behaviour, host = server
    behaviour.name = name

    with pytest.raises(PipelineError, match=said) as caught:
        open_source(SourceConfig(input=f"http://me:pw@{host}/{path}?sig=abc123"))

    assert not re.search("abc123|pw@", str(caught.value))


def test_nobody_listens() -> None:
    with pytest.raises(PipelineError, match=r"c\.tsv cannot be read"):
        open_source(SourceConfig(input="http://127.0.0.1:9/c.tsv"))


@pytest.mark.parametrize("secret", ["X-Amz-Signature=s3cr3t", "sv=1&sig=s3cr3t", "token=s3cr3t"])
def test_a_secret_is_nowhere_in_a_run_and_no_part_of_it(
    server: tuple[Behaviour, str], tmp_path: Path, secret: str
) -> None:
    """Neither in what is written nor in the identity, so that a new signature resumes the run."""
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    host = server[1]
    run = tmp_path / "run"

    def make(address: str, output: Path) -> str:
        answer = CliRunner().invoke(
            app, ["run", "-q", "--limit", "40", "--input", address, "--output", str(output)]
        )
        assert answer.exit_code == 0, answer.output
        return answer.output

    said = make(f"http://me:s3cr3t@{host}/c.tsv?{secret}", run)
    again = make(f"http://other:key@{host}/c.tsv?{secret}9", run)
    make(f"http://{host}/c.tsv", tmp_path / "bare")

    written = [path for path in run.rglob("*") if path.is_file()]
    assert len(written) >= 8
    for path in written:
        data = path.read_bytes()
        assert not re.search(rb"s3cr3t|//me|//other|key@|[?&](?:sig|token)=", data), path
    assert "s3cr3t" not in said + again
    for name in ("run.json", "shards/000000.tar", "captions/000000.jsonl", "manifest.json"):
        assert (run / name).read_bytes() == (tmp_path / "bare" / name).read_bytes()


@pytest.mark.parametrize(
    "place",
    ["token/{}", "hf_{}", "sv=2024&sig={}", "eyJhbGciOiJIUzI1.{}.c2lnbmF0dXJl", "{0}{0}{0}"],
)
def test_a_token_in_the_path_is_nowhere_in_a_run_and_no_part_of_it(
    server: tuple[Behaviour, str], tmp_path: Path, place: str
) -> None:
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    host = server[1]
    run = tmp_path / "run"
    said = ""
    receipts = set()
    for token in ("s3cr3tA9x7Q1", "0th3rB8y6R2w"):
        address = f"http://{host}/d/{place.format(token)}/c.tsv"
        answer = CliRunner().invoke(
            app, ["run", "--limit", "40", "--input", address, "--output", str(run)]
        )
        assert answer.exit_code == 0, answer.output
        said += answer.output
        receipts.add((run / "shards" / "000000.json").stat().st_mtime_ns)

    assert len(receipts) == 1, "the second token resumed the run of the first"
    written = [path for path in run.rglob("*") if path.is_file()]
    assert len(written) >= 8
    for path in written:
        data = path.read_bytes()
        assert not re.search(rb"s3cr3tA9|0th3rB8", data), path
        assert not re.search(rb"s3cr3tA9|0th3rB8", path.name.encode())
    assert "s3cr3tA9" not in said
    assert "0th3rB8" not in said
    with tarfile.open(run / "shards" / "000000.tar") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            assert stream is not None
            assert not re.search(rb"s3cr3tA9|0th3rB8", stream.read()), member.name
