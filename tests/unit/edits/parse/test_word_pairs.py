"""Which words captions hold together, and which they keep apart."""

from __future__ import annotations

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.parse.word_pairs import count_apart, names_by_token


def test_nouns_verbs_and_qualities_are_named_and_people_and_colours_are_not(parse) -> None:
    parsed = parsed_caption(parse("a young woman looks at a red sofa and feeds a wet dog"))
    names = {parsed.lower[token]: names for token, names in names_by_token(parsed).items()}
    assert names["dog"] == ("dog", "@pets")
    assert names["feeds"] == ("to feed",)
    assert names["wet"] == ("is wet",)
    assert names["woman"] == names["looks"] == names["red"] == ()


def test_what_comes_together_far_more_seldom_than_by_chance_is_apart(parse) -> None:
    texts = [*["a dog on a sofa"] * 6, *["a zebra in a field"] * 6, *["a dog in a field"] * 3]
    apart = count_apart(parsed_caption(parse(text)) for text in texts)
    assert apart.captions == len(texts)
    assert apart.counts["dog"] == 9
    assert apart.keeps_apart(["sofa"], ["zebra"])
    assert apart.keeps_apart(["sofa"], ["field"])
    assert not apart.keeps_apart(["dog"], ["field"])
