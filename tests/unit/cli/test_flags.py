"""Shared flags: each command has them all, and each flag is the setting that it names."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.flags import (
    RunFlags,
    Setting,
    SourceFlags,
    read_assignments,
    resolve_config,
)
from pipeline.config.base import flatten
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError

SAMPLES: dict[str, tuple[Any, Any]] = {
    "source": ("webdataset", "webdataset"),
    "input": ("x.tar", "x.tar"),
    "output": (Path("a/b"), "a/b"),
    "limit": (7, 7),
    "exclude": ([Path("a/one"), Path("two")], ["a/one", "two"]),
    "images": ("sdxl", "sdxl"),
    "candidates": (3, 3),
    "preset": ("quality", "quality"),
    "llm": ("local", "local"),
    "seed": (5, 5),
    "executor": ("ray", "ray"),
}
"""Flag → what the command line gives, and the setting that it becomes."""


def settings(flags: type) -> dict[str, str]:
    """Flag → its setting."""
    hints = get_type_hints(flags, include_extras=True)
    return {
        name: one.key for name in hints for one in get_args(hints[name]) if isinstance(one, Setting)
    }


@pytest.mark.parametrize("flags", [RunFlags, SourceFlags])
def test_every_flag_but_two_names_a_setting_that_exists(flags: type) -> None:
    named = settings(flags)
    assert {field.name for field in fields(flags)} - set(named) == {"config", "sets"}
    assert set(named.values()) <= set(flatten(RunConfig().model_dump(mode="json")))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_flag_becomes_its_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFACTORY_SEED", "1")
    given, wanted = SAMPLES[name]
    config = resolve_config(RunFlags(**{name: given}))
    assert flatten(config.model_dump(mode="json"))[settings(RunFlags)[name]] == wanted
    assert set(SAMPLES) == set(settings(RunFlags))


def test_a_flag_wins_over_an_assignment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text("seed = 1\n[images]\nsteps = 1\n[source]\nlimit = 1\n")
    config = resolve_config(
        RunFlags(seed=3, sets=["seed=2", "images.steps = 2", 'edits.kinds=["count"]'], config=file)
    )
    assert (config.seed, config.images.steps, config.source.limit) == (3, 2, 1)
    assert [str(kind) for kind in config.edits.kinds] == ["count"]


def test_what_is_no_assignment_is_shown_one() -> None:
    with pytest.raises(ConfigError, match=r"--set seed: expected KEY=VALUE, such as lora\.rank=32"):
        read_assignments(["seed"], example="lora.rank=32")


def test_a_setting_of_another_section_is_refused() -> None:
    sections = ("images", "scores")
    given = read_assignments(["images.steps=8"], example="x", sections=sections)
    assert given == {"images.steps": "8"}
    with pytest.raises(ConfigError, match="only images, scores can be set here"):
        read_assignments(["seed=1"], example="x", sections=sections)


@pytest.mark.parametrize(
    ("command", "flags"), [("run", RunFlags), ("plan", RunFlags), ("mine-causal", SourceFlags)]
)
def test_commands_show_their_flags_in_order(command: str, flags: type) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
    names = ["set" if field.name == "sets" else field.name for field in fields(flags)]
    places = [shown.index(f"--{name} ") for name in names]
    assert places == sorted(places)
