"""Objects of a real S3 server as paths, also where it does not answer as it should."""

from __future__ import annotations

import pickle
import threading
from contextlib import suppress
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

import pipeline.stores.asking as asking
import pipeline.stores.path as path_module
from pipeline.core.errors import ConfigError, TransientError
from pipeline.shards.atomic import atomic_file
from pipeline.stores.location import listed
from pipeline.stores.path import StorePath
from tests.integration.stores.s3_server import Bucket

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(path_module, "PATIENT_TRIES", 3)


def test_reads_lists_and_removes_as_a_local_path_does(s3: Bucket, tmp_path: Path) -> None:
    for root in (tmp_path / "run", s3.root):
        for name in ("run.json", "shards/000001.json", "shards/000000.tar"):
            with atomic_file(root / name) as file:
                file.write(name.encode() * 3)
        assert [p.name for p in sorted(root.iterdir())] == ["run.json", "shards"]
        assert [p.name for p in (root / "shards").glob("*.tar")] == ["000000.tar"]
        assert {p.relative_to(root).as_posix() for p in root.rglob("0*")} == {
            "shards/000001.json", "shards/000000.tar",
        }  # fmt: skip
        there, missing = root / "run.json", root / "none.json"
        assert there.read_bytes() == b"run.json" * 3
        assert there.read_text("utf-8") == "run.json" * 3
        assert there.stat().st_size == 24
        with there.open("rb") as file:
            file.seek(-4, 2)
            assert (file.read(), file.tell()) == (b"json", 24)
        assert (there.exists(), there.is_file(), there.is_dir()) == (True, True, False)
        assert (root.exists(), root.is_file(), root.is_dir()) == (True, False, True)
        assert (missing.exists(), missing.is_file(), missing.is_dir()) == (False, False, False)
        for ask in (missing.stat, missing.read_bytes):
            with pytest.raises(FileNotFoundError):
                ask()
        with pytest.raises(FileNotFoundError):
            missing.open("rb")
        missing.unlink(missing_ok=True)
        there.unlink()
        assert not there.exists()


def test_a_file_appears_whole_in_one_request_or_not_at_all(s3: Bucket) -> None:
    target = s3.root / "a.tar"
    with suppress(KeyError), atomic_file(target) as file:
        file.write(b"half")
        raise KeyError
    assert s3.put() == []
    with atomic_file(target) as file:
        file.write(b"half")
        assert s3.put() == []
        file.write(b"whole")
    assert s3.put() == ["a.tar"]
    left = [p for p in Path(s3.environ["XDG_CACHE_HOME"]).rglob("*") if p.is_file()]
    assert left == []


def test_of_two_who_create_an_object_one_does(s3: Bucket) -> None:
    claim = s3.root / "claim"
    assert [claim.create(b"one"), claim.create(b"two")] == [True, False]
    assert claim.read_bytes() == b"one"
    assert s3.server.seen[0] == ("PUT", "run/claim", "*"), "the request is conditional"


def test_a_store_without_conditional_requests_is_asked_first_and_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Plain(MemoryFileSystem):
        protocol = "plain"
        store: dict[str, object] = {}  # noqa: RUF012
        pseudo_dirs = [""]  # noqa: RUF012

        def pipe_file(self, path: str, value: bytes) -> None:
            super().pipe_file(path, value)

    fsspec.register_implementation("plain", Plain, clobber=True)
    claim = StorePath("plain://bucket/run/claim")
    assert [claim.create(b"one"), claim.create(b"two")] == [True, False]
    assert claim.read_bytes() == b"one"
    assert "have one run at a time write there" in caplog.text


def test_a_listing_answers_for_the_store(s3: Bucket) -> None:
    for number in range(30):
        (s3.root / "shards" / f"{number:06d}.json").write_bytes(b"%d" % number)
        (s3.root / "shards" / f"{number:06d}.tar").write_bytes(b"tar")
    s3.server.seen.clear()
    with listed(s3.root, contents="shards"):
        asked = len(s3.server.seen)
        for number in range(30):
            receipt = s3.root / "shards" / f"{number:06d}.json"
            assert receipt.exists()
            assert receipt.read_bytes() == b"%d" % number
            assert receipt.with_suffix(".tar").stat().st_size == 3
            assert not receipt.with_suffix(".parquet").exists()
        assert (s3.root / "shards").is_dir()
        assert not (s3.root / "captions").is_dir()
        assert len(s3.server.seen) == asked
    assert asked == 31, "one listing, and every receipt once"


def test_a_store_that_is_away_for_a_moment_is_waited_for(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(path_module, "PATIENT_TRIES", 60)
    monkeypatch.setattr(asking, "LONGEST_WAIT_S", 0.05)
    (s3.root / "a").write_bytes(b"a")
    s3.server.close()
    back = threading.Timer(0.4, s3.server.open)
    back.start()
    (s3.root / "b").write_bytes(b"b")
    back.join()
    assert set(s3.files()) == {"a", "b"}


def test_a_store_that_stays_away_is_no_missing_file(s3: Bucket) -> None:
    (s3.root / "a").write_bytes(b"a")
    s3.server.close()
    try:
        for ask in ((s3.root / "a").exists, (s3.root / "a").is_dir, s3.root.sizes,
                    (s3.root / "a").read_bytes, lambda: (s3.root / "b").create(b"")):  # fmt: skip
            with pytest.raises(TransientError) as told:
                ask()
            assert "s3://" in str(told.value)
            assert "\n" not in str(told.value)
    finally:
        s3.server.open()


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_may_pass(s3: Bucket, status: int) -> None:
    from werkzeug.exceptions import InternalServerError, ServiceUnavailable

    refused = {500: InternalServerError, 503: ServiceUnavailable}[status]
    left = [1]

    def refuse(method: str, path: str) -> None:
        if method == "PUT" and left.pop() if left else False:
            raise refused

    s3.server.before = refuse
    (s3.root / "a").write_bytes(b"a")
    assert s3.files() == {"a": b"a"}


def test_what_must_be_mended_by_hand_is_said_at_once(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    import s3fs

    nowhere = s3.root.parent.with_name("no-such-bucket-here") / "run"
    for ask in (nowhere.ping, lambda: nowhere.write_bytes(b""), (nowhere / "run.json").exists):
        with pytest.raises(ConfigError, match="no such bucket"):
            ask()
    s3.server.lets_in(strangers=False)
    try:
        with pytest.raises(ConfigError, match="denied"):
            s3.root.ping()
        with pytest.raises(ConfigError, match="denied"):
            (s3.root / "a").write_bytes(b"")
        # To one without the right to list, a store does not tell a missing object from a secret.
        with pytest.raises(ConfigError, match="denied"):
            (s3.root / "a").exists()
    finally:
        s3.server.lets_in(strangers=True)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(ConfigError, match="AWS_PROFILE"):
        s3.root.ping()


def test_a_path_keeps_its_kind(s3: Bucket) -> None:
    tar = s3.root / "shards" / "000000.tar"
    assert str(tar).startswith("s3://")
    assert pickle.loads(pickle.dumps(tar)) == tar  # noqa: S301
    assert (tar.resolve(), tar.absolute(), tar.expanduser()) == (tar, tar, tar)
    assert str(tar.parent.parent) == str(s3.root)
    assert str(tar.with_suffix(".json")) == f"{s3.root}/shards/000000.json"
    with pytest.raises(OSError, match="reading only"):
        tar.open("wb")
