"""A real S3 server on loopback, which can go away, be slow, refuse keys and count requests."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from pipeline.stores.location import located
from pipeline.stores.path import StorePath

Seen = tuple[str, str, str]
"""Method, path below the bucket, and the condition or the range that was asked for, if any."""


class S3Server:
    """moto's server behind a door that a test can close."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self._app = DomainDispatcherApplication(create_backend_app)
        self._server: Any = None
        self.port = 0
        self.seen: list[Seen] = []
        self.before: Callable[[str, str], None] = lambda method, path: None
        self.wait_s = 0.0
        self.open()

    def open(self) -> None:
        """Answer, on the same port each time."""
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, *_: object) -> None: ...

        for _ in range(100):
            try:
                self._server = make_server(
                    "127.0.0.1", self.port, self._answer, threaded=True, request_handler=Quiet
                )
                break
            except (OSError, SystemExit):  # the port is freed in a moment
                time.sleep(0.05)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Go away: connections are refused."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        inner = path.lstrip("/").partition("/")[2]
        condition = environ.get("HTTP_IF_NONE_MATCH", "") or environ.get("HTTP_RANGE", "")
        time.sleep(self.wait_s)
        self.before(method, inner)
        self.seen.append((method, inner, condition))
        return self._app(environ, start)  # type: ignore[no-any-return]

    def lets_in(self, *, strangers: bool) -> None:
        """Whether keys that belong to no user of the server are accepted."""
        data = b"inf" if strangers else b"0"
        address = f"http://127.0.0.1:{self.port}/moto-api/reset-auth"
        header = {"Content-Type": "text/plain"}
        urlopen(Request(address, data, header, method="POST")).close()  # noqa: S310


@dataclass
class Bucket:
    """A bucket of the server, for one test.

    Attributes:
        server: The server.
        root: An address in the bucket, at which nothing is.
        environ: What a process needs to reach it.
    """

    server: S3Server
    root: StorePath
    environ: dict[str, str] = field(default_factory=dict)

    def hold(self, run: Path) -> None:
        """Have the store hold the files of a run of this machine; nothing counts as asked yet."""
        for path in run.rglob("*"):
            if path.is_file() and path.name != ".lock":
                (self.root / path.relative_to(run).as_posix()).write_bytes(path.read_bytes())
        self.server.seen.clear()

    def put(self) -> list[str]:
        """What was written since the test began, in order, without claims."""
        paths = [path for method, path, _ in self.server.seen if method == "PUT"]
        own = [path.removeprefix("run/") for path in paths if path.startswith("run/")]
        return [path for path in own if not path.startswith(".claim")]

    def files(self) -> dict[str, bytes]:
        """Name → bytes of all that is stored."""
        return {name: (self.root / name).read_bytes() for name in self.root.sizes()}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One server for all tests; it keeps nothing on disk."""
    server = S3Server()
    yield server
    server.close()


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bucket]:
    """An empty bucket, with the environment that leads to it."""
    import s3fs

    environ = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3_server.port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
        "AWS_MAX_ATTEMPTS": "1",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    root = located(f"s3://test-{uuid.uuid4().hex[:12]}/run")
    assert isinstance(root, StorePath)
    s3fs.S3FileSystem().mkdir(root.parent.name)
    s3_server.seen.clear()
    yield Bucket(s3_server, root, environ)
    s3_server.before, s3_server.wait_s = (lambda method, path: None), 0.0
    s3fs.S3FileSystem.clear_instance_cache()
