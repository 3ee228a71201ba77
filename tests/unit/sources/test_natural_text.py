"""Natural text: right on reading, stable, and never a letter more or less."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources.natural_text import natural_text


@pytest.mark.parametrize(
    ("tokenised", "natural"),
    [
        ("a dog 's toy , on the grass .", "a dog's toy, on the grass."),
        ("they 're here ; we 'll go !", "they're here; we'll go!"),
        ("i do n't know", "i don't know"),
        ("t - shirt", "t-shirt"),
        ("a `` quoted '' word , too", 'a "quoted" word, too'),
        ("a sign says `` stop '' , again", 'a sign says "stop", again'),
        ("the ' best ' day", "the 'best' day"),
        ("girls ' dresses", "girls' dresses"),
        ("from $ 5 to £ 6.5", "from $5 to £6.5"),
        ("10 % of cars", "10% of cars"),
        ("the house ( left ) .", "the house (left)."),
        ("a man / woman", "a man/woman"),
        ("these colors / i like them", "these colors / i like them"),
        ("rock ' n ' roll", "rock 'n' roll"),
        ("at 5 o' clock", "at 5 o'clock"),
        ("in the u.s. today", "in the u.s. today"),
        ("black - and - white photo", "black-and-white photo"),
        ("state - of - the - art", "state-of-the-art"),
        ("3 d model", "3d model"),
        ("at 9 : 30", "at 9:30"),
        ("girl : there is a tree", "girl: there is a tree"),
        ("a walk - in closet", "a walk-in closet"),
        ("a three - year - old boy", "a three-year-old boy"),
        ("snow - capped mountains", "snow-capped mountains"),
        ("a kitchen - what do you think ?", "a kitchen - what do you think?"),
        ("biggest spider - photo #", "biggest spider - photo #"),
        ("a cake - inspired by autumn", "a cake - inspired by autumn"),
        ("a party - inspired cake", "a party-inspired cake"),
        ("a life in photography -- in pictures", "a life in photography -- in pictures"),
        ("traffic signs for walking with a dog --", "traffic signs for walking with a dog"),
        ("i live outside ... it is fun", "i live outside... it is fun"),
        ("you 're gon na love it :)", "you're gonna love it :)"),
        ("cafe\u0301 \u200b on\u00a0the\ncorner", "café on the corner"),
        ("A Dog 's Toy", "A Dog's Toy"),
        ("bread & butter", "bread & butter"),
        ("salt &amp; pepper", "salt &amp; pepper"),
    ],
)
def test_tokens_become_natural_text(tokenised: str, natural: str) -> None:
    assert natural_text(tokenised) == natural


WORDS = (
    "a dog 's n't do ' '' `` \" . , ! ? : ; - -- ( ) [ ] / # $ £ 5 10 % d n o clock t shirt "
    "black and white gon na ... ’s é e\u0301 \u0301 \u200b & r b w girls free"
)


TOKENS = st.sampled_from([*WORDS.split(), "\u00a0", "\n"])


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.lists(TOKENS, max_size=14).map(" ".join),
        st.lists(TOKENS, max_size=14).map("".join),
        st.text(max_size=40),
    )
)
def test_twice_is_once_and_no_letter_comes_or_goes(text: str) -> None:
    natural = natural_text(text)

    assert natural_text(natural) == natural
    assert _letters(natural) == _letters(text)
    assert unicodedata.is_normalized("NFC", natural)
    assert len(natural.splitlines()) <= 1
    assert natural == natural.strip()
    assert "  " not in natural


def _letters(text: str) -> list[str]:
    # Decomposed, because an accent may join its letter when a space between them goes.
    return [c for c in unicodedata.normalize("NFD", text) if c.isalnum()]
