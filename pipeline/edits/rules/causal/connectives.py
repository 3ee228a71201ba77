"""Finders of single connectives: from the word to the spans of its cause and effect."""

from __future__ import annotations

from pipeline.edits.lexicon.connectives import load_causal_lexicon
from pipeline.edits.parse.phrases import wordset
from pipeline.edits.parse.word_tree import Word, WordTree
from pipeline.edits.rules.causal.constructions import (
    BE,
    CausalMention,
    active_verb,
    adverbial,
    is_sentence,
    mention_of,
    object_of_preposition,
    object_or_clause,
    predicate,
    subtree_span,
    trimmed_span,
)

EMPTY = wordset("it this that these those which who what they he she one i you we")
PURPOSE = wordset("can could would will may might should that as to")


def _because(words: WordTree, token: Word) -> CausalMention | None:
    following = words[token.i + 1] if token.i + 1 < len(words) else None
    if following is None or following.lower in {"why", "reasons"}:
        return None
    if following.lower == "of":
        pobj = object_of_preposition(following, token)
        if pobj is None:
            return None
        head = token if token.head.i != following.i else following
        return adverbial(words, "because of", token.i, token.i + 2, pobj, head)
    clause = token.head
    if clause.i < token.i or clause.dep == "ROOT" or not is_sentence(clause):
        return None
    return adverbial(words, "because", token.i, token.i + 1, clause, clause)


def _due(words: WordTree, token: Word) -> CausalMention | None:
    """As in "due to", as an adverbial or behind "is"."""
    if token.i + 1 >= len(words) or words[token.i + 1].lower != "to":
        return None
    pobj = object_of_preposition(words[token.i + 1], token)
    if pobj is None:
        return None
    before = words[token.i - 1] if token.i else None
    if before is not None and before.lower in BE and token.head == before:
        return predicate(words, "is due to", before, token.i + 2, pobj)
    attached = token if token.head.i != token.i + 1 else words[token.i + 1]
    return adverbial(words, "due to", token.i, token.i + 2, pobj, attached)


def _owing(words: WordTree, token: Word) -> CausalMention | None:
    if token.i + 1 >= len(words) or words[token.i + 1].lower != "to":
        return None
    pobj = object_of_preposition(words[token.i + 1], token)
    if pobj is None:
        return None
    return adverbial(words, "owe to", token.i, token.i + 2, pobj, token)


def _owe(words: WordTree, token: Word) -> CausalMention | None:
    """As in "owes its colour to the minerals"."""
    to = next((t for t in token.children if t.lower == "to" and t.dep in {"prep", "dative"}), None)
    thing = next((t for t in token.children if t.dep == "dobj"), None)
    subject = next((t for t in token.children if t.dep == "nsubj"), None)
    if to is None or thing is None or subject is None or thing.lemma in {"money", "dollar", "debt"}:
        return None
    pobj = next((t for t in to.children if t.dep == "pobj"), None)
    if pobj is None:
        return None
    effect = trimmed_span(words[subject.first : to.i])
    return mention_of("owe to", "effect_first", (token.i, token.i + 1), subtree_span(pobj), effect)


def _result(words: WordTree, token: Word) -> CausalMention | None:
    """As in "is a result of", "is the effect of", "as a result of", "as a result"."""
    i = token.i
    of = words[i + 1] if i + 1 < len(words) and words[i + 1].lower == "of" else None
    pobj = next((t for t in of.children if t.dep == "pobj"), None) if of is not None else None
    if i < 2 or words[i - 1].lower not in {"a", "the", "an"}:
        return None
    lead = words[i - 2]
    if lead.lower == "as" and words[i - 1].lower == "a" and token.lower == "result":
        if pobj is not None:
            return adverbial(words, "as a result of", i - 2, i + 2, pobj, lead)
        return _as_a_result(words, lead, i + 1) if of is None else None
    name = {
        "result": "is a result of",
        "effect": "is the effect of",
        "consequence": "is the consequence of",
    }[token.lower]
    if pobj is None or lead.lower not in BE or token.dep != "attr":
        return None
    return predicate(words, name, token.head, i + 2, pobj)


def _as_a_result(words: WordTree, lead: Word, end: int) -> CausalMention | None:
    """As in "cause. As a result, effect"."""
    if lead.i < 3 or not words[lead.i - 1].is_punct or end >= len(words):
        return None
    effect = trimmed_span(words[end : words.sentence(lead.i)[1]])
    return mention_of(
        "as a result", "cause_first", (lead.i, end), trimmed_span(words[: lead.i]), effect
    )


def _cause(words: WordTree, token: Word) -> CausalMention | None:
    """As in "cause" as a verb: active, participle behind a clause, or "caused by"."""
    if token.pos not in {"VERB", "AUX"}:
        return None
    by = next((t for t in token.children if t.lower == "by" and t.dep in {"agent", "prep"}), None)
    if token.lower == "caused" and by is not None:
        pobj = next((t for t in by.children if t.dep == "pobj"), None)
        if pobj is None:
            return None
        end = by.i + 1
        cause = subtree_span(pobj, after=by.i)
        if token.dep == "acl":
            effect = trimmed_span(words[token.head.first : token.i])
            return mention_of("is caused by", "effect_first", (token.i, end), cause, effect)
        subject = next((t for t in token.children if t.dep == "nsubjpass"), None)
        effect = subtree_span(subject) if subject is not None else None
        return mention_of("is caused by", "effect_first", (token.i, end), cause, effect)
    return active_verb(words, "cause", token, token.i + 1, object_or_clause(token))


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
    words: WordTree, name: str, verb: Word, preposition: str, *, happening: bool
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
    return active_verb(words, name, verb, prep.i + 1, effect)


def _results(words: WordTree, token: Word) -> CausalMention | None:
    if token.pos == "NOUN":
        return _result(words, token) if token.lower == "result" else None
    return _with_preposition(words, "result in", token, "in", happening=False)


def _leads(words: WordTree, token: Word) -> CausalMention | None:
    return _with_preposition(words, "lead to", token, "to", happening=True)


def _gives(words: WordTree, token: Word) -> CausalMention | None:
    if words.lower[token.i + 1 : token.i + 3] != ("rise", "to"):
        return None
    effect = next((t for t in words[token.i + 2].children if t.dep in {"pobj", "pcomp"}), None)
    return active_verb(words, "give rise to", token, token.i + 3, effect)


def _brings(words: WordTree, token: Word) -> CausalMention | None:
    """As in "bring about"."""
    about = words[token.i + 1] if token.i + 1 < len(words) else None
    if about is None or about.lower != "about":
        return None
    effect = object_or_clause(token) or next((t for t in about.children if t.dep == "pobj"), None)
    return active_verb(words, "bring about", token, token.i + 2, effect)


def _thanks(words: WordTree, token: Word) -> CausalMention | None:
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
        cause = subtree_span(pobj)
        if cause is None or cause[1] >= len(words) or words[cause[1]].lower != ",":
            return None
        effect = trimmed_span(words[cause[1] + 1 :])
        main = any(is_sentence(t) for t in words[cause[1] + 1 :])
        return mention_of("thanks to", "effect_first", (0, 2), cause, effect) if main else None
    before = [t for t in words[: token.i] if is_sentence(t)]
    if not before:
        return None
    effect = trimmed_span(words[before[-1].first : token.i])
    return mention_of("thanks to", "effect_first", (token.i, to.i + 1), subtree_span(pobj), effect)


def _so(words: WordTree, token: Word) -> CausalMention | None:
    """As in "cause, so effect": two clauses, and the second says no purpose."""
    if token.i < 3 or words[token.i - 1].lower != "," or token.i + 2 >= len(words):
        return None
    after = words[token.i + 1]
    if after.lower in PURPOSE or after.pos not in {"PRON", "DET", "NOUN", "PROPN", "ADJ"}:
        return None
    effect_verb = next((t for t in words[token.i + 1 :] if is_sentence(t)), None)
    cause_verb = next((t for t in words[: token.i - 1] if is_sentence(t)), None)
    if effect_verb is None or cause_verb is None or effect_verb.first > token.i + 1:
        return None
    if any(t.lower in PURPOSE for t in effect_verb.lefts if t.tag == "MD"):
        return None
    if any(t.lower in {"?", "!", "so"} for t in words[token.i + 1 :]):
        return None
    cause = trimmed_span(words[cause_verb.first : token.i - 1])
    effect = trimmed_span(words[token.i + 1 : effect_verb.last + 1])
    return mention_of("so", "cause_first", (token.i, token.i + 1), cause, effect)


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
