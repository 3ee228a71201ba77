"""Where a caption says that its scene is, and where other captions put such things."""

from __future__ import annotations

import random
from collections import Counter

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.place_phrases import (
    RULE,
    SUBKIND,
    Exchange,
    PlaceIndex,
    PlacePhrase,
    count_places,
    place_index,
    place_phrases,
)
from pipeline.edits.parse.parsed_caption import parsed_caption

SOURCE = (
    "young woman sitting on a sofa",
    "a man sitting on a sofa",
    "two girls sitting in the snow",
    "children playing in the snow",
    "a boy running in the snow",
    "two men run in the snow",
    "an old man sitting on the beach",
    "a woman sitting in the dark shop of a baker she knows",
    "a man sitting in the snow",
)


def index_of(parse) -> PlaceIndex:
    return PlaceIndex(
        Counter(
            phrase for text in SOURCE for phrase, _, _ in place_phrases(parsed_caption(parse(text)))
        )
    )


def exchanges(parse, text: str, seed: int = 0) -> list[Exchange]:
    return index_of(parse).exchanges(parsed_caption(parse(text)), random.Random(seed))


def test_a_phrase_is_read_with_what_it_stands_behind(parse) -> None:
    ((phrase, head, span),) = place_phrases(parsed_caption(parse(SOURCE[2])))
    assert (phrase.behind, phrase.sort, phrase.text) == ("sit", "people", "in the snow")
    assert (phrase.place, phrase.settings) == ("in snow", {"snow"})
    assert (head, span) == (2, (3, 6))


def test_what_ties_a_phrase_to_its_caption_keeps_it_there(parse) -> None:
    assert list(place_phrases(parsed_caption(parse(SOURCE[7])))) == []
    assert list(place_phrases(parsed_caption(parse("a dog sits on his beach")))) == []


def test_no_place_changes_beside_another_that_stays(parse) -> None:
    assert exchanges(parse, "a man sitting in the snow in a hat")
    assert exchanges(parse, "a man sitting in the snow near a table") == []


def test_places_come_as_often_as_captions_have_them_behind_the_verb(parse) -> None:
    drawn = [
        one.proposal.new
        for seed in range(30)
        for one in exchanges(parse, "a woman sitting on the beach", seed)
    ]
    # Not on the beach, and nowhere that is named but once.
    assert set(drawn) == {"on a sofa", "in the snow"}
    assert exchanges(parse, "a woman jumping on the beach") == []
    (one,) = exchanges(parse, "a woman running on the beach")
    assert (one.proposal.rule, one.proposal.subkind) == (RULE, SUBKIND)
    assert (one.proposal.old, one.proposal.new) == ("on the beach", "in the snow")


def test_what_else_says_where_keeps_the_scene_there(parse) -> None:
    assert exchanges(parse, "a woman running on the beach by the sea") == []
    assert exchanges(parse, "indoor shot of a woman running on the beach") == []
    assert exchanges(parse, "a woman running on the beach with people on it") == []


def test_beside_another_doing_it_fits_where_captions_have_both(parse) -> None:
    text = "a woman running on the beach"
    (one,) = exchanges(parse, text)
    parsed = parsed_caption(parse(text))

    def doing(new: str) -> Proposal:
        return Proposal(EditKind.ACTION, "x", (TokenPiece(2, 3, new),), "running", new, "r")

    assert one.fits(parsed, doing("sitting"))
    assert one.fits(parsed, doing("playing")) is False
    assert one.fits(parsed, doing("flying")) is False
    man = Proposal(EditKind.OBJECT, "x", (TokenPiece(1, 2, "man"),), "woman", "man", "r")
    assert one.fits(parsed, man)


def test_a_phrase_that_one_caption_has_is_not_counted(parse) -> None:
    counted = count_places(parsed_caption(parse(text)) for text in SOURCE)
    assert counted == {
        "people": {
            "sit": {"on a sofa": 2, "in the snow": 2},
            "play": {"in the snow": 1},
            "run": {"in the snow": 2},
        }
    }


def test_what_is_shipped_is_read_as_it_was_counted() -> None:
    index = place_index()
    assert index is place_index()
    assert index.has("sit", PlacePhrase("people", "read", "on a sofa"))
    assert not index.has("swim", PlacePhrase("people", "read", "on a sofa"))
