"""What the text checks would refuse later is refused while edits are chosen."""

from __future__ import annotations

import pytest

from pipeline.config.checks import ChecksConfig
from pipeline.core.records import CaptionEdit, EditKind, Replacement
from pipeline.text_checks.early import EarlyTextCheck

FACTUAL = "a man holds a cup"


def edit(new: str, proposer: str = "llm:m") -> CaptionEdit:
    piece = Replacement(14, 17, "cup", new)
    return CaptionEdit(EditKind.OBJECT, "x", FACTUAL, (piece,), "cup", new, proposer=proposer)


@pytest.mark.parametrize(
    ("new", "reason"),
    [("book", ""), ("handgun", "text.unsafe"), ("severed hand", "text.unsafe"),
     ("very " * 80 + "big cup", "text.too_long")],
)  # fmt: skip
def test_what_is_brought_in(new: str, reason: str) -> None:
    one = edit(new)
    fault = EarlyTextCheck(ChecksConfig())(one.caption, one.factual, one)
    assert (fault.reason if fault else "") == reason


def test_what_the_caption_has_itself_is_not_brought_in() -> None:
    check = EarlyTextCheck(ChecksConfig())
    assert check("a soldier cleans his rifle in a barn", "a soldier cleans his rifle", None) is None
    assert check("a soldier cleans his rifle in a barn", "a soldier in a tent", None) is not None


def test_the_check_can_be_off() -> None:
    one = edit("handgun")
    assert EarlyTextCheck(ChecksConfig(unsafe=False))(one.caption, one.factual, one) is None
