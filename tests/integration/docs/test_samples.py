"""A run as the README makes it: its samples fit the schema, and the printed Python reads them."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from typer.testing import CliRunner

from pipeline.cli.app import app

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "sample.schema.json").read_text("utf-8"))
PYTHON = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for number, code in enumerate(
        part.split("```\n")[0] for part in page.read_text("utf-8").split("```python\n")[1:]
    )
    # It trains a model of a hub; tests/integration/clients runs that trainer on a tiny one.
    if "from trl import" not in code
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs: captions alone, and with pictures, refused ones among them."""
    folder = tmp_path_factory.mktemp("docs")
    bands = folder / "bands.toml"
    bands.write_text("[count]\nchange = [0.9, inf]\n")
    drawn = [
        "--images", "sdxl", "--limit", "3", "--set", "images.model=builtin:tiny",
        "--set", "images.width_px=64", "--set", "images.height_px=64", "--set", "images.steps=2",
        "--set", f"selection.bands={bands}", "--set", "images.device=cpu",
        "--set", "edits.balance=off",
    ]  # fmt: skip
    for name, options in (("sample-cc3m", ["--limit", "40"]), ("drawn", drawn)):
        output = folder / "outputs" / name
        done = CliRunner().invoke(
            app, ["run", *options, "--output", str(output), "--quiet", "--no-report"]
        )
        assert done.exit_code == 0, done.output
    return folder


def documents(run: Path) -> Iterator[dict[str, Any]]:
    for tar in sorted((run / "shards").glob("*.tar")):
        with tarfile.open(tar) as archive:
            for member in archive:
                if member.name.partition(".")[2] == "json":
                    file = archive.extractfile(member)
                    assert file is not None
                    yield json.load(file)


@pytest.mark.parametrize("run", ["sample-cc3m", "drawn"])
def test_every_written_sample_fits_the_schema(folder: Path, run: str) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    found = list(documents(folder / "outputs" / run))
    assert found
    for document in found:
        validator.validate(document)
    assert any(document["minimal"] for document in found)
    if run == "drawn":
        assert all(document["images"] for document in found)
        assert any(document["missing"] for document in found)


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"unheard_of": 1},
        {"minimal": [{"variant": "min0"}]},
        {"caption": None},
        {"images": {"min0": {"file": "min0.jpg"}}},
    ],
)
def test_another_document_does_not_fit(folder: Path, change: dict[str, Any]) -> None:
    document = next(documents(folder / "outputs" / "sample-cc3m"))
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(document | change)


def test_python_is_printed() -> None:
    assert len(PYTHON) >= 3


@pytest.mark.parametrize("code", PYTHON)
def test_printed_python_runs(folder: Path, code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
