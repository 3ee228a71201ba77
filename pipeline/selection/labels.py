"""The file in which a person says which pictures of a run are right and which are wrong."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pipeline.core.errors import ConfigError
from pipeline.selection.fit_bands import RIGHT

LABEL_COLUMNS: Final = ("key", "variant", "label")

WRONG: Final = "wrong"
"""Label of a picture that should not be kept; what is wrong with it may stand behind it."""

PictureName = tuple[str, str, int | None]
"""Anchor, variant and candidate; None is the candidate that was kept."""


def read_labels(file: Path) -> dict[PictureName, str]:
    """Read labels: CSV, or JSON lines where the name ends in .jsonl or .json.

    Raises:
        ConfigError: The file cannot be read, holds no labels, or a row is not as it should be:
            names its line and what is allowed.
    """
    found: dict[PictureName, str] = {}
    for number, row in _label_rows(file):
        if not all(isinstance(row.get(name), str) and row[name] for name in LABEL_COLUMNS):
            raise ConfigError(f"labels {file}:{number} needs {', '.join(LABEL_COLUMNS)}")
        given = row.get("candidate")
        candidate = "" if given is None else str(given).strip()
        if candidate and not candidate.isdecimal():
            raise ConfigError(f"labels {file}:{number}: candidate {candidate!r} is no number")
        key, variant = str(row["key"]).strip(), str(row["variant"]).strip()
        name = (key, variant, int(candidate) if candidate else None)
        label = _known_label(str(row["label"]), f"labels {file}:{number}")
        if found.setdefault(name, label) != label:
            raise ConfigError(
                f"labels {file}:{number}: {key} {variant} is {label!r} here and "
                f"{found[name]!r} above; leave one of them"
            )
    if not found:
        raise ConfigError(f"labels {file} holds no labels")
    return found


def _known_label(text: str, place: str) -> str:
    """A label as it is counted: case and outer spaces do not matter.

    Raises:
        ConfigError: It is neither right nor wrong.
    """
    label = " ".join(text.split())
    first = re.match(r"\w*", label.lower())
    if first and first[0] == WRONG or label.lower() == RIGHT:
        return label[: len(WRONG)].lower() + label[len(WRONG) :]
    raise ConfigError(
        f"{place}: the label {text!r} is not known; write {RIGHT!r} or {WRONG!r}, behind which "
        f"may stand what is wrong ({WRONG + ': no edit'!r})"
    )


def _label_rows(file: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """The rows of a file of labels with the numbers of their lines, empty lines left out."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"labels {file} cannot be read: {error}") from error
    if file.suffix in {".jsonl", ".json"}:
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ConfigError(f"labels {file}:{number} is no JSON: {error}") from error
            yield number, row if isinstance(row, dict) else {}
        return
    # Spreadsheets separate by what the language of the machine demands.
    marks = Counter(mark for mark in text.partition("\n")[0] if mark in ",;\t")
    table = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=max(marks, key=marks.__getitem__, default=",")
    )
    for row in table:
        yield table.line_num, row
