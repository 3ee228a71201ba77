"""Whether a text is plain English about a picture: no names, no other language, no talk."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from pipeline.core.stage import Fault
from pipeline.edits.apply.stated_twice import VALUES
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.gate_words import load_gate_words

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SPEAKERS = frozenset({"i", "me", "my", "you", "your", "we", "our", "us", "i'm", "i’m", "i'll"})
MOST_UNKNOWN = 0.25
"""Share of words that English does not know, above which a caption is in another language."""

LEAST_WORDS = 6
MOST_REPEATS = 3
LEAST_VARIETY = 0.5


@cache
def is_english(word: str) -> bool:
    """Whether English has a word: by the lexicon, or by lemminflect's dictionary."""
    from lemminflect import getAllLemmas

    words = load_gate_words()
    if word in words.function_words | words.relation_words | words.negators | VALUES.keys():
        return True
    if _is_known_visible(word):
        return True
    if not word.isascii():
        return bool(_plain(word) != word and getAllLemmas(_plain(word)) and len(word) > 3)
    if getAllLemmas(word):
        return True
    # "skateboarder", "cupcakes", "streetlight": a known word with an ending, or two in one.
    for ending in ("ers", "er", "s", "ed", "ing", "y", "like", "less", "wards", "'s", "’s"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 3 and (getAllLemmas(stem) or _is_known_visible(stem)):
            return True
    return any(
        len(word[:cut]) > 2 and getAllLemmas(word[:cut]) and getAllLemmas(word[cut:])
        for cut in range(4, len(word) - 3)
    )


def _plain(word: str) -> str:
    import unicodedata

    decomposed = unicodedata.normalize("NFD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@cache
def _is_known_visible(word: str) -> bool:
    lexicon = load_lexicon()
    qualities = lexicon.qualities
    return (
        word in _noun_words()
        or word in qualities.colours.words
        or word in qualities.by_word
        or word in lexicon.actions.by_verb
    )


@cache
def _noun_words() -> frozenset[str]:
    return frozenset(word for form in load_lexicon().nouns.forms for word in form.split())


def foreign_words(text: str, anchor: str) -> list[str]:
    """Words of a text that neither English nor the anchor has."""
    own = set(WORD.findall(anchor.lower()))
    words = [word.lower().replace("’", "'") for word in WORD.findall(text)]
    return [word for word in words if word not in own and not is_english(word)]


def foreign_edit(new: str, anchor: str) -> Fault | None:
    """Whether the new words of an edit are not English."""
    strange = foreign_words(new, anchor)
    if strange and 2 * len(strange) >= len(WORD.findall(new)):
        return Fault("text.not_english", f"{strange[0]!r} is no English word")
    return None


def foreign_scene(text: str, anchor: str) -> Fault | None:
    """Whether a caption is in another language."""
    words = WORD.findall(text)
    strange = foreign_words(text, anchor)
    if words and len(strange) > MOST_UNKNOWN * len(words):
        return Fault("text.not_english", f"English knows no {', '.join(strange[:3])}")
    return None


def name_in(new: str, anchor: str, *, begins: bool) -> Fault | None:
    """A name that a model writes: capitals where the anchor's own style asks for none.

    Args:
        new: What the model wrote, in its own letters.
        anchor: The anchor's caption.
        begins: Whether the words come to stand at the beginning of a caption.
    """
    own = set(WORD.findall(anchor.lower()))
    matches = list(WORD.finditer(new))
    big = [match for match in matches if _has_capital(match.group())]
    if len(matches) > 1 and len(big) == len(matches) > 2 and anchor[:1].isupper():
        return None
    previous = None
    for match in big:
        word = match.group()
        is_first = begins and match.start() == matches[0].start()
        beside = previous is not None and new[previous.end() : match.start()] in {" ", "-"}
        previous = match
        if word.lower() in own or word in {"I", "TV"}:
            continue
        mixed = word[1:] != word[1:].lower() and not word.isupper()
        known = _is_known_visible(word.lower())
        if mixed or (beside and not known) or (not is_first and not known and len(word) > 1):
            return Fault("text.name", f"{word!r} is a name")
        if beside and not begins:
            return Fault("text.name", f"{word!r} is part of a name")
    return None


def _has_capital(word: str) -> bool:
    return word != word.lower()


def talk_fault(text: str, anchor: str) -> Fault | None:
    """What an assistant says about its task instead of describing a picture."""
    low, own = text.lower().replace("’", "'"), anchor.lower()
    match = load_gate_words().talking.search(low)
    if match is not None and match.group() not in own:
        return Fault("text.assistant_talk", f"{match.group()!r} is no part of a picture")
    speakers = set(WORD.findall(low)) & SPEAKERS - set(WORD.findall(own))
    if speakers:
        return Fault("text.assistant_talk", f"{sorted(speakers)[0]!r}: somebody speaks")
    return None


def repetition_fault(text: str) -> Fault | None:
    """Whether a text says the same words again and again."""
    words = [word.lower() for word in WORD.findall(text)]
    for at in range(len(words) - 1):
        if words[at] == words[at + 1] and words[at] not in {"that", "had", "her"}:
            return Fault("text.repetition", f"{words[at]!r} twice in a row")
    if len(words) >= LEAST_WORDS:
        content = [word for word in words if word not in load_gate_words().function_words] or words
        if len(set(content)) < LEAST_VARIETY * len(content) + 0.01:
            return Fault("text.repetition", "the same words again and again")
        threes = Counter(zip(words, words[1:], words[2:], strict=False))
        if threes and max(threes.values()) >= MOST_REPEATS:
            return Fault("text.repetition", "the same phrase again and again")
    return None
