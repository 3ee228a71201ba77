"""Rule `action`: what a body visibly does becomes something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.actions import Frame
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.reading import Reading, lists_contents, read
from pipeline.edits.rules.action.context import (
    fits_other_words,
    has_simultaneous_action,
    inflected_like,
    is_action_mentioned_again,
    is_attached_to_object,
    is_followed_only_by,
    is_free_of_complements,
    next_word_fits,
    noun_behind_of,
    possible_subjects,
    visible_subject_of,
)
from pipeline.edits.rules.action.words import (
    AT_ONCE,
    BEHIND_PARTICLES,
    BY_HAND,
    DEVOTED,
    DEVOTED_TO,
    DOING,
    HEADLINES,
    INSIDES,
    INTERIORS,
    ITS_OWN,
    MOVING,
    NARROW,
    NOTHING,
    OFTEN,
    OFTEN_WEIGHT,
    POSTURE,
    QUANTITIES,
    QUIET,
    RESTING,
    SIDES,
    STAGED,
    STAGED_KEPT,
    STAGES,
    SUPPORTS,
    TRANSPARENT_PERSONS,
    UPRIGHT,
    VERB_TAGS,
)
from pipeline.edits.rules.object.people import is_in_kept_share

if TYPE_CHECKING:
    from spacy.tokens import Doc


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
            if (tag not in VERB_TAGS and tag != "JJ") or token in reading.protected:
                continue
            word = reading.lower[token]
            if reading.deps[token] == "amod":
                if word in actions.by_modifier:
                    yield from self._modifier(reading, token, word)
            elif tag != "JJ" and reading.pos[token] == "VERB":
                lemma = verb_lemma(word, tag)
                if tag == "VBN" and lemma not in RESTING:
                    continue
                staged = lemma in STAGED and not is_in_kept_share(
                    reading.text, "staged", STAGED_KEPT
                )
                for frame in actions.by_verb.get(lemma, ()):
                    if staged and frame.name == POSTURE:
                        continue
                    if self._fits(reading, token, lemma, frame):
                        yield from self._exchange(reading, token, lemma, frame)

    def _modifier(self, reading: Reading, token: int, word: str) -> Iterator[Proposal]:
        head = reading.heads[token]
        busy = any(tag in DOING and i != token for i, tag in enumerate(reading.tags))
        for group in self._lexicon.actions.by_modifier[word]:
            if head <= token or not self._is_one_of(reading, head, group.subject):
                continue
            for new in group.becomes[word]:
                lemma = verb_lemma(new, "VBG")
                if busy and lemma == "sleep":
                    # "a smiling family eating pizza", "a smiling woman scrutinizes the album"
                    continue
                if new not in reading.words and fits_other_words(reading, token, lemma):
                    yield self._proposal(reading, token, 1, new, group.name, lemma)

    def _fits(self, reading: Reading, verb: int, lemma: str, frame: Frame) -> bool:
        """Whether subject, object and what follows are those of the frame."""
        if lemma not in frame.becomes or not is_free_of_complements(reading, verb):
            return False
        if is_action_mentioned_again(reading, verb, lemma):
            return False
        if frame.particles:
            after = reading.lower[verb + 1 : verb + 2]
            if not after or after[0] not in frame.particles:
                return False
            then = reading.lower[verb + 2 : verb + 3]
            if then and then[0] not in BEHIND_PARTICLES and not frame.objects:
                # "looks down the aisle"
                return False
        elif not is_followed_only_by(reading, verb, frame.preps):
            return False
        if visible_subject_of(reading, verb) is None:
            if not _is_headline(reading, verb) or frame.name not in HEADLINES:
                return False
        elif self._subject_for(reading, verb, frame) is None:
            return False
        if any(reading.lower[place] in SIDES for place in self._places(reading, verb)):
            return False
        if (
            lemma in DEVOTED
            and not frame.places
            and not self._is_in_place_not_on_topic(reading, verb)
        ):
            return False
        if frame.places and not self._is_at_any_of(reading, verb, frame.places):
            return False
        thing = reading.child(verb, "dobj")
        if not frame.objects:
            if frame.particles:
                return thing is None
            return thing is None and next_word_fits(reading, verb + 1, frame.preps)
        return thing is not None and self._takes_object(reading, thing, frame)

    def _takes_object(self, reading: Reading, thing: int, frame: Frame) -> bool:
        """Whether the frame's deeds are done to the thing, and what follows goes with them."""
        quantity = reading.lower[thing] in QUANTITIES
        held = noun_behind_of(reading, thing) if quantity else thing
        if not self._is_one_of(reading, held, frame.objects):
            return False
        behind = thing + 1
        if lists_contents(reading.lower):
            return True
        if behind < len(reading) and reading.heads[behind] == thing:
            # "holding a cup of tea": it belongs to the thing, whatever is done to it.
            own = reading.lower[behind] in frame.preps | ITS_OWN
            return own or reading.tags[behind] == "VBN"
        return next_word_fits(reading, behind, frame.preps)

    def _exchange(
        self, reading: Reading, verb: int, lemma: str, frame: Frame
    ) -> Iterator[Proposal]:
        thing = reading.child(verb, "dobj")
        subject = self._subject_for(reading, verb, frame)
        busy = has_simultaneous_action(reading, verb) or is_attached_to_object(
            reading, verb, subject
        )
        follow = frame.preps & {
            reading.lower[child]
            for child in reading.children[verb]
            if child > verb and reading.deps[child] in {"prep", "advmod"}
        }
        after = reading.lower[verb + 1] if verb + 1 < len(reading) else ""
        if thing is not None:
            # "eating pizza on the sofa": the place is that of the deed, whatever the parse says.
            follow |= set(reading.lower[thing + 1 : thing + 2]) & {"on", "in"}
        for new in frame.exchanges(lemma):
            first, _, rest = new.partition(" ")
            if busy and not frame.objects and first not in QUIET and frame.name not in AT_ONCE:
                # "sitting on a sofa and reading": one may stand and read, but not run.
                continue
            swallowed = bool(frame.particles) or (bool(rest) and not frame.objects)
            if swallowed and not frame.particles and (after not in frame.preps or len(follow) > 1):
                continue
            if frame.particles and rest == after:
                continue
            if not rest and not follow <= frame.follows.get(new, follow):
                continue
            if not frame.denied(new).isdisjoint(reading.words):
                continue
            never = frame.never.get(new, frozenset())
            if never and any(
                self._is_one_of(reading, token, never)
                for token in (thing, subject, *self._places(reading, verb))
                if token is not None
            ):
                continue
            if not fits_other_words(reading, verb, first) or self._is_too_small_for(
                reading, verb, first
            ):
                continue
            form = inflected_like(first, reading.tags[verb], lemma)
            if first != lemma and (form in reading.words or first in reading.words):
                continue
            text = f"{form} {rest}" if rest and rest != NOTHING else form
            width = 2 if swallowed else 1
            yield self._proposal(reading, verb, width, text, frame.name, new)

    def _is_too_small_for(self, reading: Reading, verb: int, new: str) -> bool:
        """Whether it would happen on or in something too small: running on a chair."""
        if new not in MOVING and new not in UPRIGHT and new != "sleep":
            return False
        for child in reading.children[verb]:
            prep = reading.lower[child]
            if prep not in {"on", "in", "inside", "at"}:
                continue
            support = reading.child(child, "pobj")
            mention = reading.mentions.get(support) if support is not None else None
            if mention is None:
                if support is not None and reading.lower[support] in NARROW:
                    return True
                continue
            if new in MOVING and mention.noun.cls in SUPPORTS:
                return True
            if new == "sleep" and mention.noun.cls == "vehicle" and prep == "on":
                return True
            if new != "sleep" and prep in INSIDES and mention.noun.cls in INTERIORS:
                return True
        return False

    def _subject_for(self, reading: Reading, verb: int, frame: Frame) -> int | None:
        """Who does it, where the frame has such a subject."""
        found = (
            t for t in possible_subjects(reading, verb) if self._can_be_subject(reading, t, frame)
        )
        return next(found, None)

    def _can_be_subject(self, reading: Reading, subject: int, frame: Frame) -> bool:
        """Whether the frame's subject may be this noun; hands do what their owner does."""
        if reading.lower[subject] in {"hand", "hands"}:
            return "person" in frame.subject and frame.name in BY_HAND
        return self._is_one_of(reading, subject, frame.subject)

    def _places(self, reading: Reading, verb: int) -> list[int]:
        """What stands behind the prepositions of a verb."""
        places = (
            reading.child(child, "pobj")
            for child in reading.children[verb]
            if reading.deps[child] == "prep" and child > verb
        )
        return [place for place in places if place is not None]

    def _is_in_place_not_on_topic(self, reading: Reading, verb: int) -> bool:
        """Whether it is done in a place, and not on a subject: "working on a project"."""
        return all(
            self._is_place_not_topic(reading, place)
            for child in reading.children[verb]
            if reading.lower[child] == "on"
            for place in reading.children[child]
            if reading.deps[place] == "pobj"
        )

    @staticmethod
    def _is_place_not_topic(reading: Reading, place: int) -> bool:
        """Whether one can be on it, instead of being at work on it."""
        mention = reading.mentions.get(place)
        if mention is None:
            # "working on a set of false nails"
            return reading.lower[place] in STAGES and noun_behind_of(reading, place) == place
        return mention.noun.cls not in DEVOTED_TO

    def _is_at_any_of(self, reading: Reading, verb: int, names: frozenset[str]) -> bool:
        return any(self._is_one_of(reading, place, names) for place in self._places(reading, verb))

    def _is_one_of(self, reading: Reading, token: int, names: frozenset[str]) -> bool:
        mention = reading.mentions.get(token)
        if mention is not None:
            return self._lexicon.nouns.fits_any(mention.noun, names)
        if reading.lemmas[token] in names:
            return True
        return "person" in names and reading.lower[token] in TRANSPARENT_PERSONS

    def _proposal(
        self, reading: Reading, token: int, width: int, new: str, frame: str, verb: str
    ) -> Proposal:
        pieces = [TokenPiece(token, token + width, new)]
        repair = article_repair(reading, token, new)
        if repair:
            pieces.append(repair)
        old = " ".join(reading.lower[token : token + width])
        weight = OFTEN_WEIGHT if verb in OFTEN else 1.0
        return Proposal(self.kind, frame, tuple(pieces), old, new, self.name, weight=weight)


def _is_headline(reading: Reading, verb: int) -> bool:
    """Whether a caption begins with what somebody does: "walking in the snow"."""
    return verb == 0 and reading.tags[0] == "VBG" and reading.deps[0] == "ROOT"
