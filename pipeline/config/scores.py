"""The sections `scores` and `selection` of the configuration: what is measured and kept."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.config.base import Section
from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue, public_name
from pipeline.core.records import EditKind
from pipeline.core.scores import CONTROL, FULL, SCORES, Scorer

BANDS_FOR_ALL = "default"

DEFAULT_RANK: Final = "margin"
"""By which candidates are chosen, where something measures it."""

WORLD_BANDS: Final = "builtin:world"
"""Name of the packaged bands, fitted on the packaged world and its scorer."""

_WORLD_BANDS_FILE = Path(__file__).parents[1] / "models" / "world_bands.toml"

Band = tuple[float | None, float | None]
"""Least and most of a score, both included; None for no bound."""

BandTable = dict[str, dict[str, Band]]
"""Which pictures → score → band. The first key is an edit kind ("count"), a kind with its
subkind ("attribute.colour"), "full", "control", or "default" for all of them; the narrower key
wins score by score."""


def read_bands(name: str) -> dict[str, Any]:
    """Read a file of bands: a TOML table for each group, with `score = [least, most]`.

    TOML has no null: `inf` and `-inf` mean no bound. `[attribute.colour]` is taken as
    `["attribute.colour"]`.

    Args:
        name: Path of the file, or `builtin:world`.

    Raises:
        ConfigError: It is missing or does not parse.
    """
    path = _WORLD_BANDS_FILE if name == WORLD_BANDS else Path(name)
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except FileNotFoundError as error:
        what = "is not in this package" if name == WORLD_BANDS else "does not exist"
        raise ConfigError(
            f"selection.bands: the file of bands {name} {what}; name a TOML file, such as "
            "`counterfactory calibrate` writes"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"selection.bands: {name} cannot be read: {error}") from error
    return _ungrouped(tables)


def _ungrouped(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Take the tables of subkinds out of those of their kinds."""
    found: dict[str, Any] = {}
    for group, bands in tables.items():
        if not isinstance(bands, dict):
            found[group] = bands
            continue
        plain = {name: band for name, band in bands.items() if not isinstance(band, dict)}
        nested = {name: band for name, band in bands.items() if isinstance(band, dict)}
        if plain or not nested:
            found[group] = plain
        found |= {f"{group}.{name}": band for name, band in nested.items()}
    return found


def _open_bands(given: object) -> object:
    """What stands for bands in a config, as a table without infinities."""
    if isinstance(given, str):
        given = read_bands(given)
    if not isinstance(given, Mapping):
        return given
    return {
        group: {name: _bounded(band) for name, band in bands.items()}
        if isinstance(bands, Mapping)
        else bands
        for group, bands in _ungrouped(given).items()
    }


def _bounded(band: object) -> object:
    if not isinstance(band, list | tuple):
        return band
    return [None if isinstance(end, float) and math.isinf(end) else end for end in band]


class ScoresConfig(Section):
    """What is measured of every drawn picture."""

    clip: str = Field(
        "none",
        description="CLIP or SigLIP that compares pictures with captions: `none`, "
        "`builtin:world` (small, knows only the packaged world), or folder or hub id, such as "
        "openai/clip-vit-large-patch14.",
    )
    clip_revision: str | None = Field(None, description="Hub revision of it.")
    nsfw: Literal["none", "builtin"] = Field(
        "none", description="`builtin`: the packaged OpenNSFW model looks at every picture."
    )
    questions: str = Field(
        "none",
        description="Name of a vision-language model that answers yes/no questions about every "
        "picture, at llm.base_url unless the next is set; `none` asks nothing.",
    )
    questions_url: str | None = Field(
        None, description="OpenAI-compatible server of that model; the key from OPENAI_API_KEY."
    )
    device: str = Field("auto", description="Where the scorers run, as images.device.")
    batch_size: int = Field(32, ge=1, le=4096, description="Pictures scored at once.")

    @property
    def scorers(self) -> frozenset[Scorer]:
        """Who measures in this run."""
        found: set[Scorer] = {"pixels"}
        if self.clip != "none":
            found.add("clip")
        if self.nsfw != "none":
            found.add("nsfw")
        if self.questions != "none":
            found.add("questions")
        return frozenset(found)

    def scorer_ids(self) -> dict[str, JsonValue]:
        """Who measured, by name and revision: what a sample says of its scores."""
        ids: dict[str, JsonValue] = {"pixels": "builtin"}
        if self.clip != "none":
            ids["clip"] = "@".join(filter(None, (public_name(self.clip), self.clip_revision)))
        if self.nsfw != "none":
            ids["nsfw"] = self.nsfw
        if self.questions != "none":
            ids["questions"] = self.questions
        return ids

    @property
    def names(self) -> tuple[str, ...]:
        """The scores that a run has: the columns of its sidecar."""
        return tuple(name for name, known in SCORES.items() if known.scorer in self.scorers)


class SelectionConfig(Section):
    """Which drawn pictures are kept."""

    bands: Annotated[
        BandTable, BeforeValidator(_open_bands, json_schema_input_type=BandTable | str)
    ] = Field(
        default_factory=dict,
        description="Which pictures → score → [least, most]; or the name of a TOML file of such "
        "tables, or `builtin:world`. Empty: nothing is refused.",
    )
    rank: str = Field(
        DEFAULT_RANK,
        description="Score by which the best of several candidates is kept, the higher the "
        "better; ties go to the lower number. Without that score, the first is kept.",
    )
    min_kept: int = Field(
        1,
        ge=0,
        description="Fewest counterfactual pictures of an anchor's set; with fewer, the set is "
        "rejected.",
    )
    min_hash_distance: int = Field(
        0,
        ge=0,
        le=32,
        description="Refuse a counterfactual picture whose perceptual hash differs in fewer bits "
        "from a kept picture of another set of the shard; 0 is off.",
    )

    @model_validator(mode="after")
    def _names_what_there_is(self) -> SelectionConfig:
        if self.rank not in SCORES:
            raise ValueError(f"rank: there is no score {self.rank!r}; known: {', '.join(SCORES)}")
        groups = {BANDS_FOR_ALL, FULL, CONTROL, *map(str, EditKind)}
        for group, bands in self.bands.items():
            kind, dot, _ = group.partition(".")
            if kind not in groups or (dot and kind not in set(EditKind)):
                raise ValueError(f"bands: {group!r} is no kind; known: {', '.join(sorted(groups))}")
            for name, band in bands.items():
                _refuse_band(group, name, band)
        return self


def _refuse_band(group: str, name: str, band: Band) -> None:
    """Refuse a band that is none, or of a score that its pictures never have."""
    if name not in SCORES:
        raise ValueError(f"bands.{group}: there is no score {name!r}; known: {', '.join(SCORES)}")
    least, most = band
    if any(end is not None and math.isnan(end) for end in band):
        raise ValueError(f"bands.{group}.{name}: nan is no bound")
    if least is not None and most is not None and least > most:
        raise ValueError(f"bands.{group}.{name}: {least} is above {most}")
    known = SCORES[name]
    has = {CONTROL: known.of_control, FULL: known.of_full}
    if not has.get(group, True):
        raise ValueError(f"bands.{group}.{name}: pictures of {group!r} have no such score")


def refuse_unserved(scores: ScoresConfig, selection: SelectionConfig) -> None:
    """Refuse thresholds of which nothing would be measured.

    Raises:
        ValueError: A band or the rank needs a scorer that is off; names the setting to change.
    """
    settings = {
        "clip": "scores.clip", "nsfw": "scores.nsfw", "questions": "scores.questions"
    }  # fmt: skip
    for group, bands in selection.bands.items():
        for name in bands:
            scorer = SCORES[name].scorer
            if scorer not in scores.scorers:
                raise ValueError(
                    f"selection.bands.{group}.{name} is set, but {settings[scorer]} is 'none', so "
                    f"nothing would be measured; set {settings[scorer]}, or remove the band"
                )
    scorer = SCORES[selection.rank].scorer
    if selection.rank != DEFAULT_RANK and scorer not in scores.scorers:
        raise ValueError(
            f"selection.rank is {selection.rank}, but {settings[scorer]} is 'none', so nothing "
            f"would be measured; set {settings[scorer]}, or rank by another score"
        )
