"""What a caption states, denied: "a man not wearing a hat", "a house without a chimney"."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import content_noun, is_a, is_plural, is_thing, subject_of
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.action.context import is_action_mentioned_again

RULE = "negation"
BE = frozenset({"is", "are", "was", "were", "'s", "'re"})
POSSESSIVES = frozenset({"PRP$", "DT"})
PRENOMINAL = frozenset({"DT", "PRP$", "NN", "JJ", "VBN", "VBG"})
FILLED = ("container", "plant", "food", "thing", "symbol", "toy", "rewards")
"""Classes whose "of" phrase names only content or sort: "a glass of wine"."""
VERB_IN_OTHER_CLAUSE = frozenset(
    {"conj", "amod", "compound", "xcomp", "pcomp", "advcl", "ccomp", "relcl"}
)


def one_sided(subkind: str, piece: TokenPiece, old: str, new: str) -> Proposal:
    """A negation that is added or taken away at one place."""
    return Proposal(
        EditKind.NEGATION, subkind, (piece,), old.lower(), new.lower(), RULE, weight=3.0
    )


def is_visible(noun: Word) -> bool:
    """Whether a noun is a visible thing or person."""
    names = (noun.lemma, content_noun(noun).lemma)
    return noun.lower in {"he", "she", "they", "it"} or any(map(is_thing, names))


def deny_action(words: WordTree, verb: Word) -> Iterator[Proposal]:
    """Somebody or something does not do it: "is not running", "does not hold a basket"."""
    table = load_negation()
    subject = subject_of(verb)
    if (
        verb.lemma not in load_relations().verbs["visible"] - table.undenied
        or verb.dep in VERB_IN_OTHER_CLAUSE
        or subject is None
        or subject.i >= verb.i
        or not is_visible(subject)
        or not _is_deniable(words, verb)
    ):
        return
    if verb.lemma in table.by_people and not is_a(content_noun(subject).lemma, "person", "animal"):
        return
    before = words[verb.i - 1]
    if verb.tag == "VBG" and (
        before.lower in BE and before.head is verb or _participle_modifies(subject, before, verb)
    ):
        piece = TokenPiece(verb.i, verb.i, "not")
        yield one_sided("one_sided", piece, verb.text, f"not {verb.text}")
    elif (
        verb.tag in {"VBZ", "VBP"}
        and subject.dep == "nsubj"
        and (verb.tag == "VBP") is (is_plural(subject) or subject.lemma == "people")
        and _clause_reaches_verb(subject, verb)
    ):
        denied = f"{'does' if verb.tag == 'VBZ' else 'do'} not {verb.lemma}"
        yield one_sided("one_sided", TokenPiece(verb.i, verb.i + 1, denied), verb.text, denied)


def _is_deniable(words: WordTree, verb: Word) -> bool:
    """Whether a picture can show that it does not happen, and no other word implies it."""
    table = load_negation()
    if words.parsed.is_conversational or any(
        c.dep in {"conj", "neg", "cc", "prt"} for c in verb.children
    ):
        return False
    after = words[verb.i + 1] if verb.i + 1 < len(words) else None
    if after is not None and (
        after.lower in table.not_behind_verb
        or after.tag in {"VB", "VBP", "VBZ", "VBG"}
        or after.dep in {"acomp", "oprd"}
    ):
        # "celebrate raising money", "looks dashing"
        return False
    target = next((c for c in verb.children if c.dep == "dobj"), None)
    if target is not None and (
        verb.lemma in table.bodily
        or (verb.lemma in table.done_to_things and not is_thing(content_noun(target).lemma))
    ):
        return False
    if any(
        t.tag == "CC" and (after.tag == verb.tag or after.lower[-3:] == "ing")
        for t, after in pairwise(words[verb.i :])
    ):
        # The parse joins "and dancing" to something else; to a reader both are denied.
        return False
    return not is_action_mentioned_again(words.parsed, verb.i, verb.lemma)


def _clause_reaches_verb(subject: Word, verb: Word) -> bool:
    """Whether nothing but the subject with its phrases stands before a finite verb."""
    between = verb.words[subject.i + 1 : verb.i]
    return subject.last == verb.i - 1 and all(
        word.dep not in {"relcl", "acl", "punct", "cc", "conj", "appos"} for word in between
    )


def _participle_modifies(subject: Word, before: Word, verb: Word) -> bool:
    """Whether a participle right behind `before` can only modify the subject."""
    if before is subject or (before.dep == "conj" and before.head is subject):
        return before.pos == "NOUN"
    # "a woman in a red dress standing": what she wears does not stand.
    return (
        verb.dep == "acl"
        and verb.head is subject
        and before.dep == "pobj"
        and before.head.head is subject
        and not is_a(before.lemma, "person", "animal", "vehicle")
    )


def deny_possession(words: WordTree, prep: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
    """As in "with a hat" → "without a hat"."""
    chunk, holder = chunks.get(prep.i + 1), prep.head
    if chunk is None or prep.dep != "prep" or prep.i == 0 or not _removable(words, chunk):
        return
    noun = chunk.root.lemma
    if holder.pos == "VERB":
        others = is_a(noun, "person", "animal") and chunk[0].tag not in POSSESSIVES
        if holder.tag == "VB" or others or is_a(noun, "toy", "plant") or not _comes_with(holder):
            # "playing without leaves": what somebody plays with is no thing that he has.
            return
    elif holder.i > prep.i or not (
        holder.lemma in load_negation().picture_nouns or is_visible(holder)
    ):
        return
    actions = {word.lemma for word in words if word.pos == "VERB" and word.i < chunk.start}
    if not actions.isdisjoint(load_negation().needing):
        # "a child draws with a pencil", "toasting with his friends"
        return
    yield one_sided(
        "one_sided", TokenPiece(prep.i, prep.i + 1, "without"), f"with {noun}", f"without {noun}"
    )


def _comes_with(verb: Word) -> bool:
    verbs, table = load_relations().verbs, load_negation()
    shown = verbs["posture"] | verbs["walk"] | verbs["visible"] | table.comes_with
    return verb.lemma in shown - table.loose_with


def _removable(words: WordTree, chunk: Phrase) -> bool:
    """Whether a phrase names one visible thing that could as well be missing."""
    root, table = chunk.root, load_negation()
    if not is_thing(root.lemma) or root.lemma in table.not_without:
        return False
    if is_a(root.lemma, "time", "body") and root.lemma not in table.removable_body:
        return False
    if any(t.tag not in PRENOMINAL or t.lower in table.spoken_of for t in chunk.before):
        return False
    if any(child.dep in {"conj", "cc", "appos"} for child in root.children):
        return False
    if any(w.lemma == root.lemma for w in (*words[: chunk.start], *words[chunk.end :])):
        # "icons and flags with flag colors"
        return False
    after = words[chunk.end] if chunk.end < len(words) else None
    if after is not None and after.lower == "of":
        rest = {word.lower for word in words[chunk.end + 1 : chunk.end + 7]}
        return is_a(root.lemma, *FILLED) and rest.isdisjoint({"and", "or", ",", "&"})
    return after is None or not (
        after.tag in {"JJ", "HYPH", "POS", "CC", "RB", "NN", "NNS"} or after.lower in {",", "to"}
    )
