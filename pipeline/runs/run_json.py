"""run.json as it is written: what a run makes, and the refusal of a directory of another run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import metadata

from pipeline import __version__
from pipeline.config.run import ADDRESS_KEY, RunConfig
from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue
from pipeline.core.prompts import load_prompt
from pipeline.core.records import SCHEMA_VERSION
from pipeline.edits.llm.chat_proposer import prompt_names
from pipeline.runs.components import Components
from pipeline.scoring.questions import PROMPT
from pipeline.shards.layout import RunLayout
from pipeline.shards.run_json import read_run_json
from pipeline.sources import Source

LIBRARIES = ("spacy", "torch", "diffusers", "transformers", "peft", "openai", "pillow", "pyarrow")
"""Libraries whose version can change what is made; recorded in run.json."""


def library_versions(names: tuple[str, ...] = LIBRARIES) -> dict[str, str]:
    """Installed versions; "absent" where a library is missing."""
    found = {"counterfactory": __version__}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def describe_run(config: RunConfig, components: Components, source: Source) -> dict[str, JsonValue]:
    """What run.json says; equal for equal runs wherever and whenever they are made."""
    names = [] if config.llm.provider == "none" else list(prompt_names(config.llm))
    if config.scores.questions != "none":
        names.append(PROMPT)
    return {
        "schema_version": SCHEMA_VERSION,
        "config": config.product(),
        "config_fingerprint": config.fingerprint,
        "source": source.describe(),
        "stages": components.stage_fingerprints(),
        "versions": dict(library_versions()),
        "prompts": {name: load_prompt(name).digest for name in names},
        **components.provenance(),
    }


def refuse_another_run(layout: RunLayout, described: dict[str, JsonValue]) -> None:
    """Refuse a directory that holds something else, naming what differs.

    Raises:
        ConfigError: It does.
        ShardCorruptError: Its run.json is damaged.
    """
    root = layout.root
    if root.exists() and not root.is_dir():
        raise ConfigError(f"{root} is a file; choose another --output")
    there = [p.name for p in root.iterdir() if p.name[0] != "."] if root.exists() else []
    if layout.run_json.name not in there:
        if there:
            raise ConfigError(
                f"{root} holds other files ({', '.join(sorted(there)[:3])}) and is no run "
                "directory; choose an empty or new --output"
            )
        return
    stored = read_run_json(layout)
    differing = [
        *_differences("config", stored.table("config"), described["config"]),
        *_differences("source", *_comparable(stored.table("source"), described["source"])),
    ]
    if not differing and not layout.manifest_json.exists():
        # Shards of two versions in one run would be two tables of different columns.
        versions = {"schema_version": stored.tree.get("schema_version", SCHEMA_VERSION)}
        differing = list(_differences("run", versions, {"schema_version": SCHEMA_VERSION}))
    # A stage's name holds its settings and the seed: only under equal ones does another name
    # say that what is behind it changed.
    differing = differing or list(
        _differences("stages", stored.table("stages"), described["stages"])
    )
    if differing:
        raise ConfigError(
            f"{root} was made by another run; these differ:\n"
            + "\n".join(f"  {line}" for line in differing)
            + "\nchoose another --output, or go back to what that run used"
        )


def _comparable(
    stored: Mapping[str, JsonValue], wanted: JsonValue
) -> tuple[Mapping[str, JsonValue], JsonValue]:
    """Two descriptions of a source, without what may differ between equal ones."""
    if not isinstance(wanted, dict):
        return stored, wanted
    before, now = dict(stored), dict(wanted)
    if "stamp" in now and before.get("fingerprint") == now["stamp"]:
        # Older versions knew a remote input by what its store says of it alone.
        now["fingerprint"] = now["stamp"]
    if before.get("input") != now.get("input") or "stamp" not in before.keys() & now.keys():
        # A store's own names of the same content differ from place to place.
        before.pop("stamp", None)
        now.pop("stamp", None)
    before.pop("input", None)
    now.pop("input", None)
    return before, now


def _differences(section: str, stored: Mapping[str, JsonValue], wanted: JsonValue) -> Iterator[str]:
    """Name the keys of a section whose values differ."""
    wanted = json.loads(json.dumps(wanted))
    if not isinstance(wanted, dict):
        return
    for key in sorted({*stored, *wanted} - {ADDRESS_KEY}):
        before, now = stored.get(key), wanted.get(key)
        if before != now and section == "stages":
            yield f"{key}: the rules, prompts or models behind this stage changed since"
        elif before != now:
            label = key if section == "config" else f"{section} {key}"
            yield f"{label}: {json.dumps(before)} in the directory, {json.dumps(now)} now"
