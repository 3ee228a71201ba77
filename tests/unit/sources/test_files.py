"""Input files: found by a pattern, unpacked, named by their content, or an error at once."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.sources import Source, open_source
from tests.unit.sources.inputs import mixed_lines

OpenTsv = Callable[..., Source]


def test_files_of_a_brace_pattern_follow_each_other(tmp_path: Path, make) -> None:
    for name, text in (("a", "one\tu1\ntwo\tu2\n"), ("b", "three\tu3\none\tu1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.tsv").write_text(text)
    config = SourceConfig(input=f"{tmp_path}/{{a,b}}/x.tsv", shard_size=3)

    results = make.everything(open_source(config))

    assert [r.origin for r in results] == ["a/x.tsv:1", "a/x.tsv:2", "b/x.tsv:1", "b/x.tsv:2"]
    assert make.outcome(results[3]) == "source.duplicate"


def test_gzip_reads_like_the_plain_file(tmp_path: Path, make) -> None:
    data = mixed_lines(60)
    (tmp_path / "captions.tsv").write_bytes(data)
    (tmp_path / "captions.tsv.gz").write_bytes(gzip.compress(data))

    plain, packed = (
        open_source(SourceConfig(input=str(tmp_path / name), shard_size=7))
        for name in ("captions.tsv", "captions.tsv.gz")
    )

    def facts(source: Source) -> list[tuple[str, str]]:
        return [(r.anchor_id, make.outcome(r)) for r in make.everything(source)]

    assert facts(packed) == facts(plain)
    assert (plain.describe()["seekable"], packed.describe()["seekable"]) == (True, False)


def test_a_cut_gzip_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "captions.tsv.gz"
    path.write_bytes(gzip.compress(mixed_lines(500))[:-40])

    with pytest.raises(PermanentError, match=r"captions\.tsv\.gz is a damaged gzip"):
        list(open_source(SourceConfig(input=str(path))).partition())


def test_a_changed_input_has_another_fingerprint(open_tsv: OpenTsv) -> None:
    first = dict(open_tsv(b"a cat\tu\n").describe())
    again = dict(open_tsv(b"a cat\tu\n").describe())
    other = dict(open_tsv(b"a dog\tu\n").describe())

    assert first == again
    assert first["fingerprint"] != other["fingerprint"]
    assert (first["kind"], first["files"], first["size_bytes"]) == ("cc_tsv", 1, 8)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("missing.tsv", "does not exist"),
        ("*.tsv", r"use \{000"),
        ("x{0..2.tsv", "a pattern looks like"),
        ("x{b}.tsv", "no list and no range"),
        ("x{a,a}.tsv", "twice"),
        ("empty.tsv", "is empty"),
        (".", "is a folder"),
        ("sample:coco", "sample:cc3m"),
        ("nosuch://bucket/x.tsv", "nosuch"),
        ("", "is empty"),
    ],
)
def test_an_input_that_cannot_be_opened_is_an_error_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.tsv").touch()

    with pytest.raises(ConfigError, match=message):
        open_source(SourceConfig(input=pattern))
