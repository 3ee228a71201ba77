"""Rule `attribute`: a visible quality of a thing becomes one that excludes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.attributes import Scale
from pipeline.edits.lexicon.inflection import singular_of
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.lexicon.people import load_people
from pipeline.edits.parse.reading import GENDERED_PRONOUNS, NOUN_TAGS, Reading, read
from pipeline.edits.rules.attribute.context import (
    clashes,
    described,
    is_graded,
    is_joined,
    is_only_said,
    is_said_otherwise,
    makes_it,
    pole_of,
    stands_bare,
    stems_of,
)
from pipeline.edits.rules.attribute.words import (
    BACKDROPS,
    CAMPAIGNS,
    DARKNESS,
    FROST,
    NEWS,
    PART_OF_NAME,
    PLACED_BEFORE,
    PREDICATES,
    SHADES,
    SPECIES,
    TIMES,
    YOUNG,
    YOUNG_KEPT,
)
from pipeline.edits.rules.object.people import Policy, drawn

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.attributes"
FEMALE_KEPT = 0.3
"""Captions say "female" about three times as often as "male"."""


WISHES = frozenset({"if", "would", "could", "said", "says", "reported", "claims", "allegedly"})
"""Words of captions that say what somebody would do, or tells, not what is seen."""


TALKS = frozenset(
    {"if", "would", "could", "never", "ever", "always", "every", "idea", "someone", "something",
     "things", "'ll", "sale", "buy", "rent", "let's", "want", "need", "will",
     "love", "can", "may"}
)  # fmt: skip
"""Words of captions that talk of what is not in the picture; with "my" or "you" it may be."""


class AttributeRule:
    """Exchanges adjectives of visible nouns: colours, and words of the lexicon's scales."""

    name = "attribute.lexicon"
    kind = EditKind.ATTRIBUTE

    def __init__(self, policy: Policy = "balanced") -> None:
        self._lexicon: Lexicon = load_lexicon()
        self._policy = policy
        self._key = f"{KEY}.{policy}"

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield an exchange for every adjective and every word that excludes it.

        They are found once and kept with the doc, because contrasts ask for them too.
        """
        kept = doc.user_data.get(self._key)
        if kept is None:
            kept = doc.user_data[self._key] = tuple(self._all(read(doc)))
        yield from kept

    def _all(self, reading: Reading) -> Iterator[Proposal]:
        if not reading.describes or not WISHES.isdisjoint(reading.lower):
            return
        qualities = self._lexicon.qualities
        colours, by_word = qualities.colours.words, qualities.by_word
        for token, word in enumerate(reading.lower):
            coloured = word in colours
            if not (coloured or word in by_word) or token in reading.protected:
                continue
            if coloured and stands_bare(reading, token):
                yield from self._bare_colour(reading, token)
                continue
            if reading.lower[token + 1 : token + 2] and reading.lower[token + 1] in PART_OF_NAME:
                continue
            head = described(reading, token)
            if head is None or reading.is_unreal(head, frozenset()):
                continue
            thing = self._thing(reading, head)
            if thing is None:
                continue
            if coloured and self._takes_colour(reading, token, head, thing):
                yield from self._colours(reading, token, thing)
            if word in by_word and not (reading.chats and TALKS & reading.words):
                yield from self._scale(reading, token, head, thing, reading.text)

    def _thing(self, reading: Reading, head: int) -> Noun | str | None:
        """Entry of the noun at `head`, or its singular where the lexicon has none."""
        mention = reading.mentions.get(head)
        if mention is not None:
            return mention.noun
        if reading.tags[head] not in {"NN", "NNS"}:
            return None
        if head in reading.protected:
            return self._frozen_thing(reading, head)
        word = reading.lower[head]
        lemma = singular_of(word) if reading.tags[head] == "NNS" else word
        if head + 1 < len(reading) and reading.tags[head + 1] in NOUN_TAGS:
            # A noun before another one keeps its own qualities in few cases: "white sand beach".
            return lemma if lemma in BACKDROPS else None
        known = self._lexicon.nouns.by_lemma.get(lemma)
        if known is not None:
            # "the clear waters": a plural that the lexicon of things does not know.
            return known if known.mass and lemma != word else None
        return lemma

    def _frozen_thing(self, reading: Reading, head: int) -> Noun | None:
        """Entry of the last word of a frozen phrase: the boat of "a traditional sailing boat"."""
        entry = self._lexicon.nouns.forms.get(reading.lower[head])
        after = reading.tags[head + 1 : head + 2]
        if entry is None or not head or (after and after[0] in NOUN_TAGS | {"HYPH"}):
            return None
        known = self._lexicon.protected.frozen.get(reading.lower[head - 1], ())
        if reading.lower[head - 1 : head + 1] not in known:
            return None
        return None if entry[0].cls == "time" else entry[0]

    def _takes_colour(self, reading: Reading, token: int, head: int, thing: Noun | str) -> bool:
        """Whether the colour is literal, and not said twice of the same hair."""
        word = reading.lower[token]
        if token and reading.lower[token - 1] == "matching":
            return False
        again = reading.lower.count(word) > 1
        if again and (reading.chats or word in {"blonde", "blond"}):
            return False
        if again and any(reading.lower[i : i + 2] == ("in", word) for i in range(len(reading))):
            # "great in green: the teen wore a green dress"
            return False
        if "ribbon" in reading.lower[head] and CAMPAIGNS & reading.words:
            return False
        if not isinstance(thing, str) or thing in BACKDROPS:
            return True
        protected, not_of = self._lexicon.protected, self._lexicon.qualities.colours.not_of
        if thing in not_of or thing in protected.unseen or thing in protected.unreal:
            return False
        return reading.tags[token] == "JJ" and token + 1 == head

    def _colours(self, reading: Reading, token: int, thing: Noun | str) -> Iterator[Proposal]:
        colours = self._lexicon.qualities.colours
        start, shade = token, ""
        if token and token - 1 not in reading.protected:
            shade = reading.lower[token - 1]
            if shade in colours.compound and (shade != "off" or reading.lower[token] == "white"):
                start = token - 1
        elif token and reading.lower[token - 1] in colours.compound:
            # "navy blue" where "navy" may not be touched: half of a name stays as it is.
            return
        shaded = shade in colours.shades
        beside = (shade, *reading.lower[token + 1 : token + 2])
        if not colours.words.isdisjoint(beside):
            # "blue white silver boxes", "blue green water"
            return
        old = " ".join(reading.lower[start : token + 1])
        others = (reading.words & colours.words) - {reading.lower[token]}
        for new in colours.exchanges(reading.lower[token], thing, shaded=shaded):
            if shaded and not colours.allows_shade(shade, new) or clashes(reading, token, new):
                continue
            if not any(colours.look_alike(new, word) for word in others):
                yield self._proposal(reading, start, token + 1, old, new, "colour")

    def _bare_colour(self, reading: Reading, token: int) -> Iterator[Proposal]:
        """Colour without a noun: "isolated on white", "a woman dressed in black"."""
        colours = self._lexicon.qualities.colours
        old = reading.lower[token]
        others = (reading.words & colours.words) - {old}
        for new in ("white", "black", "red", "blue", "green"):
            if any(colours.look_alike(new, word) for word in (*others, old)):
                continue
            yield self._proposal(reading, token, token + 1, old, new, "colour")

    def _scale(
        self, reading: Reading, token: int, head: int, thing: Noun | str, text: str
    ) -> Iterator[Proposal]:
        word = reading.lower[token]
        scale = self._lexicon.qualities.scale_of(word, thing)
        if scale is None or not self._fits(reading, token, head, thing, scale):
            return
        if scale.subkind in {"age_group", "gender"} and not self._may_change_people(
            reading, word, scale, text
        ):
            return
        lemma = thing if isinstance(thing, str) else thing.lemma
        for new in scale.exchanges(word, lemma):
            if any(w in reading.words for w in pole_of(scale.poles, new)):
                continue
            if not stems_of(new).isdisjoint(reading.words):
                # "a snow covered rocky landscape" is snowy already.
                continue
            if clashes(reading, token, new):
                continue
            if DARKNESS & reading.words and {word, new} & {"dark", "bright"}:
                # "a dark sky before the storm" does not become a bright one.
                continue
            yield self._proposal(reading, token, token + 1, word, new, scale.subkind)

    def _fits(
        self, reading: Reading, token: int, head: int, thing: Noun | str, scale: Scale
    ) -> bool:
        """Whether the word is literal here, and nothing else in the caption depends on it."""
        word = reading.lower[token]
        if is_graded(reading, token) or reading.lower.count(word) > 1:
            return False
        if is_joined(reading, token) or is_only_said(reading, token, head):
            return False
        if reading.deps[token] in PREDICATES and scale.name in PLACED_BEFORE:
            return False
        if any((pole - {word}) & reading.words for pole in scale.poles):
            # "a happy woman, smiling", "a foggy rainy day": the rest would contradict the edit.
            return False
        if (
            scale.subkind == "material"
            and token
            and (reading.lower[token - 1] in SHADES or reading.tags[token - 1] == "VBN")
        ):
            # "light wood", "stained glass", "poured concrete"
            return False
        if scale.subkind == "material" and makes_it(reading, head):
            return False
        if scale.name == "season" and (TIMES | FROST) & reading.words:
            # A summer evening looks like one in spring, and snow tells of winter.
            return False
        if word == "new" and (NEWS & reading.words or reading.child(head, "poss") is not None):
            # "his new car" is one newly bought.
            return False
        if is_said_otherwise(reading, word, scale):
            return False
        if isinstance(thing, str):
            return True
        return not (thing.cls == "animal" and word in SPECIES)

    def _may_change_people(self, reading: Reading, word: str, scale: Scale, text: str) -> bool:
        """Whether the policy on demographic edits allows this one."""
        if self._policy == "off":
            return False
        if scale.subkind == "gender":
            cues = load_people().cues["gender"] | GENDERED_PRONOUNS
            if cues & reading.words:
                return False
            kept = word != "female" or drawn(text, "gender_adjective", FEMALE_KEPT)
        else:
            kept = word not in YOUNG or drawn(text, "age_adjective", YOUNG_KEPT)
        return kept or self._policy == "allow"

    def _proposal(
        self, reading: Reading, start: int, end: int, old: str, new: str, subkind: str
    ) -> Proposal:
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(reading, start, new)
        if repair:
            pieces.append(repair)
        return Proposal(self.kind, subkind, tuple(pieces), old, new, self.name)
