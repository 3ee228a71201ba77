"""The sections `scores` and `selection` of the configuration: what is measured and kept."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.config_section import Section
from pipeline.records import EditKind
from pipeline.scores import SCORES, Scorer

BANDS_FOR_ALL = "default"
BANDS_FOR_FULL = "full"
BANDS_FOR_CONTROL = "control"

Band = tuple[float | None, float | None]
"""Least and most of a score, both included; None for no bound."""

BandTable = dict[str, dict[str, Band]]
"""Which pictures → score → band. The first key is an edit kind ("count"), a kind with its
subkind ("attribute.colour"), "full", "control", or "default" for all of them; the narrower key
wins score by score."""


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

    @property
    def names(self) -> tuple[str, ...]:
        """The scores that a run has: the columns of its sidecar."""
        return tuple(name for name, known in SCORES.items() if known.scorer in self.scorers)


class SelectionConfig(Section):
    """Which drawn pictures are kept."""

    bands: BandTable = Field(
        default_factory=dict,
        description="Which pictures → score → [least, most]; or the name of a TOML file of such "
        "tables, or `builtin:world`. Empty: nothing is refused.",
    )
    rank: str = Field(
        "margin",
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
        description="Refuse a counterfactual picture whose perceptual hash is that close to "
        "another kept picture of the shard; 0 is off.",
    )

    @model_validator(mode="after")
    def _names_what_there_is(self) -> SelectionConfig:
        if self.rank not in SCORES:
            raise ValueError(f"rank: there is no score {self.rank!r}; known: {', '.join(SCORES)}")
        groups = {BANDS_FOR_ALL, BANDS_FOR_FULL, BANDS_FOR_CONTROL, *map(str, EditKind)}
        for group, bands in self.bands.items():
            if group.split(".")[0] not in groups:
                raise ValueError(f"bands: {group!r} is no kind; known: {', '.join(sorted(groups))}")
            for name, (least, most) in bands.items():
                if name not in SCORES:
                    raise ValueError(
                        f"bands.{group}: there is no score {name!r}; known: {', '.join(SCORES)}"
                    )
                if least is not None and most is not None and least > most:
                    raise ValueError(f"bands.{group}.{name}: {least} is above {most}")
        return self


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
