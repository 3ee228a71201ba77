"""The repairs that another number of a noun demands, where the caption allows it at all."""

from __future__ import annotations

from pipeline.core.records import Role
from pipeline.edits.apply.grammar import agree
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.lexicon.companions import load_companions
from pipeline.edits.lexicon.counts import load_counts
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import PRONOUNS, ParsedCaption
from pipeline.edits.rules.count.clause import complements, is_subject_of_any
from pipeline.edits.rules.count.companions import companions_of
from pipeline.edits.rules.count.words import TOGETHER

HAND_HELD = frozenset({"clothing", "body", "instrument", "device", "tool", "container", "toy"})
OWN_PLACES = frozenset({"container", "structure", "furniture", "vehicle", "clothing"})
"""Classes of which each of several has its own: "plants in pots", "people riding bicycles"."""

TAKEN_UP = frozenset({"ride", "drive", "wear"})
DEMONSTRATIVES = {"these": "this", "those": "that"}


def change_number(
    parsed: ParsedCaption, mention: NounMention, *, plural: bool, said: range = range(0)
) -> list[TokenPiece] | None:
    """Repairs that change the noun's number, or None where the caption would need more.

    Args:
        parsed: The caption.
        mention: The noun.
        plural: The number that it gets.
        said: Tokens that say its number now, and go.
    """
    head, table = mention.head, load_counts()
    if any(word in PRONOUNS or word in TOGETHER for word in parsed.lower):
        return None
    subject, verb = parsed.deps[head] in {"nsubj", "nsubjpass"}, parsed.heads[head]
    if not table.statements.isdisjoint(parsed.lower) or (
        subject and parsed.child(verb, "ccomp") is not None
    ):
        # "science says women prefer dancers", "researchers have found that": nobody is seen.
        return None
    if subject and not parsed.tags[verb].startswith(("VB", "MD")):
        # "a person on skis flies": what should agree was taken for a noun.
        return None
    if not plural and _requires_several(parsed, mention, said):
        return None
    if _has_dependent_of_other_number(parsed, mention, plural=plural):
        return None
    if not load_companions().allow(companions_of(parsed, mention), plural=plural):
        # Several people on one skateboard, one alone around a table.
        return None
    joined = any(parsed.deps[token] == "conj" for token in (head, *parsed.children[head]))
    if joined and not plural:
        return None
    repairs = [] if joined else agree(parsed, head, plural=plural)
    if any(not parsed.protected.isdisjoint(range(r.start, r.end)) for r in repairs):
        # A "verb" of a name or a frozen phrase is none: "the world championships".
        return None
    noun = mention.noun
    singular = "person" if noun.lemma == "people" else noun.lemma
    form = noun.plural if plural else singular
    if form != " ".join(parsed.lower[mention.start : head + 1]):
        repairs.insert(0, TokenPiece(mention.start, head + 1, form, Role.REPAIR))
    determiner = None if plural else parsed.determiner(head)
    if determiner is not None and parsed.lower[determiner] in DEMONSTRATIVES:
        new = DEMONSTRATIVES[parsed.lower[determiner]]
        repairs.append(TokenPiece(determiner, determiner + 1, new, Role.REPAIR))
    return repairs


def _requires_several(parsed: ParsedCaption, mention: NounMention, said: range) -> bool:
    """Whether the caption says something of the noun that needs several: "plants in pots"."""
    table = load_counts()
    if any(parsed.deps[child] in {"conj", "appos"} for child in parsed.children[mention.head]):
        return True
    if any(word in table.several for i, word in enumerate(parsed.lower) if i not in said):
        return True
    written = parsed.text.lower()
    if any(f" {phrase}" in written for phrase in table.several_phrases):
        return True
    if is_subject_of_any(parsed, mention.head, table.together):
        return True
    return any(
        parsed.tags[token] == "NNS" and _is_had_by_each(parsed, token)
        for token in complements(parsed, mention.head)
    )


def _is_had_by_each(parsed: ParsedCaption, token: int) -> bool:
    """Whether each of several has its own of a thing: "women with umbrellas"."""
    governor, other = parsed.heads[token], parsed.mentions.get(token)
    verb = governor if parsed.deps[token] == "dobj" else parsed.heads[governor]
    if verb == governor or parsed.verb_lemma(verb) in TAKEN_UP:
        # "riding bicycles", "riding on the backs of elephants"
        return parsed.verb_lemma(verb) in TAKEN_UP
    if parsed.lower[governor] == "with":
        return other is None or other.noun.cls in HAND_HELD
    if other is None:
        return parsed.lower[governor] == "in"
    return parsed.lower[governor] in {"in", "on", "into"} and other.noun.cls in OWN_PLACES


def _has_dependent_of_other_number(
    parsed: ParsedCaption, mention: NounMention, *, plural: bool
) -> bool:
    """Whether a dependent of the noun keeps its number: its dress, its face, an apposition.

    "a woman in a red dress" cannot become "two women in a red dress".
    """
    for token in parsed.subtree(mention.head):
        other = parsed.mentions.get(token)
        if token == mention.head:
            continue
        if parsed.deps[token] in {"appos", "attr"}:
            return True
        if other is not None and other.noun.cls in {"clothing", "body"} and other.plural != plural:
            return True
    subject = parsed.deps[mention.head] in {"nsubj", "nsubjpass"}
    return subject and parsed.child(parsed.heads[mention.head], "attr") is not None
