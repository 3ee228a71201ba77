"""The README's tables, made from the code that they describe.

python tests/unit/core/readme_tables.py    # writes them into README.md
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pydantic import BaseModel

from pipeline.adapters.sdxl.gpu_advice import advice
from pipeline.config.run import OPERATIONAL, RunConfig
from pipeline.edits.taxonomy import TAXONOMY
from pipeline.training.sdxl.config import FinetuneConfig

README = Path(__file__).resolve().parents[3] / "README.md"


def settings_table() -> str:
    """Every key with its default and meaning."""
    lines = ["| key | default | meaning |", "| --- | --- | --- |"]
    lines += _rows(RunConfig, "")
    return "\n".join(lines)


def _rows(model: type[BaseModel], prefix: str) -> list[str]:
    rows: list[str] = []
    nested: list[str] = []
    for name, field in model.model_fields.items():
        key = prefix + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested += _rows(field.annotation, f"{key}.")
            continue
        default = field.get_default(call_default_factory=True)
        text = json.dumps(default, default=str) if default not in (None, (), {}) else "–"
        if name == "kinds":
            text = "all"
        mark = " †" if key in OPERATIONAL else ""
        meaning = (field.description or "").replace("|", "\\|")
        rows.append(
            f"| `{key}`{mark} | {text if text in {'–', 'all'} else f'`{text}`'} | {meaning} |"
        )
    return rows + nested


def finetune_table() -> str:
    """Every key of a fine-tuning but those of its source, which are a run's."""
    lines = ["| key | default | meaning |", "| --- | --- | --- |"]
    rows = _rows(FinetuneConfig, "")
    lines += [row.replace(" †", "") for row in rows if not row.startswith("| `source.")]
    return "\n".join(lines)


def kinds_table() -> str:
    """Every kind of minimal edit with three examples."""
    lines = ["| kind | what changes | examples |", "| --- | --- | --- |"]
    for card in TAXONOMY.values():
        pairs = "<br>".join(f"{before} → {after}" for before, after in card.examples)
        lines.append(f"| `{card.kind}` | {card.description} | {pairs} |")
    return "\n".join(lines)


def gpus_table() -> str:
    """Settings by the size of the GPU."""
    lines = ["| GPU | settings |", "| --- | --- |"]
    for name_gb in (6, 8, 12, 16, 24, 48, 80):
        settings = advice(name_gb * 0.97) or {}
        words = ", ".join(f"`{key}={str(value).lower()}`" for key, value in settings.items())
        lines.append(f"| {name_gb} GB | {words} |")
    return "\n".join(lines)


def with_tables(text: str) -> str:
    """The README with its tables made anew."""
    made = {
        "settings": settings_table(),
        "kinds": kinds_table(),
        "finetune": finetune_table(),
        "gpus": gpus_table(),
    }
    for name, table in made.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text, found = pattern.subn(lambda m, t=table: f"{m[1]}\n{t}\n\n{m[2]}", text)
        if found != 1:
            raise ValueError(f"the README has {found} places for the table of {name}")
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
