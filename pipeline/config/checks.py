"""The section `checks` of the configuration: which captions are refused once written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.config.base import Section
from pipeline.core.records import EditKind


class ChecksConfig(Section):
    """Which counterfactual captions are refused after they are written."""

    max_tokens: int = Field(
        77, ge=8, description="Most CLIP tokens of a caption, with start and end."
    )
    unsafe: bool = Field(True, description="Refuse sexual content, slurs, gore and self-harm.")
    wordnet: str = Field(
        "auto",
        description="WordNet, to refuse synonyms and kinds of the same thing: `auto` takes an "
        "installed one, `off` none; else its folder.",
    )
    fluency_model: str = Field(
        "none",
        description="Language model behind the two settings below: `none`, `builtin:smollm2`, "
        "or folder or hub id of a causal model.",
    )
    fluency_dtype: Literal["float32", "bfloat16"] = Field(
        "float32", description="Number format of that model; bfloat16 is coarser and faster."
    )
    bands: dict[EditKind, tuple[float, float]] = Field(
        default_factory=dict,
        description="Kind → how many nats less likely than its factual wording an edit may be, "
        "least and most; adds to the measured ones.",
    )
    balance: bool | None = Field(
        None,
        description="Choose edits so that the language model cannot tell which caption is the "
        "factual one; if unset, wherever there is such a model.",
    )
    blind_accuracy: float = Field(
        0.5,
        ge=0.5,
        lt=1,
        description="What the balance aims at: how often the likelier caption may be the "
        "factual one, in each kind. Higher keeps more edits.",
    )
    pair_cap: int | None = Field(
        None,
        ge=1,
        description="Most edits of a shard that put the same words in the place of the same words, "
        "such as red → blue; which of more stay is drawn by hash.",
    )
    direction_ratio: float | None = Field(
        None,
        ge=1,
        description="How many times as often as back a pair of words may be exchanged in a shard "
        "(white → green against green → white); one that never comes back counts as once. Not for "
        "negation, swap and causal_order, whose direction the facts give.",
    )
    candidates: int = Field(
        3,
        ge=1,
        le=10,
        description="Captions written for each one kept, where a whole shard is chosen from: with "
        "a balance, `pair_cap` or `direction_ratio`.",
    )

    @model_validator(mode="after")
    def _has_a_model_for_its_thresholds(self) -> ChecksConfig:
        for kind, (least, most) in self.bands.items():
            if not least < most:
                raise ValueError(f"bands.{kind}: {least} is not below {most}")
        if self.fluency_model == "none" and (self.bands or self.balance):
            asked = "bands are" if self.bands else "balance is"
            raise ValueError(
                f"checks.{asked} set, but fluency_model is 'none', so nothing would be measured; "
                "set checks.fluency_model to builtin:smollm2, or leave the other unset"
            )
        return self

    @property
    def balances(self) -> bool:
        """Whether edits are chosen so that their likelihood gives nothing away."""
        return self.fluency_model != "none" and self.balance is not False

    @property
    def chooses(self) -> bool:
        """Whether edits are chosen among more, for which a whole shard must be at hand."""
        return self.balances or self.pair_cap is not None or self.direction_ratio is not None
