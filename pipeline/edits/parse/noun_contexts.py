"""Where captions hold a noun: what governs it, what it does, and what stands behind it.

A noun goes where captions have it: on a table one sits as seldom as one rides in a shelf.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.contexts import Company, Contexts
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

CONTENT = ("NN", "VB", "JJ")
"""Beginnings of the tags of words that say what a scene is like."""

LEAST_TYPICAL = 4
TYPICAL_LIFT = 4.0
"""A word is typical of a noun with which it comes so often, and so much oftener than by chance."""

EXPECTED = 5.0
"""Captions in which a noun would have such a word by now if it went with the noun."""

HELD = frozenset({"hold >", "carry >"})
OFTEN = 40
"""Captions of a noun some of which would hold it in a hand by now if one could."""


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


def keeps_other_company(
    parsed: ParsedCaption, head: int, old: Noun, other: Noun, contexts: Contexts
) -> bool:
    """Whether a word of the caption is typical of `old`, and captions do not hold it with `other`.

    "a tv with a cat on the screen" is no clock. Of a noun that captions seldom hold nothing is
    known, and nothing is refused.
    """
    own, another = contexts.company.get(old.lemma), contexts.company.get(other.lemma)
    if own is None or another is None or old.cls == "animal":
        # Any pet may lie where a cat lies.
        return False
    held = HELD.intersection(contexts_of(parsed, head))
    if another.captions >= OFTEN and not held <= contexts.by_noun.get(other.lemma, frozenset()):
        return True
    return any(
        word in parsed.lemmas
        and word not in another.goes
        and another.captions * count >= EXPECTED * own.captions
        and word != parsed.lemmas[head]
        for word, count in own.typical.items()
    )


def count_company(captions: Iterable[ParsedCaption]) -> Mapping[str, Company]:
    """Nouns that may be exchanged → which words are typical of them, and which go with them.

    Of the words that go with a noun only those are listed that are typical of another of its class.
    When something is says nothing: any thing is there at any time.
    """
    known = load_lexicon().nouns.by_lemma
    times = {lemma for lemma, noun in known.items() if noun.cls == "time"}
    number = 0
    nouns: Counter[str] = Counter()
    words: Counter[str] = Counter()
    together: dict[str, Counter[str]] = defaultdict(Counter)
    for parsed in captions:
        number += 1
        said = {
            lemma
            for lemma, tag in zip(parsed.lemmas, parsed.tags, strict=True)
            if tag.startswith(CONTENT) and len(lemma) > 2 and lemma not in times
        }
        words.update(said)
        for noun in {one.noun.lemma for one in parsed.mentions.values() if one.noun.editable}:
            nouns[noun] += 1
            together[noun].update(said.difference(noun.split()))

    def lift(noun: str, word: str) -> float:
        return together[noun][word] * number / (nouns[noun] * words[word])

    typical = {
        noun: {
            word: n
            for word, n in sorted(found.items())
            if n >= LEAST_TYPICAL and lift(noun, word) >= TYPICAL_LIFT
        }
        for noun, found in together.items()
    }
    telling: dict[str, set[str]] = defaultdict(set)
    for noun, found in typical.items():
        telling[known[noun].cls].update(found)
    return {
        noun: Company(
            captions=nouns[noun],
            typical=typical[noun],
            goes=frozenset(
                word for word in telling[known[noun].cls] & found.keys() if lift(noun, word) >= 1
            ),
        )
        for noun, found in sorted(together.items())
        if nouns[noun] >= LEAST_TYPICAL
    }


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
