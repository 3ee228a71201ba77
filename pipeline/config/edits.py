"""The section `edits` of the configuration: which counterfactual captions are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipeline.config.base import Section
from pipeline.core.records import EditKind


class EditsConfig(Section):
    """Which counterfactual captions are written."""

    kinds: tuple[EditKind, ...] = Field(
        tuple(EditKind), min_length=1, description="Kinds of minimal edits to make."
    )
    max_minimal: int = Field(
        5, ge=0, le=32, description="Minimal edits kept for an anchor (K_min)."
    )
    max_full: int = Field(
        1, ge=0, le=8, description="Complete counterfactuals for an anchor (K_full)."
    )
    pool_size: int = Field(
        20_000,
        ge=2,
        le=1_000_000,
        description="Captions of the source among which complete counterfactuals are looked for: "
        "all of a smaller source, else a sample drawn by hash. The run directory keeps them.",
    )
    kind_weights: dict[EditKind, Annotated[float, Field(gt=0, le=100)]] = Field(
        default_factory=dict,
        description="Kind → how much of it is wanted, 1 unless named. Below 1, that share of its "
        "places is edited; above, it goes before other kinds where an anchor offers too many.",
    )
    vocabulary: str | None = Field(
        None,
        description="TOML file of `words` that edits may bring in, and of `settings` for complete "
        "counterfactuals: for image models that draw few things. `builtin:world` has those of "
        "the image model `builtin:world`.",
    )
    spacy_model: str = Field(
        "auto",
        description="spaCy pipeline; `auto` takes en_core_web_sm, else its packaged twin.",
    )
    demographics: Literal["allow", "balanced", "off"] = Field(
        "balanced",
        description="Edits of gender and age group: as they come, both directions equally "
        "often, or none. Race, religion and disability are never edited.",
    )

    @property
    def mines(self) -> bool:
        """Whether complete counterfactuals are other captions of the source."""
        return self.max_full > 0 and self.vocabulary is None
