"""Who only reads shards installs the wheel without its libraries, and four small ones."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.integration.api.conftest import install_alone
from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration

PAGE = Path(__file__).resolve().parents[3] / "docs" / "training.md"

LIBRARIES = ("numpy", "PIL", "fsspec", "webdataset", "braceexpand", "yaml")
"""What `pip install numpy pillow fsspec webdataset` brings."""

READS = """\
import sys
from counterfactory import CounterfactualDataset, collate_sets, make_loader
from counterfactory import compute_loss, encode_sets, __version__

dataset = CounterfactualDataset("run", shuffle_buffer=0, pictures="optional")
sets = list(dataset)
assert len(sets) == 6, len(sets)
assert sum(edit.image is not None for one in sets for edit in one.edits) > 10
assert sets[0].image.size == (96, 96)
assert make_loader(dataset, batch_size=2).batch_size == 2
missing = {"torch", "pydantic", "pyarrow", "spacy", "typer"} & set(sys.modules)
print("read", len(sets), sorted(missing))
"""


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and those libraries alone."""
    python, site = install_alone(wheel, tmp_path_factory.mktemp("bare"))
    libraries = Path(sysconfig.get_path("purelib"))
    for name in LIBRARIES:
        for part in (name, f"_{name}", f"{name}.libs", "pillow.libs"):
            if (libraries / part).exists() and not (site / part).exists():
                (site / part).symlink_to(libraries / part)
    return python


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run lies, written by the whole package."""
    found = tmp_path_factory.mktemp("data")
    write_scored_run(found / "run", Wanted(sets=6, shards=2, control_least=-1.0))
    return found


def ran(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=own, timeout=300
    )


def test_nothing_else_is_there(bare: Path, folder: Path) -> None:
    for name in ("torch", "pydantic", "pyarrow", "typer", "spacy"):
        assert "ModuleNotFoundError" in ran(folder, str(bare), "-c", f"import {name}").stderr


def test_the_loader_reads_a_run(bare: Path, folder: Path) -> None:
    found = ran(folder, str(bare), "-c", READS)
    assert found.stdout == "read 6 []\n", found.stderr


def test_the_documented_loops_read_it(bare: Path, folder: Path) -> None:
    codes = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    plain = next(code for code in codes if "import webdataset" in code)
    code = plain.replace("outputs/sample-cc3m", "run") + "\nprint(true_text, '|', false_text)\n"
    found = ran(folder, str(bare), "-c", code)
    assert " | " in found.stdout, found.stderr


@pytest.mark.parametrize("command", [["run"], ["--version"], ["report", "run"]])
def test_a_command_says_what_it_lacks(bare: Path, folder: Path, command: list[str]) -> None:
    found = ran(folder, str(bare.with_name("counterfactory")), *command)
    assert found.returncode == 2
    assert "was installed without its libraries" in found.stderr
    assert "Traceback" not in found.stderr
    as_module = ran(folder, str(bare), "-m", "counterfactory", *command)
    assert as_module.stderr == found.stderr


def test_a_function_that_makes_runs_says_what_it_lacks(bare: Path, folder: Path) -> None:
    found = ran(folder, str(bare), "-c", "from counterfactory import RunConfig")
    assert "RunConfig needs pydantic, which is not installed" in found.stderr
