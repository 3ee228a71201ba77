"""Repairs that an edit demands: a/an, agreement of noun, verb and determiner.

Every repair is a :class:`TokenPiece` with the role REPAIR. Where a sentence would need
more than these, the functions return None, and the rule gives the edit up.
"""

from __future__ import annotations

from pipeline.core.records import Role
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.parse.reading import Reading

VOWEL_LETTERS = frozenset("aeiou")
SILENT_H = ("hour", "honest", "honor", "honour", "heir")
CONSONANT_SOUND = (
    "uni", "use", "usu", "uti", "eu", "ewe", "one", "once", "ukulele", "ufo", "urinal", "ute",
)  # fmt: skip
VOWEL_SOUND_ANYWAY = ("unin", "unim", "unid", "unif", "unis")
LETTER_NAMES_WITH_VOWEL = frozenset("aefhilmnorsx")

TO_PLURAL = {"this": "these", "that": "those", "is": "are", "was": "were", "has": "have",
             "does": "do", "isn't": "aren't", "doesn't": "don't"}  # fmt: skip
TO_SINGULAR = {"these": "this", "those": "that", "are": "is", "were": "was", "have": "has",
               "do": "does", "'re": "is"}  # fmt: skip
FINITE = {"VBZ", "VBP", "VBD"}


def article_for(word: str) -> str:
    """`a` or `an` before a word, by its sound.

    It agrees with 7,338 of the 7,359 articles in 12,000 web captions, the library inflect with
    7,340; the two more are "a 8th", which is a mistake there.
    """
    low = word.lower()
    if low.startswith(SILENT_H):
        return "an"
    if low.startswith(VOWEL_SOUND_ANYWAY):
        # "unidentified" sounds like "un", "uniform" like "you".
        return "an" if low.startswith(("unin", "unim", "unid")) else "a"
    if low.startswith(CONSONANT_SOUND):
        return "a"
    if len(low) <= 4 and low.isalpha() and word.isupper():
        return "an" if low[0] in LETTER_NAMES_WITH_VOWEL else "a"
    return "an" if low[:1] in VOWEL_LETTERS or low[:1] == "8" else "a"


def article_repair(reading: Reading, position: int, new_word: str) -> TokenPiece | None:
    """Repair of the article right before `position` when `new_word` comes to stand there."""
    before = position - 1
    if before < 0 or reading.lower[before] not in {"a", "an"}:
        return None
    right = article_for(new_word)
    if reading.lower[before] == right:
        return None
    return TokenPiece(before, position, right, Role.REPAIR)


def verbs_agreeing_with(reading: Reading, noun: int) -> list[int]:
    """Tokens that carry the number of `noun`: finite verbs and auxiliaries it governs."""
    verbs: list[int] = []
    heads: list[int] = []
    is_subject = reading.deps[noun] in {"nsubj", "nsubjpass"}
    if is_subject or (
        reading.deps[noun] == "attr" and _is_existential(reading, reading.heads[noun])
    ):
        heads.append(reading.heads[noun])
    heads += [
        child
        for child in reading.children[noun]
        if reading.deps[child] == "relcl" and _relative_subject(reading, child)
    ]
    heads += [
        child
        for head in heads
        for child in reading.children[head]
        if reading.deps[child] == "conj" and reading.child(child, "nsubj", "nsubjpass") is None
    ]
    for head in heads:
        auxiliaries = [
            child for child in reading.children[head] if reading.deps[child] in {"aux", "auxpass"}
        ]
        carriers = [token for token in (*auxiliaries, head) if reading.tags[token] in FINITE]
        if not auxiliaries and reading.deps[head] == "conj" and reading.tags[head] == "VB":
            # "they leave and walk": the second verb is finite too, whatever its tag says.
            carriers = [head]
        if any(reading.tags[token] == "MD" for token in auxiliaries):
            continue
        if carriers[:1] and _is_noun_after_all(reading, carriers[0]):
            continue
        verbs += carriers[:1]
    return verbs


def _is_noun_after_all(reading: Reading, verb: int) -> bool:
    """Whether a "verb" is a plural noun behind its adjective: "fallen autumn leaves"."""
    if verb < 2 or reading.tags[verb] != "VBZ":
        return False
    entry = load_lexicon().nouns.forms.get(reading.lower[verb])
    before = reading.tags[verb - 1], reading.tags[verb - 2]
    return entry is not None and entry[1] and before[0] == "NN" and before[1] in {"VBN", "JJ"}


def _is_existential(reading: Reading, verb: int) -> bool:
    return reading.child(verb, "expl") is not None


def _relative_subject(reading: Reading, verb: int) -> bool:
    subject = reading.child(verb, "nsubj", "nsubjpass")
    return subject is not None and reading.lower[subject] in {"who", "that", "which"}


def agree(reading: Reading, noun: int, *, plural: bool) -> list[TokenPiece]:
    """Repairs of the verbs that agree with `noun` when its number changes."""
    pieces: list[TokenPiece] = []
    for verb in verbs_agreeing_with(reading, noun):
        word = reading.lower[verb]
        table = TO_PLURAL if plural else TO_SINGULAR
        if word == "'s":
            # "there's a dog" → "there are two dogs": the clitic takes a space.
            new = " are" if plural else "'s"
        elif word in table:
            new = table[word]
        elif plural and reading.tags[verb] == "VBZ":
            new = verb_lemma(word, "VBZ")
        elif not plural and reading.tags[verb] in {"VBP", "VB"}:
            new = verb_form(verb_lemma(word, "VBP"), "VBZ")
        else:
            continue
        if new != word:
            pieces.append(TokenPiece(verb, verb + 1, new, Role.REPAIR))
    return pieces
