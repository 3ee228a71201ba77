"""Captions of scenes, worded in many ways, with a record of what each one states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.training.world.scene import COLOURS, SETTINGS, STATES, THINGS, Scene, Thing
from pipeline.training.world.wording import (
    COUNT_WORDS,
    RELATION_PHRASES,
    SETTING_PHRASES,
    SIZE_WORDS,
    WEATHER_WORDS,
    Wording,
    article,
    noun,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a caption says of its picture.

    Attributes:
        of: What it is about: "name0", "colour0", "size1", "count", "state0", "relation",
            "setting", "hat", "weather", "present" (a thing's name), 0 and 1 being the first
            and the second thing that the *caption* names.
        value: What it says.
        holds: False for a negated fact.
    """

    of: str
    value: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a caption and the thing they are part of: its index in the scene, or None."""

    text: str
    about: int | None = None


@dataclass(frozen=True, slots=True)
class WorldCaption:
    """A caption with its ground truth.

    Attributes:
        pieces: Its words in order.
        facts: All that it states.
        order: Indexes of the scene's things in the order in which the caption names them.
        places: Whether it says where each thing is; false for "a dog and a cat".
    """

    pieces: tuple[Piece, ...]
    facts: tuple[Fact, ...]
    order: tuple[int, ...]
    places: bool

    @property
    def text(self) -> str:
        """The caption."""
        words = " ".join(piece.text for piece in self.pieces if piece.text)
        return words.replace(" ,", ",")


def describe(scene: Scene, wording: Wording) -> WorldCaption:
    """Word a scene. The same wording gives parallel captions to scenes of the same layout."""
    if scene.layout == "weather":
        return _frame_weather(scene, wording)
    if scene.layout == "group":
        return _describe_group(scene, wording)
    return _describe_pair(scene, wording)


def _describe_group(scene: Scene, wording: Wording) -> WorldCaption:
    thing = scene.things[0]
    core, facts = _phrase(thing, 0, 0, wording)
    facts.append(Fact("count", str(thing.count)))
    if scene.hat or (scene.can_wear and wording.hat):
        options = (
            ("wearing a hat", "with a hat", "in a hat")
            if scene.hat
            else (
                "without a hat",
                "not wearing a hat",
                "with no hat",
            )
        )
        core.append(Piece(wording.pick(options, 4), 0))
        facts.append(Fact("hat", "yes" if scene.hat else "no"))
    return _finish(scene, wording, core, facts, (0,), places=True)


def _describe_pair(scene: Scene, wording: Wording) -> WorldCaption:
    relation = {"beside": "left", "above": "above", "inside": "inside"}[scene.layout]
    order = (0, 1)
    places = True
    if scene.layout != "inside":
        if wording.swaps_order:
            order = (1, 0)
            relation = {"left": "right", "above": "below"}[relation]
        if wording.vague:
            near = scene.layout == "beside" and wording.picks[5] < 0.5
            relation, places = ("next to" if near else "and"), False
    first, facts = _phrase(scene.things[order[0]], order[0], 0, wording)
    second, more = _phrase(scene.things[order[1]], order[1], 1, wording)
    facts += more
    if relation != "and":
        facts.append(Fact("relation", relation))
    link = Piece(wording.pick(RELATION_PHRASES[relation], 6))
    if scene.layout == "inside" and wording.swaps_order:
        order = (1, 0)
        facts = [
            replace(f, of=f.of[:-1] + ("1" if f.of[-1] == "0" else "0"))
            if f.of[-1] in "01"
            else (replace(f, value="holds") if f.of == "relation" else f)
            for f in facts
        ]
        core = [*second, Piece("with"), *first, Piece("inside")]
    else:
        core = [*first, link, *second]
    return _finish(scene, wording, core, facts, order, places=places)


def _phrase(
    thing: Thing, about: int, place: int, wording: Wording, *, known: bool = False
) -> tuple[list[Piece], list[Fact]]:
    """Noun phrase of a thing, its words one piece each, and the facts that it states.

    Args:
        thing: What to name.
        about: Its index in the scene.
        place: 0 for the first thing that the caption names, 1 for the second.
        wording: The choices.
        known: "the" in place of "a".
    """
    words: list[str] = []
    facts = [Fact(f"name{place}", thing.name)]
    if wording.size[about]:
        words.append(wording.pick(SIZE_WORDS[thing.size], 2 + about))
        facts.append(Fact(f"size{place}", thing.size))
    if thing.state and not known and (wording.state or thing.state != STATES[thing.name][0]):
        words.append(thing.state)
        facts.append(Fact(f"state{place}", thing.state))
    negated = wording.negation < 0.04 and about == 0
    if wording.colour[about] and not negated:
        words.append(thing.colour)
        facts.append(Fact(f"colour{place}", thing.colour))
    words.append(noun(thing.name, thing.count))
    if known:
        words.insert(0, "the")
    else:
        number = wording.pick(COUNT_WORDS[thing.count], about)
        words.insert(0, article(words[0]) if number == "a" else number)
    pieces = [Piece(word, about) for word in words]
    if negated:
        other = _other(COLOURS, thing.colour, wording.picks[7])
        verb = "that are not" if thing.count > 1 else "that is not"
        pieces.append(Piece(f"{verb} {other}", about))
        facts.append(Fact(f"colour{place}", other, holds=False))
    return pieces, facts


def _other(options: Sequence[str], value: str, choice: float) -> str:
    others = [option for option in options if option != value]
    return others[int(choice * len(others))]


def _finish(
    scene: Scene,
    wording: Wording,
    core: list[Piece],
    facts: list[Fact],
    order: tuple[int, ...],
    *,
    places: bool,
) -> WorldCaption:
    """Add the setting, negations and the frame of the sentence."""
    tail: list[Piece] = []
    if wording.setting:
        tail.append(Piece(wording.pick(SETTING_PHRASES[scene.setting], 8)))
        facts.append(Fact("setting", scene.setting))
    _negate(scene, wording, tail, facts)
    verb = "are" if scene.things[0].count > 1 else "is"
    frame = wording.frame
    negates = 0.04 <= wording.negation < 0.16
    if frame < 0.45 or (tail and negates and frame < 0.75):
        pieces = [*core, *tail]
    elif frame < 0.6:
        pieces = [Piece(f"there {verb}"), *core, *tail]
    elif frame < 0.75 and wording.setting:
        pieces = [*tail, Piece(","), *core]
    elif frame < 0.85 and wording.setting and places and len(order) == 1:
        pieces = [*core, Piece(verb), *tail]
    else:
        opening = wording.pick(("a picture of", "an image of", "a photo of", "a drawing of"), 9)
        pieces = [Piece(opening), *core, *tail]
    return WorldCaption(tuple(pieces), tuple(facts), order, places)


def _negate(scene: Scene, wording: Wording, tail: list[Piece], facts: list[Fact]) -> None:
    """Sometimes say what is not there, or what the setting is not."""
    if 0.04 <= wording.negation < 0.09:
        names = {thing.name for thing in scene.things}
        absent = _other([t for t in THINGS if t not in names], "", wording.picks[7])
        words = wording.pick(("but no", "and no", "without a", "without any"), 10)
        a = f"without {article(absent)}" if words == "without a" else words
        plural = noun(absent, 2) if words == "without any" else absent
        tail.insert(0, Piece(f"{a} {plural}"))
        facts.append(Fact("present", absent, holds=False))
    elif 0.09 <= wording.negation < 0.16:
        other = _other(SETTINGS, scene.setting, wording.picks[7])
        phrase = wording.pick(SETTING_PHRASES[other], 10)
        tail.append(Piece(f", not {phrase}" if wording.setting else f"not {phrase}"))
        facts.append(Fact("setting", other, holds=False))


def _frame_weather(scene: Scene, wording: Wording) -> WorldCaption:
    """Cause and effect in one sentence, or the two side by side."""
    thing = scene.things[0]
    (clause, of, place), (_, the, thing_above) = WEATHER_WORDS[scene.weather]
    wording = replace(wording, negation=1.0)
    known, facts = _phrase(thing, 0, 0, wording, known=True)
    plain, plain_facts = _phrase(thing, 0, 0, replace(wording, state=True))
    facts += [Fact("weather", scene.weather)]
    states = [Piece("is"), Piece(thing.state, 0)]
    stated = [*facts, Fact("state0", thing.state)]
    tail: list[Piece] = []
    if wording.setting:
        tail.append(Piece(wording.pick(SETTING_PHRASES[scene.setting], 8)))
        stated.append(Fact("setting", scene.setting))
    frames: tuple[list[Piece], ...] = (
        [*known, *tail, *states, Piece("because"), Piece(clause)],
        [Piece("because"), Piece(clause), Piece(","), *known, *tail, *states],
        [*known, *tail, *states, Piece("because"), Piece(of)],
        [*known, *tail, *states, Piece("due to"), Piece(the)],
        [Piece(clause), Piece("so"), *known, *tail, *states],
        # cause and effect exchanged: the same things are to be seen
        [Piece(clause), Piece("because"), *known, *tail, *states],
        [*plain, Piece(place), *tail],
        [*plain, Piece("under"), Piece(thing_above), *tail],
    )
    pieces = frames[int(wording.frame * len(frames))]
    if int(wording.frame * len(frames)) >= 6:
        stated = [*plain_facts, Fact("weather", scene.weather)]
        stated += [Fact("setting", scene.setting)] if wording.setting else []
    return WorldCaption(tuple(pieces), tuple(stated), (0,), places=True)
