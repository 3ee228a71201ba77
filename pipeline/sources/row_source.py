"""The source of every format: spans and results from rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue, content_id
from pipeline.core.records import Anchor, AnchorImage
from pipeline.core.stage import Fault, Rejected
from pipeline.sources.files import InputFile, fingerprint, stamps
from pipeline.sources.mending import mend
from pipeline.sources.natural_text import natural_text
from pipeline.sources.pictures import check_picture
from pipeline.sources.row_repeats import DUPLICATE, Repeats, RepeatSearch, repeat_fault
from pipeline.sources.rows import Row, RowFormat, anchor_id, reject, text_fault
from pipeline.sources.span import RepeatedRows, ShardSpan

_PROGRESS_ROWS = 1000


class RowSource:
    """A :class:`pipeline.sources.Source` over the rows of a format."""

    def __init__(
        self,
        config: SourceConfig,
        files: tuple[InputFile, ...],
        rows: RowFormat,
        *,
        content: Callable[[], str] | None = None,
    ) -> None:
        self._config = config
        self._files = files
        self._format = rows
        self._content = content

    @property
    def has_images(self) -> bool:
        """Whether anchors may have a picture; see :class:`pipeline.sources.Source`."""
        return self._format.has_images

    def partition(
        self,
        on_rows: Callable[[int], None] | None = None,
        excluded: Sequence[Iterable[str]] = (),
    ) -> Iterator[ShardSpan]:
        """Cut the input into spans; see :meth:`pipeline.sources.Source.partition`."""
        size = self._config.shard_size
        cursors: list[str] = []
        total = 0
        with RepeatSearch(self._config, excluded, has_images=self.has_images) as search:
            with closing(self._format.rows(None, pictures=False)) as rows:
                for row in islice(rows, self._config.limit):
                    if total % size == 0:
                        cursors.append(":".join(map(str, row.position)))
                    mended = mend(row.caption)
                    name = self._identify(row, mended)[0]
                    search.add(name, mended, _likeness(row) if name and self.has_images else None)
                    total += 1
                    if on_rows is not None and total % _PROGRESS_ROWS == 0:
                        on_rows(_PROGRESS_ROWS)
            if on_rows is not None and total % _PROGRESS_ROWS:
                on_rows(total % _PROGRESS_ROWS)
            found = search.found()
        for shard_id, cursor in enumerate(cursors):
            first_row = shard_id * size
            inside = {
                reason: _inside(repeats, first_row, size) for reason, repeats in found.items()
            }
            yield ShardSpan(
                shard_id,
                first_row,
                min(size, total - first_row),
                cursor,
                *inside.pop(DUPLICATE),
                tuple(RepeatedRows(reason, *both) for reason, both in inside.items() if both[0]),
            )

    def read(self, span: ShardSpan, *, images: bool = True) -> Iterator[Anchor | Rejected]:
        """Yield the results of a span; see :meth:`pipeline.sources.Source.read`."""
        start = self._position(span.cursor)
        repeats = {
            row: repeat_fault(one.reason, repeated, self._config.exclude)
            for one in (RepeatedRows(DUPLICATE, span.duplicates, span.first_rows), *span.repeats)
            for row, repeated in zip(one.rows, one.repeated, strict=True)
        }
        count = 0
        with closing(self._format.rows(start, pictures=True)) as rows:
            for row in islice(rows, span.rows):
                yield self._result(row, repeats.get(count), images=images)
                count += 1
        if count != span.rows:
            raise ConfigError(
                f"input {self._config.public_input} has changed: shard {span.shard_id} should have "
                f"{span.rows} rows from row {span.first_row + 1} on, but {count} are left; put "
                "the old file back, or start a new run directory"
            )

    def describe(self) -> Mapping[str, JsonValue]:
        """Facts for run.json; see :meth:`pipeline.sources.Source.describe`."""
        remote = any(file.remote for file in self._files)
        stamp: dict[str, JsonValue] = {"stamp": stamps(self._files)} if remote else {}
        return stamp | {
            "kind": self._config.kind,
            "input": self._config.public_input,
            "files": len(self._files),
            "size_bytes": sum(file.size_bytes for file in self._files),
            "fingerprint": self._content() if self._content else fingerprint(self._files),
            "seekable": not any(file.packed for file in self._files),
        }

    def _position(self, cursor: str) -> tuple[int, ...]:
        try:
            position = tuple(int(part) for part in cursor.split(":"))
        except ValueError:
            position = ()
        if not position or not 0 <= position[0] < max(1, len(self._files)):
            raise ConfigError(
                f"cursor {cursor!r} does not belong to input {self._config.public_input}; "
                "start a new run directory"
            )
        return position

    def _identify(self, row: Row, mended: str) -> tuple[str, Fault | None]:
        """The row's anchor id, or an empty one and the fault of its text."""
        fault = text_fault(row, mended, max_caption_chars=self._config.max_caption_chars)
        return ("", fault) if fault else (anchor_id(self._format.kind, row), None)

    def _result(self, row: Row, repeat: Fault | None, *, images: bool) -> Anchor | Rejected:
        mended = mend(row.caption)
        name, fault = self._identify(row, mended)
        if fault is not None:
            return reject(row, fault)
        if repeat is not None:
            return reject(row, repeat, anchor_id=name)
        image: AnchorImage | None = None
        if row.load_picture is not None:
            data = row.load_picture()
            picture = check_picture(data) if isinstance(data, bytes) else data
            if isinstance(picture, Fault):
                return reject(row, picture, anchor_id=name)
            image = picture if images else None
        return Anchor(
            anchor_id=name,
            caption=natural_text(mended),
            original_caption=row.caption,
            source=self._format.kind,
            origin=row.origin,
            url=row.url or None,
            image=image,
        )


def _likeness(row: Row) -> str | None:
    """Hash of what the row shows and says."""
    content = row.likeness() if row.likeness is not None else None
    return None if content is None else content_id(row.caption, content)


def _inside(repeats: Repeats, first_row: int, size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The repeats among the rows of a span, as offsets."""
    rows, repeated = repeats
    part = slice(*rows.searchsorted((first_row, first_row + size)))
    return tuple((rows[part] - first_row).tolist()), tuple(repeated[part].tolist())
