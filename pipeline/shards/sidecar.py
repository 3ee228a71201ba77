"""The parquet sidecar of a shard: a row for every item made or rejected.

Rows stand in the order of the source: each anchor (made or rejected, exactly once),
directly followed by its edits, complete captions and pictures, then what was refused (each
refused picture with its scores), then the language model's tokens by stage and kind.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.core.errors import StageContractError
from pipeline.core.ids import canonical_json
from pipeline.core.records import SCHEMA_VERSION, CounterfactualSet, RenderedSet
from pipeline.core.scores import SCORES
from pipeline.core.stage import Rejected, TokenShare
from pipeline.shards.columns import SCORE_PREFIX
from pipeline.shards.integrity import (
    REMAKE,
    CorruptFileError,
    Fault,
    printable,
    refuse_newer_schema,
)

if TYPE_CHECKING:
    import pyarrow as pa

_FLUSH_ROWS = 8192
_VERSION_KEY = b"counterfactory.schema_version"


@dataclass(frozen=True, slots=True)
class SidecarRow:
    """One item. None stands where a column does not apply.

    Attributes:
        item: "anchor", "edit", "full", "image", or "tokens" for what a language model read and
            wrote for one kind of caption, refused ones included.
        anchor_id: The anchor; empty only for a row too broken to have an identity.
        status: "made" or "rejected".
        variant: "factual", "min0", "full0", "control"; None for a rejected caption or anchor.
        kind: Edit kind; of a picture also "full" or "control".
        subkind: Finer label.
        reason: Slug of the rejection.
        detail: One line about it.
        origin: `file:line` or the like.
        factual: The wording that was edited.
        caption: The item's text; for a picture its prompt.
        old: Decisive words before the edit.
        new: Decisive words after it.
        proposer: "rules" or "llm:<model>".
        rule: Rule or prompt version; for tokens the stage that asked.
        seed: Seed of the picture's noise.
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
    origin: str | None = None
    factual: str | None = None
    caption: str | None = None
    old: str | None = None
    new: str | None = None
    proposer: str | None = None
    rule: str | None = None
    seed: int | None = None
    strategy: str | None = None
    candidate: int | None = None
    parameters: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)


_COLUMNS = tuple(column.name for column in fields(SidecarRow) if column.name != "scores")
_INT64 = {"seed", "tokens_in", "tokens_out"}
_INT32 = {"candidate", "width_px", "height_px"}
_REQUIRED = {"item", "anchor_id", "status"}


def rows_of(result: RenderedSet | Rejected) -> Iterator[SidecarRow]:
    """The rows of one source row; the first is always its anchor."""
    if isinstance(result, Rejected):
        # Whatever refused it, the whole source row is out: count it as an anchor.
        yield _rejected_row(replace(result, item="anchor"))
        for refused in result.refused:
            yield _rejected_row(replace(refused, anchor_id=result.anchor_id))
        yield from _token_rows(printable(result.anchor_id), result.shares)
        return
    yield from _set_rows(result.cfset)
    anchor_id = result.cfset.anchor.anchor_id
    kinds = {f"min{i}": (str(e.kind), e.subkind) for i, e in enumerate(result.cfset.minimal)}
    for image in result.images:
        height_px, width_px = image.pixels.shape[:2]
        kind, subkind = kinds.get(image.variant, (image.variant.rstrip("0123456789"), None))
        yield SidecarRow(
            item="image",
            anchor_id=anchor_id,
            variant=image.variant,
            kind=kind,
            subkind=subkind,
            caption=image.prompt,
            seed=image.seed,
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


def _set_rows(cfset: CounterfactualSet) -> Iterator[SidecarRow]:
    anchor = cfset.anchor
    yield SidecarRow(
        item="anchor",
        anchor_id=anchor.anchor_id,
        variant="factual",
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
            variant=f"min{index}",
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
            variant=f"full{index}",
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
        candidate=rejected.candidate,
        tokens_in=rejected.tokens_in or None,
        tokens_out=rejected.tokens_out or None,
        scores=rejected.scores,
    )


@cache
def _schema(scores: tuple[str, ...]) -> pa.Schema:
    """The columns of a run that measures these scores."""
    import pyarrow as pa

    def column(name: str) -> pa.Field:
        if name in _INT64:
            return pa.field(name, pa.int64())
        if name in _INT32:
            return pa.field(name, pa.int32())
        return pa.field(name, pa.string(), nullable=name not in _REQUIRED)

    metadata = {_VERSION_KEY: str(SCHEMA_VERSION).encode()}
    measured = [pa.field(f"{SCORE_PREFIX}{name}", pa.float64()) for name in scores]
    return pa.schema([*map(column, _COLUMNS), *measured], metadata=metadata)


class SidecarWriter:
    """Makes a parquet file of rows; the same rows give the same bytes.

    The file grows in memory, compressed, at some hundred bytes a row: a writer on the
    disk's file would, after an exception, write its footer to a closed file.
    """

    __slots__ = ("_buffer", "_rows", "_scores", "_writer")

    def __init__(self, scores: Sequence[str] = ()) -> None:
        """Begin the file.

        Args:
            scores: What the run measures: a column each, also where no row has it.

        Raises:
            StageContractError: There is no such score.
        """
        import pyarrow.parquet as pq

        if unknown := sorted(set(scores) - set(SCORES)):
            raise StageContractError(f"a sidecar has no column for the score {unknown[0]!r}")
        self._scores = tuple(name for name in SCORES if name in set(scores))
        self._rows: list[SidecarRow] = []
        self._buffer = io.BytesIO()
        # All stated: the bytes must not follow pyarrow's changing defaults.
        self._writer = pq.ParquetWriter(
            self._buffer,
            _schema(self._scores),
            version="2.6",
            compression="zstd",
            compression_level=3,
            use_dictionary=True,
            write_statistics=True,
            data_page_version="1.0",
        )

    def add(self, row: SidecarRow) -> None:
        """Append one row.

        Raises:
            StageContractError: It has a score that the file has no column for.
        """
        if unknown := sorted(set(row.scores) - set(self._scores)):
            raise StageContractError(
                f"picture {row.variant} of anchor {row.anchor_id} has the score {unknown[0]!r}, "
                "which the run does not say that it measures"
            )
        self._rows.append(row)
        if len(self._rows) >= _FLUSH_ROWS:
            self._flush()

    def finish(self) -> bytes:
        """The complete file; nothing may be added after it."""
        self._flush()
        self._writer.close()
        return self._buffer.getvalue()

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._rows:
            return
        schema = _schema(self._scores)
        values = attrgetter(*_COLUMNS)
        columns = zip(
            *((*values(row), *map(row.scores.get, self._scores)) for row in self._rows),
            strict=True,
        )
        arrays = [
            pa.array(column, type=described.type)
            for column, described in zip(columns, schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        self._rows.clear()


def read_sidecar(path: Path) -> Iterator[SidecarRow]:
    """Yield the rows in order, in bounded memory; any of the known scores may have a column.

    Raises:
        ShardCorruptError: Missing, damaged or with other columns.
        ConfigError: A newer version wrote it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            metadata = file.schema_arrow.metadata or {}
            version = metadata.get(_VERSION_KEY, b"")
            if version.isdigit():
                refuse_newer_schema(path, int(version))
            scores = tuple(
                name for name in SCORES if f"{SCORE_PREFIX}{name}" in file.schema_arrow.names
            )
            if not version.isdigit() or not file.schema_arrow.equals(_schema(scores)):
                raise CorruptFileError(Fault(path, "its columns are not a sidecar's", REMAKE))
            for batch in file.iter_batches(batch_size=_FLUSH_ROWS):
                for values in batch.to_pylist():
                    found = {name: values.pop(f"{SCORE_PREFIX}{name}") for name in scores}
                    measured = {name: n for name, n in found.items() if n is not None}
                    yield SidecarRow(**values, scores=measured)
    except (pa.ArrowException, OSError) as error:
        raise CorruptFileError(Fault(path, f"it cannot be read: {error}", REMAKE)) from error
