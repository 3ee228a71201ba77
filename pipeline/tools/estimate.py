"""What a dry run says: what a run would make and need, as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KindEstimate:
    """What a run is expected to make of one kind, and what asking for it costs.

    Attributes:
        captions: Captions, by the rules.
        tokens_in: Language-model tokens to read: a request's are shared equally among the
            kinds that it asks for.
        tokens_out: Language-model tokens to write, likewise.
        usd: Their price, or None where it is not known.
    """

    captions: int
    tokens_in: int
    tokens_out: int
    usd: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run is expected to make and need.

    Attributes:
        rows: Source rows, counted.
        shards: Shards, counted.
        sampled: Rows that the expectation rests on.
        anchors: Rows expected to become sets.
        minimal: Minimal edits expected.
        full: Complete counterfactuals expected.
        images: Pictures to draw.
        llm_requests: Requests to a language model.
        tokens_in: Language-model tokens to read.
        tokens_out: Language-model tokens to write.
        usd: Their price, or None where it is not known.
        cpu_hours: Processor time for the rules, as measured on the sample, and for the client of
            a language model; checks by models, drawing and scoring are not in it.
        gpu_tflops: Rate that the hours are computed with where none was measured.
        picture_s: GPU-seconds that each kept picture took in the run directory so far; None where
            none was measured.
        gpu_hours: Time to draw on one GPU, by `picture_s` or else by `gpu_tflops`.
        disk_bytes: Size of the run directory: files of the sample were written and measured.
        rejects: Reason → share of the sampled rows.
        kinds: Edit kind, and "full", → what is expected of it.
    """

    rows: int
    shards: int
    sampled: int
    anchors: int
    minimal: int
    full: int
    images: int
    llm_requests: int
    tokens_in: int
    tokens_out: int
    usd: float | None
    cpu_hours: float
    gpu_tflops: float
    picture_s: float | None
    gpu_hours: float
    disk_bytes: int
    rejects: Mapping[str, float]
    kinds: Mapping[str, KindEstimate] = field(default_factory=dict)
