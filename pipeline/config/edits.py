"""The section `edits` of the configuration: which counterfactual captions are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

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
    max_neutral: int = Field(
        2,
        ge=0,
        le=8,
        description="Neutral variants for an anchor: its caption in other words, which must not "
        "move a score. They are texts only, and most captions offer one or none; 0: none.",
    )
    kind_weights: dict[EditKind, Annotated[float, Field(gt=0, le=100)]] = Field(
        default_factory=dict,
        description="Kind → how much of it is wanted, 1 unless named. Below 1, that share of its "
        "places is edited; above, it goes before other kinds where an anchor offers too many.",
    )
    balance: Literal["select", "weights", "off"] = Field(
        "select",
        description="Edits whose reverse is rarer tell which caption is false. `select` leaves out "
        "as many as make both equally frequent, and weights what a language model worded; "
        "`weights` keeps all and records a weight with each edit, `off` does neither.",
    )
    balance_table: str = Field(
        "auto",
        description="What the balance goes by: `auto` counts the first captions of the input where "
        "it has 2,000 or more, and takes `builtin:web`, counted on web captions, where it has "
        "fewer; or a table that an earlier run wrote, such as `outputs/cc3m/balance.json`.",
    )
    balance_captions: int = Field(
        10_000, ge=2000, description="Captions that `balance_table=auto` counts at most."
    )
    balance_except: tuple[str, ...] = Field(
        (),
        description="Kinds, or `kind.subkind`, that the balance leaves alone, such as "
        "`negation.one_sided`: they then tell the false caption by their words.",
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

    @field_validator("balance_except")
    @classmethod
    def _names_kinds(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        kinds = {str(kind) for kind in EditKind}
        if unknown := sorted(name for name in names if name.split(".")[0] not in kinds):
            raise ValueError(
                f"{', '.join(unknown)}: each begins with a kind: {', '.join(sorted(kinds))}"
            )
        return names
