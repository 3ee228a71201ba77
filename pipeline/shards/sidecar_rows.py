"""The rows of a sidecar: one for every item of a source row that was made or rejected.

Rows stand in the order of the source: each anchor (made or rejected, exactly once),
directly followed by its edits, complete captions and pictures, then what was refused (each
refused picture with its scores), then the language model's tokens by stage and kind.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pipeline.core.ids import canonical_json
from pipeline.core.records import RenderedSet
from pipeline.core.stage import READ, Rejected, TokenShare
from pipeline.core.truth import FACTUAL, FULL, assign_split
from pipeline.shards.entries import picture_files, truths_of
from pipeline.shards.integrity import printable

ANSWER, ONCE, AGAIN = "answer", "once", "again"
"""An answer of a language model about an anchor; read at once, or when it was asked again."""


@dataclass(frozen=True, slots=True)
class SidecarRow:
    """One item. None stands where a column does not apply.

    The row of a caption that was made has its picture's file, seed, size and scores beside it,
    so that no table need be joined; the picture has a row of its own all the same.

    Attributes:
        item: "anchor", "edit", "full", "image"; "tokens" for what a language model read and wrote
            for one kind of caption, refused ones included; or "answer" for whether what it was
            asked about the anchor could be read.
        anchor_id: The anchor; empty only for a row too broken to have an identity.
        status: "made" or "rejected".
        variant: "factual", "min0", "full0", "control"; None for a rejected caption or anchor.
        kind: Edit kind; of a picture also "full" or "control"; of an answer "once", or "again"
            where it could be read only when it was asked for once more.
        subkind: Finer label.
        reason: Slug of the rejection.
        detail: One line about it.
        shard: The tar that the item is in, by its name; None for what was rejected.
        split: "train", "validation" or "test": the part that the anchor belongs to.
        file: Field of the sample that holds the picture of the item, such as "min0.jpg".
        image_is_negative: Of a caption, whether its picture shows something else than the
            picture that it was drawn beside.
        origin: `file:line` or the like.
        factual: The wording that was edited.
        caption: The item's text; for a picture its prompt.
        old: Decisive words before the edit.
        new: Decisive words after it.
        proposer: "rules" or "llm:<model>".
        rule: Rule or prompt version; for tokens the stage that asked.
        seed: Seed of the picture's noise, as text: readers turn large numbers into floats.
        strategy: How the picture was drawn.
        candidate: Which of the variant's candidates the picture is.
        parameters: The strategy's numbers, as JSON.
        width_px: Width; on an anchor's row, of its own picture.
        height_px: Height; likewise.
        tokens_in: Language-model tokens read: on an anchor's row all of them, on rows of the
            item "tokens" those of one kind.
        tokens_out: Language-model tokens written; likewise.
        scores: What was measured of a picture, kept or refused, by name; each name that the
            run measures is a column `score_<name>`.
    """

    item: str
    anchor_id: str
    status: Literal["made", "rejected"] = "made"
    variant: str | None = None
    kind: str | None = None
    subkind: str | None = None
    reason: str | None = None
    detail: str | None = None
    shard: str | None = None
    split: str | None = None
    file: str | None = None
    image_is_negative: bool | None = None
    origin: str | None = None
    factual: str | None = None
    caption: str | None = None
    old: str | None = None
    new: str | None = None
    proposer: str | None = None
    rule: str | None = None
    seed: str | None = None
    strategy: str | None = None
    candidate: int | None = None
    parameters: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)


def rows_of(result: RenderedSet | Rejected, shard: str | None = None) -> Iterator[SidecarRow]:
    """The rows of one source row; the first is always its anchor.

    Args:
        result: What came of the row.
        shard: Name of the tar that the set is in.
    """
    if isinstance(result, Rejected):
        # Whatever refused it, the whole source row is out: count it as an anchor.
        yield _rejected_row(replace(result, item="anchor"))
        for refused in result.refused:
            yield _rejected_row(replace(refused, anchor_id=result.anchor_id))
        yield from _token_rows(printable(result.anchor_id), result.shares)
        yield from _answer_rows(printable(result.anchor_id), result.answers)
        return
    yield from _set_rows(result, shard)
    anchor_id = result.cfset.anchor.anchor_id
    files = picture_files(result)
    split = assign_split(anchor_id)
    kinds = {f"min{i}": (str(e.kind), e.subkind) for i, e in enumerate(result.cfset.minimal)}
    for image in result.images:
        height_px, width_px = image.pixels.shape[:2]
        kind, subkind = kinds.get(image.variant, (image.variant.rstrip("0123456789"), None))
        yield SidecarRow(
            item="image",
            anchor_id=anchor_id,
            variant=image.variant,
            shard=shard,
            split=split,
            file=files[image.variant],
            kind=kind,
            subkind=subkind,
            caption=image.prompt,
            seed=str(image.seed),
            strategy=image.strategy,
            candidate=image.candidate,
            parameters=canonical_json(image.parameters.to_json()),
            width_px=width_px,
            height_px=height_px,
            scores=image.scores,
        )
    for refused in (*result.cfset.refused, *result.refused):
        # Some stages name only the item; it belongs to this set all the same.
        yield _rejected_row(replace(refused, anchor_id=anchor_id))
    yield from _token_rows(anchor_id, result.cfset.shares)
    yield from _answer_rows(anchor_id, result.cfset.answers)


def _answer_rows(anchor_id: str, answers: Sequence[str]) -> Iterator[SidecarRow]:
    """Whether the answer about an anchor could be read; what could not is among the refused."""
    if answers and answers[-1] == READ:
        kind = ONCE if len(answers) == 1 else AGAIN
        yield SidecarRow(item=ANSWER, anchor_id=anchor_id, kind=kind)


def _token_rows(anchor_id: str, shares: Iterable[TokenShare]) -> Iterator[SidecarRow]:
    for share in shares:
        yield SidecarRow(
            item="tokens",
            anchor_id=anchor_id,
            kind=share.kind,
            rule=share.stage,
            tokens_in=share.tokens_in,
            tokens_out=share.tokens_out,
        )


def _set_rows(rendered: RenderedSet, shard: str | None) -> Iterator[SidecarRow]:
    cfset = rendered.cfset
    anchor = cfset.anchor
    files, truths = picture_files(rendered), truths_of(rendered)
    pictures = {image.variant: image for image in rendered.images}
    split = assign_split(anchor.anchor_id)

    def about(variant: str) -> dict[str, Any]:
        """What is known of the picture of a caption."""
        found: dict[str, Any] = {
            "variant": variant,
            "shard": shard,
            "split": split,
            "file": files.get(variant),
            "image_is_negative": truths[variant].image_is_negative,
        }
        if (image := pictures.get(variant)) is not None:
            height_px, width_px = image.pixels.shape[:2]
            found |= {"seed": str(image.seed), "width_px": width_px, "height_px": height_px}
            found["scores"] = image.scores
        return found

    yield SidecarRow(
        item="anchor",
        anchor_id=anchor.anchor_id,
        variant=FACTUAL,
        shard=shard,
        split=split,
        file=files.get(FACTUAL),
        origin=printable(anchor.origin),
        caption=anchor.caption,
        width_px=anchor.image.width_px if anchor.image else None,
        height_px=anchor.image.height_px if anchor.image else None,
        tokens_in=cfset.tokens_in,
        tokens_out=cfset.tokens_out,
    )
    for index, edit in enumerate(cfset.minimal):
        yield SidecarRow(
            item="edit",
            anchor_id=anchor.anchor_id,
            **about(f"min{index}"),
            kind=str(edit.kind),
            subkind=edit.subkind,
            factual=edit.factual,
            caption=edit.caption,
            old=edit.old,
            new=edit.new,
            proposer=edit.proposer,
            rule=edit.rule,
        )
    for index, full in enumerate(cfset.full):
        yield SidecarRow(
            item="full",
            anchor_id=anchor.anchor_id,
            **about(f"full{index}"),
            kind=FULL,
            factual=anchor.caption,
            caption=full.caption,
            proposer=full.proposer,
            rule=full.rule,
        )


def _rejected_row(rejected: Rejected) -> SidecarRow:
    return SidecarRow(
        item=rejected.item,
        anchor_id=printable(rejected.anchor_id),
        status="rejected",
        variant=rejected.variant or None,
        kind=printable(rejected.kind) or None,
        reason=rejected.reason,
        detail=printable(rejected.detail) or None,
        origin=printable(rejected.origin) or None,
        caption=printable(rejected.caption) or None,
        proposer=rejected.proposer or None,
        candidate=rejected.candidate,
        tokens_in=rejected.tokens_in or None,
        tokens_out=rejected.tokens_out or None,
        scores=rejected.scores,
    )


def rows_by_anchor(rows: Iterable[SidecarRow]) -> Generator[list[SidecarRow], None, None]:
    """Each anchor's row with the rows that follow it; one anchor in memory at a time."""
    group: list[SidecarRow] = []
    for row in rows:
        if row.item == "anchor" and group:
            yield group
            group = []
        group.append(row)
    if group:
        yield group
