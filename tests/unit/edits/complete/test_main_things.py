"""Other people and other main things in the place of those of a caption."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.main_things import replace_main_things
from pipeline.edits.complete.write_pieces import write_pieces
from pipeline.edits.parse.parsed_caption import parsed_caption


def captions(parse, text: str) -> set[str]:
    doc = parse(text)
    proposals = replace_main_things(parsed_caption(doc))
    return {write_pieces(doc, proposal.pieces, "") for proposal in proposals}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a woman walks with a small dog",
         {"a chef walks with a small dog", "three chefs walk with a small dog"}),
        ("person walks in the park", {"a chef walks in the park", "three chefs walk in the park"}),
        ("a little girl in the park", {"a little robot in the park"}),
        ("a lantern on a table", {"a teapot on a table", "two teapots on a table"}),
        ("a portrait of a fox", {"a portrait of a horse", "a portrait of four horses"}),
        ("two boats on a lake", {"two buses on a lake"}),
    ],
)  # fmt: skip
def test_things_and_their_number_become_others(parse, text: str, expected: set[str]) -> None:
    assert expected <= captions(parse, text)


@pytest.mark.parametrize(
    "text",
    [
        "a woman in a bikini",  # a word that only some people fit
        "a cat with a long tail",  # a part that only some things have
        "the mother of the bride",
        "a bird flying in the sky",
        "a dog looks like a lion",
    ],
)
def test_what_the_rest_of_the_caption_fits_alone_stays(parse, text: str) -> None:
    assert captions(parse, text) == set()


def test_a_given_number_stays(parse) -> None:
    found = captions(parse, "two boats on a lake")
    assert found
    assert all(caption.startswith("two ") for caption in found)
