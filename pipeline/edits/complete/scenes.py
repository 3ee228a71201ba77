"""Complete counterfactuals from the bank of scenes.

The scene's main thing is of the same sort as the caption's, but it, what it does and where
it is are others. It is worded as the caption is: with or without articles, in a sentence or
in a phrase, about as long, closed by the same mark. So nothing but what it says tells the two
apart, and what it says reads well, because every scene was written as a whole.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.complete.main_things import STANDING_IN
from pipeline.edits.complete.places import shows_no_scene
from pipeline.edits.complete.scene_bank import Part, Scene, SceneBank, load_scenes
from pipeline.edits.complete.vocabulary_edits import (
    FEWEST_WORDS,
    MOST_WORDS,
    SETTING_CLASSES,
    UNSUITABLE,
)
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.rules.listed import is_list
from pipeline.edits.rules.object.depicted import is_visible_action

if TYPE_CHECKING:
    from spacy.tokens import Doc

DRAWN = frozenset(
    {"illustration", "vector", "cartoon", "icon", "logo", "drawing", "sketch", "clipart", "emblem",
     "graphic", "pattern", "print", "label", "sticker", "tattoo",
     "illustrations", "icons", "drawings", "wallpaper"}
)  # fmt: skip
"""Words of captions whose picture is drawn."""

TRIES = 8
"""Scenes drawn for one caption; the one whose length comes nearest is taken."""

LEADS = frozenset(
    {"photo", "photograph", "picture", "image", "illustration", "drawing", "painting", "sketch",
     "cartoon", "silhouette", "shot", "portrait"}
)  # fmt: skip
"""Words before "of" that any scene may be a picture by."""

LED = frozenset(
    {"a", "an", "the", "vector", "vintage", "old", "digital", "watercolor", "oil", "pencil", "ink",
     "stock", "flat", "hand", "drawn", "-", "black", "and", "white", "monochrome", "simple"}
)  # fmt: skip
"""Words before such a word that suit any scene too."""

LONGEST_LEAD = 6
NUMBERS = ("two", "three", "two", "three", "four")
SUBJECTS = frozenset({"nsubj", "nsubjpass"})
VERB_TAGS = frozenset({"VBZ", "VBP", "VBD", "VBG", "VBN"})
FINITE = frozenset({"VBZ", "VBP"})
PEOPLE = "people"
GENERAL = frozenset(
    {"animal", "bird", "fish", "insect", "creature", "pet", "species", "vehicle", "building",
     "tree", "plant", "flower", "food", "dish", "meal", "room", "thing"}
)  # fmt: skip
"""Main things that the thing of another scene may be one of."""
LANDSCAPE = "landscape"
LIVING = frozenset({PEOPLE, "pets", "farm", "wild", "birds", "insects", "sea"})


@dataclass(frozen=True, slots=True)
class _Manner:
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


class SceneComposer:
    """Draws scenes from the bank that contradict a caption in several respects."""

    name = "full.scene"

    def __init__(self, run_seed: int) -> None:
        """Use the packaged bank, with draws that follow from the run seed and the anchor."""
        self._run_seed = run_seed
        self._bank = load_scenes()

    def compose(self, anchor_id: str, doc: Doc, wanted: int) -> list[FullCaption]:
        """Up to `wanted` different scenes; none where too little of the caption is known."""
        reading = parsed_caption(doc)
        if (
            wanted < 1
            or not reading.is_description
            or reading.is_conversational
            or is_list(reading)
        ):
            return []
        if not UNSUITABLE.isdisjoint(reading.lower) or shows_no_scene(reading):
            return []
        main = _main(reading)
        sort = self._sort(reading, main) if main is not None else None
        if main is None or sort is None:
            return []
        contradicts = _contradicted(reading, main, sort)
        if len(contradicts) < 2:
            return []
        manner = _manner(reading, main, sort)
        if manner is None:
            return []
        captions: dict[str, FullCaption] = {}
        for number in range(wanted):
            seed = derive_seed(self._run_seed, anchor_id, f"scene{number}")
            # Not for secrets: a reproducible draw.
            draw = random.Random(seed)  # noqa: S311
            text = self._one(reading, sort, manner, draw)
            if text is not None:
                captions.setdefault(text, FullCaption(text, "rules", self.name, contradicts))
        return list(captions.values())

    def _sort(self, reading: ParsedCaption, main: int) -> str | None:
        mention = reading.mentions.get(main)
        if mention is not None:
            return self._bank.sort_of(mention.noun)
        return "wild" if reading.lower[main] == "species" else PEOPLE

    def _one(
        self, reading: ParsedCaption, sort: str, manner: _Manner, draw: random.Random
    ) -> str | None:
        """The best of some scenes: the one about as long as the caption."""
        scenes = self._bank.scenes.get(sort, ())
        said = reading.words | frozenset(reading.lemmas)
        best: tuple[int, str] | None = None
        for scene in draw.sample(scenes, min(TRIES, len(scenes))):
            words = _draw_words(scene, said, manner, self._bank, draw)
            if words is None:
                continue
            text = manner.lead + words
            length = len(text.split())
            off = abs(length - manner.length)
            if FEWEST_WORDS <= length <= MOST_WORDS and (best is None or off < best[0]):
                best = off, text
        if best is None:
            return None
        text = best[1] + manner.closing
        return text[:1].upper() + text[1:] if manner.capital else text


def _main(reading: ParsedCaption) -> int | None:
    """Token of the thing that a caption is about: a known noun, or a stand-in for a name."""
    known = [
        token
        for token in range(len(reading))
        if token in reading.mentions
        or (token in reading.protected and reading.lower[token] in STANDING_IN)
    ]
    for fits in (_is_pictured, _leads):
        for token in known:
            if fits(reading, token):
                return token
    return None


def _leads(reading: ParsedCaption, token: int) -> bool:
    """Whether the caption is this thing, or says something of it."""
    return reading.role(token) in {"ROOT", *SUBJECTS}


def _is_pictured(reading: ParsedCaption, token: int) -> bool:
    """Whether it is the first thing behind a "photo of"."""
    of = reading.heads[token]
    return (
        reading.deps[token] == "pobj"
        and reading.lower[of] == "of"
        and reading.lower[reading.heads[of]] in LEADS
    )


def _contradicted(reading: ParsedCaption, main: int, sort: str) -> tuple[str, ...]:
    """In what the scene contradicts what the caption says; the setting is always another.

    Somebody may be a baker, a bird may be a robin, and a lake may lie in a valley, so what
    they do or what is beside them must be told too.
    """
    mention = reading.mentions.get(main)
    lemma = reading.lower[main] if mention is None else mention.noun.lemma
    may_be_one = sort in {PEOPLE, LANDSCAPE} or lemma in GENERAL
    doing = any(
        tag in VERB_TAGS and is_visible_action(reading, token)
        for token, tag in enumerate(reading.tags)
    )
    others = [m for head, m in reading.mentions.items() if head != main]
    placed = any(mention.noun.cls in SETTING_CLASSES for mention in others)
    found = []
    if not may_be_one or others:
        found.append(str(EditKind.OBJECT))
    if doing:
        found.append(str(EditKind.ACTION))
    if not may_be_one or placed:
        found.append("setting")
    return tuple(found)


def _manner(reading: ParsedCaption, main: int, sort: str) -> _Manner | None:
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
    return _Manner(
        lead,
        any(word in {"a", "an", "the"} for word in reading.lower),
        several,
        verb,
        closing,
        text[:1].isupper(),
        sum(1 for mark in reading.punctuation if not mark),
    )


def _lead(reading: ParsedCaption) -> str:
    """What says that it is a picture: "a painting of "; empty where nothing does."""
    for token, word in enumerate(reading.lower[1:LONGEST_LEAD], start=1):
        if word == "of" and reading.lower[token - 1] in LEADS:
            start = (
                0
                if LED.issuperset(reading.lower[: token - 1])
                else reading.char_spans[token - 1][0]
            )
            opening = reading.text[start : reading.char_spans[token][1]]
            return opening[:1].lower() + opening[1:] + " "
    return ""


def _draw_words(
    scene: Scene,
    said: Collection[str],
    manner: _Manner,
    bank: SceneBank,
    draw: random.Random,
) -> str | None:
    """One wording of a scene without its lead; None where the caption says some of it too."""
    if not scene.doing.shows.isdisjoint(said):
        return None
    who, where = _free(scene.who, said), _free(scene.where, said)
    if not who or not where:
        return None
    thing, place = draw.choice(who).text, draw.choice(where).text
    like = draw.choice(scene.like) if scene.like else ""
    more = draw.choice(scene.more) if scene.more else None
    several = not scene.alone and (manner.plural or draw.random() < 0.15)
    number = ""
    if several:
        thing = bank.plural(thing)
        # Bare plurals where the caption has no articles either.
        number = draw.choice(NUMBERS) if manner.article or not manner.plural else ""
    doing = _worded(scene.doing.text, several, manner)
    tail = more.text if more is not None and more.shows.isdisjoint(said) else ""
    texts = [
        _join(_opened(thing, adjective, number, several, manner), doing, extra, place)
        for adjective in (like, "")
        for extra in (tail, "")
    ]
    wanted = manner.length - len(manner.lead.split())
    return min(texts, key=lambda text: abs(len(text.split()) - wanted))


def _free(parts: Sequence[Part], said: Collection[str]) -> list[Part]:
    """Parts of which the caption says nothing."""
    return [part for part in parts if part.shows.isdisjoint(said)]


def _opened(thing: str, like: str, number: str, several: bool, manner: _Manner) -> str:
    """The main thing with its adjective, and its number or article."""
    phrase = _join(like, thing)
    if several:
        return _join(number, phrase)
    return f"{article_for(phrase)} {phrase}" if manner.article else phrase


def _worded(doing: str, several: bool, manner: _Manner) -> str:
    """What is done, in a sentence where the caption is one."""
    first, _, rest = doing.partition(" ")
    if not manner.verb or not first.endswith("ing"):
        return doing
    if manner.verb == "is":
        return f"{'are' if several else 'is'} {doing}"
    return _join(verb_form(verb_lemma(first, "VBG"), "VBP" if several else "VBZ"), rest)


def _join(*parts: str) -> str:
    return " ".join(filter(None, parts))
