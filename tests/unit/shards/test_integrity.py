"""Checksums, faults that survive a process border, and the gate for newer data."""

from __future__ import annotations

import hashlib
import io
import pickle
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.records import SCHEMA_VERSION
from pipeline.shards.integrity import (
    HashingFile,
    damaged_at,
    digest_file,
    printable,
    refuse_newer_schema,
)


def test_what_is_written_is_what_is_hashed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    out = HashingFile(buffer)
    for piece in (b"one", b"", b"two" * 1000):
        out.write(piece)
    (tmp_path / "a").write_bytes(buffer.getvalue())
    digest = digest_file(tmp_path / "a", "below/a")
    assert digest.path == "below/a"
    assert (digest.sha256, digest.size_bytes) == (out.sha256, out.size_bytes)
    assert digest.sha256 == hashlib.sha256(buffer.getvalue()).hexdigest()


def test_damage_names_file_place_and_remedy_and_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(damaged_at(Path("a.tar"), 512, "it is cut off")))  # noqa: S301
    assert isinstance(error, ShardCorruptError)
    assert str(error).startswith("a.tar: at byte 512: it is cut off; restore it")
    assert error.fault.path == Path("a.tar")


def test_newer_data_is_refused_and_older_is_not() -> None:
    refuse_newer_schema(Path("a"), SCHEMA_VERSION)
    refuse_newer_schema(Path("a"), 1)
    with pytest.raises(ConfigError, match=f"a has schema version {SCHEMA_VERSION + 1}"):
        refuse_newer_schema(Path("a"), SCHEMA_VERSION + 1)


def test_text_without_a_utf8_form_is_escaped_and_other_text_is_kept() -> None:
    assert printable("a \udc80 b") == "a \\udc80 b"
    assert printable("naïve 漢字") == "naïve 漢字"
