"""Finders of single connectives: from the word to the spans of its cause and effect."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from pipeline.edits.phrases import wordset

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

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


@dataclass(frozen=True, slots=True)
class _Happenings:
    words: frozenset[str]
    endings: tuple[str, ...]
    never: frozenset[str]


@cache
def _happenings() -> _Happenings:
    text = files("pipeline.edits.lexicon").joinpath("connectives.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)["mining"]
    return _Happenings(
        frozenset(table["happenings"].split()),
        tuple(table["happening_endings"]),
        frozenset(table["not_happenings"].split()),
    )


def _span(tokens: Iterable[Token]) -> tuple[int, int] | None:
    """Smallest span of the tokens without punctuation at its ends."""
    kept = sorted(tokens, key=lambda token: token.i)
    while kept and (kept[-1].is_punct or kept[-1].lower_ in HEDGES | {"and", "but"}):
        kept.pop()
    while kept and (kept[0].is_punct or kept[0].lower_ in OPENERS | {"and", "but"}):
        kept.pop(0)
    return (kept[0].i, kept[-1].i + 1) if kept else None


def _subtree(token: Token, *, after: int = -1, before: int = 1 << 30) -> tuple[int, int] | None:
    """Span of a token and all below it, cut to the tokens between two places."""
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


def _clause_of(token: Token) -> Token:
    """What an adverbial modifies: its head, or the noun that a participle describes."""
    head = token.head
    return head.head if head.dep_ == "acl" and head.tag_ in {"VBN", "VBG"} else head


def _adverbial(
    doc: Doc, name: str, start: int, end: int, cause_root: Token, attached: Token
) -> CausalMention | None:
    """As in "effect CONNECTIVE cause" or "CONNECTIVE cause, effect"."""
    cause = _subtree(cause_root, after=end - 1)
    if cause is None or (start and doc[start - 1].lower_ in BE | {"not", "n't"}):
        return None
    if cause_root.pos_ in {"VERB", "AUX"}:
        cause = _whole_clause(doc, cause_root, cause)
    head = _clause_of(attached)
    opening = start == 0 or doc[start].is_sent_start
    if start <= head.i < cause[1] or (head.i > start and not opening):
        return None
    if head.i < start:
        # Nothing of the effect may be cut off: take all of the clause before the connective.
        effect = _span(doc[head.left_edge.i : start])
    else:
        effect = _span(doc[cause[1] : head.right_edge.i + 1])
    return _mention(name, "effect_first", (start, end), cause, effect)


def _whole_clause(doc: Doc, verb: Token, span: tuple[int, int]) -> tuple[int, int]:
    """A clause up to the next punctuation, without a participle that hangs loosely behind it."""
    loose = [t for t in verb.rights if t.dep_ == "advcl" and t.tag_ == "VBG"]
    if loose and loose[0].left_edge.i > span[0]:
        return span[0], loose[0].left_edge.i
    end = span[1]
    while end < len(doc) and not doc[end].is_punct:
        end += 1
    return span[0], end


def _is_sentence(verb: Token) -> bool:
    """Whether a verb has its own subject and a finite form."""
    subject = any(c.dep_ in {"nsubj", "nsubjpass", "expl"} for c in verb.children)
    finite = verb.tag_ in {"VBZ", "VBP", "VBD"} or any(
        c.tag_ in {"VBZ", "VBP", "VBD", "MD"} for c in verb.children if c.dep_ in {"aux", "auxpass"}
    )
    return subject and finite


def _because(doc: Doc, token: Token) -> CausalMention | None:
    following = doc[token.i + 1] if token.i + 1 < len(doc) else None
    if following is None or following.lower_ in {"why", "reasons"}:
        return None
    if following.lower_ == "of":
        pobj = _object_of(following, token)
        if pobj is None:
            return None
        head = token if token.head.i != following.i else following
        return _adverbial(doc, "because of", token.i, token.i + 2, pobj, head)
    clause = token.head
    if clause.i < token.i or clause.dep_ == "ROOT" or not _is_sentence(clause):
        return None
    return _adverbial(doc, "because", token.i, token.i + 1, clause, clause)


def _object_of(*words: Token) -> Token | None:
    """The noun behind a preposition of several words, whichever of them the parse gives it to."""
    found = next((c for word in words for c in word.children if c.dep_ == "pobj"), None)
    if found is not None:
        return found
    # The parse may miss that "due to" is a preposition; then the next noun phrase is its noun.
    start = max(word.i for word in words) + 1
    nouns = (t for t in words[0].doc[start : start + 5] if t.pos_ in {"NOUN", "PROPN"})
    return next((t for t in nouns if t.left_edge.i == start and t.dep_ != "compound"), None)


def _due(doc: Doc, token: Token) -> CausalMention | None:
    """As in "due to", as an adverbial or behind "is"."""
    if token.i + 1 >= len(doc) or doc[token.i + 1].lower_ != "to":
        return None
    pobj = _object_of(doc[token.i + 1], token)
    if pobj is None:
        return None
    before = doc[token.i - 1] if token.i else None
    if before is not None and before.lower_ in BE and token.head == before:
        return _predicate(doc, "is due to", before, token.i + 2, pobj)
    attached = token if token.head.i != token.i + 1 else doc[token.i + 1]
    return _adverbial(doc, "due to", token.i, token.i + 2, pobj, attached)


def _owing(doc: Doc, token: Token) -> CausalMention | None:
    if token.i + 1 >= len(doc) or doc[token.i + 1].lower_ != "to":
        return None
    pobj = _object_of(doc[token.i + 1], token)
    if pobj is None:
        return None
    return _adverbial(doc, "owe to", token.i, token.i + 2, pobj, token)


def _owe(doc: Doc, token: Token) -> CausalMention | None:
    """As in "owes its colour to the minerals"."""
    to = next(
        (t for t in token.children if t.lower_ == "to" and t.dep_ in {"prep", "dative"}), None
    )
    thing = next((t for t in token.children if t.dep_ == "dobj"), None)
    subject = next((t for t in token.children if t.dep_ == "nsubj"), None)
    if (
        to is None
        or thing is None
        or subject is None
        or thing.lemma_ in {"money", "dollar", "debt"}
    ):
        return None
    pobj = next((t for t in to.children if t.dep_ == "pobj"), None)
    if pobj is None:
        return None
    effect = _span(doc[subject.left_edge.i : to.i])
    return _mention("owe to", "effect_first", (token.i, token.i + 1), _subtree(pobj), effect)


def _predicate(
    doc: Doc, name: str, verb: Token, end: int, cause_root: Token
) -> CausalMention | None:
    """As in "effect IS … cause"."""
    subject = next((t for t in verb.children if t.dep_ in {"nsubj", "nsubjpass"}), None)
    if subject is None or subject.i > verb.i:
        return None
    cause = _subtree(cause_root, after=end - 1)
    return _mention(name, "effect_first", (verb.i, end), cause, _subtree(subject))


def _result(doc: Doc, token: Token) -> CausalMention | None:
    """As in "is a result of", "is the effect of", "as a result of", "as a result"."""
    i = token.i
    of = doc[i + 1] if i + 1 < len(doc) and doc[i + 1].lower_ == "of" else None
    pobj = next((t for t in of.children if t.dep_ == "pobj"), None) if of is not None else None
    if i < 2 or doc[i - 1].lower_ not in {"a", "the", "an"}:
        return None
    lead = doc[i - 2]
    if lead.lower_ == "as" and doc[i - 1].lower_ == "a" and token.lower_ == "result":
        if pobj is not None:
            return _adverbial(doc, "as a result of", i - 2, i + 2, pobj, lead)
        return _as_a_result(doc, lead, i + 1) if of is None else None
    name = {
        "result": "is a result of",
        "effect": "is the effect of",
        "consequence": "is the consequence of",
    }[token.lower_]
    if pobj is None or lead.lower_ not in BE or token.dep_ != "attr":
        return None
    return _predicate(doc, name, token.head, i + 2, pobj)


def _as_a_result(doc: Doc, lead: Token, end: int) -> CausalMention | None:
    """As in "cause. As a result, effect"."""
    if lead.i < 3 or not doc[lead.i - 1].is_punct or end >= len(doc):
        return None
    effect = _span(doc[end : lead.sent.end])
    return _mention("as a result", "cause_first", (lead.i, end), _span(doc[: lead.i]), effect)


def _cause(doc: Doc, token: Token) -> CausalMention | None:
    """As in "cause" as a verb: active, participle behind a clause, or "caused by"."""
    if token.pos_ not in {"VERB", "AUX"}:
        return None
    by = next((t for t in token.children if t.lower_ == "by" and t.dep_ in {"agent", "prep"}), None)
    if token.lower_ == "caused" and by is not None:
        pobj = next((t for t in by.children if t.dep_ == "pobj"), None)
        if pobj is None:
            return None
        end = by.i + 1
        cause = _subtree(pobj, after=by.i)
        if token.dep_ == "acl":
            effect = _span(doc[token.head.left_edge.i : token.i])
            return _mention("is caused by", "effect_first", (token.i, end), cause, effect)
        subject = next((t for t in token.children if t.dep_ == "nsubjpass"), None)
        effect = _subtree(subject) if subject is not None else None
        return _mention("is caused by", "effect_first", (token.i, end), cause, effect)
    return _active(doc, "cause", token, token.i + 1, _objects(token))


def _objects(verb: Token) -> Token | None:
    """What a verb brings forth: its object, or the clause in its place."""
    return next((t for t in verb.rights if t.dep_ in {"dobj", "ccomp", "xcomp"}), None)


def _active(
    doc: Doc, name: str, verb: Token, end: int, effect_root: Token | None
) -> CausalMention | None:
    """As in "cause VERB effect", with a subject or as a participle behind a clause or noun."""
    if effect_root is None or any(t.dep_ == "neg" for t in verb.lefts):
        return None
    effect = _span(doc[end : effect_root.right_edge.i + 1])
    subject = next((t for t in verb.children if t.dep_ == "nsubj"), None)
    if subject is not None:
        if subject.lower_ in {"which", "that"} and verb.dep_ == "relcl":
            noun = verb.head
            cause = _span(doc[noun.left_edge.i : subject.i])
        else:
            cause = _subtree(subject)
    elif verb.tag_ == "VBG" and verb.dep_ in {"advcl", "acl"}:
        head = verb.head
        while head.dep_ in {"pobj", "prep", "dobj", "acl"} and head.head.i < head.i:
            head = head.head
        while head.dep_ == "conj" and not any(c.dep_ == "nsubj" for c in head.children):
            # "The dog ate and became sick, leading to …": the dog belongs to the cause.
            head = head.head
        cause = _span(doc[head.left_edge.i : verb.i])
    elif verb.dep_ == "conj" and verb.head.i < verb.i:
        cause = _span(doc[verb.head.left_edge.i : verb.left_edge.i])
    else:
        return None
    return _mention(name, "cause_first", (verb.i, end), cause, effect)


def _happens(noun: Token) -> bool:
    """Whether a noun names something that happens."""
    table = _happenings()
    word = noun.lemma_.lower()
    if word in table.never:
        return False
    return word in table.words or (noun.pos_ == "NOUN" and word.endswith(table.endings))


def _with_preposition(
    doc: Doc, name: str, verb: Token, preposition: str, *, happening: bool
) -> CausalMention | None:
    """As in "result in", "lead to": the preposition's object is the effect."""
    if verb.pos_ != "VERB":
        return None
    prep = doc[verb.i + 1] if verb.i + 1 < len(doc) else None
    if prep is None or prep.lower_ != preposition or prep.head != verb:
        return None
    effect = next((t for t in prep.children if t.dep_ in {"pobj", "pcomp"}), None)
    if effect is None or (happening and not _happens(effect)):
        return None
    return _active(doc, name, verb, prep.i + 1, effect)


def _results(doc: Doc, token: Token) -> CausalMention | None:
    if token.pos_ == "NOUN":
        return _result(doc, token) if token.lower_ == "result" else None
    return _with_preposition(doc, "result in", token, "in", happening=False)


def _leads(doc: Doc, token: Token) -> CausalMention | None:
    return _with_preposition(doc, "lead to", token, "to", happening=True)


def _gives(doc: Doc, token: Token) -> CausalMention | None:
    words = [t.lower_ for t in doc[token.i + 1 : token.i + 3]]
    if words != ["rise", "to"]:
        return None
    effect = next((t for t in doc[token.i + 2].children if t.dep_ in {"pobj", "pcomp"}), None)
    return _active(doc, "give rise to", token, token.i + 3, effect)


def _brings(doc: Doc, token: Token) -> CausalMention | None:
    """As in "bring about"."""
    about = doc[token.i + 1] if token.i + 1 < len(doc) else None
    if about is None or about.lower_ != "about":
        return None
    effect = _objects(token) or next((t for t in about.children if t.dep_ == "pobj"), None)
    return _active(doc, "bring about", token, token.i + 2, effect)


def _thanks(doc: Doc, token: Token) -> CausalMention | None:
    """As in "thanks to" a cause; not thanking somebody for something."""
    to = doc[token.i + 1] if token.i + 1 < len(doc) else None
    if to is None or to.lower_ != "to":
        return None
    pobj = next((t for t in to.children if t.dep_ == "pobj"), None)
    if pobj is None or any(t.lower_ == "for" for t in doc[to.i :]):
        return None
    if token.i and doc[token.i - 1].lower_ in {"many", "special", "big", "our", "with", "my"} | BE:
        return None
    if token.i == 0:
        cause = _subtree(pobj)
        if cause is None or cause[1] >= len(doc) or doc[cause[1]].lower_ != ",":
            return None
        effect = _span(doc[cause[1] + 1 :])
        main = any(_is_sentence(t) for t in doc[cause[1] + 1 :])
        return _mention("thanks to", "effect_first", (0, 2), cause, effect) if main else None
    before = [t for t in doc[: token.i] if _is_sentence(t)]
    if not before:
        return None
    effect = _span(doc[before[-1].left_edge.i : token.i])
    return _mention("thanks to", "effect_first", (token.i, to.i + 1), _subtree(pobj), effect)


def _so(doc: Doc, token: Token) -> CausalMention | None:
    """As in "cause, so effect": two clauses, and the second says no purpose."""
    if token.i < 3 or doc[token.i - 1].lower_ != "," or token.i + 2 >= len(doc):
        return None
    after = doc[token.i + 1]
    if after.lower_ in PURPOSE or after.pos_ not in {"PRON", "DET", "NOUN", "PROPN", "ADJ"}:
        return None
    effect_verb = next((t for t in doc[token.i + 1 :] if _is_sentence(t)), None)
    cause_verb = next((t for t in doc[: token.i - 1] if _is_sentence(t)), None)
    if effect_verb is None or cause_verb is None or effect_verb.left_edge.i > token.i + 1:
        return None
    if any(t.lower_ in PURPOSE for t in effect_verb.lefts if t.tag_ == "MD"):
        return None
    if any(t.lower_ in {"?", "!", "so"} for t in doc[token.i + 1 :]):
        return None
    cause = _span(doc[cause_verb.left_edge.i : token.i - 1])
    effect = _span(doc[token.i + 1 : effect_verb.right_edge.i + 1])
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
