"""What stands beside the main thing of a caption."""

from __future__ import annotations

from pipeline.edits.complete.subject import main_thing
from pipeline.edits.complete.surroundings import Surroundings
from pipeline.edits.parse.parsed_caption import parsed_caption


def surroundings(parse, text: str) -> Surroundings:
    parsed = parsed_caption(parse(text))
    main = main_thing(parsed)
    assert main is not None
    return Surroundings(parsed, main)


def test_places_are_told_from_things_and_times(parse) -> None:
    found = surroundings(parse, "a man with a camera walks through a forest in winter")
    assert found.settings == {"woods"}
    assert found.places == {"forest"}
    assert found.things == {"camera"}
    assert found.times == {("seasons", "winter")}
    assert (found.unknown, found.unseen) == (0, "")


def test_nouns_that_nobody_knows_are_counted(parse) -> None:
    assert surroundings(parse, "a man with a gizmo and a whatsit").unknown == 2


def test_what_stands_for_something_unseen_is_named(parse) -> None:
    assert surroundings(parse, "a man works for a retail business").unseen
