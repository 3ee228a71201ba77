"""How a caption says how many there are of a thing, and what it could say instead."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.edits.lexicon.counts import load_counts
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import NUMBERS, PICTURES, WORDS

ONE_SAID = frozenset({"one", "1", "a", "a single"})
"""What says that there is one; "a" stands for both forms of the article."""

INSTEAD_OF_ONE = ("two", "three", "four", "several", "some", "many", "")
"""What stands in the place of "a"; the last is the plural alone."""

GROUPS_OF_BODIES = ("a group of", "a couple of")
"""Of people and animals also these."""

INSTEAD_OF_SEVERAL = ("a single", "one", "a")
NOT_BARE = frozenset({"det", "nummod", "poss", "quantmod", "predet", "cc", "conj", "appos"})
PRENOMINAL = frozenset({"JJ", "VBN", "VBG", "NN"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """What says the number of a thing.

    Attributes:
        start: First token of it.
        end: Behind the last; `start` where the noun's own form says it.
        said: It, in lower case.
        others: What a person sees to differ from it at a glance.
        number: The number that it says; 0 where it is no numeral.
        group: Token of the word for a group that it is counted by: "a herd of".
    """

    start: int
    end: int
    said: str
    others: tuple[str, ...]
    number: int = 0
    group: int | None = None


def quantity_of(parsed: ParsedCaption, mention: NounMention) -> Quantity | None:
    """What says the number of a noun; None where nothing does that a picture would show."""
    token = parsed.child(mention.head, "nummod")
    if token is not None:
        return _numeral(parsed, mention, token)
    if not mention.noun.countable and mention.noun.lemma != "people":
        return None
    return _several(parsed, mention) if mention.plural else _one(parsed, mention)


def _numeral(parsed: ParsedCaption, mention: NounMention, token: int) -> Quantity | None:
    word = parsed.lower[token]
    digits = word.isascii() and word.isdigit() and len(word) <= 2
    number = value_of(word) if digits or word in NUMBERS else 0
    if token in parsed.protected or token > mention.head or parsed.children[token]:
        return None
    if not 1 <= number <= 20 or (number == 1) == mention.plural:
        return None
    others = [n for n in other_numbers(number) if n > 1 or parsed.lower[token - 1] != "of"]
    words = [str(other) if digits else WORDS[other] for other in others]
    if number == 2 and not digits:
        words += ["several", "many"]
    return Quantity(token, token + 1, word, tuple(words), number)


def value_of(said: str) -> int:
    """The number that a numeral says, a large one for "several" and "many"; else 0."""
    if said in {"several", "many"}:
        return 99
    return int(said) if said.isdigit() else NUMBERS.get(said, 0)


def other_numbers(number: int) -> tuple[int, ...]:
    """Numbers that a person sees to differ at a glance."""
    if number <= 4:
        return tuple(other for other in (1, 2, 3, 4, 5) if other != number)
    if number <= 6:
        return (1, 2, 3, 10)
    return (1, 2, 3, 4)


def _one(parsed: ParsedCaption, mention: NounMention) -> Quantity | None:
    """One, said by "a" or by nothing: "young woman on a beach"."""
    table, noun, article = load_counts(), mention.noun, parsed.determiner(mention.head)
    if any(parsed.lower[child] in table.ordinals for child in parsed.children[mention.head]):
        return None
    if parsed.lower[mention.head + 1 : mention.head + 2] == ("and",):
        # "a bride and groom": the article is that of both.
        return None
    others = INSTEAD_OF_ONE if noun.plural != noun.lemma else INSTEAD_OF_ONE[:-1]
    if noun.cls in {"person", "animal"} and noun.lemma not in table.never_alone:
        others = (*others, *GROUPS_OF_BODIES)
    if article is not None:
        if parsed.lower[article] not in {"a", "an"}:
            return None
        counted = noun.cls not in table.uncounted or noun.lemma in table.counted_anyway
        if not counted or (article and parsed.lower[article - 1] in table.halves):
            return None
        return Quantity(article, article + 1, parsed.lower[article], others)
    first = start_of_bare_phrase(parsed, mention)
    counted = not table.without_article.isdisjoint({noun.cls, noun.lemma})
    counted = counted or noun.lemma in table.counted_anyway
    if first is None or not counted or noun.plural == noun.lemma:
        # "sheep in a field" may be several already.
        return None
    if parsed.role(mention.head) not in {"ROOT", "nsubj", "nsubjpass", "pobj"}:
        return None
    return Quantity(first, first, "", others) if is_main_phrase(parsed, first) else None


def _several(parsed: ParsedCaption, mention: NounMention) -> Quantity | None:
    """Several, said by "some", by "a group of", or by the plural alone."""
    table, noun = load_counts(), mention.noun
    if not table.never_alone.isdisjoint({noun.cls, noun.lemma}) or noun.cls in table.uncounted:
        return None
    if noun.plural == noun.lemma and noun.lemma != "people":
        # "fish on a reef" may be one already.
        return None
    first = mention.phrase_start
    quantities = table.many | {"few"}
    while (
        first and parsed.tags[first - 1] in PRENOMINAL and parsed.lower[first - 1] not in quantities
    ):
        first -= 1
    before = parsed.lower[first - 1] if first else ""
    if before == "some" or before in table.many:
        more = () if before == "some" else ("two", "three")
        return Quantity(first - 1, first, before, (*INSTEAD_OF_SEVERAL, *more))
    if parsed.lower[first - 2 : first] == ("a", "few"):
        return Quantity(first - 2, first, "a few", INSTEAD_OF_SEVERAL)
    if before == "of" and first > 1 and parsed.lower[first - 2] in table.groups:
        start = first - 2
        while start and parsed.lower[start - 1] in table.before_groups:
            start -= 1
        said = " ".join(parsed.lower[start:first])
        return Quantity(start, first, said, INSTEAD_OF_SEVERAL, group=first - 2)
    bare = start_of_bare_phrase(parsed, mention)
    if bare is None or not table.quantified.isdisjoint(parsed.lower[bare : mention.start]):
        return None
    return Quantity(bare, bare, "", INSTEAD_OF_SEVERAL)


def start_of_bare_phrase(parsed: ParsedCaption, mention: NounMention) -> int | None:
    """First token of a noun phrase without article and number; None where there is one."""
    before = parsed.children[mention.head]
    if any(parsed.deps[child] in NOT_BARE for child in before):
        return None
    first = min(
        (child for child in before if child < mention.phrase_start), default=mention.phrase_start
    )
    if parsed.protected.intersection(range(first, mention.head + 1)):
        return None
    if any(parsed.tags[token] not in PRENOMINAL for token in range(first, mention.start)):
        return None
    # "native playing wooden flute"
    return None if "VBG" in parsed.tags[first + 1 : mention.start] else first


def is_main_phrase(parsed: ParsedCaption, first: int) -> bool:
    """Whether a noun phrase is what the caption, or the picture that it mentions, is of."""
    pictured = first > 1 and parsed.lower[first - 1] == "of"
    if parsed.lower[max(first - 3, 0) : first] == ("made", "up", "of"):
        return False
    return first == 0 or (pictured and parsed.lower[first - 2] in PICTURES)
