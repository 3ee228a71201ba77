"""Who answers at the address that Prefect's commands use is named before anything goes there."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from tests.integration.flows.prefect_stack import Stack, free_port

pytestmark = pytest.mark.integration

ASK = ("python", "-m", "flows.which_server")


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a web server that is no Prefect."""
    handler = http.server.SimpleHTTPRequestHandler
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_our_own_server_is_named_with_its_version(stack: Stack) -> None:
    told = stack.run(*ASK)
    assert f"http://127.0.0.1:{stack.port}/api: Prefect 3." in told
    assert "with the flows of this project" in told


def test_a_server_with_flows_of_others_is_questioned(stack: Stack) -> None:
    flow = stack.api("POST", "/flows/", {"name": "somebody-elses-etl"})
    assert isinstance(flow, dict)
    try:
        told = stack.run(*ASK, fails=True)
    finally:
        stack.api("DELETE", f"/flows/{flow['id']}")
    assert "with flows of another project: somebody-elses-etl. Is it yours?" in told


def test_a_taken_port_is_noticed(stack: Stack, stranger: int) -> None:
    """The server ends, and what has the port is not taken for it."""
    port = str(stranger)
    refused = stack.run("prefect", "server", "start", "--port", port, fails=True)
    assert f"Port {port} is already in use" in refused
    told = stack.run(*ASK, fails=True, PREFECT_API_URL=f"http://127.0.0.1:{port}/api")
    assert "what answers is no Prefect server" in told


def test_an_address_without_a_server_and_none_at_all_are_told(stack: Stack) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/api"
    assert f"{nobody}: no server answers" in stack.run(*ASK, fails=True, PREFECT_API_URL=nobody)
    told = stack.run(*ASK, fails=True, PREFECT_API_URL="")
    assert "PREFECT_API_URL is not set" in told
    assert "Traceback" not in told
