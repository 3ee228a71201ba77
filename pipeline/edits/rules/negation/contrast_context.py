"""Whether a wording may deny one thing beside another, or the caption rules that out."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import WRAPPERS, is_a, is_plural, wordset
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.object.depicted import load_visibility

UNSEEN_VERBS = wordset("be work find get come talk study play show feature put turn fall soak live")
"""Verbs that do not show that their object or place is in the picture."""
VERBS_OF_HAVING = wordset("have make open enjoy set")
"""Verbs whose object may be had or meant without being seen."""
GENERAL = wordset(
    "big large small little huge tiny giant old new young beautiful cute lovely pretty wooden "
    "modern vintage antique ancient famous single different empty metal plastic typical ornate"
)
"""Adjectives that any two things may share."""
OF_ITS_KIND = wordset(
    "wild tropical lush native domestic stray fluffy cuddly rural urban remote western royal sacred"
)
"""Adjectives that an object may keep, and that the denied one would lack."""
GENERIC_WORDS = wordset(
    "constantly usually often most rarely press characteristics rental rent free topic "
    "called offers biggest longest required"
)
"""Words of captions that state what holds in general, not what a picture shows."""
STATIVE_VERBS = wordset("be have cover join come offer attend become remain feature")
"""Verbs that say something about their subject without showing it."""
NOT_ENTERED = wordset("statue sculpture monument obelisk tree bench")
"""Things that nothing is in."""
PREPOSITIONS_OF_INSIDE = wordset("in into inside")
MUSICIANS = ("artists_on_stage",)
ON_STAGE = wordset(
    "stage concert performs perform performing performance plays playing festival guitar piano "
    "violin drums microphone sings singing orchestra"
)
"""Words of captions that show what a musician plays."""
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
        self.any_noun = GENERAL | frozenset(qualities.colours.words)
        self.any_noun |= qualities.general - OF_ITS_KIND
        self._visible_verbs = (
            frozenset().union(*relations.verbs.values()) | load_visibility().visible_verbs
        ) - UNSEEN_VERBS

    def clashes_with_rest(self, chunk: Phrase, new: str) -> bool:
        """Whether the rest of the caption rules out one of the two."""
        words, root = chunk.words, chunk.root
        present = frozenset(words.lower)
        if not GENERIC_WORDS.isdisjoint(present):
            return True
        if root.i == 0 and len(words) > 1 and root.tag == "NNS" and words[1].is_punct:
            # "bowls during the match": the tagger took a verb for a noun.
            return True
        if is_a(root.lemma, *MUSICIANS) and ON_STAGE.isdisjoint(present):
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
        if new in NOT_ENTERED and root.dep == "pobj" and root.head.lower in PREPOSITIONS_OF_INSIDE:
            return True
        if root.dep == "nsubj" and root.head.lemma in STATIVE_VERBS:
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
            return root.head.lemma in self._visible_verbs - VERBS_OF_HAVING
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
