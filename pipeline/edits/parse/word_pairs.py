"""Which nouns, verbs and qualities captions hardly hold together, wherever they stand.

No rule about a phrase sees that a bed is on no beach; captions that hold both are missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.apart import LEAST_EXPECTED, Apart
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.parsed_caption import ParsedCaption

SMOOTHING = 0.5
LEAST_TOGETHER = 0.45
"""Of how often both would come together by chance; what comes less often is kept apart."""

ANYWHERE = frozenset({"person"})
"""Classes of nouns that go with everything."""

LIGHT_VERBS = frozenset(
    {"be", "have", "wear", "hold", "look", "show", "see", "get",
     "make", "take", "use", "go", "come", "set", "do"}
)  # fmt: skip
"""Verbs that go with everything."""

SIZES_AND_AGES = frozenset(
    {"small", "large", "big", "little", "huge", "tiny", "tall", "long", "short", "young", "old",
     "older", "new", "other", "several", "many"}
)  # fmt: skip


def names_of_noun(noun: Noun) -> tuple[str, ...]:
    """A noun and its group; nothing for people."""
    return () if noun.cls in ANYWHERE else (noun.lemma, f"@{noun.group.name}")


def names_of_verb(lemma: str) -> tuple[str, ...]:
    """A verb; nothing for one that goes with everything."""
    return () if lemma in LIGHT_VERBS else (f"to {lemma}",)


def name_of_quality(word: str) -> tuple[str, ...]:
    """A quality; nothing for a colour, a size or an age, which go with everything."""
    said_of_all = word in SIZES_AND_AGES or word in load_lexicon().qualities.colours.words
    return () if said_of_all else (f"is {word}",)


def names_by_token(parsed: ParsedCaption) -> Mapping[int, tuple[str, ...]]:
    """The nouns, verbs and qualities of a caption, by the token that they stand at."""
    found = {head: names_of_noun(one.noun) for head, one in parsed.mentions.items()}
    for token, part in enumerate(parsed.pos):
        if token in found:
            continue
        if parsed.deps[token] in {"amod", "compound"}:
            found[token] = name_of_quality(parsed.lower[token])
        elif part == "VERB":
            found[token] = names_of_verb(parsed.verb_lemma(token))
    return found


def count_apart(captions: Iterable[ParsedCaption]) -> Apart:
    """The table of the words that captions hold together far more seldom than by chance."""
    together: Counter[tuple[str, str]] = Counter()
    alone: Counter[str] = Counter()
    number = 0
    for parsed in captions:
        number += 1
        names = sorted({name for said in names_by_token(parsed).values() for name in said})
        alone.update(names)
        together.update(combinations(names, 2))
    most = max(alone.values(), default=0)
    often = {name: n for name, n in sorted(alone.items()) if n * most >= LEAST_EXPECTED * number}
    apart: dict[str, set[str]] = defaultdict(set)
    for one, other in combinations(often, 2):
        expected = often[one] * often[other] / number
        share = (together[one, other] + SMOOTHING) / (expected + SMOOTHING)
        if expected >= LEAST_EXPECTED and share < LEAST_TOGETHER:
            apart[one].add(other)
    words = {one: frozenset(others) for one, others in apart.items()}
    return Apart(captions=number, counts=often, words=words)
