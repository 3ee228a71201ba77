"""What a caption states, as phrases that can be looked for in a picture one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pipeline.edits.lexicon.inflection import verb_form
from pipeline.edits.parse.spacy_pipeline import Parser

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

MOST_FACTS: Final = 8
"""Facts of one caption; more would make a question long and its answers careless."""

MOST_THINGS: Final = 6
"""Of them single things, so that there is room for what they do and where they are."""

PICTURE_NOUNS: Final = frozenset(
    {"picture", "photo", "photograph", "image", "drawing", "illustration", "view", "video", "shot"}
)
"""Nouns that name the picture itself: nothing in it to look for."""

PLACE_NOUNS: Final = frozenset(
    {"left", "right", "side", "top", "bottom", "front", "back", "middle", "centre", "center",
     "background", "foreground", "distance", "way"}
)  # fmt: skip
"""Nouns that name a place in the picture, and no thing."""

WEATHER_VERBS: Final = {"rain": "rain", "snow": "falling snow"}
"""Verbs without a subject that is seen → what is seen."""

LINKING_VERBS: Final = frozenset({"be", "have"})
"""Verbs that a fact leaves out, or only names by what follows."""


class SpacyFacts:
    """Things with their qualities and numbers, what they do, and where they are.

    "two red birds sit on a car" states "two red birds", "a car", "two red birds sitting on a
    car". What a caption denies is asked as denied: "a man without a hat", never "a hat".
    """

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def facts(self, captions: Sequence[str], /) -> list[tuple[str, ...]]:
        """The facts of each caption, at most :data:`MOST_FACTS`; none where nothing is named."""
        return [_facts(doc) for doc in self._parser.parse(captions)]


def _facts(doc: Doc) -> tuple[str, ...]:
    chunks = {chunk.root.i: chunk for chunk in doc.noun_chunks if _is_thing(chunk)}
    within = {thing.i for chunk in chunks.values() for thing in _nouns_behind_of(chunk, chunks)}
    relations: list[str] = []
    things: list[str] = []
    for chunk in chunks.values():
        is_no = chunk[0].lower_ == "no"
        is_denied = _is_denied(chunk) or (is_no and chunk.root.dep_ == "pobj")
        relations_of_chunk = [] if is_denied else list(_relations(chunk, chunks))
        relations += relations_of_chunk
        # "no dogs on the beach" is asked as a whole, and so is "a man without a hat".
        if chunk.root.i not in within and not is_denied and not (is_no and relations_of_chunk):
            things.append(_phrase(chunk, chunks))
    weather = [
        WEATHER_VERBS[t.lemma_] for t in doc if t.pos_ == "VERB" and t.lemma_ in WEATHER_VERBS
    ]
    things = list(dict.fromkeys([*things, *weather]))[:MOST_THINGS]
    return tuple(dict.fromkeys([*things, *relations]))[:MOST_FACTS]


def _is_thing(chunk: Span) -> bool:
    """Whether a phrase names a thing: no pronoun, place in the picture or picture."""
    lemma = chunk.root.lemma_.lower()
    if chunk.root.pos_ not in {"NOUN", "PROPN"} or lemma in PICTURE_NOUNS or lemma in PLACE_NOUNS:
        return False
    return chunk.root.ent_type_ not in {"DATE", "TIME", "ORDINAL"} or len(chunk) > 1


def _is_denied(chunk: Span) -> bool:
    """Whether the caption says that the thing is not there, or not as its verb has it."""
    above = chunk.root.head
    if chunk.root.dep_ == "pobj":
        if above.lower_ == "without":
            return True
        above = above.head
    is_object = chunk.root.dep_ in {"dobj", "pobj", "attr"}
    return is_object and (above.lower_ == "without" or _negation_of(above) != "")


def _negation_of(verb: Token) -> str:
    return "not" if any(child.dep_ == "neg" for child in verb.children) else ""


def _nouns_behind_of(chunk: Span, chunks: dict[int, Span]) -> Iterator[Token]:
    """What a phrase is of: "snow" in "clumps of snow", where the two stand side by side."""
    for preposition in chunk.root.rights:
        if preposition.dep_ == "prep" and preposition.lower_ == "of" and preposition.i == chunk.end:
            yield from (t for t in preposition.rights if t.dep_ == "pobj" and t.i in chunks)


def _end_of(chunk: Span, chunks: dict[int, Span]) -> int:
    """Where a phrase ends, with what it is of."""
    return max([chunk.end, *(chunks[thing.i].end for thing in _nouns_behind_of(chunk, chunks))])


def _phrase(chunk: Span, chunks: dict[int, Span]) -> str:
    """The phrase with what it is of, and with the quality that its sentence gives it."""
    end = _end_of(chunk, chunks)
    verb = chunk.root.head
    if chunk.root.dep_ == "nsubj" and verb.lemma_ == "be" and not _negation_of(verb):
        for quality in verb.rights:
            if quality.dep_ == "acomp" and quality.pos_ == "ADJ":
                doc, root = chunk.doc, chunk.root.i
                parts = (doc[chunk.start : root].text, quality.text, doc[root:end].text)
                return " ".join(part for part in parts if part)
    return str(chunk.doc[chunk.start : end].text)


def _relations(chunk: Span, chunks: dict[int, Span]) -> Iterator[str]:
    """The phrase with what it does, and with each other one that it stands to somehow."""
    subject = _phrase(chunk, chunks)
    root = chunk.root
    for place in _places(root, chunks):
        yield f"{subject} {place}"
    actions = [(t, t.text) for t in root.rights if t.dep_ == "acl" and t.tag_ in {"VBG", "VBN"}]
    verb = root.head
    if root.dep_ in {"nsubj", "nsubjpass"} and verb.pos_ in {"VERB", "AUX"}:
        form = verb.text if root.dep_ == "nsubjpass" else verb_form(verb.lemma_, "VBG")
        actions.append((verb, "" if verb.lemma_ == "be" else form))
    for action, form in actions:
        phrase = " ".join(part for part in (subject, _negation_of(action), form) if part)
        objects, places = list(_objects(action, chunks)), list(_places(action, chunks))
        yield from (f"{phrase} {what}" for what in objects)
        # "a fish wears a hat in a meadow": the fish is in the meadow.
        whose = f"{subject} {_negation_of(action)}".rstrip() if objects else phrase
        yield from (f"{whose} {place}" for place in places)
        if form and not objects and not places and _needs_no_object(action):
            yield phrase


def _needs_no_object(action: Token) -> bool:
    """Whether nothing that a verb needs is left out: "a dog running", not "he insists that …"."""
    return action.lemma_ not in LINKING_VERBS and all(
        t.dep_ in {"punct", "advmod"} for t in action.rights
    )


def _objects(verb: Token, chunks: dict[int, Span]) -> Iterator[str]:
    for thing in verb.rights:
        if thing.dep_ == "dobj" and thing.i in chunks:
            yield _phrase(chunks[thing.i], chunks)


def _places(head: Token, chunks: dict[int, Span]) -> Iterator[str]:
    """What stands behind a head by a preposition: "on a sofa", "next to a house"."""
    for preposition in head.rights:
        start = preposition
        if preposition.dep_ == "advmod":  # "next to", "close to"
            preposition = next((t for t in preposition.rights if t.dep_ == "prep"), preposition)
        if preposition.dep_ != "prep" or preposition.lower_ == "of":
            continue
        for thing in preposition.rights:
            end = _end(thing, chunks) if thing.dep_ == "pobj" else None
            if end is not None:
                yield str(head.doc[start.i : end].text)


def _end(thing: Token, chunks: dict[int, Span]) -> int | None:
    """Where the phrase of a preposition ends; None where no thing is in it."""
    if thing.i in chunks:
        return _end_of(chunks[thing.i], chunks)
    if thing.lemma_.lower() in PLACE_NOUNS:
        for preposition in thing.rights:
            for other in preposition.rights:
                if other.i in chunks:
                    return chunks[other.i].end
        return thing.i + 1
    return None
