"""What of a caption a picture shows, by the reader; and pairs of captions one fact apart."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from pipeline.training.world.captions import Fact, WorldCaption, describe
from pipeline.training.world.scene import (
    ANIMALS,
    COLOURS,
    COUNTS,
    SETTINGS,
    SIZES,
    STATES,
    THINGS,
    WEATHERS,
    Scene,
    Thing,
    draw_scene,
)
from pipeline.training.world.wording import Wording, draw_wording

_T = TypeVar("_T", str, int)

PAIR_KINDS: Final = (
    "object", "colour", "size", "state", "count", "relation", "swap", "setting", "negation",
    "cause",
)  # fmt: skip
"""Edits that a picture can show; `negation` puts a hat on or off, `cause` changes the weather
and with it what it does."""


def judge(caption: WorldCaption, scene: Scene) -> dict[Fact, bool]:
    """Which facts of a caption hold in the scene that was read from its picture."""
    if len(caption.order) == 1:
        return {fact: _holds_of_group(fact, scene) for fact in caption.facts}
    if len(scene.things) == 1:  # one thing where two were asked for: it can be one of them
        judged = [_judge_pair(caption, scene, (0, None)), _judge_pair(caption, scene, (None, 0))]
    else:
        judged = [_judge_pair(caption, scene, (0, 1)), _judge_pair(caption, scene, (1, 0))]
    return max(judged, key=lambda result: sum(result.values()))


def _holds_of_group(fact: Fact, scene: Scene) -> bool:
    things = scene.things
    if fact.of == "count":
        return sum(thing.count for thing in things) == int(fact.value)
    if fact.of[-1] == "0":
        found = all(_value(thing, fact.of[:-1]) == fact.value for thing in things)
        return found == fact.holds
    return _holds_of_whole(fact, scene)


def _judge_pair(
    caption: WorldCaption, scene: Scene, match: tuple[int | None, int | None]
) -> dict[Fact, bool]:
    """The facts if the caption's first and second thing are the scene's numbers `match`."""
    result = {}
    for fact in caption.facts:
        if fact.of[-1] in "01":
            index = match[int(fact.of[-1])]
            thing = scene.things[index] if index is not None else None
            same = thing is not None and _value(thing, fact.of[:-1]) == fact.value
            result[fact] = thing is not None and thing.count == 1 and same == fact.holds
        elif fact.of == "relation":
            result[fact] = None not in match and _relation_holds(fact.value, scene, match[0] == 0)
        else:
            result[fact] = _holds_of_whole(fact, scene)
    return result


def _relation_holds(relation: str, scene: Scene, first_is_first: bool) -> bool:
    """Whether the relation of the caption's first thing to its second is the scene's."""
    found = {
        "beside": ("left", "right"),
        "above": ("above", "below"),
        "inside": ("inside", "holds"),
    }.get(scene.layout)
    if found is None:
        return False
    if relation == "next to":
        return scene.layout == "beside"
    return relation == found[0 if first_is_first else 1]


def _value(thing: Thing, attribute: str) -> str:
    return str(getattr(thing, attribute))


def _holds_of_whole(fact: Fact, scene: Scene) -> bool:
    if fact.of == "present":
        return (fact.value in {thing.name for thing in scene.things}) == fact.holds
    if fact.of == "hat":
        return scene.hat == (fact.value == "yes")
    if fact.of == "weather":
        return (scene.weather == fact.value) == fact.holds
    return (scene.setting == fact.value) == fact.holds


@dataclass(frozen=True, slots=True)
class Pair:
    """Two scenes that differ in one fact, with captions that differ in it alone.

    Attributes:
        kind: One of :data:`PAIR_KINDS`.
        scene: The factual scene.
        caption: Its caption.
        edited_scene: The counterfactual one.
        edited: Its caption.
    """

    kind: str
    scene: Scene
    caption: WorldCaption
    edited_scene: Scene
    edited: WorldCaption


def draw_pair(
    random_state: random.Random, kind: str, admits: Callable[[Scene], bool] = lambda _: True
) -> Pair:
    """Draw a pair of the kind, whose captions state what differs.

    Args:
        random_state: Source of the draws.
        kind: One of :data:`PAIR_KINDS`.
        admits: Whether a scene may be the edited one.
    """
    while True:
        scene = draw_scene(random_state)
        edited_scene = EDITS[kind](random_state, scene)
        if edited_scene is None or not admits(edited_scene):
            continue
        wording = replace(draw_wording(random_state), negation=1.0)
        caption = describe(scene, wording)
        if kind in ("relation", "swap"):
            wording = _exchanged(wording, names_first=kind == "relation")
        edited = describe(edited_scene, wording)
        stated, other = set(caption.facts), set(edited.facts)
        if kind == "swap" and not caption.places:
            continue
        if stated != other and len(stated) == len(other) and caption.text != edited.text:
            return Pair(kind, scene, caption, edited_scene, edited)


def _exchanged(wording: Wording, *, names_first: bool) -> Wording:
    """The wording for a scene whose two things have changed places.

    Each thing keeps the words that are said of it; with `names_first` also its turn, so that
    only the relation changes.
    """
    first, second, third, fourth, *picks = wording.picks
    return replace(
        wording,
        colour=wording.colour[::-1],
        size=wording.size[::-1],
        picks=(second, first, fourth, third, *picks),
        swaps_order=wording.swaps_order != names_first,
    )


def is_visible(pair: Pair, drawn: Scene) -> bool:
    """Whether the picture drawn for the edited caption shows what is new in it."""
    new = set(pair.edited.facts) - set(pair.caption.facts)
    if pair.kind == "swap":
        new |= {fact for fact in pair.edited.facts if fact.of == "relation"}
    judged = judge(pair.edited, drawn)
    return all(judged[fact] for fact in new)


def keeps_rest(pair: Pair, source: Scene, drawn: Scene) -> bool:
    """Whether two drawn scenes differ by no more than the edit, said or unsaid.

    What the edit may change is compared away; everything else that the reader sees must be
    equal: setting, layout, names, colours, sizes, numbers, states.
    """
    return REST[pair.kind](source) == REST[pair.kind](drawn)


def _with_first(scene: Scene, **changes: object) -> Scene:
    return replace(scene, things=(replace(scene.things[0], **changes), *scene.things[1:]))  # type: ignore[arg-type]


def _other(random_state: random.Random, options: tuple[_T, ...], value: _T) -> _T:
    return random_state.choice([option for option in options if option != value])


def _edit_object(random_state: random.Random, scene: Scene) -> Scene | None:
    names = [thing.name for thing in scene.things]
    if names[0] not in THINGS or scene.weather or scene.things[0].state:
        return None
    pool = ANIMALS if scene.can_wear else THINGS
    others = tuple(name for name in pool if name not in names[1:] and name not in STATES)
    return _with_first(scene, name=_other(random_state, others, names[0]))


def _edit_colour(random_state: random.Random, scene: Scene) -> Scene | None:
    return _with_first(scene, colour=_other(random_state, COLOURS, scene.things[0].colour))


def _edit_size(random_state: random.Random, scene: Scene) -> Scene | None:
    if scene.layout in ("inside", "weather"):
        return None
    return _with_first(scene, size=_other(random_state, SIZES, scene.things[0].size))


def _edit_state(random_state: random.Random, scene: Scene) -> Scene | None:
    thing = scene.things[0]
    if scene.weather or thing.name not in STATES:
        return None
    return _with_first(scene, state=_other(random_state, STATES[thing.name], thing.state))


def _edit_count(random_state: random.Random, scene: Scene) -> Scene | None:
    if scene.layout != "group" or scene.things[0].name in ANIMALS and scene.things[0].count == 1:
        return None
    count = _other(random_state, COUNTS, scene.things[0].count)
    if count == 1 and scene.things[0].name in ANIMALS:
        return None
    return _with_first(scene, count=count)


def _edit_relation(random_state: random.Random, scene: Scene) -> Scene | None:
    """The other direction of the same two things."""
    if scene.layout not in ("beside", "above"):
        return None
    return replace(scene, things=scene.things[::-1])


def _edit_setting(random_state: random.Random, scene: Scene) -> Scene | None:
    return replace(scene, setting=_other(random_state, SETTINGS, scene.setting))


def _edit_negation(random_state: random.Random, scene: Scene) -> Scene | None:
    return replace(scene, hat=not scene.hat) if scene.can_wear else None


def _edit_cause(random_state: random.Random, scene: Scene) -> Scene | None:
    if not scene.weather:
        return None
    weather = _other(random_state, WEATHERS, scene.weather)
    state = STATES[scene.things[0].name][WEATHERS.index(weather)]
    return replace(_with_first(scene, state=state), weather=weather)


EDITS: Final[dict[str, Callable[[random.Random, Scene], Scene | None]]] = {
    "object": _edit_object,
    "colour": _edit_colour,
    "size": _edit_size,
    "state": _edit_state,
    "count": _edit_count,
    "relation": _edit_relation,
    "swap": _edit_relation,
    "setting": _edit_setting,
    "negation": _edit_negation,
    "cause": _edit_cause,
}


def _sorted_things(scene: Scene) -> Scene:
    return replace(scene, things=tuple(sorted(scene.things, key=repr)))


def _blank_first(attribute: str, value: object) -> Callable[[Scene], Scene]:
    return lambda scene: _with_first(scene, **{attribute: value})


REST: Final[dict[str, Callable[[Scene], Scene]]] = {
    "object": lambda scene: _with_first(scene, name="", state=""),
    "colour": _blank_first("colour", ""),
    "size": _blank_first("size", ""),
    "state": _blank_first("state", ""),
    "count": _blank_first("count", 1),
    "relation": _sorted_things,
    "swap": _sorted_things,
    "setting": lambda scene: replace(scene, setting=""),
    "negation": lambda scene: replace(scene, hat=False),
    "cause": lambda scene: replace(_with_first(scene, state=""), weather=""),
}
