"""Complete counterfactuals from the bank of scenes.

The scene's main thing is of the same sort as the caption's, but it, what it does and where
it is are others. It is worded as the caption is: with or without articles, in a sentence or
in a phrase, about as long, closed by the same mark. So nothing but what it says tells the two
apart, and what it says reads well, because every scene was written as a whole.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.complete.eligibility import FEWEST_WORDS, MOST_WORDS, allows_another_scene
from pipeline.edits.complete.main_things import PLACEHOLDER_NOUNS
from pipeline.edits.complete.scene_bank import load_scenes
from pipeline.edits.complete.settings import SETTING_CLASSES
from pipeline.edits.complete.wording import (
    PEOPLE,
    PICTURES_OF,
    SUBJECTS,
    Wording,
    word_scene,
    wording_of,
)
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.rules.object.depicted import is_visible_action

if TYPE_CHECKING:
    from spacy.tokens import Doc

TRIES = 8
"""Scenes drawn for one caption; the one whose length comes nearest is taken."""

VERB_TAGS = frozenset({"VBZ", "VBP", "VBD", "VBG", "VBN"})
GENERAL = frozenset(
    {"animal", "bird", "fish", "insect", "creature", "pet", "species", "vehicle", "building",
     "tree", "plant", "flower", "food", "dish", "meal", "room", "thing"}
)  # fmt: skip
"""Main things that the thing of another scene may be one of."""
LANDSCAPE = "landscape"


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
        if wanted < 1 or not allows_another_scene(reading):
            return []
        main = _main_thing(reading)
        sort = self._sort(reading, main) if main is not None else None
        if main is None or sort is None:
            return []
        contradicts = _contradicted(reading, main, sort)
        if len(contradicts) < 2:
            return []
        wording = wording_of(reading, main, sort)
        if wording is None:
            return []
        captions: dict[str, FullCaption] = {}
        for number in range(wanted):
            seed = derive_seed(self._run_seed, anchor_id, f"scene{number}")
            # Not for secrets: a reproducible draw.
            draw = random.Random(seed)  # noqa: S311
            text = self._draw_caption(reading, sort, wording, draw)
            if text is not None:
                captions.setdefault(text, FullCaption(text, "rules", self.name, contradicts))
        return list(captions.values())

    def _sort(self, reading: ParsedCaption, main: int) -> str | None:
        mention = reading.mentions.get(main)
        if mention is not None:
            return self._bank.sort_of(mention.noun)
        return "wild" if reading.lower[main] == "species" else PEOPLE

    def _draw_caption(
        self, reading: ParsedCaption, sort: str, wording: Wording, draw: random.Random
    ) -> str | None:
        """The best of some scenes: the one about as long as the caption."""
        scenes = self._bank.scenes.get(sort, ())
        own_words = reading.words | frozenset(reading.lemmas)
        best: tuple[int, str] | None = None
        for scene in draw.sample(scenes, min(TRIES, len(scenes))):
            words = word_scene(scene, own_words, wording, self._bank, draw)
            if words is None:
                continue
            text = wording.lead + words
            length = len(text.split())
            off = abs(length - wording.length)
            if FEWEST_WORDS <= length <= MOST_WORDS and (best is None or off < best[0]):
                best = off, text
        if best is None:
            return None
        text = best[1] + wording.closing
        return text[:1].upper() + text[1:] if wording.capital else text


def _main_thing(reading: ParsedCaption) -> int | None:
    """Token of the thing that a caption is about: a known noun, or a stand-in for a name."""
    known = [
        token
        for token in range(len(reading))
        if token in reading.mentions
        or (token in reading.protected and reading.lower[token] in PLACEHOLDER_NOUNS)
    ]
    for fits in (_is_depicted_thing, _is_root_or_subject):
        for token in known:
            if fits(reading, token):
                return token
    return None


def _is_root_or_subject(reading: ParsedCaption, token: int) -> bool:
    """Whether the caption is this thing, or says something of it."""
    return reading.role(token) in {"ROOT", *SUBJECTS}


def _is_depicted_thing(reading: ParsedCaption, token: int) -> bool:
    """Whether it is the first thing behind a "photo of"."""
    of = reading.heads[token]
    return (
        reading.deps[token] == "pobj"
        and reading.lower[of] == "of"
        and reading.lower[reading.heads[of]] in PICTURES_OF
    )


def _contradicted(reading: ParsedCaption, main: int, sort: str) -> tuple[str, ...]:
    """In what the scene contradicts what the caption says; the setting is always another.

    Somebody may be a baker, a bird may be a robin, and a lake may lie in a valley, so what
    they do or what is beside them must be told too.
    """
    mention = reading.mentions.get(main)
    lemma = reading.lower[main] if mention is None else mention.noun.lemma
    is_general = sort in {PEOPLE, LANDSCAPE} or lemma in GENERAL
    doing = any(
        tag in VERB_TAGS and is_visible_action(reading, token)
        for token, tag in enumerate(reading.tags)
    )
    others = [m for head, m in reading.mentions.items() if head != main]
    placed = any(mention.noun.cls in SETTING_CLASSES for mention in others)
    found = []
    if not is_general or others:
        found.append(str(EditKind.OBJECT))
    if doing:
        found.append(str(EditKind.ACTION))
    if not is_general or placed:
        found.append("setting")
    return tuple(found)
