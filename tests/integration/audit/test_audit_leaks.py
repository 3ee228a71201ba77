"""An audit names what is planted in a run, and nothing of the kind in a clean one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from painted_run import CLEAN, Planted, write_painted_run
from typer.testing import CliRunner

from pipeline.audit import audit_run, open_models, read_run_record
from pipeline.checks.audit_result import Audit, findings
from pipeline.cli import app
from pipeline.shards.layout import RunLayout

pytestmark = pytest.mark.integration

SETS = 200
LONGER = " in the picture here"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_painted_run(tmp_path_factory.mktemp("clean") / "run", SETS, CLEAN).root


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    planted = Planted(blur_px=0.7, ending=LONGER)
    return write_painted_run(tmp_path_factory.mktemp("leaky") / "run", SETS, planted).root


def look(run: Path, *, clip: str = "none", against: Path | None = None) -> Audit:
    models = open_models(read_run_record(RunLayout(run)), clip=clip, lm="none")
    with models:
        return audit_run(run, models, against=against)


def test_longer_captions_and_blurred_pictures_are_found(leaky: Path) -> None:
    found = look(leaky)
    length = [guess for guess in found.guesses if guess.way == "longer"]
    assert length
    assert all(guess.is_marked for guess in length if guess.pairs >= 20)
    probes = [probe for probe in found.probes if probe.features == "pixel statistics"]
    assert probes
    assert probes[0].is_marked
    assert probes[0].auc > 0.8
    said = " ".join(findings(found))
    assert "guessing by longer" in said
    assert "pixel statistics" in said


def test_a_clean_run_has_neither(clean: Path) -> None:
    found = look(clean)
    assert not [guess for guess in found.guesses if guess.way == "longer" and guess.is_marked]
    assert not [probe for probe in found.probes if probe.is_marked]


def test_embeddings_find_the_blur_too(leaky: Path, clean: Path) -> None:
    probes = {run.parent.name[:5]: look(run, clip="builtin:world").probes for run in (leaky, clean)}
    features = {name: {p.features: p for p in found} for name, found in probes.items()}
    assert features["leaky"]["embeddings"].auc > features["clean"]["embeddings"].auc
    assert not features["clean"]["embeddings"].is_marked


def test_another_run_with_the_same_scenes_is_found(clean: Path, tmp_path: Path) -> None:
    same = write_painted_run(tmp_path / "again", 20, CLEAN).root
    other = write_painted_run(tmp_path / "other", 20, Planted(source=5)).root
    found = {overlap.what: overlap for overlap in look(same, against=clean).overlaps}
    assert found["factual captions"].same == 20
    assert found["pictures"].same + found["pictures"].near > 0
    away = {overlap.what: overlap for overlap in look(other, against=clean).overlaps}
    assert away["factual captions"].same < 5


def test_a_file_of_captions_is_compared_with(clean: Path, tmp_path: Path) -> None:
    captions = json.loads((clean / "captions" / "000000.jsonl").read_text("utf-8").splitlines()[1])
    text = captions["set"]["anchor"]["caption"]
    file = tmp_path / "benchmark.txt"
    file.write_text(f"{text.upper()}\nsomething quite different that nobody has said\n", "utf-8")
    found = {overlap.what: overlap for overlap in look(clean, against=file).overlaps}
    assert found["factual captions"].same >= 1


def test_the_command_prints_what_it_found_and_writes_it_down(leaky: Path, tmp_path: Path) -> None:
    target = tmp_path / "audit.json"
    done = CliRunner().invoke(
        app, ["audit", str(leaky), "--lm", "none", "--output", str(target), "--quiet"]
    )
    assert done.exit_code == 0, done.output
    assert "findings" in done.output
    assert json.loads(target.read_text("utf-8"))
    assert not (leaky / "audit.json").exists()
