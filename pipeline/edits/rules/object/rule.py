"""Rule `object`: a visible thing becomes another of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_for, article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.reading import NounMention, Reading, read
from pipeline.edits.rules.object.context import (
    caption_omits_articles,
    has_identifying_word,
    is_named_without_article,
    is_singular_without_article_behind_preposition,
    is_subject_of_picture,
    lacks_determiner,
    preposition_fits,
)
from pipeline.edits.rules.object.depicted import fits_height, is_depicted
from pipeline.edits.rules.object.ties import is_tied, is_verb_form

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.objects"
KEPT_COMPOUNDS = frozenset(
    {"brick", "stone", "wood", "metal", "glass", "leather", "plastic", "denim", "winter", "summer",
     "autumn", "spring", "hotel", "luxury", "vintage", "steel", "iron", "concrete", "baby", "toy"}
)  # fmt: skip
"""Words before a noun that say what it is made of or when it is, and suit what replaces it."""

FREE_COMPOUNDS = frozenset(
    {"animal", "vehicle", "clothing", "furniture", "plant", "instrument", "food", "building",
     "container"}
)  # fmt: skip
"""Classes whose noun keeps its sense with a noun before it; not so "town square"."""

FREE_PLACES = frozenset({"rooms", "land_outdoors", "seaside_and_ground"})
"""Groups of places that keep their sense with a noun before them: "a sunflower field"."""

NAMING = frozenset(
    {
        "water",
        "air",
        "space",
        "cable",
        "war",
        "sea",
        "fire",
        "sports",
        "access",
        "love",
        "life",
        "shoulder",
        "pickup",
    }
)
"""Words that make another kind of thing of what stands behind them: a "water taxi"."""

AGES = frozenset({"young", "old", "elderly", "older", "younger"})


class ObjectRule:
    """Exchanges the head noun of a phrase within its lexicon group."""

    name = "object.group"
    kind = EditKind.OBJECT

    def __init__(self) -> None:
        self._lexicon: Lexicon = load_lexicon()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield an exchange for every noun and every member of its group that fits.

        They are found once and kept with the doc, because contrasts ask for them too.
        """
        kept = doc.user_data.get(KEY)
        if kept is None:
            reading = read(doc)
            kept = tuple(self._all(reading)) if reading.describes else ()
            doc.user_data[KEY] = kept
        yield from kept

    def _all(self, reading: Reading) -> Iterator[Proposal]:
        for mention in reading.mentions.values():
            if self._can_be_exchanged(reading, mention):
                yield from self._exchanges(reading, mention)

    def _can_be_exchanged(self, reading: Reading, mention: NounMention) -> bool:
        noun, head = mention.noun, mention.head
        if mention.phrase_start < mention.start and not keeps_meaning_without_compound(
            reading, mention
        ):
            return False
        if reading.role(head) == "attr" and reading.child(reading.governor(head), "expl") is None:
            # "be a wolf", "it is a church": said of something, not shown beside it.
            return False
        if not mention.plural and reading.child(head, "nummod") is not None:
            return False
        if noun.cls in {"event", "place", "building"} and reading.child(head, "poss") is not None:
            return False
        if noun.cls == "time" and any(
            other.noun.group is noun.group and other.head != head
            for other in reading.mentions.values()
        ):
            return False
        if is_tied(reading, mention) or is_verb_form(reading, mention):
            return False
        if may_modify_later_noun(reading, mention):
            return False
        if not noun.editable or reading.is_unreal(head, self._lexicon.protected.unreal):
            return False
        if not is_depicted(reading, mention) or has_gerund_of_purpose(reading, mention):
            return False
        if not is_one_unprotected_phrase(reading, mention) or has_identifying_word(
            reading, mention
        ):
            return False
        if is_followed_by_of(reading, head) and not (noun.group.of or noun.group.of_only):
            return False
        if (
            noun.group.preps
            and reading.role(head) == "pobj"
            and reading.lower[reading.governor(head)] not in noun.group.preps
        ):
            return False
        if noun.group.after and not (
            _is_governed_by(reading, head, noun.group.after)
            or is_subject_of_picture(reading, mention)
        ):
            return False
        if is_singular_without_article_behind_preposition(
            reading, mention
        ) and not caption_omits_articles(reading, mention):
            return False
        if reading.chats and reading.determiner(head) is None and not mention.plural:
            return False
        return not is_mentioned_again(reading, mention, self._lexicon)

    def _exchanges(self, reading: Reading, mention: NounMention) -> Iterator[Proposal]:
        old = " ".join(reading.lower[mention.phrase_start : mention.head + 1])
        start = mention.phrase_start
        if start < mention.start and reading.lower[start] in KEPT_COMPOUNDS:
            if mention.start - start > 1:
                return
            start, old = mention.start, " ".join(reading.lower[mention.start : mention.head + 1])
        # "performs during festival" is a shortened name; what replaces it is none.
        noun_needs_article = is_named_without_article(mention.noun) and lacks_determiner(
            reading, mention
        )
        weight = 1.0 if start == mention.start else 0.3
        for other in self._lexicon.nouns.exchanges(mention.noun):
            if self._can_replace(reading, mention, other):
                new = other.plural if mention.plural else other.lemma
                if noun_needs_article and other.countable:
                    new = f"{article_for(new)} {new}"
                pieces = [TokenPiece(start, mention.head + 1, new)]
                repair = article_repair(reading, start, new)
                if repair:
                    pieces.append(repair)
                yield Proposal(
                    self.kind, mention.noun.group.name, tuple(pieces), old, new, self.name,
                    weight=weight,
                )  # fmt: skip

    def _can_replace(self, reading: Reading, mention: NounMention, other: Noun) -> bool:
        nouns, actions = self._lexicon.nouns, self._lexicon.actions
        # The "boat" of a "fishing boat" goes with it.
        own = reading.lower[mention.start : mention.head]
        own = (*own, reading.lower[mention.head]) if own else own
        if any(akin in reading.words and akin not in own for akin in nouns.akin(other.lemma)):
            return False
        if other.plural in reading.words or not is_compatible_with_rest(reading, mention, other):
            return False
        head, only = mention.head, mention.noun.group.of_only
        if only and other.lemma not in only and is_followed_by_of(reading, head):
            return False
        role, governor = reading.role(head), reading.governor(head)
        if role == "pobj" and not preposition_fits(reading.lower[governor], mention.noun, other):
            return False
        if not fits_height(reading, mention, other, self._lexicon):
            return False
        if role == "dobj":
            allowed = actions.fits.get(_lemma(reading, governor))
            if allowed is not None and not nouns.fits_any(other, allowed):
                return False
        for verb in verbs_of(reading, head):
            allowed = actions.does.get(_lemma(reading, verb))
            if allowed is not None and not nouns.fits_any(other, allowed):
                return False
        return adjectives_fit(reading, head, other, self._lexicon)


def is_compatible_with_rest(reading: Reading, mention: NounMention, other: Noun) -> bool:
    """Whether nothing else in the caption rules the other noun out."""
    group = mention.noun.group
    if mention.plural and other.lemma in group.singly:
        return False
    if other.lemma in group.beside and reading.role(mention.head) != "pobj":
        return False
    determiner = reading.determiner(mention.head)
    article = "" if determiner is None else reading.lower[determiner]
    if other.mass and article in {"a", "an"} and group.name != "drinks":
        # "a soup", "on a snow"
        return False
    # The "sunflower" of a "sunflower field" goes with it.
    rest = (*reading.lower[: mention.phrase_start], *reading.lower[mention.head + 1 :])
    return group.bars.get(other.lemma, frozenset()).isdisjoint(rest)


def _lemma(reading: Reading, token: int) -> str:
    from pipeline.edits.lexicon.inflection import verb_lemma

    return verb_lemma(reading.lower[token], reading.tags[token])


def _is_governed_by(reading: Reading, head: int, words: frozenset[str]) -> bool:
    """Whether one of the verbs or prepositions governs the noun."""
    governor = reading.governor(head)
    role = reading.role(head)
    if role == "pobj":
        return reading.lower[governor] in words
    if role == "nsubj" and "fall" in words:
        # "as rain falls"
        return _lemma(reading, governor) == "fall"
    return role == "dobj" and _lemma(reading, governor) in words


def verbs_of(reading: Reading, noun: int) -> Iterator[int]:
    """Verbs whose subject the noun is: its predicate and the participles behind it."""
    if reading.role(noun) in {"nsubj", "nsubjpass"}:
        yield reading.governor(noun)
    for child in reading.children[noun]:
        if reading.deps[child] in {"acl", "relcl", "amod"} and reading.tags[child] in {
            "VBG", "VBZ", "VBP", "VBN", "VBD",
        }:  # fmt: skip
            yield child


def is_one_unprotected_phrase(reading: Reading, mention: NounMention) -> bool:
    """Whether what stands before the noun modifies it and nothing in between is protected."""
    span = range(mention.phrase_start, mention.head + 1)
    return not reading.protected.intersection(span) and all(
        token == mention.head or mention.phrase_start <= reading.heads[token] <= mention.head
        for token in span
    )


def keeps_meaning_without_compound(reading: Reading, mention: NounMention) -> bool:
    """Whether the noun keeps its meaning without the nouns before it: not "candy bar"."""
    compounds = reading.lower[mention.phrase_start : mention.start]
    if mention.phrase_start and reading.lower[mention.phrase_start - 1] in {"and", "&", "or"}:
        # "a coffee and walnut cake"
        return False
    if any(word.endswith("ing") or word in NAMING for word in compounds):
        return False
    free = mention.noun.cls in FREE_COMPOUNDS or (
        mention.noun.group.name in FREE_PLACES and len(compounds) == 1
    )
    return free or compounds[0] in KEPT_COMPOUNDS


def may_modify_later_noun(reading: Reading, mention: NounMention) -> bool:
    """Whether the noun may belong to a later one: "a coffee and walnut cake"."""
    joined = reading.child(mention.head, "conj")
    other = reading.mentions.get(joined) if joined is not None else None
    if other is None or mention.plural or other.noun.cls != mention.noun.cls:
        return False
    return other.phrase_start < other.start and reading.determiner(other.head) is None


def has_gerund_of_purpose(reading: Reading, mention: NounMention) -> bool:
    """Whether a gerund before the noun says what it is for: "walking bridge"."""
    before = mention.phrase_start - 1
    if before < 0 or reading.tags[before] != "VBG" or mention.noun.cls in {"person", "animal"}:
        return False
    return reading.heads[before] == mention.head and not reading.children[before]


def is_followed_by_of(reading: Reading, head: int) -> bool:
    """Whether "of", "to" or a possessive follows the noun."""
    after = head + 1
    return after < len(reading) and reading.lower[after] in {"of", "'s", "'", "s", "to"}


def is_mentioned_again(reading: Reading, mention: NounMention, lexicon: Lexicon) -> bool:
    """Whether the thing is named twice: changing one mention would not change the scene."""
    if reading.lower.count(reading.lower[mention.head]) > 1:
        return True
    akin = lexicon.nouns.akin(mention.noun.lemma)
    return any(
        other.noun.lemma in akin for head, other in reading.mentions.items() if head != mention.head
    )


def adjectives_fit(reading: Reading, head: int, other: Noun, lexicon: Lexicon) -> bool:
    """Whether the noun's adjectives can be said of what replaces it."""
    qualities = lexicon.qualities
    mention = reading.mentions.get(head)
    start = head if mention is None else mention.start
    for child in reading.children[head]:
        word = reading.lower[child]
        if reading.deps[child] != "amod" or start <= child < head:
            # The "living" of a living room goes with the room.
            continue
        if word in qualities.colours.words:
            if word not in qualities.colours.palette(other):
                return False
        elif other.cls == "person" and word in AGES:
            continue
        elif word in qualities.by_word and word not in qualities.anywhere:
            # Where the scale says nothing of the old noun either, the word is a plain one.
            on_scale = mention is None or qualities.scale_of(word, mention.noun) is not None
            plain = not on_scale and word in qualities.general
            if not plain and qualities.scale_of(word, other) is None:
                return False
        elif word not in qualities.general:
            return False
    return True
