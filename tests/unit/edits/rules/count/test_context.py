"""Nouns that the rest of a caption allows only in one number."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.count.rule import CountRule


@pytest.mark.parametrize(
    ("factual", "unwanted"),
    [
        ("woman climbing up into the saddle", "women"),
        ("a cowboy riding a bull on a rodeo", "cowboys"),
        ("woman sitting alone on the pier", "women"),
        ("a woman holding a cup of tea", "women"),
        ("a man reclining on a chair", "men"),
        ("a cupboard used to make this cabinet", "cupboards"),
        ("woman talking with a mobile phone", "phones"),
        ("one of many dogs in the shelter", "two dogs"),
        ("the unicorn in a tattoo", "unicorns"),
        ("main square with a fountain", "squares"),
        ("a wedding dress with a very long train", "trains"),
        ("two men in a doubles match", "five"),
        ("a flag made up of lots of little people", "person"),
        ("a wonderful chair with a broken seat", "chairs"),
        ("fashion portrait of a young woman posing in a summer dress", "women"),
        ("a farmer uses technology to get into a tractor", "farmers"),
        ("new newspaper launched in town", "newspapers"),
        ("a vintage coral beaded necklace", "corals"),
        ("an example of a bathroom with a shower", "showers"),
    ],
)
def test_what_holds_for_one_alone_is_not_said_of_two(rewrite, factual: str, unwanted: str) -> None:
    assert not any(unwanted in text for text in rewrite(CountRule(), factual))


def test_things_beside_what_is_not_shown_keep_their_number(rewrite) -> None:
    assert rewrite(CountRule(), "an outfit for use with bicycles") == []


@pytest.mark.parametrize(
    "caption",
    [
        "the bride walks down the stairs",
        "the largest bird swims",
        "the musician, singer and poet plays",
        "two giraffes lick one another",
        "native woman wearing typical hat",
    ],
)
def test_what_there_is_one_of_stays_one(rewrite, caption: str) -> None:
    assert rewrite(CountRule(), caption) == []
