"""Addresses lose what is secret in them, and nothing that names the data."""

from __future__ import annotations

import pytest

from pipeline.config.run import RunConfig
from pipeline.config.source import SourceConfig
from pipeline.core.addresses import (
    looks_like_address,
    public_address,
    store_address,
    without_private_addresses,
    without_secrets,
)
from pipeline.training.vlm.finetune.config import VlmConfig


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("folder/what?.tsv", "folder/what?.tsv"),
        ("https://me:pw@host:80/{0..9}.tar?X-Amz-Signature=a,b", "https://host:80/{0..9}.tar"),
        ("https://h/{a.tsv?sig=1,b.tsv?sig=2}", "https://h/{a.tsv,b.tsv}"),
        ("{https://u:p@h/a?s=1,https://v:q@h/b?s=2}", "{https://h/a,https://h/b}"),
        ("https://u:p/w@h/x.tsv", "https://h/x.tsv"),
        ("https://u:p%40w@h/x.tsv#t", "https://h/x.tsv"),
        ("https://h:80/a@b.tsv", "https://h:80/a@b.tsv"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("s3://key:secret@bucket/a#b.tsv?versionId=3", "s3://bucket/a#b.tsv"),
        ("abfs://box@acc.dfs.core.windows.net/x?sv=1&sig=2", "abfs://box@acc.dfs.core.windows.net/x"),
        ("zip://a.tsv::https://u:p@h/x.zip?sig=1", "zip://a.tsv::https://h/x.zip"),
        ("HTTPS://U:P@H/x?TOKEN=1", "HTTPS://H/x"),
    ],
)  # fmt: skip
def test_an_input_shows_no_secret(address: str, public: str) -> None:
    assert public_address(address) == public
    assert SourceConfig(input=address).public_input == public
    assert RunConfig(source=SourceConfig(input=address)).product()["source.input"] == public
    assert repr(SourceConfig(input=address)).find(address) < 0


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://u:p@h/a.jpg?size=2&token=abc", "https://h/a.jpg?size=2"),
        ("http://h/@user/x?a=b@c", "http://h/@user/x?a=b@c"),
        ("https://h/v2?webp=true&v=3&sig=a4", "https://h/v2?webp=true&v=3&sig=a4"),
        ("https://x.net/c/a.jpg?sv=1&sig=2&x=1", "https://x.net/c/a.jpg?x=1"),
        ("https://h/a?X-Amz-Signature=1&X-Amz-Date=2#f", "https://h/a#f"),
        ("https://h/a?X-Goog-Signature=1&w=2", "https://h/a?w=2"),
        ("https://h/i.jpg?securitytoken=7A&id=1", "https://h/i.jpg?securitytoken=7A&id=1"),
    ],
)
def test_a_picture_keeps_what_names_it(address: str, kept: str) -> None:
    assert without_secrets(address) == kept


def test_a_message_of_a_library_is_cleaned() -> None:
    said = "404, url='https://u:p@h/x?sig=1' and URL('http://a:b@c/d?x')"

    assert without_private_addresses(said) == "404, url='https://h/x' and URL('http://c/d')"


@pytest.mark.parametrize(
    "cell", ["http://e.x/1", "//cdn/1.jpg", "www.e.x/1", "img/1.JPG", "a.png?x=1"]
)
def test_addresses_of_pictures_are_known(cell: str) -> None:
    assert looks_like_address(cell)


@pytest.mark.parametrize("cell", ["a dog", "dog", "see http://e.x/1", "5.5", "u1", ""])
def test_captions_are_no_addresses(cell: str) -> None:
    assert not looks_like_address(cell)


@pytest.mark.parametrize("output", ["s3://bucket/x", "s3:/bucket/x", "S3://bucket/x/"])
def test_a_run_may_be_written_to_a_store(output: str) -> None:
    config = RunConfig(output=output)
    assert config.output == "s3://bucket/x"
    assert config.fingerprint == RunConfig(output="outputs/x").fingerprint


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("https://h/x", "no web server"),
        ("s3://key:hidden@bucket/x", "environment"),
        ("s3://bucket/x?token=hidden", "environment"),
    ],
)
def test_what_is_no_place_for_a_run_is_refused_at_once(output: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        RunConfig(output=output)


@pytest.mark.parametrize("output", ["s3://bucket/x", "s3:/bucket/x", "gs://b"])
def test_a_training_is_written_to_a_local_folder(output: str) -> None:
    with pytest.raises(ValueError, match="local folder"):
        VlmConfig(run="outputs/x", output=output)


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("s3:/bucket/run", "s3://bucket/run"),
        ("abfs://c@a.dfs.core.windows.net/run", "abfs://c@a.dfs.core.windows.net/run"),
        ("file:///data/run", None),
        ("outputs/run", None),
        ("/data/s3:/run", None),
    ],
)
def test_addresses_of_stores_are_known(path: str, address: str | None) -> None:
    assert store_address(path) == address


def test_settings_that_came_later_count_only_where_they_are_set() -> None:
    assert "source.delimiter" not in RunConfig().product()
    product = RunConfig(source=SourceConfig(delimiter=";")).product()
    assert product["source.delimiter"] == ";"
