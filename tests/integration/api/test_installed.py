"""The installed wheel, from a folder that holds another package `pipeline`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.integration.api.conftest import Run

pytestmark = pytest.mark.integration

PAGE = Path(__file__).resolve().parents[3] / "docs" / "python.md"

SCRIPT = """\
from pathlib import Path

if __name__ == "__main__":
    # Here and not above: a worker process, too, must find our packages by itself.
    from counterfactory import RunConfig, load_config, plan, read_samples, run, verify

    config: RunConfig = load_config(
        {"source": {"limit": 30, "shard_size": 10}, "workers": 2, "output": "made"}, environ={}
    )
    estimate = plan(config)
    assert estimate.rows == 30 and estimate.usd == 0.0
    result = run(config, environ={})
    root: Path = result.root
    assert result.counts is not None
    samples: int = result.counts.samples
    faults = [f"{fault.path}: {fault.what}" for fault in verify(root)]
    assert not faults, faults
    read = list(read_samples(root))
    assert len(read) == samples > 0
    for sample in read:
        for edit in sample.document.minimal:
            picture: bytes | None = sample.image(edit.variant)
            print(edit.kind.value, edit.old, edit.new, edit.caption, picture)
    assert run(config, environ={}).resumed_shards == 3
"""

EXPLAINED = """\
from counterfactory import Explanation, explain, load_config

found: Explanation = explain("two dogs run", load_config({"edits.kinds": ["count"]}, environ={}))
for edit in found.kept:
    print(edit.kind.value, edit.old, edit.new, edit.caption, edit.reason)
"""

WRONG = """\
from counterfactory import read_samples, rum

read_samples("a").caption
"""


def test_a_script_with_worker_processes_runs(python: Run, folder: Path) -> None:
    (folder / "script.py").write_text(SCRIPT)
    ran = python("script.py")
    assert ran.stdout.count("\n") > 5, ran.stdout


def test_a_caption_is_explained(python: Run, folder: Path) -> None:
    (folder / "script.py").write_text(EXPLAINED)
    (line,) = python("script.py").stdout.splitlines()
    assert line.startswith("count two dogs ")


def documented() -> str:
    """The script of the documentation."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(code)


def test_the_documented_script_runs(python: Run, folder: Path) -> None:
    (folder / "script.py").write_text(documented())
    ran = python("script.py")
    assert " minimal edits are expected, for 0.0 USD" in ran.stdout
    assert "   count " in ran.stdout
    assert (folder / "twenty" / "manifest.json").exists()


def test_its_types_hold_and_mistakes_are_found(python: Run, folder: Path) -> None:
    (folder / "script.py").write_text(SCRIPT)
    (folder / "documented.py").write_text(documented())
    (folder / "explained.py").write_text(EXPLAINED)
    (folder / "wrong.py").write_text(WRONG)
    with pytest.raises(AssertionError) as caught:
        python(
            "-m",
            "mypy",
            "--strict",
            "--no-incremental",
            "script.py",
            "documented.py",
            "explained.py",
            "wrong.py",
        )
    said = str(caught.value)
    assert "script.py:" not in said, said
    assert "documented.py:" not in said, said
    assert "explained.py:" not in said, said
    assert 'wrong.py:1: error: Module "counterfactory" has no attribute "rum"' in said, said
    assert "wrong.py:3: error: " in said, said
    assert 'has no attribute "caption"' in said, said


def test_the_command_runs_as_a_module_with_workers(python: Run, folder: Path) -> None:
    settings = ("--limit", "4", "--set", "source.shard_size=2", "--set", "workers=2")
    python("-m", "counterfactory", "run", *settings, "--output", "made", "--no-report")
    assert "complete and sound" in python("-m", "counterfactory", "verify", "made").stdout


def test_the_command_runs_by_its_name(python: Run, installed: Path) -> None:
    ran = python(str(installed.with_name("counterfactory")), "--version")
    assert ran.stdout.startswith("counterfactory ")


def test_a_launcher_starts_it_as_a_module(python: Run, folder: Path) -> None:
    launch = ("-m", "accelerate.commands.launch", "--num_processes", "1", "--num_machines", "1",
              "--cpu", "--mixed_precision", "no", "--dynamo_backend", "no")  # fmt: skip
    command = ("--module", "counterfactory", "run", "--limit", "4", "--no-report")
    python(*launch, *command, "--output", "made")
    assert (folder / "made" / "manifest.json").exists()


@pytest.mark.parametrize("flow", ["generate_cf", "finetune_sdxl"])
def test_a_flow_takes_our_packages_and_leaves_the_plugin_alone(
    python: Run, installed: Path, flow: str
) -> None:
    code = f"import flows.{flow}, pipeline; print(pipeline.__file__)"
    assert python("-c", code).stdout.strip().startswith(str(installed.parents[1]))
    # Prefect loads the plugin in every process, whose `pipeline` it must leave to its owner.
    code = "import flows.bare_names, sys; print('pipeline' in sys.modules)"
    assert python("-c", code).stdout.strip() == "False"


def test_the_import_is_quick(python: Run) -> None:
    """Printed, with no limit: the machine may be busy."""
    code = (
        "import time; began = time.perf_counter()\n"
        "from counterfactory import RunConfig, read_samples, run\n"
        "print(f'{time.perf_counter() - began:.3f}')"
    )
    seconds = min(float(python("-c", code).stdout) for _ in range(3))
    print(f"import of RunConfig, read_samples and run: {seconds:.3f} s", file=sys.stderr)
    assert seconds > 0
