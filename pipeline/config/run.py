"""The configuration of a run: validated, without secrets, and with a fingerprint.

API keys are read from the environment by the adapters and never stand in a config.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from pipeline.config.base import RunFolder, Section, flatten
from pipeline.config.checks import ChecksConfig
from pipeline.config.edits import EditsConfig
from pipeline.config.execution import ExecutionConfig
from pipeline.config.images import ImagesConfig
from pipeline.config.llm import LlmConfig
from pipeline.config.scores import ScoresConfig, SelectionConfig, refuse_unserved
from pipeline.config.source import LATER_SETTINGS, SourceConfig
from pipeline.core.ids import JsonValue, fingerprint

_LATER = ("images.denied_words", "images.model_shape")
"""Settings of pictures that count for a run's identity only where they are set, as
:data:`pipeline.config.source.LATER_SETTINGS`."""

ADDRESS_KEY = "source.input"
"""Where the input lies: kept in run.json, and no part of what a run is."""

OPERATIONAL = frozenset(
    {
        "output",
        "workers",
        "run.executor",
        "run.ray_address",
        "run.image_actors",
        "run.gpus_per_actor",
        "run.keep_input_gib",
        "run.scratch",
        "images.device",
        "images.batch_size",
        "images.compile",
        "images.compile_cache",
        "images.fuse_qkv",
        "images.release_text_encoders",
        "images.cpu_offload",
        "images.vae_slicing",
        "scores.device",
        "scores.questions_url",
        "llm.base_url",
        "llm.concurrency",
        "llm.requests_per_minute",
        "llm.tokens_per_minute",
        "llm.timeout_s",
        "llm.max_retries",
        "llm.min_useful_share",
        "llm.max_usd",
        "llm.max_tokens",
        "llm.prices",
        "llm.cache_dir",
        "llm.mode",
    }
)
"""Keys that change how fast or where a run works, not what it makes: a resume may alter them."""


class RunConfig(Section):
    """Everything that decides what a run makes."""

    seed: int = Field(0, ge=0, description="Run seed; every other seed is derived from it.")
    output: RunFolder | None = Field(
        None,
        description="Run directory, also on a store (`s3://bucket/run`); "
        "`outputs/<name of the input>` if unset.",
    )
    workers: int = Field(1, ge=1, le=256, description="Processes, or actors, that write captions.")
    run: ExecutionConfig = ExecutionConfig()
    source: SourceConfig = SourceConfig()
    edits: EditsConfig = EditsConfig()
    llm: LlmConfig = LlmConfig()
    checks: ChecksConfig = ChecksConfig()
    images: ImagesConfig = ImagesConfig()
    scores: ScoresConfig = ScoresConfig()
    selection: SelectionConfig = SelectionConfig()

    @model_validator(mode="after")
    def _measures_what_it_bounds(self) -> RunConfig:
        refuse_unserved(self.scores, self.selection)
        return self

    @model_validator(mode="after")
    def _has_something_to_make(self) -> RunConfig:
        if self.edits.max_minimal == 0 and self.edits.max_full == 0:
            raise ValueError("edits.max_minimal and edits.max_full are both 0: nothing to make")
        return self

    @property
    def selects(self) -> bool:
        """Whether drawn pictures are measured and chosen among; else all are kept as drawn."""
        images, selection = self.images, self.selection
        return images.renderer != "none" and (
            self.scores.scorers > {"pixels"}
            or bool(selection.bands)
            or images.candidates > 1
            or images.keep_candidates
            or selection.min_hash_distance > 0
            or selection.min_kept > 1
        )

    @property
    def measured(self) -> tuple[str, ...]:
        """The scores that every drawn picture gets: the score columns of the sidecar."""
        return self.scores.names if self.selects else ()

    def product(self) -> dict[str, JsonValue]:
        """The keys that decide what is made, as `section.key` → value, sorted."""
        flat = flatten(self.model_dump(mode="json"))
        unset = flatten(SourceConfig().model_dump(mode="json"), "source.")
        unset |= {name: flatten(ImagesConfig().model_dump(), "images.")[name] for name in _LATER}
        later = {*LATER_SETTINGS, *_LATER}
        return {
            key: flat[key]
            for key in sorted(flat)
            if key not in OPERATIONAL and not (key in later and flat[key] == unset[key])
        }

    @property
    def fingerprint(self) -> str:
        """Name of :meth:`product` without the input's address.

        Two configs with the same one make the same data of the same input, which run.json names
        by its content (`source.fingerprint`).
        """
        return fingerprints_of(self.product())[0]


def fingerprints_of(product: Mapping[str, JsonValue]) -> tuple[str, str]:
    """Name of the product of a config, and the one that older versions gave it.

    Theirs held the input's address, so that the same file elsewhere was another run.
    """
    unplaced = {key: value for key, value in product.items() if key != ADDRESS_KEY}
    return fingerprint(unplaced), fingerprint(dict(product))
