"""A file appears complete or not at all, and a full disk is explained."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.errors import PermanentError, TransientError
from pipeline.shards.atomic import atomic_file, explain_refusal, write_json
from pipeline.shards.layout import partial_path


def test_the_name_appears_only_after_the_block(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.bin"
    with atomic_file(path) as file:
        file.write(b"12")
        assert not path.exists()
        file.write(b"34")
    assert path.read_bytes() == b"1234"
    assert [p.name for p in path.parent.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("error", [RuntimeError("stop"), KeyboardInterrupt()])
def test_an_exception_leaves_the_old_file_and_no_other(
    tmp_path: Path, error: BaseException
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with atomic_file(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(type(error)):
        interrupted()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("size", [10, 5_000_000], ids=["at the flush", "at the write"])
def test_a_full_disk_is_a_permanent_error_with_path_and_remedy(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.bin"
    # Every write to this device fails with a real ENOSPC.
    partial_path(path).symlink_to("/dev/full")
    told = pytest.raises(PermanentError, match=r"a\.bin: the disk is full; free")
    with told as caught, atomic_file(path) as file:
        file.write(bytes(size))
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_a_file_over_the_limit_is_a_permanent_error(tmp_path: Path) -> None:
    program = (
        "import resource, pathlib, sys\n"
        "from pipeline.core.errors import PermanentError\n"
        "from pipeline.shards.atomic import atomic_file\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    with atomic_file(pathlib.Path(sys.argv[1])) as file: file.write(bytes(100_000))\n"
        "except PermanentError as error: print(error)\n"
    )
    path = tmp_path / "a.bin"
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert f"cannot change {path}: the file is larger than the system allows" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_refused_folder_is_a_permanent_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, so the refusal of the system is played.
    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    told = pytest.raises(PermanentError, match="permission denied; choose a writable")
    with told, atomic_file(tmp_path / "a.bin"):
        pytest.fail("the block must not be entered")


def test_an_error_of_another_file_passes_through(tmp_path: Path) -> None:
    other = OSError(errno.ENOSPC, "No space left on device", "/elsewhere/cache.db")
    with pytest.raises(OSError, match="elsewhere") as caught, atomic_file(tmp_path / "a.bin"):
        raise other
    assert caught.value is other
    assert list(tmp_path.iterdir()) == []


def test_json_is_sorted_and_keeps_any_text(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"b": "é\u2028", "a": ["\ud800"]})
    assert path.read_bytes().startswith(b'{\n  "a"')
    assert path.read_bytes().endswith(b"}\n")
    assert json.loads(path.read_bytes()) == {"b": "é\u2028", "a": ["\ud800"]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"a": float("nan")})


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.ESTALE, TransientError, "does not answer"),
        (errno.EIO, TransientError, "does not answer"),
        (errno.EROFS, PermanentError, "read-only"),
        (errno.ENOENT, PermanentError, "is gone"),
    ],
)
def test_what_a_disk_says_is_told_with_its_remedy(
    tmp_path: Path, number: int, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=rf"a\.bin.*{said}"):
        explain_refusal(OSError(number, os.strerror(number)), tmp_path / "a.bin")
    explain_refusal(OSError(errno.ECONNRESET, "a network's error"), tmp_path / "a.bin")
