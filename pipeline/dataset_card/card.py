"""The dataset card of a run: its README.md, in the form that the Hugging Face hub reads.

Pure, and the same for equal runs: it says what run.json and the manifest say, in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pipeline.core.ids import JsonValue, public_name
from pipeline.dataset_card.facts import CardFacts, limits, public_input
from pipeline.dataset_card.reading import how_to_load

LICENCE_IDS: Final = frozenset(
    {
        *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "odbl", "pddl"),
        *("cc-by-4.0", "cc-by-3.0", "cc-by-2.0", "cc-by-sa-4.0", "cc-by-sa-3.0", "odc-by"),
        *("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0"),
        *("cdla-permissive-2.0", "openrail", "openrail++", "creativeml-openrail-m"),
    }
)
"""Licences that the hub knows by these names."""

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


_HEADER: Final = (
    *("license", "license_name", "pretty_name", "language", "task_categories"),
    *("size_categories", "tags", "configs", "dataset_info"),
)
"""Order of the header's fields."""


def write_card(facts: CardFacts) -> str:
    """README.md of a run: YAML front matter, then what is in it and how it was made."""
    parts = [
        _front_matter(facts),
        f"# {_plain(facts.title)}\n\n{facts.description}\n\nMade by counterfactory as training "
        "data for vision-language models: every counterfactual says what it changes, where, and "
        "how.",
        how_to_load(has_pictures=facts.has_pictures),
        _contents(facts),
        _origin(facts),
        _models(facts),
        _filters(facts),
        "## Known limits\n\n" + "\n".join(f"- {line}" for line in limits(facts)),
        _files(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(facts: CardFacts) -> str:
    """The YAML that the hub reads."""
    # Here, as it costs a third of a second and only the end of a run needs it.
    from huggingface_hub.repocard_data import DatasetCardData

    licence = (facts.licence or "unknown").lower()
    named = licence == "unknown" or licence in LICENCE_IDS
    name = re.sub(r"[^a-z0-9]+", "-", licence)[:60].strip("-")
    has_tars = any(file.path.endswith(".tar") for file in facts.files)
    header = DatasetCardData(
        license=licence if named else "other",
        license_name=None if named else name,
        pretty_name=facts.title,
        language=["en"],
        task_categories=(
            ["image-text-to-text", "text-to-image"] if facts.draws else ["text-classification"]
        ),
        size_categories=[_size(facts.samples)],
        tags=["webdataset", "croissant", "counterfactual", "hard-negatives", "synthetic"],
        configs=([{"config_name": "default", "data_files": "shards/*.tar"}] if has_tars else None),
        dataset_info=(
            {"features": [*_features(facts.fields)]} if has_tars and facts.fields else None
        ),
    )
    fields = header.to_yaml(line_break="\n", original_order=list(_HEADER))
    return f"---\n{fields}\n---"


def _features(fields: Sequence[str]) -> Iterator[dict[str, str]]:
    """The fields as huggingface `datasets` types them: it would guess from the first samples."""
    types = {"json": "json", "txt": "string"}
    for field in fields:
        yield {"name": field, "dtype": types.get(field.rpartition(".")[2], "image")}
    for field in ("__key__", "__url__"):
        yield {"name": field, "dtype": "string"}


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
