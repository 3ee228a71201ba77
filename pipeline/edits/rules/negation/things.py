"""Things that are denied: "without a hat", "no boats", "not in a red dress"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import (
    content_noun,
    is_a,
    is_plural,
    is_thing,
    wordset,
)
from pipeline.edits.parse.tokens import Phrase, Word, Words

RULE = "negation"
BE = frozenset({"is", "are", "was", "were", "'s", "'re"})
REMOVABLE_BODY = wordset("beard mustache moustache tattoo smile wing horn ponytail braid")
UNSEEN = ("time", "body")
LOOSE_WITH = wordset("cover fill decorate pack surround line play work deal do make mix go come")
SOME = wordset("a an some many several")
NOT_WITHOUT = wordset(
    "sun moon sky text name color colour background backdrop space water floor bone stack bedroom "
    "figurine "
    "pattern texture"
)
GROUNDS = ("place", "event", "scenery", "building")
WHOLE_KINDS = wordset("food fruit vegetable animal bird plant thing item object vehicle toy drink")
POINTED = wordset("this that these those other same own clipping")
OWNED = frozenset({"PRP$", "DT"})
PRENOMINAL = frozenset({"DT", "PRP$", "NN", "JJ", "VBN", "VBG"})
FILLED = ("container", "plant", "food", "thing", "symbol", "toy", "rewards")
"""Classes of what "of" tells only the content or the sort: "a glass of wine"."""
COMES_WITH = wordset("pose perform arrive attend appear celebrate smile look travel dine")
TOOLED = wordset(
    "draw paint write type knit eat drink talk chat study play work sew cut wash cook rinse juggle "
    "iron mow sweep brush comb dig fish smoke film photograph take speak call use"
)
"""Doings with a tool: "drawing with pencils" is no drawing without them."""
USES = {
    "camera": wordset("take takes taking photographing shooting photographer photographers"),
    "phone": wordset("talk talks talking speak speaks speaking call calling chatting texting"),
    "umbrella": wordset("holding holds under"),
}
"""Things → words of captions that tell that they are used."""
SHARED = wordset("toast chat talk meet share speak fight compete")
"""Doings that need somebody else."""
PATTERNED = wordset("pattern texture wallpaper background backdrop skull skeleton cover storm")
"""Holders that are nothing without what they are shown with."""
ALLOYS = wordset("gold silver bronze")
"""Words that may stand for a thing behind "and": "a gold and a silver trophy"."""
HOURS = wordset("before after during at until since")
MANY = wordset(
    "many several some various numerous few fabulous differentiated broken damaged missing"
)
AIRY = ("time", "event", "skies", "weather_things", "seasons", "daytimes", "nature")
"""What stands nowhere: "sunset not behind the trees"."""
ABOUT = wordset("photo image picture portrait view illustration shot closeup silhouette")
PLACES = wordset("in on under behind beneath inside")


def negated(subkind: str, piece: TokenPiece, old: str, new: str) -> Proposal:
    """A negation that is added or taken away at one place."""
    return Proposal(
        EditKind.NEGATION, subkind, (piece,), old.lower(), new.lower(), RULE, weight=3.0
    )


def insert_not(word: Word) -> Proposal:
    """A "not" right before a word."""
    piece = TokenPiece(word.i, word.i, "not")
    return negated("one_sided", piece, word.text, f"not {word.text}")


class Sight:
    """Tells what a noun shows."""

    def __init__(self) -> None:
        nouns = load_relations().nouns
        self.people = nouns["people"]
        self.animate = nouns["people"] | nouns["animals"]

    def is_seen(self, noun: Word) -> bool:
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


class ThingDenials:
    """Denies that a thing is there, is had or worn, or stands in a place."""

    def __init__(self, sight: Sight) -> None:
        verbs = load_relations().verbs
        self._sight = sight
        self._with_things = verbs["posture"] | verbs["walk"] | verbs["visible"] | COMES_WITH

    def possession(self, words: Words, verb: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "the house has a red roof" → "the house does not have a red roof"."""
        chunk = chunks.get(verb.i + 1)
        subject = next((c for c in verb.children if c.dep == "nsubj"), None)
        if verb.pos != "VERB" or chunk is None or subject is None or subject.i != verb.i - 1:
            return
        if not self._sight.is_seen(subject) or not self._removable(words, chunk):
            return
        helper = "does not have" if verb.lower == "has" else "do not have"
        if (verb.lower == "has") is is_plural(subject):
            return
        piece = TokenPiece(verb.i, verb.i + 1, helper)
        yield negated("one_sided", piece, verb.text, helper)

    def place(self, words: Words, prep: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "a cat under a table" → "a cat not under a table", "a man not in a red hat"."""
        width = 1
        said = words.lower[prep.i : prep.i + 3]
        if said in {("in", "front", "of"), ("on", "top", "of")}:
            width = 3
        elif prep.lower == "next":
            if said[:2] != ("next", "to"):
                return
            width = 2
        chunk, figure = chunks.get(prep.i + width), prep.head
        if chunk is None or figure.i != prep.i - 1 or figure.pos != "NOUN":
            return
        if figure.lemma in ABOUT or not self._sight.is_seen(figure):
            return
        if is_a(figure.lemma, *AIRY) or figure.dep == "pobj" and figure.head.lower in HOURS:
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
            fits = self._sight.is_person(figure) and is_a(root.lemma, "clothing")
            fits = fits and chunk[0].lower != "the"
        elif prep.lower in {"on", "inside"} and width == 1:
            fits = is_a(root.lemma, "furniture", "vehicle", "container")
        else:
            fits = not is_a(root.lemma, "time", "body", "event", "nature")
        if fits and words.reading.protected.isdisjoint(range(chunk.start, chunk.end)):
            yield insert_not(prep)

    def joined(self, words: Words, link: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "tomatoes and cucumbers" → "tomatoes without cucumbers"."""
        first, chunk = link.head, chunks.get(link.i + 1)
        if chunk is None or link.i != first.i + 1 or not self._removable(words, chunk):
            return
        if chunk.root.head is not first or first.dep not in {"ROOT", "dobj"}:
            return
        if not is_thing(first.lemma) or any(
            is_a(noun.lemma, *UNSEEN, *GROUNDS) for noun in (first, chunk.root)
        ):
            return
        if chunk.root.lemma in WHOLE_KINDS:
            # "noodles without foods": the second names what the first is.
            return
        named = chunk[0].tag in {"DT", "PRP$"}
        if _is_named_again(words, chunk):
            return
        listed = first.dep == "ROOT" and is_plural(first) and is_plural(chunk.root)
        if not (named or listed) or first.lower in ALLOYS:
            # "doors and windows", "a crown and black dress": what the first has, too, is not clear.
            return
        after = words[chunk.end] if chunk.end < len(words) else None
        if after is not None and not (after.dep == "prep" or after.lower == "."):
            return
        if any(c.dep in {"conj", "cc"} and c not in {link, chunk.root} for c in first.children):
            return
        if not words.reading.protected.isdisjoint(range(first.i, chunk.end)):
            return
        piece = TokenPiece(link.i, link.i + 1, "without")
        noun = chunk.root.text
        yield negated("one_sided", piece, f"and {noun}", f"without {noun}")

    def without(self, words: Words, prep: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "with a hat" → "without a hat"."""
        chunk = chunks.get(prep.i + 1)
        if chunk is None or prep.dep != "prep" or prep.i == 0:
            return
        holder = prep.head
        if holder.pos == "VERB":
            if (
                holder.tag == "VB"
                or holder.lemma not in self._with_things
                or holder.lemma in LOOSE_WITH
            ):
                return
        elif holder.i > prep.i or not self._may_have(holder):
            return
        if not self._removable(words, chunk):
            return
        first = chunk[0].lower
        noun = chunk.root.lemma
        if self._is_needed(words, holder, chunk):
            return
        if holder.pos == "VERB" and is_a(noun, "toy", "plant"):
            # "playing without leaves": what somebody plays with is no thing that he has.
            return
        if holder.pos == "VERB" and is_a(noun, "person", "animal") and chunk[0].tag not in OWNED:
            return
        bare = first not in {"a", "an", "the", "his", "her", "their", "its"}
        word = "with no" if bare and prep.i % 2 else "without"
        yield negated(
            "one_sided",
            TokenPiece(prep.i, prep.i + 1, word),
            f"with {noun}",
            f"{word} {noun}",
        )

    def _is_needed(self, words: Words, holder: Word, chunk: Phrase) -> bool:
        """Whether the rest of the caption tells that the thing is there."""
        noun = chunk.root.lemma
        if holder.lemma in PATTERNED or any(token.lower in MANY for token in chunk):
            return True
        doings = {word.lemma for word in words if word.pos == "VERB" and word.i < chunk.start}
        if not is_a(noun, "person", "animal") and not doings.isdisjoint(TOOLED):
            # "a child draws with a pencil", "a woman on a bench talking with a phone"
            return True
        if is_a(noun, "person", "animal") and not doings.isdisjoint(SHARED):
            # "toasting with his friends"
            return True
        if not USES.get(noun, frozenset()).isdisjoint(words.lower):
            return True
        return _is_named_again(words, chunk)

    def _may_have(self, holder: Word) -> bool:
        """Whether a noun can be shown with something: a man, a photo, but no "fun"."""
        if holder.pos != "NOUN":
            return holder.pos in {"PROPN", "PRON"}
        return holder.lemma in ABOUT or self._sight.is_seen(holder)

    def _removable(self, words: Words, chunk: Phrase) -> bool:
        """Whether a phrase names one visible thing that could as well be missing."""
        root = chunk.root
        word = root.lemma
        if not is_thing(word) or word in NOT_WITHOUT:
            return False
        if is_a(word, *UNSEEN) and word not in REMOVABLE_BODY:
            return False
        if chunk[0].lower == "the" and is_a(word, *GROUNDS, "nature"):
            # "with the city in the background": one among others that could be there.
            return False
        for token in chunk.before:
            if token.tag not in PRENOMINAL or token.lower in POINTED:
                return False
        if len(chunk) == 1 and root.tag == "NN" and word in self._sight.animate:
            return False
        if any(child.dep in {"conj", "cc", "appos"} for child in root.children):
            return False
        filled = is_a(word, *FILLED)
        if not filled and any(c.dep == "prep" and c.lower == "of" for c in root.children):
            return False
        after = words[chunk.end] if chunk.end < len(words) else None
        if after is not None and after.lower == "of":
            return filled and not _goes_on(words, chunk.end + 1)
        return after is None or not (
            after.tag in {"JJ", "HYPH", "POS", "CC", "RB", "NN", "NNS"}
            or after.lower in {"and", "or", ",", "to", "-"}
        )

    def there(self, words: Words, there: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
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
            yield negated("one_sided", piece, first.text, "no")
        elif is_plural(chunk.root) and first.tag in {"NNS", "JJ", "NN"}:
            piece = TokenPiece(first.i, first.i, "no")
            yield negated("one_sided", piece, chunk.root.text, f"no {chunk.root.text}")


def _is_named_again(words: Words, chunk: Phrase) -> bool:
    """Whether the caption names the thing elsewhere as well: "icons and flags with flag colors"."""
    rest = (*words[: chunk.start], *words[chunk.end :])
    return any(word.lemma == chunk.root.lemma for word in rest)


def _goes_on(words: Words, start: int) -> bool:
    """Whether "and" or "or" adds something behind the phrase that begins here."""
    return any(token.lower in {"and", "or", ",", "&"} for token in words[start : start + 6])
