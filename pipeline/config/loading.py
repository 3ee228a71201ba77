"""Where the settings of a run come from.

Precedence: command-line flags, then `COUNTERFACTORY_*` environment variables
(`COUNTERFACTORY_IMAGES__STEPS=20`), then the TOML file, then the defaults.

Not by pydantic-settings: it reads the process environment, not a mapping that is handed in, lets
unknown variables pass, and would make every `RunConfig()` (the form of a Prefect flow among
them) depend on the environment; working around that takes more code than the forty lines here.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pipeline.config.base import Section, flatten
from pipeline.config.run import RunConfig
from pipeline.core.addresses import without_private_addresses
from pipeline.core.errors import ConfigError


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Turn `section.key` → value into nested sections, the reverse of :func:`flatten`."""
    tree: dict[str, Any] = {}
    for dotted, value in flat.items():
        *sections, key = dotted.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
            if not isinstance(branch, dict):
                raise ConfigError(f"{dotted}: {section} was given a value and cannot be a section")
        if isinstance(branch.get(key), dict):
            raise ConfigError(f"{dotted} replaces settings given before: name each as {dotted}.…")
        branch[key] = value
    return tree


def merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `high` over `low`, section by section."""
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = merge(below, value) if both and isinstance(below, Mapping) else value
    return merged


ENV_PREFIX = "COUNTERFACTORY_"

Settings = TypeVar("Settings", bound=Section)


def read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read `COUNTERFACTORY_SECTION__KEY` variables; values stay text and pydantic reads them.

    Raises:
        ConfigError: A variable names no key, which is most likely a typing error.
    """
    known = set(flatten(RunConfig().model_dump(mode="json")))
    flat: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(ENV_PREFIX):
            continue
        dotted = name.removeprefix(ENV_PREFIX).lower().replace("__", ".")
        if dotted not in known:
            raise ConfigError(
                f"environment variable {name} names no setting: there is no {dotted!r}"
                f"{_did_you_mean([dotted], sorted(known))}; unset it, or see docs/configuration.md"
            )
        flat[dotted] = read_text_value(environ[name])
    return nest(flat)


def read_text_value(text: str) -> Any:
    """Read a setting given as text: lists and tables as JSON, all else as it is.

    Pydantic turns plain text into numbers and switches by itself.
    """
    if text[:1] not in {"[", "{"}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: It is missing or does not parse.
    """
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as error:
        raise ConfigError(f"config file {path} does not exist") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"config file {path} cannot be read: {error}") from error


def build_config(tree: Mapping[str, Any]) -> RunConfig:
    """Validate a nested mapping as the config of a run.

    Raises:
        ConfigError: One line for every fault, with the key, the value and what is allowed.
    """
    return validate_settings(RunConfig, tree)


def validate_settings(model: type[Settings], tree: Mapping[str, Any]) -> Settings:
    """Validate a nested mapping as any config.

    Raises:
        ConfigError: One line for every fault, with the key, the value and what is allowed.
    """
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        known = list(flatten(model().model_dump(mode="json")))
        faults = [
            f"  {'.'.join(str(part) for part in fault['loc']) or 'config'}: "
            f"{_explain(fault, known)} (got {_shown(fault['input'])})"
            for fault in error.errors(include_url=False)
        ]
        raise ConfigError("the configuration is not valid:\n" + "\n".join(faults)) from error


_FOLDED = re.compile(r"^(['\"][A-Za-z][A-Za-z0-9+.-]+):/(?!/)")


def _shown(value: object) -> str:
    """A value that is not valid, without the secrets that an address in it may hold."""
    # An address that went through a path has lost a slash.
    unfolded = _FOLDED.sub(r"\1://", repr(value))
    return without_private_addresses(unfolded)[:80]


def _explain(fault: Mapping[str, Any], known: Sequence[str]) -> str:
    """A validation error in the words of a person who types settings."""
    if fault["type"] == "extra_forbidden":
        place = ".".join(map(str, fault["loc"]))
        # A section that does not exist is one fault, whatever was set in it.
        inside = flatten(fault["input"]) if isinstance(fault["input"], dict) else {}
        named = [f"{place}.{key}" for key in inside] or [place]
        return "there is no such setting" + _did_you_mean(named, known)
    if fault["type"] == "tuple_type":
        return 'give a list in JSON, such as ["count"]'
    return str(fault["msg"])


def _did_you_mean(named: Sequence[str], known: Sequence[str]) -> str:
    """The settings nearest to those that do not exist, as a question; empty where none is near."""
    near = [found for name in named if (found := nearest_setting(name, known))]
    return f"; did you mean {' and '.join(dict.fromkeys(near))}?" if near else ""


LEAST_LIKENESS = 0.7
"""From 0 to 1: how like a setting a name must be to be taken for it."""


def nearest_setting(name: str, known: Sequence[str]) -> str:
    """The setting that was most likely meant; empty where none is near.

    The key counts for more than its section: a wrong section is a slip of memory, another key is
    another setting.
    """
    section, _, key = name.rpartition(".")

    def likeness(other: str) -> float:
        its_section, _, its_key = other.rpartition(".")
        same_key = difflib.SequenceMatcher(None, key, its_key).ratio()
        same_section = difflib.SequenceMatcher(None, section, its_section).ratio()
        return 0.7 * same_key + 0.3 * (same_section if section else 1.0)

    best = max(known, key=likeness, default="")
    return best if best and likeness(best) >= LEAST_LIKENESS else ""


def load_config(
    flags: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    file: Path | None = None,
) -> RunConfig:
    """Resolve a run's config: flags win over the environment, that over the file.

    Args:
        flags: `section.key` → value, only those that the user gave.
        environ: The process environment; only `COUNTERFACTORY_*` is read.
        file: TOML file, or None.

    Raises:
        ConfigError: Any of the three is not valid.
    """
    tree = read_toml(file) if file else {}
    tree = merge(tree, read_environment(environ))
    return build_config(merge(tree, nest(flags)))
