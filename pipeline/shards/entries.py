"""The entries of a sample's `json`, one for each counterfactual, with their truth flags. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.core.records import CaptionEdit, FullCaption, RenderedSet, Replacement, Role
from pipeline.core.scores import CONTROL
from pipeline.core.truth import FACTUAL, FULL, PairTruth, derive_truth
from pipeline.shards.document import FullEntry, MinimalEntry

Pieces = tuple[str, ...]


def picture_files(rendered: RenderedSet) -> dict[str, str]:
    """Variant → field of its picture; the drawn control stands for an anchor without a picture."""
    own = rendered.cfset.anchor.image
    files = {} if own is None else {FACTUAL: own.extension}
    for image in rendered.images:
        files[image.variant] = f"{image.variant}.jpg"
        if image.variant == CONTROL and own is None:
            files[CONTROL] = files[FACTUAL] = "jpg"
    return files


def truths_of(rendered: RenderedSet) -> dict[str, PairTruth]:
    """Variant → what may be put against what, of every counterfactual of a set."""
    cfset, files = rendered.cfset, picture_files(rendered)
    strategies = {image.variant: image.strategy for image in rendered.images}
    wordings = {f"min{i}": (str(edit.kind), edit.factual) for i, edit in enumerate(cfset.minimal)}
    wordings |= {f"full{i}": (FULL, cfset.anchor.caption) for i in range(len(cfset.full))}
    return {
        variant: derive_truth(
            variant=variant,
            kind=kind,
            caption=cfset.anchor.caption,
            factual=factual,
            image_files=files,
            strategy=strategies.get(variant),
        )
        for variant, (kind, factual) in wordings.items()
    }


def minimal_entry(variant: str, edit: CaptionEdit, truth: PairTruth) -> MinimalEntry:
    """The entry of a minimal edit."""
    old, new = literal_pieces(edit)
    return MinimalEntry(
        variant=variant,
        kind=edit.kind,
        subkind=edit.subkind,
        factual=edit.factual,
        caption=edit.caption,
        **_flags(truth),
        replacements=edit.replacements,
        caption_spans=edit.caption_spans,
        old=old,
        new=new,
        proposer=edit.proposer,
        rule=edit.rule,
        weight=edit.weight,
    )


def full_entry(variant: str, full: FullCaption, truth: PairTruth) -> FullEntry:
    """The entry of a complete counterfactual."""
    return FullEntry(
        variant=variant,
        kind=FULL,
        factual=truth.pair_text,
        caption=full.caption,
        **_flags(truth),
        contradicts=full.contradicts,
        proposer=full.proposer,
        rule=full.rule,
    )


def _flags(truth: PairTruth) -> dict[str, Any]:
    """The flags by the names that both types of entry have for them."""
    return {name: getattr(truth, name) for name in truth.__slots__}


def literal_pieces(edit: CaptionEdit) -> tuple[Pieces, Pieces]:
    """The decisive words as they stand in the factual wording and in the caption.

    One piece for an edit in one place, two for one in two places. Repairs that touch a decisive
    change belong to its piece.
    """
    groups = list(_decisive_groups(edit))
    if len(groups) == 1 and edit.old in edit.factual and edit.new in edit.caption:
        return (edit.old,), (edit.new,)
    spans = edit.caption_spans
    old, new = [], []
    for first, last in groups:
        begin, end = edit.replacements[first].start, edit.replacements[last].end
        old.append(edit.factual[begin:end].strip())
        new.append(edit.caption[spans[first][0] : spans[last][1]].strip())
    return tuple(old), tuple(new)


def _decisive_groups(edit: CaptionEdit) -> Iterator[tuple[int, int]]:
    """First and last replacement of every run, parted by nothing but spaces, with an edit in it.

    A second decisive change begins a run of its own.
    """
    pieces = edit.replacements
    first = 0
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        run = pieces[first : index + 1]
        touches = following is not None and not edit.factual[piece.end : following.start].strip()
        if touches and not (_decides(run) and following and following.role is Role.EDIT):
            continue
        if _decides(run):
            yield first, index
        first = index + 1


def _decides(run: tuple[Replacement, ...]) -> bool:
    return any(piece.role is Role.EDIT for piece in run)
