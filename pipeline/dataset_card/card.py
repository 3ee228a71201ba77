"""The dataset card of a run: its README.md, in the form that the Hugging Face hub reads.

Pure, and the same for equal runs: it says what run.json and the manifest say, in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.core.ids import JsonValue, public_name
from pipeline.shards.run_json import RunRecord

LICENCE_IDS: Final = frozenset(
    {
        *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "odbl", "pddl"),
        *("cc-by-4.0", "cc-by-3.0", "cc-by-2.0", "cc-by-sa-4.0", "cc-by-sa-3.0", "odc-by"),
        *("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0"),
        *("cdla-permissive-2.0", "openrail", "openrail++", "creativeml-openrail-m"),
    }
)
"""Licences that the hub knows by these names."""

LOADING: Final = """\
from glob import glob

import webdataset

shards = sorted(glob("shards/*.tar"))  # in this folder
for sample in webdataset.WebDataset(shards, shardshuffle=False).decode("pil"):
    print(sample["__key__"], sample["txt"])
    for edit in sample["json"]["minimal"]:
        picture = sample.get(edit["variant"] + ".jpg")  # None where there is none
        print("  ", edit["kind"], edit["old"], "→", edit["new"], "|", edit["caption"], picture)
    for scene in sample["json"]["full"]:
        print("  ", "full", "|", scene["caption"], sample.get(scene["variant"] + ".jpg"))
"""
"""Code that reads a run from within its directory."""


_SAMPLE: Final = (
    "A sample is a set: `txt` is the factual caption, `min0.txt` that of the first minimal edit, "
    "`full0.txt` of the first complete counterfactual; `min0.factual.txt` is there where an edit "
    "has a factual wording of its own. `json` has kinds, character spans and provenance."
)
_PICTURES: Final = (
    " Pictures stand beside their captions, as `jpg`, `min0.jpg`, `full0.jpg`. `control.jpg` is "
    "the factual caption drawn by the same model, where the anchor has a picture of its own; "
    "without one, `jpg` is that. Every drawn picture says in its XMP metadata that a model made "
    "it, which, and from which text and seed."
)
_TABLES: Final = " The parquet tables list every item that was made or refused, with its reason."


@dataclass(frozen=True, slots=True)
class CardFile:
    """One file of the data.

    Attributes:
        path: Below the run directory, with slashes.
        sha256: Checksum.
        size_bytes: Length.
    """

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card is made from.

    Attributes:
        record: What run.json says.
        title: Name of the dataset.
        licence: Of its captions and pictures; None where nobody said.
        rows: Source rows.
        samples: Sets.
        kinds: Edit kind → made and refused.
        full: Complete counterfactuals, made and refused.
        rejected: Reason → source rows.
        refused: Reason → items within the sets.
        images: Drawn pictures.
        anchor_images: Anchors with a picture of their own.
        files: All files of the shards, in order.
    """

    record: RunRecord
    title: str
    licence: str | None
    rows: int
    samples: int
    kinds: Mapping[str, tuple[int, int]]
    full: tuple[int, int]
    rejected: Mapping[str, int]
    refused: Mapping[str, int]
    images: int
    anchor_images: int
    files: tuple[CardFile, ...]

    def setting(self, key: str) -> JsonValue:
        """A setting of the run; None where run.json has none of that name."""
        return self.record.config.get(key)

    @property
    def draws(self) -> bool:
        """Whether the run has drawn pictures."""
        return self.setting("images.renderer") not in {None, "none"}

    @property
    def description(self) -> str:
        """The dataset in a sentence or two."""
        made = sum(made for made, _ in self.kinds.values())
        what = (
            f"{self.samples:,} factual captions, each with its counterfactuals: {made:,} minimal "
            f"edits (one typed, decisive change each) and {self.full[0]:,} complete "
            "counterfactuals (another scene)"
        )
        if self.draws:
            model = public_name(str(self.setting("images.model")))
            return f"{what}, with {self.images:,} pictures drawn by {model}."
        return f"{what}; captions only, no pictures."


def write_card(facts: CardFacts) -> str:
    """README.md of a run: YAML front matter, then what is in it and how it was made."""
    parts = [
        _front_matter(facts),
        f"# {_plain(facts.title)}\n\n{facts.description}\n\nMade by counterfactory as training "
        "data for vision-language models: every counterfactual says what it changes, where, and "
        "how.",
        f"## How to load\n\n```python\n{LOADING}```\n\n"
        "`croissant.json` describes the same files for tools that read Croissant. "
        "`counterfactory verify` checks every checksum and that the files agree.",
        _contents(facts),
        _origin(facts),
        _models(facts),
        _filters(facts),
        "## Known limits\n\n" + "\n".join(f"- {line}" for line in limits(facts)),
        _files(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(facts: CardFacts) -> str:
    """The YAML that the hub reads; each value is JSON, which YAML contains."""
    licence = (facts.licence or "unknown").lower()
    lines = []
    if licence == "unknown" or licence in LICENCE_IDS:
        lines.append(f"license: {_json(licence)}")
    else:
        name = re.sub(r"[^a-z0-9]+", "-", licence)[:60].strip("-")
        lines += ["license: other", f"license_name: {_json(name)}"]
    tasks = ["image-text-to-text", "text-to-image"] if facts.draws else ["text-classification"]
    tags = ["webdataset", "croissant", "counterfactual", "hard-negatives", "synthetic"]
    lines += [
        f"pretty_name: {_json(facts.title)}",
        'language: ["en"]',
        f"task_categories: {_json(tasks)}",
        f"size_categories: {_json([_size(facts.samples)])}",
        f"tags: {_json(tags)}",
    ]
    if any(file.path.endswith(".tar") for file in facts.files):
        lines += ["configs:", "- config_name: default", '  data_files: "shards/*.tar"']
    return "\n".join(["---", *lines, "---"])


def _size(samples: int) -> str:
    """The hub's class of a number of samples."""
    names = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B")
    return names[min(max(len(str(samples)) - 3, 0), len(names) - 1)]


def _contents(facts: CardFacts) -> str:
    rows = [f"| `{kind}` | {made:,} | {out:,} |" for kind, (made, out) in facts.kinds.items()]
    rows.append(f"| `full` | {facts.full[0]:,} | {facts.full[1]:,} |")
    made = f"{facts.rows:,} source rows became {facts.samples:,} sets"
    if facts.draws:
        made += f"; {facts.images:,} pictures were drawn"
    if facts.anchor_images:
        made += f"; {facts.anchor_images:,} anchors have a picture of their own"
    lines = [
        "## What is in it",
        "",
        f"{made}.",
        "",
        "| kind | made | refused |",
        "| --- | ---: | ---: |",
        *rows,
        "",
        _SAMPLE + (_PICTURES if facts.draws else "") + _TABLES,
    ]
    for heading, reasons in (("Rows left out", facts.rejected), ("Items refused", facts.refused)):
        if reasons:
            told = ", ".join(f"`{reason}` {number:,}" for reason, number in reasons.items())
            lines += ["", f"{heading}, by reason: {told}."]
    return "\n".join(lines)


def _origin(facts: CardFacts) -> str:
    source = facts.record.table("source")
    licence = (
        f"Licence: {_plain(facts.licence)}"
        if facts.licence
        else "Nobody stated its licence (`source.license`); find out before you pass it on"
    )
    text = (
        f"## Source\n\n`{_code(public_input(str(source.get('input', ''))))}`, read as "
        f"`{source.get('kind')}`; files: {source.get('files')}, fingerprint "
        f"`{source.get('fingerprint')}`. {licence}."
    )
    if facts.draws:
        text += (
            " Drawn pictures come under what the licence of the image model says about its "
            "output as well."
        )
    return text


def _models(facts: CardFacts) -> str:
    lines = ["## What made it", ""]
    image = facts.record.table("image_model")
    if facts.draws:
        settings = ", ".join(
            f"{name} {facts.setting(f'images.{name}')}"
            for name in ("steps", "guidance_scale", "width_px", "height_px", "strategy")
        )
        named = _named(image.get("model"), image.get("commit") or image.get("revision"))
        lines.append(f"- Pictures: {named}; {settings}.")
        for lora in _each(image.get("lora")):
            name = public_name(str(lora.get("path")))
            lines.append(f"- LoRA: {_named(name, lora.get('digest'))}, scale {lora.get('scale')}.")
    if facts.setting("llm.provider") in {None, "none"}:
        lines.append("- Captions: by rules alone, without a language model.")
    else:
        asked = _named(facts.setting("llm.model"), None)
        if facts.setting("llm.provider") == "local":
            asked = "the packaged small model"
        lines.append(f"- Captions: by rules and {asked}, form {facts.setting('llm.form')}.")
    for label, key, revision in (
        ("Likelihood of captions", "checks.fluency_model", None),
        ("Comparison of pictures and captions", "scores.clip", "scores.clip_revision"),
        ("Pictures not safe for work", "scores.nsfw", None),
        ("Questions about pictures", "scores.questions", None),
    ):
        model = facts.setting(key)
        if model not in {None, "none"}:
            named = _named(model, facts.setting(revision) if revision else None)
            lines.append(f"- {label}: {named}.")
    for version, digest in facts.record.table("prompts").items():
        lines.append(f"- Prompt `{version}`, sha256 `{digest}`.")
    versions = ", ".join(
        f"{name} {number}" for name, number in facts.record.table("versions").items()
    )
    lines += [
        "",
        f"Config fingerprint `{facts.record.fingerprint}`, run seed "
        f"{facts.setting('seed')}; all settings are in `run.json`. Versions: {versions}.",
    ]
    return "\n".join(lines)


def _filters(facts: CardFacts) -> str:
    """What was measured, and within which bounds it was kept."""
    lines = ["## What was kept", ""]
    bands = facts.setting("selection.bands")
    if isinstance(bands, Mapping) and bands:
        lines += ["| pictures | score | least | most |", "| --- | --- | ---: | ---: |"]
        for group, scores in sorted(bands.items()):
            for name, bounds in sorted(scores.items()) if isinstance(scores, Mapping) else ():
                least, most = (
                    "–" if bound is None else f"{bound:g}" if isinstance(bound, float) else bound
                    for bound in (bounds if isinstance(bounds, list | tuple) else (None, None))
                )
                lines.append(f"| {group} | `{name}` | {least} | {most} |")
        lines.append("")
        kept = facts.setting("selection.min_kept")
        lines.append(
            f"Best of {facts.setting('images.candidates')} by `{facts.setting('selection.rank')}`; "
            f"a set needs {kept} counterfactual pictures. A refused picture is missing, never "
            "replaced; its caption stays."
        )
    elif facts.draws:
        lines.append("No band was set: no picture was refused for what it shows.")
    else:
        lines.append("Captions passed the checks on text; there are no pictures.")
    aim = facts.setting("checks.blind_accuracy")
    if facts.setting("checks.fluency_model") not in {None, "none"}:
        balanced = facts.setting("checks.balance") is not False
        lines += ["", f"Captions were balanced by likelihood, aiming at {aim} blind accuracy."
                  if balanced else "Captions were not balanced by likelihood."]  # fmt: skip
    return "\n".join(lines)


def limits(facts: CardFacts) -> Iterator[str]:
    """What a user must not take for granted, one sentence or two each."""
    yield (
        "The factual captions are the source's, and were not compared with the pictures that "
        "they were written for."
    )
    yield (
        "Captions are English. Edits of race, religion and disability are never made, those of "
        f"gender and age group: {facts.setting('edits.demographics')}."
    )
    if facts.setting("checks.fluency_model") in {None, "none"}:
        yield (
            "Captions were not balanced by likelihood: a model that sees no picture may tell "
            "some counterfactual captions from factual ones. `counterfactory audit` measures it."
        )
    if not facts.draws:
        return
    model = facts.setting("images.model")
    if model == "builtin:tiny":
        yield "The image model has random weights: its pictures are colourful noise."
    if model == "builtin:world":
        yield "The image model draws a small procedural world of simple things, and no other."
    if facts.setting("scores.clip") in {None, "none"}:
        yield "No model compared the pictures with their captions: many may not show the edit."
    if facts.setting("scores.nsfw") in {None, "none"}:
        yield "No model looked for pictures that are not safe for work."
    yield (
        "An image model brings the biases of its training data. Train with `control.jpg` as the "
        "factual side, or a model may learn to tell drawn pictures from real ones."
        if facts.anchor_images
        else "An image model brings the biases of its training data into every picture."
    )


def _files(facts: CardFacts) -> str:
    total = sum(file.size_bytes for file in facts.files)
    return (
        f"## Files\n\n{len(facts.files)} files, {total:,} bytes. Their sha256 are in "
        "`manifest.json` and `croissant.json`; those of the first:\n\n"
        "| file | bytes | sha256 |\n| --- | ---: | --- |\n"
        + "\n".join(
            f"| `{file.path}` | {file.size_bytes:,} | `{file.sha256}` |" for file in facts.files[:8]
        )
    )


def public_input(name: str) -> str:
    """An input without the folders of the machine that it was read on; addresses stay, bare."""
    if "://" in name:
        return name.split("?")[0].split("#")[0]
    return name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _named(model: JsonValue, revision: JsonValue) -> str:
    name = f"`{_code(public_name(str(model)))}`"
    return f"{name}, revision `{_code(str(revision))}`" if revision else name


def _each(value: JsonValue) -> list[Mapping[str, JsonValue]]:
    items = value if isinstance(value, list | tuple) else []
    return [item for item in items if isinstance(item, Mapping)]


def _plain(text: str) -> str:
    """Text that is no markup in Markdown, on one line."""
    escaped = "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in text)
    return " ".join(escaped.split())


def _code(text: str) -> str:
    """Text that stays within a code span and a table cell."""
    return " ".join(text.replace("`", "'").replace("|", "/").split())


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)
