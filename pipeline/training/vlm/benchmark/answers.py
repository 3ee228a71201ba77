"""Lets a model answer the questions: similarities of pictures and captions, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np

from pipeline.core.protocols import JointEncoder
from pipeline.training.vlm.benchmark.items import Question, load_picture
from pipeline.training.vlm.benchmark.scores import Share, judge, summarize

QUESTIONS_AT_ONCE: Final = 64
"""Whose pictures are in memory together."""


def score_encoder(
    encoder: JointEncoder,
    questions: Sequence[Question],
    advance: Callable[[int], None] = lambda _: None,
) -> dict[str, dict[str, Share]]:
    """Kind → score → share of a model that puts pictures and texts into one space.

    Args:
        encoder: The model.
        questions: At least one.
        advance: Called with how many questions have been answered since.

    Raises:
        ConfigError: A picture is not there.
        PermanentError: A picture cannot be read, or the model does not fit on the device.
    """
    return summarize(questions, answer(encoder, questions, advance))


def answer(
    encoder: JointEncoder,
    questions: Iterable[Question],
    advance: Callable[[int], None] = lambda _: None,
) -> Iterator[dict[str, bool]]:
    """Yield for each question which scores it wins; each file and text is read once a batch."""
    waiting = iter(questions)
    while batch := list(islice(waiting, QUESTIONS_AT_ONCE)):
        pictures = list(dict.fromkeys(p for question in batch for p in question.pictures))
        texts = list(dict.fromkeys(text for question in batch for text in question.texts))
        seen = encoder.embed_pictures([load_picture(picture) for picture in pictures])
        read = encoder.embed_texts(texts)
        # In float64, so that a tie is one whatever the order of the sum.
        similarities = np.asarray(seen, np.float64) @ np.asarray(read, np.float64).T
        rows = {picture: number for number, picture in enumerate(pictures)}
        columns = {text: number for number, text in enumerate(texts)}
        for question in batch:
            own = np.ix_(
                [rows[picture] for picture in question.pictures],
                [columns[text] for text in question.texts],
            )
            yield judge(question, similarities[own])
        advance(len(batch))
