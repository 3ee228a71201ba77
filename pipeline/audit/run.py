"""Whether a model could cheat on the data of a run: the audits, gathered and judged.

Nothing in the run is changed. Captions and pictures are read as they are stored; the result
depends on them, the models and the other data alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.audit.balance import Balance, BalanceCount, EditWords, changed_words
from pipeline.audit.caption_probe import probe_captions
from pipeline.audit.other_data import OtherData, open_other
from pipeline.audit.overlap import (
    CaptionIndex,
    Overlap,
    OverlapCount,
    PictureIndex,
)
from pipeline.audit.pictures import PictureAudit, hash_of
from pipeline.audit.result import Audit
from pipeline.audit.text import (
    Guess,
    TextPair,
    guess_by,
    guess_by_length,
)
from pipeline.config.loading import build_config, nest
from pipeline.core.errors import ConfigError
from pipeline.core.ids import content_id
from pipeline.core.protocols import JointEncoder, TextScorer
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import StoredSample, iterate_samples
from pipeline.shards.run_json import RunRecord, read_run_json
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.sidecar_rows import SidecarRow, rows_by_anchor

DEFAULT_SETS: Final = 2000
"""Sets whose pictures and captions are looked at, chosen by hash; counts look at all."""

DEFAULT_SHARDS: Final = 64
"""Shards that are read, chosen by hash: a run of ten thousand would take hours and tell no more."""

LIKELIHOOD_PAIRS: Final = 1000
"""Pairs that the language model reads; more would take minutes and tell little more."""

_ALL_HASHES: Final = 1 << 80
"""Ids are hashes of 80 bits."""


@dataclass(frozen=True, slots=True)
class AuditModels:
    """The models that an audit may use; None for one that there is not.

    Attributes:
        encoder: Gives pictures vectors; without one, plain statistics of pixels are looked at.
        scorer: Says how likely captions are.
    """

    encoder: JointEncoder | None = None
    scorer: TextScorer | None = None

    def __enter__(self) -> AuditModels:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Free both, also after an error."""
        for model in (self.encoder, self.scorer):
            if model is not None:
                model.close()


def audit_run(
    root: Path,
    models: AuditModels,
    *,
    against: Path | None = None,
    most_sets: int = DEFAULT_SETS,
    most_shards: int = DEFAULT_SHARDS,
    advance: Callable[[str], None] = lambda _: None,
) -> Audit:
    """Audit a run, finished or not: what is in its finished shards.

    Args:
        root: The run directory.
        models: What to look with.
        against: Other data that should have nothing in common with it.
        most_sets: About how many sets to look at closely.
        most_shards: How many shards to read; what is looked for in other data is looked for in all.
        advance: Called with each step that begins.

    Raises:
        ConfigError: It is no run directory, or the other data cannot be read.
        ShardCorruptError: A shard is damaged.
    """
    layout = RunLayout(root)
    record = read_audited_run(layout)
    other = open_other(against) if against else None
    advance("counting edits")
    tars = layout.tars()
    chosen = sorted(sorted(tars, key=lambda tar: content_id("audit", tar.name))[:most_shards])
    balance, sets = _balance(layout, chosen)
    advance("reading captions and pictures")
    sampled = _Sampled(models.encoder)
    for sample in iterate_samples(chosen):
        if _is_chosen(sample.key, sets, most_sets):
            sampled.add(sample)
    skipped: dict[str, str] = {}
    advance("training a probe on captions")
    try:
        captions = tuple(probe_captions(sampled.pairs))
    except ConfigError as error:
        captions, skipped["trained probe of captions"] = (), str(error)
    guesses = guess_by_length(sampled.pairs)
    if models.scorer is None:
        skipped["likelihood"] = "no language model"
    else:
        advance("reading captions with the language model")
        guesses += _guess_by_likelihood(sampled.pairs, models.scorer)
    if models.encoder is None:
        skipped["probe on embeddings"] = "no CLIP: neither the run has scores.clip nor --clip"
    advance("probing pictures")
    probes = sampled.pictures.probes(skipped)
    overlaps: tuple[Overlap, ...] = ()
    if other is None:
        skipped["contamination"] = "no --against"
    else:
        advance(f"looking for what is in {other.path} too")
        overlaps = _overlaps(layout, other)
    return Audit(
        str(record.fingerprint), sets, sampled.sets,
        captions, tuple(guesses), probes, balance, overlaps, skipped, len(tars), len(chosen),
    )  # fmt: skip


def read_audited_run(layout: RunLayout) -> RunRecord:
    """What run.json says of a run that has something to audit.

    Raises:
        ConfigError: There is none, or no finished shard.
        ShardCorruptError: It is damaged.
    """
    record = read_run_json(layout)
    if not layout.tars():
        raise ConfigError(f"{layout.root} has no finished shard with a set in it: nothing to audit")
    return record


def open_models(record: RunRecord, *, clip: str | None, lm: str | None) -> AuditModels:
    """The models that the command or else the run names.

    Args:
        record: What run.json says.
        clip: CLIP by folder, hub id or `builtin:world`; "none" for none; the run's if None.
        lm: Language model, likewise; if None the run's, else the packaged one where it is
            installed.

    Raises:
        ConfigError: A model that was named is not there.
    """
    from pipeline.adapters.clip.encoder import open_joint_encoder
    from pipeline.adapters.language_model.scorer import open_text_scorer

    # Only what a model needs, so that a run of an older version can be audited too.
    settings = {k: v for k, v in record.config.items() if k.startswith("scores.")}
    if clip is not None:
        settings |= {"scores.clip": clip, "scores.clip_revision": None}
    scores = build_config(nest(settings)).scores
    encoder = open_joint_encoder(scores) if scores.clip != "none" else None
    named = lm or record.text("checks.fluency_model", "none")
    named = "builtin:smollm2" if lm is None and named == "none" else named
    if named == "none":
        return AuditModels(encoder, None)
    checks = build_config({"checks": {"fluency_model": named}}).checks
    try:
        return AuditModels(encoder, open_text_scorer(checks))
    except ConfigError:
        if lm is not None:
            raise
        return AuditModels(encoder, None)


class _Sampled:
    """The sets that are looked at closely."""

    def __init__(self, encoder: JointEncoder | None) -> None:
        self.sets = 0
        self.pairs: list[TextPair] = []
        self.pictures = PictureAudit(encoder)

    def add(self, sample: StoredSample) -> None:
        """Take the captions and pictures of a set."""
        self.sets += 1
        document = sample.document
        for edit in document.minimal:
            self.pairs.append(
                TextPair(
                    sample.key,
                    str(edit.kind),
                    edit.factual,
                    edit.caption,
                    edit.subkind,
                    1.0 if edit.weight is None else edit.weight,
                )
            )
        for whole in document.full:
            self.pairs.append(TextPair(sample.key, "full", document.caption, whole.caption))
        self.pictures.add(sample)


def _is_chosen(key: str, sets: int, most_sets: int) -> bool:
    """Whether a set is among the sampled ones, by hash: the same for the same run."""
    return int(content_id("audit", key), 16) * max(1, sets) < most_sets * _ALL_HASHES


def _guess_by_likelihood(pairs: list[TextPair], scorer: TextScorer) -> list[Guess]:
    """Take the less likely caption for the counterfactual."""
    share = LIKELIHOOD_PAIRS * _ALL_HASHES // max(1, len(pairs))
    read = [p for p in pairs if int(content_id("likelihood", p.anchor_id, p.caption), 16) <= share]
    if not read:
        return []
    nats = scorer.score([text for pair in read for text in (pair.factual, pair.caption)])
    scores = [(float(nats[2 * i]), float(nats[2 * i + 1])) for i in range(len(read))]
    return guess_by("likelihood", read, scores)


def _balance(layout: RunLayout, tars: Sequence[Path]) -> tuple[Balance, int]:
    """The balance of the shards' edits, refused ones included, and the number of sets."""
    counted = BalanceCount()
    sets = 0
    for tar in tars:
        with closing(rows_by_anchor(read_sidecar(layout.sidecar(int(tar.stem))))) as groups:
            for group in groups:
                sets += group[0].status == "made"
                for edit in _edit_words(group):
                    counted.add(edit)
    return counted.balance(), sets


def _edit_words(group: list[SidecarRow]) -> Iterator[EditWords]:
    """The edits of a set; one whose picture was refused counts as refused."""
    factual = group[0].caption
    drawn = {row.variant for row in group if row.item == "image" and row.status == "made"}
    for row in group:
        if row.item != "edit":
            continue
        if row.status == "made":
            kept = group[0].status == "made" and (not drawn or row.variant in drawn)
            yield EditWords(row.kind or "", row.old or "", row.new or "", kept)
        elif factual and row.caption:
            old, new = changed_words(factual, row.caption)
            yield EditWords(row.kind or "unknown", old, new, is_kept=False)


def _overlaps(layout: RunLayout, other: OtherData) -> tuple[Overlap, ...]:
    """What all sets of the run have in common with the other data."""
    captions = CaptionIndex(other.captions())
    pictures = PictureIndex(
        (name, found) for name, data in other.pictures() if (found := hash_of(data)) is not None
    )
    factual = OverlapCount("factual captions", len(captions))
    edited = OverlapCount("counterfactual captions", len(captions))
    compared = OverlapCount("pictures", len(pictures))
    for sample in iterate_samples(layout):
        key, document = sample.key, sample.document
        if len(captions):
            factual.add(captions.find(f"{key}/txt", document.caption))
            for variant, text in document.captions().items():
                edited.add(captions.find(f"{key}/{variant}.txt", text))
        if len(pictures):
            files = sorted({entry.file for entry in document.images.values()})
            named = [(f"{key}/{file}", hash_of(sample.fields[file])) for file in files]
            hashes = [(name, value) for name, value in named if value is not None]
            matches = {match.here: match for match in pictures.find_all(hashes)}
            for name, _ in hashes:
                compared.add(matches.get(name))
    counted = [factual, edited] if len(captions) else []
    return tuple(count.overlap() for count in [*counted, *([compared] if len(pictures) else [])])
