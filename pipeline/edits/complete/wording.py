"""How a caption is worded, and a scene worded in the same manner."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.edits.apply.case import letter_case
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.complete.scene_bank import Part, Scene, SceneBank
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.parse.parsed_caption import ParsedCaption

DRAWN = frozenset(
    {"illustration", "vector", "cartoon", "icon", "logo", "drawing", "sketch", "clipart", "emblem",
     "graphic", "pattern", "print", "label", "sticker", "tattoo",
     "illustrations", "icons", "drawings", "wallpaper"}
)  # fmt: skip
"""Words of captions whose picture is drawn."""

PICTURES_OF = frozenset(
    {"photo", "photograph", "picture", "image", "illustration", "drawing", "painting", "sketch",
     "cartoon", "silhouette", "shot", "portrait"}
)  # fmt: skip
"""Words before "of" that any scene may be a picture by."""

BEFORE_PICTURE = frozenset(
    {"a", "an", "the", "vector", "vintage", "old", "digital", "watercolor", "oil", "pencil", "ink",
     "stock", "flat", "hand", "drawn", "-", "black", "and", "white", "monochrome", "simple"}
)  # fmt: skip
"""Words before such a word that suit any scene too."""

LONGEST_LEAD = 6
NUMBERS = ("two", "three", "two", "three", "four")
SUBJECTS = frozenset({"nsubj", "nsubjpass"})
FINITE = frozenset({"VBZ", "VBP"})
PEOPLE = "people"
LIVING = frozenset({PEOPLE, "pets", "farm", "wild", "birds", "insects", "sea"})


@dataclass(frozen=True, slots=True)
class Wording:
    """How a caption is worded.

    Attributes:
        lead: What stands before the scene, such as "a painting of "; may be empty.
        article: Whether a single thing has an article.
        plural: Whether several of the main thing are shown.
        verb: "VBZ" for "a baker kneads", "is" for "a baker is kneading", "" for neither.
        closing: What ends the text.
        capital: Whether it starts with a capital.
        length: Number of its words.
    """

    lead: str
    article: bool
    plural: bool
    verb: str
    closing: str
    capital: bool
    length: int


def wording_of(reading: ParsedCaption, main: int, sort: str) -> Wording | None:
    """How the caption is worded; None where no scene of the sort can be worded so.

    Args:
        reading: The caption.
        main: Token of its main thing.
        sort: Sort of the scene.
    """
    lead = _lead(reading)
    if not lead and not DRAWN.isdisjoint(reading.lower):
        lead = "illustration of "
    if lead and "portrait" in lead and sort not in LIVING:
        return None
    mention = reading.mentions.get(main)
    several = mention is not None and mention.plural
    behind = reading.lower[main + 1 :]
    verb = ""
    root = reading.deps.index("ROOT") if "ROOT" in reading.deps else 0
    if not lead and reading.role(main) in SUBJECTS and reading.heads[main] == root:
        if reading.tags[root] in FINITE and reading.lower[root] not in {"is", "are"}:
            verb = "VBZ"
        elif reading.tags[root] == "VBG" and ("is" in behind or "are" in behind):
            verb = "is"
    text = reading.text.rstrip()
    closing = "." if text.endswith(".") else ""
    if closing and text[:-1].endswith(" "):
        closing = " ."
    return Wording(
        lead,
        any(word in {"a", "an", "the"} for word in reading.lower),
        several,
        verb,
        closing,
        text[:1].isupper(),
        sum(1 for mark in reading.punctuation if not mark),
    )


def in_manner_of(caption: str, text: str) -> str:
    """A scene's text with the capitals and the closing mark of a caption."""
    bare = text.rstrip()
    bare = bare[:-1].rstrip() if bare.endswith(".") else bare
    closing = caption.rstrip()
    if closing.endswith("."):
        bare += " ." if closing[:-1].endswith(" ") else "."
    case = letter_case(caption)
    if case is not None:
        return case.written(bare)
    if caption.islower():
        return bare.lower()
    if caption[:1].isupper():
        return bare[:1].upper() + bare[1:]
    if caption[:1].islower() and not bare.partition(" ")[0][1:].isupper():
        return bare[:1].lower() + bare[1:]
    return bare


def _lead(reading: ParsedCaption) -> str:
    """What says that it is a picture: "a painting of "; empty where nothing does."""
    for token, word in enumerate(reading.lower[1:LONGEST_LEAD], start=1):
        if word == "of" and reading.lower[token - 1] in PICTURES_OF:
            start = (
                0
                if BEFORE_PICTURE.issuperset(reading.lower[: token - 1])
                else reading.char_spans[token - 1][0]
            )
            opening = reading.text[start : reading.char_spans[token][1]]
            return opening[:1].lower() + opening[1:] + " "
    return ""


def word_scene(
    scene: Scene,
    own_words: Collection[str],
    wording: Wording,
    bank: SceneBank,
    draw: random.Random,
) -> str | None:
    """One wording of a scene without its lead; None where the caption says some of it too."""
    if not scene.doing.repeats.isdisjoint(own_words):
        return None
    who, where = _free(scene.who, own_words), _free(scene.where, own_words)
    if not who or not where:
        return None
    thing, place = draw.choice(who).text, draw.choice(where).text
    like = draw.choice(scene.like) if scene.like else ""
    more = draw.choice(scene.more) if scene.more else None
    several = not scene.alone and (wording.plural or draw.random() < 0.15)
    number = ""
    if several:
        thing = bank.plural(thing)
        # Bare plurals where the caption has no articles either.
        number = draw.choice(NUMBERS) if wording.article or not wording.plural else ""
    doing = _inflected(scene.doing.text, several, wording)
    tail = more.text if more is not None and more.repeats.isdisjoint(own_words) else ""
    texts = [
        _join(_opened(thing, adjective, number, several, wording), doing, extra, place)
        for adjective in (like, "")
        for extra in (tail, "")
    ]
    wanted = wording.length - len(wording.lead.split())
    return min(texts, key=lambda text: abs(len(text.split()) - wanted))


def _free(parts: Sequence[Part], own_words: Collection[str]) -> list[Part]:
    """Parts of which the caption says nothing."""
    return [part for part in parts if part.repeats.isdisjoint(own_words)]


def _opened(thing: str, like: str, number: str, several: bool, wording: Wording) -> str:
    """The main thing with its adjective, and its number or article."""
    phrase = _join(like, thing)
    if several:
        return _join(number, phrase)
    return f"{article_for(phrase)} {phrase}" if wording.article else phrase


def _inflected(doing: str, several: bool, wording: Wording) -> str:
    """What is done, in a sentence where the caption is one."""
    first, _, rest = doing.partition(" ")
    if not wording.verb or not first.endswith("ing"):
        return doing
    if wording.verb == "is":
        return f"{'are' if several else 'is'} {doing}"
    return _join(verb_form(verb_lemma(first, "VBG"), "VBP" if several else "VBZ"), rest)


def _join(*parts: str) -> str:
    return " ".join(filter(None, parts))
