"""What a source is: a partition of its rows into spans, each of which can be read alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue
from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected
from pipeline.sources.caption_sample import CaptionSample


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
    """

    shard_id: int
    first_row: int
    rows: int
    cursor: str
    duplicates: tuple[int, ...] = ()
    first_rows: tuple[int, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Plain values that `json.dumps` takes."""
        return {
            "shard_id": self.shard_id,
            "first_row": self.first_row,
            "rows": self.rows,
            "cursor": self.cursor,
            "duplicates": list(self.duplicates),
            "first_rows": list(self.first_rows),
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
            )
        except (KeyError, TypeError) as error:
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


class Source(Protocol):
    """An input whose every row gives exactly one anchor or one reject."""

    @property
    def has_images(self) -> bool:
        """Whether its anchors may have a picture; if not, nobody needs to read it twice."""
        ...

    def partition(
        self,
        on_rows: Callable[[int], None] | None = None,
        sample: CaptionSample | None = None,
    ) -> Iterator[ShardSpan]:
        """Cut the input into spans of `shard_size` rows, in one streaming pass.

        The same input and config give the same spans. They appear after the whole pass,
        because a row is known as a repetition only then; memory does not grow with the
        number of rows.

        Args:
            on_rows: Called now and then with the number of rows read since the last call.
            sample: Is given every row with a sound caption.
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
