"""Where captions hold nouns."""

from __future__ import annotations

import pytest

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.contexts import Contexts, load_contexts
from pipeline.edits.parse.noun_contexts import (
    LEAST,
    LEAST_TOGETHER,
    contexts_of,
    count_company,
    count_contexts,
    goes_with,
    is_attested,
    keeps_other_company,
)
from pipeline.edits.parse.parsed_caption import parsed_caption


@pytest.mark.parametrize(
    ("text", "word", "contexts"),
    [
        ("a man is sitting at a table", "table", {"sit at"}),
        ("a vase on a table with flowers", "table", {"* on", "< with"}),
        ("a cup of coffee", "coffee", {"cup of"}),
        ("a cup of coffee", "cup", {"< of coffee"}),
        ("a dog chases a cat", "cat", {"chase >"}),
        ("a dog chases a cat", "dog", {"< chase"}),
        ("a dog sleeping on a bed", "dog", {"< sleep"}),
    ],
)
def test_a_context_is_what_governs_a_noun_and_what_is_said_of_it(
    parse, text: str, word: str, contexts: set[str]
) -> None:
    parsed = parsed_caption(parse(text))
    assert set(contexts_of(parsed, parsed.lower.index(word))) == contexts


def test_a_noun_goes_where_captions_have_it(parse) -> None:
    parsed = parsed_caption(parse("a cup of coffee on a bench"))
    by_lemma, contexts = load_lexicon().nouns.by_lemma, load_contexts()
    bench = parsed.lower.index("bench")
    assert is_attested(parsed, bench, by_lemma["table"], contexts)
    assert not is_attested(parsed, bench, by_lemma["jacuzzi"], contexts)
    coffee = parsed.lower.index("coffee")
    assert not is_attested(parsed, coffee, by_lemma["champagne"], contexts)


def test_telling_words_that_go_with_a_noun_are_counted(parse) -> None:
    walked, other = (
        parsed_caption(parse(text)) for text in ("a dog on a leash", "a cat sleeping on a sofa")
    )
    counted = count_contexts([walked, other] * LEAST_TOGETHER)
    assert "& leash" in counted["dog"], "a group says that it tells"
    assert "& leash" not in counted["cat"]
    contexts, by_lemma = Contexts(nouns=counted), load_lexicon().nouns.by_lemma
    assert goes_with(by_lemma["dog"], {"leash"}, contexts)
    assert not goes_with(by_lemma["cat"], {"leash"}, contexts)


def test_what_was_seen_once_is_no_context(parse) -> None:
    once = parsed_caption(parse("a dog sleeping on a bed"))
    assert count_contexts([once]) == {}
    counted = count_contexts([once] * LEAST)
    assert counted == {"bed": {"sleep on"}, "dog": {"< sleep"}}


def test_a_thing_with_its_usual_company_is_no_other(parse) -> None:
    by_lemma, contexts = load_lexicon().nouns.by_lemma, load_contexts()
    tower, wall = (
        parsed_caption(parse(text)) for text in ("a clock on a tower", "a clock on a yellow shelf")
    )
    clock, candle = by_lemma["clock"], by_lemma["candle"]
    assert keeps_other_company(tower, tower.lower.index("clock"), clock, candle, contexts)
    assert not keeps_other_company(wall, wall.lower.index("clock"), clock, candle, contexts)


def test_company_is_what_comes_oftener_than_by_chance(parse) -> None:
    texts = ("a clock on a tower", "a candle on a shelf", "a man", "a boat", "a car", "a kite")
    captions = [parsed_caption(parse(text)) for text in texts]
    counted = count_company(captions * 5)
    assert counted["clock"].typical == {"tower": 5}
    assert counted["candle"].captions == 5
    assert "tower" not in counted["candle"].goes
