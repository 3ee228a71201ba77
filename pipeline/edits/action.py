"""Rule `action`: what a body visibly does becomes something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.edits.grammar import article_repair
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.actions import Frame
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import Reading, read
from pipeline.records import EditKind

if TYPE_CHECKING:
    from spacy.tokens import Doc

VERB_TAGS = frozenset({"VBG", "VBZ", "VBP", "VBD"})
TIED = frozenset({"prt", "xcomp", "ccomp", "acomp", "oprd", "dative", "attr", "neg", "advcl"})
"""Children that tie a verb to its meaning: "sit down", "look like", "make someone laugh"."""

MOVING = frozenset({"run", "jump", "dance", "cycle", "walk"})
SUPPORTS = frozenset({"furniture", "vehicle", "container", "thing", "clothing", "toy", "device"})

TRANSPARENT_PERSONS = frozenset(
    {"person", "actor", "artist", "player", "athlete", "politician", "celebrity", "model",
     "footballer", "author", "boxer", "wrestler", "actress"}
)  # fmt: skip
"""Heads of placeholders: protected as words, but people all the same."""


class ActionRule:
    """Exchanges verbs within the lexicon's frames."""

    name = "action.frame"
    kind = EditKind.ACTION

    def __init__(self) -> None:
        self._lexicon: Lexicon = load_lexicon()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield an exchange for every visible verb and every verb that excludes it."""
        reading = read(doc)
        if reading.chats or not reading.describes:
            return
        actions = self._lexicon.actions
        for token, tag in enumerate(reading.tags):
            if token in reading.protected:
                continue
            if tag in VERB_TAGS or tag == "JJ":
                word = reading.lower[token]
                if reading.deps[token] == "amod" and word in actions.by_modifier:
                    yield from self._modifier(reading, token, word)
                elif tag in VERB_TAGS and reading.pos[token] == "VERB":
                    lemma = verb_lemma(word, tag)
                    for frame in actions.by_verb.get(lemma, ()):
                        if self._fits(reading, token, frame):
                            yield from self._exchange(reading, token, lemma, frame)
                            break

    def _modifier(self, reading: Reading, token: int, word: str) -> Iterator[Proposal]:
        head = reading.heads[token]
        for frame in self._lexicon.actions.by_modifier[word]:
            if head > token and self._is_one_of(reading, head, frame.subject):
                for new in frame.exchanges(word):
                    if new not in reading.words:
                        yield self._proposal(reading, token, word, new, frame.name)
                return

    def _fits(self, reading: Reading, verb: int, frame: Frame) -> bool:
        """Whether subject, object and what follows are those of the frame."""
        for child in reading.children[verb]:
            dep = reading.deps[child]
            if dep in TIED and not (dep == "advcl" and child > verb + 3):
                return False
            if dep == "prep" and child > verb and reading.lower[child] not in frame.preps:
                return False
            if reading.lower[child] == "by" and reading.child(child, "pobj") is None:
                # "a horse walks by": the word belongs to the verb.
                return False
            near = child == verb + 1 or reading.lower[child].endswith("ly")
            if dep == "advmod" and near and reading.lower[child] not in frame.preps:
                return False
            if dep == "conj" and reading.tags[child] in VERB_TAGS:
                return False
        if reading.deps[verb] == "conj" and reading.tags[reading.heads[verb]] in VERB_TAGS:
            return False
        subject = reading.subject_of(verb)
        if subject is None or not self._is_one_of(reading, subject, frame.subject):
            return False
        thing = reading.child(verb, "dobj")
        if not frame.objects:
            return thing is None and _next_allows(reading, verb + 1, frame)
        if thing is None or not self._is_one_of(reading, thing, frame.objects):
            return False
        return _next_allows(reading, thing + 1, frame)

    def _exchange(
        self, reading: Reading, verb: int, lemma: str, frame: Frame
    ) -> Iterator[Proposal]:
        thing = reading.child(verb, "dobj")
        follow = {
            reading.lower[child]
            for child in reading.children[verb]
            if child > verb and reading.deps[child] in {"prep", "advmod"}
        }
        word = reading.lower[verb]
        if "air" in reading.words and lemma == "jump":
            # Nobody sits or sleeps in mid-air.
            return
        seated = self._is_seated(reading, verb)
        for new in frame.exchanges(lemma):
            if follow & frame.never_before.get(new, frozenset()):
                continue
            never = frame.never.get(new, frozenset())
            if thing is not None and never and self._is_one_of(reading, thing, never):
                continue
            if new in MOVING and seated:
                continue
            form = verb_form(new, reading.tags[verb])
            if form in reading.words or new in reading.words:
                continue
            yield self._proposal(reading, verb, word, form, frame.name)

    def _is_seated(self, reading: Reading, verb: int) -> bool:
        """Whether it happens on or in something too small to move about: a chair, a car."""
        for child in reading.children[verb]:
            if reading.lower[child] in {"on", "in", "inside", "at"}:
                support = reading.child(child, "pobj")
                mention = reading.mentions.get(support) if support is not None else None
                if mention is not None and mention.noun.cls in SUPPORTS:
                    return True
        return False

    def _is_one_of(self, reading: Reading, token: int, names: frozenset[str]) -> bool:
        mention = reading.mentions.get(token)
        if mention is not None:
            return self._lexicon.nouns.fits_any(mention.noun, names)
        return "person" in names and reading.lower[token] in TRANSPARENT_PERSONS

    def _proposal(self, reading: Reading, token: int, old: str, new: str, frame: str) -> Proposal:
        pieces = [TokenPiece(token, token + 1, new)]
        repair = article_repair(reading, token, new)
        if repair:
            pieces.append(repair)
        return Proposal(self.kind, frame, tuple(pieces), old, new, self.name)


def _next_allows(reading: Reading, after: int, frame: Frame) -> bool:
    """Whether the word right behind goes with every verb of the frame, whatever the parse says."""
    if after >= len(reading):
        return True
    tag, word = reading.tags[after], reading.lower[after]
    if tag in {"IN", "RP", "TO", "RB"}:
        return word in frame.preps
    return tag in {",", ".", "CC", ":", "WRB", "VBG", "WDT", "WP", "HYPH", "''", "``"}
