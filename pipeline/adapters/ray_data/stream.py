"""Shard numbers in, through a pool of actors for each step, until all is done."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.llm.budget import Spend
from pipeline.adapters.ray_data.coordinator import KEEP, Coordinator, News
from pipeline.adapters.ray_data.worker import HEARTBEAT_S, Worker, pickled
from pipeline.adapters.threads import count_processors
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.progress import Observer

_STORE_BYTES = 128 * 2**20
_REACH_S = 20.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pool:
    """The actors that do one step of the work on shards.

    Attributes:
        name: Of the step.
        open: Called once in every actor; gives what does the step of a shard. Must pickle.
        actors: How many.
        num_cpus: Processors that Ray sets aside for each.
        num_gpus: GPUs that Ray sets aside for each, of which it sees no other.
        ahead: Shards that may be begun here and not yet in the next pool; None for any number.
    """

    name: str
    open: Callable[[Worker], Callable[[int], object]]
    actors: int
    num_cpus: float
    num_gpus: float
    ahead: int | None = None


class _Actor:
    """One actor of a pool, as Ray Data wants it: batches in, the same batches out."""

    def __init__(self, pool: Pool, coordinator: Any, folder: str, threads: str | None) -> None:
        if Path(folder).is_dir():
            os.chdir(folder)  # relative paths mean what they mean to the driver
        if threads is not None:
            # Ray sets as many as the processors that it sets aside, and another number of
            # threads may change pictures on the CPU by float error.
            os.environ["OMP_NUM_THREADS"] = threads
        self._worker = Worker(coordinator, pool.name)
        try:
            self._work = pool.open(self._worker)
        except Exception as error:  # the driver raises it; Ray would open another actor
            self._worker.ask("fail", pickled(error))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        for shard_id in batch["shard_id"]:
            self._worker.do(int(shard_id), self._work)
        return batch


@contextmanager
def connected(address: str | None, *, processors: int) -> Iterator[Any]:
    """Be connected to a Ray cluster; gives the module `ray`.

    A connection that the program has made is used and kept.

    Args:
        address: Of the cluster, as `ray.init` takes it; None for one on this machine that
            ends with the block.
        processors: Actors that such a one must have room for.

    Raises:
        ConfigError: Ray is not installed, or there is no cluster at the address.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ConfigError(
            f"run.executor is ray, but {error.name} is not installed: "
            "pip install 'counterfactory[ray]'"
        ) from error
    for name in ("ray.data._internal.progress", "ray._private.authentication"):
        logging.getLogger(name).setLevel(logging.ERROR)  # advice that nobody here asked for
    if ray.is_initialized():
        yield ray
        return
    handler = signal.getsignal(signal.SIGTERM)
    try:
        _reach(address)
        ray.init(
            address=address or "local",
            log_to_driver=False,
            logging_level=logging.WARNING,
            **({} if address else _small_cluster(processors)),
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"run.ray_address {address}: there is no Ray cluster to connect to ({error})"
        ) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)  # Ray's own would end the program at once
    try:
        yield ray
    finally:
        ray.shutdown()


def _reach(address: str | None) -> None:
    """Raise OSError where nobody listens: Ray itself tries for ten minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACH_S).close()


def _small_cluster(processors: int) -> dict[str, Any]:
    """A cluster on this machine. Little is kept in memory: numbers alone move."""
    return {
        "num_cpus": max(processors, count_processors()),
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
    }


def warn_if_small(ray: Any, pools: Sequence[Pool]) -> None:
    """Say that the cluster has no room for all actors; some then wait for machines to join."""
    has = ray.cluster_resources()
    for name, asked in (
        ("CPU", sum(pool.actors * pool.num_cpus for pool in pools)),
        ("GPU", sum(pool.actors * pool.num_gpus for pool in pools)),
    ):
        if asked > has.get(name, 0):
            _log.warning(
                "the run asks for %g %ss and the cluster has %g at present: actors wait until "
                "machines join; or choose smaller workers and run.image_actors",
                *(asked, name, has.get(name, 0)),
            )


def count_gpus(ray: Any) -> int:
    """GPUs of the whole cluster."""
    return int(ray.cluster_resources().get("GPU", 0))


def stream(
    ray: Any,
    shard_ids: Sequence[int],
    pools: Sequence[Pool],
    observer: Observer,
    ledger: Spend | None = None,
) -> None:
    """Send shards through the pools, one after the other; what is spent is booked in the ledger.

    When a step fails, nothing new is begun, what is under way is finished, and the first error
    is raised. When the calling thread is interrupted or the observer wants to stop, what is
    under way is asked to stop and waited for.

    Raises:
        Exception: What a step raised.
    """
    here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
        ray.get_runtime_context().get_node_id(), soft=False
    )
    coordinator = (
        ray.remote(Coordinator)
        .options(num_cpus=0, scheduling_strategy=here)
        .remote([(pool.name, pool.ahead) for pool in pools], ledger.earlier if ledger else None)
    )
    warn_if_small(ray, pools)
    dataset = _dataset(ray, shard_ids, pools, coordinator)
    failure: list[Exception] = []

    def consume() -> None:
        try:
            for _ in dataset.iter_batches(batch_size=None):
                pass
        except Exception as error:
            failure.append(error)

    consumer = threading.Thread(target=consume, name="ray-data", daemon=True)
    consumer.start()
    error = b""
    try:
        while consumer.is_alive():
            consumer.join(HEARTBEAT_S)
            error = _pass_on(ray, coordinator, observer, ledger) or error
            if observer.stopping:
                ray.get(coordinator.stop.remote())
    except BaseException:
        ray.get(coordinator.stop.remote())
        consumer.join()
        _pass_on(ray, coordinator, observer, ledger)  # what was spent until then
        raise
    error = _pass_on(ray, coordinator, observer, ledger) or error
    if ledger is not None:
        for key, usage in ray.get(coordinator.usage.remote()).items():
            ledger.book_kept(key, usage)
    if error:
        raise pickle.loads(error)  # noqa: S301  (made by our own actors)
    if failure:
        raise PermanentError(f"Ray could not do the work: {failure[0]}") from failure[0]


def _pass_on(ray: Any, coordinator: Any, observer: Observer, ledger: Spend | None) -> bytes | None:
    """Tell the observer and the ledger the news; returns the first error."""
    taken: tuple[list[News], bytes | None] = ray.get(coordinator.take.remote())
    news, error = taken
    for name, arguments in news:
        if name != KEEP:
            getattr(observer, name)(*arguments)
        elif ledger is not None:
            ledger.keep(*arguments)
    return error


def _dataset(ray: Any, shard_ids: Sequence[int], pools: Sequence[Pool], coordinator: Any) -> Any:
    """A block for every shard: what Ray hands out, and does again where an actor dies."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    dataset = ray.data.from_items(
        [{"shard_id": shard_id} for shard_id in shard_ids], override_num_blocks=len(shard_ids)
    )
    threads = os.environ.get("OMP_NUM_THREADS")
    for pool in pools:
        dataset = dataset.map_batches(
            _Actor,
            fn_constructor_args=(pool, coordinator, str(Path.cwd()), threads),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=pool.actors, max_tasks_in_flight_per_actor=1),
            num_cpus=pool.num_cpus,
            num_gpus=pool.num_gpus,
        )
    return dataset
