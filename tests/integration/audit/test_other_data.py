"""Other data of every kind: what a run has in common with it is found."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples
from tests.integration.audit.conftest import SETS
from tests.integration.audit.painted_run import Planted, audit, write_painted_run

pytestmark = pytest.mark.integration


def test_contamination_by_another_run(clean: RunLayout, tmp_path: Path) -> None:
    same = audit(clean, clean.root)
    assert [(o.what, o.same, o.checked) for o in same.overlaps] == [
        ("factual captions", SETS, SETS),
        ("counterfactual captions", SETS, SETS),
        ("pictures", 2 * SETS, 2 * SETS),
    ]
    other = write_painted_run(tmp_path / "other", 20, Planted(source=9), shards=1)
    apart = {o.what: o for o in audit(clean, other.root).overlaps}
    assert apart["factual captions"].same < SETS / 10


def test_contamination_by_a_benchmark_file_and_by_pictures(
    clean: RunLayout, tmp_path: Path
) -> None:
    sample = next(iterate_samples(clean))
    caption = sample.document.caption
    long = next(
        s.document.minimal[0].caption
        for s in iterate_samples(clean)
        if len(set(s.document.minimal[0].caption.split())) >= 9
    )
    benchmark = tmp_path / "benchmark"
    benchmark.mkdir()
    rows = [
        {"id": 1, "caption": f"{caption.upper()}!", "url": "https://x.org/a b c"},
        {"captions": {"negative": f"{long} really"}},
    ]
    (benchmark / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (benchmark / "b.jpg").write_bytes(sample.fields["jpg"])
    (benchmark / "broken.png").write_bytes(b"no picture")
    overlaps = {o.what: o for o in audit(clean, benchmark).overlaps}
    factual = overlaps["factual captions"]
    assert factual.others == 2
    assert factual.same == 1
    assert factual.examples[0].there == "a.jsonl:1"
    assert overlaps["counterfactual captions"].near >= 1
    assert any(m.here == f"{sample.key}/jpg" for m in overlaps["pictures"].examples)
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        info = tarfile.TarInfo("../../outside.jpg")
        info.size = len(sample.fields["jpg"])
        archive.addfile(info, io.BytesIO(sample.fields["jpg"]))
    (pictures,) = audit(clean, tmp_path / "b.tar").overlaps
    assert pictures.same >= 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "{0}\nanother caption here\n"),
        ("a.csv", 'id,caption\n1,"{0}"\n'),
        ("a.tsv", "{0}\thttp://x/y\n"),
        ("a.json", '[{{"0": {{"caption": "{0}"}}}}]'),
    ],
)
def test_every_kind_of_caption_file_is_read(
    clean: RunLayout, tmp_path: Path, name: str, text: str
) -> None:
    caption = next(iterate_samples(clean)).document.caption
    (tmp_path / name).write_text(text.format(caption))
    overlaps = {o.what: o for o in audit(clean, tmp_path / name).overlaps}
    assert overlaps["factual captions"].same == 1
