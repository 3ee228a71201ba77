"""A real Prefect server and a real process worker, in folders of their own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[3]
LONGEST_WAIT_S = 240.0
"""Only a hang is cut off by it; nothing is asserted about time."""

SECRET = "sk-must-not-be-found-anywhere"  # noqa: S105 - that is what the test looks for
"""Stands in the worker's environment; no file and no answer of the server may hold it."""

FINAL = frozenset({"Completed", "Failed", "Cancelled", "Crashed"})

CODE = ("flows", "pipeline", "prompts", "prefect.yaml", "pyproject.toml")
"""What a deployment needs of the project; outputs of tests never land in the clone."""


def wait_for(what: str, is_so: Callable[[], bool], longest_s: float = LONGEST_WAIT_S) -> None:
    """Poll until something is so."""
    deadline = time.monotonic() + longest_s
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {longest_s:.0f} s in vain for {what}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """The server, the worker and the commands that a person would type.

    Attributes:
        folder: Holds everything; removed by pytest.
        project: Copy of the code, from which is deployed.
        port: Of the server.
        started: Processes that stay until the end.
        server: The one of them that is the server at present.
    """

    folder: Path
    project: Path
    port: int
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    server: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
        return kept | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            # The copy is deployed, so the copy must also be what is imported.
            "PYTHONPATH": str(self.project),
            "PREFECT_HOME": str(self.folder / "home"),
            "PREFECT_PROFILES_PATH": str(self.folder / "profiles.toml"),
            "PREFECT_API_URL": f"http://127.0.0.1:{self.port}/api",
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_API_PORT": str(self.port),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "OPENAI_API_KEY": SECRET,
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a process that stays; it is ended with the stack, with all its children."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.project,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def run(self, *command: str, fails: bool = False, **environ: str) -> str:
        """Run a command in the project's folder to its end and return what it prints."""
        done = subprocess.run(
            command,
            cwd=self.project,
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_WAIT_S,
        )
        output = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, f"{command}: {done.returncode}\n{output}"
        return output

    def api(self, method: str, path: str, body: Mapping[str, object] | None = None) -> object:
        url = f"http://127.0.0.1:{self.port}/api{path}"
        deadline = time.monotonic() + LONGEST_WAIT_S
        while True:
            answer = httpx.request(method, url, json=body, timeout=LONGEST_WAIT_S)
            # On a busy machine SQLite can be locked for a while; Prefect's own client waits too.
            busy = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
            if not busy or time.monotonic() > deadline:
                break
            time.sleep(1)
        answer.raise_for_status()
        return json.loads(answer.content) if answer.content else None

    def start_server(self) -> subprocess.Popen[bytes]:
        """Start the server, the first one or the next on the same database, and wait for it."""
        server = self.start(f"server-{len(self.started)}", "prefect", "server", "start")
        wait_for("the server", self.healthy)
        return server

    def healthy(self) -> bool:
        try:
            return self.api("GET", "/health") is True
        except httpx.HTTPError:
            return False

    def state(self, run_id: str) -> tuple[str, str]:
        """Name and message of a flow run's state."""
        run = self.api("GET", f"/flow_runs/{run_id}")
        assert isinstance(run, dict)
        return run["state_name"], run["state"].get("message") or ""

    def submit(self, deployment: str, config: Mapping[str, object], **parameters: object) -> str:
        """Ask for a run of a deployment and return the run's id."""
        found = self.api("GET", f"/deployments/name/{deployment}")
        assert isinstance(found, dict)
        body = {
            "parameters": {"config": config, **parameters},
            "state": {"type": "SCHEDULED"},
        }
        run = self.api("POST", f"/deployments/{found['id']}/create_flow_run", body)
        assert isinstance(run, dict)
        return str(run["id"])

    def finished(self, run_id: str) -> tuple[str, str]:
        """Wait for the end of a run; name and message of its last state."""
        wait_for(f"the end of run {run_id}", lambda: self.state(run_id)[0] in FINAL)
        return self.state(run_id)

    def signal(self, run_id: str, number: signal.Signals) -> None:
        """Send a signal to the processes of a run."""
        for pid in _processes_with(f"PREFECT__FLOW_RUN_ID={run_id}"):
            os.kill(pid, number)

    def terminate(self, run_id: str) -> None:
        """Send SIGTERM to the process of a run, as a machine that shuts down does."""
        self.signal(run_id, signal.SIGTERM)

    def cancel(self, run_id: str) -> None:
        """Ask for what `prefect flow-run cancel` asks for, without its start-up time."""
        state = {"state": {"type": "CANCELLING"}, "force": False}
        self.api("POST", f"/flow_runs/{run_id}/set_state", state)

    def rows(self, kind: str, run_id: str) -> list[dict[str, object]]:
        """Task runs or artifacts of a flow run."""
        wanted = {"flow_runs": {"id": {"any_": [run_id]}}}
        found = self.api("POST", f"/{kind}/filter", wanted)
        assert isinstance(found, list)
        return found

    def close(self) -> None:
        """End everything that was started, first politely, then with all its children."""
        for process in reversed(self.started):
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(15)
        for pid in _processes_with(f"PREFECT_HOME={self.folder / 'home'}"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _processes_with(variable: str) -> Iterator[int]:
    """Processes that were started with an environment variable of this value."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if variable.encode() in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)


def open_stack(folder: Path) -> Stack:
    """Set everything up as the README tells a person to: server, pool, deploy, worker."""
    project = folder / "project"
    project.mkdir()
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, project / name)
    stack = Stack(folder, project, free_port())
    try:
        stack.server = stack.start_server()
        stack.run("prefect", "--no-prompt", "work-pool", "create", "local", "--type", "process")
        stack.run("prefect", "--no-prompt", "deploy", "--all")
        stack.start("worker", "prefect", "worker", "start", "--pool", "local")
        wait_for("the worker", lambda: "started!" in stack.log("worker"))
    except BaseException:
        stack.close()
        raise
    return stack
