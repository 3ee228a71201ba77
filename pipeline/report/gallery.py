"""The sets on the page: chosen evenly, the same ones each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.core.records import CaptionEdit, CounterfactualSet, Replacement, Role
from pipeline.core.truth import has_own_picture
from pipeline.report.gallery_model import (
    Card,
    CardStatus,
    Gallery,
    MarkKind,
    RefusedCaption,
    Segment,
    SetEntry,
)
from pipeline.report.marking import mark_text
from pipeline.report.thumbnail import make_thumbnail
from pipeline.shards.candidates import StoredCandidates, read_candidates
from pipeline.shards.captions import find_captions
from pipeline.shards.document import MinimalEntry
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import ShardReceipt
from pipeline.shards.reader import StoredSample, iterate_samples
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.sidecar_rows import SidecarRow, rows_by_anchor

MOST_SHARDS: Final = 24
"""Shards that a gallery looks into, evenly spaced over the run: a run of ten thousand shards
is reported about as fast as one of two dozen."""

REJECTED_SHARE: Final = 0.3
"""Of the shown sets, how many may be rejected anchors."""

MOST_REFUSED: Final = 12
"""Refused captions listed for a set."""


def gather_gallery(
    layout: RunLayout, receipts: Sequence[ShardReceipt], *, most_sets: int
) -> Gallery:
    """Choose and read the sets that are shown.

    Raises:
        ShardCorruptError: A shard is damaged.
    """
    shown = [receipts[i] for i in spread(len(receipts), MOST_SHARDS)]
    quotas = _quotas(shown, most_sets)
    sets = [entry for receipt in shown for entry in _shard_sets(layout, receipt, quotas)]
    return Gallery(
        tuple(sets),
        made=sum(receipt.counts.samples for receipt in receipts),
        rejected=sum(sum(receipt.counts.rejected.values()) for receipt in receipts),
        shards_shown=len(shown),
    )


def spread(total: int, most: int) -> list[int]:
    """At most `most` of the numbers below `total`, evenly spaced, the first among them."""
    count = min(total, most)
    return [index * total // count for index in range(count)]


@dataclass(slots=True)
class _Quota:
    """Takes `wanted` of `total` items as they come, evenly spaced."""

    total: int
    wanted: int
    offered: int = 0

    def take(self) -> bool:
        before = self.offered * self.wanted // max(1, self.total)
        self.offered += 1
        return self.offered * self.wanted // max(1, self.total) > before


def _quotas(receipts: Iterable[ShardReceipt], most_sets: int) -> dict[str, _Quota]:
    """How many sets to show of those made ("") and of each reason of rejection.

    Every reason gets the same, as far as it has that many: the rare ones are worth a look too.
    """
    made = 0
    rejected: dict[str, int] = {}
    for receipt in receipts:
        made += receipt.counts.samples
        for reason, count in receipt.counts.rejected.items():
            rejected[reason] = rejected.get(reason, 0) + count
    left = min(sum(rejected.values()), max(int(most_sets * REJECTED_SHARE), most_sets - made))
    quotas = {"": _Quota(made, min(made, most_sets - left))}
    for position, (reason, count) in enumerate(sorted(rejected.items(), key=lambda p: p[1])):
        share = min(count, left // (len(rejected) - position))
        quotas[reason] = _Quota(count, share)
        left -= share
    return quotas


def _shard_sets(
    layout: RunLayout, receipt: ShardReceipt, quotas: Mapping[str, _Quota]
) -> Iterator[SetEntry]:
    groups = [
        group
        for group in rows_by_anchor(read_sidecar(layout.sidecar(receipt.shard_id)))
        if quotas[(group[0].reason or "") if group[0].status != "made" else ""].take()
    ]
    keys = {anchor.anchor_id for anchor, *_ in groups}
    samples: dict[str, StoredSample] = {}
    if receipt.tar is not None and keys:
        found = iterate_samples([layout.tar(receipt.shard_id)], keys)
        samples = {sample.key: sample for sample in found}
    stored: dict[str, StoredCandidates] = {}
    if receipt.candidates is not None and keys:
        kept = read_candidates(layout.candidates(receipt.shard_id), keys)
        stored = {one.document.key: one for one in kept}
    # A set that was rejected for its pictures has captions, but no rows of them in the sidecar.
    lost = {g[0].anchor_id for g in groups if (g[0].reason or "").startswith("image.")}
    written = find_captions(layout, receipt.shard_id, lost)
    for group in groups:
        key = group[0].anchor_id
        yield _entry(group, samples.get(key), written.get(key), _pictures(stored.get(key)))


def _pictures(stored: StoredCandidates | None) -> dict[tuple[str, int], bytes]:
    """Variant and candidate → JPEG, where candidates were kept."""
    if stored is None:
        return {}
    return {
        (entry.variant, entry.candidate): stored.pictures[entry.file]
        for entry in stored.document.candidates
    }


def _entry(
    group: Sequence[SidecarRow],
    sample: StoredSample | None,
    written: CounterfactualSet | None,
    candidates: Mapping[tuple[str, int], bytes],
) -> SetEntry:
    anchor = group[0]
    refused = [r for r in group if r.status == "rejected" and r.item in {"edit", "full"}]
    drawn_refused = [r for r in group if r.status == "rejected" and r.item == "image"]
    cards = list(_made_cards(sample)) if sample else list(_lost_cards(group, written))
    kinds = {card.variant: card for card in cards}
    cards += [_refused_card(row, kinds.get(row.variant or ""), candidates) for row in drawn_refused]
    cards.sort(key=_card_order)
    incomplete = any(card.status == "missing" for card in cards)
    # Where the refused picture itself is shown, its empty place would only say the same again.
    # Of a rejected set every refused card says its caption.
    pictured = {c.variant for c in cards if c.status == "refused" and (c.thumbnail or not sample)}
    empty = {"missing"} if sample else {"text"}
    cards = [card for card in cards if card.status not in empty or card.variant not in pictured]
    return SetEntry(
        key=anchor.anchor_id,
        origin=anchor.origin or "",
        status="rejected" if sample is None else "incomplete" if incomplete else "complete",
        cards=tuple(cards),
        reason=anchor.reason or "",
        detail=anchor.detail or "",
        refused=tuple(
            RefusedCaption(
                row.kind or ("full" if row.item == "full" else ""),
                row.caption or "",
                row.reason or "",
                row.detail or "",
            )
            for row in refused[:MOST_REFUSED]
        ),
        refused_total=len(refused),
    )


_ORDER = ("factual", "control", "min", "full", "neutral")


def _card_order(card: Card) -> tuple[int, int, int, int]:
    """Facts first, then the counterfactuals by number, each followed by its refused pictures."""
    name = card.variant.rstrip("0123456789")
    number = card.variant[len(name) :]
    place = _ORDER.index(name) if name in _ORDER else len(_ORDER)
    return place, int(number or 0), int(card.status == "refused"), card.candidate or 0


def _made_cards(sample: StoredSample) -> Iterator[Card]:
    document = sample.document
    plain = (Segment(document.caption),)
    has_pictures = bool(document.images)
    factual, control = document.images.get("factual"), document.images.get("control")
    yield _card(sample, "factual", "factual", plain, has_pictures)
    if control is not None and (factual is None or control.file != factual.file):
        yield _card(sample, "control", "control", plain, has_pictures)
    for edit in document.minimal:
        yield _card(
            sample, edit.variant, str(edit.kind), _marked(edit), has_pictures,
            subkind=edit.subkind, factual=_marked_factual(edit.factual, edit.replacements),
        )  # fmt: skip
    for full in document.full:
        yield _card(sample, full.variant, "full", (Segment(full.caption),), has_pictures)
    for one in document.neutral:
        yield Card(one.variant, "neutral", (Segment(one.caption),), subkind=one.kind, status="text")


def _card(
    sample: StoredSample,
    variant: str,
    group: str,
    caption: tuple[Segment, ...],
    has_pictures: bool,
    *,
    subkind: str = "",
    factual: tuple[Segment, ...] = (),
) -> Card:
    data = sample.image(variant)
    entry = sample.document.images.get(variant)
    status: CardStatus = "kept" if data else "text"
    label_as = variant
    if entry is not None and variant == "factual":
        control = sample.document.images.get("control")
        # Only what was drawn was judged: the source's own picture has no row of its own.
        label_as = "control" if control is not None and control.file == entry.file else ""
    drawn = has_own_picture(group)
    if data is None and has_pictures and drawn and variant not in {"factual", "control"}:
        status = "missing"
    return Card(
        variant=variant,
        group=group,
        caption=caption,
        subkind=subkind.replace("_", " "),
        factual=factual,
        status=status,
        reason=sample.document.missing.get(variant, ""),
        scores=dict(entry.scores) if entry else {},
        thumbnail=make_thumbnail(data) if data else None,
        label_as=label_as if data else "",
    )


def _lost_cards(group: Sequence[SidecarRow], written: CounterfactualSet | None) -> Iterator[Card]:
    """The captions of a rejected anchor, as far as its captions file and its rows tell them."""
    yield Card("factual", "factual", (Segment(group[0].caption or ""),), status="text")
    if written is None:
        return
    for index, edit in enumerate(written.minimal):
        yield Card(
            f"min{index}",
            str(edit.kind),
            _marked(edit),
            subkind=edit.subkind.replace("_", " "),
            factual=_marked_factual(edit.factual, edit.replacements),
            status="text",
        )
    for index, full in enumerate(written.full):
        yield Card(f"full{index}", "full", (Segment(full.caption),), status="text")


def _refused_card(
    row: SidecarRow, caption: Card | None, candidates: Mapping[tuple[str, int], bytes]
) -> Card:
    """A refused picture, with its caption's marks where the caption is in the set."""
    variant = row.variant or ""
    group = "control" if variant == "control" else row.kind or ("full" if "full" in variant else "")
    data = candidates.get((variant, row.candidate or 0))
    return Card(
        variant=variant,
        group=caption.group if caption else group,
        caption=caption.caption if caption else (Segment(row.caption or ""),),
        subkind=caption.subkind if caption else "",
        factual=caption.factual if caption else (),
        status="refused",
        reason=row.reason or "",
        candidate=row.candidate,
        scores=row.scores,
        thumbnail=make_thumbnail(data) if data else None,
        label_as=variant if data else "",
    )


def _kind(role: Role) -> MarkKind:
    return "edit" if role is Role.EDIT else "repair"


def _marked(edit: MinimalEntry | CaptionEdit) -> tuple[Segment, ...]:
    pairs = zip(edit.caption_spans, edit.replacements, strict=True)
    return mark_text(
        edit.caption, [(start, end, _kind(piece.role)) for (start, end), piece in pairs]
    )


def _marked_factual(factual: str, pieces: Iterable[Replacement]) -> tuple[Segment, ...]:
    return mark_text(factual, [(p.start, p.end, _kind(p.role)) for p in pieces])
