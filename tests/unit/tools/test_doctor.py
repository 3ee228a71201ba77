"""Each thing that is looked at has a state, and where something is missing a remedy."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import pytest

from pipeline.tools import doctor
from pipeline.tools.doctor import KEYS, Finding, State, examine


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CONNECT_TIMEOUT_S", 0.2)
    monkeypatch.setattr(doctor, "HUB_HOST", "localhost.invalid")


def found(environ: dict[str, str], folder: Path) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(environ, folder=folder)}


def test_a_key_is_said_to_be_set_and_never_shown(tmp_path: Path) -> None:
    environ = {"OPENAI_API_KEY": "sk-very-secret", "HF_TOKEN": ""}
    findings = examine(environ, folder=tmp_path)
    keys = {f.what: (f.state, f.detail) for f in findings if f.what in KEYS}
    assert keys["OPENAI_API_KEY"] == (State.OK, "set")
    assert keys["HF_TOKEN"] == keys["PREFECT_API_KEY"] == (State.NOTE, "not set")
    assert "very-secret" not in repr(findings)


def test_a_missing_parser_is_a_fault_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found({}, tmp_path)["spaCy pipeline"].state is State.OK
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if "core" in name else there(name, *a)
    )
    missing = found({}, tmp_path)["spaCy pipeline"]
    assert (missing.state, "pip install" in missing.detail) == (State.FAULT, True)


def test_what_cannot_be_reached_is_a_note(tmp_path: Path) -> None:
    hub = found({}, tmp_path)["model hub"]
    assert hub.state is State.NOTE
    assert "localhost.invalid cannot be reached" in hub.detail
    assert "point images.model to a folder instead" in hub.detail


def test_a_prefect_server_is_called_at_its_own_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/api"
        up = found({"PREFECT_API_URL": address}, tmp_path)["prefect server"]
    assert (up.state, up.detail) == (State.OK, "127.0.0.1 answers")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "is not set; needed for deployments only"),
        ("127.0.0.1:4200", "needs http:// or https://"),
        ("http://127.0.0.1:nine/api", "is no address"),
        ("http://127.0.0.1:1/api", "run `prefect server start`"),
    ],
)
def test_a_prefect_address_that_leads_nowhere_is_explained(
    address: str, said: str, tmp_path: Path
) -> None:
    finding = found({"PREFECT_API_URL": address}, tmp_path)["prefect server"]
    assert finding.state is State.NOTE
    assert said in finding.detail


def test_the_disk_is_that_of_the_nearest_folder_that_is_there(tmp_path: Path) -> None:
    disk = found({}, tmp_path / "a" / "b")["disk"]
    assert disk.detail.endswith(f"GiB free at {tmp_path}")
    assert not list(tmp_path.iterdir()), "nothing is written"
