"""One row of any input on its way to an anchor, and the checks of its text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol, cast

from pipeline.core.ids import content_id
from pipeline.core.stage import Fault, Rejected

MAX_URL_CHARS = 8192

_SURROGATE = "\ud800-\udfff"
_CONTROL = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line ends, DEL, C1
    "\u2028\u2029"  # line and paragraph separators
    "\u202a-\u202e\u2066-\u2069"  # bidirectional overrides, embeddings and isolates
)
_BAD_TEXT = re.compile(f"[{_SURROGATE}{_CONTROL}]")
_BAD_URL = re.compile(f"[{_SURROGATE}{_CONTROL}\t\n\r]")
_VISIBLE = re.compile("[^\\s\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its file holds it.

    Attributes:
        position: File number and offsets; a reader can begin here.
        origin: `file:line`, `archive:key` or `file:row`.
        caption: Not checked yet.
        url: Not checked yet.
        identity: What names the anchor besides the kind of the source; no file path.
        load_picture: Gives the encoded picture; only valid until the next row is read.
        likeness: Gives what two rows that show and say the same have in common, or None where
            nothing but the identity counts; only valid until the next row is read.
        fault: Set where the row could not even be taken apart; the rest is then empty.
    """

    position: tuple[int, ...]
    origin: str
    caption: str = ""
    url: str | None = None
    identity: tuple[str | bytes, ...] = ()
    load_picture: Callable[[], bytes | Fault] | None = None
    fault: Fault | None = None
    likeness: Callable[[], bytes | None] | None = None


class RowFormat(Protocol):
    """Takes one kind of input apart."""

    @property
    def kind(self) -> str:
        """Name of the kind, part of every anchor id."""
        ...

    @property
    def has_images(self) -> bool:
        """Whether rows may have a picture."""
        ...

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield the rows from `start` on, or all; each exactly once, bad ones with a fault.

        Args:
            start: Position of an earlier row, or None for the beginning.
            pictures: Whether `load_picture` will be called.
        """
        ...


def text_fault(row: Row, caption: str, *, max_caption_chars: int) -> Fault | None:
    """Say what is wrong with the row's text, or None; the caption is the mended one."""
    if row.fault is not None:
        return row.fault
    for name, text, bad in (("caption", caption, _BAD_TEXT), ("address", row.url, _BAD_URL)):
        found = bad.search(text) if text else None
        if found is not None:
            return _character_fault(name, found[0], found.start())
    if not _VISIBLE.search(caption):
        return Fault("source.empty_caption", "the caption is blank; fill it in or drop the row")
    if len(caption) > max_caption_chars:
        return Fault(
            "source.too_long",
            f"the caption has {len(caption)} characters; shorten it, or raise "
            f"source.max_caption_chars from {max_caption_chars}",
        )
    if row.url and len(row.url) > MAX_URL_CHARS:
        return Fault(
            "source.too_long",
            f"the address has {len(row.url)} characters, more than {MAX_URL_CHARS}: a column "
            "mix-up? Look at the row",
        )
    return None


def is_clean(address: str) -> bool:
    """Whether an address holds none of the characters that would refuse its row."""
    return _BAD_URL.search(address) is None and len(address) <= MAX_URL_CHARS


def _character_fault(name: str, character: str, index: int) -> Fault:
    code = f"U+{ord(character):04X}"
    if "\ud800" <= character <= "\udfff":
        return Fault(
            "source.undecodable_text",
            f"the {name} is no valid Unicode text (at character {index}); save the file as UTF-8",
        )
    return Fault(
        "source.control_chars",
        f"the {name} holds the control character {code} at character {index}; remove it",
    )


def blank_fault() -> Fault:
    """Fault of a line without anything on it."""
    return Fault("source.empty_caption", "the line is blank; remove it")


def utf8_fault(error: UnicodeDecodeError, what: str) -> Fault:
    """Fault of bytes that are not UTF-8."""
    return Fault(
        "source.undecodable_text",
        f"{what} is not UTF-8 (byte 0x{error.object[error.start]:02x} at {error.start}); "
        "convert the file to UTF-8",
    )


def parse_json(data: bytes, what: str) -> dict[str, object] | Fault:
    """Parse untrusted bytes that should be one JSON object."""
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return utf8_fault(error, what)
    except (ValueError, RecursionError) as error:
        return Fault("source.bad_json", f"{what} does not parse ({error}); mend it")
    if not isinstance(value, dict):
        return Fault("source.bad_json", f"{what} is a {type(value).__name__}, not an object")
    return cast("dict[str, object]", value)


def anchor_id(kind: str, row: Row) -> str:
    """Name of the anchor that the row makes: its content, never its place."""
    return content_id(kind, *row.identity)


def reject(row: Row, fault: Fault, *, anchor_id: str = "") -> Rejected:
    """Turn a fault into the row's result; text that may be harmful is not passed on."""
    harmless = bool(anchor_id)
    return Rejected(
        anchor_id=anchor_id,
        reason=fault.reason,
        detail=f"{row.origin}: {fault.detail}",
        origin=row.origin,
        caption=row.caption if harmless else "",
    )
