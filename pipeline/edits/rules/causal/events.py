"""Events as clauses ("the street is wet") and as nominals ("the street being wet")."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.edits.apply.grammar import article_for
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_form
from pipeline.edits.parse.phrases import is_plural, wordset
from pipeline.edits.parse.word_tree import Phrase, Word

POSSESSIVE = {"he": "his", "she": "her", "they": "their", "it": "its", "i": "my", "we": "our",
              "you": "your"}  # fmt: skip
WEATHER = {"rain": "the rain", "snow": "the snow", "hail": "the hail", "drizzle": "the drizzle",
           "storm": "the storm", "pour": "the rain"}  # fmt: skip
NAMES_BACK = wordset("he she they it his her their its him them this that these those")
UNCOUNTED = wordset(
    "damage rain rainfall snow snowfall wind weather heat cold smoke water demand sunlight light "
    "fog ice traffic flooding lightning thunder erosion pollution laughter joy anger fear panic "
    "confusion destruction closure congestion sunshine handling overcrowding steam dust mud "
    "excitement happiness fatigue hunger work wear rust frost humidity"
)
"""Words that stand without an article in the singular."""
POINTING = wordset("my your his her its our their this that these those")
FINITE = frozenset({"VBZ", "VBP", "VBD"})


@dataclass(frozen=True, slots=True)
class Event:
    """A visible event, in the two forms that connectives ask for.

    Attributes:
        clause: A sentence without its stop: "the street is wet"; empty for a noun phrase
            that "there is" cannot introduce.
        nominal: A noun phrase: "the street being wet", "the rain".
        plural: Whether the nominal takes a verb in the plural.
        subject: The subject of the clause as it stands there, or "" where there is none.
    """

    clause: str
    nominal: str
    plural: bool = False
    subject: str = ""


def read_event(span: Phrase) -> Event | None:
    """Both forms of a parsed clause or noun phrase; None where the parse gives none for sure."""
    root = _root(span)
    if root is None:
        return None
    if root.pos in {"NOUN", "PROPN"} and not any(c.dep == "nsubj" for c in root.children):
        return _of_noun(span, root)
    if root.pos in {"VERB", "AUX"}:
        return _of_clause(span, root)
    return None


def _root(span: Phrase) -> Word | None:
    inside = {token.i for token in span}
    roots = [t for t in span if (t.head == t or t.head.i not in inside) and not t.is_punct]
    return roots[0] if len(roots) == 1 else None


def _of_noun(span: Phrase, root: Word) -> Event | None:
    """A noun phrase: "heavy rain" is there."""
    if any(t.tag in FINITE for t in span) and not any(t.dep == "relcl" for t in span):
        return None
    if any(child.dep == "nummod" for child in root.children) and not is_plural(root):
        return None
    text = _inside(span)
    plural = is_plural(root) or any(c.dep == "conj" for c in root.children)
    entry = load_lexicon().nouns.by_lemma.get(root.lemma)
    uncounted = root.lemma in UNCOUNTED or (entry is not None and entry.mass)
    thing = text
    if span[0].lower == "the":
        thing = text[len("the ") :]
        if not plural and not uncounted:
            thing = f"{article_for(thing)} {thing}"
    bare = not any(c.dep in {"det", "nummod"} for c in root.children)
    if (bare and not plural and not uncounted) or span[0].lower in POINTING:
        return Event("", text, plural)
    return Event(f"there {'are' if plural else 'is'} {thing}", text, plural)


def _inside(span: Phrase) -> str:
    """Text of a span as it stands inside a sentence: without the capital of a beginning."""
    text, first = span.text, span[0]
    keeps = (
        first.pos == "PROPN"
        or first.lower == "i"
        or len(first.text) > 1 < sum(letter.isupper() for letter in first.text)
    )
    return text if keeps else text[0].lower() + text[1:]


def _of_clause(span: Phrase, root: Word) -> Event | None:
    """A sentence: its gerund with the subject before it is the nominal."""
    words = root.words
    subject = next((c for c in root.lefts if c.dep in {"nsubj", "nsubjpass", "expl"}), None)
    helpers = [c for c in root.lefts if c.dep in {"aux", "auxpass"}]
    if subject is None and helpers:
        # The parse may hang the subject on the auxiliary.
        subject = next((c for c in helpers[0].lefts if c.dep in {"nsubj", "nsubjpass"}), None)
    if subject is None or subject.lower in {"which", "that", "who", "i", "you", "we"}:
        return None
    if any(h.tag in {"MD", "TO"} for h in helpers):
        return None
    finite = helpers[0] if helpers else root
    if finite.tag not in FINITE or finite.i < subject.i:
        return None
    clause = _inside(span)
    if subject.lower == "it" and root.lemma in WEATHER:
        return Event(clause, WEATHER[root.lemma])
    last = span[-1].i + 1
    if subject.dep == "expl":
        if root.lemma != "be" or root.i + 1 >= last:
            return None
        thing = next((c for c in root.rights if c.dep == "attr"), None)
        rest = words.text_of(root.i + 1, last)
        return Event(clause, rest, thing is not None and is_plural(thing))
    who = _inside(words.phrase(span.start, finite.i))
    who = POSSESSIVE.get(who.lower(), who)
    after = words[finite.i + 1 : last]
    negated = bool(len(after)) and after[0].lower in {"not", "n't"}
    rest = words.text_of(finite.i + 1 + negated, last)
    if helpers and finite.lemma == "be" and root.tag == "VBG":
        nominal = f"{who} {'not ' if negated else ''}{rest}"
    elif helpers and finite.lemma == "do":
        body = verb_form(root.lemma, "VBG")
        nominal = f"{who} not {body} {words.text_of(root.i + 1, last)}"
    else:
        gerund = verb_form(finite.lemma if finite.lower != "'s" else "be", "VBG")
        nominal = f"{who} {'not ' if negated else ''}{gerund} {rest}"
    named = words.text_of(subject.first, subject.last + 1)
    return Event(clause, nominal.strip(), subject=named)
