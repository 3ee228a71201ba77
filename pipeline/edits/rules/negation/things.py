"""Things that are denied: "without a hat", "no boats", "not in a red dress"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import is_a, is_plural, is_thing, wordset
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.negation.proposals import insert_not, negation_proposal
from pipeline.edits.rules.negation.visible_nouns import VisibleNouns

BE = frozenset({"is", "are", "was", "were", "'s", "'re"})
UNSEEN = ("time", "body")
SOME = wordset("a an some many several")
GROUNDS = ("place", "event", "scenery", "building")
OWNED = frozenset({"PRP$", "DT"})
PRENOMINAL = frozenset({"DT", "PRP$", "NN", "JJ", "VBN", "VBG"})
FILLED = ("container", "plant", "food", "thing", "symbol", "toy", "rewards")
"""Classes whose "of" phrase names only content or sort: "a glass of wine"."""
WITHOUT_PLACE = ("time", "event", "skies", "weather_things", "seasons", "daytimes", "nature")
"""Classes and groups that have no place to be denied: "sunset not behind the trees"."""
PLACES = wordset("in on under behind beneath inside")


class ThingDenials:
    """Denies that a thing is there, is had or worn, or stands in a place."""

    def __init__(self, visible_nouns: VisibleNouns) -> None:
        verbs = load_relations().verbs
        self._visible_nouns = visible_nouns
        self._with_things = (
            verbs["posture"] | verbs["walk"] | verbs["visible"] | load_negation().comes_with
        )

    def place(self, words: WordTree, prep: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "a cat under a table" → "a cat not under a table", "a man not in a red hat"."""
        width = 1
        phrase = words.lower[prep.i : prep.i + 3]
        if phrase in {("in", "front", "of"), ("on", "top", "of")}:
            width = 3
        elif prep.lower == "next":
            if phrase[:2] != ("next", "to"):
                return
            width = 2
        chunk, figure = chunks.get(prep.i + width), prep.head
        if chunk is None or figure.i != prep.i - 1 or figure.pos != "NOUN":
            return
        if figure.lemma in load_negation().picture_nouns or not self._visible_nouns.is_visible(
            figure
        ):
            return
        if (
            is_a(figure.lemma, *WITHOUT_PLACE)
            or figure.dep == "pobj"
            and figure.head.lower in load_negation().hours
        ):
            return
        if figure.dep in {"conj", "dobj"}:
            # "a family eating pizza on the sofa": it is not the pizza that sits there.
            return
        root = chunk.root
        if any(c.dep in {"conj", "cc", "appos"} for c in (*root.children, *figure.children)):
            return
        if len(chunk) < 2 or chunk[0].tag not in {"DT", "PRP$"} or not is_thing(root.lemma):
            return
        if prep.lower == "in" and width == 1:
            fits = self._visible_nouns.is_person(figure) and is_a(root.lemma, "clothing")
            fits = fits and chunk[0].lower != "the"
        elif prep.lower in {"on", "inside"} and width == 1:
            fits = is_a(root.lemma, "furniture", "vehicle", "container")
        else:
            fits = not is_a(root.lemma, "time", "body", "event", "nature")
        if fits and words.parsed.protected.isdisjoint(range(chunk.start, chunk.end)):
            yield insert_not(prep)

    def without(self, words: WordTree, prep: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "with a hat" → "without a hat"."""
        chunk = chunks.get(prep.i + 1)
        if chunk is None or prep.dep != "prep" or prep.i == 0:
            return
        holder = prep.head
        if holder.pos == "VERB":
            if (
                holder.tag == "VB"
                or holder.lemma not in self._with_things
                or holder.lemma in load_negation().loose_with
            ):
                return
        elif holder.i > prep.i or not self._can_have(holder):
            return
        if not self._removable(words, chunk):
            return
        first = chunk[0].lower
        noun = chunk.root.lemma
        if self._rest_requires_it(words, holder, chunk):
            return
        if holder.pos == "VERB" and is_a(noun, "toy", "plant"):
            # "playing without leaves": what somebody plays with is no thing that he has.
            return
        if holder.pos == "VERB" and is_a(noun, "person", "animal") and chunk[0].tag not in OWNED:
            return
        bare = first not in {"a", "an", "the", "his", "her", "their", "its"}
        word = "with no" if bare and prep.i % 2 else "without"
        yield negation_proposal(
            "one_sided",
            TokenPiece(prep.i, prep.i + 1, word),
            f"with {noun}",
            f"{word} {noun}",
        )

    def _rest_requires_it(self, words: WordTree, holder: Word, chunk: Phrase) -> bool:
        """Whether the rest of the caption implies that the thing is there."""
        noun = chunk.root.lemma
        if holder.lemma in load_negation().patterned or any(
            token.lower in load_negation().many for token in chunk
        ):
            return True
        actions = {word.lemma for word in words if word.pos == "VERB" and word.i < chunk.start}
        if not is_a(noun, "person", "animal") and not actions.isdisjoint(load_negation().tooled):
            # "a child draws with a pencil", "a woman on a bench talking with a phone"
            return True
        if is_a(noun, "person", "animal") and not actions.isdisjoint(load_negation().shared):
            # "toasting with his friends"
            return True
        if not load_negation().uses.get(noun, frozenset()).isdisjoint(words.lower):
            return True
        return _is_mentioned_again(words, chunk)

    def _can_have(self, holder: Word) -> bool:
        """Whether a noun can be shown with something: a man, a photo, but no "fun"."""
        if holder.pos != "NOUN":
            return holder.pos in {"PROPN", "PRON"}
        return holder.lemma in load_negation().picture_nouns or self._visible_nouns.is_visible(
            holder
        )

    def _removable(self, words: WordTree, chunk: Phrase) -> bool:
        """Whether a phrase names one visible thing that could as well be missing."""
        root = chunk.root
        word = root.lemma
        if not is_thing(word) or word in load_negation().not_without:
            return False
        if is_a(word, *UNSEEN) and word not in load_negation().removable_body:
            return False
        if chunk[0].lower == "the" and is_a(word, *GROUNDS, "nature"):
            # "with the city in the background": one among others that could be there.
            return False
        for token in chunk.before:
            if token.tag not in PRENOMINAL or token.lower in load_negation().demonstratives:
                return False
        if len(chunk) == 1 and root.tag == "NN" and word in self._visible_nouns.animate:
            return False
        if any(child.dep in {"conj", "cc", "appos"} for child in root.children):
            return False
        filled = is_a(word, *FILLED)
        if not filled and any(c.dep == "prep" and c.lower == "of" for c in root.children):
            return False
        after = words[chunk.end] if chunk.end < len(words) else None
        if after is not None and after.lower == "of":
            return filled and not _list_goes_on(words, chunk.end + 1)
        return after is None or not (
            after.tag in {"JJ", "HYPH", "POS", "CC", "RB", "NN", "NNS"}
            or after.lower in {"and", "or", ",", "to", "-"}
        )

    def there(self, words: WordTree, there: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "there are boats" → "there are no boats"."""
        verb = there.head
        if verb.i != there.i + 1 or verb.lower not in BE:
            return
        chunk = chunks.get(verb.i + 1)
        if chunk is None or not is_thing(chunk.root.lemma) or "free" in words.lower:
            return
        if any(child.dep == "conj" for child in chunk.root.children):
            return
        first = chunk[0]
        if first.lower in SOME and len(chunk) > 1:
            piece = TokenPiece(first.i, first.i + 1, "no")
            yield negation_proposal("one_sided", piece, first.text, "no")
        elif is_plural(chunk.root) and first.tag in {"NNS", "JJ", "NN"}:
            piece = TokenPiece(first.i, first.i, "no")
            yield negation_proposal("one_sided", piece, chunk.root.text, f"no {chunk.root.text}")


def _is_mentioned_again(words: WordTree, chunk: Phrase) -> bool:
    """Whether the caption names the thing elsewhere as well: "icons and flags with flag colors"."""
    rest = (*words[: chunk.start], *words[chunk.end :])
    return any(word.lemma == chunk.root.lemma for word in rest)


def _list_goes_on(words: WordTree, start: int) -> bool:
    """Whether "and" or "or" adds something behind the phrase that begins here."""
    return any(token.lower in {"and", "or", ",", "&"} for token in words[start : start + 6])
