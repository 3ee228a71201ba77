"""counterfactory as a user has it: the wheel, installed in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "counterfactory.py", "pipeline", "flows",
           "prompts")  # fmt: skip

Run = Callable[..., subprocess.CompletedProcess[str]]


PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources."""
    # From a copy: setuptools leaves folders beside what it builds.
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name)
        else:
            shutil.copy(ROOT / name, source / name)
    wheels = tmp_path_factory.mktemp("wheels")
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(source)]
    subprocess.run([*PIP, *build], check=True, timeout=300)
    (found,) = wheels.glob("*.whl")
    return found


def install_alone(wheel: Path, environment: Path) -> tuple[Path, Path]:
    """A new environment with the wheel and nothing else: its interpreter and its packages."""
    venv.create(environment)
    python = environment / "bin" / "python"
    subprocess.run(
        [*PIP, "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)],
        check=True,
        timeout=300,
    )
    (site,) = environment.glob("lib/python*/site-packages")
    return python, site


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel; its libraries are those of the tests."""
    python, site = install_alone(wheel, tmp_path_factory.mktemp("environment"))
    # A .pth file of a folder that comes by a .pth file is not read, so that no editable
    # installation of counterfactory comes along.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a user works, with a package `pipeline` of their own."""
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "__init__.py").write_text("raise RuntimeError('not this one')\n")
    return tmp_path


@pytest.fixture
def python(installed: Path, folder: Path) -> Run:
    """Runs the installed Python there."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERFACTORY_", "PYTHON"))}

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(installed), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**own, "COLUMNS": "200"},
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
        return done

    return ran
