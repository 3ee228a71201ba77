"""What round a noun tells whether another thing may stand there: words, prepositions, articles."""

from __future__ import annotations

from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.reading import NounMention, Reading
from pipeline.edits.rules.count.words import PICTURES

BESIDE = frozenset({"by", "near", "beside", "along"})

IDIOMATIC = frozenset(
    {"bed", "school", "church", "hospital", "sea", "town", "class", "court", "market", "table",
     "office", "prison", "guitar", "piano", "costume", "camera", "uniform", "city", "stage"}
)  # fmt: skip
"""Nouns that stand bare behind a preposition in any style."""

OFTEN_SUBJECT_OF_PICTURE = frozenset({"device", "tool", "thing", "food", "toy", "symbol"})
"""Classes whose things are exchanged where the picture is of them."""

BEHIND_SUBJECT_OF_PICTURE = frozenset(
    {"on", "isolated", "against", "made", "near", "by", "under", "hanging", "lying"}
)
"""What follows a thing that a caption opens with and is of."""

FILM_PEOPLE = frozenset({"director", "actor", "producer", "critic", "maker", "editor"})
"""Words behind "film" that make it the trade of somebody."""

WITHIN = frozenset({"in", "inside", "into", "from"})
ON = frozenset({"on", "onto", "atop"})
UNDER = frozenset({"under", "beneath", "underneath"})
BARE_PLACES = frozenset({"at", "by", "to", "for", "as", "on", "from", "of", "in"})


def has_identifying_word(reading: Reading, mention: NounMention) -> bool:
    """Whether a word round the thing forbids another: not the "fishing" of a "fishing boat"."""
    found = mention.noun.group.unless & _words_that_may_identify(reading)
    if not found or mention.start == mention.head:
        return bool(found)
    name = range(mention.start, mention.head + 1)
    if any(word in found for token, word in enumerate(reading.lower) if token not in name):
        return True
    return any(
        other.noun.lemma in found for head, other in reading.mentions.items() if head not in name
    )


def _words_that_may_identify(reading: Reading) -> frozenset[str] | set[str]:
    """Words that may give a thing away; not the "film" of a "film director"."""
    if "film" not in reading.words:
        return reading.words
    after = zip(reading.lower, (*reading.lower[1:], ""), strict=True)
    if all(follower in FILM_PEOPLE for word, follower in after if word == "film"):
        return reading.words - {"film"}
    return reading.words


def is_subject_of_picture(reading: Reading, mention: NounMention) -> bool:
    """Whether a small thing is what the picture shows: "photo of a microphone on a table"."""
    if mention.noun.cls not in OFTEN_SUBJECT_OF_PICTURE or reading.role(mention.head) not in {
        "pobj",
        "ROOT",
    }:
        return False
    if reading.lower[mention.head + 1 : mention.head + 2] == ("for",):
        # "a banner for the holiday" is designed for it.
        return False
    if reading.role(mention.head) == "ROOT":
        following = reading.lower[mention.head + 1 : mention.head + 2]
        return (
            mention.phrase_start <= 2
            and bool(following)
            and following[0] in BEHIND_SUBJECT_OF_PICTURE
        )
    governor = reading.governor(mention.head)
    return reading.lower[governor] == "of" and reading.lower[reading.heads[governor]] in PICTURES


def preposition_fits(preposition: str, noun: Noun, other: Noun) -> bool:
    """Whether the preposition that governs `noun` can govern `other` as well."""
    group = noun.group
    if preposition in WITHIN and (other.lemma in group.open or other.lemma in other.group.open):
        return False
    if preposition in ON and (other.lemma in group.closed or other.lemma in other.group.closed):
        return False
    if preposition == "at" and other.lemma in other.group.path:
        return False
    if preposition in UNDER and other.lemma in other.group.low:
        return False
    return other.lemma not in group.beside or preposition in BESIDE


def is_singular_without_article_behind_preposition(reading: Reading, mention: NounMention) -> bool:
    """Whether a countable singular stands bare behind a preposition: at school, by car."""
    if mention.plural or mention.noun.mass or mention.noun.cls == "time":
        return False
    if reading.role(mention.head) != "pobj":
        return False
    first = min((*reading.children[mention.head], mention.head))
    return first == mention.phrase_start == mention.head or (
        reading.lower[first - 1 if first else 0] in BARE_PLACES
        and reading.determiner(mention.head) is None
        and reading.child(mention.head, "poss", "nummod", "amod") is None
    )


def is_named_without_article(noun: Noun) -> bool:
    """Whether captions name it without an article: "performs on stage during festival"."""
    return noun.cls == "event" or noun.group.name == "on_stage"


def lacks_determiner(reading: Reading, mention: NounMention) -> bool:
    """Whether a countable singular stands without article, owner or number."""
    if mention.plural or mention.noun.mass:
        return False
    return reading.child(mention.head, "det", "poss", "nummod") is None


def caption_omits_articles(reading: Reading, mention: NounMention) -> bool:
    """Whether the caption leaves out articles throughout: "man sitting on bench"."""
    if is_named_without_article(mention.noun):
        return True
    preposition = reading.governor(mention.head)
    if mention.noun.lemma in IDIOMATIC or reading.lower[preposition] == "by":
        return False
    if reading.lower[preposition] not in BARE_PLACES:
        # "a look at peeling paint inside bedroom": no idiom, only an article left out
        return True
    if reading.lower[preposition] == "of" and reading.lower[reading.heads[preposition]] in PICTURES:
        return True
    if {"a", "an", "the"}.intersection(reading.lower):
        return False
    return (
        any(
            other.phrase_start == 0 or (reading.tags[0] in {"JJ", "VBG"} and other.head <= 3)
            for other in reading.mentions.values()
            if other.noun.countable and other.head != mention.head
        )
        or 0 in reading.protected
    )
