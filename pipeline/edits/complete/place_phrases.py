"""Phrases that say where a scene is, exchanged for those that other captions have there.

A phrase is exchanged for one that captions have behind the same verb or a like noun, drawn as
often as they do: so it fits, and its words come in about as often as they go out.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.combine import noun_after
from pipeline.edits.complete.settings import SCENE_WORDS, find_slot
from pipeline.edits.complete.subject import main_thing
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.complete import load_complete, load_places, sort_of
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.parsed_caption import ParsedCaption

RULE: Final = "full.other_place"
SUBKIND: Final = "other_place"

NOUN_TAGS = frozenset({"NN", "NNS"})
MOST_WORDS = 6
MOST_DRAWN = 3
"""Phrases of other captions that are tried for one."""

LEAST_SEEN = 2
"""Times that captions name a place so, or have such places behind a word, before it is sure."""

UNFIT_TAGS = frozenset({"PRP", "PRP$", "VBZ", "VBP", "VBD", "WDT", "WP", "WRB", "CD", "MD", "EX"})
"""Tags of words that tie a phrase to its own caption."""

WORN = frozenset({"clothing", "body", "time"})
"""Classes of what no place is said by: "in a hat", "at night"."""

REFERRING = frozenset({"it", "they", "them", "its", "there", "this", "that", "which", "one"})
"""Words by which a caption may speak of its place again."""

UNFIT_ROLES = frozenset({"relcl", "appos", "acl", "conj", "cc"})

PLACING: Final = frozenset(
    {"in", "on", "at", "near", "by", "beside", "inside", "outside", "along", "under", "through",
     "across", "over", "against", "into", "around", "above", "behind", "down", "up", "onto",
     "beneath", "between", "amid"}
)  # fmt: skip


@dataclass(frozen=True)
class PlacePhrase:
    """One phrase that says where.

    Attributes:
        sort: Sort of the main thing of its caption.
        behind: The verb with its object, or the group of the noun, that it stands behind.
        text: Its words.
    """

    sort: str
    behind: str
    text: str

    @cached_property
    def noun(self) -> Noun | None:
        """The place that it names: the last known noun before any "of"."""
        words = self.text.partition(" of ")[0].split()
        forms = load_lexicon().nouns.forms
        known = (forms.get(" ".join(words[start:])) for start in range(1, len(words)))
        return next((entry[0] for entry in known if entry is not None), None)

    @cached_property
    def place(self) -> str:
        """Its preposition and noun."""
        return f"{self.text.split()[0]} {self.noun.lemma if self.noun else ''}"

    @cached_property
    def settings(self) -> frozenset[str]:
        """Sorts of the settings that it names."""
        by_word, noun = load_complete().settings_by_word, self.noun
        names = (noun.lemma, noun.group.name, noun.cls) if noun else ()
        return next((by_word[name] for name in names if name in by_word), frozenset())


@dataclass(frozen=True, slots=True)
class Exchange:
    """A phrase of another caption in the place of one of this.

    Attributes:
        proposal: The exchange as an edit, that can be made together with others.
        head: Token of the caption that the phrase stands behind.
        other: The new phrase.
        index: Where it comes from.
    """

    proposal: Proposal
    head: int
    other: PlacePhrase
    index: PlaceIndex

    def fits(self, parsed: ParsedCaption, beside: Proposal) -> bool:
        """Whether captions have such a phrase behind what another edit makes of its word."""
        if beside.kind is EditKind.RELATION:
            return False
        if not any(piece.start <= self.head < piece.end for piece in beside.pieces):
            return True
        if beside.kind is EditKind.ACTION:
            _, _, thing = self.other.behind.partition(" ")
            verb = verb_lemma(beside.new.split()[0], parsed.tags[self.head])
            name = f"{verb} {thing}".rstrip()
        elif beside.kind is EditKind.OBJECT:
            noun = noun_after(beside)
            name = "" if noun is None else noun.group.name
        else:
            return beside.kind is EditKind.COUNT
        return self.index.has(name, self.other)


class PlaceIndex:
    """Where captions say that something is."""

    def __init__(self, phrases: Mapping[PlacePhrase, int]) -> None:
        """Index phrases and how many captions have each."""
        self._behind: dict[tuple[str, str], dict[PlacePhrase, int]] = defaultdict(dict)
        self._times: Counter[str] = Counter()
        for phrase, count in phrases.items():
            self._behind[phrase.behind, phrase.sort][phrase] = count
            self._times[phrase.place] += count

    def exchanges(self, parsed: ParsedCaption, draw: random.Random) -> list[Exchange]:
        """Other phrases for those of a caption, drawn as often as captions have them."""
        found: list[Exchange] = []
        for own, head, (start, end) in place_phrases(parsed):
            known = self._behind.get((own.behind, own.sort), {})
            others = [
                one
                for one in known
                # "at a restaurant table at a large table"
                if self._may_replace(own, one)
                and (one.noun is None or one.noun.lemma not in parsed.words)
            ]
            if not others or not _may_go(parsed, (start, end)):
                continue
            often = [known[one] for one in others]
            for other in dict.fromkeys(draw.choices(others, often, k=MOST_DRAWN)):
                piece = TokenPiece(start, end, other.text)
                proposal = Proposal(EditKind.OBJECT, SUBKIND, (piece,), own.text, other.text, RULE)
                found.append(Exchange(proposal, head, other, self))
        return found

    def has(self, behind: str, like: PlacePhrase) -> bool:
        """Whether captions have phrases like this one behind another word."""
        known = self._behind.get((behind, like.sort), {})
        preposition, settings = like.text.split()[0], like.settings
        alike = (
            count
            for one, count in known.items()
            if one.text.split()[0] == preposition and not one.settings.isdisjoint(settings)
        )
        return sum(alike) >= LEAST_SEEN

    def _may_replace(self, own: PlacePhrase, other: PlacePhrase) -> bool:
        is_sure = self._times[other.place] >= LEAST_SEEN and self.has(own.behind, other)
        return is_sure and not _together(own.settings, other.settings)


def place_phrases(
    parsed: ParsedCaption,
) -> Iterator[tuple[PlacePhrase, int, tuple[int, int]]]:
    """The phrases of a caption that say where, each with its head and its tokens."""
    main = main_thing(parsed)
    mention = parsed.mentions.get(main) if main is not None else None
    sort = sort_of(mention.noun) if mention is not None else "people"
    if main is None or sort is None:
        return
    for token, mention in parsed.mentions.items():
        preposition = parsed.heads[token]
        if parsed.deps[token] != "pobj" or parsed.lower[preposition] not in PLACING:
            continue
        if parsed.lower[token] == "background" and parsed.lower[preposition] == "in":
            # It may stand behind any scene.
            continue
        head = parsed.heads[preposition]
        behind = _name(parsed, head)
        span = _span(parsed, preposition)
        if behind and span is not None and span[0] > head:
            start, end = parsed.char_spans[span[0]][0], parsed.char_spans[span[1] - 1][1]
            phrase = PlacePhrase(sort, behind, parsed.text[start:end].lower())
            if phrase.noun is mention.noun and phrase.settings:
                yield phrase, head, span


def count_places(captions: Iterable[ParsedCaption]) -> Mapping[str, Mapping[str, Counter[str]]]:
    """The content of places.toml."""
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for parsed in captions:
        for phrase, _, _ in place_phrases(parsed):
            found[phrase.sort][phrase.behind][phrase.text] += 1
    times = Counter(
        {
            text: sum(phrases[text] for known in found.values() for phrases in known.values())
            for known in found.values()
            for phrases in known.values()
            for text in phrases
        }
    )
    return {
        sort: {
            behind: often
            for behind, phrases in known.items()
            if (often := Counter({t: n for t, n in phrases.items() if times[t] >= LEAST_SEEN}))
        }
        for sort, known in found.items()
    }


@cache
def place_index() -> PlaceIndex:
    """The phrases of places.toml."""
    return PlaceIndex(
        {
            PlacePhrase(sort, behind, text): count
            for sort, known in load_places().items()
            for behind, texts in known.items()
            for text, count in texts.items()
        }
    )


def _name(parsed: ParsedCaption, head: int) -> str:
    """The verb with its object, or the group of the known noun, behind which it stands; else "".

    Where something is done the noun says too little: a player is in a room, and serves on a court.
    """
    if parsed.pos[head] == "VERB":
        thing = parsed.child(head, "dobj")
        return (
            f"{parsed.verb_lemma(head)} {parsed.lemmas[thing] if thing is not None else ''}".strip()
        )
    mention = parsed.mentions.get(head)
    return "" if mention is None or "VERB" in parsed.pos else mention.noun.group.name


def _span(parsed: ParsedCaption, preposition: int) -> tuple[int, int] | None:
    """Tokens of the phrase; None where something ties it to its own caption."""
    tokens = sorted(parsed.subtree(preposition))
    first, last = tokens[0], tokens[-1]
    if last - first + 1 != len(tokens) or len(tokens) > MOST_WORDS or first != preposition:
        return None
    named = {t for h, m in parsed.mentions.items() for t in range(m.phrase_start, h + 1)}
    for token in tokens:
        if (
            parsed.tags[token] in UNFIT_TAGS
            or parsed.deps[token] in UNFIT_ROLES
            or parsed.pos[token] in {"PROPN", "PUNCT"}
            or token in parsed.protected
            or (parsed.deps[token] == "prep" and parsed.lower[token] != "of" and token != first)
            or (parsed.tags[token] in NOUN_TAGS and token not in named)
        ):
            return None
    return first, last + 1


def _together(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one picture may show both."""
    return any(load_complete().are_together(a, b) for a in one for b in other)


def _may_go(parsed: ParsedCaption, span: tuple[int, int]) -> bool:
    """Whether nothing else in the caption says where the scene is, or what in it is where."""
    rest = {*parsed.lower[: span[0]], *parsed.lower[span[1] :]}
    for token, mention in parsed.mentions.items():
        if parsed.role(token) != "pobj" or span[0] <= token < span[1]:
            continue
        if parsed.lower[parsed.governor(token)] in PLACING and mention.noun.cls not in WORN:
            # "at a restaurant table in a city"
            return False
    return rest.isdisjoint(SCENE_WORDS | REFERRING) and find_slot(parsed, span) is not None
