"""Measures every drawn picture of a set: the stage between drawing and choosing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.errors import StageContractError
from pipeline.core.ids import JsonValue, fingerprint
from pipeline.core.protocols import JointEncoder, PictureScorer
from pipeline.core.records import RenderedImage, RenderedSet
from pipeline.core.scores import SCORE_DIGITS, SCORES, Scorer
from pipeline.core.stage import Rejected
from pipeline.scoring import pixels
from pipeline.scoring.joint import joint_scores
from pipeline.scoring.questions import PictureQuestion, QuestionScorer
from pipeline.scoring.subjects import Subject, distinct_pictures, subjects_of

if TYPE_CHECKING:
    pass

SCORES_VERSION = 1
"""Raised when the same pictures and models would get other scores."""

Item = RenderedSet | Rejected


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
                yield from self._measure(waiting)
                waiting, number = [], 0
        yield from self._measure(waiting)

    def _measure(self, items: Sequence[Item]) -> Iterator[Item]:
        """Measure all pictures of some sets together."""
        sets = [item for item in items if isinstance(item, RenderedSet)]
        subjects = [subject for rendered in sets for subject in subjects_of(rendered)]
        hashes = {id(p): pixels.perceptual_hash(p) for p in distinct_pictures(subjects)}
        scores = [_pixel_scores(subject, hashes) for subject in subjects]
        if self.encoder is not None:
            _add(scores, joint_scores(self.encoder, subjects, self.batch_size))
        for scorer in self.pictures:
            _add(scores, _picture_scores(scorer, subjects, self.batch_size))
        if self.questions is not None:
            _add(scores, self.questions.ask([_question(subject) for subject in subjects]))
        measured = iter(
            replace(
                subject.image,
                scores=_rounded(subject.image, found),
                perceptual_hash=hashes[id(subject.pixels)],
            )
            for subject, found in zip(subjects, scores, strict=True)
        )
        for item in items:
            yield _replace_images(item, measured) if isinstance(item, RenderedSet) else item


def _question(subject: Subject) -> PictureQuestion:
    old, new = subject.words
    return PictureQuestion(subject.pixels, subject.text, old, new)


def _add(scores: Sequence[dict[str, float]], more: Sequence[Mapping[str, float]]) -> None:
    for found, extra in zip(scores, more, strict=True):
        found |= extra


def _picture_scores(
    scorer: PictureScorer, subjects: Sequence[Subject], batch_size: int
) -> list[Mapping[str, float]]:
    """What a scorer says that looks at one picture at a time.

    Raises:
        StageContractError: It left a picture or a score out.
    """
    found: list[Mapping[str, float]] = []
    for start in range(0, len(subjects), batch_size):
        part = subjects[start : start + batch_size]
        given = scorer.score([subject.pixels for subject in part])
        if len(given) != len(part) or any(set(one) != set(scorer.names) for one in given):
            raise StageContractError(
                f"{type(scorer).__name__} must give {', '.join(scorer.names)} to each of "
                f"{len(part)} pictures, in order"
            )
        found += given
    return found


def _pixel_scores(subject: Subject, hashes: Mapping[int, int]) -> dict[str, float]:
    """What pixels alone say; `hashes` has the perceptual hash of each picture by object id."""
    picture, control = subject.pixels, subject.control
    found = {"contrast": pixels.contrast(picture), "detail": pixels.detail(picture)}
    if control is not None:
        bits = pixels.hash_distance(hashes[id(picture)], hashes[id(control)])
        found |= {"change": pixels.change(picture, control), "hash_distance": float(bits)}
    return found


def _rounded(image: RenderedImage, scores: Mapping[str, float]) -> dict[str, float]:
    """Scores as they are kept, without a negative zero.

    Raises:
        StageContractError: One is no number.
    """
    for name, value in scores.items():
        if not math.isfinite(value):
            raise StageContractError(f"{image.variant}: the score {name!r} is {value}")
    return {name: round(value, SCORE_DIGITS) + 0.0 for name, value in scores.items()}


def _replace_images(rendered: RenderedSet, measured: Iterator[RenderedImage]) -> RenderedSet:
    """A set with its pictures replaced by the measured ones."""
    images = [next(measured) for _ in rendered.candidates or rendered.images]
    if not rendered.candidates:
        return replace(rendered, images=tuple(images))
    by_name = {(image.variant, image.candidate): image for image in images}
    chosen = tuple(by_name[image.variant, image.candidate] for image in rendered.images)
    return replace(rendered, images=chosen, candidates=tuple(images))
