"""The flags that several commands share, each with the setting that it stands for.

A command takes them as one argument::

    @with_flags
    def plan(flags: RunFlags, gpu_tflops: float = 160.0) -> None: ...

and Typer sees every field of :class:`RunFlags` as an option of its own.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import typer

from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.config.run import RunConfig


@dataclass(frozen=True, slots=True)
class Setting:
    """The setting that a flag stands for, as `section.key`."""

    key: str


SourceOption = Annotated[
    Literal["cc_tsv", "webdataset", "tabular", "lines", "folder", "coco", "hf"] | None,
    typer.Option("--source", help="Format of the input.", show_default="by its content"),
    Setting("source.kind"),
]
InputOption = Annotated[
    str | None,
    typer.Option("--input", help="File, folder, URL or brace pattern.", show_default="sample:cc3m"),
    Setting("source.input"),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", help="Run directory.", show_default="outputs/<name of the input>"),
    Setting("output"),
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Only the first rows."),
    Setting("source.limit"),
]
ExcludeOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--exclude", metavar="RUN", help="A finished run whose captions are left out; repeatable."
    ),
    Setting("source.exclude"),
]
ImagesOption = Annotated[
    Literal["none", "sdxl"] | None,
    typer.Option("--images", help="Draw pictures or not.", show_default="none"),
    Setting("images.renderer"),
]
CandidatesOption = Annotated[
    int | None,
    typer.Option(
        "--candidates", min=1, help="Pictures drawn of each counterfactual.", show_default="1"
    ),
    Setting("images.candidates"),
]
PresetOption = Annotated[
    Literal["none", "draft", "quality"] | None,
    typer.Option(
        "--preset",
        help="Steps, guidance and scheduler: `quality`, or `draft` with distilled weights "
        "(images.distilled).",
        show_default="none",
    ),
    Setting("images.preset"),
]
LlmOption = Annotated[
    Literal["none", "local", "openai"] | None,
    typer.Option(
        "--llm",
        help="Who proposes edits beside the rules. `local`: the small bundled model. `openai`: "
        "any OpenAI-compatible server, key from OPENAI_API_KEY.",
        show_default="none",
    ),
    Setting("llm.provider"),
]
ExecutorOption = Annotated[
    Literal["local", "ray"] | None,
    typer.Option(
        "--executor",
        help="Where the work is done: in this process, or by actors of a Ray cluster.",
        show_default="local",
    ),
    Setting("run.executor"),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="Run seed.", show_default="0"),
    Setting("seed"),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="TOML file; flags and environment win over it.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any other setting, such as images.steps=20."),
]


@dataclass(frozen=True, slots=True)
class SourceFlags:
    """Which captions; None for a flag that was not given."""

    source: SourceOption = None
    input: InputOption = None
    limit: LimitOption = None
    config: ConfigOption = None
    sets: SetOption = None


@dataclass(frozen=True, slots=True)
class CaptionFlags:
    """How captions are written; None for a flag that was not given."""

    seed: SeedOption = None
    config: ConfigOption = None
    sets: SetOption = None


@dataclass(frozen=True, slots=True)
class RunFlags:
    """What a run makes; None for a flag that was not given."""

    source: SourceOption = None
    input: InputOption = None
    output: OutputOption = None
    limit: LimitOption = None
    exclude: ExcludeOption = None
    images: ImagesOption = None
    candidates: CandidatesOption = None
    preset: PresetOption = None
    llm: LlmOption = None
    seed: SeedOption = None
    executor: ExecutorOption = None
    config: ConfigOption = None
    sets: SetOption = None


def with_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of its argument `flags` as options, before its own."""
    flags, *own = inspect.signature(command, eval_str=True).parameters.values()
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)
        for name, hint in get_type_hints(flags.annotation, include_extras=True).items()
    ]
    names = [parameter.name for parameter in shared]

    def with_options(**given: Any) -> None:
        command(flags.annotation(**{name: given.pop(name) for name in names}), **given)

    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    with_options.__signature__ = inspect.Signature([*shared, *own])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in (*shared, *own)}
    with_options.__name__, with_options.__doc__ = command.__name__, command.__doc__
    return with_options


def resolve_config(flags: SourceFlags | CaptionFlags | RunFlags) -> RunConfig:
    """The config that flags, environment and file give.

    Raises:
        ConfigError: Any of them is not valid.
    """
    from pipeline.config.loading import load_config

    given = read_assignments(flags.sets or (), example="images.steps=20")
    hints = get_type_hints(type(flags), include_extras=True)
    for field in fields(flags):
        value = getattr(flags, field.name)
        for setting in get_args(hints[field.name]):
            if isinstance(setting, Setting) and value is not None:
                given[setting.key] = _plain(value)
    return load_config(given, environ=os.environ, file=flags.config)


def _plain(value: object) -> object:
    """The value of a flag as a config has it."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value


def read_assignments(
    assignments: Sequence[str], *, example: str, sections: Collection[str] = ()
) -> dict[str, Any]:
    """What was given as `--set KEY=VALUE`.

    Args:
        assignments: As they were given.
        example: Shown where one is none.
        sections: The only sections whose settings may be given; any if empty.

    Raises:
        ConfigError: One is no assignment, or of another section.
    """
    from pipeline.config.loading import read_text_value

    given: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigError(f"--set {assignment}: expected KEY=VALUE, such as {example}")
        if sections and key.split(".")[0] not in sections:
            raise ConfigError(f"--set {assignment}: only {', '.join(sections)} can be set here")
        given[key.strip()] = read_text_value(value.strip())
    return given
