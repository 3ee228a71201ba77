"""The audits on painted runs: what is planted is found, and nothing is where nothing is planted."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.audit.pictures import MATCHED
from pipeline.audit.result import Audit, findings, to_json
from pipeline.audit.run import AuditModels, audit_run, open_models, read_audited_run
from pipeline.cli.app import app
from pipeline.core.errors import ConfigError
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples
from tests.integration.audit.painted_run import Planted, write_painted_run

pytestmark = pytest.mark.integration

SETS = 200


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    return write_painted_run(tmp_path_factory.mktemp("clean") / "run", SETS)


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    planted = Planted(blur_px=0.5, ending=" on a quiet day")
    return write_painted_run(tmp_path_factory.mktemp("leaky") / "run", SETS, planted)


def audit(layout: RunLayout, against: Path | None = None) -> Audit:
    return audit_run(layout.root, AuditModels(), against=against)


class Averages:
    """Embeds a picture as its grey levels in 8 × 8 cells: no blur shows in them."""

    fingerprint = "averages"
    provenance: dict[str, str] = {}  # noqa: RUF012

    def embed_pictures(self, pictures: list[np.ndarray]) -> np.ndarray:
        cells = [p.mean(2).reshape(8, 16, 8, 16).mean((1, 3)).ravel() for p in pictures]
        return np.array(cells, np.float32)

    def embed_texts(self, texts: list[str]) -> np.ndarray:
        raise NotImplementedError

    def close(self) -> None:
        pass


def test_a_clean_run_has_no_findings(clean: RunLayout) -> None:
    found = audit(clean)
    assert findings(found) == []
    assert (found.sets, found.sampled) == (SETS, SETS)
    (probe,) = found.probes
    assert probe.contrast == MATCHED
    assert probe.low <= 0.55
    assert abs(probe.shuffled - 0.5) < 0.02


def test_longer_captions_and_a_slight_blur_are_found(leaky: RunLayout) -> None:
    found = audit(leaky)
    ways = {g.way for g in found.guesses if g.is_marked}
    assert ways == {"longer", "more words", "words"}
    assert {g.kind for g in found.guesses if g.way == "longer" and g.is_marked} == {
        "attribute", "count", "object", "relation", "all",
    }  # fmt: skip
    (probe,) = found.probes
    assert probe.is_marked
    assert probe.auc > 0.95
    assert "sharpness" in {name for name, _ in probe.telling}
    text = "\n".join(findings(found))
    assert "captions: guessing by longer, the counterfactual is found" in text
    assert "pictures: a linear probe on pixel statistics" in text


def test_a_blur_alone_leaves_the_captions_unmarked(tmp_path: Path) -> None:
    found = audit(write_painted_run(tmp_path / "run", 60, Planted(blur_px=0.5)))
    assert not any(g.is_marked for g in found.guesses)
    assert found.probes[0].is_marked


def test_embeddings_are_probed_where_there_is_an_encoder(leaky: RunLayout) -> None:
    found = audit_run(leaky.root, AuditModels(encoder=Averages()))
    probes = {p.features: p for p in found.probes}
    assert set(probes) == {"pixel statistics", "embeddings"}
    assert probes["pixel statistics"].is_marked
    assert not probes["embeddings"].is_marked, "averages of cells do not change by a blur"


def test_the_packaged_language_model_guesses_blind(tmp_path: Path) -> None:
    layout = write_painted_run(tmp_path / "run", 25, Planted(ending=" xq zvv wjk"), shards=1)
    record = read_audited_run(layout)
    with open_models(record, clip=None, lm="builtin:smollm2") as models:
        found = audit_run(layout.root, models)
    (guess,) = (g for g in found.guesses if g.way == "likelihood" and g.kind == "all")
    assert guess.pairs == 25
    assert guess.is_marked, "gibberish at the end of every counterfactual is less likely"


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


def test_the_command_writes_findings_and_ends_well(leaky: RunLayout, tmp_path: Path) -> None:
    runner, target = CliRunner(), tmp_path / "audit.json"
    arguments = ["audit", str(leaky.root), "--lm", "none", "--output", str(target), "-q"]
    first = runner.invoke(app, arguments)
    assert first.exit_code == 0, first.output
    assert "2 findings" not in first.output
    assert "guessing by longer" in first.output
    written = target.read_bytes()
    runner.invoke(app, arguments)
    assert target.read_bytes() == written, "the same run has the same audit"
    stored = json.loads(written)
    assert stored["findings"]
    assert stored["thresholds"]["pictures"] == {
        "auc_above_half": 0.1, "least_sets": 20, "p_value": 0.01,
    }  # fmt: skip
    assert stored == to_json(audit(leaky))


def test_what_cannot_be_audited_is_an_error_with_its_name(clean: RunLayout, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no run directory: it has no run\.json"):
        read_audited_run(RunLayout(tmp_path))
    with pytest.raises(ConfigError, match="does not exist"):
        audit(clean, tmp_path / "nothing")
    (tmp_path / "bad.jsonl").write_text('{"caption": "one two three"}\n{"cap')
    with pytest.raises(ConfigError, match=r"bad\.jsonl, line 2: it is not JSON"):
        audit(clean, tmp_path / "bad.jsonl")
