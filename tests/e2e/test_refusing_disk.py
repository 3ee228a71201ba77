"""A disk that is full, read-only or gone in the middle of a run: one sentence, and a resume.

The disks are real: memory file systems of a few kilobytes in a mount namespace of their own,
and folders whose rights count, because the process has given up the right to pass them over.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

RUN = [sys.executable, "-m", "counterfactory", "run", "-q", "--no-report"]
FEW = ["--limit", "60", "--set", "source.shard_size=20"]
MANY = ["--limit", "60", "--set", "source.shard_size=3"]


def _works(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


CAN_MOUNT = _works("unshare", "-Urm", "sh", "-c", "mount -t tmpfs -o size=4k none /mnt")
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""Makes the rights of folders count for root, too."""


def bare(command: list[str]) -> list[str]:
    return [*BOUND, *command] if os.geteuid() == 0 else command


def sentence(stderr: str) -> str:
    assert "Traceback" not in stderr, stderr
    lines = stderr.strip().splitlines()
    assert len(lines) == 1, stderr
    assert lines[0].startswith("error "), lines
    return lines[0]


def products(run: Path) -> dict[str, bytes]:
    """All files of a run that must be the same in every run."""
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock") and path.name != "timings.json"
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("finished") / "run"
    subprocess.run([*RUN, *FEW, "--output", str(run)], check=True, capture_output=True)
    return run


@pytest.mark.skipif(not CAN_MOUNT, reason="this machine gives no mount namespaces")
@pytest.mark.parametrize("size", ["4k", "64k", "256k"])
def test_a_disk_that_fills_up_ends_in_a_sentence_and_keeps_what_is_whole(
    finished: Path, tmp_path: Path, size: str
) -> None:
    small, kept = tmp_path / "small", tmp_path / "kept"
    small.mkdir()
    script = (
        'mount -t tmpfs -o size="$1" none "$2" || exit 77; shift; place="$1"; kept="$2"; shift 2; '
        '"$@"; ended=$?; cp -a "$place/run" "$kept"; exit $ended'
    )
    answer = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script, "sh", size, str(small), str(kept),
         *RUN, *FEW, "--output", str(small / "run")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 1, answer.stderr
    assert "the disk is full; free some space" in sentence(answer.stderr)
    assert not list(kept.rglob("*.partial"))
    wanted = products(finished)
    for name, data in products(kept).items():
        assert data == wanted[name], f"{name} is whole"

    subprocess.run([*RUN, *FEW, "--output", str(kept)], check=True, capture_output=True)
    assert products(kept) == wanted


@pytest.mark.skipif(
    os.geteuid() == 0 and not _works(*BOUND, "true"), reason="root cannot give up its rights here"
)
@pytest.mark.parametrize(
    ("folder", "rights", "workers"),
    [("shards", 0o555, 1), ("captions", 0o555, 1), ("captions", 0o000, 1), ("captions", 0o555, 2)],
)
def test_a_folder_that_turns_read_only_in_the_middle_is_named_and_the_run_resumes(
    tmp_path: Path, folder: str, rights: int, workers: int
) -> None:
    run = tmp_path / "run"
    command = bare([*RUN, *MANY, "--set", f"workers={workers}", "--output", str(run)])
    place = run / folder
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 900
        first = "captions/000000.jsonl" if folder == "captions" else "shards/000001.json"
        while not (run / first).exists() and time.monotonic() < until:
            time.sleep(0.005)
        place.chmod(rights)
        _, stderr = process.communicate(timeout=900)
    place.chmod(0o755)

    assert process.returncode == 1, stderr
    said = sentence(stderr)
    assert re.search("(?i)permission denied", said)
    assert "run again" in said
    assert str(place) in said
    left = products(run)
    subprocess.run([*RUN, *MANY, "--output", str(run)], check=True, capture_output=True)
    again = tmp_path / "again"
    subprocess.run([*RUN, *MANY, "--output", str(again)], check=True, capture_output=True)
    wanted = products(again)
    assert products(run) == wanted
    # A file that was under way could not even be removed; it never had a name of its own.
    assert all(data == wanted[name] for name, data in left.items() if ".partial" not in name)


@pytest.mark.skipif(not CAN_MOUNT, reason="this machine gives no mount namespaces")
def test_a_run_on_a_read_only_mount_is_a_sentence(finished: Path) -> None:
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 77; shift; exec "$@"'
    answer = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script, "sh", str(finished),
         *RUN, *FEW, "--output", str(finished)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 1, answer.stderr
    assert "the file system is read-only" in sentence(answer.stderr)


def test_a_folder_that_is_taken_away_is_a_sentence(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with subprocess.Popen(
        [*RUN, *MANY, "--output", str(run)], stderr=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + 900
        while not (run / "shards" / "000000.json").exists() and time.monotonic() < until:
            time.sleep(0.005)
        run.rename(tmp_path / "elsewhere")
        run.write_text("no folder any more")
        _, stderr = process.communicate(timeout=900)
    assert process.returncode == 1, stderr
    assert "run again" in sentence(stderr)
