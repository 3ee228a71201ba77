"""Shards on a real disk: read by others, killed, and full."""

from __future__ import annotations

import gc
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration


LEAVES_FILES_OPEN = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
"""WebDataset itself never closes the local tars that it has read to the end."""


PROGRAM = """
import os, signal, sys
from pathlib import Path
import numpy as np
from pipeline.core.errors import PermanentError
from pipeline.core.ids import content_id
from pipeline.core.records import *
from pipeline.shards.atomic import write_json
from pipeline.shards.captions import write_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import gather_manifest, read_receipt, store_manifest
from pipeline.shards.shard_lists import write_shard_lists
from pipeline.shards.writer import write_shard
from pipeline.core.stage import Rejected

ROWS, SHARDS = 6, 3

def results(shard_id, size_px, stop_at):
    for i in range(ROWS):
        if (shard_id, i) == stop_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if i == 4:
            yield Rejected("", "source.columns", origin=f"a.tsv:{i}")
            continue
        caption = f"a red dog {shard_id} {i}"
        edit = CaptionEdit(EditKind.ATTRIBUTE, "colour", caption,
                           (Replacement(2, 5, "red", "blue"),), "red", "blue")
        anchor = Anchor(content_id(caption), caption, caption, "cc_tsv", f"a.tsv:{i}")
        cfset = CounterfactualSet(anchor, (edit,))
        def draw(name, prompt, seed):
            noise = np.random.default_rng(seed).integers(0, 256, (size_px, size_px, 3), np.uint8)
            return RenderedImage(name, noise, prompt, seed, "same_noise")
        yield RenderedSet(cfset, (draw("control", caption, i), draw("min0", edit.caption, i)))

def run(root, size_px=16, stop_at=None, stop_before_manifest=False):
    layout = RunLayout(Path(root))
    layout.remove_partial_files()
    write_json(layout.run_json, {"config_fingerprint": "f"})
    for shard_id in range(SHARDS):
        if read_receipt(layout, shard_id, check="sha256"):
            continue
        texts = [r if isinstance(r, Rejected) else r.cfset for r in results(shard_id, 1, None)]
        captions = write_captions(layout, shard_id, texts)
        write_shard(layout, shard_id, results(shard_id, size_px, stop_at), captions=captions,
                    jpeg_quality=95, provenance={"config_fingerprint": "f"})
    manifest = gather_manifest(layout, "f", range(SHARDS))
    write_shard_lists(layout, manifest)
    store_manifest(layout, manifest)
"""


def python(code: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM + code], capture_output=True, text=True, check=check
    )


def contents(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("undisturbed") / "run"
    python(f"run({str(root)!r})")
    return root


@LEAVES_FILES_OPEN
def test_plain_webdataset_reads_and_decodes_the_shards(undisturbed: Path) -> None:
    import webdataset as wds

    urls = str(undisturbed / "shards" / "{000000..000002}.tar")
    samples = list(wds.WebDataset(urls, shardshuffle=False).decode("rgb8"))
    gc.collect()
    assert len(samples) == 15
    for sample in samples:
        assert sample["jpg"].shape == sample["min0.jpg"].shape == (16, 16, 3)
        assert sample["txt"].startswith("a red dog")
        assert sample["min0.txt"] == sample["txt"].replace("red", "blue")
        document = sample["json"]
        assert document["key"] == sample["__key__"]
        assert document["images"]["control"]["file"] == "jpg"
        assert document["minimal"][0]["caption"] == sample["min0.txt"]


@LEAVES_FILES_OPEN
def test_the_open_clip_reading_of_a_shard(undisturbed: Path) -> None:
    import webdataset as wds

    pairs = list(
        wds.WebDataset(str(undisturbed / "shards" / "000000.tar"), shardshuffle=False)
        .decode("pilrgb")
        .rename(image="jpg;png;jpeg;webp", text="txt")
        .to_tuple("image", "text")
    )
    gc.collect()
    assert [text for _, text in pairs] == [f"a red dog 0 {i}" for i in (0, 1, 2, 3, 5)]
    assert {image.size for image, _ in pairs} == {(16, 16)}


def test_the_run_is_sound(undisturbed: Path) -> None:
    from pipeline.shards.layout import RunLayout
    from pipeline.shards.verify import verify_run

    assert verify_run(RunLayout(undisturbed)) == []


@pytest.mark.parametrize("stop_at", [(0, 0), (0, 3), (1, 1), (2, 5)])
def test_a_killed_run_goes_on_to_the_same_bytes(
    undisturbed: Path, tmp_path: Path, stop_at: tuple[int, int]
) -> None:
    root = tmp_path / "run"
    killed = python(f"run({str(root)!r}, stop_at={stop_at})", check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (root / "manifest.json").exists()
    finished = {p.stem for p in (root / "shards").glob("*.json")}
    assert finished == {f"{i:06d}" for i in range(stop_at[0])}
    assert {p.stem for p in (root / "shards").glob("[0-9]*.tar")} == finished
    python(f"run({str(root)!r})")
    assert contents(root) == contents(undisturbed)


UNSHARE = shutil.which("unshare")


def can_mount() -> bool:
    """Whether a tmpfs can be mounted in a namespace of one's own, without rights."""
    if UNSHARE is None:
        return False
    command = [UNSHARE, "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="no user namespaces: cannot mount a small disk")
def test_a_full_disk_stops_clearly_and_leaves_no_half_shard(tmp_path: Path) -> None:
    code = (
        "root = sys.argv[1]\n"
        "try:\n"
        "    run(root + '/run', size_px=200)\n"
        "except PermanentError as error:\n"
        "    print(error)\n"
        "print(sorted(p.name for p in (Path(root) / 'run' / 'shards').iterdir()))\n"
    )
    # One shard of these pictures is about 400 kB, so the second does not fit.
    script = 'mount -t tmpfs -o size=700k none "$1" && exec "$2" -c "$3" "$1"'
    assert UNSHARE is not None
    run = subprocess.run(
        [UNSHARE, "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, PROGRAM + code],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told, left = run.stdout.splitlines()
    assert "shards/000001.tar: the disk is full; free some space" in told
    assert left == "['000000.json', '000000.parquet', '000000.tar']"
