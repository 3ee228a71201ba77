"""The repairs that another number of a noun demands, where the caption allows it at all."""

from __future__ import annotations

from pipeline.core.records import Role
from pipeline.edits.apply.grammar import agree
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.lexicon.companions import load_companions
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import PRONOUNS, ParsedCaption
from pipeline.edits.rules.count.clause import complements, is_subject_of_any, noun_and_its_verbs
from pipeline.edits.rules.count.companions import companions_of
from pipeline.edits.rules.count.hints import (
    has_unit_before,
    is_in_unseen_relative_clause,
    later_words_require_one,
)
from pipeline.edits.rules.count.words import (
    GROUPED,
    HAND_HELD,
    PLURAL_PLACES,
    TOGETHER,
    TOGETHER_VERBS,
    UNSEEN_DOINGS,
    WORDS_OF_STATEMENTS,
)


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
    if any(word in PRONOUNS or word in TOGETHER for word in parsed.lower):
        return None
    if not WORDS_OF_STATEMENTS.isdisjoint(parsed.lower) or is_subject_of_any(
        parsed, mention.head, UNSEEN_DOINGS
    ):
        # "science says women prefer dancers" shows nobody.
        return None
    if any(
        parsed.child(verb, "ccomp") is not None
        for verb in noun_and_its_verbs(parsed, mention.head)[1:]
    ):
        # "researchers have found that": what they found is reported, not seen.
        return None
    if plural and (has_unit_before(parsed, mention) or later_words_require_one(parsed, mention)):
        return None
    if not plural and (
        _requires_several(parsed, mention, said)
        or is_in_unseen_relative_clause(parsed, mention.head)
    ):
        return None
    if _has_dependent_of_other_number(parsed, mention, plural=plural):
        return None
    if not load_companions().allow(companions_of(parsed, mention), plural=plural):
        # Several people on one skateboard, one alone around a table.
        return None
    noun = mention.noun
    singular = "person" if noun.lemma == "people" else noun.lemma
    form = noun.plural if plural else singular
    old = " ".join(parsed.lower[mention.start : mention.head + 1])
    repairs = (
        [] if form == old else [TokenPiece(mention.start, mention.head + 1, form, Role.REPAIR)]
    )
    joined = parsed.deps[mention.head] == "conj" or any(
        parsed.deps[child] == "conj" for child in parsed.children[mention.head]
    )
    if joined and (not plural or _shares_article(parsed, mention.head)):
        # "shoppers and a visitor", "desktop computer and laptops"
        return None
    if not joined:
        repairs += agree(parsed, mention.head, plural=plural)
    if any(not parsed.protected.isdisjoint(range(r.start, r.end)) for r in repairs[1:]):
        # A "verb" of a name or a frozen phrase is none: "the world championships".
        return None
    if not plural:
        determiner = parsed.determiner(mention.head)
        if determiner is not None and parsed.lower[determiner] in {"these", "those"}:
            new = {"these": "this", "those": "that"}[parsed.lower[determiner]]
            repairs.append(TokenPiece(determiner, determiner + 1, new, Role.REPAIR))
    return repairs


def _requires_several(parsed: ParsedCaption, mention: NounMention, said: range) -> bool:
    """Whether the caption says something of the noun that needs several: "plants in pots"."""
    if any(parsed.deps[child] in {"conj", "appos"} for child in parsed.children[mention.head]):
        return True
    if any(word in GROUPED for token, word in enumerate(parsed.lower) if token not in said):
        return True
    if is_subject_of_any(parsed, mention.head, TOGETHER_VERBS):
        return True
    return any(
        parsed.tags[token] == "NNS"
        and (
            parsed.lower[token] in PLURAL_PLACES
            # "women with umbrellas", "columns with capitals"
            or (parsed.lower[parsed.heads[token]] == "with" and _is_had_by_each(parsed, token))
            or verb_lemma(parsed.lower[parsed.heads[token]], "VBG") in {"ride", "drive", "wear"}
        )
        for token in complements(parsed, mention.head)
    )


def _is_had_by_each(parsed: ParsedCaption, token: int) -> bool:
    """Whether a thing is one that each holds or has for itself; unknown things are."""
    mention = parsed.mentions.get(token)
    return mention is None or mention.noun.cls in HAND_HELD


def _has_dependent_of_other_number(
    parsed: ParsedCaption, mention: NounMention, *, plural: bool
) -> bool:
    """Whether a dependent of the noun keeps its number: its dress, its face, an apposition.

    "a woman in a red dress" cannot become "two women in a red dress".
    """
    for token in parsed.subtree(mention.head):
        if token == mention.head:
            continue
        if parsed.deps[token] in {"appos", "attr"}:
            return True
        other = parsed.mentions.get(token)
        if other is not None and other.noun.cls in {"clothing", "body"} and other.plural != plural:
            return True
    predicate = parsed.heads[mention.head]
    for child in parsed.children[predicate]:
        other = parsed.mentions.get(child)
        if parsed.deps[child] in {"attr", "dobj"} and child != mention.head:
            if parsed.deps[mention.head] in {"nsubj", "nsubjpass"} and parsed.deps[child] == "attr":
                return True
            if other is not None and other.noun.cls in {"clothing", "body"}:
                return True
    return False


def _shares_article(parsed: ParsedCaption, head: int) -> bool:
    """Whether an article before a list is that of its later nouns as well."""
    later = [child for child in parsed.children[head] if parsed.deps[child] == "conj"]
    if parsed.deps[head] == "conj":
        later.append(head)
    return any(
        parsed.tags[one] == "NN" and parsed.child(one, "det", "nummod", "poss") is None
        for one in later
    )
