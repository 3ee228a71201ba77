"""Other people's trainings beside ours, though they ask for other versions than we do.

open_clip pins webdataset below what we take, and torchvision has no build without CUDA whose
operators load beside a torch without CUDA. So they are installed without their dependencies into
a folder of their own, which only programs started by :func:`run_client` see, ahead of what is
installed; the rest they share with us.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

OPEN_CLIP = (
    "open_clip_torch==3.3.0",
    "webdataset==0.2.86",
    "torchvision==0.28.0",
    "timm==1.0.31",
    "ftfy==6.3.1",
    "wcwidth==0.9.4",
)
TRL = ("trl==1.16.0",)

PREPARE = "prepare_client"
OPERATORS = """\
import torch

# torchvision registers what its compiled operators are like, and these it has not compiled here.
_library = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    _library.define(_name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""


def install_client(cache: Path, packages: tuple[str, ...]) -> Path:
    """Install once for all sessions; skips the test where the registry does not answer."""
    wanted = f"{sys.version_info[:2]} {packages} {OPERATORS}"
    folder = cache / f"client-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    with FileLock(f"{folder}.lock"):
        if folder.exists():
            return folder
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        done = subprocess.run(
            [*command, str(partial), *packages], check=False, capture_output=True, text=True
        )
        if done.returncode and any(sign in done.stderr for sign in NO_NETWORK):
            pytest.skip(f"no package registry answers: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
        (partial / f"{PREPARE}.py").write_text(OPERATORS, "utf-8")
        partial.rename(folder)
    return folder


NO_NETWORK = ("NewConnectionError", "Temporary failure in name resolution", "ConnectTimeout")


def run_client(folder: Path, program: str, *arguments: object, timeout_s: int = 300) -> str:
    """Run a program that may import the clients, and ours; what it printed.

    Args:
        folder: Of :func:`install_client`.
        program: Python code.
        arguments: Its `sys.argv[1:]`.
        timeout_s: After which it hangs.
    """
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", f"import {PREPARE}\n{program}", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{root}"},
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout
