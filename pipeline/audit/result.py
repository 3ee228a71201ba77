"""What an audit found, and what of it is a finding, in words and as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from pipeline.audit import balance as audit_balance
from pipeline.audit import overlap as audit_overlap
from pipeline.audit import probe as audit_probe
from pipeline.audit import text as audit_text
from pipeline.audit.balance import Balance
from pipeline.audit.caption_probe import CaptionProbe
from pipeline.audit.overlap import Overlap
from pipeline.audit.probe import ProbeResult
from pipeline.audit.text import Guess
from pipeline.core.ids import JsonValue


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found.

    Attributes:
        config_fingerprint: Of the run.
        sets: Sets in the shards that were read.
        sampled: Sets whose captions and pictures were looked at.
        captions: How often a classifier that is trained on captions finds the counterfactual.
        guesses: What gives captions away to who is not trained.
        probes: What gives pictures away.
        balance: Which words replace which.
        overlaps: What is in the other data too; empty without any.
        skipped: What was not done, with the reason.
        shards: Finished shards with a set in them.
        shards_read: Those that were read.
    """

    config_fingerprint: str
    sets: int
    sampled: int
    captions: tuple[CaptionProbe, ...]
    guesses: tuple[Guess, ...]
    probes: tuple[ProbeResult, ...]
    balance: Balance
    overlaps: tuple[Overlap, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    shards: int = 0
    shards_read: int = 0


def findings(audit: Audit) -> list[str]:
    """Everything that is marked, a line each."""
    return [*_text_findings(audit), *_picture_findings(audit), *_data_findings(audit)]


def _text_findings(audit: Audit) -> Iterator[str]:
    for c in audit.captions:
        if c.is_marked:
            name = f"{c.kind} {c.subkind}".strip().replace("_", " ")
            telling = ", ".join(f"{word!r}" for word, _ in c.telling[:3])
            yield (
                f"captions: a classifier trained on {c.features} finds the counterfactual in "
                f"{c.accuracy:.0%} of {c.pairs:,} {name} pairs; it leans on {telling}"
            )
    for g in audit.guesses:
        if g.is_marked:
            yield (
                f"captions: guessing by {g.way}, the counterfactual is found in {g.accuracy:.0%} "
                f"of {g.pairs:,} {g.kind} pairs"
            )


def _picture_findings(audit: Audit) -> Iterator[str]:
    for p in audit.probes:
        if p.is_marked:
            leans = f"; it leans on {', '.join(n for n, _ in p.telling)}" if p.telling else ""
            yield (
                f"pictures: a linear probe on {p.features} tells {p.contrast}, AUC {p.auc:.2f}"
                f"{leans}"
            )


def _data_findings(audit: Audit) -> Iterator[str]:
    for skew in (*audit.balance.pairs, *audit.balance.words):
        if skew.is_marked:
            yield f"balance: {skew.in_words}"
    for o in audit.overlaps:
        if o.is_marked:
            yield f"contamination: {o.same:,} {o.what} are in the other data, {o.near:,} nearly"


def to_json(audit: Audit) -> dict[str, JsonValue]:
    """What audit.json says."""
    described: dict[str, JsonValue] = json.loads(json.dumps(asdict(audit)))
    described["findings"] = findings(audit)
    described["thresholds"] = {
        "captions": {
            "from_half": audit_text.LEAK,
            "interval": 0.999,
            "least_pairs": audit_text.LEAST_PAIRS,
        },
        "pictures": {
            "auc_above_half": audit_probe.LEAK,
            "p_value": audit_probe.CHANCE,
            "least_sets": audit_probe.LEAST_SETS,
        },
        "balance": {"one_way": audit_balance.SKEW, "least_edits": audit_balance.LEAST},
        "contamination": {
            "common_words": audit_overlap.NEAR_CAPTIONS,
            "least_words": audit_overlap.LEAST_WORDS,
            "hash_bits": audit_overlap.NEAR_PICTURES,
        },
    }
    return described
