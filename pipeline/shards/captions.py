r"""The captions file of a shard: one JSON line for each source row, in order.

    {"crc32": "…", "header": {"format": "counterfactory.captions", "schema_version": 1, …}}
    {"crc32": "…", "set": {…}}            a CounterfactualSet
    {"crc32": "…", "rejected": {…}}       a Rejected row
    {"crc32": "…", "end": {"rows": 2, "sets": 1, "rejected": 1}}

Each line's CRC-32 runs on over all lines before it, so that a changed, lost, added or
moved line is named at the place; the last line says that the file is complete. Pictures
are not stored: the caller reads the anchor's image from the source again.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from pipeline.core.errors import StageContractError
from pipeline.core.records import SCHEMA_VERSION, CounterfactualSet
from pipeline.core.stage import Rejected
from pipeline.shards.atomic import atomic_file
from pipeline.shards.integrity import (
    CorruptFileError,
    FileFault,
    HashingFile,
    digest_file,
    printable,
    refuse_newer_schema,
)
from pipeline.shards.layout import RunLayout, shard_name

_FORMAT: Final = "counterfactory.captions"
_CRC_BYTES: Final = len('{"crc32":"00000000",')


@dataclass(frozen=True, slots=True)
class CaptionsFile:
    """A complete captions file.

    Attributes:
        shard_id: Number of the shard.
        sha256: Checksum of the file.
        size_bytes: Its length.
        rows: Source rows, each a set or a reject.
        sets: Rows that became a counterfactual set.
        rejected: Rows that were rejected.
    """

    shard_id: int
    sha256: str
    size_bytes: int
    rows: int
    sets: int
    rejected: int


@dataclass(frozen=True, slots=True)
class _Header:
    format: str
    schema_version: int
    shard: str


@dataclass(frozen=True, slots=True)
class _End:
    rows: int
    sets: int
    rejected: int


@cache
def _sets() -> TypeAdapter[CounterfactualSet]:
    return TypeAdapter(CounterfactualSet)


@cache
def _rejects() -> TypeAdapter[Rejected]:
    return TypeAdapter(Rejected)


@cache
def _headers() -> TypeAdapter[_Header]:
    return TypeAdapter(_Header)


@cache
def _ends() -> TypeAdapter[_End]:
    return TypeAdapter(_End)


def write_captions(
    layout: RunLayout, shard_id: int, results: Iterable[CounterfactualSet | Rejected]
) -> CaptionsFile:
    """Write the captions file of a shard; it appears complete or not at all.

    :func:`read_captions` gives back equal records, with two exceptions: the anchor's
    image is None, and lone surrogates in a `Rejected`, also a refused one within a set,
    are escaped.

    Args:
        layout: The run directory.
        shard_id: Number of the shard.
        results: One for each source row, in the order of the source; read as a stream.

    Raises:
        StageContractError: A set holds text that has no UTF-8 form.
        PermanentError: The disk is full or refuses.
    """
    sets = rejected = 0
    with atomic_file(layout.captions(shard_id)) as file:
        out = HashingFile(file)
        header = _Header(_FORMAT, SCHEMA_VERSION, shard_name(shard_id))
        crc = _write_line(out, "header", _headers().dump_json(header), 0)
        for result in results:
            if isinstance(result, Rejected):
                rejected += 1
                crc = _write_line(out, "rejected", _rejects().dump_json(_clean(result)), crc)
            else:
                sets += 1
                crc = _write_line(out, "set", _set_json(result), crc)
        end = _End(sets + rejected, sets, rejected)
        _write_line(out, "end", _ends().dump_json(end), crc)
    return CaptionsFile(shard_id, out.sha256, out.size_bytes, end.rows, sets, rejected)


def read_captions(layout: RunLayout, shard_id: int) -> Iterator[CounterfactualSet | Rejected]:
    """Yield the rows of a captions file in order, each checked before it is given out.

    That the file is complete is known only at its end: a truncated file yields its good
    rows first. Ask :func:`check_captions` where that is too late.

    Raises:
        ShardCorruptError: The file is missing, truncated or altered; names file and line.
        ConfigError: A newer version wrote it.
    """
    path = layout.captions(shard_id)
    for number, tag, data in _checked_lines(path, shard_id):
        try:
            if tag == "set":
                yield _sets().validate_json(data, strict=True)
            elif tag == "rejected":
                yield _rejects().validate_json(data, strict=True)
        except ValidationError as error:
            raise _corrupt(path, number, f"it is no valid {tag}: {error}") from error


def find_captions(
    layout: RunLayout, shard_id: int, anchor_ids: Collection[str]
) -> dict[str, CounterfactualSet]:
    """The sets of some anchors, by id; empty where the shard's captions file is gone.

    Raises:
        ShardCorruptError: The file is truncated or altered; names file and line.
        ConfigError: A newer version wrote it.
    """
    found: dict[str, CounterfactualSet] = {}
    if not anchor_ids or not layout.captions(shard_id).exists():
        return found
    for row in read_captions(layout, shard_id):
        if isinstance(row, CounterfactualSet) and row.anchor.anchor_id in anchor_ids:
            found[row.anchor.anchor_id] = row
            if len(found) == len(anchor_ids):
                break
    return found


def check_captions(layout: RunLayout, shard_id: int) -> CaptionsFile | None:
    """Describe a finished captions file after checking every line; None where there is no file.

    Raises:
        ShardCorruptError: The file is truncated or altered; names file and line.
        ConfigError: A newer version wrote it.
    """
    path = layout.captions(shard_id)
    if not path.exists():
        return None
    end = _End(0, 0, 0)
    for _, tag, data in _checked_lines(path, shard_id):
        if tag == "end":
            end = _ends().validate_json(data, strict=True)
    digest = digest_file(path, layout.relative(path))
    return CaptionsFile(
        shard_id, digest.sha256, digest.size_bytes, end.rows, end.sets, end.rejected
    )


def _set_json(cfset: CounterfactualSet) -> bytes:
    try:
        storable = replace(cfset, refused=tuple(_clean(refused) for refused in cfset.refused))
        left_out: dict[str, set[str] | bool] = {"anchor": {"image"}}
        if not storable.neutral:
            # As before there were any: a run without them keeps its bytes.
            left_out["neutral"] = True
        return _sets().dump_json(storable, exclude=left_out)
    except PydanticSerializationError as error:
        raise StageContractError(
            f"captions of anchor {cfset.anchor.anchor_id} ({printable(cfset.anchor.origin)}) hold "
            f"text that has no UTF-8 form ({error}); its source must reject such a row"
        ) from error


def _clean(rejected: Rejected) -> Rejected:
    """The reject with text that can be stored; `reason` and `item` are our own slugs."""
    return replace(
        rejected,
        anchor_id=printable(rejected.anchor_id),
        detail=printable(rejected.detail),
        origin=printable(rejected.origin),
        kind=printable(rejected.kind),
        caption=printable(rejected.caption),
        refused=tuple(_clean(refused) for refused in rejected.refused),
    )


def _write_line(out: HashingFile, tag: str, value: bytes, crc: int) -> int:
    """Write one line and return the running CRC."""
    payload = b'"' + tag.encode() + b'":' + value + b"}"
    crc = zlib.crc32(payload, crc)
    out.write(b'{"crc32":"%08x",' % crc + payload + b"\n")
    return crc


def _checked_lines(path: Path, shard_id: int) -> Iterator[tuple[int, str, bytes]]:
    """Yield (line number, tag, JSON of the value) of every line, header and end included."""
    crc = 0
    sets = rejected = number = 0
    end: _End | None = None
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                crc, tag, data = _split(path, number, line, crc)
                if (tag == "header") != (number == 1) or end is not None:
                    raise _corrupt(path, number, f"a {tag} line does not belong here")
                if tag == "header":
                    _check_header(path, shard_id, _headers().validate_json(data, strict=True))
                elif tag == "end":
                    end = _ends().validate_json(data, strict=True)
                sets += tag == "set"
                rejected += tag == "rejected"
                yield number, tag, data
    except FileNotFoundError as error:
        raise CorruptFileError(
            FileFault(path, "the file is missing", "restore it from a copy, or run again")
        ) from error
    if end != _End(sets + rejected, sets, rejected):
        raise _corrupt(path, number + 1, "the file ends before its last line")


def _split(path: Path, number: int, line: bytes, crc: int) -> tuple[int, str, bytes]:
    """Check one line against the running CRC and take it apart."""
    payload = line[_CRC_BYTES:-1]
    crc = zlib.crc32(payload, crc)
    if line[:_CRC_BYTES] != b'{"crc32":"%08x",' % crc or line[-1:] != b"\n":
        raise _corrupt(path, number, "it is truncated or was altered")
    tag, _, rest = payload.partition(b":")
    return crc, tag.strip(b'"').decode(), rest[:-1]


def _check_header(path: Path, shard_id: int, header: _Header) -> None:
    refuse_newer_schema(path, header.schema_version)
    if header.format != _FORMAT or header.shard != shard_name(shard_id):
        raise _corrupt(path, 1, f"it belongs to {header.format} shard {header.shard}")


def _corrupt(path: Path, line: int, what: str) -> CorruptFileError:
    remedy = "restore the file from a copy, or delete it and run again"
    return CorruptFileError(FileFault(path, f"line {line}: {what}", remedy))
