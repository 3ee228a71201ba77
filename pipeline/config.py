"""The configuration of a run: validated, without secrets, and with a fingerprint.

Precedence: command-line flags, then `COUNTERFACTORY_*` environment variables
(`COUNTERFACTORY_IMAGES__STEPS=20`), then the TOML file, then the defaults below.
API keys are read from the environment by the adapters and never stand in a config.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from pipeline.config_images import DEFAULT_SDXL as DEFAULT_SDXL
from pipeline.config_images import ImagesConfig as ImagesConfig
from pipeline.config_images import LoraConfig as LoraConfig
from pipeline.config_scores import Band as Band
from pipeline.config_scores import BandTable as BandTable
from pipeline.config_scores import ScoresConfig as ScoresConfig
from pipeline.config_scores import SelectionConfig as SelectionConfig
from pipeline.config_scores import refuse_unserved
from pipeline.config_section import Section as Section
from pipeline.errors import ConfigError
from pipeline.identity import JsonValue, fingerprint
from pipeline.records import EditKind

SAMPLE_INPUT = "sample:cc3m"
"""Name of the few hundred real captions that the package ships."""

SAMPLES = {
    SAMPLE_INPUT: ("cc_tsv", "cc3m_sample.tsv"),
    "sample:world": ("tabular", "world_sample.jsonl"),
}
"""Captions that come with the package: kind of source and file."""

OPERATIONAL = frozenset(
    {
        "output",
        "workers",
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
        "llm.max_usd",
        "llm.max_tokens",
        "llm.prices",
        "llm.cache_dir",
        "llm.mode",
    }
)
"""Keys that change how fast or where a run works, not what it makes: a resume may alter them."""


class SourceConfig(Section):
    """Where the anchors come from."""

    kind: Literal["cc_tsv", "webdataset", "tabular"] = Field(
        "cc_tsv", description="Format of the input."
    )
    input: str = Field(
        SAMPLE_INPUT,
        description="File, URL or brace pattern (`shard-{000..012}.tar`); the package brings "
        "`sample:cc3m` (cc_tsv) and `sample:world` (tabular).",
    )
    limit: int | None = Field(None, ge=1, description="Read only the first rows; all if unset.")
    shard_size: int = Field(1000, ge=1, le=100_000, description="Source rows to a shard.")
    caption_column: str = Field("caption", description="tabular: column of the caption.")
    image_column: str | None = Field(
        None, description="tabular: column of image bytes or of image paths; none if unset."
    )
    url_column: str | None = Field(None, description="tabular: column of the image's address.")
    name: str | None = Field(
        None, description="Name of the data, for the dataset card; that of the input if unset."
    )
    license: str | None = Field(
        None,
        description="Licence of its captions and pictures, for the dataset card: a name such as "
        "cc-by-4.0, or a sentence. That of the packaged samples is known.",
    )
    max_caption_chars: int = Field(
        1000, ge=10, description="Longer captions are rejected with `source.too_long`."
    )


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


class LlmConfig(Section):
    """The language model that proposes edits; the rules work without one."""

    provider: Literal["none", "local", "openai"] = Field(
        "none",
        description="`none`: rules only. `local`: the small bundled model. `openai`: any "
        "OpenAI-compatible server, with the key from OPENAI_API_KEY.",
    )
    model: str = Field("gpt-4o-mini", description="Model name for `openai`.")
    base_url: str | None = Field(
        None, description="Server for `openai`, such as http://localhost:8000/v1 for vLLM."
    )
    form: Literal["auto", "open", "rails"] = Field(
        "auto",
        description="`open`: the model words its edits freely. `rails`: it chooses among "
        "those that the parse allows; `auto` uses rails for `local`.",
    )
    mode: Literal["online", "batch"] = Field(
        "online", description="`batch` sends the provider's half-price batch files."
    )
    temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature.")
    concurrency: int = Field(16, ge=1, le=1024, description="Requests under way at once.")
    requests_per_minute: int | None = Field(None, ge=1, description="Rate limit of requests.")
    tokens_per_minute: int | None = Field(None, ge=1, description="Rate limit of tokens.")
    timeout_s: float = Field(60.0, gt=0, description="Longest wait for one answer.")
    max_retries: int = Field(4, ge=0, le=20, description="Retries of one request by the SDK.")
    max_usd: float | None = Field(None, gt=0, description="Stop cleanly at this cost.")
    max_tokens: int | None = Field(None, ge=1, description="Stop cleanly at this many tokens.")
    prices: dict[str, tuple[float, float]] = Field(
        default_factory=dict,
        description="Model name → USD for a million tokens in and out; adds to the known ones.",
    )
    cache_dir: str | None = Field(
        None, description="Folder of the response cache; the user's cache folder if unset."
    )


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


class RunConfig(Section):
    """Everything that decides what a run makes."""

    seed: int = Field(0, ge=0, description="Run seed; every other seed is derived from it.")
    output: str | None = Field(
        None, description="Run directory; `outputs/<name of the input>` if unset."
    )
    workers: int = Field(1, ge=1, le=256, description="Processes that write captions.")
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
        return {key: flat[key] for key in sorted(flat) if key not in OPERATIONAL}

    @property
    def fingerprint(self) -> str:
        """Name of :meth:`product`: two configs with the same one make the same data."""
        return fingerprint(self.product())


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, JsonValue]:
    """Turn nested sections into `section.key` → value; only sections are opened."""
    flat: dict[str, JsonValue] = {}
    for key, value in tree.items():
        if not prefix and isinstance(value, dict):
            flat |= flatten(value, f"{key}.")
        else:
            flat[prefix + key] = value
    return flat


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Turn `section.key` → value into nested sections, the reverse of :func:`flatten`."""
    tree: dict[str, Any] = {}
    for dotted, value in flat.items():
        *sections, key = dotted.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
            if not isinstance(branch, dict):
                raise ConfigError(f"{dotted}: {section} was given a value and cannot be a section")
        if isinstance(branch.get(key), dict):
            raise ConfigError(f"{dotted} replaces settings given before: name each as {dotted}.…")
        branch[key] = value
    return tree


def merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `high` over `low`, section by section."""
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = merge(below, value) if both and isinstance(below, Mapping) else value
    return merged


ENV_PREFIX = "COUNTERFACTORY_"

Settings = TypeVar("Settings", bound=Section)


def read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read `COUNTERFACTORY_SECTION__KEY` variables; values stay text and pydantic reads them.

    Raises:
        ConfigError: A variable names no key, which is most likely a typing error.
    """
    known = set(flatten(RunConfig().model_dump(mode="json")))
    flat: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(ENV_PREFIX):
            continue
        dotted = name.removeprefix(ENV_PREFIX).lower().replace("__", ".")
        if dotted not in known:
            raise ConfigError(
                f"environment variable {name} names no setting: there is no {dotted!r}; "
                "unset it or see the configuration table in the README"
            )
        flat[dotted] = read_text_value(environ[name])
    return nest(flat)


def read_text_value(text: str) -> Any:
    """Read a setting given as text: lists and tables as JSON, all else as it is.

    Pydantic turns plain text into numbers and switches by itself.
    """
    if text[:1] not in {"[", "{"}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: It is missing or does not parse.
    """
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as error:
        raise ConfigError(f"config file {path} does not exist") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"config file {path} cannot be read: {error}") from error


def build_config(tree: Mapping[str, Any]) -> RunConfig:
    """Validate a nested mapping as the config of a run.

    Raises:
        ConfigError: One line for every fault, with the key, the value and what is allowed.
    """
    return validate_settings(RunConfig, tree)


def validate_settings(model: type[Settings], tree: Mapping[str, Any]) -> Settings:
    """Validate a nested mapping as any config.

    Raises:
        ConfigError: One line for every fault, with the key, the value and what is allowed.
    """
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        known = list(flatten(model().model_dump(mode="json")))
        faults = [
            f"  {'.'.join(str(part) for part in fault['loc']) or 'config'}: "
            f"{_explain(fault, known)} (got {fault['input']!r:.80})"
            for fault in error.errors(include_url=False)
        ]
        raise ConfigError("the configuration is not valid:\n" + "\n".join(faults)) from error


def _explain(fault: Mapping[str, Any], known: Sequence[str]) -> str:
    """A validation error in the words of a person who types settings."""
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(".".join(map(str, fault["loc"])), known, 1)
        return "there is no such setting" + (f"; did you mean {near[0]}?" if near else "")
    if fault["type"] == "tuple_type":
        return 'give a list in JSON, such as ["count"]'
    return str(fault["msg"])


def load_config(
    flags: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    file: Path | None = None,
) -> RunConfig:
    """Resolve a run's config: flags win over the environment, that over the file.

    Args:
        flags: `section.key` → value, only those that the user gave.
        environ: The process environment; only `COUNTERFACTORY_*` is read.
        file: TOML file, or None.

    Raises:
        ConfigError: Any of the three is not valid.
    """
    tree = read_toml(file) if file else {}
    tree = merge(tree, read_environment(environ))
    return build_config(merge(tree, nest(flags)))
