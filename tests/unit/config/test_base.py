"""Sections refuse what they do not know, and become settings by dotted name."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline.config.base import LocalFolder, RunFolder, Section, flatten


class Folders(Section):
    output: LocalFolder = "outputs"
    cache: LocalFolder | None = None
    depth: int = 1


class Runs(Section):
    output: RunFolder


def test_an_unknown_key_is_an_error_and_a_value_cannot_change() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Folders.model_validate({"outptu": "x"})
    with pytest.raises(ValidationError, match="frozen"):
        Folders().depth = 2  # type: ignore[misc]


@pytest.mark.parametrize("address", ["s3://bucket/run", "gs://b", "https://host/x", "S3:/b"])
def test_an_address_is_no_folder_to_write(address: str) -> None:
    scheme = address.partition(":")[0]
    with pytest.raises(ValidationError, match=f"not to {scheme}: write it locally and copy it"):
        Folders(output=address)
    with pytest.raises(ValidationError, match=f"not to {scheme}"):
        Folders(cache=address)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://b/run", "gone when this process ends"),
        ("memory:/b/run", "gone when this process ends"),
        ("simplecache::s3://b/run", "give the plain address"),
        ("dir::file:///tmp/x", "give the plain address"),
        ("https://host/run", "no web server"),
    ],
)
def test_a_run_is_refused_where_it_would_not_be_kept(address: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Runs(output=address)


@pytest.mark.parametrize(
    "address", ["s3://b/run", "gs://b/run", "file:///tmp/x", "a::b", "/a::b/c", "C:\\a"]
)
def test_a_run_goes_to_a_folder_or_a_store(address: str) -> None:
    assert Runs(output=address).output == address


@pytest.mark.parametrize("folder", ["/data/run", "run", "C:\\runs", "a:b", "~/s3://x"])
def test_any_path_is_a_folder(folder: str) -> None:
    assert Folders(output=folder).output == folder


def test_only_sections_are_opened() -> None:
    tree = {"seed": 1, "images": {"steps": 2, "fractions": {"count": [0, 1]}}, "llm": {}}
    assert flatten(tree) == {
        "seed": 1,
        "images.steps": 2,
        "images.fractions": {"count": [0, 1]},
    }
