"""A benchmark of this project on disk: what a group is, how it is written and read.

benchmark.json   what it was made from and how
groups.jsonl     a group a line
images/          the pictures
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.benchmark.items import Picture, Question

ABOUT: Final = "benchmark.json"
GROUPS: Final = "groups.jsonl"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Two captions with two pictures, or with one.

    Attributes:
        id: Anchor id and variant.
        key: The anchor id.
        kind: What the edit changes; "full" of a complete counterfactual.
        subkind: Finer label.
        caption_0: True of `image_0`, and of nothing else here.
        caption_1: True of `image_1`.
        image_0: File below the benchmark; None where `caption_0` is the counterfactual and no
            picture can show it.
        image_1: Likewise.
        factual: Which of the two was not edited, 0 or 1, evenly at random.
        image_text: The lower of the two pictures' similarities to their own captions, as the
            run's own model measured it; None where none did.
        neutral: The caption that was not edited in other words, which must not move a score; None
            where the run has none.
        neutral_kind: What was changed in it: "order", "clause" or "synonym".
    """

    id: str
    key: str
    kind: str
    subkind: str
    caption_0: str
    caption_1: str
    image_0: str | None
    image_1: str | None
    factual: int
    image_text: float | None = None
    neutral: str | None = None
    neutral_kind: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """How a benchmark was made.

    Attributes:
        source: What was read.
        split: Part of the anchors; "all" for all.
        per_kind: Most groups of a kind.
        drop: Share of each kind that was left out for its pictures' scores.
        seed: Of the draws.
        considered: Kind → groups that there were.
        dropped: Kind → left out for their scores.
        kept: Kind → groups.
        scored_by: The model that measured the pictures, where it is known; a benchmark is
            partial to it.
        version: Of these files.
    """

    source: str
    split: str
    per_kind: int
    drop: float
    seed: int
    considered: Mapping[str, int]
    dropped: Mapping[str, int]
    kept: Mapping[str, int]
    scored_by: str | None = None
    version: int = VERSION


def group_to_line(group: Group) -> str:
    """One line of JSON lines."""
    return json.dumps(asdict(group), ensure_ascii=False) + "\n"


def about_to_json(about: About) -> str:
    """The text of benchmark.json."""
    return json.dumps(asdict(about), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def read_about(folder: Path) -> About:
    """Read benchmark.json.

    Raises:
        ConfigError: It is not there, damaged, or of a newer version.
    """
    path = folder / ABOUT
    try:
        about = TypeAdapter(About).validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(f"{folder} holds no {ABOUT}; make one with `benchmark make`") from error
    except ValidationError as error:
        raise ConfigError(f"{path} is damaged: {_first(error)}; make it again") from error
    if about.version > VERSION:
        raise ConfigError(f"{path} has version {about.version}; update counterfactory")
    return about


def read_groups(folder: Path) -> list[Question]:
    """Read the groups as questions.

    Raises:
        ConfigError: The file is not there or damaged.
    """
    adapter = TypeAdapter(Group)
    path = folder / GROUPS
    questions = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise ConfigError(f"{path} is not there; make the benchmark again") from error
    for number, line in enumerate(lines, start=1):
        try:
            questions.append(_question(folder, adapter.validate_json(line)))
        except (ValidationError, ValueError) as error:
            what = _first(error) if isinstance(error, ValidationError) else error
            raise ConfigError(f"{path}:{number} is no group: {what}; make it again") from error
    return questions


def _question(folder: Path, group: Group) -> Question:
    captions = (group.caption_0, group.caption_1)
    images = (group.image_0, group.image_1)
    pictures = [Picture(folder / name) for name in images if name is not None]
    is_pair = len(pictures) == 2
    true = group.factual
    return Question(
        group.id,
        group.kind,
        captions if is_pair else (captions[true], captions[1 - true]),
        tuple(pictures),
        group.key,
        factual=true if is_pair else None,
        neutral=group.neutral or "",
        neutral_kind=group.neutral_kind or "",
    )


def _first(error: ValidationError) -> Any:  # noqa: ANN401
    found = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
