"""Pictures of the procedural world of which it is known whether they are right.

Two sources: pictures that an image model drew, whose truth the world's reader says; and painted
ones, which are right, or wrong in one stated way. Both come as sets with candidates, so that
they are measured as those of a run are.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageFilter

from pipeline.core.records import CounterfactualSet, RenderedImage, RenderedSet
from pipeline.core.scores import CONTROL, group_of
from pipeline.evaluation.renderer import as_set
from pipeline.render.stage import RenderStage
from pipeline.selection.fit_bands import RIGHT, LabelledPicture
from pipeline.training.world.judge import EDITS, Pair, draw_pair, is_visible, judge, keeps_rest
from pipeline.training.world.painter import paint
from pipeline.training.world.reader import read
from pipeline.training.world.scene import COLOURS, SETTINGS, Scene, is_held_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.config.images import ImagesConfig
    from pipeline.core.protocols import Renderer
    from pipeline.scoring.stage import ScoreStage

MINIMAL: Final = "min0"

NO_EDIT: Final = "no edit"
WRONG_EDIT: Final = "wrong edit"
OVER_EDIT: Final = "over-edit"
ARTEFACT: Final = "artefact"
WRONG_CONTROL: Final = "wrong control"

ImageKey = tuple[str, int]
"""Variant and candidate of a picture."""


@dataclass(frozen=True, slots=True)
class ControlSet:
    """A set of one pair with its pictures, and what each of them is.

    Attributes:
        pair: The two scenes and captions.
        rendered: The pictures as candidates, measured or not.
        labels: "right" or a fault, by variant and candidate.
    """

    pair: Pair
    rendered: RenderedSet
    labels: dict[ImageKey, str] = field(hash=False)


def draw_controls(
    renderer: Renderer,
    config: ImagesConfig,
    kind: str,
    count: int,
    *,
    seed: int,
    advance: Callable[[int], None] = lambda _: None,
) -> Iterator[ControlSet]:
    """Draw `count` pairs of a kind with all candidates, and read what each picture shows.

    The edited scenes are held out from training. An edit is right where the control shows the
    factual caption, the picture the edited one, and nothing else that the reader sees differs.
    """
    state = random.Random(f"{seed} controls {kind}")  # noqa: S311  not for secrets
    pairs = [draw_pair(state, kind, is_held_out) for _ in range(count)]
    config = config.model_copy(update={"keep_candidates": True})
    stage = RenderStage(renderer, run_seed=seed, batch_size=config.batch_size, config=config)
    sets = [as_set(pair, number) for number, pair in enumerate(pairs)]
    for pair, rendered in zip(pairs, stage.render_sets(sets), strict=True):
        if not isinstance(rendered, RenderedSet):
            raise TypeError(f"the render stage rejected {rendered}")
        yield ControlSet(pair, rendered, _read_labels(pair, rendered.candidates))
        advance(1)


def _read_labels(pair: Pair, images: Sequence[RenderedImage]) -> dict[ImageKey, str]:
    """What the reader says of each drawn picture."""
    scenes = {(image.variant, image.candidate): read(image.pixels).scene for image in images}
    controls = {
        image.seed: scenes[image.variant, image.candidate]
        for image in images
        if image.variant == CONTROL
    }
    labels: dict[ImageKey, str] = {}
    for image in images:
        name = (image.variant, image.candidate)
        if image.variant == CONTROL:
            labels[name] = RIGHT if _shows(pair, scenes[name]) else WRONG_CONTROL
        else:
            source = controls.get(image.seed) or next(iter(controls.values()))
            labels[name] = _label(pair, source, scenes[name])
    return labels


def _shows(pair: Pair, scene: Scene) -> bool:
    return all(judge(pair.caption, scene).values())


def _label(pair: Pair, source: Scene, drawn: Scene) -> str:
    """What an edited picture is, as the reader sees it beside its control."""
    if not _shows(pair, source):
        return WRONG_CONTROL
    if not is_visible(pair, drawn):
        return NO_EDIT if drawn == source else WRONG_EDIT
    if not all(judge(pair.edited, drawn).values()):
        return WRONG_EDIT
    return RIGHT if keeps_rest(pair, source, drawn) else OVER_EDIT


def paint_controls(kind: str, count: int, *, seed: int) -> Iterator[ControlSet]:
    """Paint `count` pairs of a kind: beside the right picture one of each fault."""
    state = random.Random(f"{seed} painted controls {kind}")  # noqa: S311  not for secrets
    for number in range(count):
        pair = draw_pair(state, kind)
        yield _painted_set(pair, number, state)


def _painted_set(pair: Pair, number: int, state: random.Random) -> ControlSet:
    cfset = as_set(pair, number)
    source, right = paint(pair.scene), paint(pair.edited_scene)
    made = [
        (RIGHT, right),
        (NO_EDIT, source),
        (WRONG_EDIT, paint(_other_edit(pair, state))),
        (OVER_EDIT, paint(_changed_too(pair, state))),
        (ARTEFACT, _spoil(right, state)),
    ]
    images = [RenderedImage(CONTROL, source, pair.caption.text, 1, "same_noise")]
    labels: dict[ImageKey, str] = {(CONTROL, 0): RIGHT}
    for candidate, (label, pixels) in enumerate(made):
        images.append(RenderedImage(MINIMAL, pixels, pair.edited.text, 1, "same_noise", candidate))
        labels[MINIMAL, candidate] = label
    return ControlSet(pair, RenderedSet(cfset, tuple(images[:2]), tuple(images)), labels)


def _other_edit(pair: Pair, state: random.Random) -> Scene:
    """The factual scene after another edit, of which the edited caption is not true."""
    kinds = [kind for kind in EDITS if kind != "swap"]
    while True:
        scene = EDITS[state.choice(kinds)](state, pair.scene)
        if scene is not None and not is_visible(pair, scene):
            return scene


def _changed_too(pair: Pair, state: random.Random) -> Scene:
    """The edited scene with something else changed that its caption may or may not speak of."""
    while True:
        scene = pair.edited_scene
        if state.random() < 0.5:
            scene = replace(scene, setting=state.choice(SETTINGS))
        else:
            last = len(scene.things) - 1
            things = list(scene.things)
            things[last] = replace(things[last], colour=state.choice(COLOURS))
            scene = replace(scene, things=tuple(things))
        if not keeps_rest(pair, pair.scene, scene):
            return scene


def _spoil(pixels: NDArray[np.uint8], state: random.Random) -> NDArray[np.uint8]:
    """The picture blurred away, drowned in noise, or blank."""
    how = state.choice(("blur", "noise", "blank"))
    if how == "blank":
        return np.full_like(pixels, state.randrange(256))
    if how == "blur":
        blurred = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(state.uniform(6, 14)))
        return np.asarray(blurred)
    noise = np.random.default_rng(state.getrandbits(32)).normal(0, 70, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def measure_controls(
    stage: ScoreStage, sets: Sequence[ControlSet]
) -> tuple[list[ControlSet], list[LabelledPicture]]:
    """Measure every picture: the sets with scores, and one labelled picture each."""
    measured: list[ControlSet] = []
    pictures: list[LabelledPicture] = []
    scored = stage.score_sets(one.rendered for one in sets)
    for one, rendered in zip(sets, scored, strict=True):
        if not isinstance(rendered, RenderedSet):
            raise TypeError(f"the score stage rejected {rendered}")
        measured.append(replace(one, rendered=rendered))
        pictures += _labelled(rendered.cfset, rendered.candidates, one.labels)
    return measured, pictures


def _labelled(
    cfset: CounterfactualSet, images: Sequence[RenderedImage], labels: dict[ImageKey, str]
) -> Iterator[LabelledPicture]:
    for image in images:
        label = labels[image.variant, image.candidate]
        # An edit of a wrong control is refused with that, by the control's scores: its own can
        # tell nothing of it.
        if label == WRONG_CONTROL and image.variant != CONTROL:
            continue
        yield LabelledPicture(
            group_of(cfset, image.variant), image.scores, label, cfset.anchor.anchor_id
        )
