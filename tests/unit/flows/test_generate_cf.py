"""The flow's parts that need no server: retries, parameters, what Prefect's pages show."""

from __future__ import annotations

import inspect
import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import cloudpickle
import pytest
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.logging import disable_run_logger
from prefect.states import Completed, Failed
from prefect.utilities.callables import parameter_schema

from flows import generate_cf as module
from flows.context import FlowContext, shared
from flows.generate_cf import PrefectExecutor, RayDriver, generate_cf, may_pass, where
from flows.progress import RunProgress
from pipeline.config.base import flatten
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, PermanentError, TransientError
from pipeline.runs.job import Job
from pipeline.runs.retry import retry_wait_s
from pipeline.shards.layout import RunLayout

TASKS = [module.write_captions, module.write_images]


def test_ray_is_driven_by_one_task_and_else_prefect_has_one_for_each_stage(
    progress: RunProgress,
) -> None:
    chosen = {}
    for executor in ("local", "ray"):
        config = RunConfig.model_validate({"run": {"executor": executor}})
        job = cast(Job, SimpleNamespace(config=config))
        chosen[executor] = type(where(job, cast(Any, None), progress))
    assert chosen == {"local": PrefectExecutor, "ray": RayDriver}


def job_of(*rows: int) -> Job:
    """As much of a job as progress looks at: shards of so many rows."""
    spans = tuple(SimpleNamespace(rows=n) for n in rows)
    return cast(Job, SimpleNamespace(spans=spans, layout=RunLayout(Path("outputs/x"))))


@pytest.fixture
def progress() -> Iterator[RunProgress]:
    """Tasks that run in this thread find this progress."""
    progress = RunProgress(logging.getLogger("test"))
    context = FlowContext(job_of(1), cast(Any, None), progress, write_captions=cast(Any, None))
    with shared(context), disable_run_logger():
        yield progress


class TestRetries:
    @pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
    def test_tasks_retry_under_the_condition_and_cache_nothing(self, task: Any) -> None:
        assert (task.retries, task.retry_condition_fn) == (module.RETRIES, may_pass)
        # Prefect calls a condition only if it is a plain function, else it is ignored.
        assert inspect.isfunction(may_pass)
        assert task.cache_policy == NO_CACHE
        assert task.persist_result is False
        assert not task.retry_delay_seconds

    @pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
    def test_tasks_are_short_and_take_shard_numbers_only(self, task: Any) -> None:
        signature = inspect.signature(task.fn)
        assert list(signature.parameters) == ["shard_id"]
        assert signature.return_annotation is None
        body = inspect.getsource(task.fn).split("def ", 1)[1]
        assert len(body.splitlines()) <= 10

    def test_names_of_task_runs_sort_like_shards(self) -> None:
        names = [task.task_run_name.format(shard_id=12) for task in TASKS]
        assert names == ["captions-000012", "images-000012"]

    @pytest.mark.parametrize(
        "error",
        [
            ConfigError("wrong column"),
            PermanentError("disk full"),
            ValueError("bug"),
            TimeoutError("not one of ours"),
        ],
    )
    @pytest.mark.usefixtures("progress")
    def test_only_transient_errors_are_tried_again(self, error: Exception) -> None:
        run = TaskRun(task_key="t", dynamic_key="0", run_count=1)
        assert may_pass(module.write_captions, run, Failed(data=error)) is False

    @pytest.mark.usefixtures("progress")
    def test_a_transient_error_is_tried_again_after_what_was_asked(self) -> None:
        run = TaskRun(task_key="t", dynamic_key="0", run_count=1)
        failed = Failed(data=TransientError("full queue", retry_after_s=0.0))
        assert may_pass(module.write_captions, run, failed) is True

    @pytest.mark.usefixtures("progress")
    def test_success_is_not_tried_again(self) -> None:
        run = TaskRun(task_key="t", dynamic_key="0", run_count=1)
        assert may_pass(module.write_captions, run, Completed(data=None)) is False

    def test_a_stop_ends_the_wait(self, progress: RunProgress) -> None:
        run = TaskRun(task_key="t", dynamic_key="0", run_count=1)
        failed = Failed(data=TransientError("full queue", retry_after_s=500.0))
        threading.Timer(0.05, progress.stop).start()
        assert may_pass(module.write_captions, run, failed) is False

    @pytest.mark.parametrize(
        ("asked", "tries", "expected"),
        [
            (None, 1, 10.0),
            (None, 2, 20.0),
            (None, 3, 40.0),
            (None, 20, 600.0),
            (7.5, 3, 7.5),
            (0.0, 1, 0.0),
            (-3.0, 1, 0.0),
            (1e9, 1, 600.0),
        ],
    )
    def test_the_wait(self, asked: float | None, tries: int, expected: float) -> None:
        assert retry_wait_s(TransientError("x", retry_after_s=asked), tries=tries) == expected


def test_a_served_flow_can_be_handed_to_its_process() -> None:
    # `serve` pickles the flow with all that its module refers to.
    cloudpickle.register_pickle_by_value(module)
    try:
        pickled = cloudpickle.dumps(generate_cf)
    finally:
        cloudpickle.unregister_pickle_by_value(module)
    program = (
        "import sys, cloudpickle; flow = cloudpickle.loads(sys.stdin.buffer.read());"
        "checked = flow.validate_parameters({'config': {'source': {'limit': 3}}});"
        "print(checked['config'].source.limit)"
    )
    # In a process of its own: here, the original's names would be found.
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickled,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert done.stdout.split() == [b"3"], done.stderr.decode()


class TestParameters:
    def test_the_form_is_the_config_with_its_descriptions(self) -> None:
        schema = json.loads(parameter_schema(generate_cf).model_dump_json())
        assert list(schema["properties"]) == ["config", "resumes_left"]
        config = schema["definitions"]["RunConfig"]
        assert config["additionalProperties"] is False
        assert config["properties"]["seed"]["description"]
        assert schema["properties"]["config"]["default"]["source"]["input"] == "sample:cc3m"
        assert schema["properties"]["config"]["default"]["images"]["renderer"] == "none"

    def test_no_parameter_can_hold_a_secret(self) -> None:
        names = [key.rsplit(".")[-1] for key in flatten(RunConfig().model_dump(mode="json"))]
        assert len(names) > 30
        secret = re.compile(r"(key|token|secret|password|auth)$")
        assert [name for name in names if secret.search(name)] == []

    def test_unknown_keys_are_refused_at_every_level(self) -> None:
        for wrong in ({"sede": 1}, {"llm": {"api_key": "x"}}):
            with pytest.raises(Exception, match="Extra inputs are not permitted"):
                generate_cf.validate_parameters({"config": wrong})

    def test_a_plain_mapping_becomes_a_config(self) -> None:
        config = generate_cf.validate_parameters({"config": {"source": {"limit": 3}}})["config"]
        assert config == RunConfig.model_validate({"source": {"limit": 3}})
