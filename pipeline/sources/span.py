"""What a source is: a partition of its rows into spans, each of which can be read alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue
from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected


@dataclass(frozen=True, slots=True)
class RepeatedRows:
    """Rows of a span that are dropped for one reason.

    Attributes:
        reason: As :mod:`pipeline.sources.row_repeats` names it.
        rows: Ascending row offsets within the span.
        repeated: For each the 0-based row of the input that it repeats, or the place of the
            run in `source.exclude`.
    """

    reason: str
    rows: tuple[int, ...]
    repeated: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShardSpan:
    """The rows of one shard, and how to reach them without reading what stands before.

    Attributes:
        shard_id: 0-based.
        first_row: 0-based row in the whole input.
        rows: How many rows; at least 1.
        cursor: Opaque text of the source that wrote it: file and offset of the first row.
        duplicates: Ascending row offsets within the span whose anchor id an earlier row of
            the input has, in this span or before it.
        first_rows: For each of `duplicates`, the 0-based row of the input that it repeats.
        repeats: What else is dropped, by reason.
    """

    shard_id: int
    first_row: int
    rows: int
    cursor: str
    duplicates: tuple[int, ...] = ()
    first_rows: tuple[int, ...] = ()
    repeats: tuple[RepeatedRows, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Plain values that `json.dumps` takes."""
        repeats = {one.reason: [list(one.rows), list(one.repeated)] for one in self.repeats}
        return {
            "shard_id": self.shard_id,
            "first_row": self.first_row,
            "rows": self.rows,
            "cursor": self.cursor,
            "duplicates": list(self.duplicates),
            "first_rows": list(self.first_rows),
            **({"repeats": repeats} if repeats else {}),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, JsonValue]) -> ShardSpan:
        """Read back what :meth:`to_json` wrote.

        Raises:
            ConfigError: A field is missing or of another type.
        """
        try:
            return cls(
                shard_id=_integer(value["shard_id"]),
                first_row=_integer(value["first_row"]),
                rows=_integer(value["rows"]),
                cursor=str(value["cursor"]),
                duplicates=_integers(value["duplicates"]),
                first_rows=_integers(value["first_rows"]),
                repeats=_repeats(value.get("repeats", {})),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"the stored partition holds a span that cannot be read ({error!r}); "
                "delete the partition file, or start a new run directory"
            ) from error


def _integer(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _integers(value: JsonValue) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return tuple(_integer(item) for item in cast("list[JsonValue]", value))


def _repeats(value: JsonValue) -> tuple[RepeatedRows, ...]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no table")
    return tuple(
        RepeatedRows(reason, *map(_integers, cast("tuple[JsonValue, JsonValue]", tuple(both))))
        for reason, both in value.items()
    )


class Source(Protocol):
    """An input whose every row gives exactly one anchor or one reject."""

    @property
    def has_images(self) -> bool:
        """Whether its anchors may have a picture; if not, nobody needs to read it twice."""
        ...

    def partition(
        self,
        on_rows: Callable[[int], None] | None = None,
        excluded: Sequence[Iterable[str]] = (),
    ) -> Iterator[ShardSpan]:
        """Cut the input into spans of `shard_size` rows, in one streaming pass.

        The same input and config give the same spans. They appear after the whole pass,
        because a row is known as a repetition only then; memory does not grow with the
        number of rows.

        Args:
            on_rows: Called now and then with the number of rows read since the last call.
            excluded: The captions of each run in `source.exclude`.
        """
        ...

    def read(self, span: ShardSpan, *, images: bool = True) -> Iterator[Anchor | Rejected]:
        """Yield exactly `span.rows` results, in the order of the rows.

        Ids and rejects are the same with and without images: pictures are checked in
        either case, and only kept with `images=True`. Otherwise captions would be paid
        for that the image stage then rejects.

        Raises:
            ConfigError: The input is not the one that was partitioned.
            TransientError: A remote input cannot be read at present.
            PermanentError: A local input cannot be read any more.
        """
        ...

    def describe(self) -> Mapping[str, JsonValue]:
        """Facts for run.json: kind, input, files, size_bytes, fingerprint, seekable.

        `fingerprint` changes when an input file is replaced or edited near its ends or in
        its size, and not with where it lies. `stamp`, of a remote input, changes with what its
        store says of it, also where it was edited elsewhere. `seekable` is False for gzip,
        where reading a span unpacks all before it.
        """
        ...
