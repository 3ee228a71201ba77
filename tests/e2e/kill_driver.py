"""Runs the main job many times, killing it at file-system operations; prints what it saw.

Started as a process of its own. It loads the models' libraries, and the spaCy pipeline, once
and forks a child for every run, so that forty runs cost forty runs and not forty imports. A
child counts its own file-system operations below the run directory (Python's audit events) and
sends itself SIGKILL just before the chosen one: nothing gets a chance to tidy up.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import signal
import sys
from pathlib import Path

from pipeline.config.loading import load_config
from pipeline.edits.parse import spacy_pipeline
from pipeline.runs.components import Components
from pipeline.runs.run import run_config

EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.truncate"}


def config_of(root: Path, overrides: dict[str, object]) -> object:
    flags = {
        "source.limit": 9,
        "source.shard_size": 3,
        "edits.max_minimal": 2,
        "images.model": "builtin:tiny",
        "images.width_px": 32,
        "images.height_px": 32,
        "images.steps": 1,
        "images.guidance_scale": 1.0,
        "images.batch_size": 4,
        "output": str(root),
    }
    return load_config({**flags, **overrides}, environ={})


def run_child(config: object, root: Path, die_at: int | None) -> tuple[int, int]:
    """Run in a fork. Returns (wait status, operations counted)."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        count = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count
            if event not in EVENTS or not str(arguments[0]).startswith(str(root)):
                return
            count += 1
            if count == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        status = 1
        try:
            run_config(config, {})  # type: ignore[arg-type]
            status = 0
        finally:
            os.write(write_end, str(count).encode())
            os._exit(status)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        counted = int(pipe.read() or 0)
    return os.waitpid(child, 0)[1], counted


def digest(root: Path) -> dict[str, str]:
    """sha256 of every file of a run directory."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def main() -> None:
    base, points, overrides = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    # Import everything before the first fork, but compute nothing: a thread pool that has
    # been used does not survive a fork.
    spacy_pipeline.load_pipeline = functools.cache(spacy_pipeline.load_pipeline)
    warm = Components(config_of(base / "warm", overrides), {})  # type: ignore[arg-type]
    warm.edit_stage()
    if warm.draws:
        import peft  # noqa: F401
        from diffusers import StableDiffusionXLPipeline  # noqa: F401
        from transformers import CLIPTextModelWithProjection  # noqa: F401

        warm.renderer()
    quiet = base / "undisturbed"
    status, operations = run_child(config_of(quiet, overrides), quiet, None)
    found: dict[str, object] = {
        "status": status,
        "operations": operations,
        "undisturbed": digest(quiet),
        "killed": [],
    }
    killed: list[dict[str, object]] = []
    for index in range(points):
        die_at = 1 + round(index * (operations - 1) / max(1, points - 1))
        root = base / f"killed{index:02d}"
        config = config_of(root, overrides)
        first, _ = run_child(config, root, die_at)
        left = digest(root) if root.exists() else {}
        again, _ = run_child(config, root, None)
        killed.append(
            {
                "die_at": die_at,
                "signal": os.WTERMSIG(first),
                "left": sorted(left),
                "resumed": again,
                "files": digest(root),
            }
        )
    found["killed"] = killed
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
