"""Which nouns name something that a picture shows, and which of them people or animals."""

from __future__ import annotations

from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import content_noun, is_a, is_thing
from pipeline.edits.parse.word_tree import Word


class VisibleNouns:
    """Tells what a noun shows."""

    def __init__(self) -> None:
        nouns = load_relations().nouns
        self.people = nouns["people"]
        self.animate = nouns["people"] | nouns["animals"]

    def is_visible(self, noun: Word) -> bool:
        """Whether a noun is a visible thing or person."""
        lemmas = (noun.lemma, content_noun(noun).lemma)
        return noun.lower in {"he", "she", "they", "it"} or any(
            word in self.animate or is_thing(word) for word in lemmas
        )

    def is_animate(self, noun: Word) -> bool:
        """Whether a noun shows a person or an animal."""
        return noun.lower in {"he", "she", "they"} or any(
            word in self.animate or is_a(word, "person", "animal")
            for word in (noun.lemma, content_noun(noun).lemma)
        )

    def is_person(self, noun: Word) -> bool:
        """Whether a noun is a person."""
        return noun.lemma in self.people or is_a(noun.lemma, "person")
