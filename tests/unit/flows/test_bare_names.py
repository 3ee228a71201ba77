"""The plugin that lets a bare flow name find its default deployment."""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import PrefectClient
from prefect.plugins import HookContext

from flows import bare_names

RUN = ["prefect", "deployment", "run", "generate-cf"]


class Server:
    """Answers like Prefect's client: refuses bare names, knows some full ones."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.asked: list[str] = []

    async def read_deployment_by_name(self, name: str) -> str:
        self.asked.append(name)
        if "/" not in name:
            raise ValueError(f"Invalid deployment name format: {name}")
        if name not in self.known:
            raise LookupError(name)
        return f"deployment {name}"


def look_up(server: Server, name: str) -> Any:
    lookup: Any = Server.read_deployment_by_name
    return asyncio.run(bare_names.or_default(lookup)(server, name))


def test_a_bare_name_finds_the_default_deployment() -> None:
    server = Server("generate-cf/default")
    assert look_up(server, "generate-cf") == "deployment generate-cf/default"
    assert server.asked == ["generate-cf/default"]


@pytest.mark.parametrize("name", ["generate-cf/nightly", "a/b/c", "/"])
def test_names_with_a_slash_go_through_untouched(name: str) -> None:
    server = Server("generate-cf/nightly", "a/b/c", "/")
    assert look_up(server, name) == f"deployment {name}"
    assert server.asked == [name]


def test_an_empty_name_goes_through_untouched() -> None:
    server = Server("/default")
    with pytest.raises(ValueError, match="Invalid deployment name format"):
        look_up(server, "")
    assert server.asked == [""]


def test_without_a_default_deployment_the_error_is_prefects_own() -> None:
    server = Server("generate-cf/nightly")
    with pytest.raises(ValueError, match="Invalid deployment name format: generate-cf$") as caught:
        look_up(server, "generate-cf")
    assert isinstance(caught.value.__context__, LookupError)


def test_a_server_that_is_away_is_reported_as_that() -> None:
    class Away(Server):
        async def read_deployment_by_name(self, name: str) -> str:
            raise httpx.ConnectError(f"refused, asked for {name}")

    lookup: Any = Away.read_deployment_by_name
    with pytest.raises(httpx.ConnectError, match="asked for generate-cf/default"):
        asyncio.run(bare_names.or_default(lookup)(Away(), "generate-cf"))


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (RUN, True),
        (["prefect", "--no-prompt", "deployment", "run", "x"], True),
        (["-m", "deployments", "run", "x"], True),
        (["prefect", "deployment", "delete", "generate-cf"], False),
        (["prefect", "worker", "start", "--pool", "local"], False),
        (["deployment", "run"], False),
        (["prefect"], False),
        ([], False),
    ],
)
def test_only_deployment_run_is_touched(argv: list[str], expected: bool) -> None:
    assert bare_names.runs_deployment(argv) is expected


def context(version: str = "3.8.8") -> HookContext:
    return HookContext(version, None, logging.getLogger)


@pytest.fixture
def original(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Prefect's own method, restored after the test; the command line asks for a run."""
    method = PrefectClient.read_deployment_by_name
    # Set through monkeypatch so that it is undone whatever the plugin assigns.
    monkeypatch.setattr(PrefectClient, "read_deployment_by_name", method)
    monkeypatch.setattr(sys, "argv", RUN)
    return method


def test_it_fits_the_installed_prefect(original: Any) -> None:
    assert bare_names.fits(original)
    bare_names.setup_environment(ctx=context())
    taught = PrefectClient.read_deployment_by_name
    assert inspect.unwrap(taught) is original
    assert taught is not original


def test_another_major_version_is_left_alone(original: Any) -> None:
    bare_names.setup_environment(ctx=context("4.0.0"))
    assert PrefectClient.read_deployment_by_name is original


def test_other_commands_are_left_alone(original: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["prefect", "worker", "start"])
    bare_names.setup_environment(ctx=context())
    assert PrefectClient.read_deployment_by_name is original


@pytest.mark.usefixtures("original")
def test_a_method_that_looks_different_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def changed(self: object, name: str, version: str) -> None: ...

    monkeypatch.setattr(PrefectClient, "read_deployment_by_name", changed)
    bare_names.setup_environment(ctx=context())
    assert PrefectClient.read_deployment_by_name is changed


@pytest.mark.parametrize(
    ("plugins", "switch", "expected"),
    [(1, None, {"PREFECT_PLUGINS_ENABLED": "false"}), (2, None, None), (1, "true", None)],
)
def test_children_are_spared_unless_someone_needs_plugins(
    monkeypatch: pytest.MonkeyPatch, plugins: int, switch: str | None, expected: object
) -> None:
    monkeypatch.setattr(bare_names, "entry_points", lambda group: [group] * plugins)
    monkeypatch.setattr(sys, "argv", ["prefect", "worker", "start"])
    monkeypatch.delenv("PREFECT_PLUGINS_ENABLED", raising=False)
    if switch is not None:
        monkeypatch.setenv("PREFECT_PLUGINS_ENABLED", switch)
    result = bare_names.setup_environment(ctx=context())
    assert (result.env if result else None) == expected


@pytest.mark.usefixtures("original")
def test_a_missing_method_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner in PrefectClient.__mro__:
        if "read_deployment_by_name" in vars(owner):
            monkeypatch.delattr(owner, "read_deployment_by_name")
    bare_names.setup_environment(ctx=context())
    assert not hasattr(PrefectClient, "read_deployment_by_name")
