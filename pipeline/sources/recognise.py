"""Which kind of input this is, from its first bytes; names decide only where these do not."""

from __future__ import annotations

import json
import os
import re
from enum import Enum
from pathlib import Path

from pipeline.config.source import SAMPLES, SourceConfig, SourceKind
from pipeline.core.addresses import looks_like_address
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.sources.delimited_records import decode
from pipeline.sources.files import InputFile, is_remote, resolve, suffix_of
from pipeline.sources.picture_folder import PICTURE_SUFFIXES, TEXT_SUFFIXES
from pipeline.sources.pictures import picture_format
from pipeline.sources.table_rows import Columns
from pipeline.sources.unpacking import packing

TABLE_SUFFIXES = (".parquet", ".pq", ".csv", ".tsv", ".jsonl", ".ndjson", ".json")
_DELIMITERS = ("\t", ",", ";", "|")
_HEAD_BYTES = 1 << 16
_PEEK_LINES = 50
_MOST_FILES = 2000
_LIST_OF_CELLS = re.compile(rb'\[\s*(?:"|-?\d|null|true|false)|"(?:[^"\\]|\\.)*"\s*[,\]]')
_COCO_KEY = re.compile(rb'"(?:images|annotations)"\s*:\s*\[')
_NESTED = re.compile(rb'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*[{\[]')


class Content(Enum):
    """What a file holds."""

    PARQUET = "parquet"
    TAR = "tar"
    JSON_LINES = "json lines"
    JSON_LIST = "a JSON list"
    JSON_TABLE = "a JSON object"
    COCO = "COCO's captions"
    TEXT = "text"
    PICTURE = "a picture"
    WEB_PAGE = "a web page"
    ZIP = "a zip archive or a spreadsheet (unpack it, or save the sheet as csv)"
    ARROW = "an Arrow file (save it as parquet)"
    DATABASE = "a database (export a table of it as csv)"
    CODE = "a file that can run code when it is read (save its table as csv or parquet)"
    ARRAY = "a file of arrays"
    XML = "XML"
    BINARY = "no text and of no kind that is known"

    @property
    def kind(self) -> SourceKind | None:
        """The kind of source that reads it, where there is only one."""
        kinds: dict[Content, SourceKind] = {
            Content.PARQUET: "tabular",
            Content.TAR: "webdataset",
            Content.JSON_LINES: "tabular",
            Content.JSON_LIST: "tabular",
            Content.JSON_TABLE: "tabular",
            Content.COCO: "coco",
        }
        return kinds.get(self)


_TEXTS = frozenset(
    {Content.TEXT, Content.JSON_LINES, Content.JSON_LIST, Content.JSON_TABLE, Content.COCO}
)


def first_bytes(file: InputFile, encoding: str | None = None) -> bytes:
    """The beginning of a file, unpacked and as UTF-8 where it is text.

    Raises:
        ConfigError: It is not there, or may not be read.
        PermanentError: It is damaged from its first byte on.
    """
    with file.opened() as stream:
        head = stream.read(_HEAD_BYTES)
    if look_at(head) not in _TEXTS:
        return head
    try:
        with file.opened(unpack=True, encoding=encoding) as stream:
            return stream.read(_HEAD_BYTES)
    except PermanentError:
        if file.packed:
            raise
        return head


def look_at(head: bytes) -> Content:
    """What a file that begins so holds."""
    if head.startswith(b"PAR1"):
        return Content.PARQUET
    if head[257:262] == b"ustar":
        return Content.TAR
    if picture_format(head[:64]) is not None:
        return Content.PICTURE
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        return Content.ZIP
    for magic, found in _MAGICS.items():
        if head.startswith(magic):
            return found
    if _is_binary(head[:4096]):
        return Content.BINARY
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"[" and _is_json_list(text):
        return Content.JSON_LIST
    if text[:1] == b"{":
        return _json_content(text)
    if text[:9].lower() in {b"<!doctype"} or text[:5].lower() == b"<html":
        return Content.WEB_PAGE
    return Content.XML if text[:5] == b"<?xml" else Content.TEXT


_MAGICS = {
    b"ARROW1": Content.ARROW,
    b"\xff\xff\xff\xff": Content.ARROW,
    b"SQLite format 3": Content.DATABASE,
    b"\x80\x02": Content.CODE,
    b"\x80\x03": Content.CODE,
    b"\x80\x04": Content.CODE,
    b"\x80\x05": Content.CODE,
    b"\x93NUMPY": Content.ARRAY,
    b"\x89HDF\r\n": Content.ARRAY,
}


def _is_binary(head: bytes) -> bool:
    """Whether these are no characters of any encoding: many of them control what nobody sees."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or packing(head[:16]) is not None:
        return False
    odd = sum(byte < 9 or 13 < byte < 27 for byte in head)
    in_pairs = max(head[::2].count(0), head[1::2].count(0))  # UTF-16 without its mark
    return 20 * odd > len(head) and 2 * in_pairs < len(head[::2])


def _is_json_list(text: bytes) -> bool:
    """Whether an opening bracket begins a list of rows, and no caption such as `[photo] …`."""
    inside = text[1:].lstrip()
    return inside[:1] in {b"{", b"]"} or _LIST_OF_CELLS.match(inside) is not None


def _json_content(text: bytes) -> Content:
    """Objects a line, or one large object: COCO's, or another table."""
    line, _, rest = text.partition(b"\n")
    whole = Content.COCO if _COCO_KEY.search(text) else Content.JSON_TABLE
    try:
        value = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        if not rest and len(text) > _HEAD_BYTES // 2:
            # The first line goes on behind what was read: one that holds a table begins so.
            return whole if _NESTED.match(text) else Content.JSON_LINES
        return whole if rest else Content.JSON_LINES
    if rest.strip() or not isinstance(value, dict):
        return Content.JSON_LINES
    if isinstance(value.get("images"), list):
        return Content.COCO
    is_table = bool(value) and all(isinstance(cell, dict | list) for cell in value.values())
    is_table = is_table or any(
        isinstance(cell, list) and cell[:1] and isinstance(cell[0], dict | list)
        for cell in value.values()
    )
    is_table = is_table or (bool(value) and all(map(looks_like_address, value)))
    return Content.JSON_TABLE if is_table else Content.JSON_LINES


def kind_of(config: SourceConfig) -> SourceKind:
    """The kind of an input.

    Raises:
        ConfigError: It is missing, or of no kind that is read.
    """
    if config.input in SAMPLES:
        kind: SourceKind = "cc_tsv" if SAMPLES[config.input][0] == "cc_tsv" else "tabular"
        return kind
    path = config.input.removeprefix("file://")
    if not is_remote(path) and os.path.isdir(path):
        return _kind_of_folder(path)
    if _is_dataset_name(path):
        raise ConfigError(
            f"input {path} does not exist; check source.input, or use --source hf for the dataset "
            "of this name on the hub"
        )
    file = resolve(config.input)[0]
    if file.suffix == ".tar":
        return "webdataset"
    content = look_at(first_bytes(file, config.encoding))
    if content.kind is not None:
        return content.kind
    if content is not Content.TEXT or file.suffix in _OTHER_TEXTS:
        what = content.value if content is not Content.TEXT else _OTHER_TEXTS[file.suffix]
        raise ConfigError(
            f"input {file.shown} is {what}, which holds no captions that can be read; "
            "name a table, a text file, a tar or a folder"
        )
    return _kind_of_text(config, file)


_OTHER_TEXTS = {
    ".yaml": "YAML", ".yml": "YAML", ".xml": "XML", ".vtt": "subtitles", ".srt": "subtitles",
    ".md": "a Markdown page", ".rst": "a page", ".tex": "a page", ".toml": "TOML",
    ".py": "a program",
}  # fmt: skip
"""Texts that are no captions line by line."""


def _kind_of_text(config: SourceConfig, file: InputFile) -> SourceKind:
    if file.suffix in TABLE_SUFFIXES and file.suffix != ".tsv":
        return "tabular"
    if config.columns is not None or config.delimiter is not None:
        return "tabular"
    text = decode(first_bytes(file, config.encoding).removeprefix(b"\xef\xbb\xbf"))
    lines = [line for line in text.splitlines()[:_PEEK_LINES] if line.strip()]
    if not lines:
        return "cc_tsv"
    if lines[0][:4].lower() == "sep=":
        return "tabular"
    columns = Columns.of(config)
    for mark in _DELIMITERS:
        names = [name.strip().strip('"').strip() for name in lines[0].split(mark)]
        named = columns.found(names)
        is_header = named is not None and not any(map(looks_like_address, names))
        if is_header and (len(names) > 1 or file.suffix == ".tsv" or names == [columns.caption]):
            return "tabular"
    tabbed = sum("\t" in line for line in lines)
    return "cc_tsv" if 2 * tabbed > len(lines) or file.suffix == ".tsv" else "lines"


def _is_dataset_name(path: str) -> bool:
    parts = path.split("/")
    looks = len(parts) == 2 and all(parts) and not os.path.splitext(parts[1])[1]
    return looks and not is_remote(path) and "{" not in path and not os.path.exists(path)


def _kind_of_folder(folder: str) -> SourceKind:
    if metadata_files(folder):
        return "tabular"
    for name in ("state.json", "dataset_dict.json"):
        if os.path.isfile(os.path.join(folder, name)):
            return "hf"
    suffixes: dict[str, int] = {}
    for number, path in enumerate(Path(folder).rglob("*")):
        if number > _MOST_FILES:
            break
        if path.is_file() and path.name[0] not in "._":
            suffix = suffix_of(path.name)
            suffixes[suffix] = suffixes.get(suffix, 0) + 1
    if any(suffix in PICTURE_SUFFIXES for suffix in suffixes):
        return "folder"
    for suffix in (".tar", *TABLE_SUFFIXES):
        if suffix in suffixes:
            return _kind_inside(folder, suffix)
    if any(suffix in TEXT_SUFFIXES for suffix in suffixes):
        return "lines"
    raise ConfigError(
        f"input {folder} is a folder without files that are read; name a file, or several with a "
        f"brace pattern such as {folder.rstrip('/')}/{{00000..00009}}.tar"
    )


def _kind_inside(folder: str, suffix: str) -> SourceKind:
    if suffix == ".tar":
        return "webdataset"
    if suffix in {".tsv", ".json"}:
        first = resolve(folder, suffixes=(suffix,))[0]
        return kind_of(SourceConfig(input=first.path))
    return "tabular"


def metadata_files(folder: str) -> list[str]:
    """Tables that name the pictures beside them, as `datasets` wants them in a folder."""
    if is_remote(folder) or not os.path.isdir(folder):
        return []
    for suffix in (".jsonl", ".csv", ".parquet"):
        found = sorted(str(path) for path in Path(folder).rglob(f"metadata{suffix}"))
        if found:
            return found
    return []
