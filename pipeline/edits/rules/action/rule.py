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
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.parse.phrases import WRAPPERS
from pipeline.edits.rules.action.context import (
    DOING,
    ITS_OWN,
    NOTHING,
    OFTEN,
    OFTEN_WEIGHT,
    QUIET,
    RESTING,
    SIDES,
    TOPIC_CLASSES,
    VERB_TAGS,
    fits_other_words,
    has_simultaneous_action,
    inflected_like,
    is_action_mentioned_again,
    is_followed_only_by,
    is_free_of_complements,
    is_too_small_for,
    next_word_fits,
    noun_behind_of,
    possible_subjects,
    visible_subject_of,
)
from pipeline.edits.rules.action.returns import returning_verbs

if TYPE_CHECKING:
    from spacy.tokens import Doc


NOBODY = frozenset({"no", "neither"})
"""Determiners of what does nothing because it is not there."""


class ActionRule:
    """Exchanges verbs within the lexicon's frames."""

    name = "action.frame"
    kind = EditKind.ACTION

    def __init__(self) -> None:
        self._lexicon: Lexicon = load_lexicon()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield an exchange for every visible verb and every verb that excludes it."""
        parsed = parsed_caption(doc)
        if parsed.is_conversational or not parsed.is_description:
            return
        actions = self._lexicon.actions
        for token, tag in enumerate(parsed.tags):
            if (tag not in VERB_TAGS and tag != "JJ") or token in parsed.protected:
                continue
            word = parsed.lower[token]
            if parsed.deps[token] == "amod":
                if word in actions.by_modifier:
                    yield from self._modifier(parsed, token, word)
            elif tag != "JJ" and parsed.pos[token] == "VERB":
                lemma = verb_lemma(word, tag)
                if tag == "VBN" and lemma not in RESTING:
                    continue
                for frame in actions.by_verb.get(lemma, ()):
                    if self._fits(parsed, token, lemma, frame):
                        yield from self._exchange(parsed, token, lemma, frame)

    def _modifier(self, parsed: ParsedCaption, token: int, word: str) -> Iterator[Proposal]:
        head = parsed.heads[token]
        busy = any(tag in DOING and i != token for i, tag in enumerate(parsed.tags))
        for group in self._lexicon.actions.by_modifier[word]:
            if head <= token or not self._is_one_of(parsed, head, group.subject):
                continue
            for new in group.becomes[word]:
                lemma = verb_lemma(new, "VBG")
                if busy and lemma == "sleep":
                    # "a smiling family eating pizza", "a smiling woman scrutinizes the album"
                    continue
                if new not in parsed.words and fits_other_words(parsed, token, lemma):
                    yield self._proposal(parsed, token, 1, new, group.name, lemma)

    def _fits(self, parsed: ParsedCaption, verb: int, lemma: str, frame: Frame) -> bool:
        """Whether subject, object and what follows are those of the frame."""
        if lemma not in frame.becomes or not is_free_of_complements(parsed, verb):
            return False
        if "or" in parsed.lower[max(verb - 1, 0) : verb + 2]:
            # "catching or throwing a frisbee": either may be so.
            return False
        if is_action_mentioned_again(parsed, verb, lemma):
            return False
        if frame.particles:
            after = parsed.lower[verb + 1 : verb + 2]
            if not after or after[0] not in frame.particles:
                return False
            then = parsed.lower[verb + 2 : verb + 3]
            if then and then[0] not in self._lexicon.actions.behind_particles and not frame.objects:
                # "looks down the aisle"
                return False
        elif not is_followed_only_by(parsed, verb, frame.preps):
            return False
        if visible_subject_of(parsed, verb) is None:
            # "walking in the snow"
            begins = verb == 0 and parsed.tags[0] == "VBG" and parsed.deps[0] == "ROOT"
            if not begins or not frame.headline:
                return False
        elif self._subject_for(parsed, verb, frame) is None:
            return False
        if any(parsed.lower[place] in SIDES for place in self._places(parsed, verb)):
            return False
        if (
            lemma in self._lexicon.actions.topical
            and not frame.places
            and self._is_on_topic(parsed, verb)
        ):
            return False
        if frame.places and not any(
            self._is_one_of(parsed, place, frame.places) for place in self._places(parsed, verb)
        ):
            return False
        thing = parsed.child(verb, "dobj")
        if not frame.objects:
            if frame.particles:
                return thing is None
            return thing is None and next_word_fits(parsed, verb + 1, frame.preps)
        return thing is not None and self._takes_object(parsed, thing, frame)

    def _takes_object(self, parsed: ParsedCaption, thing: int, frame: Frame) -> bool:
        """Whether the frame's verbs take the object, and what follows it."""
        # "a glass of wine" is drunk as wine is, and held as a glass is.
        measure = parsed.lemmas[thing] in WRAPPERS
        held = noun_behind_of(parsed, thing) if measure else thing
        either = (held,) if parsed.lemmas[thing] == "couple" else (thing, held)
        if not any(self._is_one_of(parsed, one, frame.objects) for one in either):
            return False
        behind = thing + 1
        if behind < len(parsed) and parsed.heads[behind] == thing:
            # "holding a cup of tea": it belongs to the thing, whatever is done to it.
            own = parsed.lower[behind] in frame.preps | ITS_OWN
            return own or parsed.tags[behind] == "VBN"
        return next_word_fits(parsed, behind, frame.preps)

    def _exchange(
        self, parsed: ParsedCaption, verb: int, lemma: str, frame: Frame
    ) -> Iterator[Proposal]:
        thing = parsed.child(verb, "dobj")
        subject = self._subject_for(parsed, verb, frame)
        busy = has_simultaneous_action(parsed, verb)
        others = parsed.words - {parsed.lower[verb]}
        follow = frame.preps & {
            parsed.lower[child]
            for child in parsed.children[verb]
            if child > verb and parsed.deps[child] in {"prep", "advmod"}
        }
        after = parsed.lower[verb + 1] if verb + 1 < len(parsed) else ""
        if thing is not None:
            # "eating pizza on the sofa": the place is that of the action, whatever the parse says.
            follow |= set(parsed.lower[thing + 1 : thing + 2]) & {"on", "in"}
        for new in (*frame.exchanges(lemma), *returning_verbs(parsed, verb, subject, frame)):
            first, _, rest = new.partition(" ")
            if busy and not frame.objects and first not in QUIET and not frame.at_once:
                # "sitting on a sofa and reading": one may stand and read, but not run.
                continue
            stays = not rest or new in frame.follows
            swallowed = bool(frame.particles) or not (stays or frame.objects)
            if swallowed and not frame.particles and after not in frame.preps:
                continue
            if swallowed and parsed.lower[verb + 2 : verb + 3] == ("top",):
                # "perched on top of a branch": "flying over top of" it is no English.
                continue
            if frame.particles and rest == after:
                continue
            if stays and not follow <= frame.follows.get(new, follow):
                continue
            if not frame.denied(new).isdisjoint(others):
                continue
            never = frame.never.get(new, frozenset())
            if never and any(
                self._is_one_of(parsed, token, never)
                for token in (thing, subject, *self._places(parsed, verb))
                if token is not None
            ):
                continue
            if not fits_other_words(parsed, verb, first) or is_too_small_for(parsed, verb, first):
                continue
            form = inflected_like(first, parsed.tags[verb], lemma)
            if first != lemma and (form in parsed.words or first in parsed.words):
                continue
            text = f"{form} {rest}" if rest and rest != NOTHING else form
            width = 2 if swallowed else 1
            yield self._proposal(parsed, verb, width, text, frame.name, new)

    def _subject_for(self, parsed: ParsedCaption, verb: int, frame: Frame) -> int | None:
        """The verb's subject, where the frame allows it."""
        found = (
            t for t in possible_subjects(parsed, verb) if self._can_be_subject(parsed, t, frame)
        )
        return next(found, None)

    def _can_be_subject(self, parsed: ParsedCaption, subject: int, frame: Frame) -> bool:
        """Whether the noun can be the frame's subject; hands do what their owner does."""
        determiner = parsed.determiner(subject)
        if determiner is not None and parsed.lower[determiner] in NOBODY:
            # "no vehicles traveling on it"
            return False
        if parsed.lower[subject] in {"hand", "hands"}:
            return "person" in frame.subject and frame.by_hand
        return self._is_one_of(parsed, subject, frame.subject)

    def _places(self, parsed: ParsedCaption, verb: int) -> list[int]:
        """The objects of a verb's prepositions."""
        places = (
            parsed.child(child, "pobj")
            for child in parsed.children[verb]
            if parsed.deps[child] == "prep" and child > verb
        )
        return [place for place in places if place is not None]

    def _is_on_topic(self, parsed: ParsedCaption, verb: int) -> bool:
        """Whether "on" names what somebody works on, and no place: "working on false nails"."""
        for child in parsed.children[verb]:
            topic = parsed.child(child, "pobj") if parsed.lower[child] == "on" else None
            if topic is None:
                continue
            mention, is_set = parsed.mentions.get(topic), noun_behind_of(parsed, topic) != topic
            if mention is None and (
                is_set or parsed.lower[topic] not in self._lexicon.actions.stages
            ):
                return True
            if mention is not None and mention.noun.cls in TOPIC_CLASSES:
                return True
        return False

    def _is_one_of(self, parsed: ParsedCaption, token: int, names: frozenset[str]) -> bool:
        mention = parsed.mentions.get(token)
        if mention is not None:
            return self._lexicon.nouns.fits_any(mention.noun, names)
        if parsed.lemmas[token] in names:
            return True
        return "person" in names and parsed.lower[token] in self._lexicon.actions.people

    def _proposal(
        self, parsed: ParsedCaption, token: int, width: int, new: str, frame: str, verb: str
    ) -> Proposal:
        pieces = [TokenPiece(token, token + width, new)]
        repair = article_repair(parsed, token, new)
        if repair:
            pieces.append(repair)
        old = " ".join(parsed.lower[token : token + width])
        weight = OFTEN_WEIGHT if verb in OFTEN else 1.0
        return Proposal(self.kind, frame, tuple(pieces), old, new, self.name, weight=weight)
