"""Whether a wording may deny one thing beside another, or the caption rules that out."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import WRAPPERS, is_a, is_plural, wordset
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.object.depicted import load_visibility

PREPOSITIONS_OF_INSIDE = wordset("in into inside")
MUSICIANS = ("artists_on_stage",)
ORDINALS = wordset("first second third last next other only")
EXCLUDED_BEFORE = wordset("and or , & like as -")
EXCLUDED_BEHIND = wordset("of , - : & 's / for to")
PLAIN = frozenset({"DT", "JJ", "CD", "VBN", "VBG", "JJR", "JJS", "PRP$"})
ROLES = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "ROOT", "attr"})
REPEATED = wordset(
    "on in with under behind near inside beside at during through by along into down across over "
    "outside past around towards toward aboard"
)


class ContrastContext:
    """Decides whether a denied noun phrase may stand beside another.

    Attributes:
        any_noun: Adjectives that any two things may share.
    """

    def __init__(self) -> None:
        """Load the word classes."""
        relations, qualities = load_relations(), load_lexicon().qualities
        self._unlikely, self._ties = relations.unlikely, relations.ties
        self.any_noun = load_negation().general | frozenset(qualities.colours.words)
        self.any_noun |= qualities.general - load_negation().of_its_kind
        self._visible_verbs = (
            frozenset().union(*relations.verbs.values()) | load_visibility().visible_verbs
        ) - load_negation().unseen_verbs

    def clashes_with_rest(self, chunk: Phrase, new: str) -> bool:
        """Whether the rest of the caption rules out one of the two."""
        words, root = chunk.words, chunk.root
        present = frozenset(words.lower)
        if not load_negation().generic_words.isdisjoint(present):
            return True
        if root.i == 0 and len(words) > 1 and root.tag == "NNS" and words[1].is_punct:
            # "bowls during the match": the tagger took a verb for a noun.
            return True
        if is_a(root.lemma, *MUSICIANS) and load_negation().on_stage.isdisjoint(present):
            return True
        names = {root.lemma}
        mention, known = words.parsed.mentions.get(root.i), load_lexicon().nouns.forms.get(new)
        if mention is not None:
            names |= {mention.noun.lemma, mention.noun.cls, mention.noun.group.name}
        other = known[0].lemma if known is not None else new
        if any(other in self._unlikely.get(name, ()) for name in names):
            return True
        if any(not present.isdisjoint(self._ties.get(name, ())) for name in names):
            return True
        if (
            new in load_negation().not_entered
            and root.dep == "pobj"
            and root.head.lower in PREPOSITIONS_OF_INSIDE
        ):
            return True
        if root.dep == "nsubj" and root.head.lemma in load_negation().stative_verbs:
            # "this home is within walking distance"
            return True
        stem = root.lemma
        # "in the fog" with "in the thick foggy morning" behind it
        return len(stem) > 2 and any(
            word.lower.startswith(stem) for word in words if not chunk.start <= word.i < chunk.end
        )

    def is_depicted(self, chunk: Phrase) -> bool:
        """Whether a phrase stands where a picture shows what it names."""
        root = chunk.root
        if root.dep == "dobj":
            return root.head.lemma in self._visible_verbs - load_negation().verbs_of_having
        if root.dep != "pobj":
            return True
        prep = root.head
        if prep.lower == "of":
            return _introduces_content(chunk.words, chunk.start - 2)
        if prep.lower not in REPEATED | {"with", "next", "front", "top", "to"}:
            return False
        holder = prep.head
        return holder.pos in {"NOUN", "ADP"} or holder.lemma in self._visible_verbs

    def is_simple(self, chunk: Phrase, *, until: int | None = None) -> bool:
        """Whether a phrase can stand beside a short denied one.

        Args:
            chunk: The base noun phrase.
            until: Only the words before this token must be plain; default: before the noun.
        """
        words, root = chunk.words, chunk.root
        before = words[chunk.start : root.i if until is None else until]
        if any(t.tag not in PLAIN and not _joins_adjectives(t) for t in before):
            return False
        if root.dep not in ROLES:
            return False
        if any(t.tag == "JJ" and t.lower not in self.any_noun for t in before):
            # "a wild beach": the adjective may not suit what is denied.
            return False
        if chunk[0].lower in {"a", "an"} and is_plural(root):
            return False
        if not ORDINALS.isdisjoint(token.lower for token in before):
            return False
        before_it = words[chunk.start - 1].lower if chunk.start else ""
        if before_it in EXCLUDED_BEFORE or (
            before_it == "of" and not _introduces_content(words, chunk.start - 2)
        ):
            return False
        if root.dep == "conj" or any(c.dep in {"conj", "cc", "appos"} for c in root.children):
            return False
        after = words[chunk.end] if chunk.end < len(words) else None
        if after is None or _is_comma_without_list(words, after):
            return True
        return not (
            after.lower in EXCLUDED_BEHIND or after.tag in {"NN", "NNS", "HYPH", "POS", "CD"}
        )


def _joins_adjectives(word: Word) -> bool:
    """Whether an "and" stands between two adjectives: "a black and white dress"."""
    around = [near.tag for near in word.words[max(word.i - 1, 0) : word.i + 2]]
    return word.lower == "and" and around == ["JJ", "CC", "JJ"]


def _is_comma_without_list(words: WordTree, comma: Word) -> bool:
    """Whether the only comma of a caption begins no list: "on a bench, looking at a lake"."""
    if comma.lower != "," or words.lower.count(",") > 1 or comma.i + 1 >= len(words):
        return False
    return words[comma.i + 1].tag in {"IN", "VBG", "VBN", "WDT", "WP", "RB"}


def _introduces_content(words: WordTree, token: int) -> bool:
    """Whether a word such as "photo" or "group" shows what stands behind its "of"."""
    if token < 0:
        return False
    return words[token].lemma in WRAPPERS or words[token].lower in load_visibility().wholes
