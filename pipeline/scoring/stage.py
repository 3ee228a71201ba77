"""Measures every drawn picture of a set: the stage between drawing and choosing."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pipeline.core.errors import StageContractError
from pipeline.core.ids import JsonValue, fingerprint
from pipeline.core.protocols import JointEncoder, PictureScorer
from pipeline.core.records import AnchorImage, CounterfactualSet, RenderedImage, RenderedSet
from pipeline.core.scores import CONTROL, SCORE_DIGITS, SCORES, Group, Scorer, group_of
from pipeline.core.stage import Rejected
from pipeline.core.strategies import IMG2IMG, INPAINT
from pipeline.scoring import pixels as measure
from pipeline.scoring.questions import Asked, QuestionScorer

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCORES_VERSION = 1
"""Raised when the same pictures and models would get other scores."""

Item = RenderedSet | Rejected
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Subject:
    """One picture to measure.

    Attributes:
        image: The picture.
        group: What it was drawn for.
        pixels: Its own.
        control: Pixels of what it is compared with; None for a control.
        text: Its own caption.
        factual: The wording that was edited; of a control its caption.
        words: Decisive words of a minimal edit, before and after; empty for others.
    """

    image: RenderedImage
    group: Group
    pixels: NDArray[np.uint8]
    control: NDArray[np.uint8] | None
    text: str
    factual: str
    words: tuple[str, str] = ("", "")


class ScoreStage:
    """Gives every picture of a set its scores; nothing here refuses anything.

    Each scorer may be missing: then its scores are absent, and no band can name them.

    Attributes:
        encoder: Compares pictures with captions and with each other.
        pictures: Look at each picture alone.
        questions: Asks a model about each picture and its caption.
        batch_size: Pictures measured at once; changes scores by float error at most.
    """

    def __init__(
        self,
        *,
        encoder: JointEncoder | None = None,
        pictures: Sequence[PictureScorer] = (),
        questions: QuestionScorer | None = None,
        batch_size: int = 32,
    ) -> None:
        self.encoder = encoder
        self.pictures = tuple(pictures)
        self.questions = questions
        self.batch_size = batch_size

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the scores: the models and the version of this code."""
        scorers: list[JsonValue] = [scorer.fingerprint for scorer in self.pictures]
        encoder = self.encoder.fingerprint if self.encoder else None
        decides: dict[str, JsonValue] = {
            "scores": SCORES_VERSION, "encoder": encoder, "pictures": scorers
        }  # fmt: skip
        if self.questions is not None:
            decides["questions"] = self.questions.fingerprint
        return fingerprint(decides)

    def description(self) -> dict[str, JsonValue]:
        """Who measures what, for run.json."""
        there: set[Scorer] = {"pixels"}
        if self.encoder is not None:
            there.add("clip")
        if self.questions is not None:
            there.add("questions")
        alone = {name for scorer in self.pictures for name in scorer.names}
        found: dict[str, JsonValue] = {
            "names": [n for n, known in SCORES.items() if known.scorer in there or n in alone]
        }
        if self.encoder is not None:
            found["encoder"] = dict(self.encoder.provenance)
        if self.questions is not None:
            found["questions"] = self.questions.model
        return found

    def close(self) -> None:
        """Free the models; safe to call twice."""
        if self.encoder is not None:
            self.encoder.close()
        for scorer in self.pictures:
            scorer.close()
        if self.questions is not None:
            self.questions.close()

    def run(self, batch: Sequence[RenderedSet], /) -> list[Item]:
        """Measure every set of the batch, in order.

        Raises:
            PermanentError: A scorer does not fit on the device.
            StageContractError: A scorer left a picture out, or gave what is no number.
        """
        return list(self.score_sets(batch))

    def score_sets(self, sets: Iterable[Item]) -> Iterator[Item]:
        """Measure a stream of sets: one result for each item, in order.

        Sets wait until they have a batch of pictures together: in memory are one batch and
        the set that fills it. The batches, and so the scores, are the same for the same stream.

        Raises:
            PermanentError: A scorer does not fit on the device.
            StageContractError: A scorer left a picture out, or gave what is no number.
        """
        waiting: list[Item] = []
        number = 0
        for item in sets:
            waiting.append(item)
            if isinstance(item, RenderedSet):
                number += len(item.candidates or item.images)
            if number >= self.batch_size or number == 0:
                yield from self._scored(waiting)
                waiting, number = [], 0
        yield from self._scored(waiting)

    def _scored(self, items: Sequence[Item]) -> Iterator[Item]:
        """Measure all pictures of some sets together."""
        sets = [item for item in items if isinstance(item, RenderedSet)]
        subjects = [subject for rendered in sets for subject in _subjects(rendered)]
        hashes = {id(shown): measure.perceptual_hash(shown) for shown in _shown(subjects)}
        scores = [_pixel_scores(subject, hashes) for subject in subjects]
        if self.encoder is not None:
            _add(scores, _joint_scores(self.encoder, subjects, self.batch_size))
        for scorer in self.pictures:
            _add(scores, _scores_alone(scorer, subjects, self.batch_size))
        if self.questions is not None:
            asked = [Asked(s.pixels, s.text, *s.words) for s in subjects]
            _add(scores, self.questions.ask(asked))
        measured = iter(
            replace(
                subject.image,
                scores=_rounded(subject.image, found),
                perceptual_hash=hashes[id(subject.pixels)],
            )
            for subject, found in zip(subjects, scores, strict=True)
        )
        for item in items:
            yield _with(item, measured) if isinstance(item, RenderedSet) else item


def _shown(subjects: Sequence[_Subject]) -> list[NDArray[np.uint8]]:
    """Every distinct picture that the subjects need, in order."""
    both = [shown for s in subjects for shown in (s.pixels, s.control) if shown is not None]
    return list({id(shown): shown for shown in both}.values())


def _add(scores: Sequence[dict[str, float]], more: Sequence[Mapping[str, float]]) -> None:
    for found, extra in zip(scores, more, strict=True):
        found |= extra


def _joint_scores(
    encoder: JointEncoder, subjects: Sequence[_Subject], batch_size: int
) -> list[dict[str, float]]:
    """What the joint encoder says; each distinct picture and text is embedded once."""
    shown = _shown(subjects)
    texts = list(dict.fromkeys(text for s in subjects for text in (s.text, s.factual)))
    vectors = _whole(
        [encoder.embed_pictures(part) for part in _chunks(shown, batch_size)], len(shown), encoder
    )
    seen = dict(zip(map(id, shown), vectors, strict=True))
    vectors = _whole(
        [encoder.embed_texts(part) for part in _chunks(texts, batch_size)], len(texts), encoder
    )
    read = dict(zip(texts, vectors, strict=True))
    return [
        _joint(
            seen[id(s.pixels)],
            None if s.control is None else seen[id(s.control)],
            read[s.text],
            read[s.factual],
        )
        for s in subjects
    ]


def _whole(
    parts: Sequence[NDArray[np.float32]], number: int, encoder: JointEncoder
) -> NDArray[np.float64]:
    """All vectors, in float64: their differences lose no digits.

    Raises:
        StageContractError: There are too few or too many.
    """
    found = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    if len(found) != number:
        raise StageContractError(
            f"{type(encoder).__name__} gave {len(found)} vectors for {number} items"
        )
    return found.astype(np.float64)


def _scores_alone(
    scorer: PictureScorer, subjects: Sequence[_Subject], batch_size: int
) -> list[Mapping[str, float]]:
    """What a scorer says that looks at one picture at a time.

    Raises:
        StageContractError: It left a picture or a score out.
    """
    found: list[Mapping[str, float]] = []
    for part in _chunks(subjects, batch_size):
        given = scorer.score([subject.pixels for subject in part])
        if len(given) != len(part) or any(set(one) != set(scorer.names) for one in given):
            raise StageContractError(
                f"{type(scorer).__name__} must give {', '.join(scorer.names)} to each of "
                f"{len(part)} pictures, in order"
            )
        found += given
    return found


def _subjects(rendered: RenderedSet) -> Iterator[_Subject]:
    """The pictures of a set, each with what it is compared with."""
    cfset = rendered.cfset
    images = rendered.candidates or rendered.images
    controls = {image.seed: image for image in images if image.variant == CONTROL}
    own: NDArray[np.uint8] | None = None
    wordings = {f"min{index}": edit.factual for index, edit in enumerate(cfset.minimal)}
    words = {f"min{index}": (edit.old, edit.new) for index, edit in enumerate(cfset.minimal)}
    captions = cfset.captions()
    for image in images:
        variant = image.variant
        control: NDArray[np.uint8] | None = None
        if variant != CONTROL:
            takes_own = image.strategy in {INPAINT, IMG2IMG} or not controls
            if takes_own and own is None and cfset.anchor.image is not None:
                own = _decoded(cfset.anchor.image)
            control = own if takes_own and own is not None else _control_of(image, controls, cfset)
        yield _Subject(
            image,
            group_of(cfset, variant),
            image.pixels,
            control,
            captions.get(variant, cfset.anchor.caption),
            wordings.get(variant, cfset.anchor.caption),
            words.get(variant, ("", "")),
        )


def _control_of(
    image: RenderedImage, controls: Mapping[int, RenderedImage], cfset: CounterfactualSet
) -> NDArray[np.uint8]:
    """The control of the same take, else the first: that of candidate 0."""
    found = controls.get(image.seed) or next(iter(controls.values()), None)
    if found is None:
        raise StageContractError(
            f"set {cfset.anchor.anchor_id}: {image.variant} has no control to be compared with"
        )
    return found.pixels


def _decoded(anchor_image: AnchorImage) -> NDArray[np.uint8]:
    """The anchor's own picture."""
    from PIL import Image

    with Image.open(io.BytesIO(anchor_image.data)) as picture:
        return np.asarray(picture.convert("RGB"))


def _pixel_scores(subject: _Subject, hashes: Mapping[int, int]) -> dict[str, float]:
    """What pixels alone say; `hashes` has the perceptual hash of each picture by object id."""
    pixels, control = subject.pixels, subject.control
    found = {"contrast": measure.contrast(pixels), "detail": measure.detail(pixels)}
    if control is not None:
        bits = measure.hash_distance(hashes[id(pixels)], hashes[id(control)])
        found |= {"change": measure.change(pixels, control), "hash_distance": float(bits)}
    return found


def _joint(
    picture: NDArray[np.float64],
    control: NDArray[np.float64] | None,
    text: NDArray[np.float64],
    factual: NDArray[np.float64],
) -> dict[str, float]:
    """The scores of one picture from unit vectors; see :data:`pipeline.core.scores.SCORES`."""
    own = float(picture @ text)
    if control is None:
        return {"image_text": own}
    return {
        "image_text": own,
        "margin": own - float(picture @ factual),
        "factual_margin": float(control @ factual) - float(control @ text),
        "directional": _cosine(picture - control, text - factual),
        "image_image": float(picture @ control),
    }


def _cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Cosine of two vectors; 0 where one of them has no direction, as nothing changed."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths > 1e-12 else 0.0


def _rounded(image: RenderedImage, scores: Mapping[str, float]) -> dict[str, float]:
    """Scores as they are kept, without a negative zero.

    Raises:
        StageContractError: One is no number.
    """
    for name, value in scores.items():
        if not math.isfinite(value):
            raise StageContractError(f"{image.variant}: the score {name!r} is {value}")
    return {name: round(value, SCORE_DIGITS) + 0.0 for name, value in scores.items()}


def _with(rendered: RenderedSet, measured: Iterator[RenderedImage]) -> RenderedSet:
    """A set with its pictures replaced by the measured ones."""
    images = [next(measured) for _ in rendered.candidates or rendered.images]
    if not rendered.candidates:
        return replace(rendered, images=tuple(images))
    by_name = {(image.variant, image.candidate): image for image in images}
    chosen = tuple(by_name[image.variant, image.candidate] for image in rendered.images)
    return replace(rendered, images=chosen, candidates=tuple(images))


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
