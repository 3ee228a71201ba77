"""Where captions hold a noun: what governs it, what it does, and what stands behind it.

A noun goes where captions have it: on a table one sits as seldom as one rides in a shelf.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.contexts import Contexts
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.parsed_caption import ParsedCaption

VERBAL = frozenset({"VERB", "AUX"})
COMMON = 3
"""Contexts of a noun from which on it may stand where nothing governs it."""

LEAST = 2
"""Times that a noun must have been seen in a context: the parse of one caption may be wrong."""

LEAST_TOGETHER = 3
LIFT = 0.7
"""A noun goes with a word that stands in captions of it at least so often as in others."""


def contexts_of(parsed: ParsedCaption, head: int) -> Iterator[str]:
    """Contexts of the noun at a token.

    "sit on", "* on" and "cup of" behind a preposition, the last with its noun; "hold >" for an
    object; "< run", "< with" and "< of coffee" for what it does and what is said of it.
    """
    role, governor = parsed.role(head), parsed.governor(head)
    if role == "pobj":
        over = parsed.heads[governor]
        if parsed.pos[over] in VERBAL:
            yield f"{parsed.verb_lemma(over)} {parsed.lower[governor]}"
        else:
            noun = parsed.lemmas[over] if parsed.lower[governor] == "of" else "*"
            yield f"{noun} {parsed.lower[governor]}"
    elif role == "dobj":
        yield f"{parsed.verb_lemma(governor)} >"
    elif role in {"nsubj", "nsubjpass"}:
        yield f"< {parsed.verb_lemma(governor)}"
    for child in parsed.children[head]:
        if parsed.deps[child] == "acl" and parsed.pos[child] == "VERB":
            yield f"< {parsed.verb_lemma(child)}"
        elif parsed.deps[child] == "prep":
            thing = parsed.child(child, "pobj") if parsed.lower[child] == "of" else None
            held = "" if thing is None else f" {parsed.lemmas[thing]}"
            yield f"< {parsed.lower[child]}{held}"


def is_attested(parsed: ParsedCaption, head: int, other: Noun, contexts: Contexts) -> bool:
    """Whether captions hold `other` in every context of the noun at `head`."""
    known = contexts.by_noun.get(other.lemma, frozenset())
    asked = set(contexts_of(parsed, head))
    if asked:
        return asked <= known
    return sum(not context.startswith("& ") for context in known) >= COMMON


def goes_with(other: Noun, words: Collection[str], contexts: Contexts) -> bool:
    """Whether captions hold `other` together with each of the words, wherever they stand."""
    known = contexts.by_noun.get(other.lemma, frozenset())
    return all(f"& {word}" in known for word in words)


def count_contexts(captions: Iterable[ParsedCaption]) -> Mapping[str, frozenset[str]]:
    """Nouns → the contexts in which captions hold them often enough.

    Also "& word" for the words by which groups of its class are told that a noun is a certain one:
    those that go with the noun.
    """
    telling: dict[str, set[str]] = defaultdict(set)
    for group in load_lexicon().nouns.groups.values():
        telling[group.cls] |= group.unless
    any_telling = frozenset().union(*telling.values())
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    together: dict[str, Counter[str]] = defaultdict(Counter)
    words: Counter[str] = Counter()
    nouns: Counter[str] = Counter()
    number = 0
    for parsed in captions:
        number += 1
        said = any_telling & parsed.words
        words.update(said)
        for head, mention in parsed.mentions.items():
            counts[mention.noun.lemma].update(set(contexts_of(parsed, head)))
        for noun in {
            mention.noun.lemma: mention.noun for mention in parsed.mentions.values()
        }.values():
            nouns[noun.lemma] += 1
            together[noun.lemma].update(said & telling[noun.cls] - {noun.lemma})
    for lemma, found in together.items():
        counts[lemma].update(
            {
                f"& {word}": LEAST
                for word, n in found.items()
                if n >= LEAST_TOGETHER and n * number >= LIFT * nouns[lemma] * words[word]
            }
        )
    return {
        lemma: often
        for lemma, found in sorted(counts.items())
        if (often := frozenset(context for context, n in found.items() if n >= LEAST))
    }
