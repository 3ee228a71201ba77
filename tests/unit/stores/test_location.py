"""Which path a person means."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.stores.location import is_stored, listed, located
from pipeline.stores.path import StorePath


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("s3://bucket/run", "s3://bucket/run"),
        ("s3://bucket/run/", "s3://bucket/run"),
        (Path("s3://bucket/run"), "s3://bucket/run"),
        ("S3://bucket/Run", "s3://bucket/Run"),
        ("gs://bucket/9f86d081884c7d659a2feaa0c55ad015/run", None),
        ("abfs://container@account.dfs.core.windows.net/run", None),
    ],
)
def test_an_address_is_a_stores_path(said: str | Path, means: str | None) -> None:
    found = located(said)
    assert is_stored(found)
    assert str(found) == (means or said)


@pytest.mark.parametrize("said", ["outputs/run", "/data/a:b/run", ".", "run.tar", "a:/run"])
def test_all_else_is_a_path_of_this_machine(said: str) -> None:
    found = located(said)
    assert not is_stored(found)
    assert found == Path(said)


def test_a_file_address_is_a_path_of_this_machine() -> None:
    assert located("file:///data/run") == Path("/data/run")
    assert not is_stored(located("file:///data/run"))


@pytest.mark.parametrize(
    "said", ["s3://AKIA123:secret@bucket/run", "s3://key@bucket/run", "s3://b/run?X-Amz-Token=abc"]
)
def test_an_address_with_credentials_is_refused_and_not_repeated(said: str) -> None:
    with pytest.raises(ConfigError, match="environment") as told:
        located(said)
    assert not any(secret in str(told.value) for secret in ("AKIA", "secret", "key@", "abc"))


def test_a_listing_covers_what_is_below_its_root_alone() -> None:
    here, beside = (located(f"memory://{uuid.uuid4().hex}/{name}") for name in ("run", "run-2"))
    assert isinstance(here, StorePath)
    (here / "a.json").write_bytes(b"a")
    with listed(here):
        (here / "b.json").write_bytes(b"b")
        (beside / "c.json").write_bytes(b"c")
        assert [(here / name).exists() for name in ("a.json", "b.json")] == [True, False]
        assert (beside / "c.json").exists()
    assert (here / "b.json").exists()
