"""Finders of single connectives: from the word to the spans of its cause and effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.edits.lexicon.connectives import load_causal_lexicon
from pipeline.edits.parse.phrases import wordset
from pipeline.edits.parse.tokens import Word, Words

Direction = Literal["effect_first", "cause_first"]

BE = frozenset({"is", "are", "was", "were", "be", "been", "'s"})
HEDGES = wordset("perhaps maybe just only mostly partly mainly probably simply apparently")
OPENERS = wordset("after when while as that although")
EMPTY = wordset("it this that these those which who what they he she one i you we")
PURPOSE = wordset("can could would will may might should that as to")


@dataclass(frozen=True, slots=True)
class CausalMention:
    """A stated cause and effect.

    Attributes:
        connective: Name, such as "because" or "result in".
        direction: Which of the two this connective puts first.
        trigger: Half-open token span of the connective.
        cause: Half-open token span of the cause.
        effect: Half-open token span of the effect.
    """

    connective: str
    direction: Direction
    trigger: tuple[int, int]
    cause: tuple[int, int]
    effect: tuple[int, int]


def _span(tokens: Iterable[Word]) -> tuple[int, int] | None:
    """Smallest span of the tokens without punctuation at its ends."""
    kept = sorted(tokens, key=lambda token: token.i)
    while kept and (kept[-1].is_punct or kept[-1].lower in HEDGES | {"and", "but"}):
        kept.pop()
    while kept and (kept[0].is_punct or kept[0].lower in OPENERS | {"and", "but"}):
        kept.pop(0)
    return (kept[0].i, kept[-1].i + 1) if kept else None


def _subtree(token: Word, *, after: int = -1, before: int = 1 << 30) -> tuple[int, int] | None:
    """Phrase of a token and all below it, cut to the tokens between two places."""
    return _span(t for t in token.subtree if after < t.i < before)


def _mention(
    connective: str,
    direction: Direction,
    trigger: tuple[int, int],
    cause: tuple[int, int] | None,
    effect: tuple[int, int] | None,
) -> CausalMention | None:
    if cause is None or effect is None:
        return None
    return CausalMention(connective, direction, trigger, cause, effect)


def _clause_of(token: Word) -> Word:
    """What an adverbial modifies: its head, or the noun that a participle describes."""
    head = token.head
    return head.head if head.dep == "acl" and head.tag in {"VBN", "VBG"} else head


def _adverbial(
    words: Words, name: str, start: int, end: int, cause_root: Word, attached: Word
) -> CausalMention | None:
    """As in "effect CONNECTIVE cause" or "CONNECTIVE cause, effect"."""
    cause = _subtree(cause_root, after=end - 1)
    if cause is None or (start and words[start - 1].lower in BE | {"not", "n't"}):
        return None
    if cause_root.pos in {"VERB", "AUX"}:
        cause = _whole_clause(words, cause_root, cause)
    head = _clause_of(attached)
    opening = start == 0 or words.sentence(start)[0] == start
    if start <= head.i < cause[1] or (head.i > start and not opening):
        return None
    if head.i < start:
        # Nothing of the effect may be cut off: take all of the clause before the connective.
        effect = _span(words[head.first : start])
    else:
        effect = _span(words[cause[1] : head.last + 1])
    return _mention(name, "effect_first", (start, end), cause, effect)


def _whole_clause(words: Words, verb: Word, span: tuple[int, int]) -> tuple[int, int]:
    """A clause up to the next punctuation, without a participle that hangs loosely behind it."""
    loose = [t for t in verb.rights if t.dep == "advcl" and t.tag == "VBG"]
    if loose and loose[0].first > span[0]:
        return span[0], loose[0].first
    end = span[1]
    while end < len(words) and not words[end].is_punct:
        end += 1
    return span[0], end


def _is_sentence(verb: Word) -> bool:
    """Whether a verb has its own subject and a finite form."""
    subject = any(c.dep in {"nsubj", "nsubjpass", "expl"} for c in verb.children)
    finite = verb.tag in {"VBZ", "VBP", "VBD"} or any(
        c.tag in {"VBZ", "VBP", "VBD", "MD"} for c in verb.children if c.dep in {"aux", "auxpass"}
    )
    return subject and finite


def _because(words: Words, token: Word) -> CausalMention | None:
    following = words[token.i + 1] if token.i + 1 < len(words) else None
    if following is None or following.lower in {"why", "reasons"}:
        return None
    if following.lower == "of":
        pobj = _object_of(following, token)
        if pobj is None:
            return None
        head = token if token.head.i != following.i else following
        return _adverbial(words, "because of", token.i, token.i + 2, pobj, head)
    clause = token.head
    if clause.i < token.i or clause.dep == "ROOT" or not _is_sentence(clause):
        return None
    return _adverbial(words, "because", token.i, token.i + 1, clause, clause)


def _object_of(*words: Word) -> Word | None:
    """The noun behind a preposition of several words, whichever of them the parse gives it to."""
    found = next((c for word in words for c in word.children if c.dep == "pobj"), None)
    if found is not None:
        return found
    # The parse may miss that "due to" is a preposition; then the next noun phrase is its noun.
    start = max(word.i for word in words) + 1
    nouns = (t for t in words[0].words[start : start + 5] if t.pos in {"NOUN", "PROPN"})
    return next((t for t in nouns if t.first == start and t.dep != "compound"), None)


def _due(words: Words, token: Word) -> CausalMention | None:
    """As in "due to", as an adverbial or behind "is"."""
    if token.i + 1 >= len(words) or words[token.i + 1].lower != "to":
        return None
    pobj = _object_of(words[token.i + 1], token)
    if pobj is None:
        return None
    before = words[token.i - 1] if token.i else None
    if before is not None and before.lower in BE and token.head == before:
        return _predicate(words, "is due to", before, token.i + 2, pobj)
    attached = token if token.head.i != token.i + 1 else words[token.i + 1]
    return _adverbial(words, "due to", token.i, token.i + 2, pobj, attached)


def _owing(words: Words, token: Word) -> CausalMention | None:
    if token.i + 1 >= len(words) or words[token.i + 1].lower != "to":
        return None
    pobj = _object_of(words[token.i + 1], token)
    if pobj is None:
        return None
    return _adverbial(words, "owe to", token.i, token.i + 2, pobj, token)


def _owe(words: Words, token: Word) -> CausalMention | None:
    """As in "owes its colour to the minerals"."""
    to = next((t for t in token.children if t.lower == "to" and t.dep in {"prep", "dative"}), None)
    thing = next((t for t in token.children if t.dep == "dobj"), None)
    subject = next((t for t in token.children if t.dep == "nsubj"), None)
    if to is None or thing is None or subject is None or thing.lemma in {"money", "dollar", "debt"}:
        return None
    pobj = next((t for t in to.children if t.dep == "pobj"), None)
    if pobj is None:
        return None
    effect = _span(words[subject.first : to.i])
    return _mention("owe to", "effect_first", (token.i, token.i + 1), _subtree(pobj), effect)


def _predicate(
    words: Words, name: str, verb: Word, end: int, cause_root: Word
) -> CausalMention | None:
    """As in "effect IS … cause"."""
    subject = next((t for t in verb.children if t.dep in {"nsubj", "nsubjpass"}), None)
    if subject is None or subject.i > verb.i:
        return None
    cause = _subtree(cause_root, after=end - 1)
    return _mention(name, "effect_first", (verb.i, end), cause, _subtree(subject))


def _result(words: Words, token: Word) -> CausalMention | None:
    """As in "is a result of", "is the effect of", "as a result of", "as a result"."""
    i = token.i
    of = words[i + 1] if i + 1 < len(words) and words[i + 1].lower == "of" else None
    pobj = next((t for t in of.children if t.dep == "pobj"), None) if of is not None else None
    if i < 2 or words[i - 1].lower not in {"a", "the", "an"}:
        return None
    lead = words[i - 2]
    if lead.lower == "as" and words[i - 1].lower == "a" and token.lower == "result":
        if pobj is not None:
            return _adverbial(words, "as a result of", i - 2, i + 2, pobj, lead)
        return _as_a_result(words, lead, i + 1) if of is None else None
    name = {
        "result": "is a result of",
        "effect": "is the effect of",
        "consequence": "is the consequence of",
    }[token.lower]
    if pobj is None or lead.lower not in BE or token.dep != "attr":
        return None
    return _predicate(words, name, token.head, i + 2, pobj)


def _as_a_result(words: Words, lead: Word, end: int) -> CausalMention | None:
    """As in "cause. As a result, effect"."""
    if lead.i < 3 or not words[lead.i - 1].is_punct or end >= len(words):
        return None
    effect = _span(words[end : words.sentence(lead.i)[1]])
    return _mention("as a result", "cause_first", (lead.i, end), _span(words[: lead.i]), effect)


def _cause(words: Words, token: Word) -> CausalMention | None:
    """As in "cause" as a verb: active, participle behind a clause, or "caused by"."""
    if token.pos not in {"VERB", "AUX"}:
        return None
    by = next((t for t in token.children if t.lower == "by" and t.dep in {"agent", "prep"}), None)
    if token.lower == "caused" and by is not None:
        pobj = next((t for t in by.children if t.dep == "pobj"), None)
        if pobj is None:
            return None
        end = by.i + 1
        cause = _subtree(pobj, after=by.i)
        if token.dep == "acl":
            effect = _span(words[token.head.first : token.i])
            return _mention("is caused by", "effect_first", (token.i, end), cause, effect)
        subject = next((t for t in token.children if t.dep == "nsubjpass"), None)
        effect = _subtree(subject) if subject is not None else None
        return _mention("is caused by", "effect_first", (token.i, end), cause, effect)
    return _active(words, "cause", token, token.i + 1, _objects(token))


def _objects(verb: Word) -> Word | None:
    """What a verb brings forth: its object, or the clause in its place."""
    return next((t for t in verb.rights if t.dep in {"dobj", "ccomp", "xcomp"}), None)


def _active(
    words: Words, name: str, verb: Word, end: int, effect_root: Word | None
) -> CausalMention | None:
    """As in "cause VERB effect", with a subject or as a participle behind a clause or noun."""
    if effect_root is None or any(t.dep == "neg" for t in verb.lefts):
        return None
    effect = _span(words[end : effect_root.last + 1])
    subject = next((t for t in verb.children if t.dep == "nsubj"), None)
    if subject is not None:
        if subject.lower in {"which", "that"} and verb.dep == "relcl":
            noun = verb.head
            cause = _span(words[noun.first : subject.i])
        else:
            cause = _subtree(subject)
    elif verb.tag == "VBG" and verb.dep in {"advcl", "acl"}:
        head = verb.head
        while head.dep in {"pobj", "prep", "dobj", "acl"} and head.head.i < head.i:
            head = head.head
        while head.dep == "conj" and not any(c.dep == "nsubj" for c in head.children):
            # "The dog ate and became sick, leading to …": the dog belongs to the cause.
            head = head.head
        cause = _span(words[head.first : verb.i])
    elif verb.dep == "conj" and verb.head.i < verb.i:
        cause = _span(words[verb.head.first : verb.first])
    else:
        return None
    return _mention(name, "cause_first", (verb.i, end), cause, effect)


def _happens(noun: Word) -> bool:
    """Whether a noun names something that happens."""
    table = load_causal_lexicon().mining
    word = noun.lemma.lower()
    if word in table.not_happenings:
        return False
    return word in table.happenings or (
        noun.pos == "NOUN" and word.endswith(table.happening_endings)
    )


def _with_preposition(
    words: Words, name: str, verb: Word, preposition: str, *, happening: bool
) -> CausalMention | None:
    """As in "result in", "lead to": the preposition's object is the effect."""
    if verb.pos != "VERB":
        return None
    prep = words[verb.i + 1] if verb.i + 1 < len(words) else None
    if prep is None or prep.lower != preposition or prep.head != verb:
        return None
    effect = next((t for t in prep.children if t.dep in {"pobj", "pcomp"}), None)
    if effect is None or (happening and not _happens(effect)):
        return None
    return _active(words, name, verb, prep.i + 1, effect)


def _results(words: Words, token: Word) -> CausalMention | None:
    if token.pos == "NOUN":
        return _result(words, token) if token.lower == "result" else None
    return _with_preposition(words, "result in", token, "in", happening=False)


def _leads(words: Words, token: Word) -> CausalMention | None:
    return _with_preposition(words, "lead to", token, "to", happening=True)


def _gives(words: Words, token: Word) -> CausalMention | None:
    if words.lower[token.i + 1 : token.i + 3] != ("rise", "to"):
        return None
    effect = next((t for t in words[token.i + 2].children if t.dep in {"pobj", "pcomp"}), None)
    return _active(words, "give rise to", token, token.i + 3, effect)


def _brings(words: Words, token: Word) -> CausalMention | None:
    """As in "bring about"."""
    about = words[token.i + 1] if token.i + 1 < len(words) else None
    if about is None or about.lower != "about":
        return None
    effect = _objects(token) or next((t for t in about.children if t.dep == "pobj"), None)
    return _active(words, "bring about", token, token.i + 2, effect)


def _thanks(words: Words, token: Word) -> CausalMention | None:
    """As in "thanks to" a cause; not thanking somebody for something."""
    to = words[token.i + 1] if token.i + 1 < len(words) else None
    if to is None or to.lower != "to":
        return None
    pobj = next((t for t in to.children if t.dep == "pobj"), None)
    if pobj is None or any(t.lower == "for" for t in words[to.i :]):
        return None
    if token.i and words[token.i - 1].lower in {"many", "special", "big", "our", "with", "my"} | BE:
        return None
    if token.i == 0:
        cause = _subtree(pobj)
        if cause is None or cause[1] >= len(words) or words[cause[1]].lower != ",":
            return None
        effect = _span(words[cause[1] + 1 :])
        main = any(_is_sentence(t) for t in words[cause[1] + 1 :])
        return _mention("thanks to", "effect_first", (0, 2), cause, effect) if main else None
    before = [t for t in words[: token.i] if _is_sentence(t)]
    if not before:
        return None
    effect = _span(words[before[-1].first : token.i])
    return _mention("thanks to", "effect_first", (token.i, to.i + 1), _subtree(pobj), effect)


def _so(words: Words, token: Word) -> CausalMention | None:
    """As in "cause, so effect": two clauses, and the second says no purpose."""
    if token.i < 3 or words[token.i - 1].lower != "," or token.i + 2 >= len(words):
        return None
    after = words[token.i + 1]
    if after.lower in PURPOSE or after.pos not in {"PRON", "DET", "NOUN", "PROPN", "ADJ"}:
        return None
    effect_verb = next((t for t in words[token.i + 1 :] if _is_sentence(t)), None)
    cause_verb = next((t for t in words[: token.i - 1] if _is_sentence(t)), None)
    if effect_verb is None or cause_verb is None or effect_verb.first > token.i + 1:
        return None
    if any(t.lower in PURPOSE for t in effect_verb.lefts if t.tag == "MD"):
        return None
    if any(t.lower in {"?", "!", "so"} for t in words[token.i + 1 :]):
        return None
    cause = _span(words[cause_verb.first : token.i - 1])
    effect = _span(words[token.i + 1 : effect_verb.last + 1])
    return _mention("so", "cause_first", (token.i, token.i + 1), cause, effect)


FINDERS = {
    "because": _because,
    "due": _due,
    "owing": _owing,
    **dict.fromkeys(("owe", "owes", "owed"), _owe),
    **dict.fromkeys(("cause", "causes", "caused", "causing"), _cause),
    **dict.fromkeys(("result", "results", "resulted", "resulting"), _results),
    **dict.fromkeys(("effect", "consequence"), _result),
    **dict.fromkeys(("lead", "leads", "led", "leading"), _leads),
    **dict.fromkeys(("give", "gives", "gave", "given", "giving"), _gives),
    **dict.fromkeys(("bring", "brings", "brought", "bringing"), _brings),
    "thanks": _thanks,
    "so": _so,
}
