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
from pipeline.edits.parse.noun_mentions import NOUN_TAGS
from pipeline.edits.parse.parsed_caption import GENDERED_PRONOUNS, ParsedCaption, parsed_caption
from pipeline.edits.rules.attribute.context import (
    PREDICATES,
    clashes_with_rest,
    described_noun,
    has_neighbour_on_scale,
    is_coordinated,
    is_graded,
    is_green_by_nature,
    is_implied_elsewhere,
    is_shared_colour,
    near,
    pole_of,
)
from pipeline.edits.rules.object.people import Policy, is_in_kept_share

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.attributes"
FEMALE_KEPT = 0.3
"""Captions say "female" about three times as often as "male"."""

YOUNG = frozenset({"young", "teenage"})
YOUNG_KEPT = 0.18
"""Captions say "young" five to six times as often as "old" of people: only so many are turned."""


WORDS_OF_REPORT = frozenset(
    {"if", "would", "could", "said", "says", "reported", "claims", "allegedly"}
)
"""Words of captions that report what somebody says or would do, not what is seen."""


WORDS_OF_TALK = frozenset(
    {"if", "would", "could", "never", "ever", "always", "every", "idea", "someone", "something",
     "things", "'ll", "sale", "buy", "rent", "let's", "want", "need", "will",
     "love", "can", "may"}
)  # fmt: skip
"""Words of captions about what is not in the picture; behind "my" or "you" it may be there."""


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
            kept = doc.user_data[self._key] = tuple(self._all(parsed_caption(doc)))
        yield from kept

    def _all(self, parsed: ParsedCaption) -> Iterator[Proposal]:
        if not parsed.is_description or not WORDS_OF_REPORT.isdisjoint(parsed.lower):
            return
        qualities = self._lexicon.qualities
        colours, by_word = qualities.colours.words, qualities.by_word
        for token, word in enumerate(parsed.lower):
            coloured = word in colours
            if not (coloured or word in by_word) or token in parsed.protected:
                continue
            if coloured and is_shared_colour(parsed, word):
                continue
            if (
                parsed.lower[token + 1 : token + 2]
                and parsed.lower[token + 1] in near().part_of_name
            ):
                continue
            head = described_noun(parsed, token)
            if head is None or parsed.is_nonreferential(head, frozenset()):
                continue
            thing = self._noun_at(parsed, head)
            if thing is None:
                continue
            if coloured and self._takes_colour(parsed, token, head, thing):
                yield from self._colours(parsed, token, head, thing)
            if word in by_word and not (parsed.is_conversational and WORDS_OF_TALK & parsed.words):
                yield from self._scale(parsed, token, head, thing, parsed.text)

    def _noun_at(self, parsed: ParsedCaption, head: int) -> Noun | str | None:
        """Entry of the noun at `head`, or its singular where the lexicon has none."""
        mention = parsed.mentions.get(head)
        if mention is not None:
            return mention.noun
        if parsed.tags[head] not in {"NN", "NNS"}:
            return None
        if head in parsed.protected:
            return self._last_noun_of_frozen_phrase(parsed, head)
        word = parsed.lower[head]
        lemma = singular_of(word) if parsed.tags[head] == "NNS" else word
        if head + 1 < len(parsed) and parsed.tags[head + 1] in NOUN_TAGS:
            # A noun before another one keeps its own qualities in few cases: "white sand beach".
            return lemma if lemma in near().backdrops else None
        known = self._lexicon.nouns.by_lemma.get(lemma)
        if known is not None:
            # "the clear waters": a plural that the lexicon of things does not know.
            return known if known.mass and lemma != word else None
        return lemma

    def _last_noun_of_frozen_phrase(self, parsed: ParsedCaption, head: int) -> Noun | None:
        """Entry of the last word of a frozen phrase: the boat of "a traditional sailing boat"."""
        entry = self._lexicon.nouns.forms.get(parsed.lower[head])
        after = parsed.tags[head + 1 : head + 2]
        if entry is None or not head or (after and after[0] in NOUN_TAGS | {"HYPH"}):
            return None
        known = self._lexicon.protected.frozen.get(parsed.lower[head - 1], ())
        if parsed.lower[head - 1 : head + 1] not in known:
            return None
        return None if entry[0].cls == "time" else entry[0]

    def _takes_colour(
        self, parsed: ParsedCaption, token: int, head: int, thing: Noun | str
    ) -> bool:
        """Whether the colour is literal, and not repeated for the same hair."""
        word = parsed.lower[token]
        matching = token and parsed.lower[token - 1] == "matching"
        if matching or is_green_by_nature(parsed, token, head):
            return False
        again = parsed.lower.count(word) > 1
        if again and (parsed.is_conversational or word in {"blonde", "blond"}):
            return False
        if again and any(parsed.lower[i : i + 2] == ("in", word) for i in range(len(parsed))):
            # "great in green: the teen wore a green dress"
            return False
        if "ribbon" in parsed.lower[head] and near().campaigns & parsed.words:
            return False
        if not isinstance(thing, str) or thing in near().backdrops:
            return True
        protected, not_of = self._lexicon.protected, self._lexicon.qualities.colours.not_of
        if thing in not_of or thing in protected.unseen or thing in protected.unreal:
            return False
        return parsed.tags[token] == "JJ" and token + 1 == head

    def _colours(
        self, parsed: ParsedCaption, token: int, head: int, thing: Noun | str
    ) -> Iterator[Proposal]:
        colours = self._lexicon.qualities.colours
        start, shade = token, ""
        if token and token - 1 not in parsed.protected:
            shade = parsed.lower[token - 1]
            if shade in colours.compound and (shade != "off" or parsed.lower[token] == "white"):
                start = token - 1
        elif token and parsed.lower[token - 1] in colours.compound:
            # "navy blue" where "navy" may not be touched: half of a name stays as it is.
            return
        shaded = shade in colours.shades
        beside = (shade, *parsed.lower[token + 1 : token + 2])
        if not colours.words.isdisjoint(beside):
            # "blue white silver boxes", "blue green water"
            return
        old = " ".join(parsed.lower[start : token + 1])
        others = (parsed.words & colours.words) - {parsed.lower[token]}
        for new in colours.exchanges(parsed.lower[token], thing, shaded=shaded):
            if (
                shaded
                and not colours.allows_shade(shade, new)
                or clashes_with_rest(parsed, token, head, new)
            ):
                continue
            if not any(colours.look_alike(new, word) for word in others):
                yield self._proposal(parsed, start, token + 1, old, new, "colour")

    def _scale(
        self, parsed: ParsedCaption, token: int, head: int, thing: Noun | str, text: str
    ) -> Iterator[Proposal]:
        word = parsed.lower[token]
        scale = self._lexicon.qualities.scale_of(word, thing)
        if scale is None or not self._is_literal_and_unrepeated(parsed, token, head, thing, scale):
            return
        if scale.subkind in {"age_group", "gender"} and not self._policy_allows(
            parsed, word, scale, text
        ):
            return
        lemma = thing if isinstance(thing, str) else thing.lemma
        for new in scale.exchanges(word, lemma):
            if any(w in parsed.words for w in pole_of(scale.poles, new)):
                continue
            if clashes_with_rest(parsed, token, head, new):
                continue
            yield self._proposal(parsed, token, token + 1, word, new, scale.subkind)

    def _is_literal_and_unrepeated(
        self, parsed: ParsedCaption, token: int, head: int, thing: Noun | str, scale: Scale
    ) -> bool:
        """Whether the word is literal here, and nothing else in the caption depends on it."""
        word = parsed.lower[token]
        if is_graded(parsed, token) or parsed.lower.count(word) > 1:
            return False
        if is_coordinated(parsed, token):
            return False
        if parsed.deps[token] in PREDICATES and scale.before_only:
            return False
        if scale.subkind == "size" and has_neighbour_on_scale(parsed, token, head, scale):
            return False
        if any((pole - {word}) & parsed.words for pole in scale.poles):
            # "a happy woman, smiling", "a foggy rainy day": the rest would contradict the edit.
            return False
        if (
            scale.subkind == "material"
            and token
            and (parsed.lower[token - 1] in near().shades or parsed.tags[token - 1] == "VBN")
        ):
            # "light wood", "stained glass", "poured concrete"
            return False
        if word in self._lexicon.qualities.stays and (
            self._lexicon.qualities.stays[word] & parsed.words
            or parsed.child(head, "poss") is not None
        ):
            # "his new car" is one newly bought.
            return False
        if is_implied_elsewhere(parsed, word, scale):
            return False
        if isinstance(thing, str):
            return True
        return not (thing.cls == "animal" and word in near().species)

    def _policy_allows(self, parsed: ParsedCaption, word: str, scale: Scale, text: str) -> bool:
        """Whether the policy on demographic edits allows this one."""
        if self._policy == "off":
            return False
        if scale.subkind == "gender":
            cues = load_people().cues["gender"] | GENDERED_PRONOUNS
            if cues & parsed.words:
                return False
            kept = word != "female" or is_in_kept_share(text, "gender_adjective", FEMALE_KEPT)
        else:
            kept = word not in YOUNG or is_in_kept_share(text, "age_adjective", YOUNG_KEPT)
        return kept or self._policy == "allow"

    def _proposal(
        self, parsed: ParsedCaption, start: int, end: int, old: str, new: str, subkind: str
    ) -> Proposal:
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(parsed, start, new)
        if repair:
            pieces.append(repair)
        return Proposal(self.kind, subkind, tuple(pieces), old, new, self.name)
