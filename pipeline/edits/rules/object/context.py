"""Whether the words, prepositions and articles round a noun allow another in its place."""

from __future__ import annotations

from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import PICTURES

IDIOMATIC = frozenset(
    {"bed", "school", "church", "hospital", "sea", "town", "class", "court", "market", "table",
     "office", "prison", "guitar", "piano", "costume", "camera", "uniform", "city", "stage"}
)  # fmt: skip
"""Nouns without an article behind a preposition in any style."""

WITHIN = frozenset({"in", "inside", "into", "from"})
ON = frozenset({"on", "onto", "atop"})
UNDER = frozenset({"under", "beneath", "underneath"})
BARE_PLACES = frozenset({"at", "by", "to", "for", "as", "on", "from", "of", "in"})


def identifying_words(parsed: ParsedCaption, mention: NounMention) -> frozenset[str]:
    """Words outside its name that go with the noun: not the "fishing" of "fishing boat".

    Another noun takes its place only where captions hold it with these words too.
    """
    found = mention.noun.group.unless & parsed.words
    if not found or mention.start == mention.head:
        return found
    name = range(mention.start, mention.head + 1)
    said = {word for token, word in enumerate(parsed.lower) if token not in name}
    said |= {other.noun.lemma for head, other in parsed.mentions.items() if head not in name}
    return found & said


def preposition_fits(preposition: str, noun: Noun, other: Noun) -> bool:
    """Whether the preposition that governs `noun` can govern `other` as well."""
    group = noun.group
    if preposition in WITHIN and (other.lemma in group.open or other.lemma in other.group.open):
        return False
    if preposition in ON and (other.lemma in group.closed or other.lemma in other.group.closed):
        return False
    if preposition == "at" and other.lemma in other.group.path:
        return False
    return preposition not in UNDER or other.lemma not in other.group.low


def is_singular_without_article_behind_preposition(
    parsed: ParsedCaption, mention: NounMention
) -> bool:
    """Whether a countable singular has no article behind a preposition: at school, by car."""
    if mention.plural or mention.noun.mass or mention.noun.cls == "time":
        return False
    if parsed.role(mention.head) != "pobj":
        return False
    first = min((*parsed.children[mention.head], mention.head))
    return first == mention.phrase_start == mention.head or (
        parsed.lower[first - 1 if first else 0] in BARE_PLACES
        and parsed.determiner(mention.head) is None
        and parsed.child(mention.head, "poss", "nummod", "amod") is None
    )


def lacks_determiner(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether a countable singular has no article, owner or number."""
    if mention.plural or mention.noun.mass:
        return False
    return parsed.child(mention.head, "det", "poss", "nummod") is None


def caption_omits_articles(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether the caption leaves out articles throughout: "man sitting on bench"."""
    preposition = parsed.governor(mention.head)
    if mention.noun.lemma in IDIOMATIC or parsed.lower[preposition] == "by":
        return False
    if parsed.lower[preposition] not in BARE_PLACES:
        # "a look at peeling paint inside bedroom": no idiom, only an article left out
        return True
    if parsed.lower[preposition] == "of" and parsed.lower[parsed.heads[preposition]] in PICTURES:
        return True
    if {"a", "an", "the"}.intersection(parsed.lower):
        return False
    return (
        any(
            other.phrase_start == 0 or (parsed.tags[0] in {"JJ", "VBG"} and other.head <= 3)
            for other in parsed.mentions.values()
            if other.noun.countable and other.head != mention.head
        )
        or 0 in parsed.protected
    )
