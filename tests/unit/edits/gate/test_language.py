"""Plain English about a picture, without names and without talk."""

from __future__ import annotations

import pytest

from pipeline.edits.gate import language

ANCHOR = "a young woman in a red dress sits on a bench ."


@pytest.mark.parametrize(
    ("new", "foreign"),
    [("skateboarder", False), ("cupcakes", False), ("three", False), ("beneath", False),
     ("café", False), ("perro", True), ("camión", True), ("Ferrari", True)],
)  # fmt: skip
def test_words_that_english_has(new: str, foreign: bool) -> None:
    assert bool(language.foreign_edit(new, ANCHOR)) is foreign


def test_a_caption_in_another_language_is_told_by_its_words() -> None:
    assert language.foreign_scene("un chat noir dort sous la table de la cuisine", ANCHOR)
    assert not language.foreign_scene("an old man with a selfie stick stands on a pier .", ANCHOR)


@pytest.mark.parametrize(
    ("new", "begins", "is_name"),
    [("Taylor Swift", False, True), ("Malibu", False, True), ("iPhone", False, True),
     ("Blue", False, False), ("a TV", False, False), ("A cat", True, False),
     ("Angela Merkel", True, True)],
)  # fmt: skip
def test_names_by_their_capitals(new: str, begins: bool, is_name: bool) -> None:
    assert bool(language.name_in(new, ANCHOR, begins=begins)) is is_name


@pytest.mark.parametrize(
    "text",
    [
        "As an AI language model I cannot write this .",
        "Sure! Here is a caption: a dog on a bench",
        "I am unable to see the picture",
        "a dog sits there instead of the woman",
    ],
)
def test_an_assistant_is_heard(text: str) -> None:
    fault = language.talk_fault(text, ANCHOR)
    assert fault is not None
    assert fault.reason == "text.assistant_talk"


def test_what_the_anchor_says_itself_is_no_talk() -> None:
    anchor = "i love this caption of my dog"
    assert language.talk_fault("i love this caption of my cat", anchor) is None
    assert language.talk_fault("a grey cat sits on a bench .", ANCHOR) is None


@pytest.mark.parametrize(
    ("text", "again"),
    [("a a a a a a", True), ("a dog a dog a dog a dog", True), ("the the cat", True),
     ("the sky is dark and the sky is dark and the sky is dark", True),
     ("a dog on a bench near a dog on a bed", False)],
)  # fmt: skip
def test_the_same_words_again_and_again(text: str, again: bool) -> None:
    assert bool(language.repetition_fault(text)) is again
