"""Edits as a language model words them, applied to a parsed caption."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipeline.core.records import CaptionEdit
from pipeline.edits.apply.proposal import apply
from pipeline.edits.gate.changes import Change, read_change
from pipeline.edits.llm.answers import EditEntry, RepairEntry
from pipeline.edits.llm.open_form import propose
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

Parse = Callable[[str], "Doc"]


def worded(
    parse: Parse, caption: str, kind: str, old: str, new: str, *repairs: tuple[str, str]
) -> CaptionEdit:
    """The edit that these words make."""
    entry = EditEntry(
        kind=kind, old=old, new=new, repairs=[RepairEntry(old=a, new=b) for a, b in repairs]
    )
    doc = parse(caption)
    return apply(doc, propose(doc, entry, rule="test"), proposer="llm:m")


def read(parse: Parse, edit: CaptionEdit) -> tuple[Change, ParsedCaption, ParsedCaption]:
    """What it changes, with both parses."""
    before, after = parsed_caption(parse(edit.factual)), parsed_caption(parse(edit.caption))
    return read_change(edit, before, after), before, after
