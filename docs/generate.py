"""Writes what the documentation says about the code: its tables, and the schema of a sample.

    make docs

A page has `<!-- generated: NAME -->` where a table begins and `<!-- end -->` where it ends;
all else in it is written by hand. `tests/unit/docs` fails where a table is out of date.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any, Final

import click
import typer.main
from pydantic import BaseModel, TypeAdapter
from rich.text import Text

from pipeline.adapters.sdxl.gpu_advice import advice, peak_gib
from pipeline.cli.app import app
from pipeline.cli.explain import lines_of
from pipeline.config.edits import EditsConfig
from pipeline.config.presets import FAMILIES
from pipeline.config.run import OPERATIONAL, RunConfig
from pipeline.core.records import SCHEMA_VERSION, Replacement
from pipeline.core.scores import SCORES
from pipeline.edits.explain import explain
from pipeline.edits.taxonomy import TAXONOMY
from pipeline.shards.document import (
    FullEntry,
    ImageEntry,
    MinimalEntry,
    NeutralEntry,
    SampleDocument,
)
from pipeline.shards.sidecar_rows import SidecarRow
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.vlm.finetune.config import VlmConfig

ROOT: Final = Path(__file__).resolve().parents[1]
SCHEMA: Final = ROOT / "docs" / "sample.schema.json"

RECORDS: Final = (SampleDocument, MinimalEntry, FullEntry, NeutralEntry, Replacement, ImageEntry)
"""The types of a sample's `json`, from the whole to its parts."""


def pages() -> list[Path]:
    """Every page of the documentation, in a fixed order."""
    written = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docker" / "README.md"]
    return [*written, *sorted((ROOT / "docs").rglob("*.md"))]


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table whose cells show what they say."""
    head = list(header)
    cells = [[_escaped(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *cells])


def _escaped(cell: str) -> str:
    """A cell in which neither a bar ends the cell nor a word in angle brackets is a tag."""
    parts = cell.replace("|", "\\|").split("`")
    parts[::2] = [re.sub(r"<(?!br>)", "&lt;", text) for text in parts[::2]]
    return "`".join(parts)


def kinds_in_short() -> str:
    """Every kind of minimal edit with one example, whose changed words are bold."""
    rows = []
    for card in TAXONOMY.values():
        before, after = card.examples[0]
        rows.append([f"`{card.kind}`", before, marked(before, after)])
    return table(["kind", "factual", "counterfactual"], rows)


def marked(before: str, after: str) -> str:
    """The second text with the words in bold that the first does not have there."""
    old, new = before.split(), after.split()
    changed = [a != b for a, b in zip(old, new, strict=False)]
    if len(old) == len(new) and 2 * sum(changed) <= len(new):  # phrases that exchange places
        bold = (f"**{b}**" if is_new else b for b, is_new in zip(new, changed, strict=True))
        return " ".join(bold).replace("** **", " ")
    parts = []
    for what, _, _, start, end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if start < end:
            words = " ".join(new[start:end])
            parts.append(words if what == "equal" else f"**{words}**")
    return " ".join(parts)


def kinds() -> str:
    """Every kind of minimal edit with its subkinds and three examples."""
    rows = [
        [
            f"`{card.kind}`",
            card.description,
            "<br>".join(f"{before} → {after}" for before, after in card.examples),
            ", ".join(f"`{subkind}`" for subkind in card.subkinds),
        ]
        for card in TAXONOMY.values()
    ]
    return table(["kind", "what changes", "examples", "subkinds, such as"], rows)


def settings() -> str:
    """Every key of a run with its default and meaning; keys that a resume may change are marked."""
    return table(["key", "default", "meaning"], _settings(RunConfig, "", marked=OPERATIONAL))


def finetune_settings() -> str:
    """Every key of a fine-tuning but those of its source, which are a run's."""
    rows = [row for row in _settings(FinetuneConfig, "") if not row[0].startswith("`source.")]
    return table(["key", "default", "meaning"], rows)


def vlm_settings() -> str:
    """Every key of the fine-tuning of a vision-language model."""
    return table(["key", "default", "meaning"], _settings(VlmConfig, ""))


def _settings(
    model: type[BaseModel], prefix: str, *, marked: frozenset[str] = frozenset()
) -> list[list[str]]:
    rows: list[list[str]] = []
    nested: list[list[str]] = []
    for name, field in model.model_fields.items():
        key = prefix + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested += _settings(field.annotation, f"{key}.", marked=marked)
            continue
        default = field.get_default(call_default_factory=True)
        shown = "–" if default in (None, (), {}) else f"`{json.dumps(default, default=str)}`"
        if name == "kinds":
            shown = "all"
        rows.append([f"`{key}`{' †' if key in marked else ''}", shown, field.description or ""])
    return rows + nested


def gpus() -> str:
    """Settings by the size of the GPU; a card tells a little less memory than its name says."""
    rows = []
    for size_gb in (6, 8, 12, 16, 24, 48, 80):
        advised = advice(size_gb * 0.97) or {}
        words = ", ".join(f"`{key}={str(value).lower()}`" for key, value in advised.items())
        rows.append([f"{size_gb} GB", words, f"{peak_gib(advised):.1f} GiB"])
    return table(["GPU", "settings", "peak, estimated"], rows)


def distilled() -> str:
    """What the preset `draft` fills in for each family of distilled weights."""
    rows = [
        [
            f"`{family}`",
            ", ".join(str(steps) for steps in recipe.steps),
            ", ".join(f"`{key}={value}`" for key, value in recipe.fills.items()),
        ]
        for family, recipe in FAMILIES.items()
    ]
    return table(["`images.distilled`", "steps that fit", "filled in"], rows)


def scores() -> str:
    """Every score: who measures it, of which pictures, between which bounds."""
    rows = []
    for name, score in SCORES.items():
        of = ["control"] * score.of_control + ["minimal"] + ["full"] * score.of_full
        bounds = f"{score.least:g} … {score.most:g}"
        rows.append([f"`{name}`", f"`{score.scorer}`", ", ".join(of), bounds, score.meaning])
    return table(["score", "scorer", "pictures", "from … to", "meaning"], rows)


def commands() -> str:
    """Every command with its one line."""
    rows = [
        [f"`counterfactory {name}`", (command.help or "").split("\n\n")[0].replace("\n", " ")]
        for name, command in cli_commands().items()
    ]
    return table(["command", "what it does"], rows)


def cli_commands() -> Mapping[str, click.Command]:
    """The commands by name, in the order of `counterfactory --help`; "group command" in a group."""
    group: Any = typer.main.get_command(app)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(click.Context(group)):
        command = group.commands[name]
        parts: Mapping[str, click.Command] = getattr(command, "commands", {})
        found |= {f"{name} {part}": inner for part, inner in parts.items()} or {name: command}
    return found


EXPLAINED: Final = (
    "a calf is resting with its mother",
    "a man gives a presentation before an audience in the theater",
    "sisters running to the beach",
    "museum: galleries are in a historic building",
    "why i love my job",
)
"""Captions whose explanation the documentation prints."""


@cache
def explained() -> str:
    """What `counterfactory explain` prints for some captions."""
    parts = []
    for caption in EXPLAINED:
        lines = lines_of(explain(caption, EditsConfig()), tokens=False)
        printed = "\n".join(Text.from_markup(line).plain for line in lines)
        parts.append(f"*{caption}*\n\n```text\n{printed}\n```")
    return "\n\n".join(parts)


def document_fields() -> str:
    """The fields of a sample's `json`, a table for each type."""
    parts = []
    for record in RECORDS:
        heading = {SampleDocument: "The document", Replacement: "An entry of `replacements`"}.get(
            record, f"An entry of `{record.__name__.removesuffix('Entry').lower()}`"
        )
        if record is ImageEntry:
            heading = "A value of `images`"
        rows = [[f"`{name}`", text] for name, text in attributes(record).items()]
        parts.append(f"**{heading}**\n\n{table(['field', 'meaning'], rows)}")
    return "\n\n".join(parts)


def sidecar_columns() -> str:
    """The columns of a shard's parquet table."""
    described = attributes(SidecarRow)
    named = {f.name: "score_<name>" if f.name == "scores" else f.name for f in fields(SidecarRow)}
    return table(["column", "meaning"], [[f"`{named[n]}`", t] for n, t in described.items()])


def attributes(record: type) -> dict[str, str]:
    """What the docstring of a record says of each of its fields.

    Raises:
        ValueError: A field is not described, or what is described is no field.
    """
    text = inspect.getdoc(record) or ""
    _, _, section = text.partition("\nAttributes:\n")
    found: dict[str, str] = {}
    for line in section.splitlines():
        begins = re.match(r" {4}(\w+): (.*)", line)
        if begins:
            name = begins[1]
            found[name] = begins[2]
        elif line.strip():
            found[name] += f" {line.strip()}"
    if list(found) != (names := [field.name for field in fields(record)]):
        raise ValueError(f"{record.__name__} describes {list(found)}, but has {names}")
    return {name: _plain(line) for name, line in found.items()}


def _plain(text: str) -> str:
    """A line of a docstring in the words of JSON, without references into the code."""
    text = re.sub(r"(; | \()see :\w+:`[^`]*`( for the fields)?\)?", "", text)
    return re.sub(r"\bNone\b", "null", re.sub(r":\w+:`~?([^`]*)`", r"`\1`", text))


def sample_schema() -> str:
    """The JSON Schema of a sample's `json` as it is written.

    Every field is required but those that stand only where they say something.
    """
    schema = TypeAdapter(SampleDocument).json_schema(mode="serialization")
    definitions: dict[str, dict[str, Any]] = schema["$defs"]
    for record in RECORDS:
        described = schema if record is SampleDocument else definitions[record.__name__]
        described["description"] = _plain((inspect.getdoc(record) or "").split("\n")[0])
        described["additionalProperties"] = False
        for name, meaning in attributes(record).items():
            shape: dict[str, Any] = described["properties"][name]
            for noise in ("title", "default"):
                shape.pop(noise, None)
            shape["description"] = meaning
        described["required"] = [
            field.name for field in fields(record) if "OnlyWhere" not in str(field.type)
        ]
    schema["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The json of a counterfactory sample, version {SCHEMA_VERSION}",
    } | {key: value for key, value in schema.items() if key != "title"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "kinds-in-short": kinds_in_short,
    "kinds": kinds,
    "settings": settings,
    "finetune-settings": finetune_settings,
    "vlm-settings": vlm_settings,
    "gpus": gpus,
    "distilled": distilled,
    "scores": scores,
    "commands": commands,
    "explained": explained,
    "document-fields": document_fields,
    "sidecar-columns": sidecar_columns,
}
"""What can be generated into a page, by the name that the page gives it."""

_BLOCK = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """A page with its generated parts made anew.

    Raises:
        KeyError: The page names a part that nothing makes.
    """
    return _BLOCK.sub(lambda m: f"{m[1]}\n{BLOCKS[m[2]]()}\n\n{m[3]}", text)


def named_blocks(text: str) -> list[str]:
    """The generated parts of a page, by name."""
    return [name for _, name, _ in _BLOCK.findall(text)]


def outdated() -> dict[Path, str]:
    """The files that are not what the code says, with what they should be."""
    should = {page: with_tables(page.read_text("utf-8")) for page in pages()}
    should[SCHEMA] = sample_schema()
    return {
        path: text
        for path, text in should.items()
        if not path.exists() or path.read_text("utf-8") != text
    }


if __name__ == "__main__":
    for path, text in outdated().items():
        path.write_text(text, "utf-8")
