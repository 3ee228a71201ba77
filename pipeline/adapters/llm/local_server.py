"""The child process that serves a GGUF model with llama.cpp's own server, on loopback.

Run as a file, so that it needs no import path. It reads one JSON line of
settings from standard input, serves, writes one line with its addresses to standard output,
and ends when standard input closes, which the system does when the parent dies, however
it dies.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the model is served.

    Attributes:
        gguf: Path of the model file.
        engines: Copies of the model that answer side by side, one request and one thread
            each; the weights are shared in memory.
        context_tokens: Longest prompt with its answer.
        threads: Threads of each.
        gpu_layers: Layers of the model on the GPU.
        key: Only requests with this key are answered.
    """

    gguf: str
    engines: int
    context_tokens: int
    key: str
    threads: int = 1
    gpu_layers: int = 0

    def line(self) -> str:
        """The settings as the child reads them."""
        return json.dumps(asdict(self)) + "\n"


def serve(settings: ServerSettings) -> None:
    """Serve until standard input closes."""
    # The library logs to standard output, which is ours to answer on.
    answer = os.dup(1)
    os.dup2(2, 1)
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings.gguf
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings.key]
    # One request at a time: answered side by side in one batch, requests change each
    # other's last digits, and now and then an answer. Engines side by side do not.
    params.n_parallel = 1
    params.n_ctx = settings.context_tokens
    params.n_gpu_layers = settings.gpu_layers
    params.cpuparams.n_threads = settings.threads
    params.cpuparams_batch.n_threads = settings.threads
    # The instructions, equal in all requests, are read once. This changed none of 240
    # answers in two orders, and halves the work; idle prompts are not kept beyond that.
    params.cache_prompt = True
    params.cache_ram_mib = 0
    params.ui = False
    params.verbosity = 1
    servers = [xllamacpp.Server(params) for _ in range(settings.engines)]
    addresses = [server.listening_address for server in servers]
    os.write(answer, json.dumps({"addresses": addresses}).encode() + b"\n")
    sys.stdin.read()
    # No clean-up can matter to a server without state, and a stuck one must end too.
    os._exit(0)


if __name__ == "__main__":
    serve(ServerSettings(**json.loads(sys.stdin.readline())))
